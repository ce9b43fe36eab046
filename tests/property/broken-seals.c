/*
 * broken-seals: sealed traces, changed at random: a bit, a record or several taken out, put in
 * (copies of its own, another trace's, no records at all), swapped, moved, the end cut off; the
 * chain made anew without the key; and several such changes at once.
 *
 * Each is found. One change alone is found at its place: the faults name the records that it was
 * made to, with the octet where they begin, and nothing else; a cut is "not closed after record n".
 * Unchanged traces are whole. usage: broken-seals [CHANGES [SEED]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/crypto/ec.h"
#include "lib/trace/seal/seal.h"
#include "tests/support/must.h"
#include "tests/support/sealed.h"

#define CHANGES	    12000
#define OF_A_TRACE  40 /* changes that one trace is tried with */
#define PACKETS_MAX 300
#define JUNK_MAX    200
#define TRACE_MAX   (1 << 20)

enum change {
	CHANGE_BIT,
	CHANGE_REMOVE,
	CHANGE_SWAP,
	CHANGE_MOVE,
	CHANGE_COPY,
	CHANGE_FOREIGN,
	CHANGE_JUNK,
	CHANGE_CUT,
	CHANGE_FORGE,
	CHANGE_SEVERAL,
	CHANGE_KINDS
};
static const char *const change_names[CHANGE_KINDS] = {
	"bits",		  "removals",	   "swaps", "moves",	 "own records put in",
	"others' put in", "octets put in", "cuts",  "forgeries", "several at once"};

static struct sealed trace, foreign;
static struct ec_key *key, *other_key;
static struct wbuf changed;
static struct sealed_outcome outcome;
static uint64_t seed, first_seed;
static unsigned counts[CHANGE_KINDS], whole;
static char current[128]; /* the case, for a failure */

#define CHECK(ok, what) check((ok), (what), __LINE__)

static void check(bool ok, const char *what, int line)
{
	if (ok)
		return;
	fprintf(stderr, "broken-seals: line %d: %s (%s, seed %" PRIu64 ")\n", line, what, current,
		first_seed);
	for (size_t i = 0; i < outcome.count; i++)
		fprintf(stderr, "  %s %" PRIu64 " to %" PRIu64 " at %" PRIu64 "\n",
			seal_fault_name(outcome.faults[i].kind), outcome.faults[i].first,
			outcome.faults[i].last, outcome.faults[i].offset);
	exit(1);
}

static size_t number(size_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)((seed >> 33) % below);
}

/* From a to b, without b. */
static void put_records(size_t a, size_t b)
{
	wbuf_put(&changed,
		 slice_sub(wbuf_slice(&trace.octets), trace.at[a], trace.at[b] - trace.at[a]));
}

static void verify(void)
{
	sealed_verify(wbuf_slice(&changed), number(3) ? 1 << 16 : 1 + number(5000), &outcome);
}

static void check_only(enum seal_fault_kind kind, size_t first, size_t last, size_t offset)
{
	const struct seal_fault f = {kind, first, last, offset};

	CHECK(sealed_has_only(&outcome, &f), "the one fault, at its place");
	CHECK(outcome.verdict.sealed, "it is sealed");
}

static void change_bit(void)
{
	const size_t i = number(trace.count), len = trace.at[i + 1] - trace.at[i];
	const size_t bit = 8 * trace.at[i] + number(8 * len);

	snprintf(current, sizeof(current), "bit %zu of record %zu of %zu", bit, i, trace.count);
	put_records(0, trace.count);
	changed.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	verify();
	check_only(SEAL_CHANGED, i, i, trace.at[i]);
	CHECK(outcome.verdict.closed == (i + 1 < trace.count), "whether it is closed");
}

/* Without its last record it is as if it was cut. */
static void change_remove(void)
{
	const size_t n = trace.count, a = number(n), most = n - a;
	const size_t b = a + 1 + (number(2) ? 0 : number(most));

	snprintf(current, sizeof(current), "records %zu to %zu of %zu out", a, b - 1, n);
	put_records(0, a);
	put_records(b, n);
	verify();
	if (b < n) {
		check_only(SEAL_REMOVED, a, b - 1, trace.at[a]);
		CHECK(outcome.verdict.closed, "it is closed");
		return;
	}
	CHECK(!outcome.verdict.faults && !outcome.verdict.closed, "not closed");
	CHECK(outcome.verdict.sealed == (a > 0), "whether it is sealed");
	CHECK(!a || outcome.verdict.last == a - 1, "after which record");
}

/* Where record i begins in what was changed by putting record a and b in each other's place. */
static size_t place_after_swap(size_t i, size_t a, size_t b)
{
	const size_t a_len = trace.at[a + 1] - trace.at[a], b_len = trace.at[b + 1] - trace.at[b];

	return i == a	? trace.at[b + 1] - a_len
	       : i == b ? trace.at[a]
			: trace.at[i] - a_len + b_len;
}

/*
 * Of two neighbours one has moved; of two that have one between them, two of the three; else the
 * two.
 */
static void change_swap(void)
{
	const size_t a = number(trace.count - 1);
	const size_t b = a + 1 + number(number(2) ? trace.count - 1 - a : 1);

	snprintf(current, sizeof(current), "records %zu and %zu of %zu swapped", a, b, trace.count);
	put_records(0, a);
	put_records(b, b + 1);
	put_records(a + 1, b);
	put_records(a, a + 1);
	put_records(b + 1, trace.count);
	verify();
	CHECK(outcome.verdict.faults == (b == a + 1 ? 1 : 2), "how many have moved");
	for (size_t i = 0; i < outcome.count; i++) {
		const struct seal_fault *f = &outcome.faults[i];

		CHECK(f->kind == SEAL_MOVED && f->first == f->last, "one has moved");
		CHECK(f->first == a || f->first == b || (b == a + 2 && f->first == a + 1),
		      "one of those swapped");
		CHECK(f->offset == place_after_swap((size_t)f->first, a, b), "where it is");
	}
	CHECK(outcome.verdict.closed, "it is closed");
}

/* Records a to b - 1 and b to c - 1 in each other's place: the fewer of them have moved. */
static void change_move(void)
{
	const size_t n = trace.count, a = number(n - 1), b = a + 1 + number(n - 1 - a);
	const size_t c = b + 1 + number(n - b);
	const size_t back = trace.at[a] + trace.at[c] - trace.at[b];
	const struct seal_fault front_moved = {SEAL_MOVED, a, b - 1, back};
	const struct seal_fault back_moved = {SEAL_MOVED, b, c - 1, trace.at[a]};

	snprintf(current, sizeof(current), "records %zu and on behind %zu to %zu of %zu", a, b,
		 c - 1, n);
	put_records(0, a);
	put_records(b, c);
	put_records(a, b);
	put_records(c, n);
	verify();
	CHECK((b - a <= c - b && sealed_has_only(&outcome, &front_moved)) ||
		      (c - b <= b - a && sealed_has_only(&outcome, &back_moved)),
	      "the shorter part has moved");
	CHECK(outcome.verdict.closed, "it is closed");
}

/* In front of record `at`, which may be the end. */
static void put_in(size_t at, struct slice octets)
{
	put_records(0, at);
	wbuf_put(&changed, octets);
	put_records(at, trace.count);
	verify();
	CHECK(outcome.verdict.closed, "it is closed");
}

/* Of a record that stands there twice in a row nobody can say which is the copy. */
static void change_copy(void)
{
	const size_t at = number(trace.count + 1), i = number(trace.count);
	const struct slice copy = sealed_record(&trace, i);
	const struct seal_fault behind = {SEAL_INSERTED, i + 1, i + 1, trace.at[i + 1]};

	snprintf(current, sizeof(current), "record %zu once more in front of %zu of %zu", i, at,
		 trace.count);
	put_in(at, copy);
	if (at == i && sealed_has_only(&outcome, &behind))
		return;
	check_only(SEAL_INSERTED, at, at, trace.at[at]);
}

/* One of another trace, by this recorder or by another one; or several. */
static void change_foreign(void)
{
	const size_t i = number(foreign.count);
	/* not in front of all: of two whole traces the first is the one */
	const size_t at = i ? number(trace.count + 1) : 1 + number(trace.count);
	const size_t n = number(3) ? 1 : 1 + number(foreign.count - i);

	snprintf(current, sizeof(current), "%zu foreign, from %zu, in front of %zu of %zu", n, i,
		 at, trace.count);
	put_in(at, slice_sub(wbuf_slice(&foreign.octets), foreign.at[i],
			     foreign.at[i + n] - foreign.at[i]));
	check_only(SEAL_INSERTED, at, at, trace.at[at]);
}

static void change_junk(void)
{
	const size_t at = number(trace.count + 1), n = 1 + number(JUNK_MAX);
	uint8_t junk[JUNK_MAX];

	snprintf(current, sizeof(current), "%zu octets in front of %zu of %zu", n, at, trace.count);
	for (size_t i = 0; i < n; i++)
		junk[i] = (uint8_t)number(256);
	put_in(at, slice_make(junk, n));
	check_only(SEAL_INSERTED, at, at, trace.at[at]);
}

static void change_cut(void)
{
	size_t len = number(trace.octets.len), n = 0;

	if (number(2)) /* between two records */
		len = trace.at[number(trace.count)];
	while (trace.at[n + 1] <= len)
		n++;
	snprintf(current, sizeof(current), "cut to %zu octets in record %zu of %zu", len, n,
		 trace.count);
	wbuf_put(&changed, slice_sub(wbuf_slice(&trace.octets), 0, len));
	verify();
	CHECK(!outcome.verdict.closed && !outcome.verdict.faults, "not closed, and no more");
	CHECK(outcome.verdict.sealed == (n > 0), "whether it is sealed");
	CHECK(!n || outcome.verdict.last == n - 1, "after which record");
	CHECK(outcome.verdict.cut == len - trace.at[n], "how much is left of the next one");
}

/* Found by the next signature: the records since the one before it are not those that were signed.
 */
static void change_forge(void)
{
	const size_t i = number(trace.count), last = trace.count - 1;
	size_t next = i <= 1 ? 1 : (i + SEAL_EVERY - 2) / SEAL_EVERY * SEAL_EVERY + 1;
	struct sealed forged = trace;

	if (next > last)
		next = last;
	snprintf(current, sizeof(current), "record %zu of %zu forged", i, trace.count);
	put_records(0, trace.count);
	forged.octets = changed;
	sealed_forge(&forged, i);
	verify();
	CHECK(outcome.verdict.faults == 1 && outcome.faults[0].kind == SEAL_FALSE, "a fault");
	CHECK(outcome.faults[0].offset == trace.at[next], "the next signature");
	CHECK(outcome.faults[0].first <= i && outcome.faults[0].last == last, "the record");
	CHECK(outcome.faults[0].first + SEAL_EVERY > i, "hardly more than the record");
	CHECK(!outcome.verdict.closed, "a false signature closes nothing");
}

/* Found; and no place is told that is not in the trace. */
static void change_several(void)
{
	const size_t n = 2 + number(6);

	snprintf(current, sizeof(current), "%zu changes of %zu records", n, trace.count);
	put_records(0, trace.count);
	for (size_t i = 0; i < n; i++) {
		const size_t at = number(changed.len), len = 1 + number(changed.len - at);
		const size_t to = number(changed.len);
		struct wbuf copy = wbuf_grow(TRACE_MAX);
		uint8_t *gap;

		wbuf_put(&copy, slice_sub(wbuf_slice(&changed), at, len < 400 ? len : 400));
		gap = number(3) ? NULL : wbuf_insert(&changed, to, copy.len);
		if (gap)
			memcpy(gap, copy.ptr, copy.len);
		else
			changed.ptr[at] ^= (uint8_t)(1u << number(8));
		wbuf_free(&copy);
	}
	if (slice_equal(wbuf_slice(&changed), wbuf_slice(&trace.octets)))
		return;
	verify();
	CHECK(outcome.verdict.faults || !outcome.verdict.closed, "it is found");
	for (size_t i = 0; i < outcome.count; i++)
		CHECK(outcome.faults[i].offset <= changed.len, "where it is");
}

static void (*const changes[CHANGE_KINDS])(void) = {
	change_bit,	change_remove, change_swap, change_move,  change_copy,
	change_foreign, change_junk,   change_cut,  change_forge, change_several};

static void make_traces(void)
{
	const unsigned packets = 1 + (unsigned)number(number(3) ? PACKETS_MAX : 10);

	sealed_free(&trace);
	sealed_free(&foreign);
	sealed_make(&(struct sealed_plan){.key = key,
					  .readers = 1 + (unsigned)number(2),
					  .packets = packets,
					  .seed = (uint32_t)number(UINT32_MAX)},
		    &trace);
	sealed_make(&(struct sealed_plan){.key = number(2) ? key : other_key,
					  .readers = 1 + (unsigned)number(2),
					  .packets = 1 + (unsigned)number(PACKETS_MAX),
					  .seed = (uint32_t)number(UINT32_MAX),
					  .open = number(4) == 0},
		    &foreign);
	snprintf(current, sizeof(current), "%zu records, unchanged", trace.count);
	wbuf_reset(&changed);
	put_records(0, trace.count);
	verify();
	CHECK(sealed_is_whole(&outcome) && outcome.verdict.records == trace.count, "it is whole");
	whole++;
}

int main(int argc, char **argv)
{
	const unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : CHANGES;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	first_seed = seed;
	changed = wbuf_grow(TRACE_MAX);
	MUST(ec_key_generate(EC_P256, &key) == ERR_OK);
	MUST(ec_key_generate(EC_P256, &other_key) == ERR_OK);
	for (unsigned i = 0; i < n; i++) {
		const size_t kind = number(CHANGE_KINDS);

		if (i % OF_A_TRACE == 0)
			make_traces();
		wbuf_reset(&changed);
		changes[kind]();
		counts[kind]++;
	}
	printf("broken-seals: %u changes of %u traces, all found at their place (seed %" PRIu64
	       "):",
	       n, whole, first_seed);
	for (int k = 0; k < CHANGE_KINDS; k++)
		printf("%s %u %s", k ? "," : "", counts[k], change_names[k]);
	printf("\n");
	sealed_free(&trace);
	sealed_free(&foreign);
	wbuf_free(&changed);
	ec_key_free(&key);
	ec_key_free(&other_key);
	return 0;
}
