/* what passes between vpcd's reader and a card program, however it is cut, and what is none */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/record/frames.h"

#define ATR "3b9f96801fc78031e073fe2113575457494e4b4559bb"

/* What the sink was told, a word each. */
static char told[4096];

static void say(const char *word, struct slice a, struct slice b)
{
	size_t len = strlen(told);
	char first[600], second[600];

	hex_encode(a, first, sizeof(first));
	hex_encode(b, second, sizeof(second));
	snprintf(told + len, sizeof(told) - len, "%s %s/%s;", word, first, second);
}

static void on_reset(void *ctx, struct slice atr)
{
	(void)ctx;
	say("reset", atr, SLICE_EMPTY);
}

static void on_power_off(void *ctx)
{
	(void)ctx;
	say("off", SLICE_EMPTY, SLICE_EMPTY);
}

static void on_exchange(void *ctx, struct slice command, struct slice response)
{
	(void)ctx;
	say("exchange", command, response);
}

/* One says: the side, then hex. */
struct part {
	char side; /* r: reader, c: card */
	const char *hex;
};

static enum err run(const struct part *parts, size_t n, size_t piece)
{
	const struct frames_sink sink = {on_reset, on_power_off, on_exchange, NULL};
	struct frames *f;
	enum err e = ERR_OK;

	told[0] = 0;
	ASSERT_ERR(frames_open(&sink, &f), ERR_OK);
	for (size_t i = 0; i < n && !e; i++) {
		struct slice left = test_unhex(parts[i].hex);

		for (; left.len && !e; left = slice_sub(left, piece, left.len)) {
			struct slice some = slice_sub(left, 0, piece);

			e = parts[i].side == 'r' ? frames_from_reader(f, some)
						 : frames_from_card(f, some);
		}
	}
	frames_close(&f);
	return e;
}

static void test_session(void)
{
	static const struct part parts[] = {
		{'r', "000104"}, /* is there a card? That is no reset. */
		{'c', "0016" ATR},
		{'r', "000101"},
		{'r', "000104"},
		{'c', "0016" ATR},
		{'r', "000107"}, /* of a later vpcd */
		{'r', "000700a40004023f00"},
		{'c', "00026117"},
		{'r', "000102"
		      "00020000"}, /* a reset whose ATR nobody asks for */
		{'c', "00026d00"},
		{'r', "000500c0000017"},
		{'c', "0000"}, /* no answer */
		{'r', "000100"},
		{'r', "000100"}, /* it is off already */
		{'r', "000101"
		      "000104"
		      "000500b0000001"}, /* in front of the answers */
		{'c', "0016" ATR "0003ff9000"},
		{'r', "000500b0000002"}, /* and the card program goes */
	};
	const char *want = "reset " ATR "/;exchange 00a40004023f00/6117;reset " ATR
			   "/;exchange 0000/6d00;exchange 00c0000017/;off /;reset " ATR
			   "/;exchange 00b0000001/ff9000;exchange 00b0000002/;off /;";

	for (size_t piece = 1; piece < 40; piece++) {
		ASSERT_ERR(run(parts, ARRAY_LEN(parts), piece), ERR_OK);
		CU_ASSERT_STRING_EQUAL(told, want);
	}
}

static void test_odd(void)
{
	static const struct part nothing[] = {{'r', "0000"}}, unasked[] = {{'c', "00029000"}},
				 twice[] = {{'r', "000500b0000001"}, {'c', "0003ff900000029000"}},
				 cut[] = {{'r', "000101"}, {'r', "000500b0"}};

	ASSERT_ERR(run(nothing, ARRAY_LEN(nothing), 9), ERR_PROTOCOL);
	ASSERT_ERR(run(unasked, ARRAY_LEN(unasked), 9), ERR_PROTOCOL);
	ASSERT_ERR(run(twice, ARRAY_LEN(twice), 20), ERR_PROTOCOL);
	CU_ASSERT_STRING_EQUAL(told, "exchange 00b0000001/ff9000;");
	ASSERT_ERR(run(cut, ARRAY_LEN(cut), 9), ERR_OK);
	CU_ASSERT_STRING_EQUAL(told, "off /;");
}

/* A reader that never waits for an answer fills no memory. */
static void test_flood(void)
{
	static const uint8_t command[] = {0, 5, 0, 0xB0, 0, 0, 1};
	const struct frames_sink sink = {on_reset, on_power_off, on_exchange, NULL};
	struct frames *f;
	enum err e = ERR_OK;
	size_t n = 0;

	told[0] = 0;
	ASSERT_ERR(frames_open(&sink, &f), ERR_OK);
	for (; !e && n < 100000; n++)
		e = frames_from_reader(f, SLICE_OF(command));
	ASSERT_ERR(e, ERR_PROTOCOL);
	CU_ASSERT(n < 20000);
	frames_close(&f);
}

TEST_SUITE(frames, {"a session in pieces of each size", test_session},
	   {"what is no frame, or no answer", test_odd},
	   {"commands that do not wait for answers", test_flood})
