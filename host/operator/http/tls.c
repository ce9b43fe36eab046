/* tls: whether PEM texts are what TLS needs, and the pair that is in use */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/operator/http/http.h"
#include "host/operator/http/tls.h"
#include "lib/base/secret.h"

#define CHAIN_MAX 8 /* certificates */

static gnutls_datum_t datum(const char *text)
{
	return (gnutls_datum_t){.data = (unsigned char *)(uintptr_t)text,
				.size = (unsigned)strlen(text)};
}

/* At least one, and all of them well formed. */
static bool are_certificates(const char *pem)
{
	gnutls_x509_crt_t *list = NULL;
	gnutls_datum_t text = datum(pem);
	unsigned n = 0;
	bool good =
		gnutls_x509_crt_list_import2(&list, &n, &text, GNUTLS_X509_FMT_PEM, 0) >= 0 && n;

	for (unsigned i = 0; good && i < n; i++)
		gnutls_x509_crt_deinit(list[i]);
	gnutls_free(list);
	return good;
}

static bool is_key(const char *pem)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_datum_t text = datum(pem);
	bool good = gnutls_x509_privkey_init(&key) == 0 &&
		    gnutls_x509_privkey_import2(key, &text, GNUTLS_X509_FMT_PEM, NULL, 0) == 0;

	gnutls_x509_privkey_deinit(key);
	return good;
}

static bool belong_together(const char *cert, const char *key)
{
	gnutls_certificate_credentials_t c = NULL;
	gnutls_datum_t cert_text = datum(cert), key_text = datum(key);
	bool good = gnutls_certificate_allocate_credentials(&c) == 0 &&
		    gnutls_certificate_set_x509_key_mem2(c, &cert_text, &key_text,
							 GNUTLS_X509_FMT_PEM, NULL, 0) >= 0;

	if (c)
		gnutls_certificate_free_credentials(c);
	return good;
}

#define MODERN                                                                                     \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-MAC-ALL:+AEAD"                           \
	":-AES-256-CBC:-CAMELLIA-128-CBC:-CAMELLIA-256-CBC:-3DES-CBC"

/* The suites of TLS 1.2 go by the key of the certificate. */
static bool has_ec_key(const char *pem)
{
	gnutls_x509_crt_t c = NULL;
	gnutls_datum_t text = datum(pem);
	bool ec = gnutls_x509_crt_init(&c) == 0 &&
		  gnutls_x509_crt_import(c, &text, GNUTLS_X509_FMT_PEM) == 0 &&
		  gnutls_x509_crt_get_pk_algorithm(c, NULL) == GNUTLS_PK_ECDSA;

	gnutls_x509_crt_deinit(c);
	return ec;
}

const char *http_tls_priorities(const struct http_tls *tls)
{
	return has_ec_key(tls->cert) ? MODERN ":+SHA256:-KX-ALL:+ECDHE-ECDSA"
				     : MODERN ":-AES-128-CBC";
}

/* GnuTLS frees the texts and octets that it took a key from as they are. */
static void wipe_what_is_freed(void)
{
	gnutls_free = secret_block_free;
	gnutls_realloc = secret_block_resize;
}

enum http_tls_trouble http_tls_check(const struct http_tls *tls)
{
	wipe_what_is_freed();
	if (!are_certificates(tls->cert))
		return HTTP_TLS_CERT;
	if (!is_key(tls->key))
		return HTTP_TLS_KEY;
	if (!belong_together(tls->cert, tls->key))
		return HTTP_TLS_PAIR;
	if (tls->client_ca && !are_certificates(tls->client_ca))
		return HTTP_TLS_CLIENT_CA;
	return HTTP_TLS_GOOD;
}

/*
 * A certificate with its key, for the handshakes that begin from now on. A handshake that has begun
 * may use those before: they are kept until it must be over.
 */
struct pair {
	struct pair *before;
	gnutls_pcert_st certs[CHAIN_MAX];
	unsigned count;
	gnutls_privkey_t key;
	time_t replaced;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pair *in_use;

static void pair_free(struct pair *p)
{
	for (unsigned i = 0; i < p->count; i++)
		gnutls_pcert_deinit(&p->certs[i]);
	gnutls_privkey_deinit(p->key);
	free(p);
}

static void forget_old(time_t now)
{
	struct pair **at = in_use ? &in_use->before : NULL;

	while (at && *at) {
		struct pair *p = *at;

		if (now - p->replaced <= 2 * HTTP_REQUEST_S) {
			at = &p->before;
			continue;
		}
		*at = p->before;
		pair_free(p);
	}
}

enum err http_tls_use(const struct http_tls *tls)
{
	gnutls_datum_t cert = datum(tls->cert), key = datum(tls->key);
	struct pair *p = calloc(1, sizeof(*p));
	unsigned count = CHAIN_MAX;
	time_t now = time(NULL);

	if (!p)
		return ERR_MEMORY;
	if (gnutls_pcert_list_import_x509_raw(p->certs, &count, &cert, GNUTLS_X509_FMT_PEM, 0) < 0)
		count = 0;
	p->count = count;
	if (!count || gnutls_privkey_init(&p->key) < 0 ||
	    gnutls_privkey_import_x509_raw(p->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0) < 0) {
		pair_free(p);
		return ERR_CERT;
	}
	pthread_mutex_lock(&lock);
	if (in_use)
		in_use->replaced = now;
	p->before = in_use;
	in_use = p;
	forget_old(now);
	pthread_mutex_unlock(&lock);
	return ERR_OK;
}

int http_tls_retrieve(gnutls_session_t session, const gnutls_datum_t *cas, int ca_count,
		      const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		      gnutls_pcert_st **certs, unsigned *count, gnutls_privkey_t *key)
{
	(void)session, (void)cas, (void)ca_count, (void)algorithms, (void)algorithm_count;
	pthread_mutex_lock(&lock);
	*certs = in_use->certs;
	*count = in_use->count;
	*key = in_use->key;
	pthread_mutex_unlock(&lock);
	return 0;
}

void http_tls_forget(void)
{
	pthread_mutex_lock(&lock);
	while (in_use) {
		struct pair *p = in_use;

		in_use = p->before;
		pair_free(p);
	}
	pthread_mutex_unlock(&lock);
}

enum err http_tls_life(const char *pem, struct http_tls_life *out)
{
	gnutls_datum_t text = datum(pem);
	gnutls_x509_crt_t c = NULL;
	time_t begin = (time_t)-1, end = (time_t)-1;

	/* the first certificate of the chain is the server's */
	if (gnutls_x509_crt_init(&c) == 0 &&
	    gnutls_x509_crt_import(c, &text, GNUTLS_X509_FMT_PEM) == 0) {
		begin = gnutls_x509_crt_get_activation_time(c);
		end = gnutls_x509_crt_get_expiration_time(c);
	}
	gnutls_x509_crt_deinit(c);
	if (begin == (time_t)-1 || end == (time_t)-1)
		return ERR_CERT;
	*out = (struct http_tls_life){(int64_t)begin, (int64_t)end};
	return ERR_OK;
}
