/*
 * sealed: sealed traces in memory, and what became of one that was changed.
 */
#ifndef TWINKEY_TESTS_SEALED_H
#define TWINKEY_TESTS_SEALED_H

#include "lib/trace/seal/verify.h"

struct ec_key;

#define SEALED_RECORDS_MAX 320
#define SEALED_FAULTS_MAX  64

struct sealed {
	struct wbuf octets;
	size_t at[SEALED_RECORDS_MAX + 1]; /* where each record begins; the last: the end */
	size_t count;
};

struct sealed_plan {
	const struct ec_key *key;
	unsigned readers, packets;
	uint32_t seed; /* of what is in the packets */
	bool open;     /* its recorder was killed */
};

void sealed_make(const struct sealed_plan *plan, struct sealed *out);
struct slice sealed_record(const struct sealed *s, size_t i);
void sealed_free(struct sealed *s);

/*
 * As somebody without the key would: the record is changed, and so are the seals of all from there
 * on, so that the chain is whole again.
 */
void sealed_forge(struct sealed *s, size_t record);

struct sealed_outcome {
	struct seal_verdict verdict;
	struct seal_fault faults[SEALED_FAULTS_MAX]; /* the first ones */
	size_t count;
};

/* piece: octets that are given at once. */
void sealed_verify(struct slice trace, size_t piece, struct sealed_outcome *out);
bool sealed_is_whole(const struct sealed_outcome *o);
bool sealed_same_fault(const struct seal_fault *a, const struct seal_fault *b);
/* It has one fault, this one. */
bool sealed_has_only(const struct sealed_outcome *o, const struct seal_fault *fault);

#endif
