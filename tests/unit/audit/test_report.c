/* the report of an audit: what it keeps, its forms, what a trace may put into them, its baseline */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/trace/report/baseline.h"
#include "host/trace/report/gather.h"
#include "host/trace/report/words.h"
#include "host/trace/report/write.h"
#include "lib/trace/audit/audit.h"
#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"

/* What would be markup, end an attribute, break XML 1.0, or turn the text around. */
#define ODD "<script>alert('1')</script> & \"x\" \x01\x1b[31m \xff \xEF\xBF\xBE \xE2\x80\xAE ]]>"

#define CUT "> 00B0\n< 6700\n" /* FRM-02: no command */

struct judging {
	struct audit *audit;
	struct trace_reader *reader;
	struct gather *gather;
	struct report *report;
	const char *names[TRACE_CARDS_MAX];
};

static void take_event(void *ctx, const struct trace_event *e)
{
	struct judging *j = ctx;

	audit_event(j->audit, e);
}

static struct report *report_of(struct judging *j, const char *trace, struct baseline *baseline)
{
	const struct gather_options options = {.lines = true, .marks = true, .baseline = baseline};
	const struct trace_sink events = {.take = take_event, .ctx = j};
	struct audit_sink sink;

	ASSERT_ERR(gather_open(&options, &j->gather), ERR_OK);
	sink = gather_sink(j->gather);
	ASSERT_ERR(audit_open(NULL, &sink, &j->audit), ERR_OK);
	ASSERT_ERR(trace_reader_open(trace_format_named("pairs"), &events, &j->reader), ERR_OK);
	ASSERT_ERR(trace_reader_feed(j->reader, slice_str(trace)), ERR_OK);
	ASSERT_ERR(trace_reader_end(j->reader), ERR_OK);
	ASSERT_ERR(audit_end(j->audit), ERR_OK);
	ASSERT_ERR(gather_end(j->gather, &j->report), ERR_OK);
	j->report->made = "2026-11-29T04:10:00Z";
	j->report->fail_on = FINDING_WARNING;
	j->report->trace.path = ODD;
	j->report->trace.octets = strlen(trace);
	j->report->trace.format = trace_reader_format(j->reader);
	j->report->trace.cards = trace_reader_cards(j->reader);
	for (unsigned i = 0; i < j->report->trace.cards; i++)
		j->names[i] = trace_reader_card(j->reader, i);
	j->report->trace.names = j->names;
	return j->report;
}

static void end(struct judging *j)
{
	gather_close(&j->gather);
	audit_close(&j->audit);
	trace_reader_close(&j->reader);
}

/* The file as a string, which is the caller's. */
static char *file_of(const struct report *r, enum report_format format)
{
	struct wbuf w = wbuf_grow(REPORT_FILE_MAX);
	char *text;

	ASSERT_ERR(report_put(r, format, &w), ERR_OK);
	CU_ASSERT(!memchr(w.ptr, 0, w.len));
	text = strndup((const char *)w.ptr, w.len);
	CU_ASSERT_FATAL(text != NULL);
	wbuf_free(&w);
	return text;
}

static void holds(const char *text, const char *what, bool wanted)
{
	CU_ASSERT_EQUAL(strstr(text, what) != NULL, wanted);
	if ((strstr(text, what) != NULL) != wanted)
		fprintf(stderr, "%s: %s\n", wanted ? "not there" : "there", what);
}

/* What is tested holds whatever rules come: of two rules alone. */
static const struct report_rule *rule_of(const struct report *r, const char *id)
{
	size_t i = 0;

	while (i + 1 < r->rule_count && strcmp(r->rules[i].rule->id, id) != 0)
		i++;
	return &r->rules[i];
}

/* The n-th finding of a rule that is kept. */
static const struct report_finding *finding_of(const struct report *r, const char *id, size_t n)
{
	for (size_t i = 0; i < r->finding_count; i++) {
		if (strcmp(r->rules[r->findings[i].rule].rule->id, id) == 0 && !n--)
			return &r->findings[i];
	}
	CU_ASSERT_FATAL(false);
	return NULL;
}

static void test_values(void)
{
	struct judging j = {0};
	const struct report *r =
		report_of(&j, "> 00A40004023F00\n< 9000\n" CUT "what\n> 00A4\n< 6700\n", NULL);
	const struct report_finding *one = finding_of(r, "FRM-02", 0),
				    *two = finding_of(r, "FRM-02", 1);
	char words[WORDS_MAX];

	CU_ASSERT_EQUAL(r->trace.exchanges, 3);
	CU_ASSERT_EQUAL(r->trace.faults, 1);
	CU_ASSERT_EQUAL(rule_of(r, "FRM-01")->found, 1);
	CU_ASSERT_EQUAL(rule_of(r, "FRM-02")->found, 2);
	CU_ASSERT_EQUAL(r->line_count, 4);
	/* another command: another kind */
	CU_ASSERT(memcmp(one->print, two->print, sizeof(one->print)) != 0);
	CU_ASSERT(one->at.place.number == 3 && two->at.place.number == 6);
	CU_ASSERT(report_fails(r));
	CU_ASSERT_STRING_EQUAL(words_size(&r->trace, words), "3 exchanges of 1 card");
	holds(words_verdict(r, words), " 1 place of the trace could not be read", true);
	CU_ASSERT_PTR_NOT_NULL(report_line_at(r, &one->at));
	end(&j);
}

static void test_words(void)
{
	const struct finding_counts counts = {{1, 0, 2}};
	static struct report r;
	char words[WORDS_MAX];

	CU_ASSERT_STRING_EQUAL(words_counts(&counts, words), "2 errors, 0 warnings, 1 remark");
	CU_ASSERT_STRING_EQUAL(words_verdict_name(&r), "clean");
	r.counts = counts;
	CU_ASSERT_STRING_EQUAL(words_verdict_name(&r), "errors");
	CU_ASSERT_STRING_EQUAL(words_span(1500000, words), "1.5 ms");
	CU_ASSERT_STRING_EQUAL(words_span(123000000000, words), "2 min 3 s");
	CU_ASSERT_STRING_EQUAL(words_time(1776427200500000000, words),
			       "2026-04-17 12:00:00.500000 UTC");
	CU_ASSERT_STRING_EQUAL(words_time(12500000000, words), "12.500000 s by its own clock");
}

/* Nothing of a trace is markup, a control character or a colour, in any form. */
static void test_odd(void)
{
	struct judging j = {0};
	const struct report *r = report_of(&j, "# card " ODD "\n# reset 3B00\n" CUT ODD "\n", NULL);

	for (int f = 0; f < REPORT_FORMATS; f++) {
		char *text = file_of(r, (enum report_format)f);

		holds(text, "\x1b", false);
		holds(text, "\xE2\x80\xAE", false);
		if (f == REPORT_HTML || f == REPORT_JUNIT) {
			holds(text, "<script", false);
			holds(text, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;", true);
		}
		free(text);
	}
	end(&j);
}

static void test_json(void)
{
	struct judging j = {0};
	char *text = file_of(report_of(&j, CUT, NULL), REPORT_JSON);
	json_t *o = json_loads(text, 0, NULL);
	const json_t *findings = json_object_get(o, "findings"), *finding;
	size_t i, cut = 0;

	CU_ASSERT_FATAL(o != NULL);
	json_array_foreach(findings, i, finding)
	{
		if (strcmp(json_string_value(json_object_get(finding, "rule")), "FRM-02") == 0)
			cut += json_integer_value(json_object_get(finding, "number")) == 1;
	}
	CU_ASSERT_EQUAL(cut, 1);
	CU_ASSERT(json_is_true(json_object_get(json_object_get(o, "verdict"), "fails")));
	json_decref(o);
	free(text);
	end(&j);
}

/* Another line, other numbers: the same kind. Another command: another. */
static void test_baseline(void)
{
	struct judging first = {0}, second = {0};
	struct wbuf w = wbuf_grow(BASELINE_MAX);
	struct baseline *b = NULL;
	const struct baseline_entry *entries;
	const struct report *r;
	const char *why = NULL;
	size_t count, matches = 0, gone = 0;

	baseline_put(report_of(&first, CUT "> 00A4\n< 6700\n", NULL), &w);
	ASSERT_ERR(baseline_parse(wbuf_slice(&w), &b, &why), ERR_OK);
	r = report_of(&second, "# here\n" CUT CUT "> 0084\n< 6700\n", b);
	CU_ASSERT_EQUAL(rule_of(r, "FRM-02")->accepted, 2);
	CU_ASSERT_EQUAL(rule_of(r, "FRM-02")->found, 1);
	entries = baseline_entries(b, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(entries[i].rule, "FRM-02") != 0)
			continue;
		matches += entries[i].matches;
		gone += !entries[i].matches;
	}
	CU_ASSERT(matches == 1 && gone == 1);
	baseline_close(&b);
	CU_ASSERT_PTR_NULL(b);
	wbuf_free(&w);
	end(&first);
	end(&second);
}

static void test_bad_baselines(void)
{
	static const char *const bad[] = {
		"",
		"x",
		"[]",
		"{}",
		"{\"schema\": 1}",
		"{\"schema\": 1, \"accepted\": {}}",
		"{\"schema\": 2, \"accepted\": []}",
		"{\"schema\": 1, \"accepted\": [1]}",
		"{\"schema\": 1, \"accepted\": [{\"print\": \"00\"}]}",
		"{\"schema\": 1, \"accepted\": [{\"print\": 7}]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct baseline *b = NULL;
		const char *why = NULL;

		ASSERT_ERR(baseline_parse(slice_str(bad[i]), &b, &why), ERR_VALUE);
		CU_ASSERT(why && *why);
		CU_ASSERT_PTR_NULL(b);
	}
}

/* What is beyond the caps is counted, and its neighbourhood is not kept. */
static void test_caps(void)
{
	struct wbuf w = wbuf_grow(1 << 20);
	struct judging j = {0};
	const struct report *r;

	for (unsigned i = 0; i < REPORT_LINES_ALL + 1000; i++)
		wbuf_put(&w, slice_str("> 00A40004023F00\n< 9000\n"));
	for (unsigned i = 0; i < REPORT_OF_RULE_MAX + 50; i++)
		wbuf_put(&w, slice_str(CUT));
	wbuf_u8(&w, 0);
	r = report_of(&j, (const char *)w.ptr, NULL);
	CU_ASSERT_EQUAL(rule_of(r, "FRM-02")->kept, REPORT_OF_RULE_MAX);
	CU_ASSERT_EQUAL(rule_of(r, "FRM-02")->found, REPORT_OF_RULE_MAX + 50);
	CU_ASSERT(r->kind_count > 0 && r->kind_count < 10);
	CU_ASSERT(r->line_count < REPORT_LINES_ALL + 500);
	CU_ASSERT(r->lines[REPORT_LINES_ALL].index > REPORT_LINES_ALL);
	CU_ASSERT_EQUAL(r->line_total, REPORT_LINES_ALL + 1000 + REPORT_OF_RULE_MAX + 50);
	wbuf_free(&w);
	end(&j);
}

/* However long the trace, the parts are so many, and nothing is lost. */
static void test_spread(void)
{
	struct spread s = {0};
	uint64_t sum = 0;
	double part;

	for (int64_t i = 0; i < 100000; i++) {
		const struct spread_at at = {(uint64_t)i, true, i * i * 1000};

		spread_take(&s, &at, 0, (unsigned)(i % 20));
	}
	CU_ASSERT(s.by_time && s.parts > SPREAD_PARTS / 2 - 1 && s.parts <= SPREAD_PARTS);
	CU_ASSERT(s.lane_count == SPREAD_LANES && s.has_others);
	for (size_t l = 0; l < s.lane_count; l++) {
		for (size_t i = 0; i < SPREAD_PARTS; i++)
			sum += s.lanes[l].count[i];
	}
	CU_ASSERT_EQUAL(sum, 100000);
	CU_ASSERT(spread_find(&s, &(struct spread_at){1, true, -5}, &part) && part == 0);
	CU_ASSERT(spread_find(&s, &(struct spread_at){1, true, INT64_MAX}, &part) &&
		  part == s.parts);
	CU_ASSERT(!spread_find(&s, &(struct spread_at){1, false, 0}, &part));
}

TEST_SUITE(audit_report, {"values", test_values}, {"words", test_words},
	   {"words of a trace", test_odd}, {"JSON", test_json}, {"baseline", test_baseline},
	   {"bad baselines", test_bad_baselines}, {"caps", test_caps}, {"spread", test_spread})
