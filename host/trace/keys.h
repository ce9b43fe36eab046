/*
 * keys: an auditor's keys out of a file that only its owner may read (tool/sys/secret_file.h).
 */
#ifndef TWINKEY_HOST_TRACE_KEYS_H
#define TWINKEY_HOST_TRACE_KEYS_H

#include "lib/base/err.h"

struct card_keys;

/* path NULL: none, and *out stays. Errors of secret_file_read() and card_keys_parse();
 * trouble_of() has file and line. */
enum err card_keys_read(const char *path, struct card_keys **out) MUST_CHECK;

#endif
