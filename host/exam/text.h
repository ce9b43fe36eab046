/*
 * text: a report for people: what the card is, departures first with their clauses, each group,
 * the times, a line that sums up.
 */
#ifndef TWINKEY_HOST_EXAM_TEXT_H
#define TWINKEY_HOST_EXAM_TEXT_H

#include "host/exam/exam.h"

/* Appends UTF-8; failure is sticky in out. */
void exam_text_put(const struct exam_report *r, struct wbuf *out);
/* "It may spend 6 authentications and 0 PIN tries in 71 cases." */
#define EXAM_BUDGET_TEXT 128
void exam_budget_text(const struct exam_budget *b, char out[static EXAM_BUDGET_TEXT]);

#endif
