#include "host/operator/http/page.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <string.h>

#include "host/operator/http/access.h"
#include "host/operator/http/head.h"

/* An IPv4 peer of a socket of IPv6 is one of IPv4. */
static void find_peer(struct MHD_Connection *c, char address[static HTTP_ADDRESS_CAP])
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = i ? i->client_addr : NULL;
	const void *octets = NULL;
	int family = a ? a->sa_family : AF_UNSPEC;

	address[0] = 0;
	if (family == AF_INET) {
		octets = &((const struct sockaddr_in *)(const void *)a)->sin_addr;
	} else if (family == AF_INET6) {
		const uint8_t *six =
			((const struct sockaddr_in6 *)(const void *)a)->sin6_addr.s6_addr;
		bool four = memcmp(six, mapped, sizeof(mapped)) == 0;

		octets = four ? six + sizeof(mapped) : six;
		family = four ? AF_INET : AF_INET6;
	}
	if (octets && !inet_ntop(family, octets, address, HTTP_ADDRESS_CAP))
		address[0] = 0;
}

/* The first common name of a certificate; "" where there is none, or it does not fit. */
static void read_name(const gnutls_datum_t *der, char name[static HTTP_CLIENT_CAP])
{
	gnutls_x509_crt_t cert = NULL;
	size_t n = HTTP_CLIENT_CAP;

	if (gnutls_x509_crt_init(&cert))
		return;
	if (gnutls_x509_crt_import(cert, der, GNUTLS_X509_FMT_DER) ||
	    gnutls_x509_crt_get_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &n) ||
	    strlen(name) != n)
		name[0] = 0;
	gnutls_x509_crt_deinit(cert);
}

/* Of a certificate that the clients' CA has issued. */
static void find_client(struct MHD_Connection *c, char name[static HTTP_CLIENT_CAP])
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	const gnutls_datum_t *chain = NULL;
	unsigned n = 0;

	name[0] = 0;
	if (!i || !i->tls_session || !http_access_shows_certificate(c))
		return;
	chain = gnutls_certificate_get_peers((gnutls_session_t)i->tls_session, &n);
	if (chain && n)
		read_name(&chain[0], name);
}

void http_page_ask(struct MHD_Connection *c, struct http_asked *asked)
{
	*asked = (struct http_asked){
		.host = http_head_field(c, MHD_HTTP_HEADER_HOST),
		.cookie = http_head_field(c, MHD_HTTP_HEADER_COOKIE),
		.language = http_head_field(c, MHD_HTTP_HEADER_ACCEPT_LANGUAGE),
		.origin = http_head_field(c, MHD_HTTP_HEADER_ORIGIN),
		.site = http_head_field(c, "Sec-Fetch-Site"),
	};
	find_peer(c, asked->address);
	find_client(c, asked->client);
}
