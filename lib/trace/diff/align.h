/*
 * align: which items of two sequences are the same, in their order: Myers' difference in linear
 * space ("An O(ND) Difference Algorithm and Its Variations", 1986, section 4b).
 *
 * Sequences that have little in common would take as many steps as the product of their lengths: a
 * search that has gone ALIGN_COST_MAX differences deep takes the best place that it has found and
 * goes on from there. Then the alignment may be longer than the shortest one, and is as right.
 * Time: at most items * ALIGN_COST_MAX; memory: some octets an item.
 */
#ifndef TWINKEY_TRACE_DIFF_ALIGN_H
#define TWINKEY_TRACE_DIFF_ALIGN_H

#include "lib/base/bytes.h"

#define ALIGN_COST_MAX 1024
#define ALIGN_MOST     (1u << 24) /* items of a sequence */
#define ALIGN_NONE     UINT32_MAX

struct sequence {
	const uint32_t *items;
	uint32_t count;
};

struct alignment {
	uint32_t *of_a, *of_b; /* for each item its partner's place, or ALIGN_NONE */
	/* of each item of a: its partner stands elsewhere, as part of a block that moved; what has
	 * moved is no partner above */
	uint32_t *moved_a, *moved_b;
};

/* ERR_MEMORY; ERR_SPACE: more than ALIGN_MOST. Free by alignment_free(), also after an error. */
enum err align(struct sequence a, struct sequence b, struct alignment *out) MUST_CHECK;
void alignment_free(struct alignment *al);

#endif
