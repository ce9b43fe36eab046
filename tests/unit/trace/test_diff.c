/* two traces are compared by meaning: what is a difference, what is new in each session, what is
 * the same in another form */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/decode/decode.h"
#include "lib/trace/diff/diff.h"
#include "lib/trace/diff/pool.h"
#include "lib/trace/diff/side.h"

#define OCTETS_MAX 600
#define TEXT_MAX   2048
#define HELD_MAX   (1u << 20)

static char text[TEXT_MAX];

static void take_item(void *ctx, const struct decode_item *item)
{
	side_take(ctx, item);
}

/* Lines "COMMAND RESPONSE", or "reset ATR". */
static struct side *read_lines(struct pool *pool, const char *const *lines)
{
	struct side *s = side_open(pool);
	const struct decode_sink sink = {.take = take_item, .ctx = s};
	struct decode *d = decode_open(&sink);
	uint64_t number = 0;

	for (; *lines; lines++) {
		struct wbuf c = wbuf_grow(OCTETS_MAX), r = wbuf_grow(OCTETS_MAX);
		const char *space = strchr(*lines, ' ');
		bool resets = strncmp(*lines, "reset", 5) == 0;
		struct trace_event e = {.kind = resets ? TRACE_RESET : TRACE_EXCHANGE,
					.place = {.number = ++number}};
		char command[2 * OCTETS_MAX];

		snprintf(command, sizeof(command), "%.*s", (int)(space - *lines), *lines);
		ASSERT_ERR(resets ? ERR_OK : hex_decode(command, &c), ERR_OK);
		ASSERT_ERR(hex_decode(space + 1, &r), ERR_OK);
		e.command = wbuf_slice(&c);
		e.response = wbuf_slice(&r);
		decode_event(d, &e);
		wbuf_free(&c);
		wbuf_free(&r);
	}
	decode_end(d);
	decode_close(&d);
	ASSERT_ERR(side_done(s), ERR_OK);
	return s;
}

/* "KIND NUMBER NUMBER KEYS;", 0 where there is none */
static void take_difference(void *ctx, const struct difference *d)
{
	static const char *const kinds[] = {
		[DIFF_REMOVED] = "removed", [DIFF_ADDED] = "added",	[DIFF_MOVED] = "moved",
		[DIFF_CHANGED] = "changed", [DIFF_SESSION] = "session", [DIFF_FORM] = "form",
		[DIFF_MASKED] = "masked"};
	size_t n = strlen(text);

	(void)ctx;
	snprintf(text + n, sizeof(text) - n, "%s %u %u %s;", kinds[d->kind],
		 d->a ? (unsigned)d->a->first.number : 0, d->b ? (unsigned)d->b->first.number : 0,
		 d->keys);
}

static void check(const char *const *first, const char *const *second, const char *want)
{
	const struct diff_sink sink = {take_difference, NULL};
	struct pool *pool = pool_open(HELD_MAX);
	struct side *a = read_lines(pool, first), *b = read_lines(pool, second);

	text[0] = 0;
	ASSERT_ERR(diff_sides(pool, a, b, &sink), ERR_OK);
	CU_ASSERT_STRING_EQUAL(text, want);
	if (strcmp(text, want) != 0)
		printf("\n  got:  %s\n  want: %s\n", text, want);
	side_close(&a);
	side_close(&b);
	pool_close(&pool);
}
#define LINES(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

#define MF	"00A4000C023F00 9000"
#define ICCID	"00A4000C022FE2 9000"
#define USIM	"00A4040C07A0000000871002 9000"
#define READ(v) "00B000000A " v "9000"
#define FIRST	"98001032547698103214"
#define OTHER	"98001032547698103204"

static void test_exchanges(void)
{
	const char *const *whole = LINES(MF, ICCID, READ(FIRST));

	check(whole, whole, "");
	check(whole, LINES(MF, ICCID, READ(OTHER)), "changed 3 3 iccid;");
	check(whole, LINES(MF, ICCID, "00B000000A 6982"), "changed 3 3 iccid;changed 3 3 sw;");
	check(whole, LINES(MF, "0084000008 11223344556677889000", ICCID, READ(FIRST)),
	      "added 0 2 ;");
	check(whole, LINES(MF, ICCID), "removed 3 0 ;");
	/* whatever the channel's number, and how the file was selected */
	check(LINES(USIM, "00A40004026F07 9000", "00B0000009 0809101010325476989000"),
	      LINES("0070000001 029000", "02A4040C07A0000000871002 9000", "02A40804047FFF6F07 9000",
		    "02B0000009 0809101010325476989000"),
	      "added 0 1 ;form 2 3 p1;changed 2 3 asked;");
}

static void test_session_values(void)
{
	check(LINES("0084000008 11223344556677889000"), LINES("0084000008 11223344556677009000"),
	      "session 1 1 answer;");
	check(LINES("0084000008 11223344556677889000"), LINES("0084000004 112233449000"),
	      "changed 1 1 answer;"); /* another length */
	check(LINES("80E2910003BF2E00 BF2E128010000102030405060708090A0B0C0D0E0F9000"),
	      LINES("80E2910003BF2E00 BF2E1280100F0102030405060708090A0B0C0D0E0F9000"),
	      "session 1 1 GetEuiccChallengeResponse/euiccChallenge;");
}

#define CHALLENGE(r, a) "008800812210" r "10" a
#define RAND1		"000102030405060708090A0B0C0D0E0F"
#define RAND2		"100102030405060708090A0B0C0D0E0F"
#define AUTN1		"00010203040580000001020304050607"
#define AUTN2		"10010203040580000001020304050600"
#define AMF2		"00010203040590000001020304050607"
#define VECTOR(res, n)	"DB08" res "10" n "10" n "9000"
#define MASKED		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
#define CLEAR		"C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1"
#define RES1		"A1A2A3A4A5A6A7A8"
#define RES2		"B1A2A3A4A5A6A7A8"

static void test_authenticate(void)
{
	const char *const *one = LINES(CHALLENGE(RAND1, AUTN1) " " VECTOR(RES1, MASKED));

	check(one, LINES(CHALLENGE(RAND2, AUTN2) " " VECTOR(RES2, MASKED)),
	      "session 1 1 rand;session 1 1 autn/sqn-ak;session 1 1 autn/mac;session 1 1 res;");
	/* RES is made of RAND: to the same RAND another one is a difference */
	check(one, LINES(CHALLENGE(RAND1, AUTN1) " " VECTOR(RES2, MASKED)), "changed 1 1 res;");
	check(one, LINES(CHALLENGE(RAND1, AMF2) " " VECTOR(RES1, MASKED)), "changed 1 1 autn/amf;");
	check(one, LINES(CHALLENGE(RAND1, AUTN1) " " VECTOR(RES1, CLEAR)),
	      "masked 1 1 ck;masked 1 1 ik;");
	check(one, LINES(CHALLENGE(RAND1, AUTN1) " 9862"),
	      "changed 1 1 res;changed 1 1 ck;changed 1 1 ik;changed 1 1 sw;");
}

static void test_pieces(void)
{
	const char *const *direct = LINES("80E2910003BF2E00 BF2E0480020102"
					  "9000");

	check(direct,
	      LINES("80E2910003BF2E00 6107", "00C0000007 BF2E0480020102"
					     "9000"),
	      "form 1 1 pieces;");
	check(direct,
	      LINES("80E2110002BF2E 9000", "80E291010100 BF2E0480020102"
					   "9000"),
	      "form 1 1 pieces;");
	check(LINES("reset 3B00", MF), LINES(MF), "form 1 0 ;");
	check(LINES("reset 3B00", MF), LINES("reset 3B01", MF), "changed 1 1 atr;");
	check(LINES("002000010831323334FFFFFFFF 9000"), LINES("0020000108FFFFFFFFFFFFFFFF 9000"),
	      "masked 1 1 code;");
}

static void test_moved(void)
{
	check(LINES(MF, "0084000008 11223344556677889000", ICCID, READ(FIRST)),
	      LINES(MF, ICCID, READ(FIRST), "0084000008 11223344556677009000"),
	      "moved 2 4 ;session 2 4 answer;");
}

/* Rows of a list: what one side lacks is told as that, and not as all that follow changed. */
static void test_lists(void)
{
	check(LINES("80E2910003BF2200 BF220A"
		    "8103020200"
		    "8203020300"
		    "9000"),
	      LINES("80E2910003BF2200 BF2205"
		    "8203020300"
		    "9000"),
	      "changed 1 1 EUICCInfo2/profileVersion;");
}

static void test_pool(void)
{
	struct pool *p = pool_open(8);
	uint32_t one, two, again;

	ASSERT_ERR(pool_keep(p, slice_str("abcd"), &one), ERR_OK);
	ASSERT_ERR(pool_keep(p, slice_str(""), &two), ERR_OK);
	ASSERT_ERR(pool_keep(p, slice_str("abcd"), &again), ERR_OK);
	CU_ASSERT_EQUAL(one, again);
	CU_ASSERT_NOT_EQUAL(one, two);
	CU_ASSERT_EQUAL(pool_count(p), 2);
	ASSERT_OCTETS(pool_get(p, one), slice_str("abcd"), "kept");
	ASSERT_ERR(pool_keep(p, slice_str("fghij"), &again), ERR_SPACE);
	pool_close(&p);
}

TEST_SUITE(trace_diff, {"exchanges: another value, one more, one less", test_exchanges},
	   {"values that are new in each session", test_session_values},
	   {"AUTHENTICATE", test_authenticate}, {"the same in other pieces", test_pieces},
	   {"a block that moved", test_moved}, {"members of which one side has none", test_lists},
	   {"a string is kept once", test_pool})
