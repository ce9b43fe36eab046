/*
 * Profile policy rules and classes (SGP.22 2.9, 5.7.15 to 5.7.19), confirmation codes.
 */
#include "lib/base/tlv.h"
#include "tests/unit/support/rsp_bench.h"

#include <string.h>

#include "card-emu/core/app.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/rat.h"
#include "tests/unit/support/card_fixture.h"

#define FIRST	      BENCH_ICCID
#define SECOND	      "98001032547698103215"
#define SECOND_DIGITS "89000123456789012351"
#define THIRD	      "98001032547698103216"
#define THIRD_DIGITS  "89000123456789012361"
#define OWNER	      "800300f110" /* 001-01 */

static const uint8_t test_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void test_rat_text(void)
{
	static const struct {
		const char *text, *der; /* NULL: refused */
	} rows[] = {
		{"ppr1=*", "301480020640a10b30098003eeeeee81008200820100"},
		{"ppr2=00101", "301080020520a1073005800300f110820100"},
		{"ppr1+ppr2=310410:consent", "301180020560a10730058003130014"
					     "82020780"},
		{"", NULL},
		{"ppr1", NULL},
		{"ppr3=*", NULL},
		{"ppr1=", NULL},
		{"ppr1=0010", NULL},
		{"ppr1=0010111", NULL},
		{"ppr1=00a01", NULL},
		{"ppr1=00101:", NULL},
		{"ppr1=00101:consent ", NULL},
		{"ppr1=00101,", NULL},
		{"ppr1=00101/", NULL},
		{"ppr1=00101/0", NULL},
		{"ppr1=00101/01/02/03", NULL},
		{"ppr1+=00101", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t mem[256];
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		enum err e = rat_parse_text(rows[i].text, &w);

		ASSERT_ERR(e, rows[i].der ? ERR_OK : ERR_VALUE);
		if (rows[i].der)
			ASSERT_OCTETS(wbuf_slice(&w), test_unhex(rows[i].der), rows[i].text);
	}
}

static void test_rat_rules(void)
{
	static const struct {
		const char *rules[3];
		uint32_t ppr;
		const char *owner; /* contents of OperatorID */
		bool allowed, consent;
	} rows[] = {
		{{NULL}, 0, "", true, false},
		{{NULL}, RSP_PPR1, OWNER, false, false},
		{{"ppr1=*"}, RSP_PPR1, OWNER, true, false},
		{{"ppr1=*"}, RSP_PPR1, "", false, false},
		{{"ppr1=*"}, RSP_PPR1 | RSP_PPR2, OWNER, false, false},
		{{"ppr1=*", "ppr2=*:consent"}, RSP_PPR1 | RSP_PPR2, OWNER, true, true},
		{{"ppr1=00102"}, RSP_PPR1, OWNER, false, false},
		{{"ppr1=00102,00101"}, RSP_PPR1, OWNER, true, false},
		{{"ppr1=001**"}, RSP_PPR1, OWNER, true, false},
		{{"ppr1=001001"}, RSP_PPR1, OWNER, false, false},
		{{"ppr1=001001"}, RSP_PPR1, "8003001100", true, false},
		/* without a GID in the rule the owner has none; empty: any */
		{{"ppr1=00101"}, RSP_PPR1, OWNER "810101", false, false},
		{{"ppr1=00101/01"}, RSP_PPR1, OWNER "810101", true, false},
		{{"ppr1=00101/02"}, RSP_PPR1, OWNER "810101", false, false},
		{{"ppr1=00101/*"}, RSP_PPR1, OWNER "810101", true, false},
		{{"ppr1=00101/*/*"}, RSP_PPR1, OWNER "810101820102", true, false},
		{{"ppr1=00101/*"}, RSP_PPR1, OWNER "810101820102", false, false},
		/* the first rule that names the owner decides on consent */
		{{"ppr1=00101", "ppr1=*:consent"}, RSP_PPR1, OWNER, true, false},
		{{"ppr1=*:consent", "ppr1=00101"}, RSP_PPR1, OWNER, true, true},
		{{"ppr1+ppr2=*"}, RSP_PPR3, OWNER, false, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t mem[512];
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		bool consent = false;

		for (size_t k = 0; k < ARRAY_LEN(rows[i].rules) && rows[i].rules[k]; k++)
			ASSERT_ERR(rat_parse_text(rows[i].rules[k], &w), ERR_OK);
		CU_ASSERT_EQUAL(rat_allows(wbuf_slice(&w), rows[i].ppr, test_unhex(rows[i].owner),
					   &consent),
				rows[i].allowed);
		if (rows[i].allowed)
			CU_ASSERT_EQUAL(consent, rows[i].consent);
	}
}

/* GetRAT and what BF22 says is forbidden */
static void test_get_rat(void)
{
	struct es10b_euicc_info2 info = {0};
	struct slice rules = SLICE_EMPTY;
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf4300"), SW_OK);
		ASSERT_ERR(es10b_parse_rat(wbuf_slice(&b.answer), &rules), ERR_OK);
		CU_ASSERT_EQUAL(rat_named(rules), RSP_PPR1 | RSP_PPR2);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2200"), SW_OK);
		ASSERT_ERR(es10b_parse_euicc_info2(wbuf_slice(&b.answer), &info), ERR_OK);
		CU_ASSERT(info.has_forbidden && info.forbidden == 0);
	}
	bench_close(&b);
}

static void set_rules(struct bench *b, uint32_t ppr)
{
	b->metadata.has_ppr = true;
	b->metadata.ppr = ppr;
	b->metadata.owner = test_unhex(OWNER);
}

static void set_class(struct bench *b, enum es10c_profile_class c)
{
	b->metadata.has_class = true;
	b->metadata.profile_class = c;
}

/* A profile of that class; its key is that of test profiles. */
static void download_class(struct bench *b, const char *digits, enum es10c_profile_class class)
{
	bench_set_profile(b, digits, SLICE_OF(test_key));
	set_class(b, class);
	CU_ASSERT_EQUAL(bench_download(b), 0);
}

static unsigned command(struct bench *b, uint32_t tag, const char *iccid)
{
	return bench_command(b, tag, iccid);
}

/* PPR1 comes first or not at all; PPR2 forbids deletion, a memory reset does not ask. */
static void test_rules(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		bench_set_profile(&b, SECOND_DIGITS, SLICE_OF(test_key));
		set_rules(&b, RSP_PPR1);
		CU_ASSERT_EQUAL(bench_download(&b), ES10B_BPP_PPR_NOT_ALLOWED);
		set_rules(&b, RSP_PPR2);
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_DELETE_PROFILE, SECOND),
				ES10C_DISALLOWED_BY_POLICY);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, SECOND), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_DISABLE_PROFILE, SECOND), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_DELETE_PROFILE, FIRST), ES10C_OK);
		CU_ASSERT_EQUAL(bench_result(&b, "bf3404820205e0"), ES10C_RESET_OK);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
		set_rules(&b, RSP_PPR1);
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
}

static size_t state_of(struct bench *b, const char *iccid)
{
	struct es10c_profiles list = {0};
	struct es10c_profile_info info = {0};
	struct cursor c;
	char request[64] = "bf2d0ea00c5a0a";

	strcat(request, iccid);
	CU_ASSERT_EQUAL(bench_es10_hex(b, request), SW_OK);
	ASSERT_ERR(es10c_parse_profiles(wbuf_slice(&b->answer), &list), ERR_OK);
	c = cursor_of(list.items);
	CU_ASSERT(es10c_next_profile(&c, &info));
	return info.state;
}

/* A test profile takes an operational one's place, PPR1 or not, and gives it back. */
static void test_classes(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		set_rules(&b, RSP_PPR1);
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		b.metadata.has_ppr = false;
		download_class(&b, SECOND_DIGITS, ES10C_TEST);
		download_class(&b, THIRD_DIGITS, ES10C_PROVISIONING);

		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, FIRST), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, THIRD),
				ES10C_DISALLOWED_BY_POLICY);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, SECOND), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, THIRD),
				ES10C_WRONG_REENABLING);
		bench_restart(&b);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_DISABLE_PROFILE, SECOND), ES10C_OK);
		CU_ASSERT_EQUAL(state_of(&b, FIRST), ES10C_ENABLED);
		CU_ASSERT_EQUAL(state_of(&b, SECOND), ES10C_DISABLED);
		/* and back by name */
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, SECOND), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, FIRST), ES10C_OK);
		CU_ASSERT_EQUAL(state_of(&b, FIRST), ES10C_ENABLED);
		/* 3 installs; enable 1; 1 off, 2 on; 2 off, 1 on; 1 off, 2 on; 2 off, 1 on */
		CU_ASSERT_EQUAL(bench_notifications(&b), 3 + 1 + 4 * 2);
		/* field-loaded test profiles only, then the operational ones, never provisioning */
		CU_ASSERT_EQUAL(bench_result(&b, "bf340482020640"), ES10C_RESET_OK);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 2);
		CU_ASSERT_EQUAL(bench_result(&b, "bf340482020780"), ES10C_RESET_OK);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 1);
		CU_ASSERT_EQUAL(bench_result(&b, "bf3404820205e0"), ES10C_RESET_NOTHING);
		CU_ASSERT_EQUAL(state_of(&b, THIRD), ES10C_DISABLED);
	}
	bench_close(&b);
}

/* What came back after a test profile is an ordinary enabled profile: it can be disabled. */
static void test_came_back(void)
{
	struct bench b;
	size_t enabled = 1;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		download_class(&b, SECOND_DIGITS, ES10C_TEST);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, FIRST), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, SECOND), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_DISABLE_PROFILE, SECOND), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_DISABLE_PROFILE, FIRST), ES10C_OK);
		CU_ASSERT_EQUAL(bench_profiles(&b, &enabled), 2);
		CU_ASSERT_EQUAL(enabled, 0);
	}
	bench_close(&b);
}

/* A test profile that is reset away while it is enabled gives nothing back, then or later. */
static void test_reset_while_testing(void)
{
	struct bench b;
	size_t enabled = 1;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		download_class(&b, SECOND_DIGITS, ES10C_TEST);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, FIRST), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, SECOND), ES10C_OK);
		CU_ASSERT_EQUAL(bench_result(&b, "bf340482020640"), ES10C_RESET_OK);
		bench_restart(&b); /* the reset has changed the profile */
		download_class(&b, THIRD_DIGITS, ES10C_TEST);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, THIRD), ES10C_OK);
		CU_ASSERT_EQUAL(command(&b, SGP22_TAG_DISABLE_PROFILE, THIRD), ES10C_OK);
		CU_ASSERT_EQUAL(bench_profiles(&b, &enabled), 2);
		CU_ASSERT_EQUAL(enabled, 0);
	}
	bench_close(&b);
}

/*
 * Until the REFRESH is followed the card works on what was enabled; when that is deleted, not on
 * what is installed in its place.
 */
static void test_deleted_in_use(void)
{
	static const char *const away[] = {"bf330c5a0a" FIRST, "bf340482020780"};
	struct bench b;

	for (size_t i = 0; i < ARRAY_LEN(away); i++) {
		if (bench_open(&b, BENCH_FRESH_NIST)) {
			CU_ASSERT_EQUAL(bench_download(&b), 0);
			CU_ASSERT_EQUAL(command(&b, SGP22_TAG_ENABLE_PROFILE, FIRST), ES10C_OK);
			if (i == 0) /* disabled with a REFRESH that nobody follows */
				CU_ASSERT_EQUAL(bench_result(&b, "bf3211a00c5a0a" FIRST "8101ff"),
						ES10C_OK);
			CU_ASSERT_EQUAL(bench_result(&b, away[i]), ES10C_OK);
			CU_ASSERT(strstr(fixture_send(b.card, "801200000b"), "9000") != NULL);
			bench_set_profile(&b, SECOND_DIGITS, SLICE_OF(test_key));
			CU_ASSERT_EQUAL(bench_download(&b), 0);
			CU_ASSERT_EQUAL(card_profile(b.card), 0);
		}
		bench_close(&b);
	}
}

static size_t count(struct bench *b, const char *request)
{
	struct es10c_profiles list = {0};
	struct es10c_profile_info info;
	struct cursor c;
	size_t n = 0;

	CU_ASSERT_EQUAL(bench_es10_hex(b, request), SW_OK);
	ASSERT_ERR(es10c_parse_profiles(wbuf_slice(&b->answer), &list), ERR_OK);
	CU_ASSERT(list.ok);
	c = cursor_of(list.items);
	while (es10c_next_profile(&c, &info))
		n++;
	ASSERT_ERR(c.err, ERR_OK);
	return n;
}

/* SGP.22 5.7.15: search criteria, tag list */
static void test_search(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		download_class(&b, SECOND_DIGITS, ES10C_TEST);
		CU_ASSERT_EQUAL(count(&b, "bf2d00"), 2);
		CU_ASSERT_EQUAL(count(&b, "bf2d0ea00c5a0a" SECOND), 1);
		CU_ASSERT_EQUAL(count(&b, "bf2d0ea00c5a0a" THIRD), 0);
		CU_ASSERT_EQUAL(count(&b, "bf2d05a003950100"), 1);
		CU_ASSERT_EQUAL(count(&b, "bf2d05a003950101"), 0);
		CU_ASSERT_EQUAL(count(&b, "bf2d05a003950102"), 1);
		CU_ASSERT_EQUAL(count(&b, "bf2d14a0124f10a0000005591010ffffffff8900001100"), 1);
		CU_ASSERT_EQUAL(count(&b, "bf2d14a0124f10a0000005591010ffffffff8900001900"), 0);
		CU_ASSERT_EQUAL(bench_result(&b, "bf2d05a003950103"),
				ES10C_PROFILES_INCORRECT_INPUT);
		CU_ASSERT_EQUAL(bench_result(&b, "bf2d05a0035a0198"),
				ES10C_PROFILES_INCORRECT_INPUT);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2d13a00c5a0a" SECOND "5c03"
						   "5a9f70"),
				SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer),
			      test_unhex("bf2d14a012e3105a0a" SECOND "9f700100"), "two tags");
	}
	bench_close(&b);
}

/*
 * EXTENSIBILITY IMPLIED: what later versions add at the end is passed over, 2.4's service data are
 * kept and given to who asks.
 */
static void test_additions(void)
{
	struct es8p_metadata m;
	struct wbuf w = wbuf_grow(1024);
	struct slice inside = SLICE_EMPTY;
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		b.metadata.service_data = test_unhex("8003010203");
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2d045c02bf22"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf2d0ca00ae308bf22058003010203"),
			      "service data");
		es8p_put_metadata(&w, &b.metadata);
		ASSERT_ERR(tlv_only(wbuf_slice(&w), SGP22_TAG_STORE_METADATA, &inside), ERR_OK);
		wbuf_cut(&b.answer, 0);
		wbuf_put(&b.answer, inside);
		wbuf_put(&b.answer, test_unhex("bf2303800101"));
		wbuf_cut(&w, 0);
		tlv_put(&w, SGP22_TAG_STORE_METADATA, wbuf_slice(&b.answer));
		ASSERT_ERR(es8p_parse_metadata(wbuf_slice(&w), &m), ERR_OK);
		/* half an object is none */
		wbuf_put(&b.answer, test_unhex("bf2403"));
		wbuf_cut(&w, 0);
		tlv_put(&w, SGP22_TAG_STORE_METADATA, wbuf_slice(&b.answer));
		CU_ASSERT_NOT_EQUAL(es8p_parse_metadata(wbuf_slice(&w), &m), ERR_OK);
	}
	bench_close(&b);
	wbuf_free(&w);
}

/* SGP.22 5.7.5: the hash goes into what the eUICC signs, when the SM-DP+ asks for it. */
static void test_code(void)
{
	static const uint8_t hash[32] = {1, 2, 3};
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (unsigned asked = 0; asked < 2; asked++) {
			struct es10b_prepare_download_response r = {0};
			struct cert euicc;
			uint8_t mem[67];
			struct slice parts[2];

			b.cc_required = asked;
			b.hash_cc = SLICE_OF(hash);
			CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
			CU_ASSERT_EQUAL(bench_prepare(&b), 0);
			ASSERT_ERR(es10b_parse_prepare_download_response(wbuf_slice(&b.answer), &r),
				   ERR_OK);
			ASSERT_OCTETS(r.signed2.hash_cc, asked ? SLICE_OF(hash) : SLICE_EMPTY,
				      "hash");
			ASSERT_ERR(cert_parse(b.identity.signers[0].euicc_cert, &euicc), ERR_OK);
			parts[0] = r.signed2_raw;
			parts[1] = es10b_signature_object(SLICE_OF(b.signature2), mem);
			ASSERT_ERR(
				ec_verify(euicc.curve, cert_point(&euicc), parts, 2, r.signature),
				ERR_OK);
		}
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
}

TEST_SUITE(isdr_policy, {"rules as text", test_rat_text}, {"who may carry what", test_rat_rules},
	   {"GetRAT", test_get_rat}, {"PPR1 and PPR2", test_rules},
	   {"test and provisioning profiles", test_classes},
	   {"a profile that came back after a test", test_came_back},
	   {"a test profile reset while it is enabled", test_reset_while_testing},
	   {"a profile deleted while it is in use", test_deleted_in_use},
	   {"search criteria", test_search}, {"what later versions add", test_additions},
	   {"the confirmation code's hash", test_code})
