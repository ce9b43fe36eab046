/* what stands beside the exchanges of a trace: remarks, and lines that are none */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "tests/unit/trace/capture.h"

static char told[1024];

static void ignore(void *ctx, const struct trace_event *e)
{
	(void)ctx;
	(void)e;
}

static void tell(void *ctx, struct slice words, const struct trace_place *place)
{
	size_t len = strlen(told);

	(void)ctx;
	snprintf(told + len, sizeof(told) - len, "%u:%.*s|", (unsigned)place->number,
		 (int)words.len, (const char *)words.ptr);
}

static const char *words_of(const char *format, struct slice trace)
{
	const struct trace_sink sink = {.take = ignore, .ctx = NULL, .words = tell};
	struct trace_reader *r = NULL;

	*told = 0;
	ASSERT_ERR(trace_reader_open(trace_format_named(format), &sink, &r), ERR_OK);
	ASSERT_ERR(trace_reader_feed(r, trace), ERR_OK);
	ASSERT_ERR(trace_reader_end(r), ERR_OK);
	trace_reader_close(&r);
	return told;
}

static void test_lines(void)
{
	static const struct {
		const char *format, *trace, *words;
	} cases[] = {
		{"pairs", "# reset 3B00\n# of a card\n> 00A4\n< 9000\nhello\n> 00A4zz\n",
		 "2:of a card|5:hello|6:> 00A4zz|"},
		{"tcaloader", "begins\nCommand 00A4000000\nResponse 9000\n", "1:begins|"},
		{"script", "# first\n00A4000000\nreset\n", "1:# first|"},
		{"lpac", "key 00\n[APDU] [TX] CLA: 80\n", "1:key 00|2:[APDU] [TX] CLA: 80|"},
		{"lpac-json", "working\n{\"type\":\"apdu\"\n", "1:working|2:{\"type\":\"apdu\"|"},
		{"pysim", "Welcome\n-> 00a4000000\n<- 9000: \n", "1:Welcome|"},
		{"wpa", "EAP-SIM: Kc\n", "1:EAP-SIM: Kc|"},
		{"apdu4j", "done\n", "1:done|"},
		{"at", "AT+CSQ\nAT+CSIM=10,\"00A4000000\"\n", "1:AT+CSQ|"},
		{"omapi", "a radio\n", "1:a radio|"},
		{"simtrace", "$ ls\n", "1:$ ls|"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got = words_of(cases[i].format, slice_str(cases[i].trace));

		CU_ASSERT_STRING_EQUAL(got, cases[i].words);
		if (strcmp(got, cases[i].words) != 0)
			fprintf(stderr, "%s: got %s\nwanted %s\n", cases[i].format, got,
				cases[i].words);
	}
}

static void test_options(void)
{
	static const struct capture_frame raw = {.link = LINK_IPV4};
	struct capture c = {.little = true, .w = wbuf_grow(1 << 16)};

	capture_section(&c);
	capture_interface(&c, LINK_IPV4, "one", 0, 0);
	capture_packet(&c, 0, 0, capture_sim(&raw, test_unhex("00a40004023f009000")), "a remark");
	CU_ASSERT_STRING_EQUAL(words_of("pcapng", wbuf_slice(&c.w)),
			       "0:one|1:flag|1:a remark|1:\033[31mred|");
	wbuf_free(&c.w);
}

TEST_SUITE(trace_words, {"lines of logs", test_lines}, {"options of a capture", test_options})
