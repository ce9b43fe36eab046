/*
 * tls: whether PEM texts are what TLS needs, and what a server with them offers.
 */
#ifndef TWINKEY_OPERATOR_HTTP_TLS_H
#define TWINKEY_OPERATOR_HTTP_TLS_H

#include <stdint.h>

#include "lib/base/err.h"

/* PEM, borrowed until http_serve() returns; key is a secret. */
struct http_tls {
	const char *key, *cert;
	const char *client_ca; /* NULL: no client certificate is asked for */
};

/* What TLS could not begin with: no certificates, no key, a key that is another one's. */
enum http_tls_trouble {
	HTTP_TLS_GOOD,
	HTTP_TLS_CERT,
	HTTP_TLS_KEY,
	HTTP_TLS_PAIR,
	HTTP_TLS_CLIENT_CA,
};
enum http_tls_trouble http_tls_check(const struct http_tls *tls) MUST_CHECK;
/* Between which moments the server's certificate, the first of a PEM text, is valid (seconds since
 * 1970). */
struct http_tls_life {
	int64_t from, until;
};
enum err http_tls_life(const char *pem, struct http_tls_life *out) MUST_CHECK;
/*
 * GnuTLS's priorities for a server with this certificate: TLS 1.3 and 1.2, forward secrecy, and of
 * CBC what SGP.22 2.6.6 names alone: TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256.
 */
const char *http_tls_priorities(const struct http_tls *tls);

#endif
