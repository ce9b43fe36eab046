#include "tool/cli/junit.h"

#include <stdio.h>
#include <string.h>

#include "tool/cli/markup.h"

#define MICROSECONDS 1000000u

static void put_seconds(struct wbuf *w, uint64_t us)
{
	markup_put(w, " time=\"%llu.%06llu\"", (unsigned long long)(us / MICROSECONDS),
		   (unsigned long long)(us % MICROSECONDS));
}

static void put_totals(struct wbuf *w, const struct junit_totals *t)
{
	markup_put(w, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", t->tests,
		   t->failures, t->skipped);
	put_seconds(w, t->us);
}

void junit_begin(struct wbuf *w, const char *name, const struct junit_totals *totals)
{
	markup_put(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	markup_attribute(w, "name", name);
	put_totals(w, totals);
	markup_put(w, ">\n");
}

void junit_begin_suite(struct wbuf *w, const char *name, const char *started,
		       const struct junit_totals *totals)
{
	char local[32];

	/* The schema knows no zone. */
	snprintf(local, sizeof(local), "%.*s", (int)strcspn(started, "Z"), started);
	markup_put(w, "  <testsuite");
	markup_attribute(w, "name", name);
	put_totals(w, totals);
	markup_attribute(w, "timestamp", local);
	markup_put(w, ">\n");
}

void junit_begin_properties(struct wbuf *w)
{
	markup_put(w, "    <properties>\n");
}

void junit_property(struct wbuf *w, const char *name, const char *value)
{
	markup_put(w, "      <property");
	markup_attribute(w, "name", name);
	markup_attribute(w, "value", value);
	markup_put(w, "/>\n");
}

void junit_end_properties(struct wbuf *w)
{
	markup_put(w, "    </properties>\n");
}

static void put_failure(struct wbuf *w, const struct junit_case *c)
{
	markup_put(w, "      <failure");
	markup_attribute(w, "message", c->message);
	markup_attribute(w, "type", c->kind);
	markup_put(w, ">");
	markup_text(w, c->text);
	markup_put(w, "</failure>\n");
}

static void put_skipped(struct wbuf *w, const struct junit_case *c)
{
	markup_put(w, "      <skipped");
	markup_attribute(w, "message", c->message);
	markup_put(w, "/>\n");
}

static void put_output(struct wbuf *w, const char *text)
{
	if (!*text)
		return;
	markup_put(w, "      ");
	markup_element(w, "system-out", text);
	markup_put(w, "\n");
}

void junit_put_case(struct wbuf *w, const struct junit_case *c)
{
	markup_put(w, "    <testcase");
	markup_attribute(w, "classname", c->suite);
	markup_attribute(w, "name", c->name);
	put_seconds(w, c->us);
	markup_put(w, ">\n");
	switch (c->outcome) {
	case JUNIT_FAILED: put_failure(w, c); break;
	case JUNIT_SKIPPED: put_skipped(w, c); break;
	case JUNIT_PASSED: put_output(w, c->text); break;
	}
	markup_put(w, "    </testcase>\n");
}

void junit_end_suite(struct wbuf *w)
{
	markup_put(w, "  </testsuite>\n");
}

void junit_end(struct wbuf *w)
{
	markup_put(w, "</testsuites>\n");
}
