/*
 * decode: a trace's events, joined, named and explained, one after the other.
 *
 * Nothing that is secret is told: PINs never, nor keys that AUTHENTICATE answers; their octets are
 * replaced by FF wherever this gives octets, and words say whether they were there in clear.
 */
#ifndef TWINKEY_TRACE_DECODE_DECODE_H
#define TWINKEY_TRACE_DECODE_DECODE_H

#include "lib/trace/decode/item.h"

struct decode_sink {
	void (*take)(void *ctx, const struct decode_item *item);
	void *ctx;
	bool wordless; /* the words of an exchange are not wanted, or of few: decode_words() */
};

struct decode;
struct opener; /* lib/trace/open/opener.h */

/* NULL: out of memory. */
struct decode *decode_open(const struct decode_sink *sink);
/* What keys fit is opened from now on; o is borrowed. NULL: nothing is. */
void decode_use_keys(struct decode *d, struct opener *o);
void decode_event(struct decode *d, const struct trace_event *e);
/* The trace has ended: tells what was begun. */
void decode_end(struct decode *d);
void decode_close(struct decode **d);

/* For the take() that was given the item, which is an exchange. */
void decode_words(const struct decode_item *item, struct decode_words *out);
/* All of an item, by names: for the take() that was given it. */
void decode_tell(const struct decode_item *item, const struct tree *t);

#endif
