#include "host/trace/report/junit.h"

#include <stdio.h>
#include <string.h>

#include "host/trace/report/words.h"
#include "lib/trace/audit/audit.h"
#include "lib/trace/read/format.h"
#include "tool/cli/junit.h"

#define MESSAGE_CAP 512
#define CASE_MAX    (64u << 10) /* octets of what a case says */

static bool rule_fails(const struct report *r, const struct report_rule *of)
{
	return !r->fails_never && of->found && of->rule->severity >= r->fail_on;
}

/* Of one family, or of all (NULL). */
static struct junit_totals totals_of_family(const struct report *r, const char *family)
{
	struct junit_totals t = {0};

	for (size_t i = 0; i < r->rule_count; i++) {
		if (family && strcmp(audit_family_of(r->rules[i].rule), family) != 0)
			continue;
		t.tests++;
		t.failures += rule_fails(r, &r->rules[i]);
	}
	return t;
}

/* What was found of a rule, a line each. */
static void put_found(const struct report *r, size_t rule, struct wbuf *text)
{
	const struct report_rule *of = &r->rules[rule];
	char line[MESSAGE_CAP];

	for (size_t i = 0; i < r->finding_count; i++) {
		const struct report_finding *f = &r->findings[i];

		if (f->rule != rule)
			continue;
		snprintf(line, sizeof(line), "%s: %.200s%s%.200s%s%s\n", f->where, f->detail,
			 *f->context ? " (" : "", f->context, *f->context ? ")" : "",
			 f->accepted ? ", accepted" : "");
		wbuf_put(text, slice_str(line));
	}
	if (of->found + of->accepted > of->kept + of->kept_accepted) {
		snprintf(line, sizeof(line), "and %zu more\n",
			 of->found + of->accepted - of->kept - of->kept_accepted);
		wbuf_put(text, slice_str(line));
	}
}

static void put_rule_case(const struct report *r, size_t rule, struct wbuf *out)
{
	const struct report_rule *of = &r->rules[rule];
	struct wbuf text = wbuf_grow(CASE_MAX);
	char message[MESSAGE_CAP];
	struct junit_case c = {.suite = audit_family_of(of->rule),
			       .name = of->rule->id,
			       .outcome = rule_fails(r, of) ? JUNIT_FAILED : JUNIT_PASSED,
			       .message = message,
			       .kind = finding_severity_name(of->rule->severity)};

	snprintf(message, sizeof(message), "not so: %.300s (%.150s)", of->rule->says,
		 of->rule->clause);
	put_found(r, rule, &text);
	wbuf_u8(&text, 0);
	c.text = text.err ? "" : (const char *)text.ptr;
	junit_put_case(out, &c);
	wbuf_free(&text);
}

static void put_trace_properties(const struct report *r, struct wbuf *out)
{
	char words[WORDS_MAX];

	junit_begin_properties(out);
	junit_property(out, "trace", r->trace.path);
	junit_property(out, "form", r->trace.format ? r->trace.format->title : "empty");
	junit_property(out, "size", words_size(&r->trace, words));
	junit_property(out, "seal", words_seal(&r->trace, words));
	junit_property(out, "verdict", words_verdict(r, words));
	junit_end_properties(out);
}

/* The rules of a family from one on; gives the index behind them. */
static size_t put_family(const struct report *r, size_t first, struct wbuf *out)
{
	const char *family = audit_family_of(r->rules[first].rule);
	struct junit_totals totals = totals_of_family(r, family);
	size_t i = first;

	junit_begin_suite(out, family, r->made, &totals);
	put_trace_properties(r, out);
	for (; i < r->rule_count && strcmp(audit_family_of(r->rules[i].rule), family) == 0; i++)
		put_rule_case(r, i, out);
	junit_end_suite(out);
	return i;
}

void report_junit(const struct report *r, struct wbuf *out)
{
	struct junit_totals totals = totals_of_family(r, NULL);

	junit_begin(out, "twinkey trace audit", &totals);
	for (size_t i = 0; i < r->rule_count;)
		i = put_family(r, i, out);
	junit_end(out);
}
