#include "lib/uicc/apdu.h"

#define HEADER_LEN     4
#define SW_GSM_RETRIED 0x9200 /* TS 51.011 9.4.2: a family, good after X retries */

struct row {
	uint16_t value;
	const char *text;
};

unsigned sw_number(uint16_t sw)
{
	if (sw_is(sw, SW_VERIFY_FAILED))
		return sw & 0x0F;
	return sw & 0xFF ? sw & 0xFF : 256;
}

/* The families in which the second octet is a number. */
static uint16_t sw_family(uint16_t sw)
{
	static const enum sw families[] = {SW_RESPONSE, SW_CORRECT_LE, SW_PROACTIVE,
					   SW_GSM_RESPONSE, SW_VERIFY_FAILED};

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		if (sw_is(sw, families[i]))
			return (uint16_t)families[i];
	}
	return sw;
}

/* What the first octet alone says, ISO 7816-4 5.1.3. */
static const char *class_text(uint16_t sw)
{
	switch (sw >> 8) {
	case 0x62: return "warning, nothing was changed";
	case 0x63: return "warning, something was changed";
	case 0x64: return "execution error, nothing was changed";
	case 0x65: return "execution error, something was changed";
	case 0x66: return "security error";
	case 0x67: return "wrong length";
	case 0x68: return "functions in CLA not supported";
	case 0x69: return "command not allowed";
	case 0x6A: return "wrong parameters";
	case 0x6F: return "technical problem";
	case SW_GSM_RETRIED >> 8: return "normal ending after internal retries (2G)";
	default: return sw >> 12 == 9 ? "proprietary status word" : "unknown status word";
	}
}

const char *sw_text(uint16_t sw)
{
#define SW_ROW(name, value, text) {value, text},
	static const struct row table[] = {SW_TABLE(SW_ROW)};
#undef SW_ROW
	uint16_t family = sw_family(sw);

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].value == family)
			return table[i].text;
	}
	return class_text(sw);
}

bool sw_is_good(uint16_t sw)
{
	return sw == SW_OK || sw_is(sw, SW_PROACTIVE) || sw_is(sw, SW_RESPONSE) ||
	       sw_is(sw, SW_GSM_RESPONSE) || (sw_is(sw, SW_GSM_RETRIED) && sw != SW_GSM_MEMORY);
}

/* Behind the data: nothing, or an Le of so many octets. */
static void take_le(struct cursor *c, size_t octets, struct apdu *a)
{
	uint32_t most = a->extended ? APDU_EXTENDED_LE_MAX : APDU_LE_MAX;

	if (!cursor_left(c))
		return;
	a->le = (uint32_t)cursor_uint(c, octets);
	a->has_le = true;
	if (!a->le)
		a->le = most;
}

/* 12.1.3: behind a fifth octet 00 stands Le in two octets alone, or Lc in two, the data, and Le. */
static void take_extended(struct cursor *c, struct apdu *a)
{
	uint16_t lc;

	a->extended = true;
	if (cursor_left(c) <= 2) {
		take_le(c, 2, a);
		return;
	}
	lc = cursor_u16(c);
	if (!lc)
		cursor_fail(c, ERR_LENGTH);
	a->data = cursor_take(c, lc);
	take_le(c, 2, a);
}

/* The short forms, which nearly all are: nothing, an Le, or Lc, so much data and perhaps an Le. */
static bool take_short(struct slice raw, struct apdu *a)
{
	size_t behind = raw.len - HEADER_LEN - 1;
	uint8_t p3 = raw.ptr[HEADER_LEN], le = raw.ptr[raw.len - 1];

	if (!behind) {
		a->le = p3 ? p3 : APDU_LE_MAX;
	} else if (p3 && (behind == p3 || behind == (size_t)p3 + 1)) {
		a->data = slice_make(raw.ptr + HEADER_LEN + 1, p3);
		if (behind != p3)
			a->le = le ? le : APDU_LE_MAX;
	} else {
		return false;
	}
	a->has_le = a->le != 0;
	a->has_p3 = true;
	a->p3 = p3;
	return true;
}

enum err apdu_parse(struct slice raw, struct apdu *out)
{
	struct apdu a = {.cla = slice_at(raw, 0),
			 .ins = slice_at(raw, 1),
			 .p1 = slice_at(raw, 2),
			 .p2 = slice_at(raw, 3)};
	struct cursor c;
	enum err e;

	if (raw.len < HEADER_LEN)
		return ERR_TRUNCATED;
	if (raw.len > HEADER_LEN && take_short(raw, &a)) {
		*out = a;
		return ERR_OK;
	}
	c = cursor_of(slice_sub(raw, HEADER_LEN, raw.len));
	if (cursor_left(&c)) {
		a.has_p3 = true;
		a.p3 = cursor_u8(&c);
		if (!a.p3) {
			take_extended(&c, &a);
		} else { /* too few, or too many */
			a.data = cursor_take(&c, a.p3);
			take_le(&c, 1, &a);
		}
	}
	e = cursor_done(&c);
	if (!e)
		*out = a;
	return e;
}

bool apdu_asks_all(const struct apdu *a)
{
	return a->has_le && a->le == (a->extended ? APDU_EXTENDED_LE_MAX : APDU_LE_MAX);
}

uint8_t apdu_cla(uint8_t cla, unsigned channel)
{
	if (channel < 4)
		return (uint8_t)((cla & ~(unsigned)CLA_CHANNEL_MASK) | channel);
	return (uint8_t)((cla & CLA_PROPRIETARY) | CLA_FURTHER_CHANNEL |
			 ((channel - 4) & CLA_FURTHER_CHANNEL_MASK));
}

void apdu_put(struct wbuf *w, const struct apdu *a)
{
	if (a->data.len > APDU_DATA_MAX) {
		wbuf_fail(w, ERR_LENGTH);
		return;
	}
	wbuf_u8(w, a->cla);
	wbuf_u8(w, a->ins);
	wbuf_u8(w, a->p1);
	wbuf_u8(w, a->p2);
	if (a->data.len)
		wbuf_u8(w, (uint8_t)a->data.len);
	wbuf_put(w, a->data);
}

void apdu_put_whole(struct wbuf *w, const struct apdu *a)
{
	bool extended = a->extended || a->data.len > APDU_DATA_MAX || a->le > APDU_LE_MAX;

	if (!extended) {
		apdu_put(w, a);
		if (a->le)
			wbuf_u8(w, (uint8_t)(a->le & 0xFF)); /* 256 is written 00 */
		return;
	}
	if (a->data.len > APDU_EXTENDED_DATA_MAX || a->le > APDU_EXTENDED_LE_MAX) {
		wbuf_fail(w, ERR_LENGTH);
		return;
	}
	apdu_put(w, &(struct apdu){.cla = a->cla, .ins = a->ins, .p1 = a->p1, .p2 = a->p2});
	if (a->data.len || a->le)
		wbuf_u8(w, 0);
	if (a->data.len)
		wbuf_u16(w, (uint16_t)a->data.len);
	wbuf_put(w, a->data);
	if (a->le)
		wbuf_u16(w, (uint16_t)(a->le & 0xFFFF)); /* 65536 is written 0000 */
}
