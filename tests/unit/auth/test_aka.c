/* AKA of card and AuC: vectors, MAC, SQN windows, AUTS (TS 33.102) */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "lib/auth/aka.h"
#include "lib/auth/gsm.h"
#include "lib/auth/milenage.h"

#define CHECK(v, key, got)                                                                         \
	do {                                                                                       \
		if (json_object_get(v, key))                                                       \
			ASSERT_OCTETS(SLICE_OF(got), test_hex(v, key), key);                       \
	} while (0)

static bool is(const json_t *v, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(v, key));

	return s && strcmp(s, value) == 0;
}

static void test_milenage(void)
{
	json_t *file = test_vectors("milenage"), *v;
	struct milenage *m = milenage_new();
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct milenage_output a, b;
		struct slice k = test_hex(v, "k"), opc = test_hex(v, "opc");
		const uint8_t *rand = test_hex(v, "rand").ptr, *sqn = test_hex(v, "sqn").ptr;
		const uint8_t *amf = test_hex(v, "amf").ptr;
		uint8_t computed[16];

		if (json_object_get(v, "op")) {
			ASSERT_ERR(milenage_opc(m, k.ptr, test_hex(v, "op").ptr, computed), ERR_OK);
			ASSERT_OCTETS(SLICE_OF(computed), opc, "opc");
		}
		ASSERT_ERR(milenage_set_key(m, k.ptr, opc.ptr), ERR_OK);
		ASSERT_ERR(milenage_all(m, rand, sqn, amf, &a), ERR_OK);
		CHECK(v, "f1", a.mac_a);
		CHECK(v, "f1star", a.mac_s);
		CHECK(v, "f2", a.res);
		CHECK(v, "f3", a.ck);
		CHECK(v, "f4", a.ik);
		CHECK(v, "f5", a.ak);
		CHECK(v, "f5star", a.ak_star);
		ASSERT_ERR(milenage_f1(m, rand, sqn, amf, &b), ERR_OK);
		ASSERT_ERR(milenage_f2345(m, rand, &b), ERR_OK);
		ASSERT_OCTETS(SLICE_OF(b.mac_a), SLICE_OF(a.mac_a), "f1 alone");
		ASSERT_OCTETS(SLICE_OF(b.ck), SLICE_OF(a.ck), "f3 alone");
	}
	CU_ASSERT_EQUAL(i, 45);
	milenage_free(&m);
	json_decref(file);
}

/* The whole vector as the AuC makes it, and its GSM form, from the same file */
static void test_auc_vectors(void)
{
	json_t *file = test_vectors("milenage"), *v;
	size_t i;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct aka_key *key = NULL;
		struct aka_vector vector;
		struct slice s = test_hex(v, "sqn");
		struct cursor c = cursor_of(s);
		uint8_t sres[4], kc[8];

		ASSERT_ERR(aka_key_new(AKA_MILENAGE, test_hex(v, "k"), test_hex(v, "opc"), &key),
			   ERR_OK);
		ASSERT_ERR(aka_auc_vector(key, test_hex(v, "rand").ptr, cursor_uint(&c, 6),
					  test_hex(v, "amf").ptr, &vector),
			   ERR_OK);
		CHECK(v, "autn", vector.autn);
		ASSERT_ERR(aka_gsm_authenticate(key, test_hex(v, "rand").ptr, sres, kc), ERR_OK);
		CHECK(v, "sres", sres);
		CHECK(v, "kc", kc);
		aka_key_free(&key);
	}
	json_decref(file);
}

static void test_gsm(void)
{
	json_t *file = test_vectors("gsm_conversions"), *v;
	uint8_t sres[4], kc[8];
	size_t i;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		gsm_c2_sres(test_hex(v, "res"), sres);
		gsm_c3_kc(test_hex(v, "ck").ptr, test_hex(v, "ik").ptr, kc);
		CHECK(v, "sres_c2", sres);
		CHECK(v, "kc_c3", kc);
	}
	CU_ASSERT_EQUAL(i, 12);
	json_decref(file);
	file = test_vectors("gsm_milenage");
	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct aka_key *key = NULL;

		ASSERT_ERR(aka_key_new(AKA_MILENAGE, test_hex(v, "ki"), test_hex(v, "opc"), &key),
			   ERR_OK);
		ASSERT_ERR(aka_gsm_authenticate(key, test_hex(v, "rand").ptr, sres, kc), ERR_OK);
		CHECK(v, "sres1", sres);
		CHECK(v, "kc", kc);
		aka_key_free(&key);
	}
	CU_ASSERT_EQUAL(i, 19);
	json_decref(file);
}

static void test_auts(void)
{
	json_t *file = test_vectors("sqn_auts"), *v;
	size_t i, done = 0;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct aka_key *key = NULL;
		uint64_t sqn_ms = 0;
		uint8_t auts[AKA_AUTS_LEN];
		struct cursor want = cursor_of(test_hex(v, "sqn_ms"));

		if (json_object_get(v, "algorithm") && !is(v, "algorithm", "MILENAGE"))
			continue;
		ASSERT_ERR(aka_key_new(AKA_MILENAGE, test_hex(v, "k"), test_hex(v, "opc"), &key),
			   ERR_OK);
		ASSERT_ERR(slice_copy(test_hex(v, "auts"), auts, sizeof(auts)), ERR_OK);
		ASSERT_ERR(aka_auc_resync(key, test_hex(v, "rand").ptr, auts, &sqn_ms), ERR_OK);
		CU_ASSERT_EQUAL(sqn_ms, cursor_uint(&want, 6));
		for (size_t bit = 0; bit < 8 * sizeof(auts); bit++) {
			auts[bit / 8] ^= (uint8_t)(1u << bit % 8);
			ASSERT_ERR(aka_auc_resync(key, test_hex(v, "rand").ptr, auts, &sqn_ms),
				   ERR_MAC);
			auts[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		aka_key_free(&key);
		done++;
	}
	CU_ASSERT(done >= 12);
	json_decref(file);
}

static void run_step(struct aka_key *key, struct sqn_array *sqn, const json_t *step)
{
	struct sqn_array before = *sqn;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN];
	enum err e = aka_usim_authenticate(
		key, sqn,
		&(struct aka_challenge){test_hex(step, "rand").ptr, test_hex(step, "autn").ptr}, &r,
		auts);

	if (is(step, "result", "ok")) {
		ASSERT_ERR(e, ERR_OK);
		ASSERT_OCTETS(slice_make(r.res, r.res_len), test_hex(step, "res"), "res");
		CHECK(step, "ck", r.ck);
		CHECK(step, "ik", r.ik);
		CHECK(step, "kc", r.kc);
		return;
	}
	if (is(step, "result", "sync_failure")) {
		ASSERT_ERR(e, ERR_SYNC);
		CHECK(step, "auts", auts);
	} else {
		ASSERT_ERR(e, ERR_MAC);
	}
	CU_ASSERT_EQUAL(memcmp(&before, sqn, sizeof(before)), 0);
}

static void test_sqn_scenarios(void)
{
	json_t *file = test_vectors("sqn_scenarios"), *v, *step;
	size_t i, n;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct aka_key *key = NULL;
		struct sqn_array sqn = SQN_ARRAY_NEW;

		sqn.delta = (uint64_t)json_integer_value(json_object_get(v, "delta"));
		ASSERT_ERR(aka_key_new(AKA_MILENAGE, test_hex(v, "k"), test_hex(v, "opc"), &key),
			   ERR_OK);
		json_array_foreach(json_object_get(v, "steps"), n, step)
		{
			uint8_t stored[SQN_STORED_MAX];
			struct wbuf w = wbuf_init(stored, sizeof(stored));

			run_step(key, &sqn, step);
			sqn_save(&sqn, &w); /* the stored form keeps all of it */
			memset(&sqn, 0xEE, sizeof(sqn));
			ASSERT_ERR(sqn_load(wbuf_slice(&w), &sqn), ERR_OK);
		}
		aka_key_free(&key);
	}
	CU_ASSERT_EQUAL(i, 7);
	json_decref(file);
}

/* I6: whatever is replayed, in whatever order, a number that was accepted is never accepted again.
 */
static void test_sqn_property(void)
{
	enum { ROUNDS = 20000 };
	struct sqn_array a = SQN_ARRAY_NEW;
	static uint64_t accepted[ROUNDS];
	uint64_t last = 0, highest = 0;
	size_t n = 0;

	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t sqn;

		if (n && rand() % 3 == 0) {
			CU_ASSERT_FALSE(sqn_fresh(&a, accepted[(size_t)rand() % n]));
			continue;
		}
		ASSERT_ERR(sqn_next(last, SQN_IND_BITS, &sqn), ERR_OK);
		last = sqn;
		if (rand() % 4 == 0)
			continue; /* lost on the way */
		CU_ASSERT_TRUE(sqn_fresh(&a, sqn));
		sqn_accept(&a, sqn);
		accepted[n++] = sqn;
		CU_ASSERT(sqn_highest(&a) >= highest);
		highest = sqn_highest(&a);
	}
	CU_ASSERT(n > ROUNDS / 3);
	ASSERT_ERR(sqn_next(SQN_MAX, SQN_IND_BITS, &last), ERR_VALUE);
	CU_ASSERT_FALSE(sqn_fresh(&a, SQN_MAX + 1));
}

/* C.2.1, C.2.2: the limits at their edges; a limit of 0 is one. 1: fresh after SEQ 100, IND 0 */
static void test_sqn_limits(void)
{
	static const struct {
		struct sqn_array rules;
		uint64_t seq;
		bool fresh;
	} rows[] = {
		{{.ind_bits = 5}, 95, true},
		{{.ind_bits = 5, .has_age = true, .age = 5}, 95, false}, /* 100 - 95 is not < 5 */
		{{.ind_bits = 5, .has_age = true, .age = 5}, 96, true},
		{{.ind_bits = 5, .has_age = true, .age = 1}, 99, false},
		{{.ind_bits = 5, .has_age = true, .age = 1}, 100, true},
		{{.ind_bits = 5, .has_age = true, .age = 0}, 100, false}, /* 0 is not < 0 */
		{{.ind_bits = 5, .has_age = true, .age = 0}, 101, true},
		{{.ind_bits = 5, .has_age = true, .age = SQN_MAX >> 5}, 1, true},
		{{.ind_bits = 5, .has_delta = true, .delta = 0}, 100, true},
		{{.ind_bits = 5, .has_delta = true, .delta = 0}, 101, false}, /* 1 is not <= 0 */
		{{.ind_bits = 5, .has_delta = true, .delta = 1}, 101, true},
		{{.ind_bits = 5, .has_delta = true, .delta = 1}, 102, false},
		{{.ind_bits = 5, .delta = 0}, SQN_MAX >> 5, true}, /* no limit */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sqn_array a = rows[i].rules;

		sqn_accept(&a, 100 << 5);
		CU_ASSERT_EQUAL(sqn_fresh(&a, rows[i].seq << 5 | 6), rows[i].fresh);
	}
}

/* Each length of IND: what the AuC counts is what the card accepts, once, and stores. */
static void test_ind_bits(void)
{
	for (unsigned bits = 0; bits <= SQN_IND_BITS_MAX; bits++) {
		struct sqn_array a = SQN_ARRAY_NEW, back;
		uint8_t stored[SQN_STORED_MAX];
		struct wbuf w = wbuf_init(stored, sizeof(stored));
		uint64_t sqn = 0, before = 0;

		a.ind_bits = bits;
		for (unsigned i = 0; i < 600; i++) {
			before = sqn;
			ASSERT_ERR(sqn_next(sqn, bits, &sqn), ERR_OK);
			CU_ASSERT_EQUAL(sqn_seq(sqn, bits), sqn_seq(before, bits) + 1);
			CU_ASSERT_TRUE(sqn_fresh(&a, sqn));
			sqn_accept(&a, sqn);
			CU_ASSERT_FALSE(sqn_fresh(&a, sqn));
			/* the SEQ before with the next IND, which has an older one from 2 bits on
			 */
			CU_ASSERT_EQUAL(sqn_fresh(&a, (sqn_seq(sqn, bits) - 1) << bits |
							      sqn_ind(sqn + 1, bits)),
					bits >= 2 && i > 0);
		}
		sqn_save(&a, &w);
		ASSERT_ERR(wbuf_done(&w), ERR_OK);
		CU_ASSERT_EQUAL(w.len, 3 + ((1u << bits) + 3) * 6);
		ASSERT_ERR(sqn_load(wbuf_slice(&w), &back), ERR_OK);
		CU_ASSERT_EQUAL(memcmp(&a, &back, sizeof(a)), 0);
		for (size_t n = 0; n < w.len && n < 35 * 6; n++) /* older cards wrote as much */
			CU_ASSERT_NOT_EQUAL(sqn_load(slice_make(stored, n), &back), ERR_OK);
	}
	CU_ASSERT_EQUAL(sqn_next(0, SQN_IND_BITS_MAX + 1, &(uint64_t){0}), ERR_VALUE);
}

/* The HE after AUTS, of osmo-auc-gen: the SEQ after the card's, whatever the length of IND */
static void test_he_after_auts(void)
{
	json_t *file = test_vectors("sqn_auts"), *v;
	size_t i, done = 0;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct cursor sqn_ms = cursor_of(test_hex(v, "sqn_ms")), next;
		unsigned bits = (unsigned)json_integer_value(json_object_get(v, "ind_bits"));
		struct sqn_refusal r = {.ind_bits = bits};
		struct sqn_array card = SQN_ARRAY_NEW;
		uint64_t last = 0, got = 0, want;

		if (!json_object_get(v, "next_sqn"))
			continue;
		next = cursor_of(test_hex(v, "next_sqn"));
		want = cursor_uint(&next, 6);
		r.sqn_ms = cursor_uint(&sqn_ms, 6);
		card.ind_bits = bits;
		sqn_accept_all(&card, r.sqn_ms);
		ASSERT_ERR(sqn_resync(&r, &last), ERR_OK);
		ASSERT_ERR(sqn_next(last, bits, &got), ERR_OK);
		CU_ASSERT_EQUAL(sqn_seq(got, bits), sqn_seq(want, bits));
		CU_ASSERT(sqn_fresh(&card, got) && sqn_fresh(&card, want));
		done++;
	}
	CU_ASSERT(done >= 5);
	json_decref(file);
}

/* What cards of before wrote: 32 SEQ, SQN_MS, delta and age, where 0 was the default. */
static void test_sqn_of_old(void)
{
	uint8_t stored[35 * 6] = {[31 * 6 + 5] = 7, [32 * 6 + 5] = 7 << 5 | 31};
	struct sqn_array a;

	ASSERT_ERR(sqn_load(SLICE_OF(stored), &a), ERR_OK);
	CU_ASSERT_EQUAL(a.ind_bits, 5);
	CU_ASSERT_EQUAL(a.seq[31], 7);
	CU_ASSERT_EQUAL(a.highest, 7 << 5 | 31);
	CU_ASSERT(a.has_delta && a.delta == SQN_DELTA && !a.has_age);
	stored[33 * 6 + 5] = 9;
	stored[34 * 6 + 5] = 3;
	ASSERT_ERR(sqn_load(SLICE_OF(stored), &a), ERR_OK);
	CU_ASSERT(a.has_delta && a.delta == 9 && a.has_age && a.age == 3);
}

/* TS 33.102 6.3.5, docs/adr/0014: where the AuC counts on after a genuine AUTS */
static void test_resync_rule(void)
{
	enum { B = 5 };
	const uint64_t far = UINT64_C(0x123456789a40), end = SQN_MAX;
	const struct {
		uint64_t last, refused, sqn_ms, counts_on;
		enum err e;
	} rows[] = {
		{0x21, 0x21, 5000 << B | 3, 5000 << B | 3, ERR_OK}, /* the card is ahead */
		{far, far, 0, 0, ERR_OK},			    /* the AuC is, too far */
		{9 << B, 9 << B, 7 << B, 7 << B,
		 ERR_OK}, /* less than 2^28 too far: its own limit */
		{90 << B, 9 << B, 10 << B, 90 << B, ERR_OK}, /* an old one: what is next is good */
		{far, 0x21, 0x42, 0x42, ERR_OK},	     /* what is next would be too far */
		{0x21, 0x21, end, 0, ERR_SYNC},		     /* the card is at the end */
		{end, end, 0x42, 0x42, ERR_OK},		     /* the AuC is */
		{end, 0x21, end - (1 << B), end - (1 << B), ERR_OK},
		{0x21, 0x21, end - (1 << B), end - (1 << B), ERR_OK}, /* one is left */
		{0, 0, SQN_MAX + 1, 0, ERR_SYNC},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sqn_refusal r = {.last = rows[i].last,
					.refused = rows[i].refused,
					.sqn_ms = rows[i].sqn_ms,
					.ind_bits = B};
		uint64_t last = 0;

		ASSERT_ERR(sqn_resync(&r, &last), rows[i].e);
		CU_ASSERT_EQUAL(last, rows[i].counts_on);
	}
}

static void test_key_rules(void)
{
	struct slice sixteen = test_unhex("000102030405060708090a0b0c0d0e0f");
	struct aka_key *key = NULL;

	ASSERT_ERR(aka_key_new(AKA_MILENAGE, slice_sub(sixteen, 0, 15), sixteen, &key), ERR_KEY);
	ASSERT_ERR(aka_key_new(AKA_MILENAGE, sixteen, SLICE_EMPTY, &key), ERR_KEY);
	ASSERT_ERR(aka_key_new(AKA_TUAK, sixteen, sixteen, &key), ERR_KEY);
	CU_ASSERT_PTR_NULL(key);
}

TEST_SUITE(aka, {"MILENAGE vectors", test_milenage}, {"vectors of the AuC", test_auc_vectors},
	   {"GSM conversions", test_gsm}, {"AUTS", test_auts},
	   {"SQN scenarios", test_sqn_scenarios}, {"SQN never goes back", test_sqn_property},
	   {"SQN limits at their edges", test_sqn_limits}, {"IND of 0 to 8 bits", test_ind_bits},
	   {"the AuC after AUTS", test_he_after_auts},
	   {"stored SQN of older cards", test_sqn_of_old},
	   {"where the AuC counts on", test_resync_rule}, {"key rules", test_key_rules})
