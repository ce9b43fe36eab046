#include "host/trace/report/report.h"

bool report_fails(const struct report *r)
{
	return !r->fails_never && finding_counts_reach(&r->counts, r->fail_on);
}

const struct report_line *report_line_at(const struct report *r, const struct audit_spot *at)
{
	for (size_t i = 0; i < r->line_count; i++) {
		if (r->lines[i].at.place.number == at->place.number)
			return &r->lines[i];
	}
	return NULL;
}
