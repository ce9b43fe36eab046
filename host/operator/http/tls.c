#include "host/operator/http/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "lib/base/secret.h"

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
