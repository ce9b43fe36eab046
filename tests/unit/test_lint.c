#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/profile/package_json.h"
#include "lib/profile/build.h"
#include "lib/profile/lint.h"
#include "lib/profile/outline.h"
#include "lib/profile/sealed.h"

#define RULES_MAX 512

struct tally {
	size_t fired[RULES_MAX];
	size_t severities[LINT_ERROR + 1];
	const char *print; /* whose errors to print; NULL: nobody's */
};

static size_t index_of(const char *id)
{
	const struct lint_rule *rule;

	for (size_t i = 0; (rule = lint_rule_at(i)); i++) {
		if (strcmp(rule->id, id) == 0)
			return i;
	}
	return RULES_MAX;
}

static void on_finding(void *ctx, const struct lint_finding *f)
{
	struct tally *t = ctx;
	size_t i = index_of(f->rule->id);

	CU_ASSERT_FATAL(i < RULES_MAX);
	CU_ASSERT(f->where[0] == '/');
	CU_ASSERT(*f->detail != 0);
	t->fired[i]++;
	t->severities[f->rule->severity]++;
	if (t->print && f->rule->severity == LINT_ERROR)
		printf("%s: %s %s: %s: %s\n", t->print, f->rule->id, f->where, f->rule->says,
		       f->detail);
}

static void test_table(void)
{
	const struct lint_rule *rule;
	enum lint_severity s;
	size_t n = 0;

	for (; (rule = lint_rule_at(n)); n++) {
		CU_ASSERT_EQUAL(index_of(rule->id), n); /* so it is there once */
		CU_ASSERT_EQUAL(strlen(rule->id), 6);
		CU_ASSERT(rule->clause && strlen(rule->clause) > 4);
		CU_ASSERT(rule->says && strlen(rule->says) > 10);
		CU_ASSERT_FATAL(lint_severity_named(lint_severity_name(rule->severity), &s));
		CU_ASSERT_EQUAL((int)s, (int)rule->severity);
	}
	CU_ASSERT(n >= 250 && n < RULES_MAX);
	CU_ASSERT_FALSE(lint_severity_named("fatal", &s));
}

/* What a change says: {"set": PATH, "to": X}, {"drop": PATH} or {"add": PATH, "value": X}, on the
 * elements; X may be {"repeat": HEX, "times": N}. */
static json_t *walk_to(json_t *at, const char *path, char key[static 64])
{
	while (at) {
		size_t n = strcspn(path + 1, "/");

		snprintf(key, 64, "%.*s", (int)n, path + 1);
		if (!path[1 + n])
			return at;
		at = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10))
				       : json_object_get(at, key);
		path += 1 + n;
	}
	return NULL;
}

static json_t *value_of(json_t *v)
{
	const char *repeat = json_string_value(json_object_get(v, "repeat"));
	size_t times = (size_t)json_integer_value(json_object_get(v, "times")), n;
	json_t *text;
	char *hex;

	if (!repeat)
		return json_deep_copy(v);
	n = strlen(repeat);
	hex = malloc(n * times + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(hex);
	for (size_t i = 0; i < n * times; i++)
		hex[i] = repeat[i % n];
	hex[n * times] = 0;
	text = json_string(hex);
	free(hex);
	return text;
}

static void change(json_t *elements, const json_t *op)
{
	const char *set = json_string_value(json_object_get(op, "set"));
	const char *drop = json_string_value(json_object_get(op, "drop"));
	const char *add = json_string_value(json_object_get(op, "add"));
	char key[64];
	json_t *at = walk_to(elements, set ? set : drop ? drop : add, key);
	size_t index = strtoul(key, NULL, 10);
	int bad = at == NULL;

	if (set && json_is_array(at))
		bad = json_array_set_new(at, index, value_of(json_object_get(op, "to")));
	else if (set)
		bad = bad || json_object_set_new(at, key, value_of(json_object_get(op, "to")));
	else if (drop)
		bad = json_is_array(at) ? json_array_remove(at, index) : json_object_del(at, key);
	else
		bad = json_array_insert_new(at, index, value_of(json_object_get(op, "value")));
	CU_ASSERT_EQUAL(bad, 0);
}

static void judge(json_t *elements, struct tally *t)
{
	struct wbuf der = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	json_t *package = json_pack("{s:O}", "elements", elements);

	if (package_from_json(package, &der, &error))
		printf("%s: %s\n", error.path, error.why);
	ASSERT_ERR(wbuf_done(&der), ERR_OK);
	ASSERT_ERR(lint_package(wbuf_slice(&der), on_finding, t), ERR_OK);
	json_decref(package);
	wbuf_free(&der);
}

/* Every rule is reached by a package that differs in one thing from one that it finds good. */
static void test_every_rule(void)
{
	json_t *vectors = test_vectors("lint"), *cases = json_object_get(vectors, "cases");
	json_t *base = json_object_get(vectors, "elements");
	struct tally clean = {.print = "the package of the test"}, reached = {0};
	const struct lint_rule *rule;

	judge(base, &clean);
	CU_ASSERT_EQUAL(clean.severities[LINT_ERROR], 0);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);
		const char *id = json_string_value(json_object_get(c, "rule"));
		const json_t *ops = json_object_get(c, "change");
		json_t *elements = json_deep_copy(base);
		size_t at = index_of(id);
		struct tally t = {0};

		for (size_t k = 0; k < json_array_size(ops); k++)
			change(elements, json_array_get(ops, k));
		judge(elements, &t);
		json_decref(elements);
		CU_ASSERT_FATAL(at < RULES_MAX);
		if (!t.fired[at] || clean.fired[at])
			printf("%s: %s\n", id, clean.fired[at] ? "was there before" : "not found");
		CU_ASSERT(t.fired[at] && !clean.fired[at]);
		reached.fired[at]++;
	}
	for (size_t i = 0; (rule = lint_rule_at(i)); i++) {
		if (!reached.fired[i])
			printf("%s: no case\n", rule->id);
		CU_ASSERT(reached.fired[i] > 0);
	}
	json_decref(vectors);
}

/* Published test key: 3GPP TS 35.207, test set 1. */
static const uint8_t k1[16] = {0x46, 0x5B, 0x5C, 0xE8, 0xB1, 0x99, 0xB4, 0x9F,
			       0xAA, 0x5F, 0x0A, 0x2E, 0xE2, 0x38, 0xA6, 0xBC};
static const uint8_t opc1[16] = {0xCD, 0x63, 0xCB, 0x71, 0x95, 0x4A, 0x9F, 0x4E,
				 0x48, 0xA5, 0x99, 0x4E, 0x37, 0xA0, 0x2B, 0xAF};

static void build_own(struct wbuf *out, bool sealed_part)
{
	static const char g[] = "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
				"4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";
	static const uint8_t s[SEALED_KEY_LEN] = {1};
	struct profile_spec spec = {.iccid = "8988211000000000017",
				    .imsi = "001010000000001",
				    .mnc_length = 2,
				    .name = "Lab",
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(k1),
				    .opc = SLICE_OF(opc1),
				    .pin = "1234",
				    .puk = "12345678",
				    .adm = "4321"};
	struct sealed_fields fields = {.key_id = 1, .release_point = test_unhex(g)};
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX), patch = wbuf_grow(4096);

	*out = wbuf_grow(PACKAGE_MAX);
	ASSERT_ERR(profile_iccid(spec.iccid, fields.iccid), ERR_OK);
	ASSERT_ERR(profile_build_patch(&spec, &patch), ERR_OK);
	if (sealed_part)
		ASSERT_ERR(sealed_seal(&fields, SLICE_OF(s), wbuf_slice(&patch), &sealed), ERR_OK);
	ASSERT_ERR(profile_build(&spec, wbuf_slice(&sealed), out), ERR_OK);
	wbuf_free(&sealed);
	wbuf_free(&patch);
}

static void test_own_package(void)
{
	for (int sealed_part = 0; sealed_part < 2; sealed_part++) {
		struct tally t = {.print = "our own package"};
		struct wbuf own;

		build_own(&own, sealed_part);
		ASSERT_ERR(lint_package(wbuf_slice(&own), on_finding, &t), ERR_OK);
		CU_ASSERT_EQUAL(t.severities[LINT_ERROR], 0);
		wbuf_free(&own);
	}
}

static void test_shared_packages(void)
{
	static const char *const names[] = {"TS48V1-A-UNIQUE",
					    "TS48V2-SAIP2-3-NOBERTLV-UNIQUE",
					    "TS48v1_A",
					    "TS48v1_B",
					    "TS48v2_SAIP2.1_BERTLV",
					    "TS48v3_SAIP2.3_BERTLV",
					    "TS48v4_SAIP2.1B_NoBERTLV",
					    "TS48v5_SAIP2.1A_NoBERTLV",
					    "TS48v5_SAIP2.3_BERTLV_SUCI",
					    "TS48v7_SAIP2.3_BERTLV_SUCI"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct tally t = {0};
		char path[96];
		struct slice package;

		snprintf(path, sizeof(path), "rsp/upp/%s.der", names[i]);
		package = test_shared(path);
		if (!package.len)
			continue;
		ASSERT_ERR(lint_package(package, on_finding, &t), ERR_OK);
		CU_ASSERT_EQUAL(t.severities[LINT_ERROR], 0);
	}
}

static void test_cut_and_changed(void)
{
	struct wbuf own;
	struct tally t = {0};
	size_t bad = 0;

	build_own(&own, true);
	for (size_t n = 0; n < own.len; n++) {
		uint8_t kept = own.ptr[n];

		bad += lint_package(slice_sub(wbuf_slice(&own), 0, n), on_finding, &t) != ERR_OK;
		own.ptr[n] ^= (uint8_t)(1u << n % 8);
		bad += lint_package(wbuf_slice(&own), on_finding, &t) != ERR_OK;
		own.ptr[n] = kept;
	}
	CU_ASSERT(bad > own.len / 2);
	CU_ASSERT(t.severities[LINT_ERROR] > 0);
	wbuf_free(&own);
}

static void test_limits(void)
{
	struct wbuf many = wbuf_grow(PACKAGE_MAX);
	struct tally t = {0};
	size_t element, list, steps;

	for (size_t i = 0; i <= OUTLINE_ELEMENTS_MAX; i++)
		wbuf_u16(&many, 0xAA00);
	ASSERT_ERR(lint_package(wbuf_slice(&many), on_finding, &t), ERR_LENGTH);
	wbuf_reset(&many);
	element = tlv_open(&many, PE_GENERIC_FILE_MANAGEMENT);
	list = tlv_open(&many, 0xA1);
	steps = tlv_open(&many, ASN1_SEQUENCE);
	for (size_t i = 0; i <= OUTLINE_FILES_MAX; i++)
		wbuf_u16(&many, 0x6200);
	tlv_close(&many, steps);
	tlv_close(&many, list);
	tlv_close(&many, element);
	ASSERT_ERR(lint_package(wbuf_slice(&many), on_finding, &t), ERR_LENGTH);
	ASSERT_ERR(lint_package(test_unhex("A0 84 FFFFFFFF 00"), on_finding, &t), ERR_TRUNCATED);
	ASSERT_ERR(lint_package(SLICE_EMPTY, on_finding, &t), ERR_OK);
	CU_ASSERT(t.fired[index_of("STR-08")] && t.fired[index_of("STR-10")]);
	wbuf_free(&many);
}

TEST_SUITE(lint, {"the table", test_table}, {"every rule is reached", test_every_rule},
	   {"our own packages have no error", test_own_package},
	   {"TS.48 packages have no error", test_shared_packages},
	   {"cut and changed", test_cut_and_changed}, {"limits", test_limits})
