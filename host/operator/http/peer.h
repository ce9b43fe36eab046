/*
 * peer: the open connections of the server: which of them have had their time, and which give
 * way when there are too many, of one address or in all.
 *
 * A request whose head has come is worked on until its answer is through, and never gives way.
 * Where an address has HTTP_ADDRESS_MAX connections and one more comes, its oldest that has no
 * request is ended; when all have one, the new one is refused. When there are too many in all, the
 * address that has most gives way in the same manner.
 */
#ifndef TWINKEY_OPERATOR_HTTP_PEER_H
#define TWINKEY_OPERATOR_HTTP_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "host/operator/http/id.h"

struct MHD_Connection;
struct http_peer;

/* The request that a connection is at, for the server's log. */
struct http_record {
	double begun;	 /* seconds of the monotonic clock */
	unsigned status; /* of HTTP; 0: not answered yet */
	char words[64];	 /* the function's status of SGP.22 5.2.6, or the error; "" for none */
	char id[HTTP_ID_CAP];
	const char *route; /* the path of its row; NULL: it has none */
};

struct http_peers {
	struct http_peer *first;
	size_t open;
	double request_s; /* that a request has, and its answer (server.h) */
	bool ended; /* some were shut down since this was cleared: the daemon must run again */
};

/*
 * fd and connection are borrowed. NULL: no memory; such a connection is under no limit of time.
 * Others may be ended for it.
 */
struct http_peer *http_peer_new(struct http_peers *all, int fd, struct MHD_Connection *c);
/* The daemon's socket context of the connection; NULL: it has none. */
struct http_peer *http_peer_of(struct MHD_Connection *c);
struct http_peer *http_peer_next(const struct http_peer *p);
struct MHD_Connection *http_peer_connection(const struct http_peer *p);
/* NULL is allowed in these. */
void http_peer_free(struct http_peers *all, struct http_peer *p);
/* There was no place for it: its request is to be refused. */
bool http_peer_is_refused(const struct http_peer *p);
/* The head of a request has come. */
void http_peer_works(struct http_peer *p);
bool http_peer_is_working(const struct http_peer *p);
/* An answer of so many octets goes out: a slow line may take longer for a long one. */
void http_peer_answers(struct http_peer *p, size_t octets);
/* NULL without a peer. */
struct http_record *http_peer_record(struct http_peer *p);
double http_peer_now_s(void);
/* Numeric address and port; "unix". */
#define HTTP_PEER_NAME_MAX 80
void http_peer_name(struct MHD_Connection *c, char name[static HTTP_PEER_NAME_MAX]);
/* The answer is through: the time of the next request begins. */
void http_peer_rests(struct http_peer *p);
/* Shuts those down that have taken too long. */
void http_peers_sweep(struct http_peers *all);

/* It is no part of what http_peers_close() closes. */
void http_peer_stays(struct http_peer *p);
/* From now on each connection ends with the answer that it waits for; their clients are told so. */
void http_peers_close(struct http_peers *all);
/* The answer to be sent is the connection's last one. */
bool http_peer_is_closing(const struct http_peer *p);
/* Of those that close: shuts down the ones that have no request; how many have one. */
size_t http_peers_end_idle(struct http_peers *all);

#endif
