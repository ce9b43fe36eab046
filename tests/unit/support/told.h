/*
 * told: what a decoder tells of octets, a line a node: "path=value !fault". The path are the keys
 * from the root's children on; the root has none.
 */
#ifndef TWINKEY_TESTS_TOLD_H
#define TWINKEY_TESTS_TOLD_H

#include "lib/trace/decode/tree.h"

#define TOLD_DEPTH  16
#define TOLD_SECRET 0xA7 /* marks octets of secrets */

struct told {
	char text[65536];
	size_t len;
	char at[512];
	size_t path[TOLD_DEPTH];
	unsigned depth;
	bool leaked; /* octets of the mark came out, or their digits */
	unsigned faults;
};

/* Forgets what was told before. Every node is checked: name, key, depth. */
struct tree told_begin(struct told *t);
bool told_has(const struct told *t, const char *line);
/* The lines, parted by ";": each must be there. what is named when one is not. */
void told_expect(const struct told *t, const char *lines, const char *what);

#endif
