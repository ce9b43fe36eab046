/*
 * json: a report as one object; docs/audit.schema.json says what is in it. For report.c.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_JSON_H
#define TWINKEY_HOST_TRACE_REPORT_JSON_H

#include "host/trace/report/report.h"

#define REPORT_SCHEMA 1 /* grows when a member changes its meaning or goes */

/* Failure is sticky in out. */
void report_json(const struct report *r, struct wbuf *out);

#endif
