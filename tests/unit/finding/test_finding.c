/* findings: severities, counting, what makes an exit code */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/finding/finding.h"

static const struct finding_rule mild = {
	.id = "TST-01", .severity = FINDING_INFO, .clause = "clause 1", .says = "it is so"};
static const struct finding_rule bad = {
	.id = "TST-02", .severity = FINDING_ERROR, .clause = "clause 2", .says = "it is not so"};

struct taken {
	size_t n;
	const struct finding_rule *rule;
	char where[32], detail[512];
};

static void take(void *ctx, const struct finding *f)
{
	struct taken *t = ctx;

	t->n++;
	t->rule = f->rule;
	snprintf(t->where, sizeof(t->where), "%s", f->where);
	snprintf(t->detail, sizeof(t->detail), "%s", f->detail);
}

__attribute__((format(printf, 2, 3))) static void report(const struct finding_sink *sink,
							 const char *detail, ...)
{
	va_list ap;

	va_start(ap, detail);
	finding_report(sink, &bad, "/elements/3", detail, ap);
	va_end(ap);
}

static void test_report(void)
{
	struct taken t = {0};
	const struct finding_sink sink = {take, &t};

	report(&sink, "%d of %s", 3, "four");
	CU_ASSERT_EQUAL(t.n, 1);
	CU_ASSERT_PTR_EQUAL(t.rule, &bad);
	CU_ASSERT_STRING_EQUAL(t.where, "/elements/3");
	CU_ASSERT_STRING_EQUAL(t.detail, "3 of four");
	report(&sink, "%0200d", 7);
	CU_ASSERT_EQUAL(t.n, 2);
	CU_ASSERT_EQUAL(strlen(t.detail), 159);
}

static void test_severities(void)
{
	enum finding_severity s;

	for (size_t i = 0; i < FINDING_SEVERITIES; i++) {
		const char *name = finding_severity_name((enum finding_severity)i);

		CU_ASSERT_FATAL(finding_severity_named(name, &s));
		CU_ASSERT_EQUAL((size_t)s, i);
	}
	CU_ASSERT_STRING_EQUAL(finding_severity_name(FINDING_ERROR), "error");
	CU_ASSERT_FALSE(finding_severity_named("fatal", &s));
	CU_ASSERT_FALSE(finding_severity_named("", &s));
}

static void test_counts(void)
{
	const struct finding remark = {.rule = &mild}, fault = {.rule = &bad};
	struct finding_counts c = {0};

	CU_ASSERT_FALSE(finding_counts_reach(&c, FINDING_INFO));
	finding_count(&c, &remark);
	finding_count(&c, &remark);
	CU_ASSERT_EQUAL(c.of[FINDING_INFO], 2);
	CU_ASSERT_TRUE(finding_counts_reach(&c, FINDING_INFO));
	CU_ASSERT_FALSE(finding_counts_reach(&c, FINDING_WARNING));
	finding_count(&c, &fault);
	CU_ASSERT_EQUAL(c.of[FINDING_ERROR], 1);
	CU_ASSERT_TRUE(finding_counts_reach(&c, FINDING_WARNING));
	CU_ASSERT_TRUE(finding_counts_reach(&c, FINDING_ERROR));
}

TEST_SUITE(finding, {"a sink gets what is reported, cut to its length", test_report},
	   {"severities have names", test_severities}, {"counts, and what they reach", test_counts})
