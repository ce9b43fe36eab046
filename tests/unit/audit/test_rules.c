/*
 * The rules of the audit: each has a trace that trips it and a near miss that does not, under
 * tests/traces/audit (README.md there says how they are written).
 */
#include "tests/unit/test.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "lib/trace/audit/audit.h"
#include "tests/support/audited.h"

#define FOLDER	  "tests/traces/audit"
#define TRACE_MAX (1u << 18)

static void test_table(void)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	size_t count = audit_rules(rules);

	CU_ASSERT(count > 0 && count < AUDIT_RULES_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct finding_rule *r = rules[i];
		enum finding_severity severity;

		CU_ASSERT_EQUAL(strlen(r->id), 6);
		CU_ASSERT(isupper(r->id[0]) && isupper(r->id[2]) && r->id[3] == '-');
		CU_ASSERT(isdigit(r->id[4]) && isdigit(r->id[5]));
		CU_ASSERT(finding_severity_named(finding_severity_name(r->severity), &severity));
		CU_ASSERT(r->clause && strlen(r->clause) > 4);
		CU_ASSERT(r->says && strlen(r->says) > 10 && islower(r->says[0]));
		CU_ASSERT(r->means && strlen(r->means) > 20);
		CU_ASSERT(r->remedy && strlen(r->remedy) > 10);
		CU_ASSERT_PTR_EQUAL(audit_rule(r->id), r); /* so it is there once */
		CU_ASSERT(*audit_family_of(r));
		for (size_t k = 0; k < i; k++)
			CU_ASSERT_STRING_NOT_EQUAL(rules[k]->says, r->says);
		/* a prefix is of one family, and numbers rise in it */
		if (i && strncmp(rules[i - 1]->id, r->id, 3) == 0)
			CU_ASSERT(strcmp(rules[i - 1]->id, r->id) < 0);
		for (size_t k = 0; k + 1 < i; k++)
			CU_ASSERT(strncmp(rules[k]->id, r->id, 3) != 0 ||
				  strncmp(rules[i - 1]->id, r->id, 3) == 0);
	}
	CU_ASSERT_PTR_NULL(audit_rule("ZZZ-01"));
	CU_ASSERT_PTR_NOT_NULL(audit_rule("frm-01"));
}

static size_t load(const char *id, const char *end, char trace[static TRACE_MAX])
{
	char path[256];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), FOLDER "/%s.%s", id, end);
	f = fopen(path, "rb");
	if (!f) {
		fprintf(stderr, "%s is missing\n", path);
		return 0;
	}
	n = fread(trace, 1, TRACE_MAX, f);
	fclose(f);
	return n < TRACE_MAX ? n : 0;
}

static void judge(const struct finding_rule *rule, const char *end)
{
	static char trace[TRACE_MAX];
	struct wbuf want = wbuf_grow(TRACE_MAX), got = wbuf_grow(TRACE_MAX);
	struct slice s = slice_make(trace, load(rule->id, end, trace));
	bool trips = strcmp(end, "trips") == 0, same;
	char name[8];

	CU_ASSERT(s.len > 0);
	audited_lines(s, "# finds ", &want); /* what the file says will be found */
	ASSERT_ERR(audited(s, rule, &got), ERR_OK);
	same = slice_equal(wbuf_slice(&want), wbuf_slice(&got));
	snprintf(name, sizeof(name), "%s ", rule->id);
	/* the rule is among what is found exactly where it has to be */
	CU_ASSERT_EQUAL(want.len && memmem(want.ptr, want.len, name, strlen(name)), trips);
	CU_ASSERT(same);
	if (!same)
		fprintf(stderr, "%s.%s: found:\n%.*swanted:\n%.*s", rule->id, end, (int)got.len,
			(const char *)got.ptr, (int)want.len, (const char *)want.ptr);
	wbuf_free(&want);
	wbuf_free(&got);
}

static void test_trips(void)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	size_t count = audit_rules(rules);

	for (size_t i = 0; i < count; i++)
		judge(rules[i], "trips");
}

static void test_near_misses(void)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	size_t count = audit_rules(rules);

	for (size_t i = 0; i < count; i++)
		judge(rules[i], "near");
}

/* No trace is there for a rule that is not. */
static void test_no_others(void)
{
	DIR *d = opendir(FOLDER);
	struct dirent *e;
	size_t files = 0;
	const struct finding_rule *rules[AUDIT_RULES_MAX];

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	while ((e = readdir(d))) {
		char id[8];

		if (e->d_name[0] == '.' || strcmp(e->d_name, "README.md") == 0)
			continue;
		files++;
		snprintf(id, sizeof(id), "%.6s", e->d_name);
		if (!audit_rule(id)) {
			CU_ASSERT(false);
			fprintf(stderr, "%s/%s is of no rule\n", FOLDER, e->d_name);
		}
	}
	closedir(d);
	CU_ASSERT_EQUAL(files, 2 * audit_rules(rules));
}

TEST_SUITE(audit_rules, {"table", test_table}, {"traces that trip", test_trips},
	   {"near misses", test_near_misses}, {"no others", test_no_others})
