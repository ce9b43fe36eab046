/*
 * reader: takes a trace octet by octet, finds out what it is, and gives its events. Of a text in
 * UTF-16 (with its byte order mark) the offsets told are those in its UTF-8 without the mark.
 */
#ifndef TWINKEY_TRACE_READ_READER_H
#define TWINKEY_TRACE_READ_READER_H

#include "lib/trace/read/format.h"

struct trace_reader;

/* format NULL: it is found by what the trace begins with. ERR_MEMORY. */
enum err trace_reader_open(const struct trace_format *format, const struct trace_sink *sink,
			   struct trace_reader **out) MUST_CHECK;
/*
 * More of the trace. What is known of it so far has been given to the sink when this returns; until
 * the format is found that is nothing. ERR_UNSUPPORTED: it is of no form that is known;
 * ERR_MEMORY. No other: what cannot be read is an event.
 */
enum err trace_reader_feed(struct trace_reader *r, struct slice octets) MUST_CHECK;
/*
 * More may come, but not soon: the format is found by what is there, where it is not known yet, and
 * what is whole is given. ERR_UNSUPPORTED: there is not enough for that; more may be fed.
 */
enum err trace_reader_settle(struct trace_reader *r) MUST_CHECK;
/* There is no more. The errors of trace_reader_feed(). */
enum err trace_reader_end(struct trace_reader *r) MUST_CHECK;
/* NULL: not known yet. */
const struct trace_format *trace_reader_format(const struct trace_reader *r);
/* How many cards there have been, and the name of one; "" for one without. */
unsigned trace_reader_cards(const struct trace_reader *r);
const char *trace_reader_card(const struct trace_reader *r, unsigned card);
/* How many frames were whole and of no card: another protocol's. */
uint64_t trace_reader_skipped(const struct trace_reader *r);
void trace_reader_close(struct trace_reader **r);

#endif
