/* sealed: NST, the sealed second subscription and other elements that are not standard */
#include <string.h>

#include "lib/profile/lint/rules.h"
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

void rule_sealed_parse(const struct lint *l, const struct outline_element *e)
{
	struct sealed s;
	enum err why = is_sealed(e) ? parse(e, &s) : ERR_OK;

	if (why && why != ERR_POINT)
		lint_say(l, e->where, "%s", err_text(why));
}

void rule_sealed_curve(const struct lint *l, const struct outline_element *e)
{
	struct sealed s;

	if (is_sealed(e) && parse(e, &s) == ERR_POINT)
		lint_say(l, e->where, "it is none");
}

void rule_sealed_position(const struct lint *l, const struct outline_element *e)
{
	size_t behind = l->o->element_count - 1 - (size_t)(e - l->o->elements);

	if (is_sealed(e) && behind != 1)
		lint_say(l, e->where, "%zu elements come behind", behind);
}

void rule_sealed_iccid(const struct lint *l, const struct outline_element *e)
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

void rule_sealed_mandated(const struct lint *l, const struct outline_element *e)
{
	if (is_sealed(e) && e->mandated)
		lint_say(l, e->where, "it is");
}

void rule_sealed_once(const struct lint *l, const struct outline_element *e)
{
	for (const struct outline_element *x = l->o->elements; is_sealed(e) && x < e; x++) {
		if (is_sealed(x))
			lint_say(l, e->where, "%s is one too", x->where);
	}
}

void rule_foreign_mandated(const struct lint *l, const struct outline_element *e)
{
	if (is_other(e) && !is_sealed(e) && e->mandated)
		lint_say(l, e->where, "only eUICCs that know the issuer can install it");
}
