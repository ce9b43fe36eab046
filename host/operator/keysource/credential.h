/*
 * credential: the contents of secret files and of systemd's credentials, as they are.
 */
#ifndef TWINKEY_OPERATOR_CREDENTIAL_H
#define TWINKEY_OPERATOR_CREDENTIAL_H

#include "lib/base/bytes.h"

struct cancel;

/*
 * Appended to out. ERR_KEY_AWAY: it is not there; ERR_PERMISSION: others can read it; ERR_KEY: it
 * is too long for out. trouble_text() says what to do.
 */
enum err key_text_file(const char *path, struct cancel *cancel, struct wbuf *out) MUST_CHECK;
/* $CREDENTIALS_DIRECTORY/name. */
enum err key_text_credential(const char *name, struct cancel *cancel, struct wbuf *out) MUST_CHECK;

#endif
