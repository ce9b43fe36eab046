#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/auc.h"
#include "host/operator/hlr_auc_gw.h"
#include "lib/crypto/symmetric.h"

#define IMSI1 "001010000000001"
#define IMSI2 "001010000000002"

static struct subscriber sub;

static struct operator_store *store_with_one(void)
{
	struct operator_store *s = NULL;
	struct subscriber_keys keys;

	sub = (struct subscriber){.name = "A",
				  .imsi = {IMSI1, IMSI2},
				  .key_id = 1,
				  .algorithm = {AKA_MILENAGE, AKA_MILENAGE}};
	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
	}
	keys.s = random_secret(32);
	ASSERT_ERR(operator_store_create(test_dir(), &s), ERR_OK);
	ASSERT_ERR(subscriber_add(s, &sub, &keys), ERR_OK);
	subscriber_keys_free(&keys);
	return s;
}

static void event(struct operator_store *s, enum subscriber_event_kind kind)
{
	ASSERT_ERR(subscriber_event(
			   s, sub.id,
			   &(struct subscriber_event){.kind = kind, .now = 1, .valid_s = 9}, NULL),
		   ERR_OK);
}

/* The card's answer, computed with the key that the AuC has. */
static enum err card_answer(struct operator_store *s, int which, const struct auc_challenge *c,
			    struct sqn_array *sqn, struct aka_result *r, uint8_t *auts)
{
	struct aka_key *key = NULL;
	enum err e = subscriber_aka_key(s, sub.id, which, &key);

	if (!e)
		e = aka_usim_authenticate(key, sqn, c->rand, c->autn, r, auts);
	aka_key_free(&key);
	return e;
}

static void test_two_keys(void)
{
	struct operator_store *s = store_with_one();
	struct sqn_array sqn[2] = {{.delta = 0}, {.delta = 0}};
	struct auc_challenge c;
	struct auc_verdict v;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN];

	ASSERT_ERR(auc_challenge(s, IMSI2, false, 1, &c), ERR_WRONG_STATE);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn[0], &r, auts), ERR_OK);
	r.res[0] ^= 1;
	ASSERT_ERR(auc_verify(s, c.id, slice_make(r.res, 8), 2, &v), ERR_REFUSED);
	r.res[0] ^= 1;
	ASSERT_ERR(auc_verify(s, c.id, slice_make(r.res, 8), 2, &v), ERR_NOT_FOUND);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn[0], &r, auts), ERR_OK);
	ASSERT_ERR(auc_verify(s, c.id, slice_make(r.res, 8), 2, &v), ERR_OK);
	CU_ASSERT_STRING_EQUAL(v.access, "limited");
	event(s, EVENT_FACTOR);
	ASSERT_ERR(auc_challenge(s, IMSI2, false, 1, &c), ERR_WRONG_STATE);
	event(s, EVENT_GRANT);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_WRONG_STATE);
	ASSERT_ERR(auc_challenge(s, IMSI2, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 2, &c, &sqn[1], &r, auts), ERR_OK);
	ASSERT_ERR(auc_verify(s, c.id, slice_make(r.res, 8), 2, &v), ERR_OK);
	CU_ASSERT_STRING_EQUAL(v.access, "full");
	CU_ASSERT_EQUAL(v.after.state, STATE_ACTIVE);
	operator_store_close(&s);
}

static void test_resync(void)
{
	struct operator_store *s = store_with_one();
	struct sqn_array sqn = {.delta = 0};
	struct auc_challenge c;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN];

	sqn_accept(&sqn, 5000 << SQN_IND_BITS | 3); /* the card is ahead */
	for (unsigned i = 0; i < SQN_SLOTS; i++)
		sqn.seq[i] = 5000;
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_SYNC);
	auts[3] ^= 1;
	ASSERT_ERR(auc_resync(s, IMSI1, c.rand, auts), ERR_MAC);
	auts[3] ^= 1;
	ASSERT_ERR(auc_resync_challenge(s, c.id, SLICE_OF(auts), 2), ERR_OK);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_OK);
	operator_store_close(&s);
}

static void test_hlr_auc_gw(void)
{
	static const char *const garbage[] = {"",
					      "AKA-REQ-AUTH",
					      "AKA-REQ-AUTH ../../etc",
					      "HELLO 001010000000001",
					      "AKA-AUTS " IMSI1 " 00 11",
					      "AKA-REQ-AUTH 0010100000000011111"};
	struct operator_store *s = store_with_one();
	char answer[HLR_AUC_GW_MESSAGE_MAX], words[6][64];

	hlr_auc_gw_answer(s, "AKA-REQ-AUTH " IMSI1, answer);
	CU_ASSERT_EQUAL(sscanf(answer, "AKA-RESP-AUTH %63s %63s %63s %63s %63s %63s", words[0],
			       words[1], words[2], words[3], words[4], words[5]),
			6);
	CU_ASSERT_STRING_EQUAL(words[0], IMSI1);
	CU_ASSERT_EQUAL(strlen(words[1]), 32);
	CU_ASSERT_EQUAL(strlen(words[5]), 16);
	hlr_auc_gw_answer(s, "AKA-REQ-AUTH " IMSI2, answer);
	CU_ASSERT_STRING_EQUAL(answer, "AKA-RESP-AUTH " IMSI2 " FAILURE");
	hlr_auc_gw_answer(s, "SIM-REQ-AUTH " IMSI1 " 3", answer);
	CU_ASSERT_EQUAL(sscanf(answer, "SIM-RESP-AUTH %63s %63s %63s %63s", words[0], words[1],
			       words[2], words[3]),
			4);
	CU_ASSERT_EQUAL(strlen(words[3]), 16 + 1 + 8 + 1 + 32);
	hlr_auc_gw_answer(s, "SIM-REQ-AUTH " IMSI1 " 9", answer);
	CU_ASSERT_STRING_EQUAL(answer, "SIM-RESP-AUTH " IMSI1 " FAILURE");
	for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
		hlr_auc_gw_answer(s, garbage[i], answer);
		CU_ASSERT_STRING_EQUAL(answer, "");
	}
	operator_store_close(&s);
}

TEST_SUITE(auc, {"K1, then K2, never both", test_two_keys}, {"resynchronisation", test_resync},
	   {"the hlr_auc_gw protocol", test_hlr_auc_gw})
