/*
 * status: status words in words, and what they mean for the command that got them.
 */
#ifndef TWINKEY_TRACE_DECODE_STATUS_H
#define TWINKEY_TRACE_DECODE_STATUS_H

struct exchange;

#define STATUS_TEXT_MAX 128

enum status_level {
	STATUS_NONE, /* no status word was recorded */
	STATUS_GOOD,
	STATUS_WARNING, /* 62xx, 63xx */
	STATUS_ERROR
};

enum status_level status_level(const struct exchange *x);
/* "ok"; "security status not satisfied: the PIN is not verified" */
void status_text(const struct exchange *x, char out[static STATUS_TEXT_MAX]);

#endif
