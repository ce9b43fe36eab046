/*
 * figures: how much is in the operator's store, as far as that is cheap to know.
 */
#ifndef TWINKEY_OPERATOR_STORE_FIGURES_H
#define TWINKEY_OPERATOR_STORE_FIGURES_H

#include "lib/base/bytes.h"

struct operator_store;

struct operator_figures {
	int64_t subscribers;
	int64_t log_seq; /* of the last entry */
	int64_t pending; /* challenges that wait for an answer, or have run out */
	int64_t awaited; /* grants that wait for the card's result */
	int64_t batches; /* answers kept for providers */
};
/* All as of one moment. */
enum err operator_store_figures(struct operator_store *s, struct operator_figures *out) MUST_CHECK;

#endif
