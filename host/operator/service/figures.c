#include "host/operator/service/figures.h"

#include <stdio.h>
#include <string.h>

#define OTHER	 "other"
#define REQUESTS "twinkey_http_requests_total"
#define DURATION "twinkey_http_request_duration_seconds"

/* Where there is no room any more, the last row has the rest. */
static size_t route_row(struct figures *f, const char *route)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->rows[i].route == route)
			return i;
	if (f->count == FIGURES_ROUTES)
		return FIGURES_ROUTES - 1;
	f->rows[f->count].route = route;
	return f->count++;
}

void figures_add(struct figures *f, const char *route, unsigned status, double seconds)
{
	size_t row = route_row(f, route ? route : OTHER), i = 0;

	while (i < FIGURES_STATUSES - 1 && f->rows[row].by[i].n &&
	       f->rows[row].by[i].status != status)
		i++;
	f->rows[row].by[i].status = status;
	f->rows[row].by[i].n++;
	histogram_add(&f->rows[row].duration, seconds);
}

uint64_t figures_count(const struct figures *f, const char *route, unsigned from, unsigned to)
{
	uint64_t n = 0;

	for (size_t r = 0; r < f->count; r++)
		for (size_t i = 0; strcmp(f->rows[r].route, route) == 0 && i < FIGURES_STATUSES;
		     i++)
			if (f->rows[r].by[i].status >= from && f->rows[r].by[i].status <= to)
				n += f->rows[r].by[i].n;
	return n;
}

void figures_put(struct wbuf *w, const struct figures *f)
{
	char status[12];

	exposition_family(w, REQUESTS, EXPOSITION_COUNTER,
			  "Requests that were answered, by route and status of HTTP.");
	for (size_t r = 0; r < f->count; r++)
		for (size_t i = 0; i < FIGURES_STATUSES && f->rows[r].by[i].n; i++) {
			snprintf(status, sizeof(status), "%u", f->rows[r].by[i].status);
			exposition_put(w,
				       &(struct exposition_sample){
					       REQUESTS,
					       "",
					       {{"route", f->rows[r].route}, {"status", status}}},
				       (double)f->rows[r].by[i].n);
		}
	exposition_family(w, DURATION, EXPOSITION_HISTOGRAM,
			  "Seconds from a request's head to its answer, by route.");
	for (size_t r = 0; r < f->count; r++)
		histogram_put(w, DURATION, &(struct exposition_label){"route", f->rows[r].route},
			      &f->rows[r].duration);
}
