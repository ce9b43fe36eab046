/*
 * tls_pair: the certificate and key that all TLS listeners of this process use.
 */
#ifndef TWINKEY_OPERATOR_HTTP_TLS_PAIR_H
#define TWINKEY_OPERATOR_HTTP_TLS_PAIR_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "lib/base/err.h"

struct http_tls;

/*
 * For the handshakes that begin from now on; both change at once, and connections that are there
 * keep theirs. http_serve() begins with the pair of its listener. ERR_CERT: it is no pair.
 */
enum err http_tls_pair_use(const struct http_tls *tls) MUST_CHECK;
/* A gnutls_certificate_retrieve_function2. */
int http_tls_pair_retrieve(gnutls_session_t session, const gnutls_datum_t *cas, int ca_count,
			   const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
			   gnutls_pcert_st **certs, unsigned *count, gnutls_privkey_t *key);
/* No handshake runs any more. */
void http_tls_pair_forget(void);

#endif
