/* values that may come once: whether they are in memory or outside, the second one is told */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/trace/audit/seen.h"
#include "tool/sys/spill.h"

#define VALUES (2 * (uint64_t)AUDIT_SEEN_SPILLED + 1000)

struct told {
	unsigned count;
	uint64_t number, before;
	uint16_t rule;
};

static void take(void *ctx, const struct seen_again *a)
{
	struct told *t = ctx;

	*t = (struct told){t->count + 1, a->number, a->before, a->rule};
}

static void give_of(struct seen *s, unsigned card, uint64_t value, uint64_t number)
{
	const struct audit_spot at = {.card = card, .place.number = number};
	uint8_t octets[16] = {0};

	memcpy(octets, &value, sizeof(value));
	seen_take(s, 7, SLICE_OF(octets), &at);
}

static void give(struct seen *s, uint16_t rule, uint64_t value, uint64_t number)
{
	const struct audit_spot at = {.place.number = number};
	uint8_t octets[16] = {0};

	memcpy(octets, &value, sizeof(value));
	seen_take(s, rule, SLICE_OF(octets), &at);
}

/* A sniffer on both sides of an interposer */
static void test_both_sides(void)
{
	const struct audit_spill none = {0};
	struct told told = {0};
	const struct seen_sink sink = {take, &told};
	struct seen *s = seen_open(&none, &sink);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	give_of(s, 0, 10, 1);
	give_of(s, 1, 10, 2); /* the same exchange */
	CU_ASSERT_EQUAL(told.count, 0);
	give_of(s, 1, 10, 300);
	CU_ASSERT_EQUAL(told.count, 1);
	give_of(s, 0, 11, 400);
	give_of(s, 0, 11, 401);
	CU_ASSERT_EQUAL(told.count, 2);
	ASSERT_ERR(seen_end(s), ERR_OK);
	seen_close(&s);
}

static void test_memory(void)
{
	const struct audit_spill none = {0};
	struct told told = {0};
	const struct seen_sink sink = {take, &told};
	struct seen *s = seen_open(&none, &sink);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	give(s, 3, 10, 1);
	give(s, 4, 10, 2); /* of another rule */
	give(s, 3, 11, 3);
	CU_ASSERT_EQUAL(told.count, 0);
	give(s, 3, 10, 4);
	CU_ASSERT_EQUAL(told.count, 1);
	CU_ASSERT(told.rule == 3 && told.number == 4 && told.before == 1);
	ASSERT_ERR(seen_end(s), ERR_OK);
	seen_close(&s);
	CU_ASSERT_PTR_NULL(s);
}

/* More than memory has room for: the same value long before is found at the end. */
static void test_spilled(void)
{
	struct spill file = {0};
	const struct audit_spill spill = {spill_write, spill_read, &file};
	struct told told = {0};
	const struct seen_sink sink = {take, &told};
	struct seen *s = seen_open(&spill, &sink);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (uint64_t i = 1; i <= VALUES; i++)
		give(s, 7, i, i);
	CU_ASSERT(file.is_open);
	give(s, 7, 5, VALUES + 1);
	CU_ASSERT_EQUAL(told.count, 0);
	ASSERT_ERR(seen_end(s), ERR_OK);
	CU_ASSERT_EQUAL(told.count, 1);
	CU_ASSERT(told.rule == 7 && told.number == VALUES + 1 && told.before == 5);
	seen_close(&s);
	spill_close(&file);
}

/* No place outside memory: half a million are compared all the same (include/twinkey/trace.h). */
static void test_half_a_million(void)
{
	const struct audit_spill none = {0};
	struct told told = {0};
	const struct seen_sink sink = {take, &told};
	struct seen *s = seen_open(&none, &sink);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (uint64_t i = 1; i < 500000; i++)
		give(s, 7, i, i);
	give(s, 7, 5, 500000);
	CU_ASSERT(told.count == 1 && told.before == 5);
	ASSERT_ERR(seen_end(s), ERR_OK);
	seen_close(&s);
}

/* And more of them: it is said that not all was compared. */
static void test_no_spill(void)
{
	const struct audit_spill none = {0};
	struct told told = {0};
	const struct seen_sink sink = {take, &told};
	struct seen *s = seen_open(&none, &sink);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (uint64_t i = 1; i <= AUDIT_SEEN_MAX; i++)
		give(s, 7, i, i);
	ASSERT_ERR(seen_end(s), ERR_SPACE);
	seen_close(&s);
}

TEST_SUITE(audit_seen, {"in memory", test_memory}, {"outside memory", test_spilled},
	   {"half a million", test_half_a_million}, {"no place", test_no_spill},
	   {"both sides", test_both_sides})
