/* header: HDR, the ProfileHeader */
#include <stdio.h>
#include <string.h>

#include "lib/base/oid.h"
#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/luhn.h"

#define ICCID_DIGITS_MIN 18
#define ICCID_SWAPPED	 0x98 /* 89, the industry, with its nibbles swapped */
#define LIST_MAX	 256  /* entries that are compared with each other */

struct version {
	uint64_t major, minor_max;
};
static const struct version versions[] = {{1, 0}, {2, 3}, {3, 3}};

static bool get_header(const struct lint *l, struct schema_node *out, const char **where)
{
	const struct outline_element *h = lint_header(l);

	*where = NULL;
	if (!h || !h->node.type)
		return false;
	*out = h->node;
	*where = h->where;
	return true;
}

static const struct version *version_of(const struct schema_node *h)
{
	uint64_t major = schema_uint(h, "major-version", 0);

	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		if (versions[i].major == major)
			return &versions[i];
	}
	return NULL;
}

static void rule_major_version(const struct lint *l)
{
	struct schema_node h;
	const char *where;

	if (get_header(l, &h, &where) && !version_of(&h))
		lint_say(l, where, "%llu", (unsigned long long)schema_uint(&h, "major-version", 0));
}

static void rule_minor_version(const struct lint *l)
{
	struct schema_node h;
	const char *where;
	const struct version *v = get_header(l, &h, &where) ? version_of(&h) : NULL;
	uint64_t minor = v ? schema_uint(&h, "minor-version", 0) : 0;

	if (v && minor > v->minor_max)
		lint_say(l, where, "%llu.%llu", (unsigned long long)v->major,
			 (unsigned long long)minor);
}

/* The digits of the header's ICCID (high nibble first) and how many; 0 when it has others. */
static size_t take_digits(const struct lint *l, uint8_t digits[static 20], const char **where)
{
	struct schema_node h;
	struct slice v = get_header(l, &h, where) ? schema_octets(&h, "iccid") : SLICE_EMPTY;
	size_t n = 0;

	for (size_t i = 0; v.len == 10 && i < 20; i++) {
		uint8_t b = slice_at(v, i / 2), d = i % 2 ? b & 15 : b >> 4;

		if ((d > 9 && d != 15) || (d <= 9 && n != i))
			return 0;
		if (d <= 9)
			digits[n++] = d;
	}
	return n;
}

static void rule_iccid_digits(const struct lint *l)
{
	uint8_t digits[20];
	const char *where = NULL;

	if (take_digits(l, digits, &where) < ICCID_DIGITS_MIN && where)
		lint_say(l, where, "the ICCID has other digits or fewer");
}

static void rule_iccid_industry(const struct lint *l)
{
	uint8_t digits[20];
	const char *where;
	size_t n = take_digits(l, digits, &where);

	if (n > 2 && (digits[0] != 8 || digits[1] != 9))
		lint_say(l, where, "it begins with %u%u", digits[0], digits[1]);
}

static void rule_iccid_luhn(const struct lint *l)
{
	uint8_t digits[20];
	const char *where;
	size_t n = take_digits(l, digits, &where);

	if (n >= 19 && luhn_digit(digits, n - 1) != digits[n - 1])
		lint_say(l, where, "the last digit is not the check digit of those before");
}

static void rule_iccid_swapped(const struct lint *l)
{
	struct schema_node h;
	const char *where;
	struct slice v = get_header(l, &h, &where) ? schema_octets(&h, "iccid") : SLICE_EMPTY;

	if (slice_at(v, 0) == ICCID_SWAPPED)
		lint_say(l, where, "it begins with 98: EF.ICCID is coded so, the header is not");
}

static void rule_profile_type(const struct lint *l)
{
	struct schema_node h;
	const char *where;

	if (get_header(l, &h, &where) && schema_octets(&h, "profileType").len == 0)
		lint_say(l, where, "profileType is missing or empty");
}

static struct schema_iter list_templates(const struct lint *l, const char **where)
{
	struct schema_node h, list = {0};

	if (!get_header(l, &h, where) || !schema_get(&h, "eUICC-Mandatory-GFSTEList", &list))
		list = (struct schema_node){0};
	return schema_children(&list);
}

static void oid_string(struct slice v, char text[static OID_TEXT_MAX])
{
	if (oid_text(v, text, OID_TEXT_MAX))
		snprintf(text, OID_TEXT_MAX, "no OBJECT IDENTIFIER");
}

static void rule_gfste_lists(const struct lint *l, const struct outline_element *e)
{
	struct slice template = schema_octets(&e->node, "templateID");
	const char *where = NULL;
	struct schema_iter it = list_templates(l, &where);
	struct schema_node oid;
	char text[OID_TEXT_MAX];

	if (!where || template.len == 0 || !e->mandated)
		return;
	while (schema_next(&it, &oid)) {
		if (slice_equal(oid.value, template))
			return;
	}
	oid_string(template, text);
	lint_say(l, e->where, "%.64s is not in the list", text);
}

static void rule_gfste_used(const struct lint *l)
{
	const char *where;
	struct schema_iter it = list_templates(l, &where);
	struct schema_node oid;
	char text[OID_TEXT_MAX];

	for (size_t n = 0; n < LIST_MAX && schema_next(&it, &oid); n++) {
		bool used = false;

		for (size_t i = 0; i < l->o->element_count; i++)
			used = used ||
			       slice_equal(schema_octets(&l->o->elements[i].node, "templateID"),
					   oid.value);
		oid_string(oid.value, text);
		if (!used)
			lint_say(l, where, "%.64s", text);
	}
}

static void rule_gfste_once(const struct lint *l)
{
	const char *where;
	struct schema_iter it = list_templates(l, &where), before;
	struct schema_node oid, x;
	char text[OID_TEXT_MAX];

	for (size_t i = 0; i < LIST_MAX && schema_next(&it, &oid); i++) {
		before = list_templates(l, &where);
		while (schema_next(&before, &x) && x.raw.ptr != oid.raw.ptr) {
			if (!slice_equal(x.value, oid.value))
				continue;
			oid_string(oid.value, text);
			lint_say(l, where, "%.64s", text);
			break;
		}
	}
}

/* Templates that lib/profile/template does not have; each has one version. */
static const struct {
	enum pe_tag element;
	uint8_t number;
} more_templates[] = {{PE_EAP, 12}, {PE_IOT, 17}, {PE_OPT_IOT, 18}};

/* The number of the templates of an element; 0: it has none. */
static uint8_t number_of(uint32_t element)
{
	const struct template *t;

	for (size_t i = 0; (t = template_at(i)) != NULL; i++) {
		if ((uint32_t)t->element == element)
			return t->number;
	}
	for (size_t i = 0; i < ARRAY_LEN(more_templates); i++) {
		if ((uint32_t)more_templates[i].element == element)
			return more_templates[i].number;
	}
	return 0;
}

/* The latest version of the templates with this number; 0: there are none. */
static uint8_t latest_of(uint8_t number)
{
	const struct template *t;
	uint8_t latest = 0;

	for (size_t i = 0; (t = template_at(i)) != NULL; i++) {
		uint8_t version = t->version ? t->version : 1;

		if (t->number == number && version > latest)
			latest = version;
	}
	for (size_t i = 0; i < ARRAY_LEN(more_templates); i++) {
		if (more_templates[i].number == number)
			latest = 1;
	}
	return latest;
}

/* Number and version (1 when none is given) of a template's identifier; 0: it is none. */
static uint8_t template_number(struct slice oid, uint8_t *version)
{
	static const uint8_t arc[] = {TEMPLATE_ARC};

	if (!slice_starts(oid, SLICE_OF(arc)) || oid.len < 6 || oid.len > 7)
		return 0;
	*version = oid.len == 7 ? slice_at(oid, 6) : 1;
	return slice_at(oid, 5);
}

static void rule_gfste_known(const struct lint *l)
{
	const char *where;
	struct schema_iter it = list_templates(l, &where);
	struct schema_node oid;
	char text[OID_TEXT_MAX];
	uint8_t version;

	while (schema_next(&it, &oid)) {
		uint8_t number = template_number(oid.value, &version);

		oid_string(oid.value, text);
		if (latest_of(number) == 0)
			lint_say(l, where, "%.64s", text);
	}
}

static void rule_template_known(const struct lint *l, const struct outline_element *e)
{
	struct slice oid = schema_octets(&e->node, "templateID");
	uint8_t version, wanted = number_of(e->node.tag);
	char text[OID_TEXT_MAX];

	if (oid.len && wanted && template_number(oid, &version) != wanted) {
		oid_string(oid, text);
		lint_say(l, e->where, "%.64s", text);
	}
}

static void rule_template_version(const struct lint *l, const struct outline_element *e)
{
	uint8_t version, number = template_number(schema_octets(&e->node, "templateID"), &version);
	uint8_t latest = latest_of(number);

	if (latest && (version == 0 || version > latest))
		lint_say(l, e->where, "version %u", version);
}

static void rule_aids_once(const struct lint *l)
{
	struct schema_node h, list, a, b;
	const char *where;
	struct schema_iter it, before;

	if (!get_header(l, &h, &where) || !schema_get(&h, "eUICC-Mandatory-AIDs", &list))
		return;
	it = schema_children(&list);
	for (size_t i = 0; i < LIST_MAX && schema_next(&it, &a); i++) {
		before = schema_children(&list);
		while (schema_next(&before, &b) && b.raw.ptr != a.raw.ptr) {
			if (slice_equal(schema_octets(&a, "aid"), schema_octets(&b, "aid")))
				lint_say(l, where, "an AID stands twice");
		}
	}
}

static void rule_m2m_field(const struct lint *l)
{
	struct schema_node h, field;
	const char *where;

	if (get_header(l, &h, &where) && schema_get(&h, l->arg, &field))
		lint_say(l, where, "%s is there", l->arg);
}

static void rule_iot_options(const struct lint *l)
{
	struct schema_node h, options;
	const char *where;
	bool iot = outline_element(l->o, "iot", NULL) != NULL;

	if (get_header(l, &h, &where) && schema_get(&h, "iotOptions", &options) != iot)
		lint_say(l, where, iot ? "iotOptions is missing" : "there is no iot element");
}

static void rule_element_version(const struct lint *l, const struct outline_element *e)
{
	static const struct {
		const char *element;
		uint64_t major, minor;
	} since[] = {{"df-5gs", 2, 3},	   {"df-saip", 2, 3}, {"df-snpn", 3, 2},
		     {"df-5gprose", 3, 3}, {"iot", 3, 3},     {"opt-iot", 3, 3}};
	struct schema_node h;
	const char *where;
	uint64_t major, minor;

	if (!get_header(l, &h, &where))
		return;
	major = schema_uint(&h, "major-version", 0);
	minor = schema_uint(&h, "minor-version", 0);
	for (size_t i = 0; i < ARRAY_LEN(since); i++) {
		if (strcmp(e->name, since[i].element) == 0 &&
		    (major < since[i].major || (major == since[i].major && minor < since[i].minor)))
			lint_say(l, e->where, "%s came with %llu.%llu", e->name,
				 (unsigned long long)since[i].major,
				 (unsigned long long)since[i].minor);
	}
}

static const struct lint_row rows[] = {
	ON_PACKAGE("HDR-01", ERROR, rule_major_version, "TCA PEDefinitions, ProfileHeader",
		   "the major version is one that exists"),
	ON_PACKAGE("HDR-02", WARNING, rule_minor_version, "TCA PEDefinitions, ProfileHeader",
		   "the minor version is one that exists"),
	ON_PACKAGE("HDR-03", ERROR, rule_iccid_digits, "ITU-T E.118; TS 102 221 13.2",
		   "the ICCID of the header has 18 to 20 digits, then filler F"),
	ON_PACKAGE("HDR-04", WARNING, rule_iccid_industry, "ITU-T E.118",
		   "the ICCID begins with 89, telecommunications"),
	ON_PACKAGE("HDR-05", INFO, rule_iccid_luhn, "ITU-T E.118",
		   "the last of 19 or 20 digits of the ICCID is its check digit"),
	ON_PACKAGE("HDR-06", ERROR, rule_iccid_swapped, "TCA PEDefinitions, ProfileHeader",
		   "the ICCID of the header is not nibble-swapped"),
	ON_PACKAGE("HDR-07", WARNING, rule_profile_type, "TCA PEDefinitions, ProfileHeader",
		   "the profile has a type, a text"),
	ON_ELEMENT("HDR-08", WARNING, rule_gfste_lists, "TCA PEDefinitions, ProfileHeader",
		   "eUICC-Mandatory-GFSTEList has the template of every mandated element"),
	ON_PACKAGE("HDR-09", WARNING, rule_gfste_used, "TCA PEDefinitions, ProfileHeader",
		   "eUICC-Mandatory-GFSTEList has only templates that the package uses"),
	ON_PACKAGE("HDR-10", WARNING, rule_gfste_once, "TCA PEDefinitions, ProfileHeader",
		   "eUICC-Mandatory-GFSTEList has each template once"),
	ON_PACKAGE("HDR-11", WARNING, rule_gfste_known, "TCA Annex B",
		   "eUICC-Mandatory-GFSTEList has only templates of the specification"),
	ON_PACKAGE("HDR-12", ERROR, rule_aids_once, "TCA PEDefinitions, ProfileHeader",
		   "eUICC-Mandatory-AIDs has each AID once"),
	ON_PACKAGE("HDR-13", INFO, rule_m2m_field, "TCA PEDefinitions, ProfileHeader; SGP.02",
		   "pol is left to remote provisioning of M2M", .arg = "pol"),
	ON_PACKAGE("HDR-14", INFO, rule_m2m_field, "TCA PEDefinitions, ProfileHeader; SGP.02",
		   "connectivityParameters are left to remote provisioning of M2M",
		   .arg = "connectivityParameters"),
	ON_PACKAGE("HDR-15", ERROR, rule_iot_options, "TCA PEDefinitions, ProfileHeader",
		   "iotOptions stands if, and only if, there is an iot element"),
	ON_ELEMENT("HDR-16", WARNING, rule_element_version, "TCA PEDefinitions, ProfileHeader",
		   "the header announces the version that brought an element in"),
	ON_ELEMENT("HDR-17", ERROR, rule_template_known, "TCA Annex B",
		   "the template is one that belongs to the element"),
	ON_ELEMENT("HDR-18", WARNING, rule_template_version, "TCA Annex B",
		   "the version of the template exists"),
};

const struct lint_table lint_header_rules = {rows, ARRAY_LEN(rows)};
