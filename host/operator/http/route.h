/*
 * route: one row of what a server offers: a path, who may call it there, and what answers.
 */
#ifndef TWINKEY_OPERATOR_HTTP_ROUTE_H
#define TWINKEY_OPERATOR_HTTP_ROUTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

#define HTTP_METHOD_POST "POST"
#define HTTP_METHOD_GET	 "GET"
#define HTTP_MESSAGE_MAX 256

struct http_asked;
struct http_page;

/* What a handler leaves. */
struct http_answer {
	json_t *body;			/* of success; NULL: 204, without a body */
	char message[HTTP_MESSAGE_MAX]; /* of an error; "": the error's own sentence */
};

enum http_caller {
	HTTP_CALLER_ANYBODY,
	HTTP_CALLER_REQUESTER, /* who shows the token, or a certificate of the clients' CA */
	HTTP_CALLER_NEIGHBOUR, /* of this machine, and no web page of elsewhere in its browser */
	HTTP_CALLER_SOCKET,    /* who may open the server's unix socket */
};

struct http_route {
	const char *path, *method;
	size_t body_max;    /* octets */
	unsigned interface; /* one bit; on a listener that offers another one there is no such path
			     */
	enum http_caller caller;
	bool rsp;   /* a function of SGP.22: the headers of its 6.5.1 */
	bool apart; /* settled (server.h), and waited for, apart from the others */
	/*
	 * Fills *answer, which is empty before. An error is answered as fault.h says. ERR_LOCKED:
	 * it has done nothing, and is called again. ctx: the server's.
	 */
	enum err (*handle)(void *ctx, const struct http_route *route, const json_t *request,
			   struct http_answer *answer);
	/*
	 * Instead of it: a page (page.h), whose body is a form. What it leaves is sent whatever it
	 * returns, but for ERR_LOCKED as above; any other error is the server's own trouble.
	 */
	enum err (*page)(void *ctx, const struct http_route *route, const struct http_asked *asked,
			 struct http_page *page);
	bool json;    /* of a page: its body is JSON, and is not parsed here */
	int function; /* for the handler */
};

#endif
