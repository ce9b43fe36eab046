/* each rule of the lint by a package that breaks it */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/package/json.h"
#include "lib/base/tlv.h"
#include "lib/profile/lint/lint.h"
#include "lib/profile/outline/outline.h"
#include "tests/unit/support/sample_package.h"

struct tally {
	size_t fired[LINT_RULES_MAX];
	size_t severities[FINDING_SEVERITIES];
	const char *print; /* whose errors and warnings to print; NULL: nobody's */
};

static size_t index_of(const char *id)
{
	const struct finding_rule *rules[LINT_RULES_MAX];
	size_t count = lint_rules(rules);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(rules[i]->id, id) == 0)
			return i;
	}
	return LINT_RULES_MAX;
}

static void on_finding(void *ctx, const struct finding *f)
{
	struct tally *t = ctx;
	size_t i = index_of(f->rule->id);

	CU_ASSERT_FATAL(i < LINT_RULES_MAX);
	CU_ASSERT(f->where[0] == '/');
	CU_ASSERT(*f->detail != 0);
	t->fired[i]++;
	t->severities[f->rule->severity]++;
	if (t->print && f->rule->severity != FINDING_INFO)
		printf("%s: %s %s: %s: %s\n", t->print, f->rule->id, f->where, f->rule->says,
		       f->detail);
}

static enum err tallied(struct slice package, struct tally *t)
{
	const struct finding_sink sink = {on_finding, t};

	return lint_package(package, &sink);
}

static void test_table(void)
{
	const struct finding_rule *rules[LINT_RULES_MAX];
	size_t count = lint_rules(rules);
	enum finding_severity s;

	for (size_t n = 0; n < count; n++) {
		const struct finding_rule *rule = rules[n];

		CU_ASSERT_EQUAL(index_of(rule->id), n); /* so it is there once */
		CU_ASSERT_EQUAL(strlen(rule->id), 6);
		CU_ASSERT(rule->clause && strlen(rule->clause) > 4);
		CU_ASSERT(rule->says && strlen(rule->says) > 10);
		CU_ASSERT_FATAL(finding_severity_named(finding_severity_name(rule->severity), &s));
		CU_ASSERT_EQUAL((int)s, (int)rule->severity);
	}
	CU_ASSERT(count >= 250 && count < LINT_RULES_MAX);
	CU_ASSERT_EQUAL(index_of("FCP-59"), index_of("FCP-39") + 1); /* by .after */
	for (size_t i = 1; i < count; i++) { /* what rules of one kind find stands together */
		bool begins = strncmp(rules[i]->id, rules[i - 1]->id, 3) != 0;

		for (size_t k = 0; begins && k < i; k++)
			CU_ASSERT(strncmp(rules[i]->id, rules[k]->id, 3) != 0);
	}
}

static void judge(json_t *elements, struct tally *t)
{
	struct wbuf der;

	sample_encode(elements, &der);
	ASSERT_ERR(tallied(wbuf_slice(&der), t), ERR_OK);
	wbuf_free(&der);
}

/* Every rule is reached by a package that differs in one thing from one that it finds good; a case
 * that is "silent" differs in what the rule must allow. */
static void test_every_rule(void)
{
	json_t *vectors = test_vectors("lint"), *cases = json_object_get(vectors, "cases");
	json_t *base = json_object_get(vectors, "elements");
	struct tally clean = {.print = "the package of the test"}, reached = {0};
	const struct finding_rule *rules[LINT_RULES_MAX];
	size_t count = lint_rules(rules);

	judge(base, &clean);
	CU_ASSERT_EQUAL(clean.severities[FINDING_ERROR], 0);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);
		const char *id = json_string_value(json_object_get(c, "rule"));
		const json_t *ops = json_object_get(c, "change");
		json_t *elements = json_deep_copy(base);
		size_t at = index_of(id);
		struct tally t = {0};

		sample_change(elements, ops);
		judge(elements, &t);
		json_decref(elements);
		CU_ASSERT_FATAL(at < LINT_RULES_MAX);
		if (json_is_true(json_object_get(c, "silent"))) {
			CU_ASSERT_EQUAL(t.fired[at], 0);
			continue;
		}
		if (!t.fired[at] || clean.fired[at])
			printf("%s: %s\n", id, clean.fired[at] ? "was there before" : "not found");
		CU_ASSERT(t.fired[at] && !clean.fired[at]);
		reached.fired[at]++;
	}
	for (size_t i = 0; i < count; i++) {
		if (!reached.fired[i])
			printf("%s: no case\n", rules[i]->id);
		CU_ASSERT(reached.fired[i] > 0);
	}
	json_decref(vectors);
}

static void test_own_package(void)
{
	for (int sealed_part = 0; sealed_part < 2; sealed_part++) {
		struct tally t = {.print = "our own package"};
		struct wbuf own;

		sample_package(&own, sealed_part);
		ASSERT_ERR(tallied(wbuf_slice(&own), &t), ERR_OK);
		CU_ASSERT_EQUAL(t.severities[FINDING_ERROR] + t.severities[FINDING_WARNING], 0);
		CU_ASSERT_EQUAL(t.fired[index_of("STR-04")], 0);
		wbuf_free(&own);
	}
}

/*
 * GSMA's packages have no error, and the warnings that they deserve: version 1 and 2 do not list
 * ADM2 in the MF, some have empty files that need contents, one ARR that is empty, and version 5
 * has a link to MSISDNs with longer records than the link says.
 */
static void test_shared_packages(void)
{
	static const struct {
		const char *name;
		const char *warnings[4];
	} rows[] = {
		{"TS48V1-A-UNIQUE", {"PIN-17"}},
		{"TS48V2-SAIP2-3-NOBERTLV-UNIQUE", {"PIN-17", "FCP-48"}},
		{"TS48v1_A", {"PIN-17"}},
		{"TS48v1_B", {"PIN-17"}},
		{"TS48v2_SAIP2.1_BERTLV", {"PIN-17"}},
		{"TS48v3_SAIP2.3_BERTLV", {"FCP-48"}},
		{"TS48v4_SAIP2.1B_NoBERTLV", {NULL}},
		{"TS48v5_SAIP2.1A_NoBERTLV", {"FCP-59"}},
		{"TS48v5_SAIP2.3_BERTLV_SUCI", {"FCP-25", "FCP-48", "FCP-59"}},
		{"TS48v7_SAIP2.3_BERTLV_SUCI", {"FCP-25", "FCP-48"}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tally t = {0};
		char path[96];
		struct slice package;
		size_t known = 0;

		snprintf(path, sizeof(path), "rsp/upp/%s.der", rows[i].name);
		package = test_shared(path);
		if (!package.len)
			continue;
		ASSERT_ERR(tallied(package, &t), ERR_OK);
		CU_ASSERT_EQUAL(t.severities[FINDING_ERROR], 0);
		for (const char *const *id = rows[i].warnings; *id; id++) {
			CU_ASSERT(t.fired[index_of(*id)] > 0);
			known += t.fired[index_of(*id)];
		}
		CU_ASSERT_EQUAL(t.severities[FINDING_WARNING], known);
	}
}

static void test_cut_and_changed(void)
{
	struct wbuf own;
	struct tally t = {0};
	size_t bad = 0;

	sample_package(&own, true);
	for (size_t n = 0; n < own.len; n++) {
		uint8_t kept = own.ptr[n];

		bad += tallied(slice_sub(wbuf_slice(&own), 0, n), &t) != ERR_OK;
		own.ptr[n] ^= (uint8_t)(1u << n % 8);
		bad += tallied(wbuf_slice(&own), &t) != ERR_OK;
		own.ptr[n] = kept;
	}
	CU_ASSERT(bad > own.len / 2);
	CU_ASSERT(t.severities[FINDING_ERROR] > 0);
	wbuf_free(&own);
}

static void test_limits(void)
{
	struct wbuf many = wbuf_grow(PACKAGE_MAX);
	struct tally t = {0};
	size_t element, list, steps;

	for (size_t i = 0; i <= OUTLINE_ELEMENTS_MAX; i++)
		wbuf_u16(&many, 0xAA00);
	ASSERT_ERR(tallied(wbuf_slice(&many), &t), ERR_LENGTH);
	wbuf_reset(&many);
	element = tlv_open(&many, PE_GENERIC_FILE_MANAGEMENT);
	list = tlv_open(&many, 0xA1);
	steps = tlv_open(&many, ASN1_SEQUENCE);
	for (size_t i = 0; i <= OUTLINE_FILES_MAX; i++)
		wbuf_u16(&many, 0x6200);
	tlv_close(&many, steps);
	tlv_close(&many, list);
	tlv_close(&many, element);
	ASSERT_ERR(tallied(wbuf_slice(&many), &t), ERR_LENGTH);
	ASSERT_ERR(tallied(test_unhex("A0 84 FFFFFFFF 00"), &t), ERR_TRUNCATED);
	ASSERT_ERR(tallied(SLICE_EMPTY, &t), ERR_OK);
	CU_ASSERT(t.fired[index_of("STR-08")] && t.fired[index_of("STR-10")]);
	wbuf_free(&many);
}

/* 75,000 TARs, each to be compared with all: it ends soon, or not within hours. */
static void test_many_tars(void)
{
	struct wbuf w = wbuf_grow(PACKAGE_MAX);
	struct tally t = {0};

	for (unsigned i = 0; i < 500; i++) {
		size_t rfm = tlv_open(&w, PE_RFM), list;

		list = tlv_open(&w, 0xA0); /* tarList */
		for (unsigned k = 0; k < 150; k++) {
			uint8_t tar[] = {(uint8_t)(i >> 4), (uint8_t)(i << 4 | k >> 8), (uint8_t)k};

			tlv_put(&w, ASN1_OCTET_STRING, SLICE_OF(tar));
		}
		tlv_close(&w, list);
		tlv_close(&w, rfm);
	}
	ASSERT_ERR(tallied(wbuf_slice(&w), &t), ERR_OK);
	CU_ASSERT_EQUAL(t.fired[index_of("RFM-01")], 0);
	wbuf_free(&w);
}

TEST_SUITE(lint, {"the table", test_table}, {"every rule is reached", test_every_rule},
	   {"our own packages have neither error nor warning", test_own_package},
	   {"TS.48 packages have no error, and known warnings", test_shared_packages},
	   {"cut and changed", test_cut_and_changed}, {"limits", test_limits},
	   {"many TARs", test_many_tars})
