/* SUCI, Keccak, TUAK, XOR, the GSM functions, and MILENAGE by constants of its own */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "lib/auth/aka.h"
#include "lib/auth/keccak.h"
#include "lib/auth/milenage.h"
#include "lib/auth/suci.h"
#include "lib/auth/tuak.h"
#include "lib/auth/xor.h"

static size_t number(const json_t *v, const char *key)
{
	return (size_t)json_integer_value(json_object_get(v, key));
}

static void check(const json_t *v, const char *key, const uint8_t *got)
{
	struct slice want = test_hex(v, key);

	ASSERT_OCTETS(slice_make(got, want.len), want, key);
}

static void test_keccak(void)
{
	json_t *file = test_vectors("keccak_f1600"), *v;
	size_t i;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		uint8_t state[KECCAK_LEN];

		ASSERT_ERR(slice_copy(test_hex(v, "input"), state, sizeof(state)), ERR_OK);
		keccak_f1600(state);
		ASSERT_OCTETS(SLICE_OF(state), test_hex(v, "output"), "Keccak-f[1600]");
	}
	CU_ASSERT_EQUAL(i, 6);
	json_decref(file);
}

static struct tuak tuak_of(const json_t *v)
{
	struct slice k = test_hex(v, "k"), topc = test_hex(v, "topc");
	struct tuak t = {.k_len = k.len,
			 .mac_len = test_hex(v, "f1").len,
			 .res_len = test_hex(v, "f2").len,
			 .ck_len = test_hex(v, "f3").len,
			 .ik_len = test_hex(v, "f4").len,
			 .iterations = (unsigned)number(v, "keccak_iterations")};

	ASSERT_ERR(slice_copy(k, t.k, k.len), ERR_OK);
	ASSERT_ERR(slice_copy(topc, t.topc, sizeof(t.topc)), ERR_OK);
	return t;
}

static void test_tuak(void)
{
	json_t *file = test_vectors("tuak"), *v;
	size_t i;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct tuak t = tuak_of(v);
		struct tuak_output out;
		uint8_t topc[TUAK_TOPC_LEN];

		ASSERT_ERR(tuak_check(&t), ERR_OK);
		tuak_topc(&t, test_hex(v, "top").ptr, topc);
		ASSERT_OCTETS(SLICE_OF(topc), test_hex(v, "topc"), "TOPc");
		tuak_f1(&t, test_hex(v, "rand").ptr, test_hex(v, "sqn").ptr, test_hex(v, "amf").ptr,
			&out);
		tuak_f2345(&t, test_hex(v, "rand").ptr, &out);
		check(v, "f1", out.mac_a);
		check(v, "f1star", out.mac_s);
		check(v, "f2", out.res);
		check(v, "f3", out.ck);
		check(v, "f4", out.ik);
		check(v, "f5", out.ak);
		check(v, "f5star", out.ak_star);
	}
	CU_ASSERT_EQUAL(i, 16);
	json_decref(file);
}

static void check_xor_gsm(const json_t *v)
{
	uint8_t sres[4], kc[8];

	xor_gsm(test_hex(v, "k").ptr, test_hex(v, "rand").ptr, sres, kc);
	check(v, "sres", sres);
	check(v, "kc", kc);
}

static void check_xor(const json_t *v)
{
	struct slice rand = test_hex(v, "rand");
	struct aka_parameters p = {.algorithm = AKA_XOR, .k = test_hex(v, "k")};
	struct cursor sqn = cursor_of(test_hex(v, "sqn"));
	struct aka_key *key = NULL;
	struct aka_vector vector;

	p.res_len = test_hex(v, "res").len;
	ASSERT_ERR(aka_key_make(&p, &key), ERR_OK);
	ASSERT_ERR(aka_auc_vector(key, rand.ptr, cursor_uint(&sqn, 6), test_hex(v, "amf").ptr,
				  &vector),
		   ERR_OK);
	CU_ASSERT_EQUAL(vector.expected.res_len, p.res_len);
	check(v, "autn", vector.autn);
	check(v, "res", vector.expected.res);
	check(v, "ck", vector.expected.ck);
	check(v, "ik", vector.expected.ik);
	aka_key_free(&key);
}

static void test_xor(void)
{
	json_t *file = test_vectors("xor_ts34108"), *v;
	size_t i, done = 0;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		if (json_object_get(v, "autn")) {
			check_xor(v);
			done++;
		} else {
			check_xor_gsm(v);
		}
	}
	CU_ASSERT_EQUAL(i, 10);
	CU_ASSERT_EQUAL(done, 8);
	json_decref(file);
}

static void test_constants(void)
{
	json_t *file = test_vectors("milenage_constants"), *v;
	size_t i;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct milenage *m = milenage_new();
		struct milenage_output out, parts;
		const uint8_t *rand = test_hex(v, "rand").ptr, *sqn = test_hex(v, "sqn").ptr;
		const uint8_t *amf = test_hex(v, "amf").ptr;

		CU_ASSERT_PTR_NOT_NULL_FATAL(m);
		ASSERT_ERR(milenage_set_constants(m, test_hex(v, "r"), test_hex(v, "c")), ERR_OK);
		ASSERT_ERR(milenage_set_key(m, test_hex(v, "k").ptr, test_hex(v, "opc").ptr),
			   ERR_OK);
		ASSERT_ERR(milenage_all(m, rand, sqn, amf, &out), ERR_OK);
		check(v, "f1", out.mac_a);
		check(v, "f1star", out.mac_s);
		check(v, "f2", out.res);
		check(v, "f3", out.ck);
		check(v, "f4", out.ik);
		check(v, "f5", out.ak);
		check(v, "f5star", out.ak_star);
		ASSERT_ERR(milenage_f1(m, rand, sqn, amf, &parts), ERR_OK);
		ASSERT_ERR(milenage_f2345(m, rand, &parts), ERR_OK);
		check(v, "f1", parts.mac_a);
		check(v, "f4", parts.ik);
		milenage_free(&m);
	}
	CU_ASSERT_EQUAL(i, 6);
	json_decref(file);
}

static void test_bad_constants(void)
{
	struct milenage *m = milenage_new();
	struct slice zeros = test_unhex("00000000000000000000000000000000");
	uint8_t alike[80] = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	ASSERT_ERR(milenage_set_constants(m, test_unhex("40002040"), SLICE_EMPTY), ERR_KEY);
	ASSERT_ERR(milenage_set_constants(m, test_unhex("8000204060"), SLICE_EMPTY), ERR_KEY);
	ASSERT_ERR(milenage_set_constants(m, SLICE_EMPTY, zeros), ERR_KEY);
	/* c1 to c5 all zero differ by r1 to r5 alone; with two r alike they don't */
	ASSERT_ERR(milenage_set_constants(m, SLICE_EMPTY, SLICE_OF(alike)), ERR_KEY);
	ASSERT_ERR(milenage_set_constants(m, test_unhex("0001020304"), SLICE_OF(alike)), ERR_OK);
	milenage_free(&m);
}

/* RES, the MACs and the resynchronisation of all algorithms fit each other, card and AuC. */
static void test_both_sides(void)
{
	static const uint8_t amf[2] = {0x80, 0}, rand[16] = {7}, ask[2] = {0xFF, 0xFF};
	static const uint8_t k[32] = {1, 2, 3}, topc[32] = {4, 5, 6};
	const struct aka_parameters all[] = {
		{.algorithm = AKA_MILENAGE, .k = {k, 16}, .opc = {topc, 16}},
		{.algorithm = AKA_TUAK, .k = {k, 16}, .opc = {topc, 32}, .res_len = 16},
		{.algorithm = AKA_TUAK, .k = {k, 32}, .opc = {topc, 32}, .iterations = 2},
		{.algorithm = AKA_XOR, .k = {k, 16}, .res_len = 4},
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		bool xor = all[i].algorithm == AKA_XOR;
		struct aka_key *key = NULL;
		struct sqn_array sqn = SQN_ARRAY_NEW;
		struct aka_vector v;
		struct aka_result r;
		uint8_t auts[AKA_AUTS_LEN];
		uint64_t sqn_ms = 0;

		ASSERT_ERR(aka_key_make(&all[i], &key), ERR_OK);
		ASSERT_ERR(aka_auc_vector(key, rand, 77, amf, &v), ERR_OK);
		ASSERT_ERR(aka_usim_authenticate(key, &sqn, &(struct aka_challenge){v.rand, v.autn},
						 &r, auts),
			   ERR_OK);
		ASSERT_OCTETS(slice_make(r.res, r.res_len),
			      slice_make(v.expected.res, v.expected.res_len), "RES");
		ASSERT_OCTETS(SLICE_OF(r.ck), SLICE_OF(v.expected.ck), "CK");
		v.autn[15] ^= 1;
		ASSERT_ERR(aka_usim_authenticate(key, &sqn, &(struct aka_challenge){v.rand, v.autn},
						 &r, auts),
			   ERR_MAC);
		ASSERT_ERR(aka_auc_vector(key, rand, 77, xor? ask : amf, &v), ERR_OK);
		ASSERT_ERR(aka_usim_authenticate(key, &sqn, &(struct aka_challenge){v.rand, v.autn},
						 &r, auts),
			   ERR_SYNC);
		ASSERT_ERR(aka_auc_resync(key, rand, auts, &sqn_ms), ERR_OK);
		CU_ASSERT_EQUAL(sqn_ms, 77);
		auts[0] ^= 1;
		ASSERT_ERR(aka_auc_resync(key, rand, auts, &sqn_ms), ERR_MAC);
		aka_key_free(&key);
	}
}

static void test_tuak_auts(void)
{
	json_t *file = test_vectors("sqn_auts"), *v;
	size_t i, done = 0;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		struct aka_parameters p = {.algorithm = AKA_TUAK};
		struct aka_key *key = NULL;
		struct cursor want;
		uint64_t sqn_ms = 0;

		if (!json_object_get(v, "topc"))
			continue;
		p.k = test_hex(v, "k");
		p.opc = test_hex(v, "topc");
		p.iterations = (unsigned)number(v, "keccak_iterations");
		want = cursor_of(test_hex(v, "sqn_ms"));
		ASSERT_ERR(aka_key_make(&p, &key), ERR_OK);
		ASSERT_ERR(aka_auc_resync(key, test_hex(v, "rand").ptr, test_hex(v, "auts").ptr,
					  &sqn_ms),
			   ERR_OK);
		CU_ASSERT_EQUAL(sqn_ms, cursor_uint(&want, 6));
		aka_key_free(&key);
		done++;
	}
	CU_ASSERT(done >= 2);
	json_decref(file);
}

static void test_limits(void)
{
	struct slice k = test_unhex("000102030405060708090a0b0c0d0e0f");
	struct slice two = test_unhex("000102030405060708090a0b0c0d0e0f"
				      "101112131415161718191a1b1c1d1e1f");
	struct aka_parameters p = {.algorithm = AKA_TUAK, .k = k, .opc = two, .res_len = 32};
	struct aka_key *key = NULL;

	ASSERT_ERR(aka_key_make(&p, &key), ERR_UNSUPPORTED);
	p.res_len = 5;
	ASSERT_ERR(aka_key_make(&p, &key), ERR_KEY);
	p.res_len = 8;
	p.iterations = 256;
	ASSERT_ERR(aka_key_make(&p, &key), ERR_KEY);
	p = (struct aka_parameters){.algorithm = AKA_XOR, .k = two};
	ASSERT_ERR(aka_key_make(&p, &key), ERR_KEY);
	p = (struct aka_parameters){.algorithm = AKA_XOR, .k = k, .res_len = 3};
	ASSERT_ERR(aka_key_make(&p, &key), ERR_UNSUPPORTED);
	p = (struct aka_parameters){.algorithm = 4, .k = k};
	ASSERT_ERR(aka_key_make(&p, &key), ERR_UNSUPPORTED);
	CU_ASSERT_PTR_NULL(key);
}

/* TS 33.501 C.4 and computed cases: the ephemeral key is given. */
static void test_suci(void)
{
	json_t *file = test_vectors("suci_ecies"), *v;
	size_t i, done = 0;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		const char *profile = json_string_value(json_object_get(v, "profile"));
		struct wbuf out = wbuf_grow(SUCI_OUTPUT_MAX);
		enum suci_scheme scheme =
			profile && *profile == 'A' ? SUCI_PROFILE_A : SUCI_PROFILE_B;

		if (profile && json_object_get(v, "scheme_output")) {
			ASSERT_ERR(suci_conceal(scheme, test_hex(v, "hn_pub"),
						test_hex(v, "eph_priv"),
						test_hex(v, "scheme_input"), &out),
				   ERR_OK);
			ASSERT_OCTETS(wbuf_slice(&out), test_hex(v, "scheme_output"), "SUCI");
			done++;
		}
		wbuf_free(&out);
	}
	CU_ASSERT(done >= 4);
	json_decref(file);
}

static void test_suci_refused(void)
{
	struct wbuf out = wbuf_grow(SUCI_OUTPUT_MAX);
	uint8_t zeros[65] = {0};

	for (size_t n = 0; n <= sizeof(zeros); n++) {
		ASSERT_ERR(suci_conceal(SUCI_PROFILE_A, slice_make(zeros, n), SLICE_EMPTY,
					test_unhex("01"), &out),
			   ERR_POINT);
		ASSERT_ERR(suci_conceal(SUCI_PROFILE_B, slice_make(zeros, n), SLICE_EMPTY,
					test_unhex("01"), &out),
			   ERR_POINT);
	}
	ASSERT_ERR(suci_conceal(3, SLICE_EMPTY, SLICE_EMPTY, test_unhex("01"), &out),
		   ERR_UNSUPPORTED);
	CU_ASSERT_EQUAL(out.len, 0);
	wbuf_free(&out);
}

TEST_SUITE(algorithms, {"SUCI vectors", test_suci}, {"SUCI, keys that are none", test_suci_refused},
	   {"Keccak vectors", test_keccak}, {"TUAK vectors", test_tuak},
	   {"TUAK, resynchronisation", test_tuak_auts}, {"test algorithm vectors", test_xor},
	   {"MILENAGE with constants of one's own", test_constants},
	   {"constants that TS 35.206 forbids", test_bad_constants},
	   {"card and AuC agree", test_both_sides}, {"lengths that don't fit", test_limits})
