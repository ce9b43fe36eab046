/* traces are read: the format is found, what is broken is told with its place */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"

/* What was read, a line an event. */
struct told {
	char text[8192];
	size_t len;
};

static void tell(void *ctx, const struct trace_event *e)
{
	static const char *const kinds[] = {[TRACE_EXCHANGE] = "exchange",
					    [TRACE_RESET] = "reset",
					    [TRACE_PPS] = "pps",
					    [TRACE_REMOVED] = "removed",
					    [TRACE_FAULT] = "fault"};
	struct told *t = ctx;
	char command[600] = "", response[600] = "";

	hex_encode(slice_sub(e->command, 0, 250), command, sizeof(command));
	hex_encode(slice_sub(e->response, 0, 250), response, sizeof(response));
	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len,
				   "%s %llu@%llu %s/%s%s%s\n", kinds[e->kind],
				   (unsigned long long)e->place.number,
				   (unsigned long long)e->place.offset, command, response,
				   e->text ? " " : "", e->text ? e->text : "");
}

/* In pieces of so many octets; what comes of it does not depend on them. */
static const char *read_octets(struct slice rest, size_t piece, const char *format)
{
	static struct told told;
	const struct trace_sink sink = {.take = tell, .ctx = &told};
	struct trace_reader *r;

	told.len = 0;
	told.text[0] = 0;
	ASSERT_ERR(trace_reader_open(NULL, &sink, &r), ERR_OK);
	while (rest.len) {
		ASSERT_ERR(trace_reader_feed(r, slice_sub(rest, 0, piece)), ERR_OK);
		rest = slice_sub(rest, piece, rest.len);
	}
	ASSERT_ERR(trace_reader_end(r), ERR_OK);
	CU_ASSERT_STRING_EQUAL(trace_reader_format(r)->name, format);
	trace_reader_close(&r);
	return told.text;
}

static const char *read_text(const char *text, size_t piece, const char *format)
{
	return read_octets(slice_str(text), piece, format);
}

static void same(const char *got, const char *wanted)
{
	CU_ASSERT_STRING_EQUAL(got, wanted);
	if (strcmp(got, wanted) != 0)
		fprintf(stderr, "got:\n%swanted:\n%s", got, wanted);
}

static void test_pairs(void)
{
	static const char trace[] = "# a remark\r\n"
				    "> 00A40004023F00\r\n"
				    "\x1b[32m< 6121\x1b[0m\n"
				    "> 00 c0 00 00 02\n"
				    "> 00B0000001\n"
				    "<AA9000\n"
				    "< 9000\n"
				    "hello\n"
				    "> 00\n";
	static const char wanted[] = "exchange 2@12 00a40004023f00/6121\n"
				     "exchange 4@46 00c0000002/\n"
				     "exchange 5@63 00b0000001/aa9000\n"
				     "fault 7@84 9000/ a response to no command\n"
				     "fault 8@91 / neither '> COMMAND' nor '< RESPONSE'\n"
				     "exchange 9@97 00/\n";

	for (size_t piece = 1; piece < sizeof(trace) + 1; piece += piece < 20 ? 1 : 37)
		same(read_text(trace, piece, "pairs"), wanted);
}

static void test_unicode(void)
{
	static const char text[] =
		"# \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x92\xB3\n> 00A4000000\n< 9000\n";
	static const uint16_t units[] = {0xFEFF, '#',  ' ', 0xE9, ' ', 0x20AC, ' ',  0xD83D,
					 0xDCB3, '\n', '>', ' ',  '0', '0',    'A',  '4',
					 '0',	 '0',  '0', '0',  '0', '0',    '\n', '<',
					 ' ',	 '9',  '0', '0',  '0', '\n'};
	uint8_t little[sizeof(units)], big[sizeof(units)];

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		big[2 * i] = little[2 * i + 1] = (uint8_t)(units[i] >> 8);
		big[2 * i + 1] = little[2 * i] = (uint8_t)units[i];
	}
	for (size_t piece = 1; piece < 100; piece++) {
		static const char wanted[] = "exchange 2@14 00a4000000/9000\n";

		same(read_text(text, piece, "pairs"), wanted);
		same(read_octets(SLICE_OF(little), piece, "pairs"), wanted);
		same(read_octets(SLICE_OF(big), piece, "pairs"), wanted);
		same(read_text("\xEF\xBB\xBF> 00A4000000\n< 9000\n", piece, "pairs"),
		     "exchange 1@3 00a4000000/9000\n");
	}
}

static void test_unknown(void)
{
	struct told told = {.len = 0};
	const struct trace_sink sink = {.take = tell, .ctx = &told};
	struct trace_reader *r;

	ASSERT_ERR(trace_reader_open(NULL, &sink, &r), ERR_OK);
	ASSERT_ERR(trace_reader_feed(r, slice_str("nobody's trace\n")), ERR_OK);
	ASSERT_ERR(trace_reader_end(r), ERR_UNSUPPORTED);
	trace_reader_close(&r);
	ASSERT_ERR(trace_reader_open(NULL, &sink, &r), ERR_OK);
	ASSERT_ERR(trace_reader_end(r), ERR_UNSUPPORTED);
	trace_reader_close(&r);
	CU_ASSERT_EQUAL(told.len, 0);
}

/* A line without an end is skipped, and what follows it is read. */
static void test_long_line(void)
{
	struct told told = {.len = 0};
	const struct trace_sink sink = {.take = tell, .ctx = &told};
	struct trace_reader *r;
	static char blanks[4096];

	memset(blanks, '>', sizeof(blanks));
	ASSERT_ERR(trace_reader_open(trace_format_named("pairs"), &sink, &r), ERR_OK);
	for (size_t i = 0; i < 3 * TRACE_FRAME_MAX / sizeof(blanks); i++)
		ASSERT_ERR(trace_reader_feed(r, SLICE_OF(blanks)), ERR_OK);
	ASSERT_ERR(trace_reader_feed(r, slice_str("\n> 00A4000000\n< 9000\n")), ERR_OK);
	ASSERT_ERR(trace_reader_end(r), ERR_OK);
	trace_reader_close(&r);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "fault 1@"));
	CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "exchange 2@"));
	CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "00a4000000/9000"));
}

/* Who writes pauses: what there is must do, and more is taken afterwards. */
static void test_settle(void)
{
	static struct told told;
	const struct trace_sink sink = {.take = tell, .ctx = &told};
	struct trace_reader *r;

	told.len = 0;
	ASSERT_ERR(trace_reader_open(NULL, &sink, &r), ERR_OK);
	ASSERT_ERR(trace_reader_feed(r, slice_str("> 00")), ERR_OK);
	ASSERT_ERR(trace_reader_feed(r, slice_str("A4000C023F00\n< 9000\n> 00B0")), ERR_OK);
	CU_ASSERT_EQUAL(told.len, 0);
	ASSERT_ERR(trace_reader_settle(r), ERR_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "00a4000c023f00/9000"));
	ASSERT_ERR(trace_reader_feed(r, slice_str("000001\n< AA9000\n")), ERR_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "00b0000001/aa9000"));
	ASSERT_ERR(trace_reader_end(r), ERR_OK);
	trace_reader_close(&r);
	ASSERT_ERR(trace_reader_open(NULL, &sink, &r), ERR_OK);
	ASSERT_ERR(trace_reader_feed(r, slice_str("nothing that is known\n")), ERR_OK);
	ASSERT_ERR(trace_reader_settle(r), ERR_UNSUPPORTED);
	ASSERT_ERR(trace_reader_feed(r, slice_str("> 00A4000C023F00\n< 9000\n")), ERR_OK);
	trace_reader_close(&r);
}

TEST_SUITE(traceread, {"pairs, in pieces of any size", test_pairs},
	   {"byte order marks, UTF-16", test_unicode}, {"what is no trace", test_unknown},
	   {"a line without an end", test_long_line}, {"a pause", test_settle})
