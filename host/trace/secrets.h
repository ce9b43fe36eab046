/*
 * secrets: what no trace may have, out of a file that only its owner may read.
 */
#ifndef TWINKEY_HOST_TRACE_SECRETS_H
#define TWINKEY_HOST_TRACE_SECRETS_H

#include "lib/base/err.h"

struct audit_secrets;

/* path NULL: what is published for tests alone. *out is to be closed in any case; trouble_of() has
 * file and line. Errors of secret_file_read() and audit_secrets_open(). */
enum err secrets_read(const char *path, struct audit_secrets *out) MUST_CHECK;

#endif
