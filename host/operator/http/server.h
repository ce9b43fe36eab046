/*
 * server: JSON by HTTP, over unix sockets, plain TCP and TLS.
 *
 * One thread serves all listeners, so that handlers never run at the same time. No client can hold
 * the server: a body has at most the octets that its route takes; a request must be whole, and its
 * answer taken, HTTP_REQUEST_S seconds after the connection or the answer before it began, however
 * slowly it drips, and a second later for each HTTP_RATE_MIN octets of the answer: lines may be
 * slow. An address has HTTP_ADDRESS_MAX connections and all together HTTP_CONNECTIONS_MAX; who
 * gives way stands in peer.h.
 *
 * No request waits for another process: one whose handler gives ERR_LOCKED has done nothing yet,
 * and is handled again until HTTP_LOCK_MS are over (503 then); others are served meanwhile.
 */
#ifndef TWINKEY_OPERATOR_HTTP_SERVER_H
#define TWINKEY_OPERATOR_HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "host/operator/http/limits.h"
#include "lib/base/bytes.h"

struct http_asked;
struct http_page;
struct http_route;
struct http_tls;

struct http_listener {
	int fd;				 /* listening; taken over by http_serve() */
	const struct http_tls *tls;	 /* NULL: none */
	const struct http_route *routes; /* ends with path NULL; outlives the server */
	unsigned offers;		 /* the interfaces of the routes that are there */
	bool stays; /* http_drain() leaves it open: for who asks how the server is */
};

/* One request that was answered; all of it may come from a stranger, none of it is a secret. */
struct http_entry {
	const char *peer; /* numeric address and port; "unix" */
	const char *method, *path;
	unsigned status;
	const char *words; /* of struct http_record (peer.h) */
	const char *id;	   /* id.h; "" for none */
	const char *route; /* the path of its row; NULL: none has it */
	double duration_s;
};

struct http_setup {
	struct http_listener listeners[HTTP_LISTENERS_MAX];
	size_t count;
	void *ctx; /* of the handlers */
	/*
	 * NULL: an answer goes out when its request has been handled. Else those of a round (all
	 * requests that were there at once) wait for it, and an error of it is their answer:
	 * ends[1] of the routes that are apart, ends[0] of the others.
	 */
	void (*settle)(void *ctx, enum err ends[static 2]);
	void (*log)(void *ctx,
		    const struct http_entry *entry); /* in the server's thread; or NULL */
	/* Makes the page of a refusal, whose status is page->status; NULL: refusals are JSON. */
	void (*refusal)(void *ctx, const struct http_asked *asked, struct http_page *page);
	struct slice token;  /* that opens guarded routes (secret, copied); empty: nothing does */
	unsigned request_ms; /* 0: HTTP_REQUEST_S */
};

struct http;
/* ERR_CERT: key and certificate are not what TLS needs. */
enum err http_serve(const struct http_setup *setup, struct http **out) MUST_CHECK;
/* Its thread went round a short while ago: it answers, or could. */
bool http_is_alive(const struct http *h);
/*
 * Another token opens the guarded routes from the next request on; empty: none does. ERR_OK, or it
 * is the one from before.
 */
enum err http_change_token(struct http *h, struct slice token) MUST_CHECK;
/*
 * The beginning of the end: the listening sockets close (but those that stay), requests whose head
 * has come are answered, and each connection ends with its answer. http_is_drained(): none is left.
 */
void http_drain(struct http *h);
bool http_is_drained(const struct http *h);
/* For handlers, in the server's thread. */
struct http_figures {
	size_t connections;
	uint64_t retries; /* requests that were handled again because a store was locked */
};
struct http_figures http_figures(const struct http *h);
/* Ends all connections and waits for the thread. */
void http_stop(struct http **h);

#endif
