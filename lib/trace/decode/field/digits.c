#include "lib/trace/decode/field/digits.h"

#include <stdio.h>

#define FILLER	  0x0Fu
#define ANY_DIGIT 0x0Du
#define PLMN_LEN  3
#define TIME_LEN  7
#define OTHER	  "something else than digits"
#define BEHIND	  "something stands behind the filler"

static unsigned nibble(struct slice v, size_t i)
{
	return i / 2 < v.len ? (unsigned)slice_at(v, i / 2) >> (i % 2 ? 4 : 0) & 0x0Fu : FILLER;
}

/* What stands for each nibble below the filler */
static const char *put(struct slice v, size_t first, const char *alphabet, char *out)
{
	const char *fault = NULL;
	size_t n = 0;
	bool ended = false;

	for (size_t i = first; i < 2 * v.len && n < DIGITS_CAP - 1; i++) {
		unsigned d = nibble(v, i);

		if (d == FILLER) {
			ended = true;
			continue;
		}
		if (ended)
			fault = BEHIND;
		if (alphabet[d] == '?')
			fault = OTHER;
		out[n++] = alphabet[d];
	}
	out[n] = 0;
	return fault;
}

const char *digits_text(struct slice v, size_t first, char out[static DIGITS_CAP])
{
	return put(v, first, "0123456789?????", out);
}

void digits_dialled(struct slice v, char out[static DIGITS_CAP])
{
	put(v, 0, "0123456789*#abc", out);
}

/* Decimal digits alone, as nearly all are */
static bool is_decimal(struct slice v)
{
	for (size_t i = 0; i < v.len; i++) {
		if ((v.ptr[i] & 0x0F) > 9 || v.ptr[i] >> 4 > 9)
			return false;
	}
	return true;
}

static void tell_digits(const struct field *f, struct slice v, const char *alphabet,
			const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	char text[DIGITS_CAP];

	if (t->wordless && is_decimal(v)) {
		field_octets(f, v, NULL, t);
		return;
	}
	node.fault = put(v, 0, alphabet, text);
	tree_leaf(t, &node, "%s", text);
}

void field_digits(const struct field *f, struct slice v, const struct tree *t)
{
	tell_digits(f, v, "0123456789?????", t);
}

void field_hex_digits(const struct field *f, struct slice v, const struct tree *t)
{
	tell_digits(f, v, "0123456789ABCDE", t);
}

const char *plmn_text(struct slice v, bool wild, char out[static PLMN_CAP])
{
	unsigned d[2 * PLMN_LEN];
	const char *fault = NULL;

	if (field_is_blank(v)) {
		snprintf(out, PLMN_CAP, "none");
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(d); i++) {
		d[i] = nibble(v, i);
		if (d[i] > 9 && !(i == 3 && d[i] == FILLER) && !(wild && d[i] == ANY_DIGIT))
			fault = i < 3 ? "the MCC has no three digits"
				      : "the MNC has no two or three digits";
	}
	/* MCC 1 2 3, MNC 3 (F: it has two), MNC 1 2 */
	if (d[3] == FILLER)
		snprintf(out, PLMN_CAP, "MCC %X%X%X, MNC %X%X", d[0], d[1], d[2], d[4], d[5]);
	else
		snprintf(out, PLMN_CAP, "MCC %X%X%X, MNC %X%X%X", d[0], d[1], d[2], d[4], d[5],
			 d[3]);
	return fault;
}

void field_plmn(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	char text[PLMN_CAP];

	if (v.len < PLMN_LEN) {
		field_octets(f, v, "no three octets", t);
		return;
	}
	node.fault = plmn_text(slice_sub(v, 0, PLMN_LEN), f->of, text);
	tree_leaf(t, &node, "%s", text);
}

/* TS 24.008 table 10.5.118 */
WORDS(types_of_number, {0, "unknown"}, {1, "international number"}, {2, "national number"},
      {3, "network specific number"}, {4, "dedicated access, short code"}, {5, "alphanumeric"},
      {6, "abbreviated number"}, {7, "reserved for extension"});
WORDS(numbering_plans, {0, "unknown"}, {1, "ISDN/telephony (E.164)"}, {3, "data (X.121)"},
      {4, "telex (F.69)"}, {5, "service centre specific"}, {6, "service centre specific"},
      {8, "national"}, {9, "private"}, {11, "CTS"}, {15, "reserved for extension"});
BITS(ton_npi, {4, 3, "type", "Type of number", &types_of_number},
     {0, 4, "plan", "Numbering plan", &numbering_plans},
     {7, 1, "no-extension", "No extension", NULL});

void field_ton_npi(const struct field *f, struct slice v, const struct tree *t)
{
	struct field inner = *f;

	inner.of = &ton_npi;
	if (field_is_blank(v))
		field_octets(f, v, NULL, t);
	else
		field_bits(&inner, v, t);
}

void field_number_called(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct field head = {.key = "ton-npi", .name = "TON and NPI"};
	struct cursor c = cursor_of(v);
	struct slice first = cursor_take(&c, 1);
	char text[DIGITS_CAP];

	if (field_is_blank(v)) {
		field_octets(f, v, NULL, t);
		return;
	}
	digits_dialled(c.rest, text);
	t->open(t->ctx,
		&(struct tree_node){.key = f->key, .name = f->name, .raw = v, .value = text});
	field_ton_npi(&head, first, t);
	t->close(t->ctx);
}

static unsigned two_digits(struct slice v, size_t octet)
{
	return nibble(v, 2 * octet) * 10 + nibble(v, 2 * octet + 1);
}

void field_time(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	unsigned zone = slice_at(v, 6), quarters;

	if (v.len < TIME_LEN || field_is_blank(v)) {
		field_octets(f, v, field_is_blank(v) ? NULL : "no seven octets", t);
		return;
	}
	for (size_t i = 0; i < TIME_LEN; i++) {
		if ((nibble(v, 2 * i) > 9 && i < TIME_LEN - 1) || nibble(v, 2 * i + 1) > 9)
			node.fault = OTHER;
	}
	/* bit 4 of the zone is its sign */
	quarters = (zone & 7) * 10 + (zone >> 4);
	tree_leaf(t, &node, "20%02u-%02u-%02u %02u:%02u:%02u %c%02u:%02u", two_digits(v, 0),
		  two_digits(v, 1), two_digits(v, 2), two_digits(v, 3), two_digits(v, 4),
		  two_digits(v, 5), zone & 8 ? '-' : '+', quarters / 4, quarters % 4 * 15);
}
