#include "tests/unit/support/desk.h"
#include "host/operator/smdp/store/change.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"
#include "tool/sys/path.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "tool/cli/json.h"
#include "tool/pki/pki.h"
#include "tests/support/stock.h"

#define DUMP_MAX    (4u << 20)
#define MESSAGE_MAX (96u * 1024)

const uint8_t desk_iccids[2][10] = {{0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x10, 0xF7},
				    {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x20, 0xF7}};

void desk_open_store(struct desk *d)
{
	CU_ASSERT_FATAL(smdp_store_open(d->manager, NULL, &d->store) == ERR_OK);
	CU_ASSERT_FATAL(smdp_open(d->store, d->dir, PEER_ADDRESS, (int64_t)time(NULL), &d->smdp) ==
			ERR_OK);
}

void desk_open(struct desk *d)
{
	static const char *const ids[] = {DESK_MATCHING_ID, DESK_OTHER_PROFILE};
	uint8_t eid[16];

	*d = (struct desk){.message = wbuf_grow(MESSAGE_MAX), .before = wbuf_grow(DUMP_MAX)};
	d->dir = test_dir();
	ASSERT_ERR(pki_parse_eid(PEER_EID, eid), ERR_OK);
	ASSERT_ERR(pki_create(d->dir, EC_P256, eid, PEER_ADDRESS), ERR_OK);
	d->now = (int64_t)time(
		NULL); /* certificates are valid from the second that they are made in */
	ASSERT_ERR(path_join(d->dir, "manager", d->manager, sizeof(d->manager)), ERR_OK);
	desk_open_store(d);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ASSERT_ERR(stock_profile(d->store, desk_iccids[i], ids[i], slice_str("metadata"),
					 slice_str("profile elements")),
			   ERR_OK);
	peer_open(&d->p, d->dir);
	d->p.matching_id = DESK_MATCHING_ID;
}

void desk_close(struct desk *d)
{
	smdp_close(&d->smdp);
	smdp_store_close(&d->store);
	peer_close(&d->p);
	wbuf_free(&d->message);
	wbuf_free(&d->before);
}

/* Every row of every table. */
void desk_dump(const struct desk *d, struct wbuf *w)
{
	wbuf_reset(w);
	tamper_dump(d->manager, TAMPER_MANAGER, w);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
}

void desk_remember(struct desk *d)
{
	desk_dump(d, &d->before);
}

void desk_unchanged(const struct desk *d, const char *what)
{
	struct wbuf now = wbuf_grow(DUMP_MAX);
	bool same;

	desk_dump(d, &now);
	same = slice_equal(wbuf_slice(&now), wbuf_slice(&d->before));
	if (!same)
		fprintf(stderr, "\nthe store was changed by: %s\n", what);
	CU_ASSERT(same);
	wbuf_free(&now);
}

enum err desk_call(struct desk *d, enum es9p_function f, json_t *request, json_t **answer)
{
	enum err e = es9p_perform(d->smdp, f, request, d->now, answer);

	json_decref(request);
	return e;
}

const struct desk_function desk_functions[ES9P_FUNCTION_COUNT] = {
	[ES9P_AUTHENTICATE_CLIENT] = {"authenticateServerResponse"},
	[ES9P_GET_BOUND_PROFILE_PACKAGE] = {"prepareDownloadResponse"},
	[ES9P_CANCEL_SESSION] = {"cancelSessionResponse"},
	[ES9P_HANDLE_NOTIFICATION] = {"pendingNotification"},
};

/* The request that carries d->message. */
json_t *desk_request_of(const struct desk *d, enum es9p_function f)
{
	if (f == ES9P_HANDLE_NOTIFICATION)
		return json_pack("{s:o}", desk_functions[f].field,
				 json_base64(wbuf_slice(&d->message)));
	return json_pack("{s:s, s:o}", "transactionId", d->transaction, desk_functions[f].field,
			 json_base64(wbuf_slice(&d->message)));
}

enum err desk_send(struct desk *d, enum es9p_function f, json_t **answer)
{
	return desk_call(d, f, desk_request_of(d, f), answer);
}

const char *desk_code_of(const json_t *answer, const char *which)
{
	const json_t *status =
		json_object_get(json_object_get(answer, "header"), "functionExecutionStatus");
	const char *text = json_string_value(
		json_object_get(json_object_get(status, "statusCodeData"), which));

	return text ? text : "";
}

bool desk_succeeded(const json_t *answer)
{
	const json_t *status =
		json_object_get(json_object_get(answer, "header"), "functionExecutionStatus");
	const char *text = json_string_value(json_object_get(status, "status"));

	return text && strcmp(text, "Executed-Success") == 0;
}

void desk_expect_fault(struct desk *d, enum es9p_function f, const char *subject,
		       const char *reason, const char *what)
{
	json_t *answer = NULL;
	enum err e = desk_send(d, f, &answer);
	bool fits = !e && answer && !desk_succeeded(answer) &&
		    strcmp(desk_code_of(answer, "subjectCode"), subject) == 0 &&
		    strcmp(desk_code_of(answer, "reasonCode"), reason) == 0;

	if (!fits)
		fprintf(stderr, "\n%s: %s, %s/%s, wanted %s/%s\n", what, err_name(e),
			desk_code_of(answer, "subjectCode"), desk_code_of(answer, "reasonCode"),
			subject, reason);
	CU_ASSERT(fits);
	CU_ASSERT_EQUAL(json_object_size(answer), 1); /* nothing but the header */
	json_decref(answer);
	desk_unchanged(d, what);
}

json_t *desk_good(struct desk *d, enum es9p_function f)
{
	json_t *answer = NULL;

	ASSERT_ERR(desk_send(d, f, &answer), ERR_OK);
	CU_ASSERT(desk_succeeded(answer));
	return answer;
}

json_t *desk_initiate_request(struct desk *d)
{
	peer_info1(&d->p, &d->message);
	return json_pack("{s:o, s:o, s:s}", "euiccChallenge", json_base64(SLICE_OF(d->p.challenge)),
			 "euiccInfo1", json_base64(wbuf_slice(&d->message)), "smdpAddress",
			 PEER_ADDRESS);
}

/* d->message holds the eUICC's answer to the server afterwards. */
void desk_initiate(struct desk *d)
{
	json_t *answer = NULL;

	ASSERT_ERR(desk_call(d, ES9P_INITIATE_AUTHENTICATION, desk_initiate_request(d), &answer),
		   ERR_OK);
	CU_ASSERT_FATAL(desk_succeeded(answer));
	snprintf(d->transaction, sizeof(d->transaction), "%s",
		 json_string_value(json_object_get(answer, "transactionId")));
	peer_take_initiated(&d->p, answer);
	json_decref(answer);
	peer_authenticate(&d->p, &d->message);
	desk_remember(d);
}

void desk_authenticate(struct desk *d)
{
	json_t *answer;

	desk_initiate(d);
	answer = desk_good(d, ES9P_AUTHENTICATE_CLIENT);
	peer_take_offer(&d->p, answer);
	json_decref(answer);
	peer_prepare(&d->p, &d->message);
	desk_remember(d);
}

void desk_bind(struct desk *d)
{
	desk_authenticate(d);
	json_decref(desk_good(d, ES9P_GET_BOUND_PROFILE_PACKAGE));
	peer_result(&d->p, true, &d->message);
	desk_remember(d);
}

void desk_expect_profile(struct desk *d, enum smdp_profile_state state)
{
	struct smdp_profile p = {.state = 0};

	ASSERT_ERR(smdp_profile_find(d->store, DESK_MATCHING_ID, &p), ERR_OK);
	CU_ASSERT_EQUAL(p.state, state);
}

void desk_ready(struct desk *d, enum es9p_function f)
{
	switch (f) {
	case ES9P_AUTHENTICATE_CLIENT: desk_initiate(d); break;
	case ES9P_GET_BOUND_PROFILE_PACKAGE: desk_authenticate(d); break;
	case ES9P_HANDLE_NOTIFICATION: desk_bind(d); break;
	case ES9P_CANCEL_SESSION:
		desk_authenticate(d);
		peer_cancel(&d->p, &d->message);
		break;
	default: CU_FAIL("no such message");
	}
}

void desk_bind_elsewhere(struct desk *d, struct smdp_profile *p)
{
	static const struct smdp_change bound = {.event = SMDP_BIND};
	static const uint8_t eid[16] = {0x89, 4, 0x90, 0x32, 1};

	ASSERT_ERR(smdp_profile_find(d->store, DESK_MATCHING_ID, p), ERR_OK);
	memcpy(p->eid, eid, sizeof(p->eid));
	ASSERT_ERR(smdp_profile_change(d->store, p, &bound), ERR_OK);
}
