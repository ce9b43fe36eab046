/*
 * page: a report as one file of HTML, that needs no script and asks nothing of anywhere. Filters
 * are check boxes and a style sheet. For report.c.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_PAGE_H
#define TWINKEY_HOST_TRACE_REPORT_PAGE_H

#include "host/trace/report/report.h"

/* Failure is sticky in out. */
void report_page(const struct report *r, struct wbuf *out);

#endif
