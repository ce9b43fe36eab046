/*
 * api: all that the operator's server offers: the routes of ES9+, ES2+ and the lab's interface, and
 * what their handlers work on.
 */
#ifndef TWINKEY_OPERATOR_API_H
#define TWINKEY_OPERATOR_API_H

#include "host/operator/api/es2p.h"
#include "host/operator/api/lab.h"
#include "host/operator/http/page.h"
#include "host/operator/http/route.h"

struct smdp;

/* The interfaces of the routes, for struct http_listener. */
/* API_RELEASE: what a module needs that carries its second key's release, and no more. */
/* API_WATCH: how the server is. */
enum api_interface { API_ES9P = 1, API_ES2P = 2, API_LAB = 4, API_RELEASE = 8, API_WATCH = 16 };

/* What is asked on API_WATCH. */
enum api_watch { API_WATCH_HEALTH, API_WATCH_READY, API_WATCH_METRICS };
#define API_PATH_HEALTH	 "/healthz"
#define API_PATH_READY	 "/readyz"
#define API_PATH_METRICS "/metrics"

/* Borrowed; the ctx of the routes' handlers. */
struct api {
	struct smdp *smdp;
	struct es2p_manager manager;
	struct lab lab;
	int64_t (*now)(void); /* seconds since 1970 */
	/* Makes the page of what is asked on API_WATCH; ctx: this. NULL where that is not offered.
	 */
	enum err (*tell)(void *ctx, enum api_watch what, struct http_page *page);
	void *watch; /* tell's own */
};

/* Whether it is the path of a row of API_WATCH. */
bool api_is_watch(const char *path);
/* A row each; the last has no path. */
extern const struct http_route api_routes[];
/* What the stores have gathered is on the disk: many at once wait for it once (http_setup). ctx: a
 * struct api. */
void api_settle(void *ctx, enum err ends[static 2]);

#endif
