#include "host/operator/http/fault.h"

#include <microhttpd.h>
#include <stdio.h>

#include "lib/base/bytes.h"

#define MESSAGE_MAX 160

static const struct {
	enum err e;
	unsigned status;
} statuses[] = {
	{ERR_TRUNCATED, MHD_HTTP_BAD_REQUEST},
	{ERR_TRAILING, MHD_HTTP_BAD_REQUEST},
	{ERR_ENCODING, MHD_HTTP_BAD_REQUEST},
	{ERR_DEPTH, MHD_HTTP_BAD_REQUEST},
	{ERR_TAG, MHD_HTTP_BAD_REQUEST},
	{ERR_VALUE, MHD_HTTP_BAD_REQUEST},
	{ERR_LENGTH, MHD_HTTP_BAD_REQUEST},
	{ERR_SPACE, MHD_HTTP_CONTENT_TOO_LARGE},
	{ERR_UNSUPPORTED, MHD_HTTP_BAD_REQUEST},
	{ERR_NOT_FOUND, MHD_HTTP_NOT_FOUND},
	{ERR_POINT, MHD_HTTP_BAD_REQUEST},
	{ERR_SIGNATURE, MHD_HTTP_FORBIDDEN},
	{ERR_CERT, MHD_HTTP_FORBIDDEN},
	{ERR_CERT_EXPIRED, MHD_HTTP_FORBIDDEN},
	{ERR_CERT_UNTRUSTED, MHD_HTTP_FORBIDDEN},
	{ERR_CERT_REVOKED, MHD_HTTP_FORBIDDEN},
	{ERR_SYNC, MHD_HTTP_FORBIDDEN},
	{ERR_MAC, MHD_HTTP_FORBIDDEN},
	{ERR_WRONG_STATE, MHD_HTTP_CONFLICT},
	{ERR_REFUSED, MHD_HTTP_FORBIDDEN},
	{ERR_REPLAY, MHD_HTTP_CONFLICT},
	{ERR_EXPIRED, MHD_HTTP_FORBIDDEN},
	{ERR_FACTOR, MHD_HTTP_FORBIDDEN},
	{ERR_TRIES, MHD_HTTP_TOO_MANY_REQUESTS},
	{ERR_UNBOUND, MHD_HTTP_CONFLICT},
	{ERR_LOCKED, MHD_HTTP_SERVICE_UNAVAILABLE},
	{ERR_DB_AWAY, MHD_HTTP_SERVICE_UNAVAILABLE},
	{ERR_DB_SLOW, MHD_HTTP_SERVICE_UNAVAILABLE},
	{ERR_DB_TEXT, MHD_HTTP_BAD_REQUEST},
};

/* The code of a request that reaches no handler; ERR_USAGE for the rest. */
static const struct {
	unsigned status;
	enum err e;
} refusals[] = {
	{MHD_HTTP_NOT_FOUND, ERR_NOT_FOUND},
	{MHD_HTTP_UNAUTHORIZED, ERR_REFUSED},
	{MHD_HTTP_CONTENT_TOO_LARGE, ERR_SPACE},
};

unsigned http_fault_status(enum err e)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].e == e)
			return statuses[i].status;
	return MHD_HTTP_INTERNAL_SERVER_ERROR;
}

json_t *http_fault_body(enum err e, const char *message)
{
	return json_pack("{s:{s:s, s:s}}", "error", "code", err_name(e), "message",
			 *message ? message : err_text(e));
}

json_t *http_fault_refusal(const struct http_refusal *no)
{
	enum err e = ERR_USAGE;
	char message[MESSAGE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (refusals[i].status == no->status)
			e = refusals[i].e;
	snprintf(message, sizeof(message), "%s%s%s", no->message, no->name ? " " : "",
		 no->name ? no->name : "");
	return http_fault_body(e, message);
}
