/*
 * http: JSON by POST over a unix socket or a loopback address.
 *
 * One thread serves all; a body may have HTTP_BODY_MAX octets, a connection that is silent for
 * HTTP_TIMEOUT_S ends, and no more than HTTP_CONNECTIONS_MAX are taken at once.
 */
#ifndef TWINKEY_OPERATOR_HTTP_H
#define TWINKEY_OPERATOR_HTTP_H

#include <jansson.h>

#include "lib/err.h"

#define HTTP_BODY_MAX	     (256u * 1024)
#define HTTP_TIMEOUT_S	     15
#define HTTP_CONNECTIONS_MAX 32

struct http_route {
	const char *path;
	/* Fills *answer (NULL: 204 without a body); an error becomes {"error": ...}. */
	enum err (*handle)(void *ctx, int kind, const json_t *request, json_t **answer);
	int kind; /* for the handler */
};

struct http;

/*
 * Takes the listening socket over. routes ends with path NULL; ctx belongs to the handlers, which
 * run in the server's one thread.
 */
enum err http_start(int listen_fd, const struct http_route *routes, void *ctx,
		    struct http **out) MUST_CHECK;
/* Ends all connections and waits for the thread. */
void http_stop(struct http **h);

/* A listening socket: a path (mode 0600, a stale one is replaced) or 127.0.0.1:PORT. ERR_LOCKED:
 * somebody listens there; ERR_USAGE: no loopback address. */
enum err http_listen_unix(const char *path, int *fd) MUST_CHECK;
enum err http_listen_tcp(const char *address, int *fd) MUST_CHECK;

#endif
