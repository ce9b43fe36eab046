#include "host/terminal/operator.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/harden.h"

#define UNIX_PREFIX	"unix:"
#define UNIX_BASE	"http://localhost" /* the host's name does not matter on a unix socket */
#define URL_MAX		512
#define TIMEOUT_MS	30000L
#define HTTP_GOOD	2 /* the hundreds of a 2xx */
#define HTTP_NO_CONTENT 204
#define MESSAGE_MAX	256

struct operator_link {
	CURL *curl;
	struct curl_slist *headers;
	char base[URL_MAX];
	char message[MESSAGE_MAX];
};

static size_t take_answer(char *data, size_t size, size_t n, void *ctx)
{
	struct wbuf *w = ctx;

	wbuf_put(w, slice_make(data, size * n));
	return w->err ? 0 : size * n;
}

static int stop_when_interrupted(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)ctx, (void)a, (void)b, (void)c, (void)d;
	return interrupted();
}

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

enum err operator_open(const char *spec, struct operator_link **out)
{
	bool local = starts(spec, UNIX_PREFIX);
	struct operator_link *o;

	if (!local && !starts(spec, "http://") && !starts(spec, "https://"))
		return ERR_USAGE;
	if (local ? !spec[strlen(UNIX_PREFIX)] : strlen(spec) >= URL_MAX / 2)
		return ERR_USAGE;
	o = calloc(1, sizeof(*o));
	if (!o)
		return ERR_MEMORY;
	o->curl = curl_easy_init();
	o->headers = curl_slist_append(NULL, "Content-Type: application/json");
	if (!o->curl || !o->headers) {
		operator_close(&o);
		return ERR_MEMORY;
	}
	snprintf(o->base, sizeof(o->base), "%s", local ? UNIX_BASE : spec);
	if (local)
		curl_easy_setopt(o->curl, CURLOPT_UNIX_SOCKET_PATH, spec + strlen(UNIX_PREFIX));
	curl_easy_setopt(o->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(o->curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(o->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(o->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(o->curl, CURLOPT_HTTPHEADER, o->headers);
	curl_easy_setopt(o->curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(o->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(o->curl, CURLOPT_XFERINFOFUNCTION, stop_when_interrupted);
	*out = o;
	return ERR_OK;
}

void operator_close(struct operator_link **o)
{
	if (!*o)
		return;
	curl_easy_cleanup((*o)->curl);
	curl_slist_free_all((*o)->headers);
	free(*o);
	*o = NULL;
}

const char *operator_message(const struct operator_link *o)
{
	return o->message;
}

static enum err curl_error(CURLcode r)
{
	switch (r) {
	case CURLE_OK: return ERR_OK;
	case CURLE_OPERATION_TIMEDOUT: return ERR_TIMEOUT;
	case CURLE_ABORTED_BY_CALLBACK: return ERR_CANCELLED;
	case CURLE_OUT_OF_MEMORY: return ERR_MEMORY;
	case CURLE_WRITE_ERROR: return ERR_PROTOCOL;
	case CURLE_PEER_FAILED_VERIFICATION: return ERR_CERT_UNTRUSTED;
	default: return ERR_DISCONNECTED;
	}
}

/* {"error": {"code": "ERR_...", "message": "..."}} */
static enum err refusal(struct operator_link *o, const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *message = json_string_value(json_object_get(error, "message"));

	snprintf(o->message, sizeof(o->message), "%s", message ? message : "");
	for (int e = ERR_OK + 1; code && e < ERR_COUNT; e++) {
		if (strcmp(code, err_name((enum err)e)) == 0)
			return (enum err)e;
	}
	return ERR_REFUSED;
}

static enum err post(struct operator_link *o, const char *path, const char *text,
		     struct wbuf *answer, long *status)
{
	char url[URL_MAX + 128];
	CURLcode r;

	snprintf(url, sizeof(url), "%s%s", o->base, path);
	curl_easy_setopt(o->curl, CURLOPT_URL, url);
	curl_easy_setopt(o->curl, CURLOPT_POSTFIELDS, text);
	curl_easy_setopt(o->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(text));
	curl_easy_setopt(o->curl, CURLOPT_WRITEDATA, answer);
	r = curl_easy_perform(o->curl);
	curl_easy_getinfo(o->curl, CURLINFO_RESPONSE_CODE, status);
	return curl_error(r);
}

enum err operator_call(struct operator_link *o, const char *path, json_t *body, json_t **answer)
{
	struct wbuf w = wbuf_grow(OPERATOR_ANSWER_MAX);
	char *text = json_dumps(body, JSON_COMPACT);
	json_t *got = NULL;
	long status = 0;
	enum err e = text ? post(o, path, text, &w, &status) : ERR_MEMORY;

	o->message[0] = 0;
	if (!e && w.len)
		got = json_loadb((const char *)w.ptr, w.len, JSON_REJECT_DUPLICATES, NULL);
	else if (!e && status == HTTP_NO_CONTENT) /* taken, and nothing to say */
		got = json_object();
	if (!e && status / 100 != HTTP_GOOD)
		e = refusal(o, got);
	if (!e && !json_is_object(got))
		e = ERR_PROTOCOL;
	if (e)
		json_decref(got);
	else
		*answer = got;
	json_decref(body);
	free(text);
	wbuf_free(&w);
	return e;
}
