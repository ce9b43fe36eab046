/* sequences are aligned: as long as can be where they are short, in bounded time where they are not
 */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/trace/diff/align.h"

#define SMALL_MAX 24
#define LONG	  100000

/* A fixed sequence, so that a failure comes again. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Letters as items. */
static struct sequence of_text(const char *text, uint32_t mem[static SMALL_MAX])
{
	struct sequence s = {mem, (uint32_t)strlen(text)};

	for (uint32_t i = 0; i < s.count; i++)
		mem[i] = (uint32_t)text[i];
	return s;
}

/* The letters that have partners, "|", those of a that moved, "|", those of b likewise. */
static void check_text(const char *a, const char *b, const char *want)
{
	uint32_t x[SMALL_MAX], y[SMALL_MAX];
	struct sequence s = of_text(a, x), t = of_text(b, y);
	struct alignment al;
	char got[4 * SMALL_MAX];
	size_t n = 0;

	ASSERT_ERR(align(s, t, &al), ERR_OK);
	for (uint32_t i = 0; i < s.count; i++) {
		if (al.of_a[i] != ALIGN_NONE)
			got[n++] = a[i];
	}
	got[n++] = '|';
	for (uint32_t i = 0; i < s.count; i++) {
		if (al.moved_a[i] != ALIGN_NONE)
			got[n++] = a[i];
	}
	got[n++] = '|';
	for (uint32_t i = 0; i < t.count; i++) {
		if (al.moved_b[i] != ALIGN_NONE)
			got[n++] = b[i];
	}
	got[n] = 0;
	CU_ASSERT_STRING_EQUAL(got, want);
	alignment_free(&al);
}

static void test_small(void)
{
	check_text("", "", "||");
	check_text("abc", "", "||");
	check_text("", "abc", "||");
	check_text("abc", "abc", "abc||");
	check_text("abc", "xyz", "||");
	check_text("abc", "abxc", "abc||");		    /* one more */
	check_text("abxc", "abc", "abc||");		    /* one less */
	check_text("abc", "axc", "ac||");		    /* another one */
	check_text("xabc", "abcy", "abc||");		    /* at both ends */
	check_text("ababab", "abab", "abab||");		    /* repeated */
	check_text("aaaa", "aaaaaa", "aaaa||");		    /* nothing but repeated */
	check_text("abcxyzde", "abcdexyz", "abcxyz|de|de"); /* the shorter part has moved */
	check_text("xyabcdef", "abcdefxy", "abcdef|xy|xy");
	check_text("qqxqabcdef", "abcdefqxqq", "abcdef|qxq|qxq"); /* with what stands around it */
}

/* The length of the longest common subsequence, by the table of it. */
static uint32_t longest(struct sequence a, struct sequence b)
{
	uint32_t table[SMALL_MAX + 1][SMALL_MAX + 1] = {{0}};

	for (uint32_t i = 1; i <= a.count; i++) {
		for (uint32_t k = 1; k <= b.count; k++) {
			uint32_t up = table[i - 1][k], left = table[i][k - 1];

			table[i][k] = a.items[i - 1] == b.items[k - 1] ? table[i - 1][k - 1] + 1
				      : up > left		       ? up
								       : left;
		}
	}
	return table[a.count][b.count];
}

/* Partners are mutual, equal, and in their order; gives how many. */
static uint32_t check_alignment(struct sequence a, struct sequence b, const struct alignment *al)
{
	uint32_t count = 0, wrong = 0, last = 0;

	for (uint32_t i = 0; i < a.count; i++) {
		uint32_t k = al->of_a[i], moved = al->moved_a[i];

		if (k != ALIGN_NONE) {
			wrong += k >= b.count || al->of_b[k] != i || a.items[i] != b.items[k] ||
				 (count && k <= last) || moved != ALIGN_NONE;
			last = k;
			count++;
		}
		if (moved != ALIGN_NONE)
			wrong += moved >= b.count || al->moved_b[moved] != i ||
				 al->of_b[moved] != ALIGN_NONE || a.items[i] != b.items[moved];
	}
	CU_ASSERT_EQUAL(wrong, 0);
	return count;
}

static void test_random(void)
{
	uint32_t x[SMALL_MAX], y[SMALL_MAX], state = 1;

	for (unsigned n = 0; n < 20000; n++) {
		struct sequence a = {x, next_random(&state) % (SMALL_MAX + 1)};
		struct sequence b = {y, next_random(&state) % (SMALL_MAX + 1)};
		uint32_t letters = 1 + next_random(&state) % 6;
		struct alignment al;

		for (uint32_t i = 0; i < SMALL_MAX; i++) {
			x[i] = next_random(&state) % letters;
			y[i] = next_random(&state) % letters;
		}
		ASSERT_ERR(align(a, b, &al), ERR_OK);
		CU_ASSERT_EQUAL(check_alignment(a, b, &al), longest(a, b));
		alignment_free(&al);
	}
}

/* Sequences with nothing of any use in common: time is bounded, which a hanging test would show. */
static void test_long(void)
{
	uint32_t *x = calloc(LONG, sizeof(*x)), *y = calloc(LONG, sizeof(*y)), state = 7;
	struct sequence a = {x, LONG}, b = {y, LONG};
	struct alignment al;

	for (uint32_t i = 0; i < LONG; i++) {
		x[i] = next_random(&state) % 50;
		y[i] = next_random(&state) % 50;
	}
	ASSERT_ERR(align(a, b, &al), ERR_OK);
	CU_ASSERT(check_alignment(a, b, &al) > LONG / 10);
	alignment_free(&al);
	/* the same, of which every hundredth is another one */
	for (uint32_t i = 0; i < LONG; i++)
		y[i] = i % 100 ? x[i] : 50;
	ASSERT_ERR(align(a, b, &al), ERR_OK);
	CU_ASSERT_EQUAL(check_alignment(a, b, &al), LONG - LONG / 100);
	alignment_free(&al);
	free(x);
	free(y);
}

TEST_SUITE(align, {"one more, one less, another, repeated, moved", test_small},
	   {"as many partners as can be", test_random}, {"a hundred thousand of each", test_long})
