/*
 * junit: a report as JUnit's XML: a suite for each family of rules, in it a case for each rule. For
 * report.c.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_JUNIT_H
#define TWINKEY_HOST_TRACE_REPORT_JUNIT_H

#include "host/trace/report/report.h"

/* A rule fails that makes the exit code 1; what else is found stands in its case's output. Failure
 * is sticky in out. */
void report_junit(const struct report *r, struct wbuf *out);

#endif
