/*
 * http: JSON by POST, over unix sockets, plain TCP and TLS.
 *
 * One thread serves all listeners, so that handlers never run at the same time. No client can hold
 * the server: a body has at most HTTP_BODY_MAX octets; a request must be whole, and its answer
 * taken, HTTP_REQUEST_S seconds after the connection or the answer before it began, however slowly
 * it drips, and a second later for each HTTP_RATE_MIN octets of the answer: lines may be slow. An
 * address has HTTP_ADDRESS_MAX connections and all together HTTP_CONNECTIONS_MAX; who gives way
 * stands in http_peer.h.
 *
 * No request waits for another process: one whose handler gives ERR_LOCKED has done nothing yet,
 * and is handled again until HTTP_LOCK_MS are over (503 then); others are served meanwhile.
 */
#ifndef TWINKEY_OPERATOR_HTTP_H
#define TWINKEY_OPERATOR_HTTP_H

#include <jansson.h>

#include "lib/base/bytes.h"

#define HTTP_BODY_MAX	     (256u * 1024)
#define HTTP_REQUEST_S	     20
#define HTTP_RATE_MIN	     1024 /* as GPRS */
#define HTTP_CONNECTIONS_MAX 128
#define HTTP_ADDRESS_MAX     64
#define HTTP_LOCK_MS	     15000
#define HTTP_LISTENERS_MAX   4

enum http_flag {
	HTTP_RSP = 1,	  /* a function of SGP.22: the headers of its 6.5.1 */
	HTTP_GUARDED = 2, /* only for who shows the token, or a certificate of the clients' CA */
	HTTP_LOCAL = 4,	  /* not for other machines, nor for a web page of elsewhere */
	HTTP_APART = 8,	  /* answered when it is handled: nothing of it is settled */
};

struct http_route {
	const char *path;
	/*
	 * Fills *answer (NULL: 204 without a body); an error becomes {"error": ...}, with the
	 * "message" of *answer where it has one. ERR_LOCKED: it has done nothing, and is called
	 * again.
	 */
	enum err (*handle)(void *ctx, int kind, const json_t *request, json_t **answer);
	int kind; /* for the handler */
	unsigned flags;
};

/* PEM, borrowed until http_start() returns; key is a secret. */
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
/*
 * Certificate and key of all TLS listeners of this process, for the handshakes that begin from now
 * on; both change at once, and connections that are there keep theirs. http_serve() begins with the
 * pair of its listener.
 */
enum err http_tls_use(const struct http_tls *tls) MUST_CHECK;
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

struct http_listener {
	int fd;				 /* listening; taken over by http_start() */
	const struct http_tls *tls;	 /* NULL: none */
	const struct http_route *routes; /* ends with path NULL; outlives the server */
	unsigned hidden;		 /* routes with one of these flags are not there */
};

/* One request that was answered; all of it may come from a stranger, none of it is a secret. */
struct http_entry {
	const char *peer; /* numeric address and port; "unix" */
	const char *method, *path;
	unsigned status;
	const char *words; /* struct http_record */
	double duration_s;
};

struct http_setup {
	struct http_listener listeners[HTTP_LISTENERS_MAX];
	size_t count;
	void *ctx; /* of the handlers */
	/*
	 * NULL: an answer goes out when its request has been handled. Else those of a round (all
	 * requests that were there at once) wait for it, and an error of it is their answer.
	 */
	enum err (*settle)(void *ctx);
	void (*log)(void *ctx,
		    const struct http_entry *entry); /* in the server's thread; or NULL */
	struct slice token;  /* that opens guarded routes (secret, copied); empty: nothing does */
	unsigned request_ms; /* 0: HTTP_REQUEST_S */
};

struct http;
/* ERR_CERT: key and certificate are not what TLS needs. */
enum err http_serve(const struct http_setup *setup, struct http **out) MUST_CHECK;
/* One listener without TLS. */
enum err http_start(int listen_fd, const struct http_route *routes, void *ctx,
		    struct http **out) MUST_CHECK;
/* Ends all connections and waits for the thread. */
void http_stop(struct http **h);

/*
 * A listening socket at HOST:PORT with a numeric address ([::1]:PORT); tool/sys/local.h has those
 * at a path. ERR_LOCKED: somebody listens there; ERR_NOT_FOUND: this machine has no such address;
 * ERR_USAGE: no address, or not the loopback's where only that will do.
 */
enum err http_listen_tcp(const char *address, bool loopback_only, int *fd) MUST_CHECK;
bool http_is_loopback(const char *address);
/* Of a Host header: a numeric loopback address or localhost, with a port or without. */
bool http_names_loopback(const char *host);

#endif
