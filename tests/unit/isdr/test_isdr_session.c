/*
 * Sessions that the LPA ends, the order of checks, addresses and notifications (SGP.22 5.7.3 to
 * 5.7.14).
 */
#include "card-emu/store/store.h"
#include "lib/base/bytes.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/rsp_bench.h"

#include <stdio.h>

#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/es10a.h"

static const enum es10b_cancel_reason reasons[] = {ES10B_CANCEL_END_USER_REJECTION,
						   ES10B_CANCEL_POSTPONED,
						   ES10B_CANCEL_TIMEOUT,
						   ES10B_CANCEL_PPR_NOT_ALLOWED,
						   ES10B_CANCEL_METADATA_MISMATCH,
						   ES10B_CANCEL_LOAD_BPP_ERROR,
						   ES10B_CANCEL_UNDEFINED_REASON};

/* CancelSession: what came is signed, names the SM-DP+ and the reason. */
static void cancel(struct bench *b, enum es10b_cancel_reason reason)
{
	struct es10b_cancel_session_request m = {SLICE_OF(bench_transaction), reason};
	struct es10b_cancel_session_response r = {0};
	uint8_t mem[64];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct cert euicc;

	es10b_put_cancel_session_request(&w, &m);
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(es10b_parse_cancel_session_response(wbuf_slice(&b->answer), &r), ERR_OK);
	CU_ASSERT(r.ok);
	CU_ASSERT_EQUAL(r.signed_.reason, reason);
	ASSERT_OCTETS(r.signed_.smdp_oid, test_unhex("88370a"), "the SM-DP+");
	ASSERT_ERR(cert_parse(b->identity.signers[0].euicc_cert, &euicc), ERR_OK);
	ASSERT_ERR(ec_verify(euicc.curve, cert_point(&euicc), &r.signed_raw, 1, r.signature),
		   ERR_OK);
}

/* SGP.22 5.7.14: at every step of a download and for every reason; nothing of it stays. */
static void test_cancel(void)
{
	struct slice piece[BENCH_PIECES_MAX];
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
			for (size_t loaded = 0; loaded < 9; loaded++) {
				CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
				if (loaded) {
					CU_ASSERT_EQUAL(bench_prepare(&b), 0);
					bench_bind(&b);
					bench_pieces(&b, piece);
				}
				for (size_t k = 0; k + 1 < loaded && k < 7; k++)
					CU_ASSERT_EQUAL(bench_es10(&b, piece[k]), SW_OK);
				cancel(&b, reasons[i]);
				CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_NO_SESSION);
				CU_ASSERT_EQUAL(bench_es10_hex(&b, "86020000"), SW_CONDITIONS);
			}
		}
		CU_ASSERT_EQUAL(bench_notifications(&b), 0);
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
}

/* Two things are wrong: the check that comes first says so. */
static void test_order(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		struct slice auth = b.dpauth, pb = b.dppb, ci = b.ci_key_id;

		b.fault = BENCH_SERVER_SIGNATURE;
		b.dpauth = pb;
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_INVALID_CERTIFICATE);
		b.no_challenge = true;
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_NO_SESSION);
		b.no_challenge = false;
		b.dpauth = auth;
		b.ci_key_id = test_unhex("00");
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_INVALID_SIGNATURE);
		b.fault = BENCH_CHALLENGE;
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_CHALLENGE_MISMATCH);
		b.fault = BENCH_GOOD;
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_CI_UNKNOWN);
		b.ci_key_id = ci;
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		b.cc_required = true; /* and no hash comes */
		b.fault = BENCH_SIGNATURE2;
		b.dppb = auth;
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		b.dppb = pb;
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_SIGNATURE);
		b.fault = BENCH_TRANSACTION2;
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_TRANSACTION);
		b.fault = BENCH_GOOD;
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_UNDEFINED);
		b.cc_required = false;
		CU_ASSERT_EQUAL(bench_prepare(&b), 0);
	}
	bench_close(&b);
}

/* PrepareDownload when the eUICC cannot sign: an error, and nothing may be loaded. */
static void test_cannot_sign(void)
{
	struct store_txn *t;
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), 0);
		bench_bind(&b);
		t = store_begin(card_store(b.card));
		store_put_secret(t, STORE_KEY_SK, slice_str("no key"));
		ASSERT_ERR(store_commit(t), ERR_OK);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_UNDEFINED);
		CU_ASSERT_EQUAL(bench_load(&b), BENCH_AT_LOAD);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
	}
	bench_close(&b);
}

static void assert_address(struct bench *b, const char *want)
{
	struct es10a_configured_addresses m = {0};

	CU_ASSERT_EQUAL(bench_es10_hex(b, "bf3c00"), SW_OK);
	ASSERT_ERR(es10a_parse_configured_addresses(wbuf_slice(&b->answer), &m), ERR_OK);
	ASSERT_OCTETS(m.default_dp, want ? slice_str(want) : SLICE_EMPTY, "default SM-DP+");
	CU_ASSERT(m.root_ds.len > 0);
}

/* SGP.22 5.7.3, 5.7.4 */
static void test_addresses(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		assert_address(&b, NULL);
		CU_ASSERT_EQUAL(bench_result(&b, "bf3f058003612e62"), ES10A_OK);
		bench_restart(&b);
		assert_address(&b, "a.b");
		CU_ASSERT_EQUAL(bench_result(&b, "bf3f028000"), ES10A_OK);
		assert_address(&b, NULL);
		CU_ASSERT_EQUAL(bench_result(&b, "bf3f058003612e62"), ES10A_OK);
		CU_ASSERT_EQUAL(bench_result(&b, "bf340482020520"), ES10C_RESET_OK);
		assert_address(&b, NULL);
	}
	bench_close(&b);
}

static const uint8_t bench_key[16] = {1};

/* UTF8String: X.680 counts characters, and what is no UTF-8 is no name. */
static void test_texts(void)
{
	static const struct {
		const char *character; /* over and over */
		size_t n;
		bool good;
	} rows[] = {
		{"a", 0, true},	       {"a", 64, true},
		{"a", 65, false},      {"\u4e2d", 64, true},
		{"\u4e2d", 65, false}, {"\U0001f511", 64, true},
		{"\xc3", 1, false},    {"\xed\xa0\x80", 1, false},
	};
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		b.metadata.service_provider = slice_str("\u4e2d\u570b\u79fb\u52d5\u901a\u4fe1\u96c6"
							"\u5718\u6709\u9650\u516c\u53f8");
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct wbuf name = wbuf_grow(512), w = wbuf_grow(512);
			struct es10c_profiles list = {0};
			struct es10c_profile_info info = {0};
			struct cursor c;

			for (size_t k = 0; k < rows[i].n; k++)
				wbuf_put(&name, slice_str(rows[i].character));
			CU_ASSERT_EQUAL(bench_result(&b, "bf29115a0a" BENCH_ICCID "90036f6c64"), 0);
			es10c_put_set_nickname(&w, test_unhex(BENCH_ICCID), wbuf_slice(&name));
			CU_ASSERT_EQUAL(bench_es10(&b, wbuf_slice(&w)), SW_OK);
			ASSERT_OCTETS(wbuf_slice(&b.answer),
				      test_unhex(rows[i].good ? "bf2903800100" : "bf290380017f"),
				      "named");
			bench_restart(&b);
			CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2d00"), SW_OK);
			ASSERT_ERR(es10c_parse_profiles(wbuf_slice(&b.answer), &list), ERR_OK);
			c = cursor_of(list.items);
			CU_ASSERT(es10c_next_profile(&c, &info));
			ASSERT_OCTETS(info.nickname,
				      rows[i].good ? wbuf_slice(&name) : slice_str("old"), "name");
			wbuf_free(&name);
			wbuf_free(&w);
		}
		CU_ASSERT_EQUAL(bench_result(&b, "bf3f058003612eff"), ES10A_UNDEFINED);
		assert_address(&b, NULL);
		bench_set_profile(&b, "89000123456789012351", SLICE_OF(bench_key));
		b.metadata.profile_name = slice_str("caf\xe9");
		CU_ASSERT_EQUAL(bench_download(&b), ES10B_BPP_INCORRECT_INPUT);
	}
	bench_close(&b);
}

static size_t retrieved(struct bench *b, const char *request, uint32_t tag)
{
	struct es10b_notifications list = {0};
	struct cursor c;
	struct tlv t;
	size_t n = 0;

	CU_ASSERT_EQUAL(bench_es10_hex(b, request), SW_OK);
	ASSERT_ERR(es10b_parse_notifications(wbuf_slice(&b->answer), tag, &list), ERR_OK);
	c = cursor_of(list.items);
	while (list.ok && tlv_next(&c, &t))
		n++;
	return n;
}

/* SGP.22 5.7.9, 5.7.10: by number, by event, all; each signed over its own metadata */
static void test_notifications(void)
{
	struct es10b_installation_result pir = {0};
	struct es10b_notifications list = {0};
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		CU_ASSERT_EQUAL(bench_command(&b, SGP22_TAG_ENABLE_PROFILE, BENCH_ICCID), 0);
		CU_ASSERT_EQUAL(bench_command(&b, SGP22_TAG_DISABLE_PROFILE, BENCH_ICCID), 0);
		CU_ASSERT_EQUAL(bench_command(&b, SGP22_TAG_DELETE_PROFILE, BENCH_ICCID), 0);
		for (unsigned event = 0; event < 4; event++) {
			static const char *const list_by[] = {"bf280481020780", "bf280481020640",
							      "bf280481020520", "bf280481020410"};
			static const char *const get_by[] = {
				"bf2b06a00481020780", "bf2b06a00481020640", "bf2b06a00481020520",
				"bf2b06a00481020410"};

			CU_ASSERT_EQUAL(retrieved(&b, list_by[event], SGP22_TAG_LIST_NOTIFICATION),
					1);
			CU_ASSERT_EQUAL(
				retrieved(&b, get_by[event], SGP22_TAG_RETRIEVE_NOTIFICATIONS), 1);
		}
		CU_ASSERT_EQUAL(retrieved(&b, "bf280481020460", SGP22_TAG_LIST_NOTIFICATION), 2);
		CU_ASSERT_EQUAL(retrieved(&b, "bf2803810100", SGP22_TAG_LIST_NOTIFICATION), 0);
		CU_ASSERT_EQUAL(retrieved(&b, "bf2b05a003810100", SGP22_TAG_RETRIEVE_NOTIFICATIONS),
				0);
		CU_ASSERT_EQUAL(retrieved(&b, "bf2800", SGP22_TAG_LIST_NOTIFICATION), 4);
		CU_ASSERT_EQUAL(retrieved(&b, "bf2b00", SGP22_TAG_RETRIEVE_NOTIFICATIONS), 4);
		CU_ASSERT_EQUAL(retrieved(&b, "bf2b05a003800109", SGP22_TAG_RETRIEVE_NOTIFICATIONS),
				0);
		/* numbers are never given twice, whatever was removed */
		for (unsigned seq = 1; seq <= 4; seq++) {
			char request[32];

			snprintf(request, sizeof(request), "bf300380010%u", seq);
			CU_ASSERT_EQUAL(bench_result(&b, request), ES10B_SENT_OK);
			CU_ASSERT_EQUAL(bench_result(&b, request), ES10B_SENT_NOTHING);
		}
		bench_restart(&b);
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2b00"), SW_OK);
		ASSERT_ERR(es10b_parse_notifications(wbuf_slice(&b.answer),
						     SGP22_TAG_RETRIEVE_NOTIFICATIONS, &list),
			   ERR_OK);
		ASSERT_ERR(es10b_parse_installation_result(list.items, &pir), ERR_OK);
		CU_ASSERT_EQUAL(pir.notification.seq, 5);
	}
	bench_close(&b);
}

TEST_SUITE(isdr_session, {"cancelled at every step for every reason", test_cancel},
	   {"which error comes first", test_order}, {"the eUICC cannot sign", test_cannot_sign},
	   {"addresses", test_addresses}, {"texts", test_texts},
	   {"notifications by number and event", test_notifications})
