/*
 * gather: makes a report of what an audit tells, bit by bit, in memory that does not grow with the
 * trace.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_GATHER_H
#define TWINKEY_HOST_TRACE_REPORT_GATHER_H

#include "host/trace/report/report.h"

struct gather;

struct gather_options {
	bool lines;		   /* exchanges are wanted: for a page */
	bool marks;		   /* events of weight are */
	struct baseline *baseline; /* NULL: none; stays the caller's */
};

/* ERR_MEMORY. */
enum err gather_open(const struct gather_options *options, struct gather **out) MUST_CHECK;
/* For audit_open(). */
struct audit_sink gather_sink(struct gather *g);
/*
 * There is no more: puts it in order. The report is the gather's; what its trace is, when it was
 * made, and why it may be incomplete are the caller's to fill in. ERR_MEMORY: something is lost.
 */
enum err gather_end(struct gather *g, struct report **out) MUST_CHECK;
void gather_close(struct gather **g);

#endif
