/*
 * http_peer: the open connections of the server, and which of them have had their time.
 */
#ifndef TWINKEY_OPERATOR_HTTP_PEER_H
#define TWINKEY_OPERATOR_HTTP_PEER_H

#include <stdbool.h>
#include <stddef.h>

struct http_peer;

struct http_peers {
	struct http_peer *first;
	size_t open;
	double request_s; /* that a request has, and its answer (http.h) */
};

/* fd is borrowed. NULL: no memory; such a connection is under no limit of time. */
struct http_peer *http_peer_new(struct http_peers *all, int fd);
/* NULL is allowed in these. */
void http_peer_free(struct http_peers *all, struct http_peer *p);
/* An answer of so many octets goes out: a slow line may take longer for a long one. */
void http_peer_answers(struct http_peer *p, size_t octets);
/* The answer is through: the time of the next request begins. */
void http_peer_rests(struct http_peer *p);
/*
 * Shuts those down that have taken too long, and while there is not enough room the one that has
 * waited longest: true then.
 */
bool http_peers_sweep(struct http_peers *all);

#endif
