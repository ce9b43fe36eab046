/* the ISD-R: ES10b and ES10c from download to deletion */
#include "card-emu/profile/record.h"
#include "card-emu/store/store.h"
#include "tests/unit/support/rsp_bench.h"

#include <string.h>

#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "lib/crypto/cert.h"
#include "tests/unit/support/card_fixture.h"

#define AFTER INT64_C(1950000000) /* the SM-DP+'s certificates have ended, the others not */

/* A profile from download to deletion under one PKI. */
static void live(enum bench_pki pki)
{
	struct bench b;

	if (bench_open(&b, pki)) {
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 1);
		CU_ASSERT_EQUAL(bench_download(&b), ES10B_BPP_ICCID_EXISTS);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 1);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf29115a0a9800103254769810321490036c6162"),
				SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf2903800100"), "nickname");
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf3111a00c5a0a98001032547698103214810100"),
				SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3103800100"), "enabled");
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf330c5a0a98001032547698103214"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3303800102"), "not deleted");
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf3211a00c5a0a98001032547698103214810100"),
				SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3203800100"), "disabled");
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf330c5a0a98001032547698103214"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3303800100"), "deleted");
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
		/* install, the refused second one, enable, disable, delete */
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2b05a003800105"), SW_OK);
		CU_ASSERT(b.answer.len > 500);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf3003800105"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3003800100"), "removed");
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2b05a003800105"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf2b03810101"), "none");
	}
	bench_close(&b);
}

static void test_life(void)
{
	live(BENCH_SGP26);
	live(BENCH_FRESH_NIST);
	live(BENCH_FRESH_BRP);
}

/* SGP.22 5.7.13: what answers, is signed by the key under the CI that the server named. */
static void test_signers(void)
{
	static const enum bench_pki pkis[] = {BENCH_FRESH_NIST, BENCH_FRESH_BRP};
	struct bench b;

	for (size_t i = 0; i < ARRAY_LEN(pkis); i++) {
		struct es10b_other_notification note = {0};
		struct es10b_notifications list = {0};
		struct cert euicc, signer;

		if (bench_open(&b, pkis[i])) {
			ASSERT_ERR(cert_parse(b.identity.signers[i].euicc_cert, &euicc), ERR_OK);
			CU_ASSERT_EQUAL(euicc.curve, b.curve);
			CU_ASSERT_EQUAL(bench_download(&b), 0);
			ASSERT_ERR(ec_verify(euicc.curve, cert_point(&euicc), &b.result.data_raw, 1,
					     b.result.signature),
				   ERR_OK);
			/* and so is what the profile causes later, after a power cut as well */
			bench_restart(&b);
			CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf3111a00c5a0a" BENCH_ICCID "810100"),
					SW_OK);
			CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2b05a003800102"), SW_OK);
			ASSERT_ERR(es10b_parse_notifications(wbuf_slice(&b.answer),
							     SGP22_TAG_RETRIEVE_NOTIFICATIONS,
							     &list),
				   ERR_OK);
			ASSERT_ERR(es10b_parse_other_notification(list.items, &note), ERR_OK);
			ASSERT_ERR(cert_parse(note.euicc_certificate, &signer), ERR_OK);
			CU_ASSERT_EQUAL(signer.curve, b.curve);
			ASSERT_ERR(ec_verify(signer.curve, cert_point(&signer),
					     &note.notification_raw, 1, note.signature),
				   ERR_OK);
		}
		bench_close(&b);
	}
}

/* pySim writes refreshFlag TRUE as 01: in BER all but 00 is TRUE (X.690 8.2.2). */
static void test_true(void)
{
	static const char *const requests[] = {
		"bf3111a00c5a0a" BENCH_ICCID "8101ff", "bf3211a00c5a0a" BENCH_ICCID "8101ff",
		"bf3111a00c5a0a" BENCH_ICCID "810101", "bf3211a00c5a0a" BENCH_ICCID "810101"};
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
			CU_ASSERT_EQUAL(bench_result(&b, requests[i]), ES10C_OK);
			CU_ASSERT(strstr(fixture_send(b.card, "801200000b"), "9000") != NULL);
			bench_restart(&b);
		}
	}
	bench_close(&b);
}

/* --sgp22: what is announced in BF20, BF22 and the FCI */
static void test_versions(void)
{
	static const struct {
		const char *text;
		bool good;
		uint8_t svn[3];
	} rows[] = {
		{"2.2.2", true, {2, 2, 2}}, {"2.3", true, {2, 3, 0}},	{"2.4.0", true, {2, 4, 0}},
		{"2.5", true, {2, 5, 0}},   {"2.5.0", true, {2, 5, 0}}, {"2.2.1", false, {0}},
		{"2.5.1", false, {0}},	    {"3.0", false, {0}},	{"2", false, {0}},
		{"2.3x", false, {0}},	    {"", false, {0}},		{"2.256.0", false, {0}}};
	struct es10b_euicc_info1 info = {0};
	uint8_t svn[3];
	struct bench b;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ASSERT_ERR(card_svn_parse(rows[i].text, svn), rows[i].good ? ERR_OK : ERR_VALUE);
		if (rows[i].good)
			ASSERT_OCTETS(SLICE_OF(svn), SLICE_OF(rows[i].svn), rows[i].text);
	}
	if (bench_open(&b, BENCH_SGP26)) {
		ASSERT_ERR(card_svn_parse("2.2.2", b.options.svn), ERR_OK);
		bench_restart(&b);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2000"), SW_OK);
		ASSERT_ERR(es10b_parse_euicc_info1(wbuf_slice(&b.answer), &info), ERR_OK);
		ASSERT_OCTETS(info.svn, test_unhex("020202"), "as opened");
		memset(b.options.svn, 0, 3);
		bench_restart(&b);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2000"), SW_OK);
		ASSERT_ERR(es10b_parse_euicc_info1(wbuf_slice(&b.answer), &info), ERR_OK);
		ASSERT_OCTETS(info.svn, test_unhex("020500"), "as created");
	}
	bench_close(&b);
}

static struct es10b_euicc_info2 info2_of(struct bench *b)
{
	struct es10b_euicc_info2 info = {0};

	CU_ASSERT_EQUAL(bench_es10_hex(b, "bf2200"), SW_OK);
	ASSERT_ERR(es10b_parse_euicc_info2(wbuf_slice(&b->answer), &info), ERR_OK);
	return info;
}

/* BF22 has what the card does, and nothing that the announced version doesn't know. */
static void test_info2(void)
{
	static const struct {
		const char *version;
		uint32_t rsp;
		const char *more_profile_versions;
	} rows[] = {{"2.2.2", RSP_BIT(0) | RSP_BIT(1) | RSP_BIT(3) | RSP_BIT(4), ""},
		    {"2.3", RSP_BIT(0) | RSP_BIT(1) | RSP_BIT(3) | RSP_BIT(4), ""},
		    {"2.4", RSP_BIT(0) | RSP_BIT(1) | RSP_BIT(3) | RSP_BIT(4) | RSP_BIT(5), ""},
		    {"2.5", RSP_BIT(0) | RSP_BIT(1) | RSP_BIT(3) | RSP_BIT(4) | RSP_BIT(5),
		     "0403030301"}};
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct es10b_euicc_info2 info;
			uint8_t svn[3];

			ASSERT_ERR(card_svn_parse(rows[i].version, b.options.svn), ERR_OK);
			memcpy(svn, b.options.svn, sizeof(svn));
			bench_restart(&b);
			info = info2_of(&b);
			ASSERT_OCTETS(info.svn, SLICE_OF(svn), rows[i].version);
			ASSERT_OCTETS(info.profile_version, test_unhex("020301"), "profile");
			ASSERT_OCTETS(info.more_profile_versions,
				      test_unhex(rows[i].more_profile_versions), rows[i].version);
			CU_ASSERT_EQUAL(info.rsp_capability, rows[i].rsp);
			CU_ASSERT(info.has_forbidden && !info.has_category);
			CU_ASSERT_EQUAL(info.javacard.len, 0);
			CU_ASSERT_EQUAL(info.globalplatform.len, 0);
			CU_ASSERT_EQUAL(info.certification.len, 0);
		}
	}
	bench_close(&b);
}

/* additionalProfile: as long as a number is free */
static void test_full(void)
{
	struct profile_record r = {.state = PROFILE_DISABLED};
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		for (unsigned n = 1; n <= STORE_PROFILES_MAX; n++) {
			struct store_txn *t = store_begin(card_store(b.card));

			CU_ASSERT((info2_of(&b).rsp_capability & RSP_BIT(0)) != 0);
			r.iccid[0] = (uint8_t)n;
			profile_make_aid(n, r.isdp_aid);
			profile_put(t, n, &r);
			ASSERT_ERR(store_commit(t), ERR_OK);
		}
		CU_ASSERT_EQUAL(info2_of(&b).rsp_capability & RSP_BIT(0), 0);
		CU_ASSERT_EQUAL(bench_download(&b), ES10B_BPP_INSUFFICIENT_MEMORY);
	}
	bench_close(&b);
}

/* deviceInfoExtensibilitySupport: what a later version adds to DeviceInfo does no harm. */
static void test_device_info(void)
{
	struct es10b_ctx ctx = {0};

	ASSERT_ERR(es10b_parse_ctx(test_unhex("a020 a11e 800435290611 a10a 8003110000 8f03110000"
					      "8203010203 83020102 840100"),
				   &ctx),
		   ERR_OK);
	ASSERT_OCTETS(ctx.tac, test_unhex("35290611"), "TAC");
	ASSERT_OCTETS(ctx.imei, test_unhex("010203"), "IMEI");
}

/* Two certificates of one CI with one key: its key identifier stands in the lists once. */
static void test_ci_lists(void)
{
	struct es10b_euicc_info1 info = {0}, twice = {0};
	struct wbuf once = wbuf_grow(256);
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2000"), SW_OK);
		wbuf_put(&once, wbuf_slice(&b.answer));
		ASSERT_ERR(es10b_parse_euicc_info1(wbuf_slice(&once), &info), ERR_OK);
		for (size_t i = CARD_CI_MAX; i-- > 1;)
			b.identity.ci_certs[i] = b.identity.ci_certs[i % 2];
		b.options.dir = test_dir();
		ASSERT_ERR(card_create(&b.options, &b.identity), ERR_OK);
		bench_restart(&b);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2000"), SW_OK);
		ASSERT_ERR(es10b_parse_euicc_info1(wbuf_slice(&b.answer), &twice), ERR_OK);
		ASSERT_OCTETS(twice.ci_verify, info.ci_verify, "verifies");
		ASSERT_OCTETS(twice.ci_sign, info.ci_sign, "signs");
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
	wbuf_free(&once);
}

static void test_clock(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		b.now = AFTER;
		CU_ASSERT_EQUAL(bench_download(&b),
				BENCH_AT_AUTHENTICATE + ES10B_AUTHENTICATE_INVALID_CERTIFICATE);
		b.now = BENCH_NOW;
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
}

/* In each piece: a wrong bit, the next one first, left out. Never is anything installed. */
static void test_pieces(void)
{
	static const enum bench_fault faults[] = {BENCH_BIT, BENCH_SWAP, BENCH_DROP};
	size_t pieces = 2;
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
			for (b.at = 0; b.at < pieces; b.at++) {
				/* A2 is optional in form: without it the keys are the session's. */
				b.fault = faults[i];
				if (b.fault == BENCH_SWAP && b.at + 1 == pieces)
					break;
				CU_ASSERT_NOT_EQUAL(bench_download(&b), 0);
				pieces = b.pieces;
				CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
			}
		}
		b.fault = BENCH_GOOD;
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
}

static void test_refusals(void)
{
	static const struct {
		const char *request;
		uint16_t sw;
	} rows[] = {
		{"bf5600", SW_NOT_FOUND},    {"bf2001", SW_WRONG_DATA},
		{"bf200100", SW_WRONG_DATA}, {"bf3e035c015b", SW_WRONG_DATA},
		{"bf3100", SW_WRONG_DATA},   {"bf2e0000", SW_WRONG_DATA},
		{"a00100", SW_CONDITIONS},   {"bf3600", SW_CONDITIONS},
		{"86020000", SW_CONDITIONS}, {"bf2d025c81", SW_WRONG_DATA},
		{"bf4300", SW_OK},	     {"bf3c00", SW_OK},
		{"bf3e035c015a", SW_OK},     {"bf2000", SW_OK},
		{"bf2200", SW_OK},
	};
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			CU_ASSERT_EQUAL(bench_es10_hex(&b, rows[i].request), rows[i].sw);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2d00"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf2d02a000"), "no profile");
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf410d80080102030405060708810100"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf4103810105"), "no session");
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf410d80080102030405060708810100"), SW_OK);
		CU_ASSERT(b.answer.len > 80); /* signed */
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_NO_SESSION);
	}
	bench_close(&b);
}

TEST_SUITE(isdr, {"download, enable, disable, delete, notify", test_life},
	   {"signed under the CI that the server chose", test_signers},
	   {"the announced version", test_versions}, {"EUICCInfo2 of each version", test_info2},
	   {"a card that is full", test_full}, {"extensions of DeviceInfo", test_device_info},
	   {"a CI with two certificates", test_ci_lists},
	   {"certificates by the card's clock", test_clock},
	   {"a wrong piece installs nothing", test_pieces}, {"requests refused", test_refusals},
	   {"TRUE of BER", test_true})
