/*
 * page: a report as one page of HTML that needs nothing beside itself: no script, no font, no
 * picture from elsewhere. For report.c.
 */
#ifndef TWINKEY_HOST_EXAM_PAGE_H
#define TWINKEY_HOST_EXAM_PAGE_H

#include "host/exam/exam.h"

/* Failure is sticky in out. */
void page_put(const struct exam_report *r, struct wbuf *out);

#endif
