/*
 * leaves: the tree of an item (lib/trace/decode/tree.h) as octets that can be kept, and again as
 * nodes that can be walked.
 */
#ifndef TWINKEY_TRACE_DIFF_LEAVES_H
#define TWINKEY_TRACE_DIFF_LEAVES_H

#include "lib/trace/decode/tree.h"

#define LEAVES_MAX (1u << 20) /* nodes of a tree; the rest is left out */

/* A tree that appends what it is told to out. */
struct tree leaves_writer(struct wbuf *out);

/* Borrows from the octets; texts end with a NUL there. */
struct leaf {
	struct slice raw;
	const char *key, *name;
	const char *value, *fault; /* or NULL */
	uint32_t end;		   /* of the nodes: the first one that is not in this one */
};

/* Zeros at the beginning; kept from tree to tree, freed by leaves_free(). */
struct leaves {
	struct leaf *nodes;
	uint32_t count, cap;
};

/* ERR_MEMORY */
enum err leaves_read(struct slice octets, struct leaves *out) MUST_CHECK;
void leaves_free(struct leaves *l);

#endif
