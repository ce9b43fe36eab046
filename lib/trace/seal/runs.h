/*
 * runs: a sealed trace as it stands in the file: runs of records that follow each other as they
 * were written, and between them what is no record. A trace that nobody changed is one run.
 */
#ifndef TWINKEY_TRACE_SEAL_RUNS_H
#define TWINKEY_TRACE_SEAL_RUNS_H

#include "lib/trace/seal/seal.h"

/* A fault of a run's own: the records that it is about, and where the first of them begins. */
struct run_fault {
	bool is;
	uint64_t first, last, offset;
};

struct run {
	bool intact;	      /* records. Else blocks that are not as they were sealed, or octets */
	uint64_t offset, end; /* in the trace */
	uint64_t first,
		last; /* numbers; of what is not intact: 0, and how many blocks it may have been */
	uint8_t before[SHA256_LEN], tag[SHA256_LEN]; /* of the first, of the last */
	bool closed;				     /* the last one is that of the trace */
	bool is_signed;				     /* by the key with this point */
	uint64_t signed_to;
	uint8_t point[EC_POINT_LEN];
	struct run_fault unsigned_, false_;
	/* for judge.h */
	size_t next; /* the run that follows it in the chain, or RUN_NONE */
	bool chosen, in_place, told;
};
#define RUN_NONE SIZE_MAX
#define RUNS_MAX 1024

struct runs { /* zeros at the beginning */
	struct run *items;
	size_t count, cap;
	bool sealed; /* there was a seal */
	bool full;   /* there were more than RUNS_MAX; what began at full_offset is in none */
	uint64_t full_offset;
};

/* The next block. ERR_MEMORY, ERR_CRYPTO. */
enum err runs_take_block(struct runs *r, uint64_t offset, struct slice block) MUST_CHECK;
/* The next octets, which are no block; again: they go on those before. ERR_MEMORY. */
enum err runs_take_octets(struct runs *r, uint64_t offset, size_t n, bool again) MUST_CHECK;
void runs_free(struct runs *r);

#endif
