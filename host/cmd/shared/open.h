/*
 * open: the card that a person named, and the trace of what passes.
 */
#ifndef TWINKEY_HOST_CMD_OPEN_H
#define TWINKEY_HOST_CMD_OPEN_H

#include "lib/base/err.h"

struct uicc;

/*
 * Opens and resets the card of --reader, recording to --trace. On failure it has said why, and the
 * value is the exit code; TOOL_OK otherwise.
 */
int cmd_open(struct uicc **out) MUST_CHECK;
/* Closes the card and the trace; gives code, or TOOL_FAILED when the trace could not be written. */
int cmd_close(struct uicc **u, int code);

#endif
