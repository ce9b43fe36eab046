#include "tests/unit/test.h"

#include <string.h>

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
	enum err e = aka_usim_authenticate(key, sqn, test_hex(step, "rand").ptr,
					   test_hex(step, "autn").ptr, &r, auts);

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
		struct sqn_array sqn = {0};

		sqn.delta = (uint64_t)json_integer_value(json_object_get(v, "delta"));
		ASSERT_ERR(aka_key_new(AKA_MILENAGE, test_hex(v, "k"), test_hex(v, "opc"), &key),
			   ERR_OK);
		json_array_foreach(json_object_get(v, "steps"), n, step)
		{
			uint8_t stored[SQN_STORED_LEN];

			run_step(key, &sqn, step);
			sqn_save(&sqn, stored); /* the stored form keeps all of it */
			memset(&sqn, 0xEE, sizeof(sqn));
			ASSERT_ERR(sqn_load(SLICE_OF(stored), &sqn), ERR_OK);
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
	struct sqn_array a = {0};
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
		ASSERT_ERR(sqn_next(last, &sqn), ERR_OK);
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
	ASSERT_ERR(sqn_next(SQN_MAX, &last), ERR_VALUE);
	CU_ASSERT_FALSE(sqn_fresh(&a, SQN_MAX + 1));
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
	   {"key rules", test_key_rules})
