/* lines: the exchanges that are kept, with what was found in them and the events of weight */
#include <inttypes.h>
#include <stdio.h>

#include "host/trace/report/page/parts.h"
#include "tool/cli/markup.h"
#include "tool/cli/page.h"

#define PICKED_CHANNELS 5 /* that can be left out: page_look has a rule for each */
#define LANES_MAX	5 /* channels; the last is that of all beyond */

static unsigned lanes_in(const struct report *r)
{
	unsigned lanes = 1;

	for (size_t i = 0; i < r->line_count; i++) {
		if (r->lines[i].channel >= lanes)
			lanes = r->lines[i].channel + 1;
	}
	return lanes < LANES_MAX ? lanes : LANES_MAX;
}

static void put_pick(struct wbuf *w, const char *kind, const char *id, const char *label)
{
	markup_put(w, "<label class=\"pick\"><input type=\"%s\"%s id=\"%s\">%s</label>\n", kind,
		   *kind == 'r' ? " name=\"x\"" : " checked", id, label);
}

static void put_picks(struct wbuf *w, unsigned lanes)
{
	char id[16], label[32];

	markup_put(w, "<label class=\"pick\"><input type=\"radio\" name=\"x\" id=\"x-all\" "
		      "checked>all</label>\n");
	put_pick(w, "radio", "x-marked", "with a finding or a key event");
	put_pick(w, "radio", "x-bad", "not ok");
	for (unsigned i = 0; lanes > 1 && i < lanes && i < PICKED_CHANNELS; i++) {
		snprintf(id, sizeof(id), "x-%u", i);
		snprintf(label, sizeof(label), "channel %u", i);
		put_pick(w, "checkbox", id, label);
	}
}

static void put_lane_cell(struct wbuf *w, const struct report_line *l, unsigned lanes)
{
	markup_put(w, "<td class=\"lane\">");
	for (unsigned i = 0; !l->is_event && i < lanes; i++) {
		if (i == l->channel || (i == LANES_MAX - 1 && l->channel > i))
			markup_put(w, "<i class=\"on\">%u</i>", l->channel);
		else
			markup_put(w, "<i>\xC2\xB7</i>");
	}
	markup_put(w, "</td>");
}

static bool is_at(const struct audit_spot *at, const struct report_line *l)
{
	return at->place.number == l->at.place.number;
}

static bool has_finding(const struct report *r, const struct report_line *l)
{
	for (size_t i = 0; i < r->finding_count; i++) {
		if (is_at(&r->findings[i].at, l))
			return true;
	}
	return false;
}

static bool has_mark(const struct report *r, const struct report_line *l)
{
	for (size_t i = 0; i < r->mark_count; i++) {
		if (is_at(&r->marks[i].at, l))
			return true;
	}
	return false;
}

static void put_links(struct wbuf *w, const struct report *r, const struct report_line *l)
{
	markup_put(w, "<td class=\"marks\">");
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding_rule *rule = r->rules[r->findings[i].rule].rule;

		if (is_at(&r->findings[i].at, l))
			markup_put(w, "<a class=\"%s\" href=\"#f%zu\">%s</a>",
				   finding_severity_name(rule->severity), i, rule->id);
	}
	for (size_t i = 0; i < r->mark_count; i++) {
		if (is_at(&r->marks[i].at, l))
			markup_put(w, "<a href=\"#e%zu\">\xE2\x97\x86 event</a>", i);
	}
	markup_put(w, "</td>");
}

static void put_sw(struct wbuf *w, const struct report_line *l)
{
	markup_put(w, "<td class=\"hex sw\">");
	if (l->has_sw)
		markup_put(w, "%04x", l->sw);
	markup_put(w, "</td>");
}

static void put_line_row(struct wbuf *w, const struct report *r, const struct report_line *l,
			 unsigned lanes)
{
	bool hit = has_finding(r, l), key = has_mark(r, l);
	char time[PAGE_TIME_MAX];

	markup_put(w, "<tr id=\"x%" PRIu64 "\" class=\"c%u%s%s%s%s\"><td class=\"place\">",
		   l->at.place.number, l->channel, hit ? " hit" : "", key ? " key" : "",
		   l->level == STATUS_ERROR || l->level == STATUS_WARNING ? " bad" : "",
		   l->is_event ? " event" : "");
	markup_put(w, "%" PRIu64, l->at.place.number);
	if (l->at.last > l->at.place.number)
		markup_put(w, "\xE2\x80\x93%" PRIu64, l->at.last);
	markup_put(w, "</td>");
	page_cell(w, "n", page_time(r, &l->at, time));
	if (r->trace.cards > 1)
		markup_put(w, "<td class=\"n\">%u</td>", l->at.card);
	put_lane_cell(w, l, lanes);
	markup_put(w, "<th scope=\"row\">");
	markup_text(w, l->name);
	markup_put(w, "</th>");
	page_cell(w, "what", l->what);
	put_sw(w, l);
	page_cell(w, "detail", l->status);
	if (hit || key)
		put_links(w, r, l);
	else
		markup_put(w, "<td></td>");
	markup_put(w, "</tr>\n");
}

static void put_line_gap(struct wbuf *w, uint64_t missing, unsigned columns)
{
	markup_put(w, "<tr class=\"gap\"><td colspan=\"%u\">%" PRIu64 " %s not listed</td></tr>\n",
		   columns, missing, page_noun((size_t)missing, "exchange", "exchanges"));
}

void page_put_lines(struct wbuf *w, const struct report *r)
{
	unsigned lanes = lanes_in(r), columns = r->trace.cards > 1 ? 9 : 8;
	uint64_t next = 0;

	markup_put(w, "<section id=\"exchanges\"><h2>Exchanges</h2>\n");
	if (!r->line_count) {
		markup_put(w, "<p>None.</p></section>\n");
		return;
	}
	put_picks(w, lanes);
	markup_put(w,
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Exchanges\">"
		   "<table class=\"lines\"><thead><tr><th scope=\"col\" class=\"n\">Frames</th>"
		   "<th scope=\"col\" class=\"n\">Time</th>%s<th scope=\"col\">Channel</th>"
		   "<th scope=\"col\">Command</th><th scope=\"col\">File and parameters</th>"
		   "<th scope=\"col\">SW</th><th scope=\"col\">What it means</th>"
		   "<th scope=\"col\">See</th></tr></thead><tbody>\n",
		   r->trace.cards > 1 ? "<th scope=\"col\" class=\"n\">Card</th>" : "");
	for (size_t i = 0; i < r->line_count; i++) {
		if (r->lines[i].index > next)
			put_line_gap(w, r->lines[i].index - next, columns);
		put_line_row(w, r, &r->lines[i], lanes);
		next = r->lines[i].index + 1;
	}
	if (r->line_total > next)
		put_line_gap(w, r->line_total - next, columns);
	markup_put(w, "</tbody></table></div></section>\n");
}
