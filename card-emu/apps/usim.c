#include "card-emu/apps/usim.h"

#include "card-emu/apps/identity.h"
#include "card-emu/apps/naa.h"
#include "card-emu/fs/session.h"
#include "lib/base/secret.h"

/* TS 31.102 4.2.8: services of the USIM service table */
enum ust_service { UST_GSM_ACCESS = 27, UST_GSM_CONTEXT = 38 };

static uint16_t authenticate_gsm(struct app_call *call)
{
	const char *adf = call->at->adf;
	struct cursor c = cursor_of(call->apdu.data);
	struct slice rand = cursor_take(&c, cursor_u8(&c));
	uint8_t sres[GSM_SRES_LEN], kc[GSM_KC_LEN];
	uint16_t sw;

	if (!naa_is_usim(call->fs, adf) || !naa_service(call->fs, adf, UST_GSM_CONTEXT))
		return SW_AUTH_CONTEXT;
	if (call->apdu.data.len != 1 + AKA_RAND_LEN)
		return SW_WRONG_LENGTH;
	if (cursor_done(&c) || rand.len != AKA_RAND_LEN)
		return SW_WRONG_DATA;
	sw = naa_gsm_algorithm(call, adf, rand, sres, kc);
	if (sw == SW_OK) {
		naa_put_field(call->out, SLICE_OF(sres));
		naa_put_field(call->out, SLICE_OF(kc));
	}
	secret_wipe(kc, sizeof(kc));
	return sw;
}

static uint16_t authenticate_usim(struct app_call *call)
{
	const char *adf = call->at->adf;
	uint16_t sw;

	if (call->apdu.p1)
		return SW_WRONG_P1P2;
	switch (call->apdu.p2) {
	case AUTHENTICATE_GSM:
	case AUTHENTICATE_3G: break;
	case AUTHENTICATE_VGCS:
	case AUTHENTICATE_GBA: return SW_AUTH_CONTEXT;
	default: return SW_WRONG_P1P2;
	}
	if (!position_in_adf(call->at)) /* 7.1.1: the ADF or a DF of it is current */
		return SW_CONDITIONS;
	sw = naa_check_pin(call->fs, adf);
	if (sw != SW_OK)
		return sw;
	if (call->apdu.p2 == AUTHENTICATE_GSM)
		return authenticate_gsm(call);
	return naa_authenticate_3g(call, naa_is_usim(call->fs, adf) &&
						 naa_service(call->fs, adf, UST_GSM_ACCESS));
}

static const struct app_command commands[] = {
	{COMMAND_GET_IDENTITY, identity_get},
	{COMMAND_AUTHENTICATE, authenticate_usim},
};

const struct app app_usim = {
	.name = "USIM",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
