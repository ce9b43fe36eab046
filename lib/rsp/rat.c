#include "lib/rsp/rat.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/base/bytes.h"

#define OPERATOR_CODE_LEN 3
#define ANY		  0xE
#define FILLER		  0xF
#define TAG_PPRS	  RSP_ProfilePolicyAuthorisationRule_pprIds
#define TAG_OPERATORS	  RSP_ProfilePolicyAuthorisationRule_allowedOperators
#define TAG_FLAGS	  RSP_ProfilePolicyAuthorisationRule_pprFlags
#define TAG_CODE	  RSP_OperatorID_mccMnc
#define TAG_GID1	  RSP_OperatorID_gid1
#define TAG_GID2	  RSP_OperatorID_gid2
#define CONSENT		  RSP_BIT(0)

struct operator_id {
	struct slice code; /* TS 24.008 10.5.1.3: MCC and MNC */
	struct slice gid1, gid2;
};

static enum err read_operator(struct slice contents, struct operator_id *out)
{
	struct cursor c = rsp_contents(contents, &rsp_type_OperatorID);
	struct operator_id m = {0};
	enum err e;

	m.code = rsp_expect_range(&c, TAG_CODE, OPERATOR_CODE_LEN, OPERATOR_CODE_LEN);
	tlv_optional(&c, TAG_GID1, &m.gid1);
	tlv_optional(&c, TAG_GID2, &m.gid2);
	e = tlv_done(&c);
	if (!e)
		*out = m;
	return e;
}

bool rat_next(struct cursor *table, struct rat_rule *out)
{
	struct cursor in;

	if (table->err || !cursor_left(table))
		return false;
	in = rsp_enter(table, ASN1_SEQUENCE, &rsp_type_ProfilePolicyAuthorisationRule);
	out->ppr = rsp_expect_bits(&in, TAG_PPRS);
	out->operators = tlv_expect(&in, TAG_OPERATORS);
	out->consent = rsp_expect_bits(&in, TAG_FLAGS) & CONSENT;
	tlv_leave(table, &in);
	return table->err == ERR_OK;
}

uint32_t rat_named(struct slice table)
{
	struct cursor c = cursor_of(table);
	struct rat_rule rule;
	uint32_t named = 0;

	while (rat_next(&c, &rule))
		named |= rule.ppr;
	return named & RAT_PPRS;
}

static bool code_fits(struct slice rule, struct slice owner)
{
	for (size_t i = 0; i < OPERATOR_CODE_LEN; i++) {
		uint8_t r = slice_at(rule, i), o = slice_at(owner, i);

		if ((r >> 4 != ANY && r >> 4 != o >> 4) ||
		    ((r & 15) != ANY && (r & 15) != (o & 15)))
			return false;
	}
	return true;
}

static bool gid_fits(struct slice rule, struct slice owner)
{
	if (!rule.ptr)
		return !owner.ptr;
	return !rule.len || slice_equal(rule, owner);
}

static bool names_owner(const struct rat_rule *rule, const struct operator_id *owner)
{
	struct cursor c = cursor_of(rule->operators);
	struct operator_id id;

	while (cursor_left(&c)) {
		struct slice contents = tlv_expect(&c, ASN1_SEQUENCE);

		if (c.err || read_operator(contents, &id))
			return false;
		if (code_fits(id.code, owner->code) && gid_fits(id.gid1, owner->gid1) &&
		    gid_fits(id.gid2, owner->gid2))
			return true;
	}
	return false;
}

bool rat_allows(struct slice table, uint32_t ppr, struct slice owner, bool *consent)
{
	struct operator_id id;
	struct cursor c = cursor_of(table);
	struct rat_rule rule;
	uint32_t left = ppr & RAT_PPRS;
	bool ask = false;

	if (left && read_operator(owner, &id))
		return false;
	/* SGP.22 2.9.2.3: for each PPR the first rule that names the owner decides */
	while (left && rat_next(&c, &rule)) {
		if (!(rule.ppr & left) || !names_owner(&rule, &id))
			continue;
		ask = ask || rule.consent;
		left &= ~rule.ppr;
	}
	if (consent)
		*consent = ask;
	return !left;
}

/* Reads one word; *text then stands at what ended it. */
static struct slice word(const char **text, const char *ends)
{
	size_t n = strcspn(*text, ends);
	struct slice s = slice_make(*text, n);

	*text += n;
	return s;
}

static uint8_t nibble(struct slice digits, size_t i)
{
	return slice_at(digits, i) == '*' ? ANY : (uint8_t)(slice_at(digits, i) - '0');
}

static void put_code(struct slice digits, struct wbuf *w)
{
	if (slice_is(digits, "*"))
		digits = slice_str("******");
	if (digits.len != 5 && digits.len != 6)
		wbuf_fail(w, ERR_VALUE);
	for (size_t i = 0; i < digits.len; i++) {
		if (slice_at(digits, i) != '*' &&
		    (slice_at(digits, i) < '0' || slice_at(digits, i) > '9'))
			wbuf_fail(w, ERR_VALUE);
	}
	tlv_put_header(w, TAG_CODE, OPERATOR_CODE_LEN);
	wbuf_u8(w, (uint8_t)(nibble(digits, 1) << 4 | nibble(digits, 0)));
	wbuf_u8(w,
		(uint8_t)((digits.len == 6 ? nibble(digits, 5) : FILLER) << 4 | nibble(digits, 2)));
	wbuf_u8(w, (uint8_t)(nibble(digits, 4) << 4 | nibble(digits, 3)));
}

static void put_gid(struct slice hex, uint32_t tag, struct wbuf *w)
{
	char text[2 * 32 + 1];
	size_t mark = tlv_open(w, tag);

	if (!slice_is(hex, "*") &&
	    (!hex.len || slice_text(hex, text, sizeof(text)) || hex_decode(text, w)))
		wbuf_fail(w, ERR_VALUE);
	tlv_close(w, mark);
}

static void put_operator(const char **text, struct wbuf *w)
{
	static const uint32_t gids[] = {TAG_GID1, TAG_GID2};
	struct slice code = word(text, "/,:");
	size_t mark = tlv_open(w, ASN1_SEQUENCE), n = 0;

	put_code(code, w);
	while (**text == '/') {
		++*text;
		if (n == ARRAY_LEN(gids)) {
			wbuf_fail(w, ERR_VALUE);
			break;
		}
		put_gid(word(text, "/,:"), gids[n++], w);
	}
	if (slice_is(code, "*")) { /* any operator at all */
		while (n < ARRAY_LEN(gids))
			put_gid(code, gids[n++], w);
	}
	tlv_close(w, mark);
}

static uint32_t read_pprs(const char **text)
{
	uint32_t ppr = 0;

	for (;;) {
		struct slice name = word(text, "+=");

		if (slice_is(name, "ppr1"))
			ppr |= RSP_PPR1;
		else if (slice_is(name, "ppr2"))
			ppr |= RSP_PPR2;
		else
			return 0;
		if (**text == '=')
			return ppr;
		if (**text != '+')
			return 0;
		++*text;
	}
}

enum err rat_parse_text(const char *text, struct wbuf *out)
{
	uint32_t ppr = read_pprs(&text), flags = 0;
	size_t rule = tlv_open(out, ASN1_SEQUENCE), list;

	if (!ppr) {
		wbuf_fail(out, ERR_VALUE);
		return ERR_VALUE;
	}
	tlv_put_bits(out, TAG_PPRS, ppr);
	list = tlv_open(out, TAG_OPERATORS);
	do {
		text++; /* the = or the comma */
		put_operator(&text, out);
	} while (*text == ',');
	tlv_close(out, list);
	if (strcmp(text, ":consent") == 0)
		flags = CONSENT;
	else if (*text)
		wbuf_fail(out, ERR_VALUE);
	tlv_put_bits(out, TAG_FLAGS, flags);
	tlv_close(out, rule);
	return wbuf_done(out);
}
