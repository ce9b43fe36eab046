/*
 * call: a request on its way: its body, the JSON of it, the handler, and what came of it.
 *
 * A call whose handler finds a store locked waits, and is handled again; so is one of a round that
 * another process was faster than (ERR_LOCKED when it is settled). One that is handled, in a
 * server that settles, is held until the round is over. In either case its connection is suspended
 * and runs on when the answer is there.
 */
#ifndef TWINKEY_OPERATOR_HTTP_CALL_H
#define TWINKEY_OPERATOR_HTTP_CALL_H

#include "host/operator/http/page.h"
#include "host/operator/http/route.h"
#include "lib/base/bytes.h"

struct MHD_Connection;

struct http_call {
	const struct http_route *route;
	struct MHD_Connection *connection;
	struct wbuf body;
	size_t dropped; /* octets past the limit */
	bool told;	/* that the body is too large, while it still came */
	json_t *request;
	int64_t until; /* it may wait for a lock (monotonic, ms) */
	bool handled;
	enum err e; /* what came of it: an error, or the answer */
	struct http_answer answer;
	struct http_page page;	/* instead, of a route that has one */
	struct http_call *next; /* of those held, or waiting */
};

/* NULL: no memory. Both are borrowed. */
struct http_call *http_call_new(const struct http_route *route, struct MHD_Connection *c);
void http_call_free(struct http_call *call);

/* Those of one server. */
struct http_calls {
	void *ctx;					    /* of handlers and settle */
	void (*settle)(void *ctx, enum err ends[static 2]); /* as in server.h */
	struct http_call *held;
	struct http_call *waiting; /* the oldest first */
	uint64_t retries;	   /* so often one was handled again */
};
/* The body is whole. True: the answer is there; else the connection is suspended. */
bool http_call_handle(struct http_calls *all, struct http_call *call);
/* Handles those that wait once more. True: some have been handled. */
bool http_calls_retry(struct http_calls *all);
/*
 * What the calls of a round have done is kept, or none of them hears that it is done. True: their
 * answers come with the next round.
 */
bool http_calls_settle(struct http_calls *all);
/* No more rounds: connections run on, so that the daemon ends them. */
void http_calls_let_go(struct http_calls *all);

#endif
