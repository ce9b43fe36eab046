/*
 * json_file: a report as JSON. docs/test-card.md has its members.
 */
#ifndef TWINKEY_HOST_EXAM_JSON_FILE_H
#define TWINKEY_HOST_EXAM_JSON_FILE_H

#include <jansson.h>

#include "host/exam/exam.h"

#define EXAM_REPORT_SCHEMA 1 /* grows when a member changes its meaning or goes */

/* NULL: memory is out. */
json_t *exam_report_json(const struct exam_report *r);
/* The same as text, appended to out. Failure is sticky in it. */
void json_file_put(const struct exam_report *r, struct wbuf *out);

#endif
