/*
 * A sealed trace, or what looks like one: any octets, in pieces of a length that the first octet
 * says. The verdict does not depend on the pieces, agrees with the faults, and no fault lies
 * outside.
 */
#include "lib/trace/seal/seal.h"
#include "tests/support/must.h"
#include "tests/support/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sealed_outcome *o, size_t size)
{
	const struct seal_verdict *v = &o->verdict;

	MUST(v->sealed || (!v->faults && !v->records));
	MUST(v->faults == o->count || o->count == SEALED_FAULTS_MAX);
	MUST(v->cut <= size);
	for (size_t i = 0; i < o->count; i++) {
		MUST(o->faults[i].offset <= size);
		MUST(o->faults[i].first <= o->faults[i].last);
		MUST(!i || o->faults[i - 1].offset <= o->faults[i].offset);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sealed_outcome whole, pieces;
	struct cursor c = cursor_of(slice_make(data, size));
	const size_t piece = 1u + cursor_u8(&c);
	const struct slice trace = cursor_take_rest(&c);

	sealed_verify(trace, trace.len + 1, &whole);
	sealed_verify(trace, piece, &pieces);
	check(&whole, trace.len);
	MUST(whole.count == pieces.count);
	for (size_t i = 0; i < whole.count; i++)
		MUST(sealed_same_fault(&whole.faults[i], &pieces.faults[i]));
	MUST(whole.verdict.closed == pieces.verdict.closed);
	MUST(whole.verdict.records == pieces.verdict.records);
	MUST(whole.verdict.cut == pieces.verdict.cut);
	return 0;
}
