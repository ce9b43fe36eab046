#include "host/operator/http/access.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/http/head.h"
#include "host/operator/http/listen.h"
#include "host/operator/http/route.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

#define AUTHORITY_MAX 128

enum err http_token_set(struct http_token *t, struct slice token)
{
	t->given = token.len != 0;
	return sha256(&token, 1, t->digest);
}

static bool shows_token(const struct http_token *t, struct MHD_Connection *c)
{
	size_t len = 0;
	const char *shown =
		http_head_bearer(http_head_field(c, MHD_HTTP_HEADER_AUTHORIZATION), &len);
	struct slice token = slice_make(shown, len);
	uint8_t digest[HTTP_TOKEN_DIGEST_LEN];

	return t->given && shown && sha256(&token, 1, digest) == ERR_OK &&
	       secret_equal(SLICE_OF(digest), SLICE_OF(t->digest));
}

/*
 * The TLS session trusts the clients' CA alone. A certificate that says what it is for must be a
 * client's (RFC 5280 4.2.1.12): the CA may issue those of servers too.
 */
bool http_access_shows_certificate(struct MHD_Connection *c)
{
	static unsigned char client[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = client};
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned status = 0;

	return i && i->tls_session &&
	       gnutls_certificate_verify_peers((gnutls_session_t)i->tls_session, &purpose, 1,
					       &status) == 0 &&
	       status == 0;
}

/*
 * A neighbour calls this machine by a name of its own. A web page whose host's name has come to
 * mean the loopback address (DNS rebinding) calls it by that one.
 */
static bool names_this_machine(struct MHD_Connection *c, const char *authority)
{
	const char *host = http_head_field(c, MHD_HTTP_HEADER_HOST);
	bool fits = !host || http_names_loopback(host);

	if (fits && authority) {
		char named[AUTHORITY_MAX];
		int n = snprintf(named, sizeof(named), "%.*s", (int)strcspn(authority, "/"),
				 authority);

		fits = n < (int)sizeof(named) && http_names_loopback(named);
	}
	return fits;
}

struct http_refusal http_access_check(const struct http_access *a, struct MHD_Connection *c,
				      const struct http_route *route, const char *authority)
{
	switch (route->caller) {
	case HTTP_CALLER_ANYBODY: return HTTP_NO_REFUSAL;
	case HTTP_CALLER_REQUESTER:
		if (shows_token(a->token, c) ||
		    (a->asks_certificate && http_access_shows_certificate(c)))
			return HTTP_NO_REFUSAL;
		break;
	case HTTP_CALLER_NEIGHBOUR:
		if (!a->asks_host || names_this_machine(c, authority))
			return HTTP_NO_REFUSAL;
		return http_refuse(MHD_HTTP_MISDIRECTED_REQUEST,
				   "this is asked of the loopback address only");
	case HTTP_CALLER_SOCKET:
		if (a->is_socket)
			return HTTP_NO_REFUSAL;
		return http_refuse(MHD_HTTP_FORBIDDEN,
				   "this is asked by the server's socket only (serve --socket)");
	}
	return http_refuse(MHD_HTTP_UNAUTHORIZED, "the function requester is not authenticated");
}
