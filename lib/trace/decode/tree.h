/*
 * tree: what some octets mean, by names and words, down to the leaf.
 *
 * Who decodes gives one node after the other; who prints, audits or searches takes them. A node has
 * a name, the octets that it stands for, and in words what they say; what is in it comes between
 * its own and tree_close(). Nothing is kept.
 */
#ifndef TWINKEY_TRACE_DECODE_TREE_H
#define TWINKEY_TRACE_DECODE_TREE_H

#include <stdbool.h>

#include "lib/base/bytes.h"

/* Borrows for the call. */
struct tree_node {
	const char *name;  /* as the standard has it: "Location area identity (LAI)" */
	const char *key;   /* for programs, stable: "lai"; letters, digits and '-' */
	struct slice raw;  /* the octets; empty where they are spread over others */
	const char *value; /* in words: "MCC 262, MNC 01"; NULL: the octets say it all */
	const char *fault; /* what is wrong with it; NULL: nothing */
};

struct tree {
	void (*open)(void *ctx, const struct tree_node *node);
	void (*close)(void *ctx);
	void *ctx;
	bool wordless; /* values are not wanted: the nodes may come without, with their faults */
};

/* A node with others in it; each is closed. value may be NULL. */
void tree_open(const struct tree *t, const char *key, const char *name, struct slice raw);
void tree_close(const struct tree *t);
/* A node with nothing in it; the value is a printf format, cut to 511 octets
 * at a character's border. */
void tree_leaf(const struct tree *t, const struct tree_node *node, const char *value, ...)
	__attribute__((format(printf, 3, 4)));

#endif
