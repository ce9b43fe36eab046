#include "host/trace/report/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/trace/report/baseline.h"
#include "host/trace/report/words.h"
#include "lib/trace/read/format.h"
#include "tool/cli/text.h"

#define OF_RULE_MAX  10 /* findings of a rule that are told */
#define WHERE_COLUMN 16
#define LINE_CAP     1024

struct writer {
	struct wbuf *to;
	bool colour;
};

/* ECMA-48 8.3.117 */
#define BOLD   "\033[1m"
#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define SOFT   "\033[2m"
#define PLAIN  "\033[0m"

static void put_paint(const struct writer *w, const char *colour)
{
	if (w->colour)
		wbuf_put(w->to, slice_str(colour));
}

/* What is in it may come from the trace. */
static void put_line(const struct writer *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void put_line(const struct writer *w, const char *fmt, ...)
{
	char words[LINE_CAP], line[TEXT_LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	wbuf_put(w->to, slice_str(text_line(slice_str(words), line)));
	put_paint(w, PLAIN);
	wbuf_u8(w->to, '\n');
}

static const char *paint_of(enum finding_severity severity)
{
	switch (severity) {
	case FINDING_ERROR: return RED;
	case FINDING_WARNING: return YELLOW;
	case FINDING_INFO: return BOLD;
	}
	return PLAIN;
}

static void put_trace(const struct writer *w, const struct report *r)
{
	const struct report_trace *t = &r->trace;
	char size[WORDS_MAX], span[WORDS_MAX] = "", seal[WORDS_MAX];

	if (t->has_times)
		words_span(t->last_ns - t->first_ns, span);
	put_paint(w, BOLD);
	put_line(w, "%.200s: %s, %.80s%s%.40s", t->path, t->format ? t->format->title : "empty",
		 words_size(t, size), *span ? " in " : "", span);
	if (t->seal.sealed)
		put_line(w, "%s", words_seal(t, seal));
}

static void put_rule(const struct writer *w, const struct finding_rule *rule)
{
	static const char *const heads[] = {
		[FINDING_INFO] = "INFO", [FINDING_WARNING] = "WARNING", [FINDING_ERROR] = "ERROR"};

	wbuf_u8(w->to, '\n');
	put_paint(w, paint_of(rule->severity));
	put_line(w, "%-7s  %s  not so: %s  [%s]", heads[rule->severity], rule->id, rule->says,
		 rule->clause);
}

static void put_finding(const struct writer *w, const struct report_finding *f)
{
	char before[64] = "";

	if (f->has_before)
		snprintf(before, sizeof(before), ", see %llu",
			 (unsigned long long)f->before.place.number);
	if (strstr(f->detail, before + strcspn(before, "0123456789"))) /* said already */
		*before = 0;
	put_line(w, "  %-*s %s%s%s%s%s", WHERE_COLUMN, f->where, f->detail, before,
		 *f->context ? " (" : "", f->context, *f->context ? ")" : "");
}

/* What is found of a rule, and not accepted; first: of its findings. How many are behind it. */
static size_t put_of_rule(const struct writer *w, const struct report *r, size_t first)
{
	const struct report_rule *of = &r->rules[r->findings[first].rule];
	size_t i = first, told = 0;

	if (of->found)
		put_rule(w, of->rule);
	for (; i < r->finding_count && r->findings[i].rule == r->findings[first].rule; i++) {
		if (!r->findings[i].accepted && told < OF_RULE_MAX) {
			put_finding(w, &r->findings[i]);
			told++;
		}
	}
	if (of->found > told) {
		put_paint(w, SOFT);
		put_line(w, "  ... and %zu more of %s", of->found - told, of->rule->id);
	}
	return i;
}

static void put_baseline(const struct writer *w, const struct report *r)
{
	size_t count, absent = 0;
	const struct baseline_entry *entries = baseline_entries(r->baseline, &count);

	for (size_t i = 0; i < count; i++) {
		if (entries[i].matches)
			continue;
		if (!absent++)
			wbuf_u8(w->to, '\n');
		put_line(w, "in the baseline, and not found any more: %s %.160s%s%.160s",
			 entries[i].rule, entries[i].about, *entries[i].about ? ": " : "",
			 entries[i].detail);
	}
}

static void put_verdict(const struct writer *w, const struct report *r)
{
	char verdict[WORDS_MAX], counts[WORDS_MAX];

	wbuf_u8(w->to, '\n');
	put_paint(w, BOLD);
	put_line(w, "%.400s", words_verdict(r, verdict));
	put_line(w, "%.100s by %zu rules%s%s%s", words_counts(&r->counts, counts), r->rule_count,
		 r->finding_count ? "; --explain " : "",
		 r->finding_count ? r->rules[r->findings[0].rule].rule->id : "",
		 r->finding_count ? " says what it means and what to do" : "");
}

void report_text(const struct report *r, bool colour, struct wbuf *out)
{
	const struct writer w = {out, colour};

	put_trace(&w, r);
	for (size_t i = 0; i < r->finding_count;)
		i = put_of_rule(&w, r, i);
	put_baseline(&w, r);
	put_verdict(&w, r);
}
