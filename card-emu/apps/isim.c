/* isim: AUTHENTICATE, 3GPP TS 31.103 7.1. The IMS AKA context never gives Kc. */
#include "card-emu/apps/usim.h"
#include "card-emu/core/internal.h"

/* TS 31.103 7.1.2: P2 */
enum isim_context { CONTEXT_IMS_AKA = 0x81, CONTEXT_HTTP_DIGEST = 0x82, CONTEXT_GBA = 0x84 };

static uint16_t authenticate(struct app_call *call)
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
	if (!channel_in_adf(call->channel)) /* 7.1.1: the ADF or a DF of it is current */
		return SW_CONDITIONS;
	sw = usim_check_pin(call->card, call->channel->adf);
	if (sw != SW_OK)
		return sw;
	return usim_authenticate_3g(call, false);
}

/* An ADF is found by the AID that the profile gives it, not here. */
static struct slice no_aid(struct card *card)
{
	(void)card;
	return SLICE_EMPTY;
}

static const struct app_command commands[] = {
	{"AUTHENTICATE", 0x00, 0xF0, INS_AUTHENTICATE, APP_CASE_4, authenticate, "TS 31.103 7.1.2"},
};

const struct app app_isim = {
	.name = "ISIM",
	.aid = no_aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
