#include "host/operator/http/tls_pair.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/operator/http/limits.h"
#include "host/operator/http/tls.h"

#define CHAIN_MAX 8 /* certificates */

static gnutls_datum_t datum(const char *text)
{
	return (gnutls_datum_t){.data = (unsigned char *)(uintptr_t)text,
				.size = (unsigned)strlen(text)};
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

enum err http_tls_pair_use(const struct http_tls *tls)
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

int http_tls_pair_retrieve(gnutls_session_t session, const gnutls_datum_t *cas, int ca_count,
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

void http_tls_pair_forget(void)
{
	pthread_mutex_lock(&lock);
	while (in_use) {
		struct pair *p = in_use;

		in_use = p->before;
		pair_free(p);
	}
	pthread_mutex_unlock(&lock);
}
