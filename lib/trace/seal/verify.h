/*
 * verify: whether a sealed trace (seal.h) is as its recorder wrote it, and if not, where.
 *
 * The trace comes in pieces of any length; at its end come the faults, by their place in the file.
 * What is wrong is put the way that leaves most of the trace in order: of two parts that changed
 * places the shorter one has moved. Memory: a block, and a little for each place where the chain
 * breaks, up to RUNS_MAX
 * (runs.h).
 */
#ifndef TWINKEY_TRACE_SEAL_VERIFY_H
#define TWINKEY_TRACE_SEAL_VERIFY_H

#include "lib/trace/seal/verdict.h"

struct seal_verifier;

/* ERR_MEMORY, as the two below; these also ERR_CRYPTO. */
enum err seal_verifier_open(struct seal_verifier **out) MUST_CHECK;
enum err seal_verifier_feed(struct seal_verifier *v, struct slice octets) MUST_CHECK;
/* There is no more: gives the faults. sink may be NULL. */
enum err seal_verifier_end(struct seal_verifier *v, const struct seal_sink *sink,
			   struct seal_verdict *out) MUST_CHECK;
void seal_verifier_close(struct seal_verifier **v);

#endif
