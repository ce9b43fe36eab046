/*
 * prompt: what a person types.
 */
#ifndef TWINKEY_TOOL_PROMPT_H
#define TWINKEY_TOOL_PROMPT_H

#include <stdbool.h>

#include "lib/base/bytes.h"

/*
 * A line typed on the terminal (appended to line, without its newline), asked for by prompt;
 * without echo where secret. ERR_NOT_FOUND: there is no terminal; ERR_TIMEOUT after timeout_ms (-1:
 * none); ERR_CANCELLED: Ctrl-C, or the end of input.
 */
enum err tool_prompt(const char *prompt, bool secret, int timeout_ms, struct wbuf *line) MUST_CHECK;

#endif
