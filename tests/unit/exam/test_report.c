/* reports of an examination: JSON, JUnit's XML and the page, with what a card may put into them */
#include <stdio.h>
#include <string.h>

#include "host/exam/report/json_file.h"
#include "host/exam/report/report.h"
#include "tests/unit/exam/report_fixture.h"
#include "tests/unit/test.h"

static const char *number_of(const json_t *o, const char *name, json_int_t want)
{
	return json_integer_value(json_object_get(o, name)) == want ? NULL : name;
}

static const char *text_at(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "(none)";
}

static void test_json(void)
{
	json_t *r = exam_report_json(report_fixture(false));
	const json_t *failed = json_array_get(json_object_get(r, "cases"), 1);
	const json_t *timing = json_array_get(json_object_get(r, "timings"), 1);

	CU_ASSERT_FATAL(r != NULL);
	CU_ASSERT(!number_of(r, "schema", EXAM_REPORT_SCHEMA));
	CU_ASSERT(!number_of(r, "durationUs", 1234567));
	CU_ASSERT_STRING_EQUAL(text_at(r, "verdict"), "departs");
	CU_ASSERT_STRING_EQUAL(text_at(json_object_get(r, "end"), "state"), "card-lost");
	CU_ASSERT_STRING_EQUAL(text_at(failed, "id"), "atr.tck");
	CU_ASSERT_STRING_EQUAL(text_at(failed, "clause"), "ISO 7816-3 8.2.5");
	CU_ASSERT_STRING_EQUAL(text_at(failed, "outcome"), "failed");
	CU_ASSERT(json_array_size(json_object_get(failed, "evidence")) == 2);
	CU_ASSERT_STRING_EQUAL(text_at(timing, "command"), "RESET");
	CU_ASSERT(json_array_size(json_object_get(timing, "samplesUs")) == 60);
	CU_ASSERT(json_array_size(json_object_get(json_object_get(r, "card"), "has")) == 2);
	CU_ASSERT(json_is_null(json_object_get(json_object_get(r, "card"), "eid")));
	json_decref(r);
}

/* The whole file as a string. */
static char *file_of(enum exam_format format, bool odd)
{
	struct wbuf w = wbuf_grow(EXAM_REPORT_MAX);
	char *text = NULL;

	ASSERT_ERR(exam_report_put(report_fixture(odd), format, &w), ERR_OK);
	CU_ASSERT(!memchr(w.ptr, 0, w.len));
	text = strndup((const char *)w.ptr, w.len);
	CU_ASSERT_FATAL(text != NULL);
	wbuf_free(&w);
	return text;
}

static void holds(const char *text, const char *what)
{
	if (!strstr(text, what))
		fprintf(stderr, "not there: %s\n", what);
	CU_ASSERT(strstr(text, what) != NULL);
}

static void test_junit(void)
{
	char *text = file_of(EXAM_JUNIT, false);

	holds(text,
	      "<testsuites name=\"twinkey test-card\" tests=\"5\" failures=\"1\" errors=\"0\" "
	      "skipped=\"2\" time=\"0.015000\">");
	holds(text,
	      "<testsuite name=\"atr\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"0\"");
	holds(text,
	      "<testsuite name=\"file\" tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"2\"");
	holds(text, "timestamp=\"2026-11-29T04:10:00\"");
	holds(text, "<failure message=\"ISO 7816-3 8.2.5: it gives 9000\" type=\"error\">");
	holds(text, "&gt; 00a40004022fe2\n&lt; 6a82 (812 us)");
	holds(text, "<skipped message=\"it gives 9000\"/>");
	free(text);
}

static void test_page(void)
{
	char *text = file_of(EXAM_HTML, false);

	holds(text, "1 departure from the standards");
	holds(text, "It ended early: the card is gone");
	holds(text, "<code>atr.tck</code>");
	holds(text, "Files &amp; records");
	holds(text, "file not found");
	holds(text, "no answer");
	holds(text, "<svg viewBox=");
	holds(text, ">100 ms</text>");
	CU_ASSERT(!strstr(text, "<script") && !strstr(text, "http://") &&
		  !strstr(text, "https://"));
	free(text);
}

/* Nothing of the card's becomes markup, and no octet is left that XML 1.0 refuses. */
static void test_odd_strings(void)
{
	static const enum exam_format formats[] = {EXAM_JUNIT, EXAM_HTML};

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		char *text = file_of(formats[i], true);

		holds(text, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot; "
			    "??[31m ? ? ? ]]&gt;");
		CU_ASSERT(!strstr(text, "<script>"));
		for (const char *p = text; *p; p++)
			CU_ASSERT((unsigned char)*p >= ' ' || *p == '\n' || *p == '\t');
		free(text);
	}
}

static void test_odd_json(void)
{
	char *text = file_of(EXAM_JSON, true);
	json_error_t error;
	json_t *r = json_loads(text, 0, &error);

	CU_ASSERT_FATAL(r != NULL);
	CU_ASSERT(strstr(text_at(json_object_get(r, "card"), "kind"), "alert('1')") != NULL);
	json_decref(r);
	free(text);
}

/* A report without cases, without times. */
static void test_empty(void)
{
	static const enum exam_format formats[] = {EXAM_JSON, EXAM_JUNIT, EXAM_HTML};
	struct exam_report r = *report_fixture(false);

	r.result_count = r.timing_count = r.card.fact_count = 0;
	memset(r.counts, 0, sizeof(r.counts));
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct wbuf w = wbuf_grow(EXAM_REPORT_MAX);

		ASSERT_ERR(exam_report_put(&r, formats[i], &w), ERR_OK);
		CU_ASSERT(w.len > 0);
		wbuf_free(&w);
	}
}

static void test_no_room(void)
{
	uint8_t little[100];
	struct wbuf w = wbuf_init(little, sizeof(little));

	ASSERT_ERR(exam_report_put(report_fixture(false), EXAM_HTML, &w), ERR_SPACE);
}

TEST_SUITE(exam_report, {"JSON has what docs/test-card.md names", test_json},
	   {"JUnit: a suite a group, failures with clause and evidence", test_junit},
	   {"the page has all of it, and nothing from elsewhere", test_page},
	   {"texts of a card stay texts", test_odd_strings}, {"in JSON too", test_odd_json},
	   {"nothing was tried", test_empty}, {"no room for it", test_no_room})
