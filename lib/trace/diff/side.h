/*
 * side: one of the two traces that are compared: all that it holds, as far as it is to be compared.
 */
#ifndef TWINKEY_TRACE_DIFF_SIDE_H
#define TWINKEY_TRACE_DIFF_SIDE_H

#include "lib/trace/event.h"

struct command;
struct decode_item;
struct pool;

/* What a person is told of an exchange; texts borrow from the pool. */
struct entry_label {
	const char *command, *path, *what, *status;
};

/* An exchange, or a reset, a PPS, a removal. Numbers are of the pool. */
struct entry {
	enum trace_kind kind;
	uint32_t meaning, tree, label; /* tree: leaves.h */
	unsigned card;
	struct trace_place first, last;
	unsigned pieces, blocks;
	const struct command *command; /* or NULL */
	uint8_t cla, p1, p2;
	bool has_sw;
	uint16_t sw;
};

struct side;

/* The pool is shared by both sides, and outlives them. NULL: out of memory. */
struct side *side_open(struct pool *pool);
/* For decode.h's take(): faults are passed over. Sticky: see side_done(). */
void side_take(struct side *s, const struct decode_item *item);
/* ERR_MEMORY, ERR_SPACE: it is longer than can be compared; ERR_CRYPTO. */
enum err side_done(const struct side *s) MUST_CHECK;
size_t side_count(const struct side *s);
/* In the order of the trace. */
const struct entry *side_entry(const struct side *s, size_t i);
struct entry_label side_label(const struct pool *pool, const struct entry *e);
void side_close(struct side **s);

#endif
