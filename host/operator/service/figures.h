/*
 * figures: what a server counts of the requests that it has answered: by route and status, and how
 * long they took. Routes are literals of its tables, known by their addresses, so that no stranger
 * makes the list longer; what has none is "other".
 *
 * One thread uses it.
 */
#ifndef TWINKEY_OPERATOR_SERVICE_FIGURES_H
#define TWINKEY_OPERATOR_SERVICE_FIGURES_H

#include "host/operator/service/exposition.h"

#define FIGURES_ROUTES	 40
#define FIGURES_STATUSES 12

struct figures {
	struct {
		const char *route;
		struct {
			unsigned status;
			uint64_t n;
		} by[FIGURES_STATUSES];
		struct histogram duration;
	} rows[FIGURES_ROUTES];
	size_t count;
};

/* route NULL: none has it. */
void figures_add(struct figures *f, const char *route, unsigned status, double seconds);
/* How many of this route were answered with a status from `from` to `to`. */
uint64_t figures_count(const struct figures *f, const char *route, unsigned from, unsigned to);
/* twinkey_http_requests_total, twinkey_http_request_duration_seconds */
void figures_put(struct wbuf *w, const struct figures *f);

#endif
