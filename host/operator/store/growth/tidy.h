/*
 * tidy: rows that have run out leave the operator's store, a few at a time, so that nobody waits.
 *
 * Challenges of the AuC whose time is over, grants whose result nobody waits for any more, answers
 * kept for providers longer than BATCH_KEPT_S. Nonces of grants stay for ever: a card's challenge
 * has no time in it, so an old one could be shown again at any later day.
 */
#ifndef TWINKEY_OPERATOR_STORE_TIDY_H
#define TWINKEY_OPERATOR_STORE_TIDY_H

#include <stdbool.h>

#include "lib/base/bytes.h"

struct operator_store;

#define TIDY_STEP 500 /* rows of a table that one transaction takes */

struct tidied {
	int64_t pending, awaited, batches;
	bool more; /* a table had as many as a step takes */
};
/* A step: one transaction. Adds to *out; more is of this step. ERR_LOCKED as db.h has it. */
enum err operator_store_tidy(struct operator_store *s, int64_t now, struct tidied *out) MUST_CHECK;

#endif
