/*
 * text: a report for people at a terminal. For report.c.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_TEXT_H
#define TWINKEY_HOST_TRACE_REPORT_TEXT_H

#include "host/trace/report/report.h"

/* colour: with the terminal's, which are our own alone. Failure is sticky in out. */
void report_text(const struct report *r, bool colour, struct wbuf *out);

#endif
