#include "host/exam/report/verdict.h"

const char *exam_verdict(const struct exam_report *r)
{
	if (r->counts[EXAM_FAILED])
		return "departs";
	return r->end == EXAM_COMPLETE ? "good" : "incomplete";
}
