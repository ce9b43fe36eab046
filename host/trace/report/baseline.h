/*
 * baseline: kinds of findings that somebody has looked at and accepts, as a file (JSON,
 * docs/trace.md) that people keep and write notes into. It holds no places of a trace: the next one
 * has others.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_BASELINE_H
#define TWINKEY_HOST_TRACE_REPORT_BASELINE_H

#include "host/trace/report/report.h"

#define BASELINE_MAX (4u << 20) /* octets of a file */

struct baseline_entry { /* texts are the baseline's */
	uint8_t print[REPORT_PRINT_LEN];
	const char *rule, *about, *detail, *note; /* "" where the file has none */
	bool matches;				  /* something was found that is so */
};

/* *why: what is wrong with it, in words. ERR_VALUE, ERR_MEMORY. */
enum err baseline_parse(struct slice text, struct baseline **out, const char **why) MUST_CHECK;
/* It is accepted: note is the entry's. */
bool baseline_takes(struct baseline *b, const uint8_t print[static REPORT_PRINT_LEN],
		    const char **note);
const struct baseline_entry *baseline_entries(const struct baseline *b, size_t *count);
void baseline_close(struct baseline **b);

/* One that accepts all that was found, with the notes that were there; appended to out. */
void baseline_put(const struct report *r, struct wbuf *out);

#endif
