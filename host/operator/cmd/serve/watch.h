/*
 * watch: how the server is, for who watches it: /healthz, /readyz, /metrics; and what it writes of
 * each request.
 */
#ifndef TWINKEY_OPERATOR_SERVE_WATCH_H
#define TWINKEY_OPERATOR_SERVE_WATCH_H

#include "host/operator/api/api.h"
#include "host/operator/http/server.h"
#include "host/operator/service/figures.h"
#include "host/operator/service/log.h"

/* The thread of the server has figures and commits; the atomic ones are the main thread's. */
struct watch {
	const struct api *api;
	struct service_log *log; /* NULL: none */
	bool lines;		 /* --log */
	struct figures figures;
	struct histogram commits;    /* how long the disk was waited for */
	double started;		     /* seconds since 1970 */
	_Atomic(struct http *) http; /* NULL: not yet */
	_Atomic bool stopping;
	_Atomic int64_t tls_from, tls_until; /* of the certificate's life; 0: there is no TLS */
};

/* ctx of these: the struct api whose watch is a struct watch. */
void watch_settle(void *ctx, enum err ends[static 2]);
void watch_entry(void *ctx, const struct http_entry *entry);
enum err watch_tell(void *ctx, enum api_watch what, struct http_page *page);

#endif
