/* codes: PIN and PUK, the codes of PE-PINCodes and PE-PUKCodes */
#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"

#define PIN_LEN	       8
#define PIN_DIGITS_MIN 4
#define PIN_ENABLED    1u
#define PIN_CHANGEABLE 4u
#define PIN_BITS       7u
#define LOCAL	       0x80u
#define KEY_REFERENCE  0x83u
#define FILLER	       0xFFu

struct sought {
	uint64_t reference;
	const char *df; /* the code is defined in it, above or below; NULL: anywhere */
	const struct outline_element *element; /* NULL: of any */
	const struct lint_code * not ;	       /* and not before this entry; NULL: any */
	bool unblocks;			       /* by unblockingPINReference */
	bool found, is_behind;
};

/* One path begins with the other. */
static bool paths_are_nested(const char *a, const char *b)
{
	size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	return n && strncmp(a, b, n) == 0;
}

static void seek(void *ctx, const struct lint_code *c)
{
	struct sought *s = ctx;
	uint64_t ref =
		s->unblocks ? schema_uint(&c->entry, "unblockingPINReference", 0) : c->reference;

	s->is_behind = s->is_behind || (s->not &&c->entry.raw.ptr == s->not ->entry.raw.ptr);
	if (s->is_behind || ref != s->reference || (s->element && s->element != c->element))
		return;
	if (!s->df || paths_are_nested(s->df, c->element->df))
		s->found = true;
}

static bool has_name(const struct schema_node *entry, uint64_t reference)
{
	struct schema_node n;

	return schema_get(entry, "keyReference", &n) && schema_value_name(n.type, reference);
}

static bool is_global(uint64_t reference)
{
	return !(reference & LOCAL);
}

static bool is_of_user(uint64_t reference)
{
	uint64_t n = reference & ~(uint64_t)LOCAL;

	return n >= 1 && n <= 8;
}

static void rule_pin_reference(const struct lint *l, const struct lint_code *c)
{
	if (!has_name(&c->entry, c->reference))
		lint_say(l, c->where, "%llu", (unsigned long long)c->reference);
}

static void rule_puk_reference(const struct lint *l, const struct lint_code *c)
{
	rule_pin_reference(l, c);
}

static void rule_pin_once(const struct lint *l, const struct lint_code *c)
{
	struct sought s = {.reference = c->reference, .element = c->element, .not = c};

	lint_each_pin(l->o, seek, &s);
	if (s.found)
		lint_say(l, c->where, "%llu stands twice", (unsigned long long)c->reference);
}

static void rule_puk_once(const struct lint *l, const struct lint_code *c)
{
	struct sought s = {.reference = c->reference, .not = c};

	lint_each_puk(l->o, seek, &s);
	if (s.found)
		lint_say(l, c->where, "%llu stands twice", (unsigned long long)c->reference);
}

static void rule_pin_puk(const struct lint *l, const struct lint_code *c)
{
	struct sought s = {.reference = schema_uint(&c->entry, "unblockingPINReference", 0)};

	if (!s.reference)
		return;
	lint_each_puk(l->o, seek, &s);
	if (!s.found)
		lint_say(l, c->where, "there is no PUK %llu", (unsigned long long)s.reference);
}

static void rule_pin_global(const struct lint *l, const struct lint_code *c)
{
	if (strcmp(c->element->df, "3F00") == 0 && !is_global(c->reference))
		lint_say(l, c->where, "%llu is local", (unsigned long long)c->reference);
}

static void rule_pin_local(const struct lint *l, const struct lint_code *c)
{
	if (*c->element->df && strcmp(c->element->df, "3F00") != 0 && is_global(c->reference))
		lint_say(l, c->where, "%llu is global, the DF is %s",
			 (unsigned long long)c->reference, c->element->df);
}

/* Digits in ASCII, then FF; how many, 0: something else */
static size_t code_digits(struct slice v)
{
	size_t n = 0;

	while (n < v.len && slice_at(v, n) >= '0' && slice_at(v, n) <= '9')
		n++;
	return v.len == PIN_LEN && lint_all(slice_sub(v, n, v.len), 0xFF) ? n : 0;
}

static void rule_pin_digits(const struct lint *l, const struct lint_code *c)
{
	if (is_of_user(c->reference) &&
	    code_digits(schema_octets(&c->entry, "pinValue")) < PIN_DIGITS_MIN)
		lint_say(l, c->where, "other characters, too few, or something behind the filler");
}

static void rule_puk_digits(const struct lint *l, const struct lint_code *c)
{
	if (code_digits(schema_octets(&c->entry, "pukValue")) != PIN_LEN)
		lint_say(l, c->where, "other characters or fewer");
}

static unsigned tries(const struct lint_code *c)
{
	return (unsigned)schema_uint(&c->entry, "maxNumOfAttemps-retryNumLeft", 0) & 0xFF;
}

static void rule_tries_max(const struct lint *l, const struct lint_code *c)
{
	if (tries(c) >> 4 == 0)
		lint_say(l, c->where, "none is allowed");
}

static void rule_tries_left(const struct lint *l, const struct lint_code *c)
{
	if ((tries(c) & 15) > tries(c) >> 4)
		lint_say(l, c->where, "%u are left of %u", tries(c) & 15, tries(c) >> 4);
}

static void rule_tries_blocked(const struct lint *l, const struct lint_code *c)
{
	if ((tries(c) & 15) == 0)
		lint_say(l, c->where, "no attempt is left");
}

static void rule_pin_attributes(const struct lint *l, const struct lint_code *c)
{
	uint64_t a = schema_uint(&c->entry, "pinAttributes", 0);

	if (a & ~(uint64_t)PIN_BITS)
		lint_say(l, c->where, "%02llX", (unsigned long long)a);
}

static void rule_pin_useless(const struct lint *l, const struct lint_code *c)
{
	uint64_t a = schema_uint(&c->entry, "pinAttributes", 0);

	if (!(a & PIN_ENABLED) && !(a & PIN_CHANGEABLE))
		lint_say(l, c->where, "it is disabled for ever");
}

static void rule_pin_no_puk(const struct lint *l, const struct lint_code *c)
{
	if (is_of_user(c->reference) && !schema_uint(&c->entry, "unblockingPINReference", 0))
		lint_say(l, c->where, "it names no PUK");
}

static void rule_pin_shared(const struct lint *l, const struct outline_element *e)
{
	struct schema_node path;
	char df[OUTLINE_PATH_MAX];
	bool pins = false;

	if (strcmp(e->name, "pinCodes") != 0 || !schema_get(&e->node, "pinCodes/filePath", &path))
		return;
	if (!outline_path(l->o, path.value, df)) {
		lint_say(l, e->where, "filePath has no whole file identifiers");
		return;
	}
	for (const struct outline_element *x = NULL;
	     (x = outline_element(l->o, "pinCodes", x)) && x != e;)
		pins = pins || strcmp(x->df, df) == 0;
	if (!pins)
		lint_say(l, e->where, "%s has no PINs before it", df);
}

static void need_pin(const struct lint *l, uint64_t reference, const char *name)
{
	struct sought s = {.reference = reference};

	lint_each_pin(l->o, seek, &s);
	if (!s.found)
		lint_say(l, "/elements", "there is no %s", name);
}

static void rule_pin1(const struct lint *l)
{
	need_pin(l, 1, "pinAppl1");
}

static void rule_adm1(const struct lint *l)
{
	need_pin(l, 10, "adm1");
}

/* A PIN that is in force in a DF: global ones everywhere, local ones of the DF, of one above or
 * below, or shared into it. */
static bool pin_defined(const struct outline *o, const char *df, uint64_t reference)
{
	struct sought s = {.reference = reference, .df = is_global(reference) ? NULL : df};

	if (!is_global(reference)) {
		const struct outline_element *e = NULL;
		struct schema_node path;

		while ((e = outline_element(o, "pinCodes", e))) {
			if (strcmp(e->df, df) == 0 &&
			    schema_get(&e->node, "pinCodes/filePath", &path))
				return true; /* rule PIN-13 looks where it leads */
		}
	}
	lint_each_pin(o, seek, &s);
	return s.found;
}

static void rule_pin_status_defined(const struct lint *l, const struct outline_file *f)
{
	struct slice status = schema_octets(&f->fcp, "pinStatusTemplateDO");

	for (size_t i = 0; i < status.len; i++) {
		uint8_t ref = slice_at(status, i);

		if (!pin_defined(l->o, f->path, ref))
			lint_say(l, f->where, "key reference %02X", ref);
	}
}

static void rule_pin_in_status(const struct lint *l, const struct lint_code *c)
{
	const struct outline_file *df = outline_at(l->o, c->element->df);
	struct slice status = df ? schema_octets(&df->fcp, "pinStatusTemplateDO") : SLICE_EMPTY;

	if (status.len == 0)
		return;
	for (size_t i = 0; i < status.len; i++) {
		if (slice_at(status, i) == c->reference)
			return;
	}
	lint_say(l, c->where, "%s has %llu not", df->path, (unsigned long long)c->reference);
}

/* A key reference (83) anywhere in the rules of a record; each is said once. */
static void arr_references(const struct lint *l, const struct outline_file *f, struct slice v,
			   unsigned depth, bool said[static 256])
{
	struct cursor c = cursor_of(v);
	struct tlv t;

	while (depth < 4 && tlv_next(&c, &t)) {
		if (t.tag == FILLER)
			return;
		if (t.tag == UICC_SC_KEY || t.tag == UICC_SC_OR || t.tag == UICC_SC_AND)
			arr_references(l, f, t.value, depth + 1, said);
		if (t.tag == KEY_REFERENCE && t.value.len == 1 && !said[slice_at(t.value, 0)] &&
		    !pin_defined(l->o, f->parent, slice_at(t.value, 0))) {
			lint_say(l, f->where, "key reference %02X", slice_at(t.value, 0));
			said[slice_at(t.value, 0)] = true;
		}
	}
}

static void rule_arr_pins(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	bool said[256] = {false};
	struct slice content;

	if (f->kind != UICC_LINEAR || !f->record_len || !lint_is_arr(f))
		goto out;
	content = lint_content(f, &mem);
	for (size_t at = 0; at < content.len; at += f->record_len)
		arr_references(l, f, slice_sub(content, at, f->record_len), 0, said);
out:
	wbuf_free(&mem);
}

static void rule_puk_used(const struct lint *l, const struct lint_code *c)
{
	struct sought s = {.reference = c->reference, .unblocks = true};

	lint_each_pin(l->o, seek, &s);
	if (!s.found)
		lint_say(l, c->where, "no PIN names %llu", (unsigned long long)c->reference);
}

static void rule_puk_order(const struct lint *l, const struct outline_element *e)
{
	const struct outline_element *pins = outline_element(l->o, "pinCodes", NULL);

	if (strcmp(e->name, "pukCodes") == 0 && pins && pins < e)
		lint_say(l, e->where, "%s comes before", pins->where);
}

/* PE-MF, or the PE-GenericFileManagement that takes its place, or the header of an IoT package */
static void rule_puk_place(const struct lint *l, const struct outline_element *e)
{
	static const char *const before[] = {"mf", "genericFileManagement", "header"};

	if (strcmp(e->name, "pukCodes") != 0 || e == l->o->elements)
		return;
	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		if (strcmp(e[-1].name, before[i]) == 0)
			return;
	}
	lint_say(l, e->where, "it comes after %s", e[-1].name);
}

static void rule_pin_context_once(const struct lint *l, const struct outline_element *e)
{
	const struct outline_element *x = NULL;

	if (strcmp(e->name, "pinCodes") != 0 || !*e->df)
		return;
	while ((x = outline_element(l->o, "pinCodes", x)) && x != e) {
		if (strcmp(x->df, e->df) == 0) {
			lint_say(l, e->where, "%s is for %s too", x->where, e->df);
			return;
		}
	}
}

static const struct lint_row rows[] = {
	ON_PIN("PIN-01", ERROR, rule_pin_reference, "TCA PEDefinitions, PINConfiguration",
	       "a PIN has a key reference of the table"),
	ON_PIN("PIN-02", ERROR, rule_pin_once, "TCA PEDefinitions, PINConfiguration",
	       "a key reference stands once in a PE-PINCodes"),
	ON_PIN("PIN-03", ERROR, rule_pin_puk, "TCA PEDefinitions, PINConfiguration",
	       "the PUK that a PIN names exists"),
	ON_PIN("PIN-04", ERROR, rule_pin_global, "TCA PEDefinitions, PINConfiguration",
	       "in the context of the MF there are global key references only"),
	ON_PIN("PIN-05", ERROR, rule_pin_local, "TCA PEDefinitions, PINConfiguration",
	       "in the context of a DF or ADF there are local key references only"),
	ON_PIN("PIN-06", ERROR, rule_pin_digits, "TS 102 221 9.5.1",
	       "a PIN has 4 to 8 digits, then FF"),
	ON_PIN("PIN-07", ERROR, rule_tries_max, "TCA PEDefinitions, PINConfiguration",
	       "a PIN allows at least one attempt"),
	ON_PIN("PIN-08", ERROR, rule_tries_left, "TCA PEDefinitions, PINConfiguration",
	       "no more attempts are left than are allowed"),
	ON_PIN("PIN-09", WARNING, rule_tries_blocked, "TCA PEDefinitions, PINConfiguration",
	       "a PIN is not blocked from the start"),
	ON_PIN("PIN-10", WARNING, rule_pin_attributes, "TCA PEDefinitions, PINConfiguration",
	       "pinAttributes uses the bits that are defined"),
	ON_PIN("PIN-11", INFO, rule_pin_useless, "TCA PEDefinitions, PINConfiguration",
	       "a PIN that is disabled can be enabled"),
	ON_PIN("PIN-12", WARNING, rule_pin_no_puk, "TCA PEDefinitions, PINConfiguration",
	       "a PIN of the user can be unblocked"),
	ON_ELEMENT("PIN-13", ERROR, rule_pin_shared, "TCA PEDefinitions, PE-PINCodes; TCA 8.3.5",
		   "the DF whose PINs are shared exists and has PINs"),
	ON_PACKAGE("PIN-14", ERROR, rule_pin1, "TS 102 221 9.4.1",
		   "there is a PIN of application 1"),
	ON_PACKAGE("PIN-15", INFO, rule_adm1, "TS 102 221 9.4.3", "there is an administrative key"),
	ON_FILE("PIN-16", ERROR, rule_pin_status_defined, "TCA 8.1.3; TS 102 221 11.1.1.4.10",
		"a PIN that pinStatusTemplateDO names is defined"),
	ON_PIN("PIN-17", WARNING, rule_pin_in_status, "TS 102 221 11.1.1.4.10",
	       "the DF of a PIN names it in its pinStatusTemplateDO"),
	ON_FILE("PIN-18", INFO, rule_arr_pins, "TS 102 221 9.2.5",
		"a key reference in an access rule is that of a PIN that is defined"),
	ON_ELEMENT("PIN-19", ERROR, rule_pin_context_once, "TCA 8.5.1", "a DF has one PE-PINCodes"),
	ON_PUK("PUK-01", ERROR, rule_puk_reference, "TCA PEDefinitions, PUKConfiguration",
	       "a PUK has a key reference of the table"),
	ON_PUK("PUK-02", ERROR, rule_puk_once, "TCA PEDefinitions, PUKConfiguration",
	       "a PUK is defined once"),
	ON_PUK("PUK-03", ERROR, rule_puk_digits, "TS 102 221 9.5.1", "a PUK has 8 digits"),
	ON_PUK("PUK-04", ERROR, rule_tries_max, "TCA PEDefinitions, PUKConfiguration",
	       "a PUK allows at least one attempt"),
	ON_PUK("PUK-05", ERROR, rule_tries_left, "TCA PEDefinitions, PUKConfiguration",
	       "no more attempts are left than are allowed"),
	ON_PUK("PUK-06", WARNING, rule_tries_blocked, "TCA PEDefinitions, PUKConfiguration",
	       "a PUK is not blocked from the start"),
	ON_PUK("PUK-07", WARNING, rule_puk_used, "TCA PEDefinitions, PINConfiguration",
	       "a PUK unblocks a PIN"),
	ON_ELEMENT("PUK-08", ERROR, rule_puk_order, "TCA PEDefinitions, PINConfiguration",
		   "the PUKs come before the PINs that name them"),
	ON_ELEMENT("PUK-09", ERROR, rule_puk_place, "TCA 8.5.2",
		   "the PUKs come right after the MF, or after the header of an IoT package"),
};

const struct lint_table lint_codes_rules = {rows, ARRAY_LEN(rows)};
