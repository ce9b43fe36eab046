/*
 * junit_file: a report as JUnit's XML: a suite for each group of cases. For report.c.
 */
#ifndef TWINKEY_HOST_EXAM_JUNIT_FILE_H
#define TWINKEY_HOST_EXAM_JUNIT_FILE_H

#include "host/exam/exam.h"

/* Failure is sticky in out. */
void junit_file_put(const struct exam_report *r, struct wbuf *out);

#endif
