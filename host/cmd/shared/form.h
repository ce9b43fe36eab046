/*
 * form: what is said when a trace has been read.
 */
#ifndef TWINKEY_HOST_CMD_FORM_H
#define TWINKEY_HOST_CMD_FORM_H

#include "lib/base/err.h"

#include <stdint.h>

/* What source_read() gave, and how many octets there were. TOOL_OK, or it has said why not. */
int cmd_trace_end(const char *path, uint64_t octets, enum err e);

#endif
