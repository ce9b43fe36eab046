/*
 * suite: examines the card in a reader: finds out what it is, says what it will cost, runs the
 * cases that fit, and makes the values of a report.
 */
#ifndef TWINKEY_HOST_EXAM_SUITE_H
#define TWINKEY_HOST_EXAM_SUITE_H

#include "host/exam/plan.h"

#define EXAM_COMMAND_LIMIT_MS 10000 /* longer than that no command takes: the card hangs */

/* All groups, in the order in which they run. */
extern const struct exam_group *const exam_groups[];
extern const size_t exam_group_count;

struct exam_session; /* the report's memory */

/*
 * An error: the card was not examined. Otherwise the report is there, also of an examination that
 * a wish to stop or a card that vanished has ended (report->end). Afterwards plan->u is to be
 * closed, and nothing else.
 */
enum err exam_run(const struct exam_plan *plan, struct exam_session **out) MUST_CHECK;
const struct exam_report *exam_session_report(const struct exam_session *s);
void exam_session_free(struct exam_session **s);

/* The case would run, as far as the patterns go. */
bool exam_is_wanted(const struct exam_plan *plan, const struct exam_group *g,
		    const struct exam_case *c);

#endif
