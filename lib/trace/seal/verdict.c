#include "lib/trace/seal/verdict.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
	const char *name, *words;
} faults[] = {
#define SEAL_FAULT_ROW(value, name, words) [value] = {name, words},
	SEAL_FAULTS(SEAL_FAULT_ROW)
#undef SEAL_FAULT_ROW
};

const char *seal_fault_name(enum seal_fault_kind kind)
{
	return faults[kind].name;
}

const char *seal_fault_words(enum seal_fault_kind kind)
{
	return faults[kind].words;
}

const char *seal_verdict_name(const struct seal_verdict *v)
{
	return !v->sealed ? "unsealed" : v->faults ? "altered" : !v->closed ? "open" : "whole";
}

void seal_verdict_words(const struct seal_verdict *v, char out[static SEAL_WORDS_MAX])
{
	if (!v->sealed)
		snprintf(out, SEAL_WORDS_MAX,
			 "it is not sealed: nothing tells whether it was changed");
	else if (v->faults)
		snprintf(out, SEAL_WORDS_MAX, "it is not as it was written: %zu fault%s%s",
			 v->faults, v->faults == 1 ? "" : "s",
			 v->closed ? "" : ", and it was not closed");
	else if (!v->closed)
		snprintf(out, SEAL_WORDS_MAX,
			 "not closed after record %" PRIu64
			 ": what followed, if anything did, is not known",
			 v->last);
	else
		snprintf(out, SEAL_WORDS_MAX, "whole: %" PRIu64 " records, closed", v->records);
}
