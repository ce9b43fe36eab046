/*
 * form: what commands that read traces have in common: the keys that open what is in them, and
 * what is said when one has been read.
 */
#ifndef TWINKEY_HOST_CMD_FORM_H
#define TWINKEY_HOST_CMD_FORM_H

#include "lib/base/err.h"

#include <stdint.h>

struct trace_keys;

/* What source_read() gave, and how many octets there were. TOOL_OK, or it has said why not. */
int cmd_trace_end(const char *path, uint64_t octets, enum err e);
/* The keys of --keys; path NULL: none. TOOL_OK, or it has said why not. */
int cmd_trace_keys(const char *path, struct trace_keys **out);

#endif
