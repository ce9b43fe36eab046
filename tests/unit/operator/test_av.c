/* av: vectors for network elements: what each kind has, whose numbers they take, what is refused */
#include "tests/unit/test.h"

#include <string.h>

#include "host/operator/api/lab.h"
#include "host/operator/auc/auc.h"
#include "host/operator/auc/av.h"
#include "host/operator/http/route.h"
#include "host/operator/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/kdf/nr.h"
#include "lib/auth/sqn.h"
#include "lib/crypto/symmetric.h"
#include "tests/support/aka_key_of.h"

#define IMSI1	"001010000000001"
#define IMSI2	"001010000000002"
#define NETWORK "5G:mnc001.mcc001.3gppnetwork.org"
#define NOW	1796000000

static struct subscriber sub;
static const char *dir;

/* shape: of the first subscription, whose key has k_len octets */
static struct operator_store *store_of(enum aka_algorithm algorithm, size_t k_len,
				       struct aka_shape shape)
{
	struct operator_store *s = NULL;
	struct subscriber_keys keys = {.shape = {shape}};

	dir = test_dir();
	sub = (struct subscriber){.name = "A",
				  .imsi = {IMSI1, IMSI2},
				  .key_id = 1,
				  .algorithm = {algorithm, AKA_MILENAGE}};
	keys.k[0] = random_secret(k_len);
	keys.opc[0] = random_secret(algorithm == AKA_TUAK ? 32 : 16);
	keys.k[1] = random_secret(16);
	keys.opc[1] = random_secret(16);
	keys.s = random_secret(32);
	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
	CU_ASSERT_FATAL(subscriber_add(s, &sub, &keys) == ERR_OK);
	subscriber_keys_free(&keys);
	return s;
}

static struct av_ask ask_of(enum av_kind kind)
{
	return (struct av_ask){.kind = kind,
			       .node = av_node_of(kind),
			       .imsi = IMSI1,
			       .plmn = {0x00, 0xF1, 0x10},
			       .network = NETWORK,
			       .count = 1,
			       .now = NOW};
}

/* What the card that has the same key makes of it. */
static enum err card_answer(struct operator_store *s, const struct av *av, struct sqn_array *sqn,
			    struct aka_result *r)
{
	struct aka_key *key = NULL;
	uint8_t auts[AKA_AUTS_LEN];
	enum err e = aka_key_of(s, sub.id, 1, &key);

	if (!e)
		e = aka_usim_authenticate(key, sqn, &(struct aka_challenge){av->rand, av->autn}, r,
					  auts);
	aka_key_free(&key);
	return e;
}

static bool is_none(const void *octets, size_t n)
{
	return slice_is_zero(slice_make(octets, n));
}

static void check_res(const struct av *av, const struct aka_result *r)
{
	ASSERT_OCTETS(slice_make(av->res, av->res_len), slice_make(r->res, r->res_len), "XRES");
}

/* Both ends derive the same, and the vector has nothing that its kind does not need. */
static void check_av(const struct av *av, const struct aka_result *r)
{
	struct kdf_pair pair, prime;
	uint8_t key[KDF_LEN], star[NR_RES_STAR_LEN];
	const struct slice network = slice_str(NETWORK);
	bool keys = av->kind == AV_EPS || av->kind == AV_5G;

	memcpy(pair.ck, r->ck, sizeof(pair.ck));
	memcpy(pair.ik, r->ik, sizeof(pair.ik));
	CU_ASSERT_EQUAL(av->autn[6], av->kind == AV_UMTS ? 0 : 0x80);
	CU_ASSERT_EQUAL(is_none(&av->pair, sizeof(av->pair)), keys);
	CU_ASSERT_EQUAL(is_none(av->master, sizeof(av->master)), !keys);
	CU_ASSERT_EQUAL(is_none(av->kc, sizeof(av->kc)), av->kind != AV_UMTS);
	switch (av->kind) {
	case AV_UMTS:
		check_res(av, r);
		ASSERT_OCTETS(SLICE_OF(av->pair.ck), SLICE_OF(r->ck), "CK");
		ASSERT_OCTETS(SLICE_OF(av->pair.ik), SLICE_OF(r->ik), "IK");
		ASSERT_OCTETS(SLICE_OF(av->kc), SLICE_OF(r->kc), "Kc");
		break;
	case AV_EPS:
		check_res(av, r);
		ASSERT_ERR(eps_kasme(&pair, (const uint8_t[]){0x00, 0xF1, 0x10}, av->autn, key),
			   ERR_OK);
		ASSERT_OCTETS(SLICE_OF(av->master), SLICE_OF(key), "KASME");
		break;
	case AV_5G:
		ASSERT_ERR(nr_kausf(&pair, network, av->autn, key), ERR_OK);
		ASSERT_OCTETS(SLICE_OF(av->master), SLICE_OF(key), "KAUSF");
		ASSERT_ERR(nr_res_star(&pair, network, SLICE_OF(av->rand),
				       slice_make(r->res, r->res_len), star),
			   ERR_OK);
		ASSERT_OCTETS(slice_make(av->res, av->res_len), SLICE_OF(star), "XRES*");
		break;
	default:
		check_res(av, r);
		ASSERT_ERR(kdf_prime(&pair, network, av->autn, &prime), ERR_OK);
		ASSERT_OCTETS(SLICE_OF(av->pair.ck), SLICE_OF(prime.ck), "CK'");
		ASSERT_OCTETS(SLICE_OF(av->pair.ik), SLICE_OF(prime.ik), "IK'");
	}
}

static void check_gsm(struct operator_store *s)
{
	struct av_ask ask = ask_of(AV_GSM);
	struct aka_key *key = NULL;
	uint8_t sres[4], kc[8];
	struct av av;

	ask.network = NULL;
	ASSERT_ERR(av_make(s, &ask, &av), ERR_OK);
	ASSERT_ERR(aka_key_of(s, sub.id, 1, &key), ERR_OK);
	ASSERT_ERR(aka_gsm_authenticate(key, av.rand, sres, kc), ERR_OK);
	ASSERT_OCTETS(slice_make(av.res, av.res_len), SLICE_OF(sres), "SRES");
	ASSERT_OCTETS(SLICE_OF(av.kc), SLICE_OF(kc), "Kc");
	CU_ASSERT(is_none(&av.pair, sizeof(av.pair)) && is_none(av.autn, sizeof(av.autn)));
	aka_key_free(&key);
}

/* Every kind for a subscriber of every algorithm, length of key and length of RES. */
static void test_kinds(void)
{
	static const struct {
		enum aka_algorithm algorithm;
		size_t k_len;
		struct aka_shape shape;
	} rows[] = {
		{AKA_MILENAGE, 16, {0}},
		{AKA_TUAK, 16, {.res_len = 16}},
		{AKA_TUAK, 32, {.iterations = 2}},
		{AKA_TUAK, 32, {.res_len = 4, .has_ind_bits = true, .ind_bits = 0}},
		{AKA_XOR, 16, {.res_len = 16}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct operator_store *s =
			store_of(rows[i].algorithm, rows[i].k_len, rows[i].shape);
		struct sqn_array sqn = SQN_ARRAY_NEW;

		sqn.ind_bits = aka_ind_bits(&rows[i].shape);
		for (int kind = AV_UMTS; kind < AV_KIND_COUNT; kind++) {
			struct av_ask ask = ask_of((enum av_kind)kind);
			struct aka_result r;
			struct av av;

			ASSERT_ERR(av_make(s, &ask, &av), ERR_OK);
			ASSERT_ERR(card_answer(s, &av, &sqn, &r), ERR_OK);
			check_av(&av, &r);
		}
		check_gsm(s);
		operator_store_close(&s);
	}
}

/* What a card has after it took the vector. */
static uint64_t number_of(struct operator_store *s, const struct av *av, struct sqn_array *sqn)
{
	struct aka_result r;

	ASSERT_ERR(card_answer(s, av, sqn, &r), ERR_OK);
	return sqn_highest(sqn);
}

/* Two nodes' batches, used one by the other: none makes one of the other's stale. */
static void test_nodes(void)
{
	struct operator_store *s = store_of(AKA_MILENAGE, 16, (struct aka_shape){0});
	struct sqn_array sqn = SQN_ARRAY_NEW;
	struct av_ask ask = ask_of(AV_EPS);
	struct av mme[5], amf[5];

	ask.count = 5;
	ASSERT_ERR(av_make(s, &ask, mme), ERR_OK);
	ask.kind = AV_5G;
	ask.node = SQN_NODE_5G;
	ASSERT_ERR(av_make(s, &ask, amf), ERR_OK);
	for (unsigned i = 0; i < 5; i++) {
		struct sqn_range r = sqn_node_range(SQN_NODE_5G, SQN_IND_BITS);
		uint64_t n = number_of(s, &amf[i], &sqn);
		unsigned ind = sqn_ind(n, SQN_IND_BITS);

		CU_ASSERT_EQUAL(sqn_seq(n, SQN_IND_BITS), 6 + i);
		CU_ASSERT(ind >= r.first && ind < r.first + r.count);
	}
	for (unsigned i = 0; i < 5; i++)
		(void)number_of(s, &mme[i], &sqn);
	CU_ASSERT_EQUAL(sqn_seq(sqn_highest(&sqn), SQN_IND_BITS), 10);
	operator_store_close(&s);
}

static void test_refused(void)
{
	static const struct {
		enum av_kind kind;
		enum sqn_node node;
		uint8_t amf;
		enum err e;
	} amfs[] = {
		{AV_UMTS, SQN_NODE_CS, 0x80, ERR_VALUE},  {AV_UMTS, SQN_NODE_CS, 0x7F, ERR_OK},
		{AV_UMTS, SQN_NODE_IMS, 0x80, ERR_VALUE}, {AV_UMTS, SQN_NODE_WLAN, 0x80, ERR_OK},
		{AV_UMTS, SQN_NODE_WLAN, 0, ERR_OK},	  {AV_EPS, SQN_NODE_EPS, 0x80, ERR_OK},
		{AV_EPS, SQN_NODE_EPS, 0x7F, ERR_VALUE},  {AV_5G, SQN_NODE_5G, 0, ERR_VALUE},
		{AV_5G_EAP, SQN_NODE_WLAN, 0, ERR_VALUE}, {AV_5G_EAP, SQN_NODE_WLAN, 0xFF, ERR_OK},
		{AV_GSM, SQN_NODE_CS, 0, ERR_VALUE},
	};
	static const char *const names[] = {NULL,	 "",
					    "WLAN",	 "5G:mnc01.mcc001.3gppnetwork.org",
					    NETWORK "x", NETWORK ":0123456789"};
	struct operator_store *s = store_of(AKA_MILENAGE, 16, (struct aka_shape){0});
	struct av_ask ask;
	struct av av[AV_COUNT_MAX + 1];

	for (size_t i = 0; i < ARRAY_LEN(amfs); i++) {
		ask = ask_of(amfs[i].kind);
		ask.node = amfs[i].node;
		ask.has_amf = true;
		ask.amf[0] = amfs[i].amf;
		ASSERT_ERR(av_make(s, &ask, av), amfs[i].e);
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		ask = ask_of(AV_5G);
		ask.network = names[i];
		ASSERT_ERR(av_make(s, &ask, av), ERR_VALUE);
	}
	ask = ask_of(AV_EPS);
	ask.imsi = IMSI2; /* before its key is released */
	ASSERT_ERR(av_make(s, &ask, av), ERR_WRONG_STATE);
	ask.imsi = "001010000000003";
	ASSERT_ERR(av_make(s, &ask, av), ERR_NOT_FOUND);
	ask.imsi = IMSI1;
	for (unsigned n = 0; n <= AV_COUNT_MAX + 1; n++) {
		ask.count = n;
		ASSERT_ERR(av_make(s, &ask, av), n && n <= AV_COUNT_MAX ? ERR_OK : ERR_VALUE);
	}
	operator_store_close(&s);
}

static void test_network_names(void)
{
	uint8_t plmn[NETWORK_PLMN_LEN];
	char name[NETWORK_NAME_CAP], longest[NETWORK_NAME_MAX + 2];

	ASSERT_ERR(network_plmn("00101", plmn), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(plmn), test_unhex("00f110"), "an MNC of 2");
	ASSERT_ERR(network_plmn("310410", plmn), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(plmn), test_unhex("130014"), "an MNC of 3");
	ASSERT_ERR(network_name_of("20893", name), ERR_OK);
	CU_ASSERT_STRING_EQUAL(name, "5G:mnc093.mcc208.3gppnetwork.org");
	ASSERT_ERR(network_name_of("310410", name), ERR_OK);
	CU_ASSERT_STRING_EQUAL(name, "5G:mnc410.mcc310.3gppnetwork.org");
	CU_ASSERT_TRUE(network_is_5g(name));
	CU_ASSERT_TRUE(network_is_5g(NETWORK ":0123456789a"));
	for (size_t i = 0; NETWORK[i]; i++) {
		memcpy(longest, NETWORK, sizeof(NETWORK));
		longest[i] = 0;
		CU_ASSERT_FALSE(network_is_5g(longest));
	}
	ASSERT_ERR(network_plmn("0010", plmn), ERR_VALUE);
	ASSERT_ERR(network_plmn("0010123", plmn), ERR_VALUE);
	ASSERT_ERR(network_plmn("00a01", plmn), ERR_VALUE);
	ASSERT_ERR(network_name_of("", name), ERR_VALUE);
	memset(longest, 'a', sizeof(longest));
	longest[NETWORK_NAME_MAX + 1] = 0;
	CU_ASSERT_FALSE(network_is_name(longest));
	longest[NETWORK_NAME_MAX] = 0;
	CU_ASSERT_TRUE(network_is_name(longest));
	longest[3] = ' ';
	CU_ASSERT_FALSE(network_is_name(longest));
	CU_ASSERT_FALSE(network_is_name(""));
}

/* The setting counts from the next vector on, in another process after a second at the latest. */
static void test_by_clock(void)
{
	const struct operator_policy clock = {.sqn_clock = true}, count = {.sqn_clock = false};
	struct operator_store *s = store_of(AKA_MILENAGE, 16, (struct aka_shape){0}), *again = NULL;
	struct sqn_array sqn = SQN_ARRAY_NEW;
	struct av_ask ask = ask_of(AV_EPS);
	const uint64_t glc = NOW % (1 << 24);
	struct av av;

	ASSERT_ERR(operator_store_open(dir, NULL, &again), ERR_OK);
	ASSERT_ERR(av_make(again, &ask, &av), ERR_OK);
	CU_ASSERT_EQUAL(sqn_seq(number_of(s, &av, &sqn), 5), 1);
	ASSERT_ERR(operator_policy_set(s, &clock, "operator", NOW), ERR_OK);
	ASSERT_ERR(av_make(s, &ask, &av), ERR_OK);
	CU_ASSERT_EQUAL(sqn_seq(number_of(s, &av, &sqn), 5), glc);
	ask.now = NOW - 90; /* the clock is set back */
	ASSERT_ERR(av_make(s, &ask, &av), ERR_OK);
	CU_ASSERT_EQUAL(sqn_seq(number_of(s, &av, &sqn), 5), glc + 1);
	ask.now = NOW + 60;
	ASSERT_ERR(av_make(again, &ask, &av), ERR_OK);
	CU_ASSERT_EQUAL(sqn_seq(number_of(s, &av, &sqn), 5), glc + 60);
	ASSERT_ERR(operator_policy_set(s, &count, "operator", NOW), ERR_OK);
	ask.now = NOW + 9000;
	ASSERT_ERR(av_make(s, &ask, &av), ERR_OK);
	CU_ASSERT_EQUAL(sqn_seq(number_of(s, &av, &sqn), 5), glc + 61);
	operator_store_close(&again);
	operator_store_close(&s);
}

/* By the clock as by counting: after AUTS the card takes the next one, whatever its limits are. */
static void test_by_clock_auts(void)
{
	const struct operator_policy clock = {.sqn_clock = true};
	struct operator_store *s = store_of(AKA_MILENAGE, 16, (struct aka_shape){0});
	struct sqn_array sqn = SQN_ARRAY_NEW;
	struct av_ask ask = ask_of(AV_EPS);
	struct aka_key *key = NULL;
	struct aka_result r;
	struct auc_auts a;
	struct av av;

	ASSERT_ERR(operator_policy_set(s, &clock, "operator", NOW), ERR_OK);
	ASSERT_ERR(aka_key_of(s, sub.id, 1, &key), ERR_OK);
	sqn.delta = 1000; /* narrower than the standard's */
	for (unsigned i = 0; i < 3; i++) {
		ask.now += 5000;
		ASSERT_ERR(av_make(s, &ask, &av), ERR_OK);
		ASSERT_ERR(aka_usim_authenticate(key, &sqn,
						 &(struct aka_challenge){av.rand, av.autn}, &r,
						 a.auts),
			   ERR_SYNC);
		memcpy(a.rand, av.rand, sizeof(a.rand));
		ASSERT_ERR(auc_resync(s, IMSI1, &a, ask.now), ERR_OK);
		ASSERT_ERR(av_make(s, &ask, &av), ERR_OK);
		CU_ASSERT_EQUAL(sqn_seq(number_of(s, &av, &sqn), 5), i + 1);
	}
	aka_key_free(&key);
	operator_store_close(&s);
}

/* --- the lab interface; the request is taken over */
static enum err asked(struct operator_store *s, json_t *request, struct http_answer *answer)
{
	const struct lab lab = {s, NULL, NULL};
	enum err e = lab_answer(&lab, LAB_AUC_AV, request, NOW, answer);

	json_decref(request);
	return e;
}

static void refused(struct operator_store *s, json_t *request, enum err e, const char *says)
{
	struct http_answer answer = {.body = NULL};

	ASSERT_ERR(asked(s, request, &answer), e);
	CU_ASSERT_PTR_NOT_NULL(strstr(answer.message, says));
	CU_ASSERT_PTR_NULL(answer.body);
}

static void test_interface(void)
{
	struct operator_store *s = store_of(AKA_MILENAGE, 16, (struct aka_shape){0});
	struct http_answer answer = {.body = NULL};
	const json_t *v;

	ASSERT_ERR(asked(s,
			 json_pack("{s:s, s:s, s:s, s:i}", "imsi", IMSI1, "for", "5g", "plmn",
				   "00101", "count", 2),
			 &answer),
		   ERR_OK);
	v = json_object_get(answer.body, "vectors");
	CU_ASSERT_EQUAL_FATAL(json_array_size(v), 2);
	v = json_array_get(v, 1);
	CU_ASSERT_EQUAL(json_object_size(v), 4);
	CU_ASSERT_EQUAL(test_hex(v, "rand").len, 16);
	CU_ASSERT_EQUAL(test_hex(v, "autn").len, 16);
	CU_ASSERT_EQUAL(test_hex(v, "xresStar").len, 16);
	CU_ASSERT_EQUAL(test_hex(v, "kausf").len, 32);
	json_decref(answer.body);
	refused(s, json_pack("{s:s}", "imsi", IMSI1), ERR_TAG, "missing");
	refused(s, json_pack("{s:s, s:s, s:s}", "imsi", IMSI1, "for", "gsm", "count", "1"), ERR_TAG,
		"another type");
	refused(s, json_pack("{s:s, s:s, s:i}", "imsi", IMSI1, "for", "gsm", "count", 0), ERR_VALUE,
		"1 to 32");
	refused(s, json_pack("{s:s, s:s}", "imsi", IMSI1, "for", "6g"), ERR_VALUE, "5g-eap");
	refused(s, json_pack("{s:s, s:s}", "imsi", IMSI1, "for", "eps"), ERR_VALUE, "PLMN");
	refused(s, json_pack("{s:s, s:s, s:s}", "imsi", IMSI1, "for", "umts", "node", "x"),
		ERR_VALUE, "a node is");
	refused(s, json_pack("{s:s, s:s, s:s}", "imsi", IMSI1, "for", "umts", "amf", "8000"),
		ERR_VALUE, "separation bit");
	refused(s, json_pack("{s:s, s:s, s:s}", "imsi", IMSI1, "for", "umts", "rand", "00"),
		ERR_VALUE, "AUTS (28)");
	refused(s,
		json_pack("{s:s, s:s, s:s, s:s}", "imsi", IMSI1, "for", "umts", "rand",
			  "00000000000000000000000000000000", "auts",
			  "0000000000000000000000000000"),
		ERR_MAC, "not genuine");
	refused(s, json_pack("{s:s, s:s}", "imsi", IMSI2, "for", "umts"), ERR_WRONG_STATE,
		"PROVISIONED");
	refused(s, json_pack("{s:s, s:s}", "imsi", "001010000000009", "for", "umts"), ERR_NOT_FOUND,
		"no subscriber has IMSI");
	operator_store_close(&s);
}

TEST_SUITE(av, {"each kind, each algorithm", test_kinds}, {"two nodes' batches", test_nodes},
	   {"asks that are none", test_refused}, {"names of networks", test_network_names},
	   {"numbers by the clock", test_by_clock},
	   {"numbers by the clock after AUTS", test_by_clock_auts},
	   {"by the lab interface", test_interface})
