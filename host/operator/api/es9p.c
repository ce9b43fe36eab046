#include "host/operator/api/es9p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/api/rsp_answer.h"
#include "host/operator/http/route.h"
#include "host/operator/smdp/smdp.h"
#include "lib/rsp/rsp.h"
#include "tool/cli/json.h"

#define FIELD_MAX (64u * 1024)

static enum err base64_field(const json_t *request, const char *name, struct wbuf *out)
{
	*out = wbuf_grow(FIELD_MAX);
	return json_base64_field(request, name, out);
}

static enum err call_initiate(struct smdp *m, const json_t *request, int64_t now,
			      struct smdp_answer *a)
{
	const char *address = json_string_value(json_object_get(request, "smdpAddress"));
	struct wbuf challenge, info;
	enum err e = base64_field(request, "euiccChallenge", &challenge);
	enum err f = base64_field(request, "euiccInfo1", &info);

	if (!e)
		e = f ? f : address ? ERR_OK : ERR_TAG;
	if (!e)
		e = smdp_initiate_authentication(
			m,
			&(struct smdp_initiation){.euicc_challenge = wbuf_slice(&challenge),
						  .euicc_info1 = wbuf_slice(&info),
						  .address = slice_str(address)},
			now, a);
	wbuf_free(&challenge);
	wbuf_free(&info);
	return e;
}

typedef enum err session_function(struct smdp *m, struct slice transaction_id, struct slice der,
				  int64_t now, struct smdp_answer *a);

static const struct {
	session_function *call;
	const char *field;
} functions[ES9P_FUNCTION_COUNT] = {
	[ES9P_AUTHENTICATE_CLIENT] = {smdp_authenticate_client, "authenticateServerResponse"},
	[ES9P_GET_BOUND_PROFILE_PACKAGE] = {smdp_get_bound_profile_package,
					    "prepareDownloadResponse"},
	[ES9P_CANCEL_SESSION] = {smdp_cancel_session, "cancelSessionResponse"},
};

static enum err call_in_session(struct smdp *m, enum es9p_function f, const json_t *request,
				int64_t now, struct smdp_answer *a)
{
	const char *text = json_string_value(json_object_get(request, "transactionId"));
	uint8_t id[SMDP_TRANSACTION_LEN];
	struct wbuf id_buf = wbuf_init(id, sizeof(id)), der;
	enum err unread = base64_field(request, functions[f].field, &der);
	enum err e = unread == ERR_TAG ? ERR_TAG : text ? hex_decode(text, &id_buf) : ERR_TAG;

	if (!e) /* what can not be read is judged after the session, as what is no DER is */
		e = functions[f].call(m, wbuf_slice(&id_buf),
				      unread ? SLICE_EMPTY : wbuf_slice(&der), now, a);
	wbuf_free(&der);
	return e && unread ? unread : e;
}

static enum err call_notify(struct smdp *m, const json_t *request, int64_t now,
			    struct smdp_answer *a)
{
	struct wbuf der;
	enum err e = base64_field(request, "pendingNotification", &der);

	if (!e)
		e = smdp_handle_notification(m, wbuf_slice(&der), now, a);
	wbuf_free(&der);
	return e;
}

/* The field that an error of the request's form is about. */
static const char *wrong_field(enum es9p_function f, const json_t *request)
{
	const char *text = json_string_value(json_object_get(request, "transactionId"));
	uint8_t id[SMDP_TRANSACTION_LEN];
	struct wbuf buf = wbuf_init(id, sizeof(id));

	if (f == ES9P_HANDLE_NOTIFICATION)
		return "pendingNotification";
	if (f != ES9P_INITIATE_AUTHENTICATION)
		return text && !hex_decode(text, &buf) ? functions[f].field : "transactionId";
	if (!json_is_string(json_object_get(request, "smdpAddress")))
		return "smdpAddress";
	if (json_base64_field(request, "euiccChallenge", &buf) || buf.len != RSP_CHALLENGE_LEN)
		return "euiccChallenge";
	return "euiccInfo1";
}

static json_t *encode(const struct smdp_answer *a)
{
	json_t *body = rsp_answer_header(a->fault);
	char id[2 * SMDP_TRANSACTION_LEN + 1];
	int bad = !body;

	if (!bad && a->has_transaction_id) {
		hex_encode(SLICE_OF(a->transaction_id), id, sizeof(id));
		for (char *c = id; *c; c++)
			if (*c >= 'a')
				*c = (char)(*c - 'a' + 'A');
		bad |= json_object_set_new(body, "transactionId", json_string(id));
	}
	for (size_t i = 0; i < a->count && !bad; i++)
		bad |= json_object_set_new(body, a->fields[i].name,
					   json_base64(wbuf_slice(&a->fields[i].der)));
	if (bad) {
		json_decref(body);
		return NULL;
	}
	return body;
}

enum err es9p_perform(struct smdp *m, enum es9p_function f, const json_t *request, int64_t now,
		      json_t **answer)
{
	struct smdp_answer a = {0};
	enum err e;

	*answer = NULL;
	if (f == ES9P_INITIATE_AUTHENTICATION)
		e = call_initiate(m, request, now, &a);
	else if (f == ES9P_HANDLE_NOTIFICATION)
		e = call_notify(m, request, now, &a);
	else
		e = call_in_session(m, f, request, now, &a);
	if (!e && (f != ES9P_HANDLE_NOTIFICATION || a.fault)) {
		*answer = encode(&a);
		e = *answer ? ERR_OK : ERR_MEMORY;
	}
	smdp_answer_free(&a);
	return e;
}

enum err es9p_answer(struct smdp *m, enum es9p_function f, const json_t *request, int64_t now,
		     struct http_answer *answer)
{
	enum err e = es9p_perform(m, f, request, now, &answer->body);

	if (f != ES9P_HANDLE_NOTIFICATION)
		return rsp_answer_failure(e, e ? wrong_field(f, request) : "", answer);
	/* SGP.22 5.6.4, 6.5.1: a notification is acknowledged; what is not genuine changes nothing
	 */
	json_decref(answer->body);
	answer->body = NULL;
	return e;
}
