#include "host/operator/es9p_json.h"

#include <stdlib.h>
#include <string.h>

#define FIELD_MAX (64u * 1024)

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

json_t *json_base64(struct slice s)
{
	struct cursor c = cursor_of(s);
	size_t n = 0, len = (s.len + 2) / 3 * 4;
	char *text = malloc(len + 1);
	json_t *value;

	if (!text)
		return NULL;
	while (cursor_left(&c)) {
		size_t have = cursor_left(&c) < 3 ? cursor_left(&c) : 3;
		uint32_t v = (uint32_t)cursor_uint(&c, have) << (8 * (3 - have));

		for (unsigned i = 0; i < 4; i++)
			text[n++] = (char)(i <= have ? alphabet[v >> (18 - 6 * i) & 63] : '=');
	}
	text[n] = 0;
	value = json_stringn(text, n);
	free(text);
	return value;
}

enum err json_base64_decode(const char *text, struct wbuf *out)
{
	size_t len = strlen(text), pad = 0;

	while (pad < 2 && len > pad && text[len - 1 - pad] == '=')
		pad++;
	if (len % 4)
		return ERR_ENCODING;
	for (size_t i = 0; i < len; i += 4) {
		unsigned octets = i + 4 == len ? 3 - (unsigned)pad : 3;
		uint32_t v = 0;

		for (unsigned j = 0; j < 4; j++) {
			const char *at = j <= octets ? strchr(alphabet, text[i + j]) : alphabet;

			if (!at || !*at)
				return ERR_ENCODING;
			v = v << 6 | (uint32_t)(at - alphabet);
		}
		if (v & ((1u << (8 * (3 - octets))) - 1)) /* bits after the end */
			return ERR_ENCODING;
		wbuf_uint(out, v >> (8 * (3 - octets)), octets);
	}
	return wbuf_done(out);
}

static enum err base64_field(const json_t *request, const char *name, struct wbuf *out)
{
	const char *text = json_string_value(json_object_get(request, name));

	*out = wbuf_grow(FIELD_MAX);
	return text ? json_base64_decode(text, out) : ERR_TAG;
}

static enum err initiate(struct smdp *m, const json_t *request, int64_t now, struct smdp_answer *a)
{
	const char *address = json_string_value(json_object_get(request, "smdpAddress"));
	struct wbuf challenge, info;
	enum err e = base64_field(request, "euiccChallenge", &challenge);
	enum err f = base64_field(request, "euiccInfo1", &info);

	if (!e)
		e = f ? f : address ? ERR_OK : ERR_TAG;
	if (!e)
		e = smdp_initiate_authentication(m, wbuf_slice(&challenge), wbuf_slice(&info),
						 slice_str(address), now, a);
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

static enum err in_session(struct smdp *m, enum es9p_function f, const json_t *request, int64_t now,
			   struct smdp_answer *a)
{
	const char *text = json_string_value(json_object_get(request, "transactionId"));
	uint8_t id[SMDP_TRANSACTION_LEN];
	struct wbuf id_buf = wbuf_init(id, sizeof(id)), der;
	enum err e = base64_field(request, functions[f].field, &der);

	if (!e)
		e = text ? hex_decode(text, &id_buf) : ERR_TAG;
	if (!e)
		e = functions[f].call(m, wbuf_slice(&id_buf), wbuf_slice(&der), now, a);
	wbuf_free(&der);
	return e;
}

static enum err notify(struct smdp *m, const json_t *request, int64_t now, struct smdp_answer *a)
{
	struct wbuf der;
	enum err e = base64_field(request, "pendingNotification", &der);

	if (!e)
		e = smdp_handle_notification(m, wbuf_slice(&der), now, a);
	wbuf_free(&der);
	return e;
}

/* SGP.22 6.5.1.4: the header of every answer. */
static json_t *status(const struct smdp_fault *fault)
{
	if (!fault)
		return json_pack("{s:{s:{s:s}}}", "header", "functionExecutionStatus", "status",
				 "Executed-Success");
	return json_pack("{s:{s:{s:s, s:{s:s, s:s, s:s}}}}", "header", "functionExecutionStatus",
			 "status", "Failed", "statusCodeData", "subjectCode", fault->subject,
			 "reasonCode", fault->reason, "message", fault->message);
}

static json_t *encode(const struct smdp_answer *a)
{
	json_t *body = status(a->fault);
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

enum err es9p_json_call(struct smdp *m, enum es9p_function f, const json_t *request, int64_t now,
			json_t **answer)
{
	struct smdp_answer a = {0};
	enum err e;

	*answer = NULL;
	if (f == ES9P_INITIATE_AUTHENTICATION)
		e = initiate(m, request, now, &a);
	else if (f == ES9P_HANDLE_NOTIFICATION)
		e = notify(m, request, now, &a);
	else
		e = in_session(m, f, request, now, &a);
	if (!e && (f != ES9P_HANDLE_NOTIFICATION || a.fault)) {
		*answer = encode(&a);
		e = *answer ? ERR_OK : ERR_MEMORY;
	}
	smdp_answer_free(&a);
	return e;
}
