/*
 * report: what came of an examination as a file, for programs and people. docs/test-card.md has
 * the members of the JSON and what stands where in JUnit's XML.
 */
#ifndef TWINKEY_HOST_EXAM_REPORT_H
#define TWINKEY_HOST_EXAM_REPORT_H

#include "host/exam/exam.h"

#define EXAM_REPORT_MAX (32u << 20) /* octets of a file */

enum exam_format { EXAM_JSON, EXAM_JUNIT, EXAM_HTML };

/* The whole file, appended to out. ERR_MEMORY, ERR_SPACE. */
enum err exam_report_put(const struct exam_report *r, enum exam_format format,
			 struct wbuf *out) MUST_CHECK;

#endif
