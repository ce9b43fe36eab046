#include "host/transport/nfc/contactless.h"

#define HISTORICAL_MAX 15
/* The first two octets behind TS that all contactless cards share: TD1, TD2. */
#define TS	  0x3B
#define T0_TD1	  0x80
#define TD1	  0x80
#define TD2	  0x01
#define ATS_TA	  0x10
#define ATS_TB	  0x20
#define ATS_TC	  0x40
#define APP_LEN	  4
#define PROTO_LEN 3

static enum err put_contactless_atr(struct slice said, struct wbuf *atr)
{
	size_t from = atr->len + 1;
	uint8_t check = 0;

	said = slice_sub(said, 0, HISTORICAL_MAX);
	wbuf_u8(atr, TS);
	wbuf_u8(atr, (uint8_t)(T0_TD1 | said.len));
	wbuf_u8(atr, TD1);
	wbuf_u8(atr, TD2);
	wbuf_put(atr, said);
	for (size_t i = from; i < atr->len; i++)
		check ^= slice_at(wbuf_slice(atr), i);
	wbuf_u8(atr, check);
	return wbuf_done(atr);
}

enum err contactless_atr_a(struct slice ats, struct wbuf *atr)
{
	struct cursor c = cursor_of(ats);
	unsigned format;

	if (!ats.len)
		return put_contactless_atr(SLICE_EMPTY, atr);
	format = cursor_u8(&c);
	for (unsigned bit = ATS_TA; bit <= ATS_TC; bit <<= 1) {
		if (format & bit)
			cursor_u8(&c);
	}
	return c.err || format & 0x80 ? ERR_ATR : put_contactless_atr(cursor_take_rest(&c), atr);
}

enum err contactless_atr_b(struct slice application, struct slice protocol, struct wbuf *atr)
{
	uint8_t octets[APP_LEN + PROTO_LEN + 1];
	struct wbuf w = wbuf_init(octets, sizeof(octets));

	wbuf_put(&w, application);
	wbuf_put(&w, protocol);
	wbuf_u8(&w, 0);
	if (wbuf_done(&w) || w.len != sizeof(octets))
		return ERR_LENGTH;
	return put_contactless_atr(wbuf_slice(&w), atr);
}
