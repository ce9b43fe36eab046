#include "card-emu/core/proactive.h"

#include <string.h>

#include "lib/uicc/apdu.h"

/* TS 102 223 6.6.13, 8.6: REFRESH, "UICC reset", from the UICC to the terminal */
static const uint8_t refresh_reset[] = {0xD0, 0x09, 0x81, 0x03, 0x01, 0x01,
					0x04, 0x82, 0x02, 0x81, 0x82};

void proactive_queue_refresh(struct proactive *p)
{
	memcpy(p->command, refresh_reset, sizeof(refresh_reset));
	p->len = sizeof(refresh_reset);
	p->fetched = false;
}

void proactive_clear(struct proactive *p)
{
	p->len = 0;
	p->fetched = false;
}

void proactive_fetch(struct proactive *p, bool whole, struct wbuf *out)
{
	wbuf_put(out, slice_make(p->command, p->len));
	p->fetched = p->fetched || whole;
}

uint16_t proactive_sw(const struct proactive *p, uint16_t sw)
{
	if (sw != SW_OK || !p->len || p->fetched)
		return sw;
	return (uint16_t)(SW_PROACTIVE | p->len);
}
