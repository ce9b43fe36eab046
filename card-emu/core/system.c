#include "card-emu/core/system.h"

#include <string.h>

#include "card-emu/core/channel.h"
#include "card-emu/core/select.h"
#include "card-emu/core/state.h"
#include "card-emu/core/toolkit.h"
#include "lib/crypto/symmetric.h"

#define MANAGE_OPEN  0x00
#define MANAGE_CLOSE 0x80

/*
 * TS 102 221 8.7, 11.1.17: a channel that is opened from another but the basic one begins in the
 * directory, and with the ADF, of that one. An applet serves the channel that selected it.
 */
static void inherit(struct channel *ch, const struct channel *from)
{
	memcpy(ch->at.df, from->at.df, sizeof(ch->at.df));
	memcpy(ch->at.adf, from->at.adf, sizeof(ch->at.adf));
	ch->app = app_is_applet(from->app) ? NULL : from->app;
}

/* TS 102 221 11.1.17 */
static uint16_t open_logical_channel(struct app_call *call)
{
	const struct apdu *a = &call->apdu;

	if (a->p2) /* the terminal may name a channel; this card assigns them */
		return SW_WRONG_P1P2;
	if (!a->has_le || a->data.len)
		return SW_WRONG_LENGTH;
	if (!response_fits(&call->card->response, a,
			   1)) /* it is asked for again: no channel may be lost to this one */
		return SW_CORRECT_LE | 1;
	for (unsigned i = 1; i < CARD_CHANNELS; i++) {
		struct channel *ch = &call->card->channels[i];

		if (ch->open)
			continue;
		channel_reset(call->card, ch);
		ch->open = true;
		if (call->channel->number)
			inherit(ch, call->channel);
		wbuf_u8(call->out, (uint8_t)i);
		return SW_OK;
	}
	return SW_FUNCTION_NOT_SUPPORTED;
}

static uint16_t close_channel(struct app_call *call)
{
	const struct apdu *a = &call->apdu;

	if (a->data.len || a->p3)
		return SW_WRONG_LENGTH;
	if (a->p2 == 0 || a->p2 >= CARD_CHANNELS || !call->card->channels[a->p2].open)
		return SW_WRONG_P1P2;
	channel_reset(call->card, &call->card->channels[a->p2]);
	return SW_OK;
}

static uint16_t manage_channel(struct app_call *call)
{
	switch (call->apdu.p1) {
	case MANAGE_OPEN: return open_logical_channel(call);
	case MANAGE_CLOSE: return close_channel(call);
	default: return SW_WRONG_P1P2;
	}
}

/* TS 102 221 11.1.19: nothing that the terminal tells changes what this card does. */
static uint16_t terminal_capability(struct app_call *call)
{
	return call->apdu.p1 || call->apdu.p2 ? SW_WRONG_P1P2 : SW_OK;
}

/* TS 102 221 11.1.18 */
static uint16_t get_challenge(struct app_call *call)
{
	uint8_t *p;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_WRONG_P1P2;
	p = wbuf_reserve(call->out, call->apdu.le);
	return p && random_bytes(p, call->apdu.le) == ERR_OK ? SW_OK : SW_TECHNICAL;
}

static const struct app_command commands[] = {
	{COMMAND_SELECT, select_command},
	{COMMAND_STATUS, status_command},
	{COMMAND_MANAGE_CHANNEL, manage_channel},
	{COMMAND_GET_CHALLENGE, get_challenge},
	{COMMAND_TERMINAL_CAPABILITY, terminal_capability},
	{COMMAND_TERMINAL_PROFILE, terminal_profile},
	{COMMAND_ENVELOPE, envelope},
	{COMMAND_FETCH, fetch},
	{COMMAND_TERMINAL_RESPONSE, terminal_response},
};

const struct app app_system = {
	.name = "system",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
