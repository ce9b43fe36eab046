/*
 * secret_file: a file of a key, a PIN, a code, a token or a password that a person names. One rule
 * for all, that of ssh: a regular file gives its owner alone any right. One of root's (or, for
 * root, of another user's) may also be read by its group, as /etc/ssl/private has them: who made it
 * so could have given them the secret as well. Links are followed, what they lead to counts. A
 * pipe, a terminal, standard input ("-") are taken as they are.
 */
#ifndef TWINKEY_TOOL_SECRET_FILE_H
#define TWINKEY_TOOL_SECRET_FILE_H

#include "lib/base/bytes.h"

struct cancel; /* as in tool/sys/file.h */

/* Appends it to out. ERR_PERMISSION: trouble_text() says why; otherwise as file_read(). */
enum err secret_file_read(const char *path, struct cancel *cancel, struct wbuf *out) MUST_CHECK;
/*
 * The same for the keys of a PKI in the form of SGP.26: those of published test PKIs are open to
 * all. They are read; *open_to_others says that somebody is to be told.
 */
enum err secret_file_read_test(const char *path, struct cancel *cancel, struct wbuf *out,
			       bool *open_to_others) MUST_CHECK;

/*
 * Whether secret_file_read() would take it, as far as can be told without opening it (it may be a
 * pipe): for what is given and perhaps not needed.
 */
enum err secret_file_check(const char *path) MUST_CHECK;

#endif
