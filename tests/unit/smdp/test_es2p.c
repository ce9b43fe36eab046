/* es2p: the operator's orders by JSON, each field missing and wrong (SGP.22 5.3, 5.2.6). */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/es2p.h"
#include "host/operator/api/es2p.h"
#include "host/operator/http/route.h"
#include "host/operator/smdp/store/import.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"

#define NOW	 INT64_C(1800000000)
#define ADDRESS	 "dp.example.com"
#define DIGITS	 "8988211000000000042"
#define ICCID	 "\"iccid\": \"" DIGITS "\""
#define NOBODYS	 "\"iccid\": \"8988211000000000059\""
#define EID	 "\"eid\": \"89049032123451234512345678901235\""
#define OTHER	 "\"eid\": \"89049032123451234512345678901236\""
#define RELEASE	 "\"releaseFlag\": true"
#define HOLD	 "\"releaseFlag\": false"
#define BACK	 "\"finalProfileStatusIndicator\": \"Available\""
#define RETIRE	 "\"finalProfileStatusIndicator\": \"Unavailable\""
#define MATCHING "\"matchingId\": \"M-1\""

struct counter {
	struct smdp_store *s;
	json_t *answer;
};

/* text: the request in JSON, without its header where it names none. */
static void ask(struct counter *c, enum es2p_function f, const char *text)
{
	const struct es2p_manager m = {c->s, ADDRESS};
	struct http_answer answer = {.body = NULL};
	json_t *request = json_loads(text, 0, NULL);

	CU_ASSERT_FATAL(request != NULL);
	if (!json_object_get(request, "header"))
		json_object_set_new(request, "header",
				    json_pack("{s:s, s:s}", "functionRequesterIdentifier", "me",
					      "functionCallIdentifier", "1"));
	json_decref(c->answer);
	ASSERT_ERR(es2p_answer(&m, f, request, NOW, &answer), ERR_OK);
	c->answer = answer.body;
	json_decref(request);
}

/* subject: "" for success */
static void order(struct counter *c, enum es2p_function f, const char *text, const char *subject,
		  const char *reason)
{
	const char *got = "", *why = "", *message = "";

	ask(c, f, text);
	json_unpack(c->answer, "{s:{s:{s:{s:s, s:s, s:s}}}}", "header", "functionExecutionStatus",
		    "statusCodeData", "subjectCode", &got, "reasonCode", &why, "message", &message);
	/* SGP.22 5.2.6: what is missing or invalid is named */
	if (strcmp(got, "1.6") == 0)
		CU_ASSERT(strcspn(message, ": ") >= 3 && strchr(message, ':') != NULL);
	if (strcmp(got, subject) != 0 || strcmp(why, reason) != 0)
		fprintf(stderr, "\nfunction %d, %s: got %s/%s, want %s/%s\n", (int)f, text, got,
			why, subject, reason);
	CU_ASSERT_STRING_EQUAL(got, subject);
	CU_ASSERT_STRING_EQUAL(why, reason);
}

static const char *field(const struct counter *c, const char *name)
{
	const char *v = json_string_value(json_object_get(c->answer, name));

	return v ? v : "";
}

static void counter_open(struct counter *c)
{
	uint8_t iccid[10];

	*c = (struct counter){NULL, NULL};
	CU_ASSERT_FATAL(smdp_store_open(test_dir(), NULL, &c->s) == ERR_OK);
	ASSERT_ERR(es2p_iccid(DIGITS "F", iccid), ERR_OK);
	ASSERT_ERR(smdp_import(c->s,
			       &(struct smdp_import){iccid, "gold", slice_str("m"), slice_str("u")},
			       NOW),
		   ERR_OK);
}

static void counter_close(struct counter *c)
{
	json_decref(c->answer);
	smdp_store_close(&c->s);
}

static void profile_now(const struct counter *c, struct smdp_profile *p)
{
	uint8_t iccid[10];

	ASSERT_ERR(es2p_iccid(DIGITS, iccid), ERR_OK);
	ASSERT_ERR(smdp_profile_by_iccid(c->s, iccid, p), ERR_OK);
}

/* How far the order is when the request of a row comes. */
enum before { NOTHING, ORDERED, ORDERED_EID, CONFIRMED, CONFIRMED_EID };

static void go_to(struct counter *c, enum before b)
{
	if (b == ORDERED || b == CONFIRMED)
		order(c, ES2P_DOWNLOAD_ORDER, "{" ICCID "}", "", "");
	if (b == ORDERED_EID || b == CONFIRMED_EID)
		order(c, ES2P_DOWNLOAD_ORDER, "{" ICCID ", " EID "}", "", "");
	if (b == CONFIRMED || b == CONFIRMED_EID)
		order(c, ES2P_CONFIRM_ORDER, "{" ICCID ", " MATCHING ", " HOLD "}", "", "");
}

#define DOWNLOAD ES2P_DOWNLOAD_ORDER
#define CONFIRM	 ES2P_CONFIRM_ORDER
#define CANCEL	 ES2P_CANCEL_ORDER
#define LET_GO	 ES2P_RELEASE_PROFILE

/* M, C, O: what the field is in the function's table of input data. */
static const struct row {
	enum es2p_function f;
	enum before before;
	const char *text, *subject, *reason;
} rows[] = {
	/* the header (6.5.1.3): M, with two fields that are M */
	{DOWNLOAD, NOTHING, "{\"header\": {}, " ICCID "}", "1.6", "2.2"},
	{DOWNLOAD, NOTHING, "{\"header\": {\"functionCallIdentifier\": \"1\"}, " ICCID "}", "1.6",
	 "2.2"},
	{DOWNLOAD, NOTHING, "{\"header\": {\"functionRequesterIdentifier\": \"x\"}, " ICCID "}",
	 "1.6", "2.2"},
	{CONFIRM, ORDERED, "{\"header\": 1, " ICCID ", " RELEASE "}", "1.6", "2.2"},
	/* 5.3.1 DownloadOrder: eid O; iccid C, profileType C: one of them */
	{DOWNLOAD, NOTHING, "{}", "1.6", "2.2"},
	{DOWNLOAD, NOTHING, "{" EID "}", "1.6", "2.2"},
	{DOWNLOAD, NOTHING, "{\"profileType\": \"\"}", "1.6", "2.2"},
	{DOWNLOAD, NOTHING, "{\"profileType\": 1}", "1.6", "2.2"},
	{DOWNLOAD, NOTHING, "{\"iccid\": [1]}", "1.6", "2.2"},
	{DOWNLOAD, NOTHING, "{\"iccid\": \"12x\"}", "1.6", "2.1"},
	{DOWNLOAD, NOTHING, "{\"iccid\": \"\"}", "1.6", "2.1"},
	{DOWNLOAD, NOTHING, "{" ICCID ", \"eid\": \"8904\"}", "1.6", "2.1"},
	{DOWNLOAD, NOTHING, "{" ICCID ", \"eid\": \"\"}", "1.6", "2.1"},
	{DOWNLOAD, NOTHING, "{" ICCID ", \"eid\": \"00000000000000000000000000000000\"}", "1.6",
	 "2.1"},
	{DOWNLOAD, NOTHING, "{" ICCID ", \"eid\": null}", "1.6", "2.2"},
	{DOWNLOAD, NOTHING, "{" NOBODYS "}", "8.2.1", "3.9"},
	{DOWNLOAD, NOTHING, "{" ICCID ", \"profileType\": \"lead\"}", "8.2.5", "3.8"},
	{DOWNLOAD, NOTHING, "{\"profileType\": \"lead\"}", "8.2.5", "3.9"},
	{DOWNLOAD, ORDERED, "{\"profileType\": \"gold\"}", "8.2.5", "3.7"},
	{DOWNLOAD, ORDERED, "{" ICCID "}", "8.2.1", "3.3"},
	{DOWNLOAD, NOTHING, "{" ICCID ", " EID ", \"profileType\": \"gold\"}", "", ""},
	/* 5.3.2 ConfirmOrder: iccid M, releaseFlag M; eid C; matchingId, confirmationCode,
	 * smdsAddress, smdpAddress O */
	{CONFIRM, ORDERED, "{" RELEASE "}", "1.6", "2.2"},
	{CONFIRM, ORDERED, "{" ICCID "}", "1.6", "2.2"},
	{CONFIRM, ORDERED, "{" ICCID ", \"releaseFlag\": \"true\"}", "1.6", "2.2"},
	{CONFIRM, ORDERED, "{" ICCID ", \"releaseFlag\": null}", "1.6", "2.2"},
	{CONFIRM, ORDERED, "{" NOBODYS ", " RELEASE "}", "8.2.1", "3.9"},
	{CONFIRM, NOTHING, "{" ICCID ", " RELEASE "}", "8.2.1", "3.5"},
	{CONFIRM, ORDERED_EID, "{" ICCID ", " OTHER ", " RELEASE "}", "8.1.1", "3.10"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"matchingId\": \"\"}", "8.1.1", "2.2"},
	{CONFIRM, ORDERED_EID, "{" ICCID ", " RELEASE ", \"matchingId\": \"\"}", "", ""},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"matchingId\": null}", "1.6", "2.2"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"matchingId\": \"abc-1\"}", "1.6", "2.1"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"matchingId\": \"A_1\"}", "1.6", "2.1"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"matchingId\": \"A$1\"}", "1.6", "2.1"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"confirmationCode\": 1234}", "1.6", "2.2"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"confirmationCode\": \"\"}", "1.6", "2.1"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"smdsAddress\": \"ds.example.com\"}", "8.9",
	 "5.1"},
	{CONFIRM, ORDERED, "{" NOBODYS ", " RELEASE ", \"smdsAddress\": \"ds.example.com\"}",
	 "8.2.1", "3.9"},
	{CONFIRM, ORDERED_EID, "{" ICCID ", " RELEASE ", \"smdsAddress\": \"\"}", "", ""},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"smdpAddress\": \"other.example.com\"}",
	 "8.8.1", "3.8"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"smdpAddress\": 1}", "1.6", "2.2"},
	{CONFIRM, ORDERED, "{" ICCID ", " RELEASE ", \"smdpAddress\": \"DP.example.com\"}", "", ""},
	/* 5.3.3 CancelOrder: iccid M, finalProfileStatusIndicator M; eid C, matchingId C */
	{CANCEL, ORDERED, "{" BACK "}", "1.6", "2.2"},
	{CANCEL, ORDERED, "{" ICCID "}", "1.6", "2.2"},
	{CANCEL, ORDERED, "{" ICCID ", \"finalProfileStatusIndicator\": true}", "1.6", "2.2"},
	{CANCEL, ORDERED, "{" ICCID ", \"finalProfileStatusIndicator\": \"Gone\"}", "1.6", "2.1"},
	{CANCEL, ORDERED, "{" NOBODYS ", " BACK "}", "8.2.1", "3.9"},
	{CANCEL, NOTHING, "{" ICCID ", " BACK "}", "8.2.1", "3.5"},
	{CANCEL, ORDERED_EID, "{" ICCID ", " BACK "}", "8.1.1", "2.2"},
	{CANCEL, CONFIRMED_EID, "{" ICCID ", " BACK ", " MATCHING "}", "8.1.1", "2.2"},
	{CANCEL, CONFIRMED_EID, "{" ICCID ", " RETIRE "}", "8.1.1", "2.2"},
	{CANCEL, ORDERED_EID, "{" ICCID ", " BACK ", " OTHER "}", "8.2.1", "3.10"},
	{CANCEL, CONFIRMED, "{" ICCID ", " BACK ", \"matchingId\": \"M-2\"}", "8.2.6", "3.10"},
	{CANCEL, CONFIRMED, "{" ICCID ", " BACK ", \"matchingId\": \"m-1\"}", "8.2.6", "3.10"},
	{CANCEL, CONFIRMED, "{" ICCID ", " BACK ", \"matchingId\": 1}", "1.6", "2.2"},
	{CANCEL, CONFIRMED_EID, "{" ICCID ", " BACK ", " EID ", " MATCHING "}", "", ""},
	{CANCEL, CONFIRMED, "{" ICCID ", " BACK "}", "", ""}, /* docs/adr/0018 */
	/* 5.3.4 ReleaseProfile: iccid M */
	{LET_GO, CONFIRMED, "{}", "1.6", "2.2"},
	{LET_GO, CONFIRMED, "{\"iccid\": 7}", "1.6", "2.2"},
	{LET_GO, CONFIRMED, "{" NOBODYS "}", "8.2.1", "3.9"},
	{LET_GO, NOTHING, "{" ICCID "}", "8.2.1", "3.5"},
	{LET_GO, ORDERED, "{" ICCID "}", "8.2.1", "3.5"},
	{LET_GO, CONFIRMED, "{" ICCID "}", "", ""},
};

static void test_fields(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct smdp_profile before, after;
		struct counter c;

		counter_open(&c);
		go_to(&c, r->before);
		profile_now(&c, &before);
		order(&c, r->f, r->text, r->subject, r->reason);
		profile_now(&c, &after);
		CU_ASSERT_EQUAL(after.revision == before.revision, *r->subject != 0);
		CU_ASSERT_EQUAL(after.state == before.state, *r->subject != 0);
		counter_close(&c);
	}
}

static void test_way(void)
{
	struct counter c;
	struct smdp_profile p;

	counter_open(&c);
	order(&c, DOWNLOAD, "{\"profileType\": \"gold\"}", "", "");
	CU_ASSERT_STRING_EQUAL(field(&c, "iccid"), DIGITS);
	order(&c, CONFIRM, "{" ICCID ", " MATCHING ", " HOLD ", \"confirmationCode\": \"12\"}", "",
	      "");
	CU_ASSERT_STRING_EQUAL(field(&c, "matchingId"), "M-1");
	CU_ASSERT_STRING_EQUAL(field(&c, "smdpAddress"), ADDRESS);
	CU_ASSERT_STRING_EQUAL(field(&c, "eid"), "");
	profile_now(&c, &p);
	CU_ASSERT(p.has_code);
	order(&c, LET_GO, "{" ICCID "}", "", "");
	order(&c, LET_GO, "{" ICCID "}", "8.2.1", "3.5");
	order(&c, CANCEL, "{" ICCID ", " MATCHING ", " RETIRE "}", "", "");
	order(&c, DOWNLOAD, "{" ICCID "}", "8.2.1", "3.3");
	counter_close(&c);
}

/* SGP.22 4.1.1: what is issued. */
static void test_matching_ids(void)
{
	char id[SMDP_MATCHING_ID_MAX + 1];

	CU_ASSERT(es2p_is_matching_id("ABCXYZ-0189"));
	CU_ASSERT(es2p_is_matching_id("-"));
	CU_ASSERT_FALSE(es2p_is_matching_id(""));
	CU_ASSERT_FALSE(es2p_is_matching_id("abc-1"));
	CU_ASSERT_FALSE(es2p_is_matching_id("ABc"));
	CU_ASSERT_FALSE(es2p_is_matching_id("A_B"));
	CU_ASSERT_FALSE(es2p_is_matching_id("A B"));
	CU_ASSERT_FALSE(es2p_is_matching_id("\xC3\x84"));
	for (int i = 0; i < 20; i++) {
		ASSERT_ERR(es2p_new_matching_id(id), ERR_OK);
		CU_ASSERT(es2p_is_matching_id(id));
	}
}

TEST_SUITE(es2p, {"each field missing and wrong", test_fields},
	   {"an order's way by JSON", test_way}, {"matching ids", test_matching_ids})
