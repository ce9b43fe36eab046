/*
 * spoken: what a decoder tells of octets, a line a node: "path=value !fault". The path are the keys
 * from the root's children on; the root has none.
 */
#ifndef TWINKEY_TESTS_SPOKEN_H
#define TWINKEY_TESTS_SPOKEN_H

#include "lib/trace/decode/tree.h"

#define SPOKEN_DEPTH  16
#define SPOKEN_SECRET 0xA7 /* marks octets of secrets */

struct spoken {
	char text[65536];
	size_t len;
	char at[512];
	size_t path[SPOKEN_DEPTH];
	unsigned depth;
	bool leaked; /* octets of the mark came out, or their digits */
	unsigned faults;
};

/* Forgets what was told before. Every node is checked: name, key, depth. */
struct tree spoken_begin(struct spoken *t);
bool spoken_has(const struct spoken *t, const char *line);
/* The lines, parted by ";": each must be there. what is named when one is not. */
void spoken_expect(const struct spoken *t, const char *lines, const char *what);

#endif
