#include "tests/unit/isdr/isdr_reach.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "card-emu/store/store.h"
#include "lib/rsp/es10a.h"
#include "tests/unit/support/fault.h"
#include "tests/unit/support/rsp_crl.h"

#define OTHER_DIGITS "89000123456789012351"
#define OTHER_ICCID  "98001032547698103215"
#define CURVE	     "2a8648ce3d030107"
#define OTHER_CURVE  "2a8648ce3d030106" /* prime239v3 */
#define NAMES_OID                                                                                  \
	"30058803883"                                                                              \
	"70a" /* subjectAltName { registeredID 2.999.10 } */
#define NAMES_HOST                                                                                 \
	"300582036"                                                                                \
	"16263"			   /* { dNSName abc } */
#define OWNER_ALLOWED "800300f110" /* 001-01 */
#define OWNER_REFUSED "800362f210" /* 262-01 */
#define NOTES	      6000

/* Makes the card unable to sign. */
static void spoil_key(struct bench *b)
{
	struct store_txn *t = store_begin(card_store(b->card));

	store_put_secret(t, STORE_KEY_SK, slice_str("no key"));
	ASSERT_ERR(store_commit(t), ERR_OK);
}

static void install(struct bench *b)
{
	CU_ASSERT_EQUAL(bench_download(b), 0);
}

static void enable(struct bench *b, const char *iccid)
{
	CU_ASSERT_EQUAL(bench_command(b, SGP22_TAG_ENABLE_PROFILE, iccid), ES10C_OK);
}

static void set_class(struct bench *b, enum es10c_profile_class c)
{
	b->metadata.has_class = true;
	b->metadata.profile_class = c;
}

static void set_ppr(struct bench *b, uint32_t ppr, const char *owner)
{
	b->metadata.has_ppr = true;
	b->metadata.ppr = ppr;
	b->metadata.owner = test_unhex(owner);
}

/* A second package, of a test profile: with the key that such a profile must have. */
static void set_test_profile(struct bench *b)
{
	bench_set_profile(b, OTHER_DIGITS, test_unhex("000102030405060708090a0b0c0d0e0f"));
	set_class(b, ES10C_TEST);
}

/* SetDefaultDpAddress */
unsigned reach_dp_ok(struct bench *b)
{
	return bench_result(b, "bf3f0580036162"
			       "63");
}

unsigned reach_dp_long(struct bench *b)
{
	uint8_t address[256];
	struct wbuf w = wbuf_grow(512);
	unsigned result = 0;

	memset(address, 'a', sizeof(address));
	es10a_put_set_default_dp(&w, SLICE_OF(address));
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(
		rsp_parse_result(wbuf_slice(&b->answer), SGP22_TAG_SET_DEFAULT_DP_ADDRESS, &result),
		ERR_OK);
	wbuf_free(&w);
	return result;
}

/* AuthenticateServer */
unsigned reach_auth_role(struct bench *b)
{
	b->dpauth = b->dppb;
	return bench_authenticate(b);
}

unsigned reach_auth_signature(struct bench *b)
{
	b->fault = BENCH_SERVER_SIGNATURE;
	return bench_authenticate(b);
}

unsigned reach_auth_curve(struct bench *b)
{
	struct wbuf w = wbuf_grow(2048);
	unsigned e;

	b->dpauth = bench_forge(b, b->dpauth, CURVE, OTHER_CURVE, &w);
	e = bench_authenticate(b);
	wbuf_free(&w);
	return e;
}

unsigned reach_auth_no_session(struct bench *b)
{
	b->no_challenge = true;
	return bench_authenticate(b);
}

unsigned reach_auth_oid(struct bench *b)
{
	struct wbuf w = wbuf_grow(2048);
	unsigned e;

	b->dpauth = bench_forge(b, b->dpauth, NAMES_OID, NAMES_HOST, &w);
	e = bench_authenticate(b);
	wbuf_free(&w);
	return e;
}

unsigned reach_auth_challenge(struct bench *b)
{
	b->fault = BENCH_CHALLENGE;
	return bench_authenticate(b);
}

unsigned reach_auth_ci(struct bench *b)
{
	b->ci_key_id = test_unhex("0102030405060708090a0b0c0d0e0f1011121314");
	return bench_authenticate(b);
}

unsigned reach_auth_spoilt(struct bench *b)
{
	spoil_key(b);
	return bench_authenticate(b);
}

/* PrepareDownload */
static unsigned prepare(struct bench *b)
{
	CU_ASSERT_EQUAL(bench_authenticate(b), 0);
	return bench_prepare(b);
}

unsigned reach_prepare_role(struct bench *b)
{
	b->dppb = b->dpauth;
	return prepare(b);
}

unsigned reach_prepare_signature(struct bench *b)
{
	b->fault = BENCH_SIGNATURE2;
	return prepare(b);
}

unsigned reach_prepare_curve(struct bench *b)
{
	struct wbuf w = wbuf_grow(2048);
	unsigned e;

	b->dppb = bench_forge(b, b->dppb, CURVE, OTHER_CURVE, &w);
	e = prepare(b);
	wbuf_free(&w);
	return e;
}

unsigned reach_prepare_transaction(struct bench *b)
{
	b->fault = BENCH_TRANSACTION2;
	return prepare(b);
}

unsigned reach_prepare_no_code(struct bench *b)
{
	b->cc_required = true;
	return prepare(b);
}

/* CancelSession */
unsigned reach_cancel_other(struct bench *b)
{
	CU_ASSERT_EQUAL(bench_authenticate(b), 0);
	return bench_result(b, "bf41078002090981"
			       "0100");
}

unsigned reach_cancel_spoilt(struct bench *b)
{
	CU_ASSERT_EQUAL(bench_authenticate(b), 0);
	spoil_key(b);
	return bench_result(b, "bf410d80080102030405060708810100");
}

/* LoadCRL */
unsigned reach_crl_signature(struct bench *b)
{
	struct bench_crl l = {.number = 1};
	struct ec_key *right = b->ci_key;
	unsigned e;

	b->ci_key = b->pb_key;
	e = bench_load_crl(b, &l, NULL);
	b->ci_key = right;
	return e;
}

unsigned reach_crl_format(struct bench *b)
{
	return bench_load_crl(b, &(struct bench_crl){.no_number = true}, NULL);
}

unsigned reach_crl_large(struct bench *b)
{
	return bench_load_crl(b, &(struct bench_crl){.number = 1, .filler = 1600}, NULL);
}

unsigned reach_crl_foreign(struct bench *b)
{
	b->ci_key_id = test_unhex("0102030405060708090a0b0c0d0e0f1011121314");
	return bench_load_crl(b, &(struct bench_crl){.number = 1}, NULL);
}

unsigned reach_crl_old(struct bench *b)
{
	CU_ASSERT_EQUAL(bench_load_crl(b, &(struct bench_crl){.number = 2}, NULL), 0);
	return bench_load_crl(b, &(struct bench_crl){.number = 1}, NULL);
}

/* LoadBoundProfilePackage */
unsigned reach_load_isdp(struct bench *b)
{
	b->isdp = test_unhex("bf2407b80506038837"
			     "0b"); /* data of 2.999.11 */
	return bench_download(b);
}

unsigned reach_load_signature(struct bench *b)
{
	b->fault = BENCH_OTPK;
	return bench_download(b);
}

unsigned reach_load_transaction(struct bench *b)
{
	b->fault = BENCH_TRANSACTION;
	return bench_download(b);
}

unsigned reach_load_crt(struct bench *b)
{
	b->channel.key_type = test_unhex("80");
	return bench_download(b);
}

unsigned reach_load_operation(struct bench *b)
{
	b->channel.remote_op = 2;
	return bench_download(b);
}

unsigned reach_load_class(struct bench *b)
{
	set_class(b, (enum es10c_profile_class)3);
	return bench_download(b);
}

unsigned reach_load_structure(struct bench *b)
{
	b->segment_max = 1100;
	return bench_download(b);
}

unsigned reach_load_security(struct bench *b)
{
	b->fault = BENCH_BIT;
	b->at = 6; /* the first 86 */
	return bench_download(b);
}

unsigned reach_load_twice(struct bench *b)
{
	install(b);
	return bench_download(b);
}

/* The medium is full when the profile is to be written, and not any more for the result. */
unsigned reach_load_full(struct bench *b)
{
	unsigned e;

	CU_ASSERT_EQUAL(prepare(b), 0);
	bench_bind(b);
	fault_arm(FAULT_FULL, 1, 0);
	e = bench_load(b);
	CU_ASSERT(fault_disarm());
	return e;
}

unsigned reach_load_anew(struct bench *b)
{
	struct slice piece[BENCH_PIECES_MAX];

	CU_ASSERT_EQUAL(prepare(b), 0);
	bench_bind(b);
	bench_pieces(b, piece);
	for (size_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(bench_es10(b, piece[i]), SW_OK);
	return bench_load(b);
}

unsigned reach_load_elements(struct bench *b)
{
	wbuf_cut(&b->upp, b->upp.len - 1);
	return bench_download(b);
}

unsigned reach_load_iccid(struct bench *b)
{
	b->metadata.iccid = test_unhex(OTHER_ICCID);
	return bench_download(b);
}

unsigned reach_load_key(struct bench *b)
{
	set_class(b, ES10C_TEST);
	return bench_download(b);
}

unsigned reach_load_policy(struct bench *b)
{
	set_ppr(b, RSP_PPR2, OWNER_REFUSED);
	return bench_download(b);
}

/* The command that the result names. */
unsigned reach_at_channel(struct bench *b)
{
	reach_load_signature(b);
	return b->result.command;
}

unsigned reach_at_isdp(struct bench *b)
{
	reach_load_isdp(b);
	return b->result.command;
}

unsigned reach_at_metadata(struct bench *b)
{
	reach_load_class(b);
	return b->result.command;
}

unsigned reach_at_keys(struct bench *b)
{
	b->fault = BENCH_BIT;
	b->at = 4; /* A2 */
	bench_download(b);
	return b->result.command;
}

unsigned reach_at_elements(struct bench *b)
{
	reach_load_security(b);
	return b->result.command;
}

/* GetProfilesInfo */
unsigned reach_list_tags(struct bench *b)
{
	return bench_result(b, "bf2d035c019f");
}

unsigned reach_list_spoilt(struct bench *b)
{
	struct store_txn *t = store_begin(card_store(b->card));

	install(b);
	t = store_begin(card_store(b->card));
	store_put(t, "p/01/meta", slice_str("no metadata"));
	ASSERT_ERR(store_commit(t), ERR_OK);
	return bench_result(b, "bf2d00");
}

/* Notifications: more than one answer can hold */
static void fill_notes(struct bench *b)
{
	struct store_txn *t;
	struct slice note = SLICE_EMPTY;
	struct wbuf copy = wbuf_grow(4096);
	char key[STORE_KEY_MAX + 1];

	install(b);
	CU_ASSERT(store_get(card_store(b->card), "n/00000001", &note));
	wbuf_put(&copy, note);
	t = store_begin(card_store(b->card));
	for (unsigned i = 2; i < NOTES; i++) {
		snprintf(key, sizeof(key), STORE_KEY_NOTE, i);
		store_put(t, key, wbuf_slice(&copy));
	}
	ASSERT_ERR(store_commit(t), ERR_OK);
	wbuf_free(&copy);
}

unsigned reach_notes_listed(struct bench *b)
{
	fill_notes(b);
	return bench_result(b, "bf2800");
}

unsigned reach_notes_retrieved(struct bench *b)
{
	fill_notes(b);
	return bench_result(b, "bf2b00");
}

unsigned reach_notes_none(struct bench *b)
{
	return bench_result(b, "bf2b00");
}

unsigned reach_note_sent(struct bench *b)
{
	install(b);
	return bench_result(b, "bf3003800101");
}

unsigned reach_note_unknown(struct bench *b)
{
	return bench_result(b, "bf3003800101");
}

/* SetNickname */
unsigned reach_nickname_ok(struct bench *b)
{
	install(b);
	return bench_result(b, "bf29115a0a" BENCH_ICCID "9003414243");
}

unsigned reach_nickname_unknown(struct bench *b)
{
	return bench_result(b, "bf29115a0a" BENCH_ICCID "9003414243");
}

unsigned reach_nickname_long(struct bench *b)
{
	struct wbuf w = wbuf_grow(256);
	uint8_t name[65];
	uint32_t result = 0;

	install(b);
	memset(name, 'a', sizeof(name));
	es10c_put_set_nickname(&w, test_unhex(BENCH_ICCID), SLICE_OF(name));
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(rsp_parse_result(wbuf_slice(&b->answer), SGP22_TAG_SET_NICKNAME, &result),
		   ERR_OK);
	wbuf_free(&w);
	return result;
}

/* EnableProfile, DisableProfile, DeleteProfile */
unsigned reach_enable_it(struct bench *b)
{
	return bench_command(b, SGP22_TAG_ENABLE_PROFILE, BENCH_ICCID);
}

unsigned reach_enable_ok(struct bench *b)
{
	install(b);
	return reach_enable_it(b);
}

unsigned reach_enable_twice(struct bench *b)
{
	install(b);
	enable(b, BENCH_ICCID);
	return reach_enable_it(b);
}

unsigned reach_enable_policy(struct bench *b)
{
	static const uint8_t k[16] = {3};

	set_ppr(b, RSP_PPR1, OWNER_ALLOWED);
	install(b);
	enable(b, BENCH_ICCID);
	b->metadata.has_ppr = false;
	bench_set_profile(b, OTHER_DIGITS, SLICE_OF(k));
	install(b);
	return bench_command(b, SGP22_TAG_ENABLE_PROFILE, OTHER_ICCID);
}

/* A test profile was enabled from nothing: an operational one can't take its place. */
unsigned reach_enable_after_test(struct bench *b)
{
	install(b);
	set_test_profile(b);
	install(b);
	enable(b, OTHER_ICCID);
	return reach_enable_it(b);
}

unsigned reach_enable_spoilt(struct bench *b)
{
	install(b);
	spoil_key(b);
	return reach_enable_it(b);
}

unsigned reach_disable_it(struct bench *b)
{
	return bench_command(b, SGP22_TAG_DISABLE_PROFILE, BENCH_ICCID);
}

unsigned reach_disable_ok(struct bench *b)
{
	install(b);
	enable(b, BENCH_ICCID);
	return reach_disable_it(b);
}

unsigned reach_disable_early(struct bench *b)
{
	install(b);
	return reach_disable_it(b);
}

unsigned reach_disable_policy(struct bench *b)
{
	set_ppr(b, RSP_PPR1, OWNER_ALLOWED);
	install(b);
	enable(b, BENCH_ICCID);
	return reach_disable_it(b);
}

unsigned reach_disable_spoilt(struct bench *b)
{
	install(b);
	enable(b, BENCH_ICCID);
	spoil_key(b);
	return reach_disable_it(b);
}

unsigned reach_delete_it(struct bench *b)
{
	return bench_command(b, SGP22_TAG_DELETE_PROFILE, BENCH_ICCID);
}

unsigned reach_delete_ok(struct bench *b)
{
	install(b);
	return reach_delete_it(b);
}

unsigned reach_delete_enabled(struct bench *b)
{
	install(b);
	enable(b, BENCH_ICCID);
	return reach_delete_it(b);
}

unsigned reach_delete_policy(struct bench *b)
{
	set_ppr(b, RSP_PPR2, OWNER_ALLOWED);
	install(b);
	return reach_delete_it(b);
}

unsigned reach_delete_spoilt(struct bench *b)
{
	install(b);
	spoil_key(b);
	return reach_delete_it(b);
}

/* eUICCMemoryReset */
unsigned reach_reset_ok(struct bench *b)
{
	install(b);
	return bench_result(b, "bf3404820205e0");
}

unsigned reach_reset_nothing(struct bench *b)
{
	return bench_result(b, "bf3404820205e0");
}

unsigned reach_reset_spoilt(struct bench *b)
{
	install(b);
	spoil_key(b);
	return bench_result(b, "bf3404820205e0");
}
