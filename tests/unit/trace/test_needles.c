/* the file of secrets that an auditor gives */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/search/needles.h"
#include "lib/trace/search/search.h"

/* A published key of 3GPP TS 35.208 */
#define KEY "465b5ce8b199b49faa5f0a2ee238a6bc"

static const char good[] = "# of the test network\n"
			   "\n"
			   "K card1 " KEY "   # published\r\n"
			   "PIN user 1234\n"
			   "ADM one 31323334\n"
			   "ADM two 0123456789ABCDEF\n"
			   "any host text:smdp.example.com\n"
			   "any iccid digits:89100012345678901234";

static unsigned found[8];

static void count_match(void *ctx, const struct search_match *m)
{
	(void)ctx;
	found[m->needle]++;
}

static void look_for(struct slice text, const char *in)
{
	static const struct trace_place place = {1, 0};
	const struct search_sink sink = {count_match, NULL};
	struct needles_fault fault;
	struct needles *n = NULL;
	struct search_stream *t = NULL;
	struct search *s = NULL;

	memset(found, 0, sizeof(found));
	ASSERT_ERR(search_open(&s), ERR_OK);
	ASSERT_ERR(needles_read(text, s, &n, &fault), ERR_OK);
	ASSERT_ERR(search_stream_open(s, &sink, &t), ERR_OK);
	search_feed(t, slice_str(in), &place);
	search_stream_close(&t);
	needles_close(&n);
	search_close(&s);
}

static void test_read(void)
{
	struct needles_fault fault;
	struct needles *n = NULL;
	struct search *s = NULL;

	ASSERT_ERR(search_open(&s), ERR_OK);
	ASSERT_ERR(needles_read(slice_str(good), s, &n, &fault), ERR_OK);
	CU_ASSERT_EQUAL(needles_count(n), 6);
	CU_ASSERT_EQUAL(needles_at(n, 0)->kind, NEEDLE_K);
	CU_ASSERT_STRING_EQUAL(needles_at(n, 0)->name, "card1");
	CU_ASSERT_STRING_EQUAL(needle_kind_name(needles_at(n, 1)->kind), "PIN");
	CU_ASSERT_STRING_EQUAL(needles_at(n, 5)->name, "iccid");
	needles_close(&n);
	search_close(&s);
	look_for(slice_str(good),
		 "K=" KEY " host=smdp.example.com pin=31323334ffffffff adm=31323334");
	CU_ASSERT_EQUAL(found[0], 1);
	CU_ASSERT_EQUAL(found[1], 1);
	CU_ASSERT_TRUE(found[2] >= 1); /* eight digits are a code */
	CU_ASSERT_EQUAL(found[3], 0);
	CU_ASSERT_EQUAL(found[4], 1);
	CU_ASSERT_EQUAL(found[5], 0);
}

/* What is known by hashes is found as the values are, and the file says nothing of them. */
static void test_hash(void)
{
	struct wbuf hashed = wbuf_grow(NEEDLES_FILE_MAX);
	struct needles_fault fault;

	ASSERT_ERR(needles_hash(slice_str(good), &hashed, &fault), ERR_OK);
	CU_ASSERT_TRUE(slice_starts(wbuf_slice(&hashed), slice_str("K card1 sha256:16:")));
	CU_ASSERT_PTR_NOT_NULL(memmem(hashed.ptr, hashed.len, "\nPIN user sha256-digits:4:", 25));
	CU_ASSERT_PTR_NULL(memmem(hashed.ptr, hashed.len, KEY, strlen(KEY)));
	CU_ASSERT_PTR_NULL(memmem(hashed.ptr, hashed.len, "example", 7));
	CU_ASSERT_PTR_NULL(memmem(hashed.ptr, hashed.len, "#", 1));
	look_for(wbuf_slice(&hashed), "K=" KEY " host=smdp.example.com 1234\xFF\xFF\xFF\xFF");
	CU_ASSERT_EQUAL(found[0], 1);
	CU_ASSERT_EQUAL(found[1], 1);
	CU_ASSERT_EQUAL(found[4], 1);
	wbuf_free(&hashed);
}

static void test_faults(void)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{"Ki x " KEY, "the kind is none"},
		{"K  ", "the name is missing"},
		{"K x", "a line has a kind"},
		{"K x " KEY " " KEY, "a line has a kind"},
		{"K x 0123", "too short"},
		{"K x 012345678", "hex is wanted"},
		{"K x 01 23 45", "a line has a kind"},
		{"PIN x 12a4", "digits are wanted"},
		{"PIN x 123", "too few"},
		{"any x text:short", "6 to 256"},
		{"K x sha256:16:00", "a hash is"},
		{"K x sha256:16:zz:" KEY KEY, "a hash is"},
		{"K x sha256:3:00:" KEY KEY, "length is none"},
		{"K x sha256:99999:00:" KEY KEY, "length is none"},
		{"K x hex:00000000000000000000000000000000", "so plain"},
		{"any x 00000000", "so plain"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[256];
		struct needles_fault fault;
		struct needles *n = NULL;
		struct search *s = NULL;
		enum err e;

		snprintf(text, sizeof(text), "# first\n%s\n", cases[i].line);
		ASSERT_ERR(search_open(&s), ERR_OK);
		e = needles_read(slice_str(text), s, &n, &fault);
		ASSERT_ERR(e, ERR_VALUE);
		CU_ASSERT_EQUAL(fault.line, 2);
		CU_ASSERT_PTR_NOT_NULL_FATAL(fault.why);
		CU_ASSERT_PTR_NOT_NULL(strstr(fault.why, cases[i].why));
		search_close(&s);
	}
}

TEST_SUITE(needles, {"each line is a value", test_read},
	   {"hashes find what their values do", test_hash},
	   {"what is wrong is told with its line", test_faults})
