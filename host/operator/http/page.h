/*
 * page: pages for browsers beside the server's JSON: what a handler of one is asked, and what it
 * leaves. What every page is sent with, whatever its handler says: it is kept in no cache, is in no
 * frame, tells others no referrer, and its type is the one that it names.
 */
#ifndef TWINKEY_OPERATOR_HTTP_PAGE_H
#define TWINKEY_OPERATOR_HTTP_PAGE_H

#include "host/operator/http/form.h"

#define HTTP_ADDRESS_CAP 64
#define HTTP_CLIENT_CAP	 65
#define HTTP_COOKIE_CAP	 320
#define HTTP_PAGE_MAX	 (256u * 1024)
#define HTTP_PAGE_TYPE	 "text/html; charset=utf-8"
/* Nothing is loaded but the stylesheet of this place; forms go nowhere else. */
#define HTTP_PAGE_POLICY                                                                           \
	"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "              \
	"frame-ancestors 'none'"

struct MHD_Connection;
struct http_route;

/* Borrowed while the handler runs; what is not said in the head is NULL. */
struct http_asked {
	char address[HTTP_ADDRESS_CAP]; /* of the peer, numeric; "" where there is none */
	const char *host, *cookie, *language, *origin, *site; /* the last: Sec-Fetch-Site */
	char client[HTTP_CLIENT_CAP]; /* the common name of its certificate, of the clients' CA; ""
				       */
	const struct http_form *form; /* of a POST; empty for a GET */
	enum err trouble;  /* the form is none (form.h); ERR_SPACE: the body is too large */
	struct slice body; /* as it came */
};

/* What a handler leaves; empty before. */
struct http_page {
	unsigned status;	      /* 0: 200 */
	const char *type;	      /* a literal; NULL: HTTP_PAGE_TYPE */
	const char *policy;	      /* a literal; NULL: HTTP_PAGE_POLICY */
	const char *location;	      /* a literal; where the browser goes next */
	char cookie[HTTP_COOKIE_CAP]; /* to be set; "": none */
	const char *words;	      /* a literal for the server's log; NULL: none */
	struct wbuf body;	      /* grows up to HTTP_PAGE_MAX; may hold secrets */
};

/* Fills *asked from the head of the request; form and body are the caller's. */
void http_page_ask(struct MHD_Connection *c, struct http_asked *asked);

#endif
