#include "host/net/client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/net/link_trouble.h"
#include "lib/base/base64.h"
#include "lib/base/tlv.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"
#include "tool/sys/tcp.h"
#include "tool/sys/wait.h"

/* Of CBC, what SGP.22 2.6.6 names alone. */
#define TLS12_SUITES                                                                               \
	"ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AESCCM:DHE+AESGCM:DHE+CHACHA20:"                        \
	"ECDHE-ECDSA-AES128-SHA256:!aNULL:!PSK"
#define UNIX_PREFIX	   "unix:"
#define UNIX_BASE	   "http://localhost" /* the host's name does not matter on a unix socket */
#define URL_MAX		   512
#define CONNECT_TIMEOUT_MS 10000L
#define RATE_MIN	   100	/* octets a second; a drip is slower */
#define TOTAL_S		   600L /* the longest answer at the rate of GPRS */
#define TRUST_MAX	   (1u << 20)
#define HTTP_GOOD	   2 /* the hundreds of a 2xx */
#define HTTP_NO_CONTENT	   204
#define HTTP_SERVER_FAILED 5
#define MESSAGE_MAX	   448

/* What passes while the patience lasts. */
struct window {
	unsigned patience_ms;
	int64_t start, octets; /* passed by then */
	bool too_slow;
};

struct http_client {
	CURL *curl;
	struct cancel *cancel;
	struct curl_slist *headers, *connect_to;
	char base[URL_MAX];
	char *spec;
	bool local; /* a unix socket */
	bool takes_empty;
	struct window window;
	struct wait wait;
	char where[URL_MAX]; /* what is waited for */
	char message[MESSAGE_MAX];
	char detail[CURL_ERROR_SIZE]; /* libcurl's sentence of the last failure */
};

static size_t take_answer(char *data, size_t size, size_t n, void *ctx)
{
	struct wbuf *w = ctx;

	wbuf_put(w, slice_make(data, size * n));
	return w->err ? 0 : size * n;
}

/* From here on so many octets are waited for as long as the patience lasts. */
static void begin_window(struct window *w, int64_t now, int64_t octets)
{
	w->start = now;
	w->octets = octets;
}

/* Headers don't count: they are short, where they are honest. Not 0: the transfer ends. */
static int on_progress(void *ctx, curl_off_t total, curl_off_t received, curl_off_t to_send,
		       curl_off_t sent)
{
	struct http_client *o = ctx;
	struct window *w = &o->window;
	int64_t now = wait_now_ms(), octets = received + sent;

	(void)total, (void)to_send;
	if ((octets - w->octets) * 1000 >= RATE_MIN * (int64_t)w->patience_ms)
		begin_window(w, now, octets);
	else if (now - w->start >= w->patience_ms)
		w->too_slow = true;
	wait_tick(&o->wait);
	return cancel_check(o->cancel) || w->too_slow;
}

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_loopback_host(const char *host)
{
	struct in_addr v4;

	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET);
}

/* http carries RES and one-time codes in clear: on this machine only. */
static bool is_plain_loopback(const char *url)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *user = NULL, *host = NULL;
	bool good = u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
		    strcmp(scheme, "http") == 0 && is_loopback_host(host);

	curl_free(scheme);
	curl_free(user);
	curl_free(host);
	curl_url_cleanup(u);
	return good;
}

enum err http_client_open(const char *spec, struct cancel *cancel, struct http_client **out)
{
	bool local = starts(spec, UNIX_PREFIX);
	struct http_client *o;

	if (!local && !starts(spec, "https://") && !is_plain_loopback(spec))
		return ERR_USAGE;
	if (local ? !spec[strlen(UNIX_PREFIX)] : strlen(spec) >= URL_MAX / 2)
		return ERR_USAGE;
	o = calloc(1, sizeof(*o));
	if (!o)
		return ERR_MEMORY;
	o->local = local;
	o->cancel = cancel;
	o->curl = curl_easy_init();
	o->headers = curl_slist_append(NULL, "Content-Type: application/json");
	o->spec = strdup(spec);
	if (!o->curl || !o->headers || !o->spec) {
		http_client_close(&o);
		return ERR_MEMORY;
	}
	snprintf(o->base, sizeof(o->base), "%s", local ? UNIX_BASE : spec);
	snprintf(o->where, sizeof(o->where), "the server at %s", spec);
	if (local)
		curl_easy_setopt(o->curl, CURLOPT_UNIX_SOCKET_PATH, spec + strlen(UNIX_PREFIX));
	curl_easy_setopt(o->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(o->curl, CURLOPT_QUICK_EXIT, 1L); /* no wait for a name that is sought */
	curl_easy_setopt(o->curl, CURLOPT_ERRORBUFFER, o->detail);
	curl_easy_setopt(o->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(o->curl, CURLOPT_TIMEOUT, TOTAL_S);
	http_client_set_patience(o, HTTP_CLIENT_PATIENCE_MS);
	curl_easy_setopt(o->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(o->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(o->curl, CURLOPT_SSL_CIPHER_LIST, TLS12_SUITES);
	curl_easy_setopt(o->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(o->curl, CURLOPT_HTTPHEADER, o->headers);
	curl_easy_setopt(o->curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(o->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(o->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(o->curl, CURLOPT_XFERINFODATA, o);
	*out = o;
	return ERR_OK;
}

void http_client_close(struct http_client **o)
{
	if (!*o)
		return;
	curl_easy_cleanup((*o)->curl);
	curl_slist_free_all((*o)->headers);
	curl_slist_free_all((*o)->connect_to);
	free((*o)->spec);
	free(*o);
	*o = NULL;
}

const char *http_client_spec(const struct http_client *o)
{
	return o->spec;
}

enum err http_client_trust(struct http_client *o, const char *file)
{
	struct wbuf text = wbuf_grow(TRUST_MAX), pem = wbuf_grow(2 * TRUST_MAX);
	enum err e = file_read(file, o->cancel, &text);

	if (!e && slice_at(wbuf_slice(&text), 0) == ASN1_SEQUENCE)
		base64_put_pem(&pem, "CERTIFICATE", wbuf_slice(&text));
	else if (!e)
		wbuf_put(&pem, wbuf_slice(&text));
	if (!e)
		e = wbuf_done(&pem);
	if (!e && !memmem(pem.ptr, pem.len, "-----BEGIN CERTIFICATE-----", 27))
		e = ERR_CERT;
	if (!e) {
		struct curl_blob blob = {pem.ptr, pem.len, CURL_BLOB_COPY};

		if (curl_easy_setopt(o->curl, CURLOPT_CAINFO_BLOB, &blob))
			e = ERR_MEMORY;
		curl_easy_setopt(o->curl, CURLOPT_CAPATH, NULL);
	}
	wbuf_free(&text);
	wbuf_free(&pem);
	return e;
}

enum err http_client_connect_to(struct http_client *o, const char *host_port)
{
	const char *colon = strrchr(host_port, ':');
	char line[URL_MAX];

	if (!colon || colon == host_port || !tcp_is_port(colon + 1) ||
	    (size_t)snprintf(line, sizeof(line), "::%s", host_port) >= sizeof(line))
		return ERR_USAGE;
	curl_slist_free_all(o->connect_to);
	o->connect_to = curl_slist_append(NULL, line);
	curl_easy_setopt(o->curl, CURLOPT_CONNECT_TO, o->connect_to);
	return o->connect_to ? ERR_OK : ERR_MEMORY;
}

enum err http_client_add_header(struct http_client *o, const char *line)
{
	struct curl_slist *longer = curl_slist_append(o->headers, line);

	if (!longer)
		return ERR_MEMORY;
	o->headers = longer;
	curl_easy_setopt(o->curl, CURLOPT_HTTPHEADER, o->headers);
	return ERR_OK;
}

void http_client_set_patience(struct http_client *o, unsigned ms)
{
	o->window.patience_ms = ms;
}

void http_client_take_empty(struct http_client *o)
{
	o->takes_empty = true;
}

const char *http_client_message(const struct http_client *o)
{
	return o->message;
}

/* {"error": {"code": "ERR_...", "message": "..."}} */
static enum err refusal(struct http_client *o, const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *message = json_string_value(json_object_get(error, "message"));

	if (message)
		snprintf(o->message, sizeof(o->message), "%s", message);
	for (int e = ERR_OK + 1; code && e < ERR_COUNT; e++) {
		if (strcmp(code, err_name((enum err)e)) == 0)
			return (enum err)e;
	}
	return ERR_REFUSED;
}

/* What a person can make of an answer that says nothing of its own. */
static void tell_status(struct http_client *o, long status)
{
	snprintf(o->message, sizeof(o->message), "HTTP %ld: %s", status,
		 status / 100 == HTTP_SERVER_FAILED
			 ? "the server has trouble of its own, try again later"
			 : "this server does not know the request (is it the right address?)");
}

static enum err post_text(struct http_client *o, const char *path, const char *text,
			  struct wbuf *answer, long *status)
{
	char url[URL_MAX + 128];
	enum err e;
	CURLcode r;

	o->message[0] = 0;
	o->detail[0] = 0;
	snprintf(url, sizeof(url), "%s%s", o->base, path);
	curl_easy_setopt(o->curl, CURLOPT_URL, url);
	curl_easy_setopt(o->curl, CURLOPT_POSTFIELDS, text);
	curl_easy_setopt(o->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(text));
	curl_easy_setopt(o->curl, CURLOPT_WRITEDATA, answer);
	o->window.too_slow = false;
	o->wait = wait_begin(o->cancel, o->where);
	begin_window(&o->window, wait_now_ms(), 0);
	r = curl_easy_perform(o->curl);
	curl_easy_getinfo(o->curl, CURLINFO_RESPONSE_CODE, status);
	if (!r)
		return ERR_OK;
	if (o->window.too_slow) {
		r = CURLE_OPERATION_TIMEDOUT;
		snprintf(o->detail, sizeof(o->detail), "fewer than %d octets a second", RATE_MIN);
	}
	e = link_trouble(o->curl, r, o->detail, o->message, sizeof(o->message));
	if (r == CURLE_COULDNT_CONNECT && o->local) /* libcurl speaks of the base's port here */
		snprintf(o->message, sizeof(o->message),
			 "nobody listens on the socket: start twinkey-operator serve");
	return e;
}

static bool is_blank(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!strchr(" \t\r\n", slice_at(s, i)) || !slice_at(s, i))
			return false;
	}
	return true;
}

enum err http_client_call(struct http_client *o, const char *path, json_t *body, json_t **answer)
{
	struct wbuf w = wbuf_grow(HTTP_CLIENT_ANSWER_MAX);
	char *text = json_dumps(body, JSON_COMPACT);
	json_t *got = NULL;
	long status = 0;
	enum err e = text ? post_text(o, path, text, &w, &status) : ERR_MEMORY;

	if (!e && !is_blank(wbuf_slice(&w)))
		got = json_loadb((const char *)w.ptr, w.len, JSON_REJECT_DUPLICATES, NULL);
	else if (!e && (o->takes_empty || status == HTTP_NO_CONTENT))
		got = json_object();
	if (!e && status / 100 != HTTP_GOOD) {
		tell_status(o, status);
		e = refusal(o, got);
	} else if (!e && !json_is_object(got)) {
		snprintf(o->message, sizeof(o->message),
			 "the server's answer is no JSON object (is it the right address?)");
		e = ERR_PROTOCOL;
	}
	if (e)
		json_decref(got);
	else
		*answer = got;
	json_decref(body);
	if (text)
		explicit_bzero(text, strlen(text)); /* RES and one-time codes pass here */
	free(text);
	wbuf_free(&w);
	return e;
}
