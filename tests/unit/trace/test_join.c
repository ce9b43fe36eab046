/* events are joined to exchanges: none is lost, what is odd is remarked */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/decode/join.h"

#define PART_MAX 300

/* What was told, a line an exchange or event. */
struct told {
	char text[4096];
	size_t len;
	unsigned pieces;
};

static void tell_exchange(void *ctx, const struct exchange *x)
{
	struct told *t = ctx;
	char data[2 * PART_MAX] = "", answer[2 * PART_MAX] = "", sw[5] = "";

	hex_encode(slice_sub(x->apdu.data, 0, PART_MAX / 2), data, sizeof(data));
	hex_encode(slice_sub(x->answer, 0, PART_MAX / 2), answer, sizeof(answer));
	if (x->has_sw)
		snprintf(sw, sizeof(sw), "%04x", x->sw);
	t->len += (size_t)snprintf(
		t->text + t->len, sizeof(t->text) - t->len, "%llu-%llu %u.%u %02x%02x %s/%s/%s",
		(unsigned long long)x->first.number, (unsigned long long)x->last.number, x->card,
		x->channel, x->apdu.cla, x->apdu.ins, data, answer, sw);
	for (unsigned i = 0; i < x->remark_count; i++)
		t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, " [%s]",
					   x->remarks[i]);
	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, "\n");
	t->pieces += x->pieces;
}

static void tell_event(void *ctx, const struct trace_event *e)
{
	struct told *t = ctx;

	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, "event %u %d\n",
				   e->card, e->kind);
}

/* Lines "COMMAND RESPONSE" in hex, "-" for no response, "reset". */
static void join_lines(const char *const *lines, const char *wanted)
{
	struct told told = {.len = 0};
	const struct join_sink sink = {tell_exchange, tell_event, &told};
	struct join *j = join_open(&sink);
	unsigned n = 0, exchanges = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	for (; lines[n]; n++) {
		struct trace_event e = {.kind = TRACE_RESET, .place = {n + 1, 0}};
		char command[PART_MAX], response[PART_MAX];
		struct wbuf c = wbuf_grow(PART_MAX), r = wbuf_grow(PART_MAX);

		if (sscanf(lines[n], "%299s %299s", command, response) == 2) {
			ASSERT_ERR(hex_decode(command, &c), ERR_OK);
			if (strcmp(response, "-") != 0)
				ASSERT_ERR(hex_decode(response, &r), ERR_OK);
			e.kind = TRACE_EXCHANGE;
			e.command = wbuf_slice(&c);
			e.response = wbuf_slice(&r);
			exchanges++;
		}
		join_event(j, &e);
		wbuf_free(&c);
		wbuf_free(&r);
	}
	join_end(j);
	join_close(&j);
	CU_ASSERT_STRING_EQUAL(told.text, wanted);
	if (strcmp(told.text, wanted) != 0)
		fprintf(stderr, "got:\n%swanted:\n%s", told.text, wanted);
	CU_ASSERT_EQUAL(told.pieces, exchanges);
}
#define JOIN(wanted, ...)                                                                          \
	do {                                                                                       \
		const char *const lines[] = {__VA_ARGS__, NULL};                                   \
		join_lines(lines, wanted);                                                         \
	} while (0)

static void test_responses(void)
{
	JOIN("1-1 0.0 00a4 3f00//9000\n", "00A4000C023F00 9000");
	JOIN("1-2 0.0 00a4 3f00/6201ff/9000\n", "00A40004023F00 6103", "00C0000003 6201FF9000");
	/* 2G, and a channel of its own */
	JOIN("1-2 0.0 a088 11/aabb/9000\n", "A08800000111 9F02", "A0C0000002 AABB9000");
	JOIN("1-2 0.1 0188 11/aabb/9000\n", "018800810111 6102", "01C0000002 AABB9000");
	/* in pieces, with a wrong Le in between */
	JOIN("1-4 0.0 00a4 3f00/620102/9000\n", "00A40004023F00 6103", "00C0000005 6C03",
	     "00C0000001 626102", "00C0000002 01029000");
	JOIN("1-2 0.0 00b2 /aabb/9000\n", "00B2010400 6C02", "00B2010402 AABB9000");
}

static void test_chains(void)
{
	JOIN("1-3 0.0 80e2 0102030405/bf20/9000\n", "80E2110002010200 9000",
	     "80E2910103030405 6102", "80C0000002 BF209000");
}

static void test_odd(void)
{
	JOIN("1-1 0.0 00c0 /aa/9000 [no response was announced that it could fetch]\n",
	     "00C0000001 AA9000");
	JOIN("1-1 0.0 00a4 3f00//6103 [the response that was announced was not fetched]\n"
	     "2-2 0.0 00a4 2fe2//9000\n",
	     "00A40004023F00 6103", "00A4000C022FE2 9000");
	JOIN("1-1 0.0 00b2 //6c02 [it was not repeated with the length that the card said]\n"
	     "event 0 1\n",
	     "00B2010400 6C02", "reset");
	JOIN("2-2 0.1 01f2 //9000\n"
	     "1-3 0.0 00a4 3f00/62/9000 [commands on other channels came in between]\n",
	     "00A40004023F00 6101", "01F2000000 9000", "00C0000001 629000");
	JOIN("1-2 0.0 80e2 0102//9000 [the blocks are not in order, or one is missing]\n",
	     "80E211000101 9000", "80E291020102 9000");
	JOIN("1-2 0.0 80e2 01//9000 [a block came twice] [the chain of blocks was not ended]\n"
	     "3-3 0.0 80ca //6a88\n",
	     "80E211010101 9000", "80E211010101 9000", "80CA005A00 6A88");
	JOIN("1-1 0.0 80e2 01//9000 [the chain of blocks was not ended]\n", "80E211000101 9000");
	JOIN("1-1 0.0 80e2 01//6a80\n", "80E211000101 6A80");
}

static void test_broken(void)
{
	JOIN("1-1 0.0 00b0 // [no response was recorded]\n", "00B0000001 -");
	JOIN("1-1 0.0 00b0 // [half a status word]\n", "00B0000001 90");
	JOIN("1-1 0.0 00a4 //9000\n", "00A400 9000");
	JOIN("1-1 0.0 00a4 //9000\n", "00A40004053F00 9000");
	JOIN("1-1 0.0 ff00 //6e00\n", "FF00000000 6E00");
}

/* More than is joined: the rest is left out, and that is said. */
static void test_long(void)
{
	struct told told = {.len = 0};
	const struct join_sink sink = {tell_exchange, tell_event, &told};
	struct join *j = join_open(&sink);
	uint8_t command[5 + 250] = {0x80, 0xE2, 0x11, 0, 250};
	static const uint8_t good[] = {0x90, 0x00};

	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	for (unsigned i = 0; i < 300; i++) {
		const struct trace_event e = {.kind = TRACE_EXCHANGE,
					      .place = {i + 1, 0},
					      .command = SLICE_OF(command),
					      .response = SLICE_OF(good)};

		command[3] = (uint8_t)i;
		join_event(j, &e);
	}
	join_end(j);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "too long to be joined"));
	CU_ASSERT_EQUAL(told.pieces, 300);
	join_close(&j);
}

TEST_SUITE(trace_join, {"responses", test_responses}, {"chains", test_chains}, {"odd", test_odd},
	   {"broken", test_broken}, {"long", test_long})
