/*
 * keys: an auditor's keys out of a file that only its owner may read (tool/sys/secret_file.h).
 */
#ifndef TWINKEY_HOST_TRACE_KEYS_H
#define TWINKEY_HOST_TRACE_KEYS_H

#include "lib/base/err.h"

struct trace_keys;

/* path NULL: none, and *out is NULL. Errors of secret_file_read() and keys_parse(); trouble_of()
 * has file and line. */
enum err trace_keys_read(const char *path, struct trace_keys **out) MUST_CHECK;

#endif
