#include "host/operator/http/page.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <string.h>

#include "host/operator/http/access.h"
#include "host/operator/http/head.h"
#include "lib/crypto/symmetric.h"

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

/* Of a certificate that the clients' CA has issued. */
static void find_certificate(struct MHD_Connection *c, char hex[static HTTP_CERTIFICATE_CAP])
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	const gnutls_datum_t *chain = NULL;
	uint8_t digest[SHA256_LEN];
	unsigned n = 0;
	struct slice der;

	hex[0] = 0;
	if (!i || !i->tls_session || !http_access_shows_certificate(c))
		return;
	chain = gnutls_certificate_get_peers((gnutls_session_t)i->tls_session, &n);
	if (!chain || !n)
		return;
	der = slice_make(chain[0].data, chain[0].size);
	if (!sha256(&der, 1, digest))
		(void)!hex_encode(SLICE_OF(digest), hex, HTTP_CERTIFICATE_CAP);
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
	find_certificate(c, asked->certificate);
}
