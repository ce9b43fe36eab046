/* values in each form, over the borders of pieces, many at once, and by their hashes */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/search/search.h"

#define MATCHES_MAX 512

static struct {
	struct search_match list[MATCHES_MAX];
	unsigned count;
} found;

static void take_match(void *ctx, const struct search_match *m)
{
	(void)ctx;
	if (found.count < MATCHES_MAX)
		found.list[found.count] = *m;
	found.count++;
}

static const struct search_sink sink = {take_match, NULL};

static struct search *search_for(enum search_kind kind, struct slice value)
{
	const struct search_value v = {7, kind, value};
	struct search *s = NULL;

	ASSERT_ERR(search_open(&s), ERR_OK);
	ASSERT_ERR(search_add(s, &v), ERR_OK);
	return s;
}

/* Feeds it in pieces of so many octets, numbered from 1. */
static void feed(struct search *s, struct slice octets, size_t piece)
{
	struct search_stream *t = NULL;
	struct trace_place place = {0, 0};

	found.count = 0;
	ASSERT_ERR(search_stream_open(s, &sink, &t), ERR_OK);
	for (size_t at = 0; at < octets.len; at += piece) {
		place.number++;
		place.offset = at;
		search_feed(t, slice_sub(octets, at, piece), &place);
	}
	search_stream_close(&t);
}

static bool has_form(const char *text)
{
	for (unsigned i = 0; i < found.count && i < MATCHES_MAX; i++) {
		char form[SEARCH_FORM_TEXT_MAX];

		search_form_text(found.list[i].form, form);
		if (strcmp(form, text) == 0)
			return true;
	}
	return false;
}

struct sample {
	const char *form, *hex;
};

/* Each sample has the value in its form, inside of other octets, whatever the pieces; with an octet
 * less at either end it is not found in this form. */
static void check_samples(enum search_kind kind, struct slice value, const struct sample *samples,
			  size_t n)
{
	struct search *s = search_for(kind, value);

	for (size_t i = 0; i < n; i++) {
		uint8_t memory[1024];
		struct wbuf w = wbuf_init(memory, sizeof(memory));
		struct slice sample = test_unhex(samples[i].hex);

		wbuf_fill(&w, 0xE7, 3);
		wbuf_put(&w, sample);
		wbuf_fill(&w, 0xE7, 3);
		for (size_t piece = 1; piece <= w.len; piece++) {
			feed(s, wbuf_slice(&w), piece);
			if (!has_form(samples[i].form))
				printf("\nnot found: %s\n", samples[i].form);
			CU_ASSERT_TRUE(has_form(samples[i].form));
		}
		if (strstr(samples[i].form, "7-bit") || strstr(samples[i].form, "identity"))
			continue; /* these have forms that need less */
		feed(s, slice_sub(wbuf_slice(&w), 0, 3 + sample.len - 1), 5);
		CU_ASSERT_FALSE(has_form(samples[i].form));
		feed(s, slice_sub(wbuf_slice(&w), 4, w.len), 5);
		CU_ASSERT_FALSE(has_form(samples[i].form));
	}
	search_close(&s);
}

/* by hand and by python3: the value is 0123456789ABCDEFFB */
static void test_octets_forms(void)
{
	static const struct sample samples[] = {
		{"octets", "0123456789ABCDEFFB"},
		{"octets, halves swapped", "1032547698BADCFEBF"},
		{"octets in reverse", "FBEFCDAB8967452301"},
		{"octets in reverse, halves swapped", "BFFEDCBA9876543210"},
		{"octets, in hex", "303132333435363738396162636465666662"},
		{"octets, in hex", "303132333435363738394142434445464642"},
		{"octets, in hex", "3031203233203435203637203839206162206364206566206662"},
		{"octets, in hex", "30313A32333A34353A36373A38393A41423A43443A45463A4642"},
		{"octets, in hex in UCS-2",
		 "003000310032003300340035003600370038003900610062006300640065006600660062"},
		{"octets, halves swapped, in hex", "313033323534373639386261646366656266"},
		/* base64 of the octets, of 00 and them, of 0000 and them, without what others share
		 */
		{"octets, in base64", "41534E465A346D727A652F37"},
		{"octets, in base64", "456A5257654A713833762B"},
		{"octets, in base64", "424930566E6961764E372F"},
		{"octets, in base64url", "41534E465A346D727A655F37"},
	};

	check_samples(SEARCH_OCTETS, test_unhex("0123456789ABCDEFFB"), samples, ARRAY_LEN(samples));
}

static void test_half_an_octet_off(void)
{
	struct search *s = search_for(SEARCH_OCTETS, test_unhex("0123456789"));

	feed(s, test_unhex("F0123456789F"), 2);
	CU_ASSERT_EQUAL(found.count, 1);
	CU_ASSERT_EQUAL(found.list[0].begin, 1);
	CU_ASSERT_EQUAL(found.list[0].end, 11);
	search_close(&s);
	s = search_for(SEARCH_OCTETS, test_unhex("01234567"));
	feed(s, test_unhex("F01234567F"), 2);
	CU_ASSERT_EQUAL(found.count, 0);
	search_close(&s);
}

/* 001010123456063 of 3GPP TS 35.208's test network, an ICCID of 19 digits */
static void test_digits_forms(void)
{
	static const struct sample imsi[] = {
		{"text", "303031303130313233343536303633"},
		{"text, in UCS-2", "003000300031003000310030003100320033003400350036003000360033"},
		{"text, in UCS-2", "300030003100300031003000310032003300340035003600300036003300"},
		{"text, in hex", "333033303331333033313330333133323333333433353336333033363333"},
		{"text, in base64", "4D4441784D4445774D54497A4E4455324D44597A"},
		{"BCD, in base64", "41424151456A525742"},
		{"mobile identity", "0910101032540636"},
		{"mobile identity, in hex", "3130313031303332353430363336"},
		/* TS 23.038: each letter in 7 bits, the first in the lowest */
		{"text, in 7-bit letters", "30580C1683C564335ACD06B3CD"},
	};
	static const struct sample iccid[] = {
		{"semi-octets", "98010021436587092143"},
		{"semi-octets", "980100214365870921F3"},
	};
	struct search *s;

	check_samples(SEARCH_DIGITS, slice_str("001010123456063"), imsi, ARRAY_LEN(imsi));
	check_samples(SEARCH_DIGITS, slice_str("89100012345678901234"), iccid, 1);
	/* one that is odd is also found without its last digit, which is in the same octet */
	s = search_for(SEARCH_DIGITS, slice_str("8910001234567890123"));
	feed(s, test_unhex(iccid[1].hex), 3);
	CU_ASSERT_EQUAL(found.count, 2);
	feed(s, test_unhex("E98910001234567890123E"), 3);
	CU_ASSERT_TRUE(has_form("BCD"));
	search_close(&s);
	s = search_for(SEARCH_DIGITS, slice_str("001010123456063"));
	feed(s, test_unhex("080910101032540636"), 3); /* EF.IMSI */
	CU_ASSERT_TRUE(has_form("mobile identity"));
	CU_ASSERT_EQUAL(found.count, 2); /* also without its first digit */
	search_close(&s);
}

/* Seven letters of 7 bits, at each of the eight alignments. */
static void test_packed_letters(void)
{
	struct search *s = search_for(SEARCH_TEXT, slice_str("0123456789"));

	for (unsigned shift = 0; shift < 8; shift++) {
		uint8_t room[16] = {0};

		for (unsigned bit = 0; bit < 70; bit++)
			room[(shift + bit) / 8] |= (uint8_t)(("0123456789"[bit / 7] >> bit % 7 & 1)
							     << (shift + bit) % 8);
		feed(s, SLICE_OF(room), 4);
		CU_ASSERT_TRUE(has_form("text, in 7-bit letters"));
		CU_ASSERT_EQUAL(found.list[0].form.shift, shift);
	}
	search_close(&s);
}

static void test_codes(void)
{
	struct search *s = search_for(SEARCH_CODE, slice_str("1234"));

	feed(s, test_unhex("0020000108 31323334FFFFFFFF"), 4);
	CU_ASSERT_TRUE(has_form("code with its padding"));
	CU_ASSERT_EQUAL(found.list[0].from.place.number, 2);
	CU_ASSERT_EQUAL(found.list[0].from.at, 1);
	CU_ASSERT_EQUAL(found.list[0].to.place.number, 4);
	CU_ASSERT_EQUAL(found.list[0].to.at, 0);
	feed(s, test_unhex("31323334FFFFFF00 3132333412341234"), 4);
	CU_ASSERT_EQUAL(found.count, 0);
	feed(s, slice_str("31323334fFFFFFFF 31323334FFFFFFFF"), 4);
	CU_ASSERT_EQUAL(found.count, 1);
	search_close(&s);
	s = search_for(SEARCH_CODE, slice_str("55566677"));
	feed(s, slice_str("PUK=55566677"), 4);
	CU_ASSERT_TRUE(has_form("text"));
	search_close(&s);
}

static void test_refused(void)
{
	static const struct {
		enum search_kind kind;
		const char *value;
		enum err err;
	} cases[] = {
		{SEARCH_OCTETS, "abc", ERR_LENGTH},	{SEARCH_CODE, "123", ERR_LENGTH},
		{SEARCH_CODE, "123456789", ERR_LENGTH}, {SEARCH_DIGITS, "1234567", ERR_LENGTH},
		{SEARCH_DIGITS, "1234567x", ERR_VALUE}, {SEARCH_TEXT, "short", ERR_LENGTH},
	};
	struct search *s = NULL;
	uint8_t zeros[SEARCH_VALUE_MAX + 1] = {0};
	struct search_value v = {0, SEARCH_OCTETS, {zeros, sizeof(zeros)}};

	ASSERT_ERR(search_open(&s), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct search_value bad = {0, cases[i].kind, slice_str(cases[i].value)};

		ASSERT_ERR(search_add(s, &bad), cases[i].err);
	}
	ASSERT_ERR(search_add(s, &v), ERR_LENGTH);
	v.value.len = SEARCH_VALUE_MAX;
	ASSERT_ERR(search_add(s, &v), ERR_VALUE);
	search_close(&s);
}

/* Of random octets with the needles somewhere in them, in pieces, each is found at its place. */
static void test_many(void)
{
	static uint8_t stream[1 << 16];
	enum { NEEDLES = 500, LEN = 16, STEP = sizeof(stream) / NEEDLES };
	struct search *s = NULL;
	uint32_t seed = 12;
	unsigned good = 0;

	for (size_t i = 0; i < sizeof(stream); i++) {
		seed = seed * 1664525 + 1013904223;
		stream[i] = (uint8_t)(seed >> 24);
	}
	ASSERT_ERR(search_open(&s), ERR_OK);
	for (unsigned i = 0; i < NEEDLES; i++) {
		struct search_value v = {i, SEARCH_OCTETS, {stream + (size_t)i * STEP, LEN}};

		ASSERT_ERR(search_add(s, &v), ERR_OK);
	}
	feed(s, SLICE_OF(stream), 255);
	CU_ASSERT_EQUAL(found.count, NEEDLES);
	for (unsigned i = 0; i < NEEDLES; i++) {
		const struct search_match *m = &found.list[i];

		good += m->needle == i && m->from.place.offset + m->from.at == (size_t)i * STEP &&
			m->to.place.offset + m->to.at == (size_t)i * STEP + LEN - 1;
	}
	CU_ASSERT_EQUAL(good, NEEDLES);
	search_close(&s);
}

/* Patterns that begin and end in each other, in octets that repeat. */
static void test_repetition(void)
{
	static uint8_t stream[1 << 18];
	struct search *s = NULL;
	uint8_t value[64];

	memset(value, 0xAA, sizeof(value));
	ASSERT_ERR(search_open(&s), ERR_OK);
	for (unsigned n = 8; n <= sizeof(value); n++) {
		struct search_value v = {n, SEARCH_OCTETS, {value, n}};

		value[n - 1] = 0xAB;
		ASSERT_ERR(search_add(s, &v), ERR_OK);
		value[n - 1] = 0xAA;
	}
	memset(stream, 0xAA, sizeof(stream));
	feed(s, SLICE_OF(stream), 1000);
	CU_ASSERT_EQUAL(found.count, 0);
	stream[sizeof(stream) - 1] = 0xAB;
	feed(s, SLICE_OF(stream), 1000);
	CU_ASSERT_EQUAL(found.count, sizeof(value) - 7);
	search_close(&s);
}

static void test_break(void)
{
	struct search *s = search_for(SEARCH_OCTETS, test_unhex("0123456789ABCDEF"));
	const struct trace_place place = {1, 0};
	struct search_stream *t = NULL;

	ASSERT_ERR(search_stream_open(s, &sink, &t), ERR_OK);
	found.count = 0;
	search_feed(t, test_unhex("01234567"), &place);
	search_feed(t, SLICE_EMPTY, &place);
	search_break(t);
	search_feed(t, test_unhex("89ABCDEF01234567"), &place);
	CU_ASSERT_EQUAL(found.count, 0);
	search_feed(t, test_unhex("89ABCDEF"), &place);
	CU_ASSERT_EQUAL(found.count, 1);
	search_stream_close(&t);
	search_close(&s);
}

static struct search *search_hash(struct slice value, bool digits)
{
	const struct slice salt = slice_str("salt");
	const struct slice parts[] = {salt, value};
	struct search_hash h = {9, digits, value.len, salt, {0}};
	struct search *s = NULL;

	ASSERT_ERR(sha256(parts, ARRAY_LEN(parts), h.hash), ERR_OK);
	ASSERT_ERR(search_open(&s), ERR_OK);
	ASSERT_ERR(search_add_hash(s, &h), ERR_OK);
	return s;
}

static void test_hashes(void)
{
	const struct slice key = test_unhex("0123456789ABCDEF");
	const struct slice pin = slice_str("1234"), number = slice_str("891001234");
	const struct {
		struct slice value;
		const char *hex, *form;
		bool digits;
	} cases[] = {
		{key, "FF0123456789ABCDEFFF", "octets", false},
		{key, "FF1032547698BADCFEFF", "octets, halves swapped", false},
		{key, "FF30313233343536373839414243646566FF", "octets, in hex", false},
		{pin, "FF31323334FFFFFFFFAA", "code with its padding", true},
		{number, "FF383931303031323334FF", "text", true},
		{number, "00980110 32F4", "semi-octets", true},
		{number, "00891001234FFF", "BCD", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct search *s = search_hash(cases[i].value, cases[i].digits);

		feed(s, test_unhex(cases[i].hex), 3);
		CU_ASSERT_TRUE(found.count >= 1 && found.list[0].hashed);
		CU_ASSERT_TRUE(has_form(cases[i].form));
		CU_ASSERT_TRUE(search_is_complete(s));
		search_close(&s);
	}
}

TEST_SUITE(search, {"octets in each form, whatever the pieces", test_octets_forms},
	   {"octets that begin in the middle of one", test_half_an_octet_off},
	   {"digits in each form", test_digits_forms},
	   {"letters of 7 bits at each alignment", test_packed_letters},
	   {"a code only with its padding", test_codes},
	   {"values that cannot be searched are refused", test_refused},
	   {"many at once, each at its place", test_many}, {"octets that repeat", test_repetition},
	   {"nothing goes over a break", test_break}, {"values known by their hashes", test_hashes})
