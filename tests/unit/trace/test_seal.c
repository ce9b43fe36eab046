/* sealed traces: whole, and changed in every way */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/crypto/ec.h"
#include "lib/trace/seal/seal.h"
#include "tests/support/sealed.h"

#define ASSERT_ONLY(o, ...) assert_only((o), (struct seal_fault){__VA_ARGS__}, __LINE__)

static struct ec_key *key, *other_key;

static void assert_only(const struct sealed_outcome *o, struct seal_fault want, int line)
{
	bool so = sealed_has_only(o, &want);

	CU_ASSERT_TRUE(so);
	if (so)
		return;
	fprintf(stderr, "line %d: %zu faults, not %s %llu to %llu at %llu alone\n", line,
		o->verdict.faults, seal_fault_name(want.kind), (unsigned long long)want.first,
		(unsigned long long)want.last, (unsigned long long)want.offset);
	for (size_t i = 0; i < o->count; i++)
		fprintf(stderr, "  %s %llu to %llu at %llu\n", seal_fault_name(o->faults[i].kind),
			(unsigned long long)o->faults[i].first,
			(unsigned long long)o->faults[i].last,
			(unsigned long long)o->faults[i].offset);
}

static void make(unsigned readers, unsigned packets, bool open, struct sealed *out)
{
	if (!key)
		CU_ASSERT_EQUAL_FATAL(ec_key_generate(EC_P256, &key), ERR_OK);
	if (!other_key)
		CU_ASSERT_EQUAL_FATAL(ec_key_generate(EC_P256, &other_key), ERR_OK);
	sealed_make(&(struct sealed_plan){.key = key,
					  .readers = readers,
					  .packets = packets,
					  .seed = packets,
					  .open = open},
		    out);
}

static void drop_keys(void)
{
	ec_key_free(&key);
	ec_key_free(&other_key);
}

static void end(struct sealed *s)
{
	sealed_free(s);
	drop_keys();
}

static void test_whole(void)
{
	static const size_t pieces[] = {1, 2, 3, 7, 64, 1000, 65536, 1 << 20};
	struct sealed_outcome o;
	struct sealed s;

	for (unsigned n = 0; n <= 300; n++) {
		make(1 + n % 2, n, false, &s);
		sealed_verify(wbuf_slice(&s.octets), pieces[n % ARRAY_LEN(pieces)], &o);
		CU_ASSERT_TRUE(sealed_is_whole(&o));
		CU_ASSERT_EQUAL(o.verdict.records, s.count);
		CU_ASSERT_EQUAL(o.verdict.last, s.count - 1);
		CU_ASSERT_EQUAL(o.verdict.signed_to, s.count - 1);
		ASSERT_OCTETS(SLICE_OF(o.verdict.point), ec_key_point(key), "whose key it was");
		sealed_free(&s);
	}
	make(2, 9, false, &s);
	for (size_t piece = 1; piece <= s.octets.len; piece++) {
		sealed_verify(wbuf_slice(&s.octets), piece, &o);
		CU_ASSERT_TRUE(sealed_is_whole(&o));
	}
	end(&s);
}

/*
 * One fault: the record that the bit is in was changed, and the offset is that of its first octet.
 * The last record's closes the trace; with any bit of it changed, nothing does.
 */
static void test_bits(void)
{
	struct sealed_outcome o;
	struct sealed s;

	make(2, 5, false, &s);
	for (size_t i = 0; i < s.count; i++) {
		for (size_t bit = 8 * s.at[i]; bit < 8 * s.at[i + 1]; bit++) {
			s.octets.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
			sealed_verify(wbuf_slice(&s.octets), 1 << 16, &o);
			ASSERT_ONLY(&o, SEAL_CHANGED, i, i, s.at[i]);
			CU_ASSERT_TRUE(o.verdict.sealed);
			CU_ASSERT_EQUAL(o.verdict.closed, i + 1 < s.count);
			s.octets.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	end(&s);
}

/* Wherever it is cut: not closed, and after which record. */
static void test_cut(void)
{
	struct sealed_outcome o;
	struct sealed s;
	size_t n = 0;

	make(1, 4, false, &s);
	for (size_t len = 0; len < s.octets.len; len++) {
		while (s.at[n + 1] <= len)
			n++;
		sealed_verify(slice_sub(wbuf_slice(&s.octets), 0, len), 100, &o);
		CU_ASSERT_EQUAL(o.verdict.sealed, n > 0);
		CU_ASSERT_EQUAL(o.verdict.faults, 0);
		CU_ASSERT_FALSE(o.verdict.closed);
		CU_ASSERT_EQUAL(o.verdict.records, n);
		CU_ASSERT_EQUAL(o.verdict.cut, len - s.at[n]);
		CU_ASSERT_TRUE(!n || o.verdict.last == n - 1);
		CU_ASSERT_EQUAL(o.verdict.is_signed, n > 1);
	}
	end(&s);
}

/* A trace put together of a's records: `order` ends with RECORD_END, other ones stand for b's. */
#define RECORD_END (-1)
#define OTHER(n)   (1000 + (n))
#define UNSEALED   2000
#define ORDER_MAX  16

static struct slice piece_of(const struct sealed *a, const struct sealed *b, int n)
{
	/* a name resolution block, as Wireshark might have added it */
	static const uint8_t unsealed[] = {0, 0, 0, 4, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 16};

	return n == UNSEALED ? SLICE_OF(unsealed)
	       : n >= 1000   ? sealed_record(b, (size_t)n - 1000)
			     : sealed_record(a, (size_t)n);
}

static const struct {
	const char *what;
	int order[ORDER_MAX];
	bool closed;
	/* offset: the index in order of the piece that begins there */
	struct seal_fault faults[3];
	size_t count;
} edits[] = {
	{"nothing", {0, 1, 2, 3, 4, 5, 6, 7, -1}, true, {{0}}, 0},
	{"the first is missing", {1, 2, 3, 4, 5, 6, 7, -1}, true, {{SEAL_REMOVED, 0, 0, 0}}, 1},
	{"one is missing", {0, 1, 2, 4, 5, 6, 7, -1}, true, {{SEAL_REMOVED, 3, 3, 3}}, 1},
	{"a signature is missing", {0, 2, 3, 4, 5, 6, 7, -1}, true, {{SEAL_REMOVED, 1, 1, 1}}, 1},
	{"several are missing", {0, 1, 6, 7, -1}, true, {{SEAL_REMOVED, 2, 5, 2}}, 1},
	{"all but the last", {7, -1}, true, {{SEAL_REMOVED, 0, 6, 0}}, 1},
	{"neighbours swapped", {0, 1, 2, 4, 3, 5, 6, 7, -1}, true, {{SEAL_MOVED, 3, 3, 4}}, 1},
	{"far ones swapped",
	 {0, 5, 2, 3, 4, 1, 6, 7, -1},
	 true,
	 {{SEAL_MOVED, 5, 5, 1}, {SEAL_MOVED, 1, 1, 5}},
	 2},
	{"the last swapped",
	 {0, 1, 7, 3, 4, 5, 6, 2, -1},
	 true,
	 {{SEAL_MOVED, 7, 7, 2}, {SEAL_MOVED, 2, 2, 7}},
	 2},
	{"a part moved back", {0, 1, 4, 5, 6, 2, 3, 7, -1}, true, {{SEAL_MOVED, 2, 3, 5}}, 1},
	{"twice", {0, 1, 2, 3, 3, 4, 5, 6, 7, -1}, true, {{SEAL_INSERTED, 4, 4, 4}}, 1},
	{"two of them twice",
	 {0, 1, 2, 3, 2, 3, 4, 5, 6, 7, -1},
	 true,
	 {{SEAL_INSERTED, 4, 4, 4}},
	 1},
	{"a copy in front", {5, 0, 1, 2, 3, 4, 5, 6, 7, -1}, true, {{SEAL_INSERTED, 0, 0, 0}}, 1},
	{"a copy of the last",
	 {0, 1, 2, 7, 3, 4, 5, 6, 7, -1},
	 true,
	 {{SEAL_INSERTED, 3, 3, 3}},
	 1},
	{"the last twice", {0, 1, 2, 3, 4, 5, 6, 7, 7, -1}, true, {{SEAL_INSERTED, 8, 8, 8}}, 1},
	{"another's", {0, 1, 2, OTHER(3), 3, 4, 5, 6, 7, -1}, true, {{SEAL_INSERTED, 3, 3, 3}}, 1},
	{"many of another's",
	 {0, 1, 2, OTHER(5), OTHER(6), OTHER(7), OTHER(8), 3, 4, 5, 6, 7, -1},
	 true,
	 {{SEAL_INSERTED, 3, 3, 3}},
	 1},
	{"another's signature",
	 {0, OTHER(1), 1, 2, 3, 4, 5, 6, 7, -1},
	 true,
	 {{SEAL_INSERTED, 1, 1, 1}},
	 1},
	{"another trace behind",
	 {0, 1, 2, 3, 4, 5, 6, 7, OTHER(0), OTHER(1), OTHER(2), -1},
	 true,
	 {{SEAL_INSERTED, 8, 8, 8}},
	 1},
	{"one in the place of another",
	 {0, 1, 2, OTHER(3), 4, 5, 6, 7, -1},
	 true,
	 {{SEAL_CHANGED, 3, 3, 3}},
	 1},
	{"without a seal",
	 {0, 1, 2, UNSEALED, 3, 4, 5, 6, 7, -1},
	 true,
	 {{SEAL_INSERTED, 3, 3, 3}},
	 1},
	{"without a seal, behind",
	 {0, 1, 2, 3, 4, 5, 6, 7, UNSEALED, -1},
	 true,
	 {{SEAL_INSERTED, 8, 8, 8}},
	 1},
	{"two things",
	 {0, 1, 3, 4, 2, 6, 7, -1},
	 true,
	 {{SEAL_MOVED, 2, 2, 4}, {SEAL_REMOVED, 5, 5, 4}},
	 2},
	{"the end is missing", {0, 1, 2, 3, 4, -1}, false, {{0}}, 0},
	{"so is one before", {0, 1, 2, 4, -1}, false, {{SEAL_REMOVED, 3, 3, 3}}, 1},
};

static void test_edits(void)
{
	struct sealed_outcome o;
	struct sealed a, b;

	make(1, 4, false, &a); /* 0 to 7: section, signature, interface, four packets, signature */
	sealed_make(&(struct sealed_plan){.key = key, .readers = 1, .packets = 40, .seed = 3}, &b);
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct wbuf w = wbuf_grow(1 << 20);
		size_t at[ORDER_MAX] = {0};

		for (size_t k = 0; edits[i].order[k] != RECORD_END; k++) {
			wbuf_put(&w, piece_of(&a, &b, edits[i].order[k]));
			at[k + 1] = w.len;
		}
		sealed_verify(wbuf_slice(&w), 50 + i, &o);
		CU_ASSERT_EQUAL(o.verdict.faults, edits[i].count);
		CU_ASSERT_EQUAL(o.verdict.closed, edits[i].closed);
		for (size_t k = 0; k < edits[i].count || k < o.count; k++) {
			const struct seal_fault *f = &o.faults[k], *want = &edits[i].faults[k];
			bool so = k < o.count && k < edits[i].count && f->kind == want->kind &&
				  f->first == want->first && f->last == want->last &&
				  f->offset == at[want->offset];

			CU_ASSERT_TRUE(so);
			if (!so && k < o.count)
				fprintf(stderr, "%s: %s %d to %d at %d\n", edits[i].what,
					seal_fault_name(f->kind), (int)f->first, (int)f->last,
					(int)f->offset);
		}
		wbuf_free(&w);
	}
	sealed_free(&b);
	end(&a);
}

/* Without the key the chain can be made anew; the next signature then does not fit. */
static void test_forged(void)
{
	struct sealed_outcome o;
	struct sealed s;

	for (size_t i = 0; i < 152; i++) {
		const size_t next = i <= 1 ? 1 : i <= 65 ? 65 : i <= 129 ? 129 : 151;

		make(1, 146, false, &s);
		CU_ASSERT_EQUAL(s.count, 152);
		sealed_forge(&s, i);
		sealed_verify(wbuf_slice(&s.octets), 1 << 16, &o);
		CU_ASSERT_EQUAL(o.verdict.faults, 1);
		CU_ASSERT_EQUAL(o.faults[0].kind, SEAL_FALSE);
		CU_ASSERT_EQUAL(o.faults[0].offset, s.at[next]);
		CU_ASSERT_TRUE(o.faults[0].first <= i && i <= o.faults[0].last);
		CU_ASSERT_FALSE(o.verdict.closed);
		sealed_free(&s);
	}
	drop_keys();
}

/* A trace of another key is whole, and says whose it is. */
static void test_other_key(void)
{
	uint8_t one[SHA256_LEN], two[SHA256_LEN];
	struct sealed_outcome o;
	struct sealed s, t;

	make(1, 70, false, &s);
	sealed_make(
		&(struct sealed_plan){.key = other_key, .readers = 1, .packets = 70, .seed = 70},
		&t);
	sealed_verify(wbuf_slice(&t.octets), 999, &o);
	CU_ASSERT_TRUE(sealed_is_whole(&o));
	ASSERT_OCTETS(SLICE_OF(o.verdict.point), ec_key_point(other_key), "whose it is");
	ASSERT_ERR(seal_fingerprint(ec_key_point(key), one), ERR_OK);
	ASSERT_ERR(seal_fingerprint(SLICE_OF(o.verdict.point), two), ERR_OK);
	CU_ASSERT_NOT_EQUAL(memcmp(one, two, sizeof(one)), 0);
	sealed_free(&t);
	end(&s);
}

/* What was never sealed, or is no capture at all. */
static void test_unsealed(void)
{
	static const uint8_t words[] = "00A40004023F00 9000\n00B0000000 6982\n";
	struct sealed_outcome o;

	sealed_verify(SLICE_EMPTY, 1, &o);
	CU_ASSERT_FALSE(o.verdict.sealed || o.verdict.faults);
	sealed_verify(SLICE_OF(words), 5, &o);
	CU_ASSERT_FALSE(o.verdict.sealed || o.verdict.faults);
}

TEST_SUITE(seal, {"whole traces of all lengths, in pieces of any length", test_whole},
	   {"every bit of a trace, at its record", test_bits},
	   {"cut at every octet: not closed, and after which record", test_cut},
	   {"records that are missing, moved, twice, of others", test_edits},
	   {"a chain made anew without the key", test_forged},
	   {"a trace of another key", test_other_key}, {"no sealed trace", test_unsealed})
