/*
 * opened: what an auditor's keys have opened, as nodes. No key is told; of a profile's elements see
 * element.h.
 */
#ifndef TWINKEY_TRACE_DECODE_SHOW_OPENED_H
#define TWINKEY_TRACE_DECODE_SHOW_OPENED_H

#include "lib/trace/decode/tree.h"
#include "lib/trace/open/opened.h"

/* The secure channel, the package's segments. */
void opened_tell(const struct opened *o, const struct tree *t);

/* A tree that hands on what it is told to another one, and puts what is opened of packets into
 * their nodes. */
struct opened_tree {
	const struct tree *to;
	const struct opened *opened;
	unsigned packet; /* how many there have been */
	unsigned depth, packet_depth;
};
struct tree opened_tree(struct opened_tree *mem, const struct opened *o, const struct tree *to);

#endif
