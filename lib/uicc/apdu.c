#include "lib/uicc/apdu.h"

#define SW_GSM_RETRIED 0x9200 /* TS 51.011 9.4.2: a family, good after X retries */

struct row {
	uint16_t value;
	const char *text;
};

bool sw_is(uint16_t sw, enum sw family)
{
	unsigned number = family == SW_VERIFY_FAILED ? 0x0F : 0xFF;

	return (sw & ~number) == (unsigned)family;
}

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
	return "unknown status word";
}

bool sw_is_good(uint16_t sw)
{
	return sw == SW_OK || sw_is(sw, SW_PROACTIVE) || sw_is(sw, SW_RESPONSE) ||
	       sw_is(sw, SW_GSM_RESPONSE) || (sw_is(sw, SW_GSM_RETRIED) && sw != SW_GSM_MEMORY);
}

enum err apdu_parse(struct slice raw, struct apdu *out)
{
	struct cursor c = cursor_of(raw);
	struct apdu a = {0};
	enum err e;

	a.cla = cursor_u8(&c);
	a.ins = cursor_u8(&c);
	a.p1 = cursor_u8(&c);
	a.p2 = cursor_u8(&c);
	if (cursor_left(&c)) {
		a.has_p3 = true;
		a.p3 = cursor_u8(&c);
		if (cursor_left(&c) == 0) {
			a.has_le = true;
			a.le = a.p3 ? a.p3 : 256;
		} else {
			if (a.p3 == 0) /* Lc 00 with data would be an extended length */
				cursor_fail(&c, ERR_LENGTH);
			a.data = cursor_take(&c, a.p3);
			if (cursor_left(&c)) {
				uint8_t le = cursor_u8(&c);

				a.has_le = true;
				a.le = le ? le : 256;
			}
		}
	}
	e = cursor_done(&c);
	if (!e)
		*out = a;
	return e;
}

int apdu_channel(uint8_t cla)
{
	switch (cla >> 4) {
	case 0x0:
	case 0x8: return cla & CLA_CHANNEL_MASK;
	case 0xA: return 0; /* the 2G class knows no channels */
	case 0x4:
	case 0x6:
	case 0xC:
	case 0xE: return 4 + (cla & CLA_FURTHER_CHANNEL_MASK);
	default: return -1;
	}
}

uint8_t apdu_basic_class(uint8_t cla)
{
	return cla & CLA_FURTHER_CHANNEL ? cla & CLA_PROPRIETARY : cla & 0xF0;
}

bool apdu_is_secured(uint8_t cla)
{
	if (apdu_basic_class(cla) == CLA_GSM)
		return false;
	return cla & CLA_FURTHER_CHANNEL ? cla & CLA_FURTHER_SECURE_MESSAGING
					 : cla & CLA_SECURE_MESSAGING;
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
