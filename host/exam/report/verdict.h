/*
 * verdict: what an examination says of a card, in one word.
 */
#ifndef TWINKEY_HOST_EXAM_VERDICT_H
#define TWINKEY_HOST_EXAM_VERDICT_H

#include "host/exam/exam.h"

/* "good": nothing departs; "departs"; "incomplete": it ended early, and nothing departed so far */
const char *exam_verdict(const struct exam_report *r);

#endif
