#include "host/exam/exam.h"

static const char *const names[EXAM_OUTCOMES] = {[EXAM_PASSED] = "passed",
						 [EXAM_FAILED] = "failed",
						 [EXAM_NOTED] = "noted",
						 [EXAM_SKIPPED] = "skipped",
						 [EXAM_NOT_RUN] = "not-run"};

const char *exam_outcome_name(enum exam_outcome o)
{
	return names[o];
}
