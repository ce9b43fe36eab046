#include "card-emu/apps/isim.h"

#include "card-emu/apps/naa.h"
#include "card-emu/fs/session.h"

/* TS 31.103 7.1.2: P2 */
enum isim_context { CONTEXT_IMS_AKA = 0x81, CONTEXT_HTTP_DIGEST = 0x82, CONTEXT_GBA = 0x84 };

static uint16_t authenticate_ims(struct app_call *call)
{
	uint16_t sw;

	if (call->apdu.p1)
		return SW_WRONG_P1P2;
	switch (call->apdu.p2) {
	case CONTEXT_IMS_AKA: break;
	case CONTEXT_HTTP_DIGEST:
	case CONTEXT_GBA: return SW_AUTH_CONTEXT;
	default: return SW_WRONG_P1P2;
	}
	if (!position_in_adf(call->at)) /* 7.1.1: the ADF or a DF of it is current */
		return SW_CONDITIONS;
	sw = naa_check_pin(call->fs, call->at->adf);
	if (sw != SW_OK)
		return sw;
	return naa_authenticate_3g(call, false);
}

static const struct app_command commands[] = {
	{COMMAND_AUTHENTICATE, authenticate_ims},
};

const struct app app_isim = {
	.name = "ISIM",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
