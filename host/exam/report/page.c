#include "host/exam/report/page.h"

#include <stdio.h>
#include <string.h>

#include "host/exam/report/plot.h"
#include "host/exam/report/verdict.h"
#include "lib/uicc/apdu.h"
#include "tool/cli/markup.h"
#include "tool/cli/page.h"
#include "tool/cli/program.h"

#define SW_DIGITS 4

static void put_duration(struct wbuf *w, uint64_t us)
{
	char text[PLOT_DURATION];

	page_cell(w, "n", plot_duration(us, text));
}

static void put_head(struct wbuf *w, const struct exam_report *r)
{
	const struct page_head head = {.kind = "Card test",
				       .subject = r->card.kind,
				       .notes = {r->card.reader, r->card.protocol, r->started},
				       .style = ""};

	page_begin(w, &head);
}

static void put_verdict_words(struct wbuf *w, const struct exam_report *r)
{
	size_t failed = r->counts[EXAM_FAILED];

	if (failed)
		markup_put(w, "%zu %s from the standards", failed,
			   page_noun(failed, "departure", "departures"));
	else if (r->end == EXAM_COMPLETE)
		markup_put(w, "No departure from the standards found");
	else
		markup_put(w, "The test is incomplete; no departure so far");
	if (r->end == EXAM_COMPLETE)
		return;
	markup_put(w, "<p>It ended early: ");
	markup_text(w, r->end_text);
	markup_put(w, "</p>");
}

static void put_verdict(struct wbuf *w, const struct exam_report *r)
{
	static const char *const words[EXAM_OUTCOMES] = {[EXAM_PASSED] = "passed",
							 [EXAM_FAILED] = "failed",
							 [EXAM_NOTED] = "noted",
							 [EXAM_SKIPPED] = "skipped",
							 [EXAM_NOT_RUN] = "not run"};
	static const enum exam_outcome order[] = {EXAM_FAILED, EXAM_NOTED, EXAM_PASSED,
						  EXAM_SKIPPED, EXAM_NOT_RUN};
	char duration[PLOT_DURATION];

	markup_put(w, "<div class=\"verdict %s\">", exam_verdict(r));
	put_verdict_words(w, r);
	markup_put(w, "</div>\n<ul class=\"counts\">");
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		markup_put(w, "<li class=\"%s\"><b>%zu</b>%s</li>", exam_outcome_name(order[i]),
			   r->counts[order[i]], words[order[i]]);
	markup_put(w,
		   "</ul>\n<p class=\"soft\">%u %s ran in %s; they spent %u %s and %u wrong PIN "
		   "%s (planned: %u and %u).</p>\n",
		   r->spent.cases, page_noun(r->spent.cases, "case", "cases"),
		   plot_duration(r->duration_us, duration), r->spent.authentications,
		   page_noun(r->spent.authentications, "authentication", "authentications"),
		   r->spent.pin_tries, page_noun(r->spent.pin_tries, "try", "tries"),
		   r->planned.authentications, r->planned.pin_tries);
}

/* What the last two octets of an answer in hex say; "" of an answer that is cut. */
static const char *words_of_answer(const char *answer)
{
	size_t n = strlen(answer);
	uint8_t sw[2];

	if (n < SW_DIGITS || hex_decode_exact(answer + n - SW_DIGITS, sw, sizeof(sw)))
		return "";
	return sw_text((uint16_t)(sw[0] << 8 | sw[1]));
}

static void put_evidence(struct wbuf *w, const struct exam_result *r)
{
	if (!r->evidence_count)
		return;
	markup_put(w, "<div class=\"scroll\"><table><caption>Commands up to it, oldest first"
		      "</caption><thead><tr><th scope=\"col\">Command</th><th scope=\"col\">Answer"
		      "</th><th scope=\"col\">Status word</th><th scope=\"col\" class=\"n\">Time"
		      "</th></tr></thead><tbody>");
	for (size_t i = 0; i < r->evidence_count; i++) {
		const struct exam_exchange *e = &r->evidence[i];

		markup_put(w, "<tr>");
		page_cell(w, "hex", e->command);
		page_cell(w, "hex", *e->answer ? e->answer : "no answer");
		page_cell(w, "detail", words_of_answer(e->answer));
		put_duration(w, e->us);
		markup_put(w, "</tr>");
	}
	markup_put(w, "</tbody></table></div>");
}

static void put_article(struct wbuf *w, const struct exam_result *r)
{
	const struct finding_rule *rule = &r->rule_case->rule;

	markup_put(w, "<article class=\"%s\"><h3><code>", exam_outcome_name(r->outcome));
	markup_text(w, rule->id);
	markup_put(w, "</code> \xC2\xB7 ");
	markup_text(w, rule->clause);
	markup_put(w, "</h3><dl>");
	page_term(w, "Rule", rule->says);
	page_term(w, r->outcome == EXAM_FAILED ? "The card" : "Noted", r->detail);
	markup_put(w, "</dl>");
	put_evidence(w, r);
	markup_put(w, "</article>\n");
}

static void put_articles(struct wbuf *w, const struct exam_report *r, enum exam_outcome outcome,
			 const char *heading)
{
	if (!r->counts[outcome])
		return;
	markup_put(w, "<section>");
	markup_element(w, "h2", heading);
	markup_put(w, "\n");
	for (size_t i = 0; i < r->result_count; i++) {
		if (r->results[i].outcome == outcome)
			put_article(w, &r->results[i]);
	}
	markup_put(w, "</section>\n");
}

static void put_card(struct wbuf *w, const struct exam_subject *card)
{
	const struct transport_properties *p = &card->properties;
	char usb[16] = "", way[64];

	if (p->has_usb_id)
		snprintf(usb, sizeof(usb), "%04x:%04x", p->usb_vendor, p->usb_product);
	snprintf(way, sizeof(way), "%s, %s", card->way, card->protocol);
	markup_put(w, "<section><h2>The card</h2>\n<table class=\"card\"><tbody>\n");
	page_fact(w, "Answer to reset", card->atr, true);
	page_fact(w, "ICCID", card->iccid, true);
	page_fact(w, "EID", card->eid, true);
	for (size_t i = 0; i < card->fact_count; i++)
		page_fact(w, card->facts[i].label, card->facts[i].text, false);
	page_fact(w, "Reader", card->reader, false);
	page_fact(w, "Reader's USB identity", usb, true);
	page_fact(w, "Reader's firmware", p->firmware, false);
	page_fact(w, "Way and protocol", way, false);
	markup_put(w, "</tbody></table></section>\n");
}

static void put_case_row(struct wbuf *w, const struct exam_result *r)
{
	const struct finding_rule *rule = &r->rule_case->rule;

	markup_put(w, "<tr><td class=\"outcome %s\">%s</td><td class=\"id\"><code>",
		   exam_outcome_name(r->outcome), exam_outcome_name(r->outcome));
	markup_text(w, rule->id);
	markup_put(w, "</code></td><td>");
	markup_text(w, rule->says);
	if (*r->detail) {
		markup_put(w, "<br><span class=\"detail\">");
		markup_text(w, r->detail);
		markup_put(w, "</span>");
	}
	markup_put(w, "</td>");
	page_cell(w, "clause", rule->clause);
	put_duration(w, r->us);
	markup_put(w, "</tr>\n");
}

/* The results from one on that are of its group; gives the index behind them. */
static size_t put_group_table(struct wbuf *w, const struct exam_report *r, size_t i)
{
	const struct exam_group *group = r->results[i].group;

	markup_element(w, "h3", group->title);
	markup_put(w, "\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Outcome</th>"
		      "<th scope=\"col\">Case</th><th scope=\"col\">Rule</th>"
		      "<th scope=\"col\">Clause</th><th scope=\"col\" class=\"n\">Time</th></tr>"
		      "</thead><tbody>\n");
	for (; i < r->result_count && r->results[i].group == group; i++)
		put_case_row(w, &r->results[i]);
	markup_put(w, "</tbody></table></div>\n");
	return i;
}

static void put_cases(struct wbuf *w, const struct exam_report *r)
{
	markup_put(w, "<section><h2>All cases</h2>\n");
	for (size_t i = 0; i < r->result_count;)
		i = put_group_table(w, r, i);
	markup_put(w, "</section>\n");
}

static void put_timing_row(struct wbuf *w, const struct exam_timing *t)
{
	markup_put(w, "<tr><th scope=\"row\">");
	markup_text(w, t->name);
	markup_put(w, "</th><td class=\"n\">%zu</td>", t->count);
	put_duration(w, t->min);
	put_duration(w, t->median);
	put_duration(w, t->p90);
	put_duration(w, t->max);
	markup_put(w, "</tr>\n");
}

static void put_timings(struct wbuf *w, const struct exam_report *r)
{
	if (!r->timing_count)
		return;
	markup_put(w,
		   "<section><h2>Time per command</h2>\n<figure><figcaption>A point is one "
		   "command, from the first octet sent to the last received, GET RESPONSE apart. "
		   "Blue line: the median; red line: nine of ten are within it."
		   "</figcaption>\n");
	plot_put(r->timings, r->timing_count, w);
	markup_put(w, "</figure>\n<div class=\"scroll\"><table><thead><tr>"
		      "<th scope=\"col\">Command</th><th scope=\"col\" class=\"n\">Count</th>"
		      "<th scope=\"col\" class=\"n\">Least</th>"
		      "<th scope=\"col\" class=\"n\">Median</th>"
		      "<th scope=\"col\" class=\"n\">Nine of ten</th>"
		      "<th scope=\"col\" class=\"n\">Most</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < r->timing_count; i++)
		put_timing_row(w, &r->timings[i]);
	markup_put(w, "</tbody></table></div></section>\n");
}

void page_put(const struct exam_report *r, struct wbuf *out)
{
	put_head(out, r);
	put_verdict(out, r);
	put_articles(out, r, EXAM_FAILED, "Departures");
	put_articles(out, r, EXAM_NOTED, "Noted");
	put_card(out, &r->card);
	put_timings(out, r);
	put_cases(out, r);
	page_end(out, "twinkey test-card " TWINKEY_VERSION
		      ". Key material in commands and answers is masked by FF.");
}
