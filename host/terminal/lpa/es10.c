#include "host/terminal/lpa/es10.h"

#include <stdarg.h>
#include <stdio.h>

#include "host/terminal/uicc.h"
#include "lib/rsp/rsp.h"

enum err lpa_fail(struct lpa *l, enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->message, sizeof(l->message), fmt, ap);
	va_end(ap);
	return e;
}

enum err lpa_open_channel(struct lpa *l)
{
	uint16_t sw;
	enum err e = uicc_channel_open(l->u, l->isdr_aid, &l->channel, NULL, &sw);

	l->open = !e;
	return e;
}

void lpa_rest(struct lpa *l)
{
	if (l->channel)
		uicc_rest(l->u);
}

enum err lpa_resume(struct lpa *l)
{
	return l->channel ? uicc_resume(l->u) : ERR_OK;
}

enum err lpa_es10(struct lpa *l, struct slice request, struct wbuf *response, uint16_t *sw)
{
	enum err e;

	l->message[0] = 0;
	l->party = PARTY_CARD;
	if (!l->open) {
		e = lpa_open_channel(l);
		if (e)
			return e;
	}
	e = uicc_store_data(l->u, l->channel, request, response, sw);
	if (!e && !sw_is(*sw, SW_OK) && !sw_is(*sw, SW_PROACTIVE))
		e = uicc_check(l->u, ERR_OK, *sw);
	return e;
}

enum err lpa_ask(struct lpa *l, struct slice request, struct wbuf *der)
{
	uint16_t sw;

	return lpa_es10(l, request, der, &sw);
}

enum err lpa_command(struct lpa *l, struct slice request, uint32_t tag, uint32_t *result)
{
	uint8_t got[64];
	struct wbuf answer = wbuf_init(got, sizeof(got));
	enum err e = lpa_ask(l, request, &answer);

	return e ? e : rsp_parse_result(wbuf_slice(&answer), tag, result);
}
