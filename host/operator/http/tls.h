/*
 * tls: how the TLS library gets the pair of http_tls_use(). For http.c alone.
 */
#ifndef TWINKEY_OPERATOR_HTTP_TLS_H
#define TWINKEY_OPERATOR_HTTP_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

/* A gnutls_certificate_retrieve_function2. */
int http_tls_retrieve(gnutls_session_t session, const gnutls_datum_t *cas, int ca_count,
		      const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		      gnutls_pcert_st **certs, unsigned *count, gnutls_privkey_t *key);
/* No handshake runs any more. */
void http_tls_forget(void);

#endif
