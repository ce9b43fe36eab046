/*
 * line: what the readers of text formats share: lines, hex, and how many lines look like what.
 */
#ifndef TWINKEY_TRACE_READ_LINE_H
#define TWINKEY_TRACE_READ_LINE_H

#include "lib/trace/read/format.h"

/* Without colours and other sequences of a terminal (ECMA-48: ESC [ ... letter), and without CR at
 * its end (several, where a log went through two programs that add one); room is for as many octets
 * as the line has. */
struct slice line_clean(struct slice line, uint8_t *room);
/* The line behind these words, without blanks in front; *found tells whether it has them. */
struct slice line_behind(struct slice line, const char *words, bool *found);
bool line_has(struct slice line, const char *words);
/* Takes the words off the front of *s, and the blanks behind them; false: they are not there. */
bool line_take(struct slice *s, const char *words);
/* Takes a number in decimal off the front of *s; false: there is none, or none of 64 bits. */
bool line_number(struct slice *s, uint64_t *number);
/* Up to the first of these octets, or to the end. */
struct slice line_before(struct slice s, const char *octets);
/* Without blanks at both ends. */
struct slice line_trim(struct slice s);
/* Hex digits, by pairs that blanks or colons may part, up to what is none; *rest: from there. */
struct slice line_hex(struct slice s, struct wbuf *out, struct slice *rest);
/* Nothing but hex, at least one octet and no more than out takes. */
bool line_all_hex(struct slice s, struct wbuf *out, struct slice *octets);
/* The same for who asks only whether it is. */
bool line_is_hex(struct slice s, size_t least, size_t most);

/*
 * For recognise(): how many of the first lines of head that are not blank are like this, and how
 * many there are. The last one may be cut and does not count.
 */
struct line_count {
	unsigned like, all;
};
struct line_count line_count(struct slice head, bool (*like)(struct slice line));
/* sure, when there is such a line among them; 0 otherwise. */
unsigned line_sure(struct slice head, bool (*like)(struct slice line), unsigned sure);

#endif
