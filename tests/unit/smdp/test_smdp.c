/* smdp: ES9+ of the subscription manager through its JSON binding, with an eUICC that may lie. */
#include "host/operator/smdp/store/change.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "lib/base/tlv.h"
#include "lib/base/base64.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/es8p.h"
#include "tests/unit/support/desk.h"
#include "tool/cli/json.h"
#include "tool/pki/pki.h"
#include "tests/support/stock.h"

#define MESSAGE_MAX (96u * 1024)
#define FIELD_MAX   (64u * 1024) /* octets that a field may have */
#define YEARS_31    (INT64_C(31) * 366 * 86400)

static void test_good_way(void)
{
	struct desk d;
	json_t *answer = NULL;

	desk_open(&d);
	desk_expect_profile(&d, SMDP_RELEASED);
	desk_bind(&d);
	desk_expect_profile(&d, SMDP_DOWNLOADED);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	CU_ASSERT_PTR_NULL(answer); /* 204: taken */
	desk_expect_profile(&d, SMDP_INSTALLED);
	desk_remember(&d);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK); /* sent again */
	CU_ASSERT_PTR_NULL(answer);
	peer_result(&d.p, false, &d.message); /* the first one counts */
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	desk_unchanged(&d, "a result that was taken before");
	peer_notification(&d.p, &d.message);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	CU_ASSERT_PTR_NULL(answer);
	desk_close(&d);
}

static void test_failed_installation(void)
{
	struct desk d;
	json_t *answer = NULL;

	desk_open(&d);
	desk_bind(&d);
	d.p.failure = ES10B_BPP_INTERRUPTION;
	peer_result(&d.p, false, &d.message);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	desk_expect_profile(&d, SMDP_RELEASED);
	d.p.seq++;
	desk_bind(&d); /* it may try again */
	d.p.failure = ES10B_BPP_PE_PROCESSING;
	peer_result(&d.p, false, &d.message);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	desk_expect_profile(&d, SMDP_ERROR);
	desk_remember(&d);
	desk_initiate(&d); /* ... but not when nothing would be gained */
	desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.2.6", "3.8", "an order that ended");
	desk_close(&d);
}

static void test_initiate(void)
{
	struct desk d;
	json_t *request, *answer = NULL;
	static const struct {
		const char *field;
		json_t *(*value)(void);
		enum err e;
	} wrong[] = {
		{"euiccChallenge", NULL, ERR_TAG},	{"euiccInfo1", NULL, ERR_TAG},
		{"smdpAddress", NULL, ERR_TAG},		{"euiccChallenge", json_true, ERR_TAG},
		{"euiccInfo1", json_object, ERR_TAG},	{"smdpAddress", json_array, ERR_TAG},
		{"euiccChallenge", json_null, ERR_TAG},
	};

	desk_open(&d);
	desk_remember(&d);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		request = desk_initiate_request(&d);
		if (wrong[i].value)
			json_object_set_new(request, wrong[i].field, wrong[i].value());
		else
			json_object_del(request, wrong[i].field);
		ASSERT_ERR(desk_call(&d, ES9P_INITIATE_AUTHENTICATION, request, &answer),
			   wrong[i].e);
		CU_ASSERT_PTR_NULL(answer);
	}
	request = desk_initiate_request(&d);
	json_object_set_new(request, "euiccChallenge", json_string("AAAA"));
	ASSERT_ERR(desk_call(&d, ES9P_INITIATE_AUTHENTICATION, request, &answer), ERR_LENGTH);
	request = desk_initiate_request(&d);
	json_object_set_new(request, "smdpAddress", json_string("dp.example.org"));
	ASSERT_ERR(desk_call(&d, ES9P_INITIATE_AUTHENTICATION, request, &answer), ERR_OK);
	CU_ASSERT_STRING_EQUAL(desk_code_of(answer, "subjectCode"), "8.8.1");
	json_decref(answer);
	d.p.ci_ids.ptr[5] ^= 1; /* trusts another CI */
	ASSERT_ERR(desk_call(&d, ES9P_INITIATE_AUTHENTICATION, desk_initiate_request(&d), &answer),
		   ERR_OK);
	CU_ASSERT_STRING_EQUAL(desk_code_of(answer, "subjectCode"), "8.8.2");
	json_decref(answer);
	desk_unchanged(&d, "requests that open no session");
	desk_close(&d);
}

#define SVN_AT 5 /* in euiccInfo1, after BF20, its length, 82 03 */

/* SGP.22 5.6.1: an eUICC of version 2 is served, whatever it adds; there is no common one else. */
static void test_versions(void)
{
	static const struct {
		uint8_t svn[RSP_VERSION_LEN];
		const char *subject, *reason;
	} rows[] = {
		{{0, 0, 0}, "8.8.3", "3.1"},
		{{1, 0, 0}, "8.8.3", "3.1"},
		{{1, 255, 255}, "8.8.3", "3.1"},
		{{2, 0, 0}, "", ""},
		{{2, 2, 2}, "", ""},
		{{2, 6, 1}, "", ""},
		{{2, 255, 255}, "", ""},
		{{3, 0, 0}, "8.8.3", "3.1"},
		{{3, 1, 0}, "8.8.3", "3.1"},
		{{255, 255, 255}, "8.8.3", "3.1"},
	};
	struct desk d;

	desk_open(&d);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *request = desk_initiate_request(&d), *answer = NULL;

		memcpy(d.message.ptr + SVN_AT, rows[i].svn, sizeof(rows[i].svn));
		json_object_set_new(request, "euiccInfo1", json_base64(wbuf_slice(&d.message)));
		ASSERT_ERR(desk_call(&d, ES9P_INITIATE_AUTHENTICATION, request, &answer), ERR_OK);
		CU_ASSERT_STRING_EQUAL(desk_code_of(answer, "subjectCode"), rows[i].subject);
		CU_ASSERT_STRING_EQUAL(desk_code_of(answer, "reasonCode"), rows[i].reason);
		CU_ASSERT_EQUAL(desk_succeeded(answer), !*rows[i].subject);
		json_decref(answer);
	}
	desk_close(&d);
}

/* What the eUICC says of itself, or signs, is wrong in one thing. */
static void lie_transaction(struct desk *d)
{
	static const uint8_t other[16] = {1};

	d->p.transaction_id = SLICE_OF(other);
}
static void lie_challenge(struct desk *d)
{
	static const uint8_t other[16] = {2};

	d->p.server_challenge = SLICE_OF(other);
}
static void lie_key(struct desk *d)
{
	ec_key_free(&d->p.key);
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &d->p.key) == ERR_OK);
}
static void lie_swapped(struct desk *d)
{
	struct wbuf w = d->p.cert;

	d->p.cert = d->p.eum;
	d->p.eum = w;
}
static void lie_foreign(struct desk *d)
{
	const char *dir = test_dir();

	wbuf_reset(&d->p.cert);
	wbuf_reset(&d->p.eum);
	ec_key_free(&d->p.key);
	ASSERT_ERR(pki_create(dir, EC_P256, d->p.eid, PEER_ADDRESS), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUICC, EC_P256, &d->p.cert), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUM, EC_P256, &d->p.eum), ERR_OK);
	ASSERT_ERR(pki_key(dir, PKI_EUICC, EC_P256, &d->p.key), ERR_OK);
}
static void lie_role(struct desk *d)
{
	wbuf_reset(&d->p.cert);
	ec_key_free(&d->p.key);
	ASSERT_ERR(pki_cert(d->dir, PKI_DP_AUTH, EC_P256, &d->p.cert), ERR_OK);
	ASSERT_ERR(pki_key(d->dir, PKI_DP_AUTH, EC_P256, &d->p.key), ERR_OK);
}
static void lie_matching(struct desk *d)
{
	d->p.matching_id = "NOBODY";
}
static void lie_small_matching(struct desk *d)
{
	d->p.matching_id = "matching";
}
static void lie_no_matching(struct desk *d)
{
	d->p.matching_id = "";
}

static void test_authenticate_lies(void)
{
	static const struct {
		const char *what;
		void (*lie)(struct desk *);
		const char *subject, *reason;
	} rows[] = {
		{"another transaction, signed", lie_transaction, "8.10.1", "3.9"},
		{"another challenge, signed", lie_challenge, "8.1", "6.1"},
		{"a key that is not the certificate's", lie_key, "8.1", "6.1"},
		{"certificates swapped", lie_swapped, "8.11.1", "3.9"},
		{"an eUICC of another PKI", lie_foreign, "8.11.1", "3.9"},
		{"a server's certificate", lie_role, "8.1.3", "6.1"},
		{"an unknown matching id", lie_matching, "8.2.6", "3.8"},
		/* SGP.22 5.6.3: then the EID alone tells, and there is nothing for it */
		{"no matching id", lie_no_matching, "8.1.1", "3.8"},
		{"a matching id in small letters", lie_small_matching, "8.2.6", "3.8"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct desk d;

		desk_open(&d);
		desk_initiate(&d);
		rows[i].lie(&d);
		peer_authenticate(&d.p, &d.message);
		desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, rows[i].subject, rows[i].reason,
				  rows[i].what);
		desk_close(&d);
	}
}

static void test_wrong_time_and_order(void)
{
	static const enum es9p_function in_session[] = {
		ES9P_AUTHENTICATE_CLIENT, ES9P_GET_BOUND_PROFILE_PACKAGE, ES9P_CANCEL_SESSION};
	struct desk d;
	int64_t now;

	desk_open(&d);
	now = d.now;
	desk_initiate(&d);
	d.now = now + SMDP_SESSION_S + 1;
	desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.10.1", "3.9", "an expired session");
	d.now = now;
	peer_prepare(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9",
			  "no authentication yet");
	peer_cancel(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_CANCEL_SESSION, "8.10.1", "3.9", "nothing to cancel yet");
	peer_result(&d.p, true, &d.message);
	desk_expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.10.1", "3.9",
			  "a result before the package");
	desk_authenticate(&d);
	peer_authenticate(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.10.1", "3.9",
			  "authenticateClient again");
	peer_result(&d.p, true, &d.message);
	desk_expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.10.1", "3.9",
			  "a result before the package");
	peer_prepare(&d.p, &d.message);
	d.now = now + SMDP_SESSION_S + 1;
	desk_expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9",
			  "an expired session");
	d.now = now;
	for (size_t i = 0; i < ARRAY_LEN(in_session); i++) {
		void (*const make[])(const struct peer *, struct wbuf *) = {
			peer_authenticate, peer_prepare, peer_cancel};

		make[i](&d.p, &d.message);
		snprintf(d.transaction, sizeof(d.transaction), "%032d", 7);
		desk_expect_fault(&d, in_session[i], "8.10.1", "3.9", "an unknown transaction");
	}
	d.now = now + YEARS_31; /* certificates of the eUICC have run out */
	desk_initiate(&d);
	desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.1.2", "6.3", "an expired certificate");
	desk_close(&d);
}

/* Two answers carry the same package: all but the signature in BF23. */
static void same_package(const json_t *first, const json_t *again)
{
	struct wbuf a = wbuf_grow(MESSAGE_MAX), b = wbuf_grow(MESSAGE_MAX);
	struct es8p_package x, y;

	ASSERT_ERR(json_base64_field(first, "boundProfilePackage", &a), ERR_OK);
	ASSERT_ERR(json_base64_field(again, "boundProfilePackage", &b), ERR_OK);
	CU_ASSERT_FATAL(es8p_parse_package(wbuf_slice(&a), &x) == ERR_OK);
	CU_ASSERT_FATAL(es8p_parse_package(wbuf_slice(&b), &y) == ERR_OK);
	ASSERT_OCTETS(y.first87, x.first87, "ConfigureISDP");
	ASSERT_OCTETS(y.seq88, x.seq88, "StoreMetadata");
	ASSERT_OCTETS(y.second87, x.second87, "ReplaceSessionKeys");
	ASSERT_OCTETS(y.seq86, x.seq86, "profile elements");
	wbuf_free(&a);
	wbuf_free(&b);
}

static void test_get_package(void)
{
	static const uint8_t other[16] = {1};
	struct desk d;
	struct slice own;
	uint8_t wrong[EC_SIGNATURE_LEN] = {0}, point[EC_POINT_LEN];
	json_t *first, *again;
	json_t *answer = NULL;

	desk_open(&d);
	desk_authenticate(&d);
	own = d.p.smdp_signature2;
	d.p.smdp_signature2 = SLICE_OF(wrong); /* signed for another offer */
	peer_prepare(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.1", "6.1", "another offer");
	d.p.smdp_signature2 = own;
	own = d.p.transaction_id;
	d.p.transaction_id = SLICE_OF(other);
	peer_prepare(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9",
			  "another transaction");
	d.p.transaction_id = own;
	ASSERT_ERR(slice_copy(d.p.otpk, point, sizeof(point)), ERR_OK);
	own = d.p.otpk;
	point[64] ^= 1; /* not on the curve, well signed */
	d.p.otpk = SLICE_OF(point);
	peer_prepare(&d.p, &d.message);
	ASSERT_ERR(desk_send(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, &answer), ERR_POINT);
	CU_ASSERT_PTR_NULL(answer);
	desk_unchanged(&d, "a point off the curve");
	d.p.otpk = own;
	peer_prepare(&d.p, &d.message);
	first = desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE);
	desk_remember(&d);
	again = desk_good(&d,
			  ES9P_GET_BOUND_PROFILE_PACKAGE); /* the answer was lost: asked again */
	desk_unchanged(&d, "the package asked for again");
	same_package(first, again);
	desk_expect_profile(&d, SMDP_DOWNLOADED);
	lie_key(&d);
	peer_prepare(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.1", "6.1",
			  "asked again by another");
	peer_result(&d.p, true, &d.message);
	desk_expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.1", "6.1", "a result of another");
	json_decref(first);
	json_decref(again);
	desk_close(&d);
}

static void test_profile_of_another(void)
{
	static const struct smdp_change installed = {.event = SMDP_INSTALL};
	struct smdp_profile p;
	struct desk d;

	desk_open(&d);
	desk_bind_elsewhere(&d, &p);
	desk_initiate(&d);
	desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.1.1", "3.8",
			  "a profile of another eUICC");
	ASSERT_ERR(smdp_profile_change(d.store, &p, &installed), ERR_OK);
	desk_remember(&d);
	desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.2.6", "3.8", "an installed profile");
	desk_close(&d);
}

static void test_cancel(void)
{
	struct desk d;

	desk_open(&d);
	desk_authenticate(&d);
	peer_cancel(&d.p, &d.message);
	d.message.ptr[d.message.len - 1] ^= 1;
	desk_expect_fault(&d, ES9P_CANCEL_SESSION, "8.1", "6.1", "a wrong signature");
	peer_cancel(&d.p, &d.message);
	json_decref(desk_good(&d, ES9P_CANCEL_SESSION));
	desk_expect_profile(&d, SMDP_ERROR); /* the end user rejected it */
	desk_remember(&d);
	json_decref(desk_good(&d, ES9P_CANCEL_SESSION)); /* the answer was lost: sent again */
	desk_unchanged(&d, "cancelled twice");
	peer_prepare(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9", "cancelled");
	desk_close(&d);
}

static void test_notifications(void)
{
	struct wbuf now = wbuf_grow(4u << 20);
	json_t *answer = NULL;
	struct desk d;

	desk_open(&d);
	desk_remember(&d);
	lie_foreign(&d);
	peer_notification(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.11.1", "3.9", "of another PKI");
	desk_close(&d);
	desk_open(&d);
	desk_remember(&d);
	lie_key(&d);
	peer_notification(&d.p, &d.message);
	desk_expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.1", "6.1", "a wrong signature");
	desk_close(&d);
	desk_open(&d); /* the profile is not this eUICC's */
	desk_remember(&d);
	peer_notification(&d.p, &d.message);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	CU_ASSERT_PTR_NULL(answer);
	desk_unchanged(&d, "a profile that another eUICC may have");
	desk_bind(&d);
	desk_remember(&d);
	peer_notification(&d.p, &d.message);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	desk_dump(&d, &now);
	CU_ASSERT(now.len > d.before.len); /* it is logged now */
	wbuf_free(&now);
	desk_close(&d);
}

static bool taken(struct desk *d, enum es9p_function f, struct slice der)
{
	json_t *request = desk_request_of(d, f), *answer = NULL;
	enum err e;
	bool good_answer;

	json_object_set_new(request, desk_functions[f].field, json_base64(der));
	e = desk_call(d, f, request, &answer);
	good_answer = !e && (!answer || desk_succeeded(answer));
	json_decref(answer);
	return good_answer;
}

/* Every message, cut at every octet and with every octet changed: refused, the store untouched. */
static void test_damaged_messages(void)
{
	for (enum es9p_function f = ES9P_AUTHENTICATE_CLIENT; f < ES9P_FUNCTION_COUNT; f++) {
		struct desk d;
		struct wbuf w = wbuf_grow(MESSAGE_MAX);

		desk_open(&d);
		desk_ready(&d, f);
		for (size_t i = 0; i < d.message.len; i++) {
			CU_ASSERT_FALSE(taken(&d, f, slice_sub(wbuf_slice(&d.message), 0, i)));
			d.message.ptr[i] ^= 0x10;
			CU_ASSERT_FALSE(taken(&d, f, wbuf_slice(&d.message)));
			d.message.ptr[i] ^= 0x10;
		}
		wbuf_put(&w, wbuf_slice(&d.message));
		wbuf_u8(&w, 0);
		CU_ASSERT_FALSE(taken(&d, f, wbuf_slice(&w)));
		desk_unchanged(&d, desk_functions[f].field);
		CU_ASSERT(taken(&d, f, wbuf_slice(&d.message))); /* as it was, it still serves */
		wbuf_free(&w);
		desk_close(&d);
	}
}

/* Fields that are missing, of another type, no base64 or hex, too large. */
static void test_malformed_json(void)
{
	static const struct {
		const char *transaction, *der;
		enum err e;
	} texts[] = {
		{NULL, "AAAAA", ERR_ENCODING},
		{NULL, "A===", ERR_ENCODING},
		{NULL, "AAAA====", ERR_ENCODING},
		{NULL, "AA*A", ERR_ENCODING},
		{NULL, "AAAB\1", ERR_ENCODING},
		{NULL, "\xC3\xA4==", ERR_ENCODING},
		{"xyz", NULL, ERR_ENCODING},
		{"0", NULL, ERR_ENCODING},
		{"000102030405060708090A0B0C0D0E0F10", NULL, ERR_SPACE},
	};
	struct wbuf large = wbuf_grow(FIELD_MAX + 1);
	struct desk d;

	wbuf_fill(&large, 0, FIELD_MAX + 1);
	for (enum es9p_function f = ES9P_AUTHENTICATE_CLIENT; f < ES9P_FUNCTION_COUNT; f++) {
		json_t *answer = NULL, *request;

		desk_open(&d);
		desk_ready(&d, f);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			if (texts[i].transaction && f == ES9P_HANDLE_NOTIFICATION)
				continue;
			request = desk_request_of(&d, f);
			json_object_set_new(
				request, texts[i].der ? desk_functions[f].field : "transactionId",
				json_string(texts[i].der ? texts[i].der : texts[i].transaction));
			ASSERT_ERR(desk_call(&d, f, request, &answer), texts[i].e);
			CU_ASSERT_PTR_NULL(answer);
		}
		request = desk_request_of(&d, f);
		json_object_set_new(request, desk_functions[f].field, json_integer(1));
		ASSERT_ERR(desk_call(&d, f, request, &answer), ERR_TAG);
		ASSERT_ERR(desk_call(&d, f, json_object(), &answer), ERR_TAG);
		request = desk_request_of(&d, f);
		json_object_set_new(request, desk_functions[f].field,
				    json_base64(wbuf_slice(&large)));
		ASSERT_ERR(desk_call(&d, f, request, &answer), ERR_SPACE);
		CU_ASSERT_PTR_NULL(answer);
		desk_unchanged(&d, "malformed requests");
		desk_close(&d);
	}
	wbuf_free(&large);
}

/*
 * SGP.22 5.6.2, 5.6.3, 5.6.5: the session is looked up first: whatever the eUICC's message is, a
 * transaction that nobody knows is told as that.
 */
static void test_unknown_transaction(void)
{
	static const enum es9p_function in_session[] = {
		ES9P_AUTHENTICATE_CLIENT, ES9P_GET_BOUND_PROFILE_PACKAGE, ES9P_CANCEL_SESSION};
	static const char *const ids[] = {"00", "000102030405060708090A0B0C0D0E0F",
					  "00000000000000000000000000000000"};
	static const char *const messages[] = {"", "AA==", "MAA=", "vzgA", "*", "A"};

	for (size_t f = 0; f < ARRAY_LEN(in_session); f++) {
		struct desk d;

		desk_open(&d);
		desk_ready(&d, in_session[f]);
		for (size_t i = 0; i < ARRAY_LEN(ids) * ARRAY_LEN(messages); i++) {
			json_t *answer = NULL;
			json_t *request = json_pack(
				"{s:s, s:s}", "transactionId", ids[i % ARRAY_LEN(ids)],
				desk_functions[in_session[f]].field, messages[i / ARRAY_LEN(ids)]);

			ASSERT_ERR(desk_call(&d, in_session[f], request, &answer), ERR_OK);
			CU_ASSERT_STRING_EQUAL(desk_code_of(answer, "subjectCode"), "8.10.1");
			CU_ASSERT_STRING_EQUAL(desk_code_of(answer, "reasonCode"), "3.9");
			json_decref(answer);
		}
		desk_unchanged(&d, "unknown transactions");
		json_decref(desk_good(&d, in_session[f])); /* the session is as it was */
		desk_close(&d);
	}
}

/* SGP.22 2.5.4: StoreMetadata with an icon is more than a segment has room for. */
static void test_split_metadata(void)
{
	static const uint8_t iccid[10] = {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x40, 0xF7};
	uint8_t large[1100] = {0};
	struct wbuf w = wbuf_grow(MESSAGE_MAX);
	struct es8p_package package;
	struct cursor segments;
	struct tlv t;
	size_t count = 0;
	json_t *answer;
	struct desk d;

	desk_open(&d);
	ASSERT_ERR(stock_profile(d.store, iccid, "SPLIT", SLICE_OF(large), slice_str("upp")),
		   ERR_OK);
	d.p.matching_id = "SPLIT";
	desk_authenticate(&d);
	answer = desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE);
	ASSERT_ERR(json_base64_field(answer, "boundProfilePackage", &w), ERR_OK);
	CU_ASSERT_FATAL(es8p_parse_package(wbuf_slice(&w), &package) == ERR_OK);
	segments = cursor_of(package.seq88);
	while (tlv_next(&segments, &t)) {
		CU_ASSERT_EQUAL(t.tag, ES8P_TAG_METADATA);
		CU_ASSERT(t.raw.len <= 1020);
		count++;
	}
	ASSERT_ERR(cursor_done(&segments), ERR_OK);
	CU_ASSERT_EQUAL(count, 2);
	json_decref(answer);
	wbuf_free(&w);
	desk_close(&d);
}

/* A session goes on after the manager was started anew. */
static void test_restart(void)
{
	struct desk d;

	desk_open(&d);
	desk_authenticate(&d);
	smdp_close(&d.smdp);
	smdp_store_close(&d.store);
	desk_open_store(&d);
	json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
	desk_expect_profile(&d, SMDP_DOWNLOADED);
	desk_close(&d);
}

TEST_SUITE(smdp, {"every function, the good way", test_good_way},
	   {"a failed installation may be tried again", test_failed_installation},
	   {"initiateAuthentication refused", test_initiate}, {"versions of eUICCs", test_versions},
	   {"a transaction that nobody knows", test_unknown_transaction},
	   {"authenticateClient: an eUICC that lies", test_authenticate_lies},
	   {"out of time, out of order", test_wrong_time_and_order},
	   {"getBoundProfilePackage: lies, retries", test_get_package},
	   {"a profile of another eUICC", test_profile_of_another}, {"cancelSession", test_cancel},
	   {"notifications that are not genuine", test_notifications},
	   {"every message cut and changed", test_damaged_messages},
	   {"malformed JSON, base64, hex; sizes", test_malformed_json},
	   {"metadata of two segments", test_split_metadata}, {"a restart between", test_restart})
