#include "card-emu/core/toolkit.h"

#include "card-emu/core/state.h"
#include "lib/base/tlv.h"

/* TS 102 221 11.2.1 */
uint16_t terminal_profile(struct app_call *call)
{
	return call->apdu.p1 || call->apdu.p2 ? SW_WRONG_P1P2 : SW_OK;
}

/*
 * TS 102 221 11.2.2, TS 102 223 7: no toolkit application is here. A call goes ahead as it is, a
 * menu, a timer or an event moves nothing. What was sent to an application gets no good word.
 */
uint16_t envelope(struct app_call *call)
{
	enum { SMS_PP_DOWNLOAD = 0xD1, CELL_BROADCAST_DOWNLOAD = 0xD2 };
	struct cursor c = cursor_of(call->apdu.data);
	struct tlv t;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_WRONG_P1P2;
	if (!tlv_next(&c, &t) || cursor_left(&c))
		return SW_WRONG_DATA;
	return t.tag == SMS_PP_DOWNLOAD || t.tag == CELL_BROADCAST_DOWNLOAD ? SW_CONDITIONS : SW_OK;
}

/* TS 102 221 11.2.3 */
uint16_t fetch(struct app_call *call)
{
	struct proactive *p = &call->card->proactive;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_WRONG_P1P2;
	if (!p->len)
		return SW_CONDITIONS;
	proactive_fetch(p, response_fits(&call->card->response, &call->apdu, p->len), call->out);
	return SW_OK;
}

/* TS 102 221 11.2.4; after the answer to REFRESH the terminal resets the card. */
uint16_t terminal_response(struct app_call *call)
{
	struct proactive *p = &call->card->proactive;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_WRONG_P1P2;
	if (!p->fetched)
		return SW_CONDITIONS;
	proactive_clear(p);
	return SW_OK;
}
