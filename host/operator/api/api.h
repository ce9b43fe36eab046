/*
 * api: all that the operator's server offers: the routes of ES9+, ES2+ and the lab's interface, and
 * what their handlers work on.
 */
#ifndef TWINKEY_OPERATOR_API_H
#define TWINKEY_OPERATOR_API_H

#include "host/operator/api/es2p.h"
#include "host/operator/api/lab.h"
#include "host/operator/http/route.h"

struct smdp;

/* The interfaces of the routes, for struct http_listener. */
/* API_RELEASE: what a module needs that carries its second key's release, and no more. */
enum api_interface { API_ES9P = 1, API_ES2P = 2, API_LAB = 4, API_RELEASE = 8 };

/* Borrowed; the ctx of the routes' handlers. */
struct api {
	struct smdp *smdp;
	struct es2p_manager manager;
	struct lab lab;
	int64_t (*now)(void); /* seconds since 1970 */
};

/* A row each; the last has no path. */
extern const struct http_route api_routes[];
/* What the stores have gathered is on the disk: many at once wait for it once (http_setup). ctx: a
 * struct api. */
void api_settle(void *ctx, enum err ends[static 2]);

#endif
