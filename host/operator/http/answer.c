#include "host/operator/http/answer.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "host/operator/http/fault.h"
#include "host/operator/http/page.h"
#include "host/operator/http/peer.h"
#include "host/operator/http/route.h"
#include "lib/base/bytes.h"

#define RSP_ANSWERED "gsma/rsp/v2.2.0"
#define JSON_TYPE    "application/json"
#define RAW_MAX	     128

/* What an answer must say besides (RFC 9110 11.6.1, 15.5.6, 15.5.16; RFC 6585 4). */
static const struct {
	unsigned status;
	const char *name, *value; /* NULL: the route's method */
} told_with[] = {
	{MHD_HTTP_UNAUTHORIZED, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer"},
	{MHD_HTTP_METHOD_NOT_ALLOWED, MHD_HTTP_HEADER_ALLOW, NULL},
	{MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, MHD_HTTP_HEADER_ACCEPT_ENCODING, "identity"},
	{MHD_HTTP_TOO_MANY_REQUESTS, MHD_HTTP_HEADER_RETRY_AFTER, "1"},
	{MHD_HTTP_SERVICE_UNAVAILABLE, MHD_HTTP_HEADER_RETRY_AFTER, "1"},
};

/* For the log: of an answer of SGP.22 its status, with subject and reason; else the error's code.
 */
static void note(struct http_record *r, unsigned status, const json_t *body)
{
	const json_t *of =
		json_object_get(json_object_get(body, "header"), "functionExecutionStatus");
	const json_t *why = json_object_get(of, "statusCodeData");
	const char *word = json_string_value(json_object_get(of, "status"));
	const char *subject = json_string_value(json_object_get(why, "subjectCode"));
	const char *reason = json_string_value(json_object_get(why, "reasonCode"));

	if (!r)
		return;
	if (!word)
		word = json_string_value(json_object_get(json_object_get(body, "error"), "code"));
	r->status = status;
	snprintf(r->words, sizeof(r->words), "%s%s%s%s%s", word ? word : "", subject ? " " : "",
		 subject ? subject : "", reason ? "/" : "", reason ? reason : "");
}

/* Of what request it is, and whether it is the connection's last. */
static void add_own_headers(struct MHD_Response *r, struct http_peer *peer)
{
	const struct http_record *record = http_peer_record(peer);

	if (record && *record->id)
		MHD_add_response_header(r, HTTP_ID_FIELD, record->id);
	if (http_peer_is_closing(peer))
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
}

static void add_headers(struct MHD_Response *r, const struct http_route *route, unsigned status)
{
	if (route && route->rsp)
		MHD_add_response_header(r, "X-Admin-Protocol", RSP_ANSWERED);
	for (size_t i = 0; i < ARRAY_LEN(told_with); i++) {
		const char *value = told_with[i].value;

		if (told_with[i].status != status)
			continue;
		if (!value)
			value = route->method;
		MHD_add_response_header(r, told_with[i].name, value);
	}
}

/* Takes body over; NULL: none. */
static enum MHD_Result reply(struct MHD_Connection *c, const struct http_route *route,
			     unsigned status, json_t *body)
{
	struct http_peer *peer = http_peer_of(c);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	bool lost = body && !text; /* memory: better no answer than half of one */
	size_t len = text ? strlen(text) : 0;
	struct MHD_Response *r = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (lost)
		status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	note(http_peer_record(peer), status, body);
	json_decref(body);
	if (!r) {
		free(text);
		return MHD_NO;
	}
	http_peer_answers(peer, len);
	if (text)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, JSON_TYPE);
	add_headers(r, route, status);
	add_own_headers(r, peer);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

enum MHD_Result http_answer_send(struct MHD_Connection *c, const struct http_route *route,
				 enum err e, struct http_answer *a)
{
	json_t *body = a->body;

	if (e)
		return reply(c, route, http_fault_status(e), http_fault_body(e, a->message));
	a->body = NULL;
	return reply(c, route, body ? MHD_HTTP_OK : MHD_HTTP_NO_CONTENT, body);
}

enum MHD_Result http_answer_refuse(struct MHD_Connection *c, const struct http_route *route,
				   const struct http_refusal *no)
{
	return reply(c, route, no->status, http_fault_refusal(no));
}

/* What every page is sent with. */
static const char *const page_fields[][2] = {
	{MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "same-origin"}, /* without one a form would have no origin */
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Strict-Transport-Security", "max-age=31536000"},
	{"Vary", "Accept-Language, Cookie"},
};

static void add_page_headers(struct MHD_Response *r, const struct http_page *page)
{
	for (size_t i = 0; i < ARRAY_LEN(page_fields); i++)
		MHD_add_response_header(r, page_fields[i][0], page_fields[i][1]);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
				page->type ? page->type : HTTP_PAGE_TYPE);
	MHD_add_response_header(r, "Content-Security-Policy",
				page->policy ? page->policy : HTTP_PAGE_POLICY);
	if (page->location)
		MHD_add_response_header(r, MHD_HTTP_HEADER_LOCATION, page->location);
	if (*page->cookie)
		MHD_add_response_header(r, MHD_HTTP_HEADER_SET_COOKIE, page->cookie);
}

enum MHD_Result http_answer_page(struct MHD_Connection *c, const struct http_route *route,
				 const struct http_page *page)
{
	struct http_peer *peer = http_peer_of(c);
	struct http_record *record = http_peer_record(peer);
	struct slice body = wbuf_slice(&page->body);
	bool lost = page->body.err != ERR_OK;
	unsigned status = lost		 ? MHD_HTTP_INTERNAL_SERVER_ERROR
			  : page->status ? page->status
					 : MHD_HTTP_OK;
	struct MHD_Response *r = MHD_create_response_from_buffer(
		body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!r)
		return MHD_NO;
	if (record) {
		record->status = status;
		snprintf(record->words, sizeof(record->words), "%s",
			 page->words ? page->words : "");
	}
	http_peer_answers(peer, body.len);
	add_page_headers(r, page);
	add_headers(r, route, status);
	add_own_headers(r, peer);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

/* It fits any socket's buffer. */
void http_answer_raw(struct MHD_Connection *c, unsigned status, int how)
{
	const union MHD_ConnectionInfo *fd =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *tls =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	char text[RAW_MAX];

	snprintf(text, sizeof(text),
		 "HTTP/1.1 %u %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status,
		 MHD_get_reason_phrase_for(status));
	if (tls && tls->tls_session) {
		gnutls_session_t session = tls->tls_session;

		if (gnutls_record_send(session, text, strlen(text)) > 0)
			gnutls_bye(session, GNUTLS_SHUT_WR);
	} else if (fd) {
		(void)!send(fd->connect_fd, text, strlen(text), MSG_NOSIGNAL);
	}
	if (fd)
		shutdown(fd->connect_fd, how);
}
