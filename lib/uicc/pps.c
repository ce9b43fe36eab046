#include "lib/uicc/pps.h"

#define PPSS	      0xFF
#define PPS0_PROTOCOL 0x0F
#define PPS0_SPEED    0x10 /* PPS1 follows; 0x20: PPS2, 0x40: PPS3 */
#define PPS0_SECOND   0x20
#define PPS0_THIRD    0x40
#define PPS0_RFU      0x80

enum err pps_parse(struct slice raw, struct pps *out)
{
	struct cursor c = cursor_of(raw);
	uint8_t first = cursor_u8(&c), what = cursor_u8(&c), sum = 0;
	struct pps p = {.protocol = what & PPS0_PROTOCOL, .has_speed = what & PPS0_SPEED};
	enum err e;

	if (!c.err && (first != PPSS || what & PPS0_RFU))
		return ERR_ENCODING;
	if (p.has_speed)
		p.speed = cursor_u8(&c);
	if (what & PPS0_SECOND)
		cursor_u8(&c);
	if (what & PPS0_THIRD)
		cursor_u8(&c);
	cursor_u8(&c);
	e = cursor_done(&c);
	for (size_t i = 0; i < raw.len; i++)
		sum ^= slice_at(raw, i);
	if (!e && sum)
		e = ERR_MAC;
	if (!e)
		*out = p;
	return e;
}

static const char *request_trouble(enum err e)
{
	switch (e) {
	case ERR_OK: return NULL;
	case ERR_MAC: return "the check octet PCK of the request is wrong";
	default: return "the request is no PPS";
	}
}

const char *pps_trouble(struct slice request, struct slice response)
{
	struct pps asked, got;
	const char *odd = request_trouble(pps_parse(request, &asked));

	if (odd)
		return odd;
	if (!response.len)
		return "the card did not answer it";
	switch (pps_parse(response, &got)) {
	case ERR_OK: break;
	case ERR_MAC: return "the check octet PCK of the response is wrong";
	default: return "the response is no PPS";
	}
	if (got.protocol != asked.protocol)
		return "the response has another protocol";
	/* 9.3: without PPS1 the speed of the ATR's beginning stays */
	if (got.has_speed && (!asked.has_speed || got.speed != asked.speed))
		return "the response has another speed";
	return NULL;
}
