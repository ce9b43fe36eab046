/* packages read by the schema, whole and broken */
#include "tests/unit/test.h"

#include <string.h>
#include <stdio.h>

#include "lib/base/oid.h"
#include "lib/base/tlv.h"
#include "lib/profile/pe.h"
#include "lib/profile/schema/schema.h"

#define TYPES_MAX 256

static const struct schema_type *seen[TYPES_MAX];
static size_t seen_count;

/* X.680 24.2, 28.2: in its place each tag says which field it is. */
static void check_tags(const struct schema_type *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct schema_field *f = &t->fields[i];
		bool constructed = f->type->kind <= SCHEMA_LIST;
		uint32_t first = f->tag;

		while (first > 0xFF)
			first >>= 8;
		CU_ASSERT_EQUAL((first & 0x20) != 0, constructed);
		CU_ASSERT(t->kind == SCHEMA_SEQUENCE || !f->optional);
		for (size_t k = i + 1; k < t->count; k++) {
			CU_ASSERT(strcmp(t->fields[k].name, f->name) != 0);
			/* the AIDs of an instance stand one after the other under one tag */
			CU_ASSERT(t->fields[k].tag != f->tag || !f->optional ||
				  !t->fields[k].optional);
			if (t->kind == SCHEMA_CHOICE)
				CU_ASSERT(t->fields[k].tag != f->tag);
		}
	}
}

static void walk_type(const struct schema_type *t)
{
	for (size_t i = 0; i < seen_count; i++) {
		if (seen[i] == t)
			return;
	}
	CU_ASSERT_FATAL(seen_count < TYPES_MAX);
	seen[seen_count++] = t;
	CU_ASSERT(t->name && *t->name);
	CU_ASSERT_EQUAL(t->kind == SCHEMA_LIST, t->item != NULL);
	CU_ASSERT(t->max == 0 || t->min <= t->max);
	check_tags(t);
	for (size_t i = 0; i < t->count; i++) {
		uint8_t mem[128];
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		if (t->fields[i].dflt && t->fields[i].type->kind != SCHEMA_INTEGER)
			ASSERT_ERR(hex_decode(t->fields[i].dflt, &w), ERR_OK);
		walk_type(t->fields[i].type);
	}
	if (t->item)
		walk_type(t->item);
}

static void test_tables(void)
{
	struct schema_node top = schema_package(SLICE_EMPTY);
	const struct schema_type *element = top.type->item;

	seen_count = 0;
	walk_type(top.type);
	CU_ASSERT(seen_count > 80);
	CU_ASSERT_EQUAL(element->count, 34);
#define PE_KNOWN(name, value, text)                                                                \
	{                                                                                          \
		bool found = false;                                                                \
		for (size_t i = 0; i < element->count; i++)                                        \
			found = found || element->fields[i].tag == (uint32_t)(value);              \
		CU_ASSERT(found);                                                                  \
	}
	PE_TABLE(PE_KNOWN)
#undef PE_KNOWN
}

/* The element of the package that holds this one element. */
static struct schema_node element_of(const char *hex)
{
	struct schema_node top = schema_package(test_unhex(hex)), element = {0};
	struct schema_iter it = schema_children(&top);

	CU_ASSERT_FATAL(schema_next(&it, &element));
	CU_ASSERT(element.type != NULL);
	return element;
}

static void test_shape(void)
{
	static const struct {
		const char *hex;
		enum err want;
	} rows[] = {
		{"AA05A003810101", ERR_OK},
		{"AA07A003810101 8100", ERR_OK},    /* an extension behind */
		{"AA00", ERR_TAG},		    /* end-header is missing */
		{"AA07 8100 A003810101", ERR_TAG},  /* ... or in front */
		{"AA04A003810101", ERR_TRUNCATED},  /* cut */
		{"AA06A08103810101", ERR_ENCODING}, /* a length that is not minimal */
		{"A90FA003810101 8103672A03 8203010203", ERR_OK},
		{"A90FA003810101 8203010203 8103672A03", ERR_TAG}, /* disorder */
		{"A713A003810101 4F05A000000001 810100 0400 0400", ERR_OK},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice s = test_unhex(rows[i].hex);
		struct schema_node top = schema_package(s), element = {0};
		struct schema_iter it = schema_children(&top);

		ASSERT_ERR(schema_next(&it, &element) ? schema_fits(&element) : it.c.err,
			   rows[i].want);
	}
}

static void test_values(void)
{
	static const struct {
		const char *hex;
		bool fits;
	} rows[] = {{"81 01 00", true},
		    {"81 02 0001", false},
		    {"81 01 80", false},
		    {"81 00", false},
		    {"81 02 7FFF", true},
		    {"81 08 0FFFFFFFFFFFFFFF", true},
		    {"81 09 010000000000000000", false}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char hex[128];
		struct schema_node n = {0}, element;

		snprintf(hex, sizeof(hex), "AA%02XA0%02X%s",
			 (unsigned)(test_unhex(rows[i].hex).len + 2),
			 (unsigned)test_unhex(rows[i].hex).len, rows[i].hex);
		element = element_of(hex);
		CU_ASSERT_FATAL(schema_get(&element, "end-header/identification", &n));
		CU_ASSERT_EQUAL(schema_fits(&n) == ERR_OK, rows[i].fits);
	}
}

static void test_get(void)
{
	/* an instance: four AIDs under one tag, told apart by their order */
	struct schema_node e = element_of("A62B A003810107 A124 4F05A000000001 4F05A000000002 "
					  "4F05A000000003 4F05A000000004 820101 C900 8301FF"),
			   n = {0};

	CU_ASSERT_FALSE(schema_get(&e, "instance/lifeCycleState", &n));
	e = element_of("A62B A003810107 A124 4F05A000000001 4F05A000000002 4F05A000000003 "
		       "4F05A000000004 820101 8301FF C900");
	CU_ASSERT_EQUAL(schema_uint(&e, "sd-Header/identification", 0), 7);
	ASSERT_OCTETS(schema_octets(&e, "instance/applicationLoadPackageAID"),
		      test_unhex("A000000001"), "load package");
	ASSERT_OCTETS(schema_octets(&e, "instance/classAID"), test_unhex("A000000002"), "class");
	ASSERT_OCTETS(schema_octets(&e, "instance/instanceAID"), test_unhex("A000000003"), "own");
	ASSERT_OCTETS(schema_octets(&e, "instance/extraditeSecurityDomainAID"),
		      test_unhex("A000000004"), "extradite");
	CU_ASSERT_EQUAL(schema_octets(&e, "instance/processData").len, 0);
	CU_ASSERT_TRUE(schema_get(&e, "instance/lifeCycleState", &n));
	CU_ASSERT_FALSE(schema_is_default(&n));
	CU_ASSERT_TRUE(schema_in_range(&n));
}

static void test_oid(void)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {{"2.23.143.1.2.1", "67810F010201"},
		    {"2.999", "8837"},
		    {"0.0", "00"},
		    {"1.39", "4F"},
		    {"2.0", "50"},
		    {"2.25.68414871320221358600753975754179039751",
		     "69E6F89CE5A3FBEA9385AFF8828DB8C1E5A407"},
		    {"1.2.840.113549", "2A864886F70D"}};
	static const char *const bad_text[] = {
		"",
		"2",
		"3.1",
		"1.40",
		"2..1",
		"2.1.",
		"2.01",
		"a.b",
		".1",
		"2.1 ",
		"2.-1",
		("2.1.99999999999999999999999999999999999999999999999999"
		 "99999999999999")};
	static const char *const bad_hex[] = {"", "80", "8001", "2A80", "2A8001", "FF"};
	char text[OID_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t mem[64];
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		ASSERT_ERR(oid_text(test_unhex(rows[i].hex), text, sizeof(text)), ERR_OK);
		CU_ASSERT_STRING_EQUAL(text, rows[i].text);
		ASSERT_ERR(oid_value(rows[i].text, &w), ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&w), test_unhex(rows[i].hex), rows[i].text);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad_text); i++) {
		struct wbuf w = wbuf_grow(64);

		CU_ASSERT_NOT_EQUAL(oid_value(bad_text[i], &w), ERR_OK);
		wbuf_free(&w);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad_hex); i++)
		CU_ASSERT_NOT_EQUAL(oid_text(test_unhex(bad_hex[i]), text, sizeof(text)), ERR_OK);
	ASSERT_ERR(oid_text(test_unhex("67810F010201"), text, 5), ERR_SPACE);
}

TEST_SUITE(schema, {"the tables", test_tables}, {"shapes", test_shape}, {"numbers", test_values},
	   {"paths and AIDs", test_get}, {"object identifiers", test_oid})
