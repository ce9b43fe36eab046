/* structure: STR, the shape of the package; DEP, what comes after what */
#include <string.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"

#define PACKAGE_LARGE (128 * 1024)

static void rule_shape(const struct lint *l, const struct lint_node *n)
{
	enum err e =
		n->node->type && n->node->type->kind <= SCHEMA_LIST ? schema_fits(n->node) : ERR_OK;

	if (e == ERR_TAG)
		lint_say(l, n->where, "%s: a field is missing, twice or not in its place",
			 n->node->type->name);
	else if (e)
		lint_say(l, n->where, "%s: %s", n->node->type->name, err_text(e));
}

static void rule_value(const struct lint *l, const struct lint_node *n)
{
	if (n->node->type && n->node->type->kind > SCHEMA_LIST && schema_fits(n->node))
		lint_say(l, n->where, "no %s in DER", n->node->type->name);
}

static void rule_size_range(const struct lint *l, const struct lint_node *n)
{
	const struct schema_type *t = n->node->type;

	if (t && !schema_in_range(n->node))
		lint_say(l, n->where, "%s allows %llu to %llu", t->name, (unsigned long long)t->min,
			 (unsigned long long)t->max);
}

static void rule_encoded_default(const struct lint *l, const struct lint_node *n)
{
	if (n->node->type && schema_is_default(n->node))
		lint_say(l, n->where, "the default is encoded");
}

static void rule_extension(const struct lint *l, const struct lint_node *n)
{
	if (!n->node->type)
		lint_say(l, n->where, "tag %X, %zu octets", (unsigned)n->node->tag,
			 n->node->value.len);
}

static void rule_unknown_element(const struct lint *l, const struct outline_element *e)
{
	if (!e->node.type)
		lint_say(l, e->where, "tag %X", (unsigned)e->node.tag);
}

static void rule_rfu_element(const struct lint *l, const struct outline_element *e)
{
	if (strncmp(e->name, "rfu", 3) == 0)
		lint_say(l, e->where, "%s", e->name);
}

static void rule_header_first(const struct lint *l)
{
	if (l->o->element_count == 0 || strcmp(l->o->elements[0].name, "header") != 0)
		lint_say(l, "/elements/0", "it is %s",
			 l->o->element_count ? l->o->elements[0].name : "missing");
}

/* Whether an element of the same name stands before e. */
static bool is_repeated(const struct lint *l, const struct outline_element *e)
{
	return *e->name && outline_element(l->o, e->name, NULL) != e;
}

static void rule_header_once(const struct lint *l, const struct outline_element *e)
{
	if (strcmp(e->name, "header") == 0 && is_repeated(l, e))
		lint_say(l, e->where, "another ProfileHeader");
}

static void rule_end_last(const struct lint *l)
{
	size_t n = l->o->element_count;
	const char *last = n ? l->o->elements[n - 1].name : "missing";

	if (strcmp(last, "end") != 0)
		lint_say(l, "/elements", "it is %s", *last ? last : "not known");
}

static void rule_end_once(const struct lint *l, const struct outline_element *e)
{
	if (strcmp(e->name, "end") == 0 && is_repeated(l, e))
		lint_say(l, e->where, "another PE-End");
}

static void rule_id_unique(const struct lint *l, const struct outline_element *e)
{
	for (const struct outline_element *x = l->o->elements; e->has_id && x < e; x++) {
		if (x->has_id && x->id == e->id) {
			lint_say(l, e->where, "%llu is that of %s too", (unsigned long long)e->id,
				 x->where);
			return;
		}
	}
}

static void rule_has_mf(const struct lint *l)
{
	if (!outline_at(l->o, "3F00"))
		lint_say(l, "/elements", "no element makes it");
}

static void rule_once(const struct lint *l, const struct outline_element *e)
{
	static const char *const names[] = {"mf", "pukCodes", "cd", "telecom", "iot", "opt-iot"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(e->name, names[i]) == 0 && is_repeated(l, e))
			lint_say(l, e->where, "another %s", e->name);
	}
}

/* The same element stands before e, behind the same application. */
static void rule_once_in_naa(const struct lint *l, const struct outline_element *e)
{
	static const char *const names[] = {"opt-usim",	  "opt-isim",	  "opt-csim", "phonebook",
					    "gsm-access", "df-5gs",	  "df-saip",  "df-snpn",
					    "df-5gprose", "cdmaParameter"};
	const struct outline_element *x = NULL;
	bool meant = false;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		meant = meant || strcmp(e->name, names[i]) == 0;
	while (meant && (x = outline_element(l->o, e->name, x)) && x != e) {
		if (x->naa == e->naa && e->naa != SIZE_MAX) {
			lint_say(l, e->where, "another %s", e->name);
			return;
		}
	}
}

static void rule_iot_mf(const struct lint *l, const struct outline_element *e)
{
	const struct outline_element *h = lint_header(l);
	struct schema_node n;

	if (strcmp(e->name, "mf") == 0 && h && schema_get(&h->node, "iotOptions", &n))
		lint_say(l, e->where, "the header has iotOptions");
}

/* Elements that put files into the MF; the ADF of an application lies in no DF, but needs the MF
 * all the same. */
static void rule_mf_before(const struct lint *l, const struct outline_element *e)
{
	static const char *const names[] = {"cd", "telecom", "usim", "isim", "csim"};
	const struct outline_element *mf = outline_element(l->o, "mf", NULL);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (mf && e < mf && strcmp(e->name, names[i]) == 0)
			lint_say(l, e->where, "%s comes before the MF", e->name);
	}
}

static void rule_mandated(const struct lint *l, const struct outline_element *e)
{
	static const char *const names[] = {"mf",   "pinCodes", "pukCodes",	"usim", "isim",
					    "csim", "iot",	"akaParameter", "end"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!e->mandated && strcmp(e->name, names[i]) == 0)
			lint_say(l, e->where, "an eUICC may skip %s", e->name);
	}
}

static void rule_empty_file(const struct lint *l, const struct outline_file *f)
{
	if (!f->generic && !f->defaulted && f->steps.len == 0)
		lint_say(l, f->where, "%s has no step", f->name);
}

static void rule_has_naa(const struct lint *l)
{
	if (l->o->element_count && l->o->elements[l->o->element_count - 1].naa == SIZE_MAX)
		lint_say(l, "/elements", "no usim, isim, csim or iot");
}

static void rule_package_size(const struct lint *l)
{
	if (l->o->package.len > PACKAGE_LARGE)
		lint_say(l, "/elements", "%zu octets", l->o->package.len);
}

/* The next of the names between bars; returns its length and moves *list behind it. */
static size_t next_name(const char **list, const char **name)
{
	size_t n = strcspn(*list, "|");

	*name = *list;
	*list += n + ((*list)[n] == '|');
	return n;
}

static bool name_in(const char *name, const char *list)
{
	const char *one;

	while (*list) {
		size_t n = next_name(&list, &one);

		if (strlen(name) == n && strncmp(name, one, n) == 0)
			return true;
	}
	return false;
}

/* The argument: "what>after|or after" */
static void rule_after(const struct lint *l)
{
	const char *list = strchr(l->arg, '>') + 1;
	bool seen = false;

	for (size_t i = 0; i < l->o->element_count; i++) {
		const struct outline_element *e = &l->o->elements[i];
		size_t n = strlen(e->name);

		if (!seen && n && strncmp(l->arg, e->name, n) == 0 && l->arg[n] == '>')
			lint_say(l, e->where, "there is none before it");
		seen = seen || name_in(e->name, list);
	}
}

static const struct lint_row rows[] = {
	ON_NODE("STR-01", ERROR, rule_shape, "TCA PEDefinitions, module",
		"a data object has the fields of its type, in their order, none missing"),
	ON_NODE("STR-02", ERROR, rule_value, "TCA PEDefinitions, module; X.690",
		"a value is one of its type in DER"),
	ON_NODE("STR-03", ERROR, rule_size_range, "TCA PEDefinitions, module",
		"a value keeps the size and range of the ASN.1"),
	ON_NODE("STR-04", INFO, rule_encoded_default, "X.690 11.5",
		"a default value is not encoded"),
	ON_NODE("STR-05", INFO, rule_extension, "TCA PEDefinitions, EXTENSIBILITY IMPLIED",
		"there is no field that PEDefinitions 3.3.1 does not know"),
	ON_ELEMENT("STR-06", WARNING, rule_unknown_element, "TCA PEDefinitions, ProfileElement",
		   "every element is one of PEDefinitions 3.3.1"),
	ON_ELEMENT("STR-07", WARNING, rule_rfu_element, "TCA PEDefinitions, ProfileElement",
		   "no element that is reserved for future use is used"),
	ON_PACKAGE("STR-08", ERROR, rule_header_first, "TCA 8.2; TCA PEDefinitions, ProfileHeader",
		   "the first element is the ProfileHeader"),
	ON_ELEMENT("STR-09", ERROR, rule_header_once, "TCA PEDefinitions, ProfileHeader",
		   "there is one ProfileHeader"),
	ON_PACKAGE("STR-10", ERROR, rule_end_last, "TCA PEDefinitions, PE-End",
		   "the last element is PE-End"),
	ON_ELEMENT("STR-11", ERROR, rule_end_once, "TCA PEDefinitions, PE-End",
		   "there is one PE-End"),
	ON_ELEMENT("STR-12", ERROR, rule_id_unique, "TCA PEDefinitions, PEHeader",
		   "the identification of an element is its own"),
	ON_PACKAGE("STR-14", ERROR, rule_has_mf, "TCA 9.2; TCA PEDefinitions, PE-MF",
		   "there is an MF"),
	ON_ELEMENT("STR-15", ERROR, rule_once, "TCA 8.1.3; TCA 8.5.2",
		   "an element of the whole package stands once"),
	ON_ELEMENT("STR-16", ERROR, rule_mf_before, "TCA 8.3",
		   "the MF comes before the elements that make files in it"),
	ON_ELEMENT("STR-17", WARNING, rule_mandated, "TCA PEDefinitions, PEHeader",
		   "an element that the profile cannot do without is mandated"),
	ON_FILE("STR-18", WARNING, rule_empty_file, "TCA PEDefinitions, File",
		"a File that stands in an element says something"),
	ON_PACKAGE("STR-19", WARNING, rule_has_naa, "TCA 8.3",
		   "there is a network access application"),
	ON_PACKAGE("STR-20", WARNING, rule_package_size, "SGP.22 5.7.8",
		   "the package has a size that eUICCs have memory for"),
	ON_ELEMENT("STR-21", ERROR, rule_once_in_naa, "TCA 8.1.3; TCA 8.3.4",
		   "an element of an application stands once behind it"),
	ON_ELEMENT("STR-22", ERROR, rule_iot_mf, "TCA 7.5",
		   "a minimal package for IoT has no PE-MF"),
	ON_PACKAGE("DEP-01", ERROR, rule_after, "TCA 9.5.2", "opt-usim comes after usim",
		   .arg = "opt-usim>usim"),
	ON_PACKAGE("DEP-02", ERROR, rule_after, "TCA 9.6.2", "opt-isim comes after isim",
		   .arg = "opt-isim>isim"),
	ON_PACKAGE("DEP-03", ERROR, rule_after, "TCA 9.7.2", "opt-csim comes after csim",
		   .arg = "opt-csim>csim"),
	ON_PACKAGE("DEP-04", ERROR, rule_after, "TCA 9.5.3", "phonebook comes after usim",
		   .arg = "phonebook>usim"),
	ON_PACKAGE("DEP-05", ERROR, rule_after, "TCA 9.5.4", "gsm-access comes after usim",
		   .arg = "gsm-access>usim"),
	ON_PACKAGE("DEP-06", ERROR, rule_after, "TCA 9.5.11", "df-5gs comes after usim",
		   .arg = "df-5gs>usim"),
	ON_PACKAGE("DEP-07", ERROR, rule_after, "TCA 9.5.12", "df-saip comes after usim",
		   .arg = "df-saip>usim"),
	ON_PACKAGE("DEP-08", ERROR, rule_after, "TCA 9.5.13", "df-snpn comes after usim",
		   .arg = "df-snpn>usim"),
	ON_PACKAGE("DEP-09", ERROR, rule_after, "TCA 9.5.14", "df-5gprose comes after usim",
		   .arg = "df-5gprose>usim"),
	ON_PACKAGE("DEP-10", ERROR, rule_after, "TCA 7.5", "opt-iot comes after iot",
		   .arg = "opt-iot>iot"),
	ON_PACKAGE("DEP-11", ERROR, rule_after, "TCA 9.8",
		   "eap comes after a network access application", .arg = "eap>usim|isim|csim"),
	ON_PACKAGE("DEP-12", ERROR, rule_after, "TCA PEDefinitions, PE-AKAParameter",
		   "akaParameter comes after the application whose key it is",
		   .arg = "akaParameter>usim|isim|csim|iot"),
	ON_PACKAGE("DEP-13", ERROR, rule_after, "TCA PEDefinitions, PE-CDMAParameter",
		   "cdmaParameter comes after csim", .arg = "cdmaParameter>csim"),
	ON_PACKAGE("DEP-14", ERROR, rule_after, "TCA PEDefinitions, PINConfiguration",
		   "pinCodes comes after the MF", .arg = "pinCodes>mf|iot|genericFileManagement"),
	ON_PACKAGE("DEP-15", ERROR, rule_after, "TCA PEDefinitions, PE-RFM",
		   "rfm comes after a security domain", .arg = "rfm>securityDomain"),
	ON_PACKAGE("DEP-16", ERROR, rule_after, "TCA PEDefinitions, PE-Application",
		   "application comes after a security domain",
		   .arg = "application>securityDomain"),
};

const struct lint_table lint_structure_rules = {rows, ARRAY_LEN(rows)};
