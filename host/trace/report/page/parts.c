#include "host/trace/report/page/parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "tool/cli/markup.h"

#define NS 1000000000

void page_put_place(struct wbuf *w, const struct report *r, const struct audit_spot *at)
{
	bool linked = report_line_at(r, at) != NULL;

	if (linked)
		markup_put(w, "<a href=\"#x%" PRIu64 "\">", at->place.number);
	markup_put(w, "%" PRIu64, at->place.number);
	if (at->last > at->place.number)
		markup_put(w, "\xE2\x80\x93%" PRIu64, at->last);
	markup_put(w, "%s", linked ? "</a>" : "");
	if (r->trace.cards > 1)
		markup_put(w, " <span class=\"soft\">card %u</span>", at->card);
}

const char *page_time(const struct report *r, const struct audit_spot *at,
		      char out[static PAGE_TIME_MAX])
{
	int64_t ns = at->time_ns - r->trace.first_ns;

	if (!at->has_time || ns < 0)
		return "";
	snprintf(out, PAGE_TIME_MAX, "%" PRId64 ".%06d", ns / NS, (int)(ns % NS / 1000));
	return out;
}
