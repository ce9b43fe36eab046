/*
 * parts: the sections of a page, a file each, and what they share. For page.c.
 *
 * A finding is "#fN" on the page, an event "#eN", an exchange "#xN", N being its first frame or
 * line; each links to the others.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_PAGE_PARTS_H
#define TWINKEY_HOST_TRACE_REPORT_PAGE_PARTS_H

#include "host/trace/report/report.h"

/* page_put_place() and page_time() are parts.c, the rest files of their own */

/* How it looks, behind what all our pages have */
extern const char page_look[];

void page_put_timeline(struct wbuf *w, const struct report *r);
void page_put_findings(struct wbuf *w, const struct report *r);
void page_put_events(struct wbuf *w, const struct report *r);
void page_put_lines(struct wbuf *w, const struct report *r);
void page_put_rules(struct wbuf *w, const struct report *r);

/* The frames of a place, as a link where its exchange is on the page. */
void page_put_place(struct wbuf *w, const struct report *r, const struct audit_spot *at);
/* Seconds since the first time of the trace; "" where there is no time. */
#define PAGE_TIME_MAX 32
const char *page_time(const struct report *r, const struct audit_spot *at,
		      char out[static PAGE_TIME_MAX]);

#endif
