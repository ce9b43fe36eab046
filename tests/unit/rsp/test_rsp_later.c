/*
 * rsp_later: card, LPA and manager with whom a later version of SGP.22 talks: elements that they do
 * not know in every message, signed as they stand. All goes as if there were none.
 */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/rsp/es10a.h"
#include "tests/unit/support/desk.h"
#include "tests/unit/support/flow.h"
#include "tests/unit/support/rsp_bench.h"
#include "tests/unit/support/rsp_crl.h"
#include "tests/unit/rsp/rsp_extend.h"
#include "tool/cli/json.h"

#define PACKAGE_MAX (1u << 20)

/* SGP.22 5.7: every function of the card, in an order in which each has something to do. */
static void test_card(void)
{
	static const char *const good[] = {
		"bf2911"
		"5a0a" BENCH_ICCID "9003616263",       /* SetNickname */
		"bf3111a00c5a0a" BENCH_ICCID "810100", /* EnableProfile */
		"bf3211a00c5a0a" BENCH_ICCID "810100", /* DisableProfile */
		("bf330c5a0a" BENCH_ICCID),	       /* DeleteProfile */
		"bf3f03800161",			       /* SetDefaultDpAddress */
		"bf3003800101",			       /* NotificationSent */
		"bf340482020520",		       /* EuiccMemoryReset */
	};
	static const struct {
		const char *request, *answer; /* how it begins */
	} asked[] = {
		{"bf2000", "bf20"},
		{"bf2200", "bf22"},
		{"bf3c00", "bf3c"},
		{"bf4300", "bf43"},
		{"bf3e035c015a", "bf3e125a10"},
		{"bf2e00", "bf2e128010"},
		{"bf2800", "bf28"},
		{"bf2d00", "bf2d"},
		{"bf2b05a003800101", "bf2b81"},
	};

	for (size_t k = 0; rsp_unknown_elements[k]; k++) {
		struct bench b;

		if (!bench_open(&b, BENCH_FRESH_NIST)) {
			bench_close(&b);
			return;
		}
		rsp_extending = rsp_unknown_elements[k];
		b.isdp = test_unhex("bf2407b805800388370a");
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 1);
		for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
			CU_ASSERT_EQUAL(bench_es10_hex(&b, asked[i].request), SW_OK);
			CU_ASSERT(slice_starts(wbuf_slice(&b.answer), test_unhex(asked[i].answer)));
		}
		for (size_t i = 0; i < ARRAY_LEN(good); i++)
			CU_ASSERT_EQUAL(bench_result(&b, good[i]), 0);
		CU_ASSERT_EQUAL(bench_load_crl(&b, &(struct bench_crl){.number = 1}, NULL), 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf410d8008"
						   "0102030405060708"
						   "810100"),
				SW_OK);
		CU_ASSERT(slice_starts(wbuf_slice(&b.answer), test_unhex("bf41")) &&
			  b.answer.len > 64); /* signed */
		rsp_extending = NULL;
		bench_close(&b);
	}
}

/* AUTOMATIC TAGS: dpOid is [0], and must be the SM-DP+'s own (SGP.22 5.5.2). */
static void test_dp_oid(void)
{
	static const struct {
		const char *isdp;
		unsigned want;
	} rows[] = {
		{"bf2407b805800388370a", 0},
		{"bf2407b805800388370b", ES10B_BPP_INCORRECT_INPUT},
		{"bf2407b805060388370a", ES10B_BPP_INCORRECT_INPUT},
		{"bf2402b800", ES10B_BPP_INCORRECT_INPUT},
	};
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (size_t i = ARRAY_LEN(rows); i-- > 0;) {
			b.isdp = test_unhex(rows[i].isdp);
			CU_ASSERT_EQUAL(bench_download(&b), rows[i].want);
		}
	}
	bench_close(&b);
}

/* SGP.22 5.6: an eUICC of a later version at the manager's. */
static void test_manager(void)
{
	for (size_t k = 0; rsp_unknown_elements[k]; k++) {
		struct desk d;
		json_t *answer = NULL;

		desk_open(&d);
		rsp_extending = rsp_unknown_elements[k];
		desk_initiate(&d);
		d.p.reason = ES10B_CANCEL_POSTPONED;
		desk_authenticate(&d);
		peer_cancel(&d.p, &d.message);
		answer = desk_good(&d, ES9P_CANCEL_SESSION);
		json_decref(answer);
		desk_expect_profile(&d, SMDP_RELEASED);
		desk_bind(&d);
		desk_expect_profile(&d, SMDP_DOWNLOADED);
		ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
		desk_expect_profile(&d, SMDP_INSTALLED);
		desk_remember(&d);
		peer_notification(&d.p, &d.message);
		ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
		CU_ASSERT_PTR_NULL(answer);
		rsp_extending = NULL;
		desk_close(&d);
	}
}

/* A manager of a later version: members in JSON that nobody knows, and in what nobody has signed.
 */
static enum err later_manager(struct flow *f, const char *function, json_t **answer)
{
	struct rsp_extension x = {.at = RSP_EVERYWHERE, .unsigned_ = true};
	struct wbuf package = wbuf_grow(PACKAGE_MAX), later = wbuf_grow(PACKAGE_MAX);
	bool bound = strcmp(function, "getBoundProfilePackage") == 0;

	(void)f;
	if (*answer) {
		json_object_set_new(*answer, "x-later", json_pack("{s:[i]}", "a", 1));
		json_object_set_new(json_object_get(*answer, "header"), "later", json_null());
	}
	if (bound && *answer) {
		ASSERT_ERR(json_base64_field(*answer, "boundProfilePackage", &package), ERR_OK);
		x.element = test_unhex(rsp_unknown_elements[1]);
		rsp_extend(wbuf_slice(&package), &rsp_type_BoundProfilePackage, &x, &later);
		json_object_set_new(*answer, "boundProfilePackage",
				    json_base64(wbuf_slice(&later)));
	}
	wbuf_free(&package);
	wbuf_free(&later);
	return ERR_OK;
}

static void test_lpa(void)
{
	struct flow f;

	flow_open(&f);
	f.lie = later_manager;
	ASSERT_ERR(flow_download(&f, 0, NULL), ERR_OK);
	CU_ASSERT_EQUAL(flow_card_profiles(&f), 1);
	flow_close(&f);
}

TEST_SUITE(rsp_later, {"the card's functions and a download", test_card},
	   {"dpOid by its tag", test_dp_oid}, {"the manager's functions", test_manager},
	   {"the LPA's download", test_lpa})
