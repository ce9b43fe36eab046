#include "card-emu/core/proactive.h"

#include <string.h>

#include "lib/uicc/apdu.h"

/* TS 102 223 6.6.13, 8.6: REFRESH from the UICC to the terminal, without its qualifier */
static const uint8_t refresh[] = {0xD0, 0x09, 0x81, 0x03, 0x01, 0x01, 0, 0x82, 0x02, 0x81, 0x82};
#define QUALIFIER_AT 6

void proactive_queue_refresh(struct proactive *p, enum refresh_mode mode)
{
	memcpy(p->command, refresh, sizeof(refresh));
	p->command[QUALIFIER_AT] = (uint8_t)mode;
	p->len = sizeof(refresh);
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
