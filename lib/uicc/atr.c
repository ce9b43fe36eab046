#include "lib/uicc/atr.h"

#define TS_DIRECT  0x3B
#define TS_INVERSE 0x3F
#define Y_TA	   0x10
#define Y_TB	   0x20
#define Y_TC	   0x40
#define Y_TD	   0x80
/* ISO 7816-4 8.1.1.1, 8.1.1.2.7 */
#define CATEGORY_STATUS_LAST 0x00
#define CATEGORY_COMPACT     0x80
#define TAG_CAPABILITIES     0x7
#define CAPABILITY_EXTENDED  0x40
#define ROUNDS_MAX	     8 /* an ATR has at most 33 octets */

/* TA1 TB1 TC1 TD1, TA2 ... as the upper half octets of T0, TD1, TD2 announce them. */
static void interface_octets(struct cursor *c, uint8_t y, struct atr *a)
{
	for (unsigned round = 1; round <= ROUNDS_MAX; round++) {
		if (y & Y_TA) {
			uint8_t ta = cursor_u8(c);

			if (round == 1) {
				a->has_ta1 = true;
				a->ta1 = ta;
			}
		}
		if (y & Y_TB)
			cursor_u8(c);
		if (y & Y_TC)
			cursor_u8(c);
		if (!(y & Y_TD))
			return;
		y = cursor_u8(c);
		if (!c->err)
			a->protocols |= 1u << (y & 0x0F);
	}
	cursor_fail(c, ERR_ENCODING);
}

enum err atr_parse(struct slice raw, struct atr *out)
{
	struct cursor c = cursor_of(raw);
	uint8_t ts = cursor_u8(&c), t0 = cursor_u8(&c), sum = 0;
	struct atr a = {.inverse = ts == TS_INVERSE};
	enum err e;

	if (!c.err && ts != TS_DIRECT && ts != TS_INVERSE)
		return ERR_ENCODING;
	interface_octets(&c, t0, &a);
	a.historical = cursor_take(&c, t0 & 0x0F);
	if (a.protocols == 0)
		a.protocols = 1;
	if (a.protocols != 1) { /* 8.2.5: T=0 alone has no TCK */
		cursor_u8(&c);
		for (size_t i = 1; i < raw.len; i++)
			sum ^= slice_at(raw, i);
	}
	e = cursor_done(&c);
	if (!e && sum)
		e = ERR_MAC;
	if (!e)
		*out = a;
	return e;
}

/* Compact-TLV: the upper half of an octet is the tag, the lower one the length. */
static bool find_capabilities(struct slice historical, struct slice *value)
{
	struct cursor c = cursor_of(historical);
	uint8_t category = cursor_u8(&c);

	if (category == CATEGORY_STATUS_LAST) /* three octets of status stand at the end */
		c = cursor_of(
			slice_sub(historical, 1, historical.len < 4 ? 0 : historical.len - 4));
	else if (category != CATEGORY_COMPACT)
		return false;
	while (cursor_left(&c)) {
		uint8_t head = cursor_u8(&c);

		*value = cursor_take(&c, head & 0x0F);
		if (!c.err && head >> 4 == TAG_CAPABILITIES)
			return true;
	}
	return false;
}

bool atr_takes_extended(struct slice raw)
{
	struct slice value;
	struct atr a;

	return !atr_parse(raw, &a) && find_capabilities(a.historical, &value) && value.len >= 3 &&
	       slice_at(value, 2) & CAPABILITY_EXTENDED;
}

bool atr_is_contactless(struct slice raw)
{
	return slice_at(raw, 0) == TS_DIRECT && slice_at(raw, 1) >> 4 == 8 &&
	       slice_at(raw, 2) == 0x80 && slice_at(raw, 3) == 0x01;
}

const char *atr_trouble(struct slice raw)
{
	struct atr a;

	switch (atr_parse(raw, &a)) {
	case ERR_OK: return NULL;
	case ERR_MAC: return "its check octet TCK is wrong";
	case ERR_TRUNCATED: return "it is shorter than it says";
	case ERR_TRAILING: return "it is longer than it says";
	default:
		return slice_at(raw, 0) == TS_DIRECT || slice_at(raw, 0) == TS_INVERSE
			       ? "its interface octets have no end"
			       : "it does not begin with 3B or 3F";
	}
}
