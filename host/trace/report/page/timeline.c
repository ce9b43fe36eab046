/* timeline: a trace over its time: a lane a channel, key events, and findings by their severity */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "host/trace/report/page/parts.h"
#include "host/trace/report/words.h"
#include "tool/cli/markup.h"
#include "tool/cli/svg.h"

/* Units of the picture */
#define WIDTH	 960
#define LEFT	 150 /* names */
#define RIGHT	 20
#define TOP	 10
#define ROW	 30
#define BAR	 22
#define BOTTOM	 34
#define TICKS	 4
#define TICKS_IN 400 /* of a row of findings */

static double x_at(const struct spread *s, double part)
{
	return LEFT + part * (WIDTH - LEFT - RIGHT) / (s->parts ? s->parts : 1);
}

static bool x_of_spot(const struct report *r, const struct audit_spot *at, double *x)
{
	const struct spread_at place = {at->place.number, at->has_time, at->time_ns};
	double part;

	if (!spread_find(&r->spread, &place, &part))
		return false;
	*x = x_at(&r->spread, part);
	return true;
}

static double row_top(size_t row)
{
	return TOP + (double)row * ROW;
}

static void put_row_label(struct wbuf *w, size_t row, const char *text)
{
	svg_text(w, "name", "end", (struct svg_point){LEFT - 12, row_top(row) + ROW / 2.0 + 4});
	markup_text(w, text);
	markup_put(w, "</text>\n");
}

static uint32_t highest(const struct spread *s)
{
	uint32_t most = 1;

	for (size_t l = 0; l < s->lane_count; l++) {
		for (unsigned i = 0; i < s->parts; i++)
			most = s->lanes[l].count[i] > most ? s->lanes[l].count[i] : most;
	}
	return most;
}

static void put_bars(struct wbuf *w, const struct spread *s, size_t row)
{
	double most = log2(1 + (double)highest(s));

	for (unsigned i = 0; i < s->parts; i++) {
		uint32_t n = s->lanes[row].count[i];
		double height = BAR * log2(1 + (double)n) / most;

		if (!n)
			continue;
		markup_put(w, "<rect class=\"bar\"");
		svg_coordinate(w, "x", x_at(s, i));
		svg_coordinate(w, "y", row_top(row) + ROW - 3 - height);
		svg_coordinate(w, "width", fmax(x_at(s, 1) - x_at(s, 0) - 0.5, 1));
		svg_coordinate(w, "height", height);
		markup_put(w, "><title>%u exchanges</title></rect>", n);
	}
}

static void put_lane_row(struct wbuf *w, const struct report *r, size_t row)
{
	const struct spread *s = &r->spread;
	const struct spread_lane *lane = &s->lanes[row];
	char name[48];

	if (s->has_others && row + 1 == s->lane_count)
		snprintf(name, sizeof(name), "other channels");
	else if (r->trace.cards > 1)
		snprintf(name, sizeof(name), "card %u, channel %u", lane->card, lane->channel);
	else
		snprintf(name, sizeof(name), "channel %u", lane->channel);
	svg_line(w, "grid", (struct svg_point){LEFT, row_top(row) + ROW - 3},
		 (struct svg_point){WIDTH - RIGHT, row_top(row) + ROW - 3});
	put_row_label(w, row, name);
	put_bars(w, s, row);
	markup_put(w, "\n");
}

static void put_gems(struct wbuf *w, const struct report *r, size_t row)
{
	double y = row_top(row) + ROW / 2.0;

	put_row_label(w, row, "key events");
	for (size_t i = 0; i < r->mark_count; i++) {
		const struct report_mark *m = &r->marks[i];
		double x;

		if (!x_of_spot(r, &m->at, &x))
			continue;
		markup_put(w, "<a href=\"#e%zu\" tabindex=\"-1\"><circle class=\"gem%s\" r=\"4\"",
			   i, m->failed ? " failed" : "");
		svg_coordinate(w, "cx", x);
		svg_coordinate(w, "cy", y);
		markup_put(w, "><title>");
		markup_text(w, m->text);
		markup_put(w, "</title></circle></a>");
	}
	markup_put(w, "\n");
}

static void put_finding_ticks(struct wbuf *w, const struct report *r, size_t row,
			      enum finding_severity severity)
{
	static const char *const names[] = {"remarks", "warnings", "errors"};
	size_t ticks = 0;

	put_row_label(w, row, names[severity]);
	for (size_t i = 0; i < r->finding_count && ticks < TICKS_IN; i++) {
		const struct finding_rule *rule = r->rules[r->findings[i].rule].rule;
		double x;

		if (rule->severity != severity || !x_of_spot(r, &r->findings[i].at, &x))
			continue;
		ticks++;
		markup_put(w, "<a href=\"#f%zu\" tabindex=\"-1\"><title>%s ", i, rule->id);
		markup_text(w, r->findings[i].detail);
		markup_put(w, "</title>");
		svg_upright(w,
			    severity == FINDING_ERROR	  ? "tick error"
			    : severity == FINDING_WARNING ? "tick warning"
							  : "tick info",
			    (struct svg_point){x, row_top(row) + 5}, ROW - 10);
		markup_put(w, "</a>");
	}
	markup_put(w, "\n");
}

static void put_axis_text(struct wbuf *w, const struct spread *s, double part)
{
	double v = part * (double)s->width;
	char words[WORDS_MAX];

	if (s->by_time)
		markup_text(w, words_span((int64_t)v, words));
	else
		markup_put(w, "%.0f", v + (double)s->first);
}

static void put_time_axis(struct wbuf *w, const struct spread *s, double bottom)
{
	for (int i = 0; i <= TICKS; i++) {
		double part = (double)s->parts * i / TICKS, x = x_at(s, part);

		svg_upright(w, "fine", (struct svg_point){x, TOP}, bottom - TOP);
		svg_text(w, "axis",
			 i == TICKS ? "end"
			 : i	    ? "middle"
				    : "start",
			 (struct svg_point){x, bottom + 18});
		put_axis_text(w, s, part);
		markup_put(w, "</text>");
	}
	markup_put(w, "\n");
}

static void put_timeline_picture(struct wbuf *w, const struct report *r)
{
	size_t rows = r->spread.lane_count, row = rows;
	double bottom;

	rows += r->mark_count > 0;
	for (int s = FINDING_ERROR; s >= FINDING_INFO; s--)
		rows += r->counts.of[s] + r->accepted.of[s] > 0;
	bottom = row_top(rows);
	markup_put(w,
		   "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"Timeline\">"
		   "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"tl-title tl-text\">"
		   "<title id=\"tl-title\">The trace over its time</title><desc id=\"tl-text\">"
		   "Exchanges of each logical channel, key events and findings. The lists of this "
		   "page have all of it.</desc>\n",
		   WIDTH, (int)bottom + BOTTOM);
	put_time_axis(w, &r->spread, bottom);
	for (size_t i = 0; i < r->spread.lane_count; i++)
		put_lane_row(w, r, i);
	if (r->mark_count)
		put_gems(w, r, row++);
	for (int s = FINDING_ERROR; s >= FINDING_INFO; s--) {
		if (r->counts.of[s] + r->accepted.of[s])
			put_finding_ticks(w, r, row++, (enum finding_severity)s);
	}
	markup_put(w, "</svg></div>\n");
}

void page_put_timeline(struct wbuf *w, const struct report *r)
{
	markup_put(w, "<section id=\"timeline\"><h2>Timeline</h2>\n");
	if (r->spread.lane_count) {
		markup_put(w,
			   "<p class=\"soft\">%s The height of a bar is the number of exchanges, "
			   "logarithmic.</p>\n",
			   r->spread.by_time ? "Time since the first exchange."
					     : "The trace has no times: numbers of frames or "
					       "lines.");
		put_timeline_picture(w, r);
	} else {
		markup_put(w, "<p>There is no exchange in the trace.</p>\n");
	}
	markup_put(w, "</section>\n");
}
