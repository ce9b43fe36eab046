/* es9p: each field of an LPA's request missing and wrong (SGP.22 5.6, 5.2.6). */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/http/fault.h"
#include "host/operator/http/route.h"
#include "tests/unit/support/desk.h"

#define INITIATE ES9P_INITIATE_AUTHENTICATION
#define CLIENT	 ES9P_AUTHENTICATE_CLIENT
#define PACKAGE	 ES9P_GET_BOUND_PROFILE_PACKAGE
#define NOTICE	 ES9P_HANDLE_NOTIFICATION
#define CANCEL	 ES9P_CANCEL_SESSION
#define OTHER_ID "000102030405060708090A0B0C0D0E0F"

/*
 * All fields are mandatory. value: JSON in the place of the good one, NULL: the field is left out.
 * subject: "" where the request is taken.
 */
static const struct row {
	enum es9p_function f;
	const char *field, *value, *subject, *reason;
} rows[] = {
	/* 5.6.1 InitiateAuthentication */
	{INITIATE, "smdpAddress", NULL, "1.6", "2.2"},
	{INITIATE, "smdpAddress", "7", "1.6", "2.2"},
	{INITIATE, "smdpAddress", "\"\"", "8.8.1", "3.8"},
	{INITIATE, "smdpAddress", "\"other.example.com\"", "8.8.1", "3.8"},
	{INITIATE, "smdpAddress", "\"DP.example.com\"", "", ""},
	{INITIATE, "euiccChallenge", NULL, "1.6", "2.2"},
	{INITIATE, "euiccChallenge", "null", "1.6", "2.2"},
	{INITIATE, "euiccChallenge", "\"\"", "1.6", "2.1"},
	{INITIATE, "euiccChallenge", "\"AAAA\"", "1.6", "2.1"},
	{INITIATE, "euiccChallenge", "\"*\"", "1.6", "2.1"},
	{INITIATE, "euiccInfo1", NULL, "1.6", "2.2"},
	{INITIATE, "euiccInfo1", "[]", "1.6", "2.2"},
	{INITIATE, "euiccInfo1", "\"vyAA\"", "1.6", "2.2"}, /* BF20 without its fields */
	{INITIATE, "euiccInfo1", "\"MAA=\"", "1.6", "2.2"}, /* something else */
	{INITIATE, "euiccInfo1", "\"AA==\"", "1.6", "2.1"}, /* no DER */
	{INITIATE, "euiccInfo1", "\"vyAF\"", "1.6", "2.1"}, /* cut */
	/* 5.6.3 AuthenticateClient */
	{CLIENT, "transactionId", NULL, "1.6", "2.2"},
	{CLIENT, "transactionId", "1", "1.6", "2.2"},
	{CLIENT, "transactionId", "\"xyz\"", "1.6", "2.1"},
	{CLIENT, "transactionId", "\"\"", "8.10.1", "3.9"},
	{CLIENT, "transactionId", "\"" OTHER_ID "\"", "8.10.1", "3.9"},
	{CLIENT, "transactionId", "\"" OTHER_ID "10\"", "1.6", "2.1"}, /* 17 octets */
	{CLIENT, "authenticateServerResponse", NULL, "1.6", "2.2"},
	{CLIENT, "authenticateServerResponse", "{}", "1.6", "2.2"},
	{CLIENT, "authenticateServerResponse", "\"*\"", "1.6", "2.1"},
	{CLIENT, "authenticateServerResponse", "\"\"", "1.6", "2.2"},
	{CLIENT, "authenticateServerResponse", "\"vzgA\"", "1.6", "2.2"},
	/* 5.6.2 GetBoundProfilePackage */
	{PACKAGE, "transactionId", NULL, "1.6", "2.2"},
	{PACKAGE, "transactionId", "\"" OTHER_ID "\"", "8.10.1", "3.9"},
	{PACKAGE, "prepareDownloadResponse", NULL, "1.6", "2.2"},
	{PACKAGE, "prepareDownloadResponse", "true", "1.6", "2.2"},
	{PACKAGE, "prepareDownloadResponse", "\"*\"", "1.6", "2.1"},
	{PACKAGE, "prepareDownloadResponse", "\"vyEA\"", "1.6", "2.2"},
	/* 5.6.5 CancelSession */
	{CANCEL, "transactionId", NULL, "1.6", "2.2"},
	{CANCEL, "transactionId", "\"" OTHER_ID "\"", "8.10.1", "3.9"},
	{CANCEL, "cancelSessionResponse", NULL, "1.6", "2.2"},
	{CANCEL, "cancelSessionResponse", "1.5", "1.6", "2.2"},
	{CANCEL, "cancelSessionResponse", "\"*\"", "1.6", "2.1"},
	{CANCEL, "cancelSessionResponse", "\"v0EA\"", "1.6", "2.2"},
};

static json_t *good_request(struct desk *d, enum es9p_function f)
{
	if (f == INITIATE) {
		desk_remember(d);
		return desk_initiate_request(d);
	}
	desk_ready(d, f);
	desk_remember(d);
	return desk_request_of(d, f);
}

/* The good request with one field changed as struct row says. */
static json_t *changed_request(struct desk *d, const struct row *r)
{
	json_t *request = good_request(d, r->f);

	CU_ASSERT_PTR_NOT_NULL(json_object_get(request, r->field));
	if (r->value)
		json_object_set_new(request, r->field, json_loads(r->value, JSON_DECODE_ANY, NULL));
	else
		json_object_del(request, r->field);
	return request;
}

static void test_fields(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct http_answer answer = {.body = NULL};
		json_t *request;
		const char *subject, *reason;
		struct desk d;

		desk_open(&d);
		request = changed_request(&d, r);
		ASSERT_ERR(es9p_answer(d.smdp, r->f, request, d.now, &answer), ERR_OK);
		subject = desk_code_of(answer.body, "subjectCode");
		reason = desk_code_of(answer.body, "reasonCode");
		if (strcmp(subject, r->subject) != 0 || strcmp(reason, r->reason) != 0)
			fprintf(stderr, "\nfunction %d, %s = %s: got %s/%s, want %s/%s\n",
				(int)r->f, r->field, r->value ? r->value : "nothing", subject,
				reason, r->subject, r->reason);
		CU_ASSERT_STRING_EQUAL(subject, r->subject);
		CU_ASSERT_STRING_EQUAL(reason, r->reason);
		if (strcmp(r->subject, "1.6") == 0) /* the message names the field */
			CU_ASSERT_PTR_EQUAL(strstr(desk_code_of(answer.body, "message"), r->field),
					    desk_code_of(answer.body, "message"));
		if (*r->subject)
			desk_unchanged(&d, r->field);
		json_decref(request);
		json_decref(answer.body);
		desk_close(&d);
	}
}

/* 5.6.4 HandleNotification has no answer that could tell (6.5.1): status 400. */
static void test_notification(void)
{
	static const struct {
		const char *value;
		enum err e;
	} notices[] = {
		{NULL, ERR_TAG},	 {"7", ERR_TAG},
		{"\"*\"", ERR_ENCODING}, {"\"AA==\"", ERR_TRUNCATED}, /* no DER */
		{"\"vzcA\"", ERR_TAG},
	};

	for (size_t i = 0; i < ARRAY_LEN(notices); i++) {
		const struct row r = {NOTICE, "pendingNotification", notices[i].value, "", ""};
		struct http_answer answer = {.body = NULL};
		struct desk d;
		json_t *request;

		desk_open(&d);
		request = changed_request(&d, &r);
		ASSERT_ERR(es9p_answer(d.smdp, NOTICE, request, d.now, &answer), notices[i].e);
		CU_ASSERT_EQUAL(http_fault_status(notices[i].e), 400);
		CU_ASSERT_PTR_NULL(answer.body);
		desk_unchanged(&d, "a notification of a wrong form");
		json_decref(request);
		desk_close(&d);
	}
}

TEST_SUITE(es9p_fields, {"each field missing and wrong", test_fields},
	   {"a notification of a wrong form", test_notification})
