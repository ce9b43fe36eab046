#include "host/exam/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE 1024

static void line(struct wbuf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void line(struct wbuf *out, const char *fmt, ...)
{
	char text[LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wbuf_put(out, slice_str(text));
	wbuf_u8(out, '\n');
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void exam_budget_text(const struct exam_budget *b, char out[static EXAM_BUDGET_TEXT])
{
	snprintf(out, EXAM_BUDGET_TEXT,
		 "%u case%s, at most %u authentication%s and %u wrong PIN tr%s", b->cases,
		 plural(b->cases), b->authentications, plural(b->authentications), b->pin_tries,
		 b->pin_tries == 1 ? "y" : "ies");
}

static void put_card(const struct exam_report *r, struct wbuf *out)
{
	const struct exam_subject *s = &r->card;

	line(out, "%-20s%s", "Card", s->kind);
	line(out, "%-20s%s, %s", "Reader", s->reader, s->protocol);
	line(out, "%-20s%s", "ATR", s->atr);
	if (s->iccid[0])
		line(out, "%-20s%s", "ICCID", s->iccid);
	if (s->eid[0])
		line(out, "%-20s%s", "EID", s->eid);
	for (size_t i = 0; i < s->fact_count; i++)
		line(out, "%-20s%s", s->facts[i].label, s->facts[i].text);
	if (s->properties.has_usb_id)
		line(out, "%-20s%04x:%04x %s", "Reader's USB id", s->properties.usb_vendor,
		     s->properties.usb_product, s->properties.firmware);
}

static void put_finding(const struct exam_result *r, struct wbuf *out)
{
	const struct finding_rule *rule = &r->rule_case->rule;

	line(out, "%-8s%s (%s)", r->outcome == EXAM_FAILED ? "FAILED" : "noted", rule->id,
	     rule->clause);
	line(out, "        the card: %s", r->detail);
	line(out, "        the rule: %s", rule->says);
	for (size_t i = 0; i < r->evidence_count; i++)
		line(out, "        > %s < %s", r->evidence[i].command,
		     r->evidence[i].answer[0] ? r->evidence[i].answer : "nothing");
}

static void put_findings(const struct exam_report *r, enum exam_outcome outcome, const char *head,
			 struct wbuf *out)
{
	if (!r->counts[outcome])
		return;
	line(out, "\n%s", head);
	for (size_t i = 0; i < r->result_count; i++) {
		if (r->results[i].outcome == outcome)
			put_finding(&r->results[i], out);
	}
}

static void put_groups(const struct exam_report *r, struct wbuf *out)
{
	const struct exam_group *group = NULL;

	for (size_t i = 0; i < r->result_count; i++) {
		const struct exam_result *c = &r->results[i];
		bool why = c->outcome == EXAM_SKIPPED;

		if (c->group != group)
			line(out, "\n%s", c->group->title);
		group = c->group;
		line(out, "  %-8s%-30s%s", exam_outcome_name(c->outcome), c->rule_case->rule.id,
		     why ? c->detail : c->rule_case->rule.says);
	}
}

static void put_timings(const struct exam_report *r, struct wbuf *out)
{
	if (r->timing_count)
		line(out, "\n%-24s%8s%10s%10s%10s%10s", "Time in microseconds", "count", "min",
		     "median", "p90", "max");
	for (size_t i = 0; i < r->timing_count; i++) {
		const struct exam_timing *t = &r->timings[i];

		line(out, "%-24s%8zu%10u%10u%10u%10u", t->name, t->count, t->min, t->median, t->p90,
		     t->max);
	}
}

static void put_sum(const struct exam_report *r, struct wbuf *out)
{
	line(out,
	     "\n%zu case%s: %zu passed, %zu failed, %zu noted, %zu skipped, %zu not run; "
	     "%u authentication%s and %u wrong PIN tr%s spent",
	     r->result_count, plural(r->result_count), r->counts[EXAM_PASSED],
	     r->counts[EXAM_FAILED], r->counts[EXAM_NOTED], r->counts[EXAM_SKIPPED],
	     r->counts[EXAM_NOT_RUN], r->spent.authentications, plural(r->spent.authentications),
	     r->spent.pin_tries, r->spent.pin_tries == 1 ? "y" : "ies");
	if (r->end != EXAM_COMPLETE)
		line(out, "The examination ended early: %s.", r->end_text);
	else if (r->counts[EXAM_FAILED])
		line(out, "The card departs from the standards in %zu case%s.",
		     r->counts[EXAM_FAILED], plural(r->counts[EXAM_FAILED]));
	else
		line(out, "No departure was found.");
}

void exam_text_put(const struct exam_report *r, struct wbuf *out)
{
	put_card(r, out);
	put_findings(r, EXAM_FAILED, "Departures", out);
	put_findings(r, EXAM_NOTED, "Noted", out);
	put_groups(r, out);
	put_timings(r, out);
	put_sum(r, out);
}
