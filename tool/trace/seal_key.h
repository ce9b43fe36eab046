/*
 * seal_key: the recorder's key, which seals traces (lib/trace/seal): a file of a person's own.
 */
#ifndef TWINKEY_TOOL_TRACE_SEAL_KEY_H
#define TWINKEY_TOOL_TRACE_SEAL_KEY_H

#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

struct cancel;
struct ec_key;

/*
 * The key of P-256 in the file at path (PKCS #8 or SEC 1, PEM or DER; tool/sys/secret_file.h). If
 * there is none, it is made: PKCS #8 in DER, mode 0600, whole or not at all; then *made. ERR_KEY:
 * the file holds no such key.
 */
enum err seal_key_open(const char *path, struct cancel *cancel, struct ec_key **out,
		       bool *made) MUST_CHECK;
/*
 * The same for a program's option --seal PATH, which may be NULL; then so is *out. Says on standard
 * error the key's fingerprint. TOOL_OK, or it has said why not.
 */
int seal_key_of_option(const char *path, struct ec_key **out);

#endif
