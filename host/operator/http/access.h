/*
 * access: who asks, and whether he may call the route: token, certificate, and by which name this
 * machine is called.
 */
#ifndef TWINKEY_OPERATOR_HTTP_ACCESS_H
#define TWINKEY_OPERATOR_HTTP_ACCESS_H

#include <stdbool.h>

#include "host/operator/http/fault.h"
#include "lib/base/bytes.h"

#define HTTP_TOKEN_DIGEST_LEN 32

struct MHD_Connection;
struct http_route;

/* The token that opens guarded routes, hashed: it is compared in one length. */
struct http_token {
	bool given; /* false: no token opens anything */
	uint8_t digest[HTTP_TOKEN_DIGEST_LEN];
};
/* token: a secret; empty: none. */
enum err http_token_set(struct http_token *t, struct slice token) MUST_CHECK;

/* How a listener knows who asks. */
struct http_access {
	const struct http_token *token;
	bool asks_certificate;
	bool is_socket; /* of the file system: its mode says who may ask */
	bool asks_host; /* by TCP without TLS: nothing else shows whom the client means */
};
/* The connection's client has shown a certificate of the clients' CA. */
bool http_access_shows_certificate(struct MHD_Connection *c);
/* authority: of the target, NULL when it names none (head.h). 401, 403 or 421. */
struct http_refusal http_access_check(const struct http_access *a, struct MHD_Connection *c,
				      const struct http_route *route, const char *authority);

#endif
