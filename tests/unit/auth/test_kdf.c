/* The keys of EPS, 5G and EAP, and the conversions to and from GSM: every vector of every type */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/auth/aka.h"
#include "lib/auth/gsm.h"
#include "lib/auth/kdf/eap.h"
#include "lib/auth/kdf/fips186.h"
#include "lib/auth/kdf/nr.h"
#include "lib/base/secret.h"

static struct slice words(const json_t *v, const char *key)
{
	const char *s = json_string_value(json_object_get(v, key));

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return slice_str(s);
}

static uint32_t number(const json_t *v, const char *key)
{
	CU_ASSERT_FATAL(json_is_integer(json_object_get(v, key)));
	return (uint32_t)json_integer_value(json_object_get(v, key));
}

static void same(const json_t *v, const char *key, struct slice got)
{
	struct slice want = test_hex(v, key);

	CU_ASSERT_FATAL(want.len == got.len);
	ASSERT_OCTETS(got, want, key);
}

static bool has(const json_t *v, const char *key)
{
	return json_object_get(v, key) != NULL;
}

static void take(const json_t *v, const char *key, uint8_t *out, size_t n)
{
	ASSERT_ERR(slice_copy(test_hex(v, key), out, n), ERR_OK);
}

static struct kdf_pair pair_of(const json_t *v)
{
	struct kdf_pair p = {{0}, {0}};

	take(v, "ck", p.ck, sizeof(p.ck));
	take(v, "ik", p.ik, sizeof(p.ik));
	return p;
}

static void run_kasme(const json_t *v)
{
	struct kdf_pair p = pair_of(v);
	uint8_t sqn[6], ak[6], kasme[KDF_LEN];

	take(v, "sqn", sqn, sizeof(sqn));
	take(v, "ak", ak, sizeof(ak));
	for (size_t i = 0; i < sizeof(sqn); i++)
		sqn[i] ^= ak[i];
	ASSERT_ERR(eps_kasme(&p, test_hex(v, "plmn").ptr, sqn, kasme), ERR_OK);
	same(v, "kasme", SLICE_OF(kasme));
}

static void run_kenb(const json_t *v)
{
	uint8_t out[KDF_LEN];

	ASSERT_ERR(eps_kenb(test_hex(v, "kasme").ptr, number(v, "nas_ul_count"), out), ERR_OK);
	same(v, "k_enb", SLICE_OF(out));
}

static void run_nh(const json_t *v)
{
	uint8_t out[KDF_LEN];

	ASSERT_ERR(eps_nh(test_hex(v, "kasme").ptr, test_hex(v, "sync_input").ptr, out), ERR_OK);
	same(v, "nh", SLICE_OF(out));
}

static void run_nas(const json_t *v)
{
	uint8_t out[KDF_LEN];
	const uint8_t *kasme = test_hex(v, "kasme").ptr;

	ASSERT_ERR(eps_key(kasme, KDF_USE_NAS_ENC, (uint8_t)number(v, "enc_alg"), out), ERR_OK);
	same(v, "k_nas_enc", SLICE_OF(out));
	ASSERT_ERR(eps_key(kasme, KDF_USE_NAS_INT, (uint8_t)number(v, "int_alg"), out), ERR_OK);
	same(v, "k_nas_int", SLICE_OF(out));
}

static void run_nas_5g(const json_t *v)
{
	uint8_t out[KDF_LEN];
	const uint8_t *kamf = test_hex(v, "k_amf").ptr;

	ASSERT_ERR(nr_key(kamf, KDF_USE_NAS_ENC, (uint8_t)number(v, "enc_alg"), out), ERR_OK);
	same(v, "k_nas_enc", SLICE_OF(out));
	ASSERT_ERR(nr_key(kamf, KDF_USE_NAS_INT, (uint8_t)number(v, "int_alg"), out), ERR_OK);
	same(v, "k_nas_int", SLICE_OF(out));
}

static void run_kgnb(const json_t *v)
{
	enum nr_access access =
		has(v, "access_type") ? (enum nr_access)number(v, "access_type") : NR_ACCESS_3GPP;
	uint8_t out[KDF_LEN];

	ASSERT_ERR(nr_kgnb(test_hex(v, "k_amf").ptr, number(v, "nas_ul_count"), access, out),
		   ERR_OK);
	same(v, "k_gnb", SLICE_OF(out));
}

static void check_res_star(const json_t *v, const struct kdf_pair *p)
{
	uint8_t star[NR_RES_STAR_LEN], hashed[NR_RES_STAR_LEN];

	ASSERT_ERR(nr_res_star(p, words(v, "snn"), test_hex(v, "rand"), test_hex(v, "res"), star),
		   ERR_OK);
	same(v, "res_star", SLICE_OF(star));
	ASSERT_ERR(nr_hres_star(test_hex(v, "rand").ptr, star, hashed), ERR_OK);
	same(v, "hres_star", SLICE_OF(hashed));
}

static void run_res_star(const json_t *v)
{
	struct kdf_pair p = pair_of(v);

	check_res_star(v, &p);
}

static void run_kausf(const json_t *v)
{
	struct kdf_pair p = pair_of(v);
	uint8_t out[KDF_LEN];

	ASSERT_ERR(nr_kausf(&p, words(v, "snn"), test_hex(v, "sqn_xor_ak").ptr, out), ERR_OK);
	same(v, "k_ausf", SLICE_OF(out));
}

static void run_kseaf(const json_t *v)
{
	uint8_t out[KDF_LEN];

	ASSERT_ERR(nr_kseaf(test_hex(v, "k_ausf").ptr, words(v, "snn"), out), ERR_OK);
	same(v, "k_seaf", SLICE_OF(out));
}

static void run_kamf(const json_t *v)
{
	uint8_t out[KDF_LEN];

	ASSERT_ERR(nr_kamf(test_hex(v, "k_seaf").ptr, words(v, "supi"), test_hex(v, "abba"), out),
		   ERR_OK);
	same(v, "k_amf", SLICE_OF(out));
}

static void run_chain(const json_t *v)
{
	run_res_star(v);
	run_kausf(v);
	run_kseaf(v);
	run_kamf(v);
	run_kgnb(v);
}

/* From K on: what the card's and the AuC's algorithm gives is what the keys are made of. */
static void run_chain_of_k(const json_t *v)
{
	const uint8_t *autn = test_hex(v, "autn").ptr;
	const struct aka_challenge c = {test_hex(v, "rand").ptr, autn};
	struct aka_key *key = NULL;
	struct aka_insight i;
	struct kdf_pair p;
	uint8_t out[KDF_LEN];

	ASSERT_ERR(aka_key_new(AKA_MILENAGE, test_hex(v, "k"), test_hex(v, "opc"), &key), ERR_OK);
	ASSERT_ERR(aka_examine(key, &c, &i), ERR_OK);
	CU_ASSERT_TRUE(i.mac_right);
	same(v, "res", slice_make(i.result.res, i.result.res_len));
	memcpy(p.ck, i.result.ck, sizeof(p.ck));
	memcpy(p.ik, i.result.ik, sizeof(p.ik));
	ASSERT_ERR(eps_kasme(&p, test_hex(v, "plmn").ptr, autn, out), ERR_OK);
	same(v, "kasme", SLICE_OF(out));
	check_res_star(v, &p);
	ASSERT_ERR(nr_kausf(&p, words(v, "snn"), autn, out), ERR_OK);
	same(v, "k_ausf", SLICE_OF(out));
	run_kseaf(v);
	run_kamf(v);
	aka_key_free(&key);
}

static void check_session(const json_t *v, const struct eap_session *s)
{
	same(v, "msk", SLICE_OF(s->msk));
	same(v, "emsk", SLICE_OF(s->emsk));
}

static void check_keys(const json_t *v, const struct eap_keys *k)
{
	if (has(v, "mk"))
		same(v, "mk", SLICE_OF(k->mk));
	same(v, "k_encr", SLICE_OF(k->k_encr));
	same(v, "k_aut", slice_make(k->k_aut, k->k_aut_len));
	if (has(v, "k_re"))
		same(v, "k_re", SLICE_OF(k->k_re));
	check_session(v, &k->session);
}

static void run_eap_sim(const json_t *v)
{
	struct cursor selected = cursor_of(test_hex(v, "selected_version"));
	const struct eap_sim in = {.identity = words(v, "identity"),
				   .kc = test_hex(v, "kc"),
				   .nonce_mt = test_hex(v, "nonce_mt"),
				   .versions = test_hex(v, "version_list"),
				   .selected = (uint16_t)cursor_uint(&selected, 2)};
	struct eap_keys keys;

	ASSERT_ERR(eap_sim_keys(&in, &keys), ERR_OK);
	check_keys(v, &keys);
}

static void run_eap_aka(const json_t *v)
{
	struct kdf_pair p = pair_of(v);
	struct eap_keys keys;

	ASSERT_ERR(eap_aka_keys(words(v, "identity"), &p, &keys), ERR_OK);
	check_keys(v, &keys);
}

static void run_eap_aka_prime(const json_t *v)
{
	struct kdf_pair p = pair_of(v), prime;
	struct eap_keys keys;

	ASSERT_ERR(kdf_prime(&p, words(v, "network_name"), test_hex(v, "autn").ptr, &prime),
		   ERR_OK);
	same(v, "ck_prime", SLICE_OF(prime.ck));
	same(v, "ik_prime", SLICE_OF(prime.ik));
	ASSERT_ERR(eap_aka_prime_keys(words(v, "identity"), &prime, &keys), ERR_OK);
	check_keys(v, &keys);
}

static struct eap_again again_of(const json_t *v)
{
	return (struct eap_again){.identity = words(v, "identity"),
				  .counter = (uint16_t)number(v, "counter"),
				  .nonce_s = test_hex(v, "nonce_s")};
}

static void run_eap_again(const json_t *v)
{
	const struct eap_again in = again_of(v);
	struct eap_session s;
	uint8_t xkey[EAP_MK_LEN];

	ASSERT_ERR(eap_again_keys(&in, test_hex(v, "mk").ptr, xkey, &s), ERR_OK);
	same(v, "xkey", SLICE_OF(xkey));
	check_session(v, &s);
}

static void run_eap_aka_prime_again(const json_t *v)
{
	const struct eap_again in = again_of(v);
	struct eap_session s;

	ASSERT_ERR(eap_aka_prime_again_keys(&in, test_hex(v, "k_re").ptr, &s), ERR_OK);
	check_session(v, &s);
}

/* The first one that the vector's type begins with. */
static const struct type {
	const char *begins;
	void (*run)(const json_t *v);
} types[] = {
	{"4G KASME and 5G chain from K", run_chain_of_k},
	{"5G chain KAUSF..KGNB", run_chain},
	{"KASME", run_kasme},
	{"KENB", run_kenb},
	{"NH", run_nh},
	{"KNAS (TS 33.401", run_nas},
	{"KNAS 5G", run_nas_5g},
	{"KGNB", run_kgnb},
	{"RES*", run_res_star},
	{"KAUSF", run_kausf},
	{"KSEAF", run_kseaf},
	{"KAMF", run_kamf},
	{"EAP-SIM full", run_eap_sim},
	{"EAP-SIM fast", run_eap_again},
	{"EAP-AKA (MK", run_eap_aka},
	{"EAP-AKA' (CK',IK',MK)", run_eap_aka_prime},
	{"EAP-AKA' fast", run_eap_aka_prime_again},
};
static unsigned ran[ARRAY_LEN(types)];

static void run(const json_t *v)
{
	const char *type = json_string_value(json_object_get(v, "type"));
	size_t i = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(type);
	while (i < ARRAY_LEN(types) && strncmp(type, types[i].begins, strlen(types[i].begins)) != 0)
		i++;
	if (i == ARRAY_LEN(types)) {
		fprintf(stderr, "\nno test for vectors of the type '%s'\n", type);
		CU_FAIL("a type of vector that nobody tests");
		return;
	}
	ran[i]++;
	types[i].run(v);
}

static void test_vectors_of_all(void)
{
	static const struct {
		const char *name;
		size_t count;
	} files[] = {{"kdf_4g5g", 29}, {"eap_keys", 13}};

	memset(ran, 0, sizeof(ran));
	for (size_t f = 0; f < ARRAY_LEN(files); f++) {
		json_t *file = test_vectors(files[f].name), *v;
		size_t i;

		json_array_foreach(json_object_get(file, "vectors"), i, v) run(v);
		CU_ASSERT_EQUAL(i, files[f].count);
		json_decref(file);
	}
	for (size_t i = 0; i < ARRAY_LEN(ran); i++)
		CU_ASSERT(ran[i] > 0);
}

static void test_gsm(void)
{
	json_t *file = test_vectors("gsm_conversions"), *v;
	size_t i;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		const uint8_t *kc = test_hex(v, "kc_c3").ptr;
		struct kdf_pair p = pair_of(v);
		uint8_t out[16], back[8];

		ASSERT_ERR(gsm_kc128(p.ck, p.ik, out), ERR_OK);
		same(v, "kc128", SLICE_OF(out));
		gsm_c4_ck(kc, p.ck);
		same(v, "ck_c4", SLICE_OF(p.ck));
		gsm_c5_ik(kc, p.ik);
		same(v, "ik_c5", SLICE_OF(p.ik));
		gsm_c3_kc(p.ck, p.ik, back); /* TS 33.102 6.8.2.3: c3 takes them back */
		same(v, "kc_c3", SLICE_OF(back));
	}
	CU_ASSERT_EQUAL(i, 12);
	json_decref(file);
}

/* What the standards do not have is refused, and nothing is given. */
static void test_lengths(void)
{
	static const uint8_t zeros[UINT16_MAX + 1];
	const struct slice long_one = SLICE_OF(zeros), none[KDF_PARAMETERS_MAX + 1] = {{0}};
	struct eap_sim sim = {.identity = slice_str("1"),
			      .kc = {zeros, 16},
			      .nonce_mt = {zeros, 16},
			      .versions = {zeros, 2}};
	struct eap_again again = {.nonce_s = {zeros, 15}};
	struct eap_keys keys;
	uint8_t out[KDF_LEN] = {7};

	ASSERT_ERR(kdf_derive(SLICE_EMPTY, KDF_FC_KASME, &long_one, 1, out), ERR_LENGTH);
	ASSERT_ERR(kdf_derive(SLICE_EMPTY, KDF_FC_KASME, none, ARRAY_LEN(none), out), ERR_LENGTH);
	CU_ASSERT_EQUAL(out[0], 7);
	ASSERT_ERR(eap_sim_keys(&sim, &keys), ERR_OK);
	for (size_t n = 0; n <= 33; n++) {
		sim.kc.len = n;
		ASSERT_ERR(eap_sim_keys(&sim, &keys), n == 16 || n == 24 ? ERR_OK : ERR_LENGTH);
	}
	sim.kc.len = 16;
	sim.versions.len = 3;
	ASSERT_ERR(eap_sim_keys(&sim, &keys), ERR_LENGTH);
	ASSERT_ERR(eap_again_keys(&again, zeros, NULL, &keys.session), ERR_LENGTH);
	ASSERT_ERR(eap_aka_prime_again_keys(&again, zeros, &keys.session), ERR_LENGTH);
	secret_wipe(&keys, sizeof(keys));
}

TEST_SUITE(kdf, {"vectors of EPS, 5G and EAP", test_vectors_of_all}, {"c4, c5, Kc128", test_gsm},
	   {"lengths that there are not", test_lengths})
