/* who gets a grant, and when (I2, I3) */
#include "lib/crypto/cert.h"
#include "lib/base/bytes.h"
#include "lib/release/grant.h"
#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/crypto/cert.h"
#include "lib/base/bytes.h"
#include "host/operator/policy/decide.h"
#include "host/operator/pki/revoked.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/support/authority.h"
#include "tests/unit/support/rsp_crl.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

/* I3: nothing before both factors are there and fresh; one grant then, and no second. */
static void test_factors(void)
{
	struct authority l;
	struct grant g;

	authority_open(&l);
	(void)authority_challenge(&l, AUTHORITY_KEY_ID);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_WRONG_STATE);
	authority_take(&l, EVENT_RES1, l.now);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_WRONG_STATE);
	authority_take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(authority_issue(&l, l.now + 600),
		   ERR_FACTOR); /* the second factor has run out */
	authority_take(&l, EVENT_FACTOR, l.now + 300);
	ASSERT_ERR(authority_issue(&l, l.now + FIRST_FACTOR_S + 1), ERR_FACTOR);
	CU_ASSERT_EQUAL(l.grant.len, 0);
	(void)authority_challenge(&l, AUTHORITY_KEY_ID + 1);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_REFUSED);
	(void)authority_challenge(&l, AUTHORITY_KEY_ID);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_FACTOR); /* it was approved after that */
	ASSERT_ERR(authority_issue(&l, l.now + 300), ERR_OK);
	ASSERT_ERR(grant_parse(wbuf_slice(&l.grant), &g), ERR_OK);
	ASSERT_ERR(ec_verify(EC_P256, release_authority_point(l.authority), &g.signed_part, 1,
			     g.signature),
		   ERR_OK);
	ASSERT_ERR(authority_issue(&l, l.now + 300), ERR_WRONG_STATE);
	authority_close(&l);
}

#define DAY  86400
#define YEAR (365 * DAY)

/* Both factors hold from a moment to another, whatever the clock is set to in between. */
static void test_clock(void)
{
	static const struct {
		int64_t approved, issued; /* after now */
		enum err e;
	} rows[] = {
		{0, -DAY, ERR_FACTOR},	 /* it went back a day */
		{0, -1, ERR_FACTOR},	 /* a second */
		{0, YEAR, ERR_FACTOR},	 /* ahead */
		{YEAR, 0, ERR_FACTOR},	 /* it was ahead at the approval, and is right again */
		{YEAR, DAY, ERR_FACTOR}, /* for good */
		{-DAY, 0, ERR_FACTOR},	 /* it was behind */
		{0, 599, ERR_OK},	 /* the last second */
		{0, 600, ERR_FACTOR},	 /* and the one after */
		{0, 0, ERR_OK},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct authority l;

		authority_open(&l);
		(void)authority_challenge(&l, AUTHORITY_KEY_ID);
		authority_take(&l, EVENT_RES1, l.now);
		authority_take(&l, EVENT_FACTOR, l.now + rows[i].approved);
		if (rows[i].issued < 0) /* RES 1 is fresh, by the clock as it is now */
			authority_take(&l, EVENT_RES1, l.now + rows[i].issued);
		ASSERT_ERR(authority_issue(&l, l.now + rows[i].issued), rows[i].e);
		authority_close(&l);
	}
}

/* Nonce, edge, keys, challenge and log: all of a grant is one transaction, and so is its result. */
static void test_one_transaction(void)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	struct operator_tally before;
	struct kra_binding b;
	struct authority l;
	unsigned result;

	authority_open(&l);
	b = authority_challenge(&l, AUTHORITY_KEY_ID);
	authority_take(&l, EVENT_RES1, l.now);
	authority_take(&l, EVENT_FACTOR, l.now);
	before = operator_store_tally(l.store);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_OK);
	CU_ASSERT_EQUAL(operator_store_tally(l.store).transactions - before.transactions, 1);
	ASSERT_ERR(kra_put_outcome(&w, &b, KRA_RESULT_OK, l.sk), ERR_OK);
	before = operator_store_tally(l.store);
	ASSERT_ERR(authority_result(&l, wbuf_slice(&w), l.now, &result), ERR_OK);
	CU_ASSERT_EQUAL(operator_store_tally(l.store).transactions - before.transactions, 1);
	wbuf_free(&w);
	authority_close(&l);
}

/* A nonce serves once, also when the state would allow another grant. */
static void test_replay_and_result(void)
{
	struct authority l;
	struct kra_binding b;
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	unsigned result = 0;

	authority_open(&l);
	b = authority_challenge(&l, AUTHORITY_KEY_ID);
	authority_take(&l, EVENT_RES1, l.now);
	authority_take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_OK);
	ASSERT_ERR(kra_put_outcome(&w, &b, KRA_RESULT_BAD_KEY, l.one_time), ERR_OK);
	ASSERT_ERR(authority_result(&l, wbuf_slice(&w), l.now, &result), ERR_SIGNATURE);
	wbuf_reset(&w);
	ASSERT_ERR(kra_put_outcome(&w, &b, KRA_RESULT_BAD_KEY, l.sk), ERR_OK);
	ASSERT_ERR(authority_result(&l, wbuf_slice(&w), l.now, &result), ERR_OK);
	CU_ASSERT_EQUAL(result, KRA_RESULT_BAD_KEY);
	CU_ASSERT_EQUAL(l.sub.state, STATE_LIMITED);
	ASSERT_ERR(authority_result(&l, wbuf_slice(&w), l.now, &result), ERR_NOT_FOUND);
	authority_take(&l, EVENT_RES1, l.now);
	authority_take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_REPLAY);
	wbuf_free(&w);
	authority_close(&l);
}

/* A card whose EUM was revoked gets no grant, whatever its subscriber has shown. */
static void test_revoked_card(void)
{
	struct bench_crl list = {
		.number = 1, .this_update = "100101000000Z", .next_update = "490101000000Z"};
	struct wbuf ci_der = wbuf_grow(4096), w = wbuf_grow(4096);
	struct revoked_list told;
	struct crl_issuer issuer;
	struct ec_key *key = NULL;
	struct cert ci, eum;
	struct authority l;

	authority_open(&l);
	ASSERT_ERR(pki_cert(l.dir, PKI_CI, EC_P256, &ci_der), ERR_OK);
	CU_ASSERT_FATAL(pki_key(l.dir, PKI_CI, EC_P256, &key) == ERR_OK);
	ASSERT_ERR(cert_parse(wbuf_slice(&ci_der), &ci), ERR_OK);
	ASSERT_ERR(cert_parse(wbuf_slice(&l.eum), &eum), ERR_OK);
	issuer = (struct crl_issuer){cert_key_id(&ci), wbuf_slice(&l.eum), key};
	list.revoked[0] = cert_number(&eum);
	crl_make(&issuer, &list, &w);
	(void)authority_challenge(&l, AUTHORITY_KEY_ID);
	authority_take(&l, EVENT_RES1, l.now);
	authority_take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(revoked_add(l.dir, wbuf_slice(&w), l.now, &told), ERR_OK);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_CERT_REVOKED);
	CU_ASSERT_EQUAL(l.grant.len, 0);
	ec_key_free(&key);
	wbuf_free(&ci_der);
	wbuf_free(&w);
	authority_close(&l);
}

/* How many challenges await a result. */
static int waiting(const struct authority *l)
{
	return (int)tamper_number(l->dir, TAMPER_OPERATOR, "SELECT count(*) FROM awaited");
}

/* A result may come late, but the challenge of a card that never answers does not stay for ever. */
static void test_late_result(void)
{
	static const struct {
		int64_t after_s;
		enum err e;
	} rows[] = {{GRANT_RESULT_S - 60, ERR_OK}, {GRANT_RESULT_S + 60, ERR_NOT_FOUND}};
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	unsigned result;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct authority l;
		struct kra_binding b;

		authority_open(&l);
		b = authority_challenge(&l, AUTHORITY_KEY_ID);
		authority_take(&l, EVENT_RES1, l.now);
		authority_take(&l, EVENT_FACTOR, l.now);
		ASSERT_ERR(authority_issue(&l, l.now), ERR_OK);
		CU_ASSERT_EQUAL(waiting(&l), 1);
		wbuf_reset(&w);
		ASSERT_ERR(kra_put_outcome(&w, &b, KRA_RESULT_OK, l.sk), ERR_OK);
		ASSERT_ERR(authority_result(&l, wbuf_slice(&w), l.now + rows[i].after_s, &result),
			   rows[i].e);
		CU_ASSERT_EQUAL(waiting(&l), 0);
		authority_close(&l);
	}
	wbuf_free(&w);
}

/* Of two grants the last one's result counts: a refusal of the first was held back. */
static void test_result_of_earlier_grant(void)
{
	static const enum subscriber_event_kind again[] = {EVENT_SUSPEND, EVENT_RESUME, EVENT_RES1,
							   EVENT_FACTOR};
	struct wbuf held = wbuf_grow(KRA_MESSAGE_MAX), w = wbuf_grow(KRA_MESSAGE_MAX);
	struct kra_binding b;
	struct authority l;
	unsigned result;

	authority_open(&l);
	b = authority_challenge(&l, AUTHORITY_KEY_ID);
	ASSERT_ERR(kra_put_outcome(&held, &b, KRA_RESULT_BAD_KEY, l.sk), ERR_OK);
	authority_take(&l, EVENT_RES1, l.now);
	authority_take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(again); i++)
		authority_take(&l, again[i], l.now);
	b = authority_challenge(&l, AUTHORITY_KEY_ID);
	ASSERT_ERR(kra_put_outcome(&w, &b, KRA_RESULT_OK, l.sk), ERR_OK);
	ASSERT_ERR(authority_issue(&l, l.now), ERR_OK);
	CU_ASSERT_EQUAL(waiting(&l), 1);
	ASSERT_ERR(authority_result(&l, wbuf_slice(&held), l.now, &result), ERR_NOT_FOUND);
	ASSERT_ERR(authority_result(&l, wbuf_slice(&w), l.now, &result), ERR_OK);
	CU_ASSERT_EQUAL(l.sub.state, STATE_RELEASED);
	wbuf_free(&held);
	wbuf_free(&w);
	authority_close(&l);
}

/* Each octet of what the card signed, and of the signature, counts. */
static void test_changed_challenge(void)
{
	struct authority l;
	struct kra_challenge c;
	size_t len;

	authority_open(&l);
	(void)authority_challenge(&l, AUTHORITY_KEY_ID);
	authority_take(&l, EVENT_RES1, l.now);
	authority_take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(kra_parse_challenge(wbuf_slice(&l.challenge), &c, NULL), ERR_OK);
	len = c.signed_part.len + 3 + EC_SIGNATURE_LEN;
	for (size_t i = 0; i < len; i++) {
		uint8_t *octet = l.challenge.ptr +
				 (l.challenge.len - c.eum_cert.len - c.euicc_cert.len - len + i);

		*octet ^= 0x01;
		CU_ASSERT_NOT_EQUAL(authority_issue(&l, l.now), ERR_OK);
		*octet ^= 0x01;
	}
	ASSERT_ERR(authority_issue(&l, l.now), ERR_OK);
	authority_close(&l);
}

TEST_SUITE(release_authority, {"a grant is one transaction", test_one_transaction},
	   {"both factors, fresh", test_factors}, {"the clock is set, back and ahead", test_clock},
	   {"a nonce and a result serve once", test_replay_and_result},
	   {"a result that comes late, or never", test_late_result},
	   {"the result of an earlier grant", test_result_of_earlier_grant},
	   {"a card whose EUM was revoked", test_revoked_card},
	   {"a changed challenge", test_changed_challenge})
