#include "host/net/link_trouble.h"

#include <stdio.h>

#include "lib/base/bytes.h"

#define BROKEN_OFF                                                                                 \
	"the server broke the connection off: try again, and tell its operator if it stays so"
#define NO_HTTP	 "what answers there is no HTTP server: check address and port"
#define TOO_LONG "the server's answer is longer than any that is right"

struct trouble {
	long code; /* CURLcode, or X509_V_ERR_* */
	enum err e;
	const char *text;
};

static const struct trouble transfers[] = {
	{CURLE_COULDNT_RESOLVE_HOST, ERR_DISCONNECTED,
	 "the server's name is not known: check the address, and this machine's network"},
	{CURLE_COULDNT_CONNECT, ERR_DISCONNECTED,
	 "nobody answers there: check the address, and whether the server runs"},
	{CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT,
	 "the server sends nothing, or too slowly: check the network, or try again later"},
	{CURLE_SSL_CONNECT_ERROR, ERR_DISCONNECTED,
	 "TLS does not come about: check that this is the address and port of an HTTPS server, "
	 "or try again"},
	{CURLE_SSL_CACERT_BADFILE, ERR_CERT,
	 "the file of --ca holds no certificate that can be read"},
	{CURLE_GOT_NOTHING, ERR_DISCONNECTED,
	 "the server closed without an answer: check address and port (HTTP or HTTPS?), or try "
	 "again"},
	{CURLE_RECV_ERROR, ERR_DISCONNECTED, BROKEN_OFF},
	{CURLE_SEND_ERROR, ERR_DISCONNECTED, BROKEN_OFF},
	{CURLE_PARTIAL_FILE, ERR_DISCONNECTED, BROKEN_OFF},
	{CURLE_WEIRD_SERVER_REPLY, ERR_PROTOCOL, NO_HTTP},
	{CURLE_UNSUPPORTED_PROTOCOL, ERR_PROTOCOL, NO_HTTP}, /* HTTP 0.9: anything at all */
	{CURLE_WRITE_ERROR, ERR_PROTOCOL, TOO_LONG},
	{CURLE_FILESIZE_EXCEEDED, ERR_PROTOCOL, TOO_LONG},
	/* libcurl takes a header over its limit for a want of memory */
	{CURLE_OUT_OF_MEMORY, ERR_MEMORY, "no memory is left, or the server's headers have no end"},
};
static const struct trouble any_transfer = {0, ERR_DISCONNECTED,
					    "the connection failed: try again"};

/* CURLINFO_SSL_VERIFYRESULT: numbers of OpenSSL's x509_vfy.h; 1 when the chain was no trouble */
#define CHAIN_IS_GOOD 1L

static const struct trouble certificates[] = {
	{CHAIN_IS_GOOD, ERR_CERT,
	 "the server's TLS certificate is for another name: check the address"},
	{9, ERR_CERT_EXPIRED,
	 "the server's TLS certificate is not valid yet: check this machine's clock"},
	{10, ERR_CERT_EXPIRED,
	 "the server's TLS certificate has expired: check this machine's clock, or tell "
	 "the server's operator"},
};
static const struct trouble any_certificate = {0, ERR_CERT_UNTRUSTED,
					       "the server's TLS certificate has no issuer that is "
					       "trusted here: if this is the right server, "
					       "give its issuer by --ca FILE"};

static const struct trouble *find_trouble(const struct trouble *table, size_t n, long code,
					  const struct trouble *otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].code == code)
			return &table[i];
	return otherwise;
}

enum err link_trouble(CURL *curl, CURLcode r, const char *detail, char *text, size_t cap)
{
	const struct trouble *t;
	long verified = CHAIN_IS_GOOD;

	text[0] = 0;
	if (r == CURLE_ABORTED_BY_CALLBACK)
		return ERR_CANCELLED;
	if (r == CURLE_PEER_FAILED_VERIFICATION) {
		curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &verified);
		t = find_trouble(certificates, ARRAY_LEN(certificates), verified, &any_certificate);
	} else {
		t = find_trouble(transfers, ARRAY_LEN(transfers), (long)r, &any_transfer);
	}
	snprintf(text, cap, "%s (%s)", t->text, *detail ? detail : curl_easy_strerror(r));
	return t->e;
}
