/* sequence: the events of weight: who does what to whom, as a diagram and as a table */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/trace/report/page/parts.h"
#include "host/trace/report/words.h"
#include "tool/cli/markup.h"
#include "tool/cli/page.h"
#include "tool/cli/svg.h"

/* Units of the picture */
#define WIDTH	  960
#define LEFT	  200 /* the card's lane; numbers and times are in front of it */
#define LANE	  210
#define TOP	  34
#define ROW	  34
#define TIP	  7
#define PARTIES	  (AUDIT_MANAGER + 1)
#define WORDS_LEN 104 /* characters of a label; all of it is its title */

struct parties {
	bool is_there[PARTIES];
	double x[PARTIES];
};

static struct parties parties_of(const struct report *r)
{
	struct parties p = {.is_there = {[AUDIT_CARD] = true, [AUDIT_HOST] = true}};
	double x = LEFT;

	for (size_t i = 0; i < r->mark_count; i++)
		p.is_there[r->marks[i].from] = p.is_there[r->marks[i].to] = true;
	for (size_t i = 0; i < PARTIES; i++) {
		p.x[i] = x;
		x += p.is_there[i] ? LANE : 0;
	}
	return p;
}

static void put_lives(struct wbuf *w, const struct parties *p, double bottom)
{
	for (int i = 0; i < PARTIES; i++) {
		if (!p->is_there[i])
			continue;
		svg_text(w, "head", "middle", (struct svg_point){p->x[i], TOP - 14});
		markup_put(w, "%s</text>", words_party((enum audit_party)i));
		svg_upright(w, "life", (struct svg_point){p->x[i], TOP - 6}, bottom - TOP + 6);
	}
	markup_put(w, "\n");
}

static void put_tip(struct wbuf *w, const char *failed, double x, double y, bool to_right)
{
	double back = to_right ? x - TIP : x + TIP;

	markup_put(w, "<path class=\"tip%s\" d=\"M%.0f %.0fL%.0f %.0fL%.0f %.0fz\"/>", failed, x, y,
		   back, y - TIP / 2.0, back, y + TIP / 2.0);
}

static void put_arrow(struct wbuf *w, const struct parties *p, const struct report_mark *m,
		      double y)
{
	const char *failed = m->failed ? " failed" : "";
	double from = p->x[m->from], to = p->x[m->to];

	if (m->from == m->to) {
		markup_put(w, "<circle class=\"gem%s\" r=\"5\"", failed);
		svg_coordinate(w, "cx", to);
		svg_coordinate(w, "cy", y);
		markup_put(w, "/>");
		return;
	}
	svg_line(w, m->failed ? "arrow failed" : "arrow", (struct svg_point){from, y},
		 (struct svg_point){to, y});
	put_tip(w, failed, to, y, to > from);
}

static void put_label(struct wbuf *w, const struct parties *p, const struct report_mark *m,
		      double y)
{
	double from = p->x[m->from], to = p->x[m->to], left = from < to ? from : to;
	char words[WORDS_LEN + 4];
	size_t n = strlen(m->text);

	if (n > WORDS_LEN) {
		n = WORDS_LEN;
		while (n && ((unsigned char)m->text[n] & 0xC0) == 0x80) /* not in a character */
			n--;
	}
	snprintf(words, sizeof(words), "%.*s%s", (int)n, m->text, m->text[n] ? "..." : "");
	svg_text(w, m->failed ? "words failed" : "words", "start",
		 (struct svg_point){left + (from == to ? 12 : 8), y - (from == to ? -4 : 6)});
	markup_put(w, "%s", m->failed ? "\xE2\x9C\x97 " : "");
	markup_text(w, words);
	markup_put(w, "</text>");
}

static void put_mark_place(struct wbuf *w, const struct report *r, const struct report_mark *m,
			   double y)
{
	bool linked = report_line_at(r, &m->at) != NULL;
	char time[PAGE_TIME_MAX];

	if (linked)
		markup_put(w, "<a href=\"#x%" PRIu64 "\">", m->at.place.number);
	svg_text(w, "axis", "end", (struct svg_point){60, y + 4});
	markup_put(w, "%" PRIu64 "</text>%s", m->at.place.number, linked ? "</a>" : "");
	svg_text(w, "axis", "end", (struct svg_point){150, y + 4});
	markup_put(w, "%s</text>", page_time(r, &m->at, time));
}

static void put_sequence(struct wbuf *w, const struct report *r)
{
	struct parties p = parties_of(r);
	double bottom = TOP + (double)r->mark_count * ROW + 12;

	markup_put(w,
		   "<div class=\"picture\" tabindex=\"0\" role=\"region\" "
		   "aria-label=\"Sequence diagram\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
		   "aria-labelledby=\"sq-title sq-text\"><title id=\"sq-title\">Who did what to "
		   "whom</title><desc id=\"sq-text\">The table below has the same.</desc>\n",
		   WIDTH, (int)bottom);
	put_lives(w, &p, bottom);
	for (size_t i = 0; i < r->mark_count; i++) {
		const struct report_mark *m = &r->marks[i];
		double y = TOP + (double)i * ROW + ROW / 2.0 + 6;

		markup_put(w, "<g><title>");
		markup_text(w, m->text);
		markup_put(w, "</title>");
		put_mark_place(w, r, m, y);
		put_arrow(w, &p, m, y);
		put_label(w, &p, m, y);
		markup_put(w, "</g>\n");
	}
	markup_put(w, "</svg></div>\n");
}

static void put_event_row(struct wbuf *w, const struct report *r, size_t i)
{
	const struct report_mark *m = &r->marks[i];
	char time[PAGE_TIME_MAX];

	markup_put(w, "<tr id=\"e%zu\"><td class=\"place\">", i);
	page_put_place(w, r, &m->at);
	markup_put(w, "</td>");
	page_cell(w, "n", page_time(r, &m->at, time));
	markup_put(w, "<td>%s", words_party(m->from));
	if (m->from != m->to)
		markup_put(w, " \xE2\x86\x92 %s", words_party(m->to));
	markup_put(w, "</td>");
	page_cell(w, m->failed ? "error" : "", m->text);
	markup_put(w, "</tr>\n");
}

void page_put_events(struct wbuf *w, const struct report *r)
{
	markup_put(w, "<section id=\"events\"><h2>Key events</h2>\n");
	if (!r->mark_count) {
		markup_put(w, "<p>None.</p></section>\n");
		return;
	}
	if (r->mark_total > r->mark_count)
		markup_put(w, "<p class=\"soft\">The first %zu of %zu.</p>\n", r->mark_count,
			   r->mark_total);
	put_sequence(w, r);
	markup_put(w,
		   "<details><summary>As a table</summary><div class=\"scroll\" tabindex=\"0\" "
		   "role=\"region\" aria-label=\"Key events\"><table class=\"lines\"><thead><tr>"
		   "<th scope=\"col\">Where</th><th scope=\"col\" class=\"n\">Time</th>"
		   "<th scope=\"col\">Who</th><th scope=\"col\">What</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < r->mark_count; i++)
		put_event_row(w, r, i);
	markup_put(w, "</tbody></table></div></details></section>\n");
}
