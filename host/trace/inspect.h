/*
 * inspect: a trace read from where it is, judged, its seal verified, and what came of it gathered
 * to a report.
 */
#ifndef TWINKEY_HOST_TRACE_INSPECT_H
#define TWINKEY_HOST_TRACE_INSPECT_H

#include <stdbool.h>

#include "lib/base/err.h"

struct audit_options;
struct baseline;
struct cancel;
struct inspection;
struct report;
struct trace_format;

struct inspect_plan {			   /* borrows until inspect_close() */
	const char *path;		   /* "-": standard input */
	const struct trace_format *format; /* NULL: it is found */
	const struct audit_options *audit; /* its spill is the inspection's own */
	bool lines;			   /* exchanges are wanted in the report: for a page */
	bool marks;			   /* events of weight are */
	struct baseline *baseline;	   /* NULL: none */
	bool digest;			   /* the trace's SHA-256 is wanted */
	struct cancel *cancel;
	/* After each part that was read: false ends it. */
	bool (*read_part)(void *ctx);
	void *ctx;
};

/*
 * The inspection has the report, also of a trace that could not be judged as a whole
 * (report.complete). ERR_TRUNCATED: there is not an octet. The errors of source_read(), among them
 * ERR_CANCELLED; ERR_MEMORY.
 */
enum err inspect_trace(const struct inspect_plan *plan, struct inspection **out) MUST_CHECK;
struct report *inspection_report(struct inspection *i);
void inspect_close(struct inspection **i);

#endif
