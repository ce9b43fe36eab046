#include "lib/uicc/apdu.h"

struct row {
	uint16_t value;
	const char *text;
};

/* The families in which the second octet is a number. */
static uint16_t sw_family(uint16_t sw)
{
	switch (sw >> 8) {
	case 0x61:
	case 0x6C:
	case 0x91:
	case 0x9F: return sw & 0xFF00;
	case 0x63: return (sw & 0xF0) == 0xC0 ? SW_VERIFY_FAILED : sw;
	default: return sw;
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
	return "unknown status word";
}

bool sw_is_good(uint16_t sw)
{
	uint8_t sw1 = (uint8_t)(sw >> 8);

	return sw == SW_OK || sw1 == 0x91 || (sw1 == 0x92 && sw != SW_GSM_MEMORY) || sw1 == 0x9F ||
	       sw1 == 0x61;
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
	case 0x8: return cla & 3;
	case 0xA: return 0; /* the 2G class knows no channels */
	case 0x4:
	case 0x6:
	case 0xC:
	case 0xE: return 4 + (cla & 15);
	default: return -1;
	}
}

uint8_t apdu_cla(uint8_t cla, unsigned channel)
{
	if (channel < 4)
		return (uint8_t)((cla & ~3u) | channel);
	return (uint8_t)((cla & 0x80u) | 0x40 | ((channel - 4) & 15));
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
