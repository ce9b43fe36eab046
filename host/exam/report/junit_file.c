#include "host/exam/report/junit_file.h"

#include <stdio.h>
#include <string.h>

#include "tool/cli/junit.h"

#define TEXT_MAX 2048
#define SUITES	 "twinkey test-card"

static bool is_skipped(enum exam_outcome o)
{
	return o == EXAM_SKIPPED || o == EXAM_NOT_RUN;
}

/* Of one group, or of all (NULL). */
static struct junit_totals totals_of(const struct exam_report *r, const struct exam_group *group)
{
	struct junit_totals t = {0};

	for (size_t i = 0; i < r->result_count; i++) {
		const struct exam_result *one = &r->results[i];

		if (group && one->group != group)
			continue;
		t.tests++;
		t.failures += one->outcome == EXAM_FAILED;
		t.skipped += is_skipped(one->outcome);
		t.us += one->us;
	}
	return t;
}

/* The rule, its clause, what the card did instead, and the commands that showed it. */
static void put_text(const struct exam_result *r, char text[static TEXT_MAX])
{
	const struct finding_rule *rule = &r->rule_case->rule;
	size_t n = (size_t)snprintf(text, TEXT_MAX, "%s (%s)\n%s\n", rule->says, rule->clause,
				    r->detail);

	for (size_t i = 0; i < r->evidence_count && n < TEXT_MAX; i++)
		n += (size_t)snprintf(text + n, TEXT_MAX - n, "> %s\n< %s (%u us)\n",
				      r->evidence[i].command, r->evidence[i].answer,
				      (unsigned)r->evidence[i].us);
}

static void put_case(struct wbuf *out, const struct exam_result *r)
{
	const struct finding_rule *rule = &r->rule_case->rule;
	char text[TEXT_MAX] = "", message[EXAM_DETAIL + 128];
	struct junit_case c = {.suite = r->group->name,
			       .name = rule->id,
			       .us = r->us,
			       .outcome = JUNIT_PASSED,
			       .message = message,
			       .kind = finding_severity_name(rule->severity),
			       .text = text};

	if (r->outcome == EXAM_FAILED || r->outcome == EXAM_NOTED)
		put_text(r, text);
	if (r->outcome == EXAM_FAILED) {
		c.outcome = JUNIT_FAILED;
		snprintf(message, sizeof(message), "%s: %s", rule->clause, r->detail);
	} else if (is_skipped(r->outcome)) {
		c.outcome = JUNIT_SKIPPED;
		snprintf(message, sizeof(message), "%s", r->detail);
	}
	junit_put_case(out, &c);
}

static void put_properties(const struct exam_report *r, struct wbuf *out)
{
	const struct exam_subject *card = &r->card;

	junit_begin_properties(out);
	junit_property(out, "card", card->kind);
	junit_property(out, "atr", card->atr);
	if (*card->iccid)
		junit_property(out, "iccid", card->iccid);
	if (*card->eid)
		junit_property(out, "eid", card->eid);
	junit_property(out, "reader", card->reader);
	junit_property(out, "protocol", card->protocol);
	if (*r->end_text)
		junit_property(out, "ended", r->end_text);
	junit_end_properties(out);
}

/* The results from one on that are of its group; gives the index behind them. */
static size_t put_group(const struct exam_report *r, size_t first, struct wbuf *out)
{
	const struct exam_group *group = r->results[first].group;
	struct junit_totals totals = totals_of(r, group);
	size_t i = first;

	junit_begin_suite(out, group->name, r->started, &totals);
	put_properties(r, out);
	for (; i < r->result_count && r->results[i].group == group; i++)
		put_case(out, &r->results[i]);
	junit_end_suite(out);
	return i;
}

void junit_file_put(const struct exam_report *r, struct wbuf *out)
{
	struct junit_totals totals = totals_of(r, NULL);

	junit_begin(out, SUITES, &totals);
	for (size_t i = 0; i < r->result_count;)
		i = put_group(r, i, out);
	junit_end(out);
}
