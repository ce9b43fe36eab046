/*
 * junit: results of tests as JUnit's XML, as Jenkins and GitLab read it: <testsuites>, in it
 * <testsuite>, in it <testcase> with <failure> or <skipped>. Written from front to back.
 */
#ifndef TWINKEY_TOOL_JUNIT_H
#define TWINKEY_TOOL_JUNIT_H

#include "lib/base/bytes.h"

struct junit_totals {
	size_t tests, failures, skipped;
	uint64_t us;
};

enum junit_outcome { JUNIT_PASSED, JUNIT_FAILED, JUNIT_SKIPPED };

struct junit_case {
	const char *suite, *name;
	uint64_t us;
	enum junit_outcome outcome;
	const char *message, *kind; /* why it failed (kind: of which sort) or was skipped */
	const char *text;	    /* more of it, in lines; "" */
};

void junit_begin(struct wbuf *w, const char *name, const struct junit_totals *totals);
/* started: "2026-11-29T04:10:00Z". Properties come before cases. */
void junit_begin_suite(struct wbuf *w, const char *name, const char *started,
		       const struct junit_totals *totals);
void junit_begin_properties(struct wbuf *w);
void junit_property(struct wbuf *w, const char *name, const char *value);
void junit_end_properties(struct wbuf *w);
void junit_put_case(struct wbuf *w, const struct junit_case *c);
void junit_end_suite(struct wbuf *w);
void junit_end(struct wbuf *w);

#endif
