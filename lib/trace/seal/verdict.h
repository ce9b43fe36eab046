/*
 * verdict: what became of a sealed trace.
 */
#ifndef TWINKEY_TRACE_SEAL_VERDICT_H
#define TWINKEY_TRACE_SEAL_VERDICT_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec_curve.h"

/* What is wrong with records `first` to `last`: X(value, name, words) */
#define SEAL_FAULTS(X)                                                                             \
	X(SEAL_CHANGED, "changed", "not as it was written")                                        \
	X(SEAL_REMOVED, "removed", "missing")                                                      \
	X(SEAL_INSERTED, "inserted", "in front of it stands what was not written there")           \
	X(SEAL_MOVED, "moved", "out of its place")                                                 \
	X(SEAL_UNSIGNED, "unsigned", "to be a signature, and is none")                             \
	X(SEAL_FALSE, "false", "the signature is not of the recorder's key over these records")    \
	X(SEAL_MANY, "many", "so much is wrong that what follows was not compared")
#define SEAL_FAULT_ENUM(value, name, words) value,
enum seal_fault_kind { SEAL_FAULTS(SEAL_FAULT_ENUM) };
#undef SEAL_FAULT_ENUM

const char *seal_fault_name(enum seal_fault_kind kind);
const char *seal_fault_words(enum seal_fault_kind kind);

struct seal_fault {
	enum seal_fault_kind kind;
	uint64_t first, last;
	/*
	 * In the trace: where the first of them begins that is there; of REMOVED, where it would.
	 */
	uint64_t offset;
};

struct seal_verdict {
	bool sealed; /* there is a seal in it; otherwise nothing below is of interest */
	bool closed; /* the last record is there. Else what followed, if anything did, is not known
		      */
	size_t faults;
	uint64_t records;   /* that are the recorder's */
	uint64_t last;	    /* the greatest number of one; with records */
	size_t cut;	    /* octets of a further one behind it, whose rest is not there */
	bool is_signed;	    /* there is a signature that fits */
	uint64_t signed_to; /* the last record that one vouches for */
	uint8_t point[EC_POINT_LEN]; /* of its key */
};

/* "whole", "open" (its end is missing), "altered", "unsealed"; the same in a sentence. */
#define SEAL_WORDS_MAX 128
const char *seal_verdict_name(const struct seal_verdict *v);
void seal_verdict_words(const struct seal_verdict *v, char out[static SEAL_WORDS_MAX]);

struct seal_sink {
	void (*take)(void *ctx, const struct seal_fault *fault);
	void *ctx;
};

#endif
