/* structure: STR, the shape of the package; DEP, what comes after what */
#include <string.h>

#include "lib/profile/lint/rules.h"

#define PACKAGE_LARGE (128 * 1024)

void rule_shape(const struct lint *l, const struct lint_node *n)
{
	enum err e =
		n->node->type && n->node->type->kind <= SCHEMA_LIST ? schema_fits(n->node) : ERR_OK;

	if (e == ERR_TAG)
		lint_say(l, n->where, "%s: a field is missing, twice or not in its place",
			 n->node->type->name);
	else if (e)
		lint_say(l, n->where, "%s: %s", n->node->type->name, err_text(e));
}

void rule_value(const struct lint *l, const struct lint_node *n)
{
	if (n->node->type && n->node->type->kind > SCHEMA_LIST && schema_fits(n->node))
		lint_say(l, n->where, "no %s in DER", n->node->type->name);
}

void rule_size_range(const struct lint *l, const struct lint_node *n)
{
	const struct schema_type *t = n->node->type;

	if (t && !schema_in_range(n->node))
		lint_say(l, n->where, "%s allows %llu to %llu", t->name, (unsigned long long)t->min,
			 (unsigned long long)t->max);
}

void rule_encoded_default(const struct lint *l, const struct lint_node *n)
{
	if (n->node->type && schema_is_default(n->node))
		lint_say(l, n->where, "the default is encoded");
}

void rule_extension(const struct lint *l, const struct lint_node *n)
{
	if (!n->node->type)
		lint_say(l, n->where, "tag %X, %zu octets", (unsigned)n->node->tag,
			 n->node->value.len);
}

void rule_unknown_element(const struct lint *l, const struct outline_element *e)
{
	if (!e->node.type)
		lint_say(l, e->where, "tag %X", (unsigned)e->node.tag);
}

void rule_rfu_element(const struct lint *l, const struct outline_element *e)
{
	if (strncmp(e->name, "rfu", 3) == 0)
		lint_say(l, e->where, "%s", e->name);
}

void rule_header_first(const struct lint *l)
{
	if (l->o->element_count == 0 || strcmp(l->o->elements[0].name, "header") != 0)
		lint_say(l, "/elements/0", "it is %s",
			 l->o->element_count ? l->o->elements[0].name : "missing");
}

/* Whether an element of the same name stands before e. */
static bool repeated(const struct lint *l, const struct outline_element *e)
{
	return *e->name && outline_element(l->o, e->name, NULL) != e;
}

void rule_header_once(const struct lint *l, const struct outline_element *e)
{
	if (strcmp(e->name, "header") == 0 && repeated(l, e))
		lint_say(l, e->where, "another ProfileHeader");
}

void rule_end_last(const struct lint *l)
{
	size_t n = l->o->element_count;
	const char *last = n ? l->o->elements[n - 1].name : "missing";

	if (strcmp(last, "end") != 0)
		lint_say(l, "/elements", "it is %s", *last ? last : "not known");
}

void rule_end_once(const struct lint *l, const struct outline_element *e)
{
	if (strcmp(e->name, "end") == 0 && repeated(l, e))
		lint_say(l, e->where, "another PE-End");
}

void rule_id_unique(const struct lint *l, const struct outline_element *e)
{
	for (const struct outline_element *x = l->o->elements; e->has_id && x < e; x++) {
		if (x->has_id && x->id == e->id) {
			lint_say(l, e->where, "%llu is that of %s too", (unsigned long long)e->id,
				 x->where);
			return;
		}
	}
}

void rule_has_mf(const struct lint *l)
{
	if (!outline_at(l->o, "3F00"))
		lint_say(l, "/elements", "no element makes it");
}

void rule_once(const struct lint *l, const struct outline_element *e)
{
	static const char *const names[] = {"mf", "pukCodes", "cd", "telecom", "iot", "opt-iot"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(e->name, names[i]) == 0 && repeated(l, e))
			lint_say(l, e->where, "another %s", e->name);
	}
}

/* The same element stands before e, behind the same application. */
void rule_once_in_naa(const struct lint *l, const struct outline_element *e)
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

void rule_iot_mf(const struct lint *l, const struct outline_element *e)
{
	const struct outline_element *h = lint_header(l);
	struct schema_node n;

	if (strcmp(e->name, "mf") == 0 && h && schema_get(&h->node, "iotOptions", &n))
		lint_say(l, e->where, "the header has iotOptions");
}

/* PE-PINCodes and all that goes into the MF; NAAs have an ADF, which lies in no DF but needs it */
void rule_mf_before(const struct lint *l, const struct outline_element *e)
{
	static const char *const names[] = {"cd", "telecom", "usim", "isim", "csim"};
	const struct outline_element *mf = outline_element(l->o, "mf", NULL);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (mf && e < mf && strcmp(e->name, names[i]) == 0)
			lint_say(l, e->where, "%s comes before the MF", e->name);
	}
}

void rule_mandated(const struct lint *l, const struct outline_element *e)
{
	static const char *const names[] = {"mf",   "pinCodes", "pukCodes",	"usim", "isim",
					    "csim", "iot",	"akaParameter", "end"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!e->mandated && strcmp(e->name, names[i]) == 0)
			lint_say(l, e->where, "an eUICC may skip %s", e->name);
	}
}

void rule_empty_file(const struct lint *l, const struct outline_file *f)
{
	if (!f->generic && !f->defaulted && f->steps.len == 0)
		lint_say(l, f->where, "%s has no step", f->name);
}

void rule_has_naa(const struct lint *l)
{
	if (l->o->element_count && l->o->elements[l->o->element_count - 1].naa == SIZE_MAX)
		lint_say(l, "/elements", "no usim, isim, csim or iot");
}

void rule_package_size(const struct lint *l)
{
	if (l->o->package.len > PACKAGE_LARGE)
		lint_say(l, "/elements", "%zu octets", l->o->package.len);
}

/* One of the names between bars, with its length; *list goes behind it. */
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
void rule_after(const struct lint *l)
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
