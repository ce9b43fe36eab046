/* header: HDR, the ProfileHeader; SVC, its services against what the package holds */
#include <stdio.h>
#include <string.h>

#include "lib/profile/lint/rules.h"

#define ICCID_DIGITS_MIN 18
#define AKA_KEY_128	 16
#define LIST_MAX	 256 /* entries that are compared with each other */

struct version {
	uint64_t major, minor_max;
};
static const struct version versions[] = {{1, 0}, {2, 3}, {3, 3}};

static bool header(const struct lint *l, struct schema_node *out, const char **where)
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

void rule_major_version(const struct lint *l)
{
	struct schema_node h;
	const char *where;

	if (header(l, &h, &where) && !version_of(&h))
		lint_say(l, where, "%llu", (unsigned long long)schema_uint(&h, "major-version", 0));
}

void rule_minor_version(const struct lint *l)
{
	struct schema_node h;
	const char *where;
	const struct version *v = header(l, &h, &where) ? version_of(&h) : NULL;
	uint64_t minor = v ? schema_uint(&h, "minor-version", 0) : 0;

	if (v && minor > v->minor_max)
		lint_say(l, where, "%llu.%llu", (unsigned long long)v->major,
			 (unsigned long long)minor);
}

/* The digits of the header's ICCID (high nibble first) and how many; 0 when it has others. */
static size_t iccid(const struct lint *l, uint8_t digits[static 20], const char **where)
{
	struct schema_node h;
	struct slice v = header(l, &h, where) ? schema_octets(&h, "iccid") : SLICE_EMPTY;
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

void rule_iccid_digits(const struct lint *l)
{
	uint8_t digits[20];
	const char *where = NULL;

	if (iccid(l, digits, &where) < ICCID_DIGITS_MIN && where)
		lint_say(l, where, "the ICCID has other digits or fewer");
}

void rule_iccid_industry(const struct lint *l)
{
	uint8_t digits[20];
	const char *where;
	size_t n = iccid(l, digits, &where);

	if (n > 2 && (digits[0] != 8 || digits[1] != 9))
		lint_say(l, where, "it begins with %u%u", digits[0], digits[1]);
}

void rule_iccid_luhn(const struct lint *l)
{
	uint8_t digits[20];
	const char *where;
	size_t n = iccid(l, digits, &where);
	unsigned sum = 0;

	if (n < 19)
		return;
	for (size_t i = 0; i < n; i++) {
		unsigned d = digits[n - 1 - i] * (i % 2 ? 2u : 1u);

		sum += d > 9 ? d - 9 : d;
	}
	if (sum % 10)
		lint_say(l, where, "the last digit is not the check digit of those before");
}

void rule_iccid_swapped(const struct lint *l)
{
	struct schema_node h;
	const char *where;
	struct slice v = header(l, &h, &where) ? schema_octets(&h, "iccid") : SLICE_EMPTY;

	if (slice_at(v, 0) == 0x98)
		lint_say(l, where, "it begins with 98: EF.ICCID is coded so, the header is not");
}

void rule_profile_type(const struct lint *l)
{
	struct schema_node h;
	const char *where;

	if (header(l, &h, &where) && schema_octets(&h, "profileType").len == 0)
		lint_say(l, where, "profileType is missing or empty");
}

static struct schema_iter gfste(const struct lint *l, const char **where)
{
	struct schema_node h, list = {0};

	if (!header(l, &h, where) || !schema_get(&h, "eUICC-Mandatory-GFSTEList", &list))
		list = (struct schema_node){0};
	return schema_children(&list);
}

static void oid_string(struct slice v, char text[static OID_TEXT_MAX])
{
	if (oid_text(v, text, OID_TEXT_MAX))
		snprintf(text, OID_TEXT_MAX, "no OBJECT IDENTIFIER");
}

void rule_gfste_lists(const struct lint *l, const struct outline_element *e)
{
	struct slice template = schema_octets(&e->node, "templateID");
	const char *where = NULL;
	struct schema_iter it = gfste(l, &where);
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

void rule_gfste_used(const struct lint *l)
{
	const char *where;
	struct schema_iter it = gfste(l, &where);
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

void rule_gfste_once(const struct lint *l)
{
	const char *where;
	struct schema_iter it = gfste(l, &where), before;
	struct schema_node oid, x;
	char text[OID_TEXT_MAX];

	for (size_t i = 0; i < LIST_MAX && schema_next(&it, &oid); i++) {
		before = gfste(l, &where);
		while (schema_next(&before, &x) && x.raw.ptr != oid.raw.ptr) {
			if (!slice_equal(x.value, oid.value))
				continue;
			oid_string(oid.value, text);
			lint_say(l, where, "%.64s", text);
			break;
		}
	}
}

/* 2.23.143.1.2.number[.version], and the versions that exist */
static const struct {
	const char *element;
	uint8_t number, versions;
} templates[] = {
	{"mf", 1, 1},	    {"cd", 2, 1},	 {"telecom", 3, 2},    {"usim", 4, 2},
	{"opt-usim", 5, 3}, {"phonebook", 6, 1}, {"gsm-access", 7, 1}, {"isim", 8, 1},
	{"opt-isim", 9, 2}, {"csim", 10, 2},	 {"opt-csim", 11, 2},  {"eap", 12, 1},
	{"df-5gs", 13, 4},  {"df-saip", 14, 1},	 {"df-snpn", 15, 1},   {"df-5gprose", 16, 1},
	{"iot", 17, 1},	    {"opt-iot", 18, 1},
};

/* Number and version (1 when none is given) of a template's identifier; 0: it is none. */
static uint8_t template_number(struct slice oid, uint8_t *version)
{
	static const uint8_t arc[] = {0x67, 0x81, 0x0F, 0x01, 0x02};

	if (!slice_starts(oid, SLICE_OF(arc)) || oid.len < 6 || oid.len > 7)
		return 0;
	*version = oid.len == 7 ? slice_at(oid, 6) : 1;
	return slice_at(oid, 5);
}

void rule_gfste_known(const struct lint *l)
{
	const char *where;
	struct schema_iter it = gfste(l, &where);
	struct schema_node oid;
	char text[OID_TEXT_MAX];
	uint8_t version;

	while (schema_next(&it, &oid)) {
		uint8_t number = template_number(oid.value, &version);

		oid_string(oid.value, text);
		if (number == 0 || number > ARRAY_LEN(templates))
			lint_say(l, where, "%.64s", text);
	}
}

void rule_template_known(const struct lint *l, const struct outline_element *e)
{
	struct slice oid = schema_octets(&e->node, "templateID");
	uint8_t version, number = template_number(oid, &version);
	char text[OID_TEXT_MAX];

	for (size_t i = 0; oid.len && i < ARRAY_LEN(templates); i++) {
		if (strcmp(templates[i].element, e->name) == 0 && templates[i].number != number) {
			oid_string(oid, text);
			lint_say(l, e->where, "%.64s", text);
		}
	}
}

void rule_template_version(const struct lint *l, const struct outline_element *e)
{
	uint8_t version, number = template_number(schema_octets(&e->node, "templateID"), &version);

	for (size_t i = 0; number && i < ARRAY_LEN(templates); i++) {
		if (templates[i].number == number &&
		    (version == 0 || version > templates[i].versions))
			lint_say(l, e->where, "version %u", version);
	}
}

void rule_aids_once(const struct lint *l)
{
	struct schema_node h, list, a, b;
	const char *where;
	struct schema_iter it, before;

	if (!header(l, &h, &where) || !schema_get(&h, "eUICC-Mandatory-AIDs", &list))
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

void rule_m2m_field(const struct lint *l)
{
	struct schema_node h, field;
	const char *where;

	if (header(l, &h, &where) && schema_get(&h, l->arg, &field))
		lint_say(l, where, "%s is there", l->arg);
}

void rule_iot_options(const struct lint *l)
{
	struct schema_node h, options;
	const char *where;
	bool iot = outline_element(l->o, "iot", NULL) != NULL;

	if (header(l, &h, &where) && schema_get(&h, "iotOptions", &options) != iot)
		lint_say(l, where, iot ? "iotOptions is missing" : "there is no iot element");
}

void rule_element_version(const struct lint *l, const struct outline_element *e)
{
	static const struct {
		const char *element;
		uint64_t major, minor;
	} since[] = {{"df-5gs", 2, 3},	   {"df-saip", 2, 3}, {"df-snpn", 3, 2},
		     {"df-5gprose", 3, 3}, {"iot", 3, 3},     {"opt-iot", 3, 3}};
	struct schema_node h;
	const char *where;
	uint64_t major, minor;

	if (!header(l, &h, &where))
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

struct keys { /* what akaParameters are sought and found */
	uint64_t algorithm, key_len;
	bool found;
};

static void find_key(void *ctx, const struct lint_aka *a)
{
	struct keys *k = ctx;
	size_t len = schema_octets(&a->own, "key").len;

	if (a->own.type && a->algorithm == k->algorithm && (!k->key_len || k->key_len == len))
		k->found = true;
}

static bool any_file(const struct outline *o, bool link_df)
{
	for (size_t i = 0; i < o->file_count; i++) {
		const struct outline_file *f = &o->files[i];

		if (link_df ? f->is_link && f->kind == OUTLINE_DF : f->kind == OUTLINE_BER_TLV)
			return true;
	}
	return false;
}

/* Elements of this name; one of "app", "load", "cattp" by their fields. */
static size_t count(const struct lint *l, const char *what)
{
	bool load = strcmp(what, "load") == 0, cattp = strcmp(what, "cattp") == 0;
	const char *name = load || strcmp(what, "app") == 0 ? "application"
			   : cattp			    ? "securityDomain"
							    : what;
	size_t n = 0;

	for (size_t i = 0; i < l->o->element_count; i++) {
		const struct outline_element *e = &l->o->elements[i];
		struct schema_node field;

		n += strcmp(e->name, name) == 0 &&
		     (!load || schema_get(&e->node, "loadBlock", &field)) &&
		     (!cattp || schema_get(&e->node, "catTpParameters", &field));
	}
	return n;
}

/* What a service is for: "usim", "aka:2:16", "many:usim", "bertlv", "dflink", "load", "cattp" */
static bool uses(const struct lint *l, const char *what)
{
	struct keys k = {0};

	if (strncmp(what, "aka:", 4) == 0) {
		k.algorithm = (uint64_t)(what[4] - '0');
		if (what[5])
			k.key_len = strcmp(what + 6, "16") == 0 ? AKA_KEY_128 : 2 * AKA_KEY_128;
		lint_each_aka(l->o, find_key, &k);
		return k.found;
	}
	if (strcmp(what, "bertlv") == 0 || strcmp(what, "dflink") == 0)
		return any_file(l->o, *what == 'd');
	if (strncmp(what, "many:", 5) == 0)
		return count(l, what + 5) > 1;
	return count(l, what) > 0;
}

/* The argument of these: "service>what it is for" */
static const char *split(const char *arg, char service[static 48])
{
	size_t n = strcspn(arg, ">");

	snprintf(service, 48, "%.*s", (int)n, arg);
	return arg + n + 1;
}

void rule_service_used(const struct lint *l)
{
	char service[48];
	const char *what = split(l->arg, service);

	if (lint_service(l, service) && !uses(l, what))
		lint_say(l, lint_header(l)->where, "nothing uses %s", service);
}

void rule_service_listed(const struct lint *l)
{
	char service[48];
	const char *what = split(l->arg, service);

	if (lint_header(l) && !lint_service(l, service) && uses(l, what))
		lint_say(l, lint_header(l)->where, "%s is not mandatory", service);
}

/* What follows the service: other services, parted by bars, of which one is enough */
void rule_service_needs(const struct lint *l)
{
	char service[48], other[48];
	const char *list = split(l->arg, service);
	bool found = false;

	if (!lint_service(l, service))
		return;
	while (*list) {
		size_t n = strcspn(list, "|");

		snprintf(other, sizeof(other), "%.*s", (int)n, list);
		found = found || lint_service(l, other);
		list += n + (list[n] == '|');
	}
	if (!found)
		lint_say(l, lint_header(l)->where, "%s stands alone", service);
}
