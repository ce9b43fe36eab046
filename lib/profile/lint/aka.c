/* aka: AKA, the parameters of PE-AKAParameter */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"

#define MILENAGE_LEN 16
#define CONSTANTS    5
#define SQN_LEN	     6
#define SQN_COUNT    32
#define SQN_MAX	     0x07FFFFFFFFFFull
#define ROTATION_MAX 127

static const uint8_t rotations_default[CONSTANTS] = {0x40, 0x00, 0x20, 0x40, 0x60};

static size_t length(const struct lint_aka *a, const char *field)
{
	return schema_octets(&a->own, field).len;
}

static void rule_algorithm(const struct lint *l, const struct lint_aka *a)
{
	if (a->own.type && (a->algorithm < LINT_MILENAGE || a->algorithm > LINT_TEST))
		lint_say(l, a->where, "%llu", (unsigned long long)a->algorithm);
}

static void expect_length(const struct lint *l, const struct lint_aka *a, const char *field,
			  size_t len)
{
	if (length(a, field) != len)
		lint_say(l, a->where, "%s has %zu octets", field, length(a, field));
}

static void rule_milenage_key(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm == LINT_MILENAGE)
		expect_length(l, a, "key", MILENAGE_LEN);
}

static void rule_milenage_opc(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm == LINT_MILENAGE)
		expect_length(l, a, "opc", MILENAGE_LEN);
}

static void rule_tuak_key(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm == LINT_TUAK && length(a, "key") != 32)
		expect_length(l, a, "key", 16);
}

static void rule_tuak_topc(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm == LINT_TUAK)
		expect_length(l, a, "opc", 32);
}

static void rule_test_key(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm == LINT_TEST)
		expect_length(l, a, "key", 16);
}

static struct slice rotations(const struct lint_aka *a)
{
	struct slice r = schema_octets(&a->own, "rotationConstants");

	return r.len == CONSTANTS ? r : SLICE_OF(rotations_default);
}

/* Octet i of constant k; TS 35.206 4.1 where none is given */
static uint8_t constant(const struct lint_aka *a, size_t k, size_t i)
{
	static const uint8_t last[CONSTANTS] = {0, 1, 2, 4, 8};
	struct slice c = schema_octets(&a->own, "xoringConstants");

	if (c.len == CONSTANTS * MILENAGE_LEN)
		return slice_at(c, k * MILENAGE_LEN + i);
	return i == MILENAGE_LEN - 1 ? last[k] : 0;
}

static void rule_rotations(const struct lint *l, const struct lint_aka *a)
{
	struct slice r = rotations(a);

	for (size_t i = 0; a->algorithm == LINT_MILENAGE && i < r.len; i++) {
		if (slice_at(r, i) > ROTATION_MAX)
			lint_say(l, a->where, "r%zu is %u", i + 1, slice_at(r, i));
	}
}

static bool same_constant(const struct lint_aka *a, size_t x, size_t y)
{
	for (size_t i = 0; i < MILENAGE_LEN; i++) {
		if (constant(a, x, i) != constant(a, y, i))
			return false;
	}
	return true;
}

static void rule_pairs_differ(const struct lint *l, const struct lint_aka *a)
{
	struct slice r = rotations(a);

	for (size_t x = 0; a->algorithm == LINT_MILENAGE && x < CONSTANTS; x++) {
		for (size_t y = 0; y < x; y++) {
			if (slice_at(r, x) == slice_at(r, y) && same_constant(a, x, y))
				lint_say(l, a->where, "c%zu and r%zu are those of %zu", x + 1,
					 x + 1, y + 1);
		}
	}
}

static void rule_constant_parity(const struct lint *l, const struct lint_aka *a)
{
	for (size_t k = 0; a->algorithm == LINT_MILENAGE && k < CONSTANTS; k++) {
		unsigned bits = 0;

		for (size_t i = 0; i < MILENAGE_LEN; i++)
			bits += (unsigned)__builtin_popcount(constant(a, k, i));
		if (bits % 2 != (k != 0))
			lint_say(l, a->where, "c%zu has %u bits", k + 1, bits);
	}
}

static bool is_given(const struct lint_aka *a, const char *field)
{
	struct schema_node n;

	return schema_get(&a->own, field, &n);
}

static void rule_milenage_only(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm > LINT_MILENAGE &&
	    (is_given(a, "rotationConstants") || is_given(a, "xoringConstants")))
		lint_say(l, a->where, "they are ignored");
}

static void rule_keccak_zero(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm == LINT_TUAK && schema_uint(&a->own, "numberOfKeccak", 1) == 0)
		lint_say(l, a->where, "numberOfKeccak is 0");
}

static void rule_keccak_only(const struct lint *l, const struct lint_aka *a)
{
	if (a->own.type && a->algorithm != LINT_TUAK && is_given(a, "numberOfKeccak"))
		lint_say(l, a->where, "it is ignored");
}

static void sqn_at_most(const struct lint *l, const struct lint_aka *a, const char *field)
{
	struct slice v = schema_octets(&a->element->node, field);

	if (lint_number(v) > SQN_MAX)
		lint_say(l, a->where, "%s is larger", field);
}

static void rule_sqn_delta(const struct lint *l, const struct lint_aka *a)
{
	sqn_at_most(l, a, "sqnDelta");
}

static void rule_sqn_age(const struct lint *l, const struct lint_aka *a)
{
	sqn_at_most(l, a, "sqnAgeLimit");
}

static void rule_sqn_init(const struct lint *l, const struct lint_aka *a)
{
	struct schema_node list = {0}, one;
	struct schema_iter it;
	size_t i = 0;

	if (!schema_get(&a->element->node, "sqnInit", &list))
		return;
	it = schema_children(&list);
	for (; schema_next(&it, &one); i++) {
		if (lint_number(one.value) > SQN_MAX)
			lint_say(l, a->where, "value %zu is larger", i);
	}
}

static void rule_sqn_count(const struct lint *l, const struct lint_aka *a)
{
	struct schema_node list = {0}, one;
	struct schema_iter it;
	size_t n = 0;
	bool lengths = true;

	if (!schema_get(&a->element->node, "sqnInit", &list))
		return;
	it = schema_children(&list);
	for (; schema_next(&it, &one); n++)
		lengths = lengths && one.value.len == SQN_LEN;
	if (n != SQN_COUNT || !lengths)
		lint_say(l, a->where, "%zu values%s", n, lengths ? "" : ", not all of 6 octets");
}

/* The application with this AID before the element, or NULL */
static const struct outline_file *source_of(const struct lint *l, const struct lint_aka *a)
{
	struct slice aid = schema_octets(&a->map, "mappingSource");
	size_t own = (size_t)(a->element - l->o->elements);

	for (size_t i = 0; i < l->o->file_count; i++) {
		const struct outline_file *f = &l->o->files[i];

		if (f->adf && f->element < own && slice_equal(f->aid, aid))
			return f;
	}
	return NULL;
}

static void rule_map_source(const struct lint *l, const struct lint_aka *a)
{
	if (a->map.type && !source_of(l, a))
		lint_say(l, a->where, "no ADF before it has this AID");
}

struct naa_keys {
	size_t naa;
	const struct lint_aka *than;
	size_t own, before; /* keys of that application; those before `than` */
	size_t any;
};

static void count_keys(void *ctx, const struct lint_aka *a)
{
	struct naa_keys *k = ctx;

	if (a->element->naa != k->naa)
		return;
	k->any++;
	k->own += a->own.type != NULL;
	k->before += k->than && a->element < k->than->element;
}

static void rule_map_chain(const struct lint *l, const struct lint_aka *a)
{
	const struct outline_file *f = a->map.type ? source_of(l, a) : NULL;
	struct naa_keys k = {.naa = f ? f->element : SIZE_MAX};

	if (!f)
		return;
	lint_each_aka(l->o, count_keys, &k);
	if (k.own == 0 || f->element == a->element->naa)
		lint_say(l, a->where, "%s has none", f->where);
}

static void rule_naa_key(const struct lint *l, const struct outline_element *e)
{
	struct naa_keys k = {.naa = (size_t)(e - l->o->elements)};

	if (strcmp(e->name, "usim") != 0 && strcmp(e->name, "isim") != 0 &&
	    strcmp(e->name, "iot") != 0)
		return;
	lint_each_aka(l->o, count_keys, &k);
	if (k.any == 0)
		lint_say(l, e->where, "no akaParameter comes before the next application");
}

static void rule_one_key(const struct lint *l, const struct lint_aka *a)
{
	struct naa_keys k = {.naa = a->element->naa, .than = a};

	if (a->element->naa == SIZE_MAX)
		return;
	lint_each_aka(l->o, count_keys, &k);
	if (k.before)
		lint_say(l, a->where, "%s has one", l->o->elements[a->element->naa].where);
}

static void rule_key_zero(const struct lint *l, const struct lint_aka *a)
{
	struct slice key = schema_octets(&a->own, "key");

	if (key.len && lint_all(key, slice_at(key, 0)))
		lint_say(l, a->where, "it is");
}

static void rule_opc_weak(const struct lint *l, const struct lint_aka *a)
{
	struct slice opc = schema_octets(&a->own, "opc");

	if (a->algorithm == LINT_MILENAGE && opc.len &&
	    (lint_all(opc, 0) || slice_equal(opc, schema_octets(&a->own, "key"))))
		lint_say(l, a->where, "it is");
}

/* The type of the profile says "test" */
static bool is_test_profile(const struct lint *l)
{
	const struct outline_element *h = lint_header(l);
	struct slice type = h ? schema_octets(&h->node, "profileType") : SLICE_EMPTY;

	for (size_t i = 0; i + 4 <= type.len; i++) {
		if (strncasecmp((const char *)slice_sub(type, i, 4).ptr, "test", 4) == 0)
			return true;
	}
	return false;
}

static void rule_test_algorithm(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm == LINT_TEST && !is_test_profile(l))
		lint_say(l, a->where, "the profile's type does not say that it is for tests");
}

static void rule_auth_counter(const struct lint *l, const struct lint_aka *a)
{
	if (a->algorithm == LINT_TEST && is_given(a, "authCounterMax"))
		lint_say(l, a->where, "it is ignored");
}

static const struct lint_row rows[] = {
	ON_AKA("AKA-01", ERROR, rule_algorithm, "TCA PEDefinitions, AlgoParameter",
	       "the algorithm is MILENAGE, TUAK or the test algorithm"),
	ON_AKA("AKA-02", ERROR, rule_milenage_key, "TS 35.206 2.3",
	       "the key of MILENAGE has 16 octets"),
	ON_AKA("AKA-03", ERROR, rule_milenage_opc, "TS 35.206 2.3",
	       "the OPc of MILENAGE has 16 octets"),
	ON_AKA("AKA-04", ERROR, rule_tuak_key, "TS 35.231 6.1",
	       "the key of TUAK has 16 or 32 octets"),
	ON_AKA("AKA-05", ERROR, rule_tuak_topc, "TS 35.231 6.1", "the TOPc of TUAK has 32 octets"),
	ON_AKA("AKA-06", ERROR, rule_test_key, "TS 34.108 8.1.2",
	       "the key of the test algorithm has 16 octets"),
	ON_AKA("AKA-07", ERROR, rule_rotations, "TS 35.206 4.1",
	       "a rotation is one of 0 to 127 bits"),
	ON_AKA("AKA-08", ERROR, rule_pairs_differ, "TS 35.206 4.1",
	       "the pairs of constant and rotation differ from each other"),
	ON_AKA("AKA-09", WARNING, rule_constant_parity, "TS 35.206 4.1",
	       "c1 has even parity, c2 to c5 have odd"),
	ON_AKA("AKA-10", INFO, rule_milenage_only, "TCA PEDefinitions, AlgoParameter",
	       "constants are given for MILENAGE only"),
	ON_AKA("AKA-11", ERROR, rule_keccak_zero, "TS 35.231 7.2",
	       "TUAK has at least one iteration"),
	ON_AKA("AKA-12", INFO, rule_keccak_only, "TCA PEDefinitions, AlgoParameter",
	       "numberOfKeccak is given for TUAK only"),
	ON_AKA("AKA-13", ERROR, rule_sqn_delta, "TCA PEDefinitions, PE-AKAParameter",
	       "sqnDelta is at most 07FFFFFFFFFF"),
	ON_AKA("AKA-14", ERROR, rule_sqn_age, "TCA PEDefinitions, PE-AKAParameter",
	       "sqnAgeLimit is at most 07FFFFFFFFFF"),
	ON_AKA("AKA-15", ERROR, rule_sqn_init, "TCA PEDefinitions, PE-AKAParameter",
	       "a value of sqnInit is at most 07FFFFFFFFFF"),
	ON_AKA("AKA-16", ERROR, rule_sqn_count, "TCA PEDefinitions, PE-AKAParameter",
	       "sqnInit has 32 values of 6 octets"),
	ON_AKA("AKA-18", ERROR, rule_map_source, "TCA PEDefinitions, MappingParameter",
	       "the application whose key is mapped comes before"),
	ON_AKA("AKA-19", ERROR, rule_map_chain, "TCA PEDefinitions, MappingParameter",
	       "the application whose key is mapped has a key of its own"),
	ON_ELEMENT("AKA-20", ERROR, rule_naa_key, "TCA PEDefinitions, PE-AKAParameter",
		   "a USIM or ISIM has an AKA parameter"),
	ON_AKA("AKA-21", ERROR, rule_one_key, "TCA PEDefinitions, PE-AKAParameter",
	       "an application has one AKA parameter"),
	ON_AKA("AKA-22", WARNING, rule_key_zero, "TCA PEDefinitions, AlgoParameter",
	       "the key is not one octet repeated"),
	ON_AKA("AKA-23", WARNING, rule_opc_weak, "TCA PEDefinitions, AlgoParameter",
	       "OPc is neither zero nor the key"),
	ON_AKA("AKA-24", WARNING, rule_test_algorithm, "TS 34.108 8.1",
	       "the test algorithm is in test profiles only"),
	ON_AKA("AKA-25", INFO, rule_auth_counter, "TCA PEDefinitions, AlgoParameter",
	       "authCounterMax is given for MILENAGE and TUAK only"),
};

const struct lint_table lint_aka_rules = {rows, ARRAY_LEN(rows)};
