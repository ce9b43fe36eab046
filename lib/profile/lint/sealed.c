/* sealed: NST, the sealed second subscription and other elements that are not standard */
#include <string.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/profile/sealed.h"

static bool is_other(const struct outline_element *e)
{
	return strcmp(e->name, "nonStandard") == 0;
}

static bool is_sealed(const struct outline_element *e)
{
	return is_other(e) && slice_equal(schema_octets(&e->node, "issuerID"), sealed_issuer());
}

static enum err parse(const struct outline_element *e, struct sealed *s)
{
	return sealed_parse(schema_octets(&e->node, "content"), s);
}

static void rule_sealed_parse(const struct lint *l, const struct outline_element *e)
{
	struct sealed s;
	enum err why = is_sealed(e) ? parse(e, &s) : ERR_OK;

	if (why && why != ERR_POINT)
		lint_say(l, e->where, "%s", err_text(why));
}

static void rule_sealed_curve(const struct lint *l, const struct outline_element *e)
{
	struct sealed s;

	if (is_sealed(e) && parse(e, &s) == ERR_POINT)
		lint_say(l, e->where, "it is none");
}

static void rule_sealed_position(const struct lint *l, const struct outline_element *e)
{
	size_t behind = l->o->element_count - 1 - (size_t)(e - l->o->elements);

	if (is_sealed(e) && behind != 1)
		lint_say(l, e->where, "%zu elements come behind", behind);
}

static void rule_sealed_iccid(const struct lint *l, const struct outline_element *e)
{
	const struct outline_element *h = lint_header(l);
	struct slice plain = h ? schema_octets(&h->node, "iccid") : SLICE_EMPTY;
	struct sealed s;
	bool same = true;

	if (!is_sealed(e) || parse(e, &s) || plain.len != SEALED_ICCID_LEN)
		return;
	for (size_t i = 0; i < SEALED_ICCID_LEN; i++) { /* coded as in EF.ICCID */
		uint8_t b = s.fields.iccid[i];

		same = same && (uint8_t)(b << 4 | b >> 4) == slice_at(plain, i);
	}
	if (!same)
		lint_say(l, e->where, "it is another");
}

static void rule_sealed_mandated(const struct lint *l, const struct outline_element *e)
{
	if (is_sealed(e) && e->mandated)
		lint_say(l, e->where, "it is");
}

static void rule_sealed_once(const struct lint *l, const struct outline_element *e)
{
	for (const struct outline_element *x = l->o->elements; is_sealed(e) && x < e; x++) {
		if (is_sealed(x))
			lint_say(l, e->where, "%s is one too", x->where);
	}
}

static void rule_foreign_mandated(const struct lint *l, const struct outline_element *e)
{
	if (is_other(e) && !is_sealed(e) && e->mandated)
		lint_say(l, e->where, "only eUICCs that know the issuer can install it");
}

static const struct lint_row rows[] = {
	ON_ELEMENT("NST-01", ERROR, rule_sealed_parse, "docs/protocol.md 1",
		   "SealedElements are well-formed"),
	ON_ELEMENT("NST-02", ERROR, rule_sealed_position, "docs/protocol.md 1",
		   "the sealed part is the last element but one"),
	ON_ELEMENT("NST-03", ERROR, rule_sealed_iccid, "docs/protocol.md 1",
		   "the sealed part is that of the ICCID of the header"),
	ON_ELEMENT("NST-04", ERROR, rule_sealed_curve, "docs/protocol.md 1",
		   "the release key is a point of P-256"),
	ON_ELEMENT("NST-05", WARNING, rule_sealed_mandated, "docs/protocol.md 1",
		   "the sealed part is not mandated, so that other eUICCs skip it"),
	ON_ELEMENT("NST-06", ERROR, rule_sealed_once, "docs/protocol.md 1",
		   "there is one sealed part"),
	ON_ELEMENT("NST-07", WARNING, rule_foreign_mandated, "TCA PEDefinitions, PE-NonStandard",
		   "an element of another issuer is not mandated"),
};

const struct lint_table lint_sealed_rules = {rows, ARRAY_LEN(rows)};
