/* smdp: ES9+ of the subscription manager through its JSON binding, with an eUICC that may lie. */
#include "tests/unit/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/operator/es9p_json.h"
#include "lib/base64.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/peer.h"
#include "tool/file.h"
#include "tool/json.h"
#include "tool/pki.h"

#define DUMP_MAX      (4u << 20)
#define MESSAGE_MAX   (96u * 1024)
#define FIELD_MAX     (64u * 1024) /* octets that a field may have */
#define YEARS_31      (INT64_C(31) * 366 * 86400)
#define MATCHING_ID   "MATCHING"
#define OTHER_PROFILE "OTHER"

static const uint8_t iccids[2][10] = {{0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x10, 0xF7},
				      {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x20, 0xF7}};

struct desk {
	const char *dir;
	char manager[128];
	struct smdp_store *store;
	struct smdp *smdp;
	struct peer p;
	int64_t now;
	struct wbuf message; /* the eUICC's next */
	struct wbuf before;  /* the store */
	char transaction[33];
};

static void open_store(struct desk *d)
{
	CU_ASSERT_FATAL(smdp_store_open(d->manager, &d->store) == ERR_OK);
	CU_ASSERT_FATAL(smdp_open(d->store, d->dir, PEER_ADDRESS, (int64_t)time(NULL), &d->smdp) ==
			ERR_OK);
}

static void desk_open(struct desk *d)
{
	static const char *const ids[] = {MATCHING_ID, OTHER_PROFILE};
	uint8_t eid[16];

	*d = (struct desk){.now = (int64_t)time(NULL),
			   .message = wbuf_grow(MESSAGE_MAX),
			   .before = wbuf_grow(DUMP_MAX)};
	d->dir = test_dir();
	ASSERT_ERR(pki_parse_eid(PEER_EID, eid), ERR_OK);
	ASSERT_ERR(pki_create(d->dir, EC_P256, eid, PEER_ADDRESS), ERR_OK);
	ASSERT_ERR(file_join(d->dir, "manager", d->manager, sizeof(d->manager)), ERR_OK);
	open_store(d);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ASSERT_ERR(smdp_profile_add(d->store, iccids[i], ids[i], slice_str("metadata"),
					    slice_str("profile elements")),
			   ERR_OK);
	peer_open(&d->p, d->dir);
	d->p.matching_id = MATCHING_ID;
}

static void desk_close(struct desk *d)
{
	smdp_close(&d->smdp);
	smdp_store_close(&d->store);
	peer_close(&d->p);
	wbuf_free(&d->message);
	wbuf_free(&d->before);
}

static void dump_table(sqlite3 *db, const char *table, struct wbuf *w)
{
	sqlite3_stmt *st = NULL;
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\" ORDER BY 1", table);
	CU_ASSERT_FATAL(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const void *value = sqlite3_column_blob(st, i);

			wbuf_u32(w, (uint32_t)sqlite3_column_bytes(st, i));
			if (value)
				wbuf_put(w, slice_make(value, (size_t)sqlite3_column_bytes(st, i)));
		}
	}
	sqlite3_finalize(st);
}

/* Every row of every table. */
static void dump(const struct desk *d, struct wbuf *w)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	char path[160];

	wbuf_reset(w);
	ASSERT_ERR(file_join(d->manager, "manager.db", path, sizeof(path)), ERR_OK);
	CU_ASSERT_FATAL(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
	CU_ASSERT_FATAL(sqlite3_prepare_v2(
				db,
				"SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
				-1, &st, NULL) == SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		dump_table(db, (const char *)sqlite3_column_text(st, 0), w);
	sqlite3_finalize(st);
	sqlite3_close(db);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
}

static void remember(struct desk *d)
{
	dump(d, &d->before);
}

static void unchanged(const struct desk *d, const char *what)
{
	struct wbuf now = wbuf_grow(DUMP_MAX);
	bool same;

	dump(d, &now);
	same = slice_equal(wbuf_slice(&now), wbuf_slice(&d->before));
	if (!same)
		fprintf(stderr, "\nthe store was changed by: %s\n", what);
	CU_ASSERT(same);
	wbuf_free(&now);
}

static enum err call(struct desk *d, enum es9p_function f, json_t *request, json_t **answer)
{
	enum err e = es9p_json_call(d->smdp, f, request, d->now, answer);

	json_decref(request);
	return e;
}

static const struct {
	const char *field;
} functions[ES9P_FUNCTION_COUNT] = {
	[ES9P_AUTHENTICATE_CLIENT] = {"authenticateServerResponse"},
	[ES9P_GET_BOUND_PROFILE_PACKAGE] = {"prepareDownloadResponse"},
	[ES9P_CANCEL_SESSION] = {"cancelSessionResponse"},
	[ES9P_HANDLE_NOTIFICATION] = {"pendingNotification"},
};

/* The request that carries d->message. */
static json_t *request_of(const struct desk *d, enum es9p_function f)
{
	if (f == ES9P_HANDLE_NOTIFICATION)
		return json_pack("{s:o}", functions[f].field, json_base64(wbuf_slice(&d->message)));
	return json_pack("{s:s, s:o}", "transactionId", d->transaction, functions[f].field,
			 json_base64(wbuf_slice(&d->message)));
}

static enum err send(struct desk *d, enum es9p_function f, json_t **answer)
{
	return call(d, f, request_of(d, f), answer);
}

static const char *code_of(const json_t *answer, const char *which)
{
	const json_t *status =
		json_object_get(json_object_get(answer, "header"), "functionExecutionStatus");
	const char *text = json_string_value(
		json_object_get(json_object_get(status, "statusCodeData"), which));

	return text ? text : "";
}

static bool succeeded(const json_t *answer)
{
	const json_t *status =
		json_object_get(json_object_get(answer, "header"), "functionExecutionStatus");
	const char *text = json_string_value(json_object_get(status, "status"));

	return text && strcmp(text, "Executed-Success") == 0;
}

static void expect_fault(struct desk *d, enum es9p_function f, const char *subject,
			 const char *reason, const char *what)
{
	json_t *answer = NULL;
	enum err e = send(d, f, &answer);
	bool fits = !e && answer && !succeeded(answer) &&
		    strcmp(code_of(answer, "subjectCode"), subject) == 0 &&
		    strcmp(code_of(answer, "reasonCode"), reason) == 0;

	if (!fits)
		fprintf(stderr, "\n%s: %s, %s/%s, wanted %s/%s\n", what, err_name(e),
			code_of(answer, "subjectCode"), code_of(answer, "reasonCode"), subject,
			reason);
	CU_ASSERT(fits);
	CU_ASSERT_EQUAL(json_object_size(answer), 1); /* nothing but the header */
	json_decref(answer);
	unchanged(d, what);
}

static json_t *good(struct desk *d, enum es9p_function f)
{
	json_t *answer = NULL;

	ASSERT_ERR(send(d, f, &answer), ERR_OK);
	CU_ASSERT(succeeded(answer));
	return answer;
}

static json_t *initiate_request(struct desk *d)
{
	peer_info1(&d->p, &d->message);
	return json_pack("{s:o, s:o, s:s}", "euiccChallenge", json_base64(SLICE_OF(d->p.challenge)),
			 "euiccInfo1", json_base64(wbuf_slice(&d->message)), "smdpAddress",
			 PEER_ADDRESS);
}

/* d->message holds the eUICC's answer to the server afterwards. */
static void initiate(struct desk *d)
{
	json_t *answer = NULL;

	ASSERT_ERR(call(d, ES9P_INITIATE_AUTHENTICATION, initiate_request(d), &answer), ERR_OK);
	CU_ASSERT_FATAL(succeeded(answer));
	snprintf(d->transaction, sizeof(d->transaction), "%s",
		 json_string_value(json_object_get(answer, "transactionId")));
	peer_take_initiated(&d->p, answer);
	json_decref(answer);
	peer_authenticate(&d->p, &d->message);
	remember(d);
}

static void authenticate(struct desk *d)
{
	json_t *answer;

	initiate(d);
	answer = good(d, ES9P_AUTHENTICATE_CLIENT);
	peer_take_offer(&d->p, answer);
	json_decref(answer);
	peer_prepare(&d->p, &d->message);
	remember(d);
}

static void bind(struct desk *d)
{
	authenticate(d);
	json_decref(good(d, ES9P_GET_BOUND_PROFILE_PACKAGE));
	peer_result(&d->p, true, &d->message);
	remember(d);
}

static void expect_profile(struct desk *d, enum smdp_profile_state state)
{
	struct smdp_profile p = {.state = 0};

	ASSERT_ERR(smdp_profile_find(d->store, MATCHING_ID, &p), ERR_OK);
	CU_ASSERT_EQUAL(p.state, state);
}

static void test_good_way(void)
{
	struct desk d;
	json_t *answer = NULL;

	desk_open(&d);
	expect_profile(&d, SMDP_AVAILABLE);
	bind(&d);
	expect_profile(&d, SMDP_RELEASED);
	ASSERT_ERR(send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	CU_ASSERT_PTR_NULL(answer); /* 204: taken */
	expect_profile(&d, SMDP_INSTALLED);
	remember(&d);
	ASSERT_ERR(send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK); /* sent again */
	CU_ASSERT_PTR_NULL(answer);
	peer_result(&d.p, false, &d.message); /* the first one counts */
	ASSERT_ERR(send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	unchanged(&d, "a result that was taken before");
	peer_notification(&d.p, &d.message);
	ASSERT_ERR(send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	CU_ASSERT_PTR_NULL(answer);
	desk_close(&d);
}

static void test_failed_installation(void)
{
	struct desk d;
	json_t *answer = NULL;

	desk_open(&d);
	bind(&d);
	peer_result(&d.p, false, &d.message);
	ASSERT_ERR(send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	expect_profile(&d, SMDP_ERROR);
	bind(&d); /* it may try again */
	ASSERT_ERR(send(&d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	expect_profile(&d, SMDP_INSTALLED);
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
	remember(&d);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		request = initiate_request(&d);
		if (wrong[i].value)
			json_object_set_new(request, wrong[i].field, wrong[i].value());
		else
			json_object_del(request, wrong[i].field);
		ASSERT_ERR(call(&d, ES9P_INITIATE_AUTHENTICATION, request, &answer), wrong[i].e);
		CU_ASSERT_PTR_NULL(answer);
	}
	request = initiate_request(&d);
	json_object_set_new(request, "euiccChallenge", json_string("AAAA"));
	ASSERT_ERR(call(&d, ES9P_INITIATE_AUTHENTICATION, request, &answer), ERR_LENGTH);
	request = initiate_request(&d);
	json_object_set_new(request, "smdpAddress", json_string("dp.example.org"));
	ASSERT_ERR(call(&d, ES9P_INITIATE_AUTHENTICATION, request, &answer), ERR_OK);
	CU_ASSERT_STRING_EQUAL(code_of(answer, "subjectCode"), "8.8.1");
	json_decref(answer);
	d.p.ci_ids.ptr[5] ^= 1; /* trusts another CI */
	ASSERT_ERR(call(&d, ES9P_INITIATE_AUTHENTICATION, initiate_request(&d), &answer), ERR_OK);
	CU_ASSERT_STRING_EQUAL(code_of(answer, "subjectCode"), "8.8.2");
	json_decref(answer);
	unchanged(&d, "requests that open no session");
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
		{"certificates swapped", lie_swapped, "8.1.3", "6.1"},
		{"an eUICC of another PKI", lie_foreign, "8.1.3", "6.1"},
		{"a server's certificate", lie_role, "8.1.3", "6.1"},
		{"an unknown matching id", lie_matching, "8.2.6", "3.8"},
		{"no matching id", lie_no_matching, "8.2.6", "3.8"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct desk d;

		desk_open(&d);
		initiate(&d);
		rows[i].lie(&d);
		peer_authenticate(&d.p, &d.message);
		expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, rows[i].subject, rows[i].reason,
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
	initiate(&d);
	d.now = now + SMDP_SESSION_S + 1;
	expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.10.1", "3.9", "an expired session");
	d.now = now;
	peer_prepare(&d.p, &d.message);
	expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9", "no authentication yet");
	peer_cancel(&d.p, &d.message);
	expect_fault(&d, ES9P_CANCEL_SESSION, "8.10.1", "3.9", "nothing to cancel yet");
	peer_result(&d.p, true, &d.message);
	expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.10.1", "3.9", "a result before the package");
	authenticate(&d);
	peer_authenticate(&d.p, &d.message);
	expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.10.1", "3.9", "authenticateClient again");
	peer_result(&d.p, true, &d.message);
	expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.10.1", "3.9", "a result before the package");
	peer_prepare(&d.p, &d.message);
	d.now = now + SMDP_SESSION_S + 1;
	expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9", "an expired session");
	d.now = now;
	for (size_t i = 0; i < ARRAY_LEN(in_session); i++) {
		void (*const make[])(const struct peer *, struct wbuf *) = {
			peer_authenticate, peer_prepare, peer_cancel};

		make[i](&d.p, &d.message);
		snprintf(d.transaction, sizeof(d.transaction), "%032d", 7);
		expect_fault(&d, in_session[i], "8.10.1", "3.9", "an unknown transaction");
	}
	d.now = now + YEARS_31; /* certificates of the eUICC have run out */
	initiate(&d);
	expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.1.3", "6.3", "an expired certificate");
	desk_close(&d);
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
	authenticate(&d);
	own = d.p.smdp_signature2;
	d.p.smdp_signature2 = SLICE_OF(wrong); /* signed for another offer */
	peer_prepare(&d.p, &d.message);
	expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.1", "6.1", "another offer");
	d.p.smdp_signature2 = own;
	own = d.p.transaction_id;
	d.p.transaction_id = SLICE_OF(other);
	peer_prepare(&d.p, &d.message);
	expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9", "another transaction");
	d.p.transaction_id = own;
	ASSERT_ERR(slice_copy(d.p.otpk, point, sizeof(point)), ERR_OK);
	own = d.p.otpk;
	point[64] ^= 1; /* not on the curve, well signed */
	d.p.otpk = SLICE_OF(point);
	peer_prepare(&d.p, &d.message);
	ASSERT_ERR(send(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, &answer), ERR_POINT);
	CU_ASSERT_PTR_NULL(answer);
	unchanged(&d, "a point off the curve");
	d.p.otpk = own;
	peer_prepare(&d.p, &d.message);
	first = good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE);
	remember(&d);
	again = good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE); /* the answer was lost: asked again */
	unchanged(&d, "the package asked for again");
	CU_ASSERT_FALSE(json_equal(first, again)); /* bound by fresh keys */
	expect_profile(&d, SMDP_RELEASED);
	lie_key(&d);
	peer_prepare(&d.p, &d.message);
	expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.1", "6.1", "asked again by another");
	peer_result(&d.p, true, &d.message);
	expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.1", "6.1", "a result of another");
	json_decref(first);
	json_decref(again);
	desk_close(&d);
}

static void test_profile_of_another(void)
{
	static const uint8_t eid[16] = {0x89, 4, 0x90, 0x32, 1};
	struct smdp_profile p;
	struct desk d;

	desk_open(&d);
	ASSERT_ERR(smdp_profile_find(d.store, MATCHING_ID, &p), ERR_OK);
	ASSERT_ERR(smdp_profile_set(d.store, p.id, SMDP_RELEASED, eid), ERR_OK);
	initiate(&d);
	expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.1.1", "3.8", "a profile of another eUICC");
	ASSERT_ERR(smdp_profile_set(d.store, p.id, SMDP_INSTALLED, d.p.eid), ERR_OK);
	remember(&d);
	expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.2.6", "3.8", "an installed profile");
	desk_close(&d);
}

static void test_cancel(void)
{
	struct desk d;

	desk_open(&d);
	authenticate(&d);
	peer_cancel(&d.p, &d.message);
	d.message.ptr[d.message.len - 1] ^= 1;
	expect_fault(&d, ES9P_CANCEL_SESSION, "8.1", "6.1", "a wrong signature");
	peer_cancel(&d.p, &d.message);
	json_decref(good(&d, ES9P_CANCEL_SESSION));
	expect_profile(&d, SMDP_AVAILABLE);
	remember(&d);
	expect_fault(&d, ES9P_CANCEL_SESSION, "8.10.1", "3.9", "cancelled twice");
	peer_prepare(&d.p, &d.message);
	expect_fault(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9", "cancelled");
	desk_close(&d);
}

static void test_notifications(void)
{
	struct desk d;

	desk_open(&d);
	remember(&d);
	lie_foreign(&d);
	peer_notification(&d.p, &d.message);
	expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.1.3", "6.1", "of another PKI");
	desk_close(&d);
	desk_open(&d);
	remember(&d);
	lie_key(&d);
	peer_notification(&d.p, &d.message);
	expect_fault(&d, ES9P_HANDLE_NOTIFICATION, "8.1", "6.1", "a wrong signature");
	desk_close(&d);
}

/* One message of each function, ready to be sent in a session that waits for it. */
static void ready(struct desk *d, enum es9p_function f)
{
	switch (f) {
	case ES9P_AUTHENTICATE_CLIENT: initiate(d); break;
	case ES9P_GET_BOUND_PROFILE_PACKAGE: authenticate(d); break;
	case ES9P_HANDLE_NOTIFICATION: bind(d); break;
	case ES9P_CANCEL_SESSION:
		authenticate(d);
		peer_cancel(&d->p, &d->message);
		break;
	default: CU_FAIL("no such message");
	}
}

static bool taken(struct desk *d, enum es9p_function f, struct slice der)
{
	json_t *request = request_of(d, f), *answer = NULL;
	enum err e;
	bool good_answer;

	json_object_set_new(request, functions[f].field, json_base64(der));
	e = call(d, f, request, &answer);
	good_answer = !e && (!answer || succeeded(answer));
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
		ready(&d, f);
		for (size_t i = 0; i < d.message.len; i++) {
			CU_ASSERT_FALSE(taken(&d, f, slice_sub(wbuf_slice(&d.message), 0, i)));
			d.message.ptr[i] ^= 0x10;
			CU_ASSERT_FALSE(taken(&d, f, wbuf_slice(&d.message)));
			d.message.ptr[i] ^= 0x10;
		}
		wbuf_put(&w, wbuf_slice(&d.message));
		wbuf_u8(&w, 0);
		CU_ASSERT_FALSE(taken(&d, f, wbuf_slice(&w)));
		unchanged(&d, functions[f].field);
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
		{NULL, "AAA", ERR_ENCODING},
		{NULL, "A===", ERR_ENCODING},
		{NULL, "AAAA====", ERR_ENCODING},
		{NULL, "AA*A", ERR_ENCODING},
		{NULL, "AAAB\n", ERR_ENCODING},
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
		ready(&d, f);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			if (texts[i].transaction && f == ES9P_HANDLE_NOTIFICATION)
				continue;
			request = request_of(&d, f);
			json_object_set_new(
				request, texts[i].der ? functions[f].field : "transactionId",
				json_string(texts[i].der ? texts[i].der : texts[i].transaction));
			ASSERT_ERR(call(&d, f, request, &answer), texts[i].e);
			CU_ASSERT_PTR_NULL(answer);
		}
		request = request_of(&d, f);
		json_object_set_new(request, functions[f].field, json_integer(1));
		ASSERT_ERR(call(&d, f, request, &answer), ERR_TAG);
		ASSERT_ERR(call(&d, f, json_object(), &answer), ERR_TAG);
		request = request_of(&d, f);
		json_object_set_new(request, functions[f].field, json_base64(wbuf_slice(&large)));
		ASSERT_ERR(call(&d, f, request, &answer), ERR_SPACE);
		CU_ASSERT_PTR_NULL(answer);
		unchanged(&d, "malformed requests");
		desk_close(&d);
	}
	wbuf_free(&large);
}

/* A session goes on after the manager was started anew. */
static void test_restart(void)
{
	struct desk d;

	desk_open(&d);
	authenticate(&d);
	smdp_close(&d.smdp);
	smdp_store_close(&d.store);
	open_store(&d);
	json_decref(good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
	expect_profile(&d, SMDP_RELEASED);
	desk_close(&d);
}

TEST_SUITE(smdp, {"every function, the good way", test_good_way},
	   {"a failed installation may be tried again", test_failed_installation},
	   {"initiateAuthentication refused", test_initiate},
	   {"authenticateClient: an eUICC that lies", test_authenticate_lies},
	   {"out of time, out of order", test_wrong_time_and_order},
	   {"getBoundProfilePackage: lies, retries", test_get_package},
	   {"a profile of another eUICC", test_profile_of_another}, {"cancelSession", test_cancel},
	   {"notifications that are not genuine", test_notifications},
	   {"every message cut and changed", test_damaged_messages},
	   {"malformed JSON, base64, hex; sizes", test_malformed_json},
	   {"a restart between", test_restart})
