/*
 * sarif: a report as SARIF 2.1.0 (OASIS), as code scanners' dashboards read it. For report.c.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_SARIF_H
#define TWINKEY_HOST_TRACE_REPORT_SARIF_H

#include "host/trace/report/report.h"

/* Failure is sticky in out. */
void report_sarif(const struct report *r, struct wbuf *out);

#endif
