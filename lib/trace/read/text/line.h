/*
 * line: what the readers of text formats share: lines, hex, and a command that waits for its
 * response.
 */
#ifndef TWINKEY_TRACE_READ_LINE_H
#define TWINKEY_TRACE_READ_LINE_H

#include "lib/trace/read/format.h"
#include "lib/uicc/apdu.h"

/* Without colours and other sequences of a terminal (ECMA-48: ESC [ ... letter), and without the CR
 * at its end; room is for as many octets as the line has. */
struct slice line_clean(struct slice line, uint8_t *room);
/* The line behind these words, without blanks in front; *found tells whether it has them. */
struct slice line_behind(struct slice line, const char *words, bool *found);
/* Without blanks at both ends. */
struct slice line_trim(struct slice s);
/* Hex digits, by pairs that blanks or colons may part, up to what is none; *rest: from there. */
struct slice line_hex(struct slice s, struct wbuf *out, struct slice *rest);

/*
 * For recognise(): how many of the first lines of head that are not blank are like this, and how
 * many there are. The last one may be cut and does not count.
 */
struct line_count {
	unsigned like, all;
};
struct line_count line_count(struct slice head, bool (*like)(struct slice line));

/* A command that waits for its response: what logs of two lines an exchange have in common. */
struct text_pair {
	bool waits;
	struct trace_place place;
	bool has_time;
	int64_t time_ns;
	unsigned card;
	uint8_t command[APDU_EXTENDED_COMMAND_MAX];
	size_t command_len;
};
/* Another one that still waits is given without a response. */
void text_pair_command(struct text_pair *p, struct trace_out *o, struct slice command);
/* A response that nothing was sent before is a fault. */
void text_pair_response(struct text_pair *p, struct trace_out *o, struct slice response);
/* At a reset, or the end: what waits is given without a response. */
void text_pair_flush(struct text_pair *p, struct trace_out *o);

#endif
