/*
 * judge: what became of a sealed trace, out of its runs.
 */
#ifndef TWINKEY_TRACE_SEAL_JUDGE_H
#define TWINKEY_TRACE_SEAL_JUDGE_H

#include "lib/trace/seal/runs.h"
#include "lib/trace/seal/verdict.h"

/* out->cut stays; sink may be NULL. ERR_MEMORY. */
enum err judge_runs(struct runs *r, const struct seal_sink *sink,
		    struct seal_verdict *out) MUST_CHECK;

#endif
