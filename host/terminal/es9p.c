#include "host/terminal/es9p.h"

#include <stdio.h>
#include <string.h>

static enum err check_status(const json_t *answer, char message[static ES9P_MESSAGE])
{
	const json_t *status =
		json_object_get(json_object_get(answer, "header"), "functionExecutionStatus");
	const char *word = json_string_value(json_object_get(status, "status"));
	const json_t *why = json_object_get(status, "statusCodeData");
	const char *subject = json_string_value(json_object_get(why, "subjectCode"));
	const char *reason = json_string_value(json_object_get(why, "reasonCode"));
	const char *text = json_string_value(json_object_get(why, "message"));

	if (word && strcmp(word, "Executed-Success") == 0)
		return ERR_OK;
	snprintf(message, ES9P_MESSAGE, "the subscription manager: %s (%s/%s)",
		 text ? text : "failure", subject ? subject : "?", reason ? reason : "?");
	return word ? ERR_REFUSED : ERR_PROTOCOL;
}

enum err es9p_call(struct operator_link *op, const char *function, json_t *request, json_t **answer,
		   char message[static ES9P_MESSAGE])
{
	char path[128];
	enum err e;

	*answer = NULL;
	if (!request)
		return ERR_MEMORY;
	snprintf(path, sizeof(path), "/gsma/rsp2/es9plus/%s", function);
	e = operator_call(op, path, request, answer);
	if (e)
		snprintf(message, ES9P_MESSAGE, "%s", operator_message(op));
	else if (json_object_get(*answer, "header"))
		e = check_status(*answer, message);
	if (e) {
		json_decref(*answer);
		*answer = NULL;
	}
	return e;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

json_t *es9p_base64(struct slice s)
{
	struct cursor c = cursor_of(s);
	struct wbuf text = wbuf_grow(OPERATOR_ANSWER_MAX);
	json_t *value = NULL;

	while (cursor_left(&c)) {
		size_t have = cursor_left(&c) < 3 ? cursor_left(&c) : 3;
		uint32_t v = (uint32_t)cursor_uint(&c, have) << (8 * (3 - have));

		for (unsigned i = 0; i < 4; i++)
			wbuf_u8(&text,
				(uint8_t)(i <= have ? alphabet[v >> (18 - 6 * i) & 63] : '='));
	}
	if (!wbuf_done(&text))
		value = json_stringn(text.len ? (const char *)text.ptr : "", text.len);
	wbuf_free(&text);
	return value;
}

enum err es9p_field(const json_t *object, const char *name, struct wbuf *out)
{
	const char *text = json_string_value(json_object_get(object, name));
	uint32_t v = 0;
	unsigned n = 0;

	if (!text)
		return ERR_TAG;
	for (; *text && *text != '='; text++) {
		const char *at = strchr(alphabet, *text);

		if (!at)
			return ERR_ENCODING;
		v = v << 6 | (uint32_t)(at - alphabet);
		if (++n % 4 == 0)
			wbuf_uint(out, v & 0xFFFFFF, 3);
	}
	if (n % 4 == 1 || strlen(text) != (4 - n % 4) % 4)
		return ERR_ENCODING;
	if (n % 4)
		wbuf_uint(out, n % 4 == 2 ? v >> 4 & 0xFF : v >> 2 & 0xFFFF, n % 4 - 1);
	return wbuf_done(out);
}
