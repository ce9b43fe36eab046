/*
 * write: a report as a file, for people and programs.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_WRITE_H
#define TWINKEY_HOST_TRACE_REPORT_WRITE_H

#include "host/trace/report/report.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_SARIF, REPORT_JUNIT, REPORT_HTML };
#define REPORT_FORMATS (REPORT_HTML + 1)

/* "text", "json", "sarif", "junit", "html" */
bool report_format_named(const char *name, enum report_format *out);
/* The whole file, appended to out. ERR_MEMORY, ERR_SPACE. */
enum err report_put(const struct report *r, enum report_format format, struct wbuf *out) MUST_CHECK;

#endif
