/*
 * key_file: the key file of a store's folder (mode 0600): the key, and from which version on the
 * rows beside it are authenticated. What is in the database alone could be made to look like that
 * of an older version, whose rows are taken as they are.
 */
#ifndef TWINKEY_OPERATOR_KEY_FILE_H
#define TWINKEY_OPERATOR_KEY_FILE_H

#include "lib/base/bytes.h"
#include "lib/base/secret.h"

struct key_file {
	struct secret *key; /* 32 octets */
	int version;	    /* 0: none is told */
};

/* Makes one, in a new file. */
enum err key_file_make(const char *path, struct key_file *out) MUST_CHECK;
/* ERR_CORRUPT: it is none. */
enum err key_file_read(const char *path, struct key_file *out) MUST_CHECK;
/* The rows are authenticated from this version on. Writes nothing when that is told already. */
enum err key_file_tell(const char *path, struct key_file *k, int version) MUST_CHECK;

#endif
