/* system: the commands that do not depend on the application: channels, SELECT, toolkit */
#include "card-emu/core/internal.h"

#include <string.h>

#include "card-emu/fs/pin.h"
#include "lib/crypto/symmetric.h"
#include "lib/base/tlv.h"

#define MANAGE_OPEN  0x00
#define MANAGE_CLOSE 0x80

/*
 * TS 102 221 8.7, 11.1.17: a channel that is opened from another but the basic one begins in the
 * directory, and with the ADF, of that one. An applet serves the channel that selected it.
 */
static void inherit(struct channel *ch, const struct channel *from)
{
	memcpy(ch->df, from->df, sizeof(ch->df));
	memcpy(ch->adf, from->adf, sizeof(ch->adf));
	ch->app = app_is_adf(from->app) ? from->app : NULL;
}

/* TS 102 221 11.1.17 */
static uint16_t open_channel(struct app_call *call)
{
	const struct apdu *a = &call->apdu;

	if (a->p2) /* the terminal may name a channel; this card assigns them */
		return SW_WRONG_P1P2;
	if (!a->has_le || a->data.len)
		return SW_WRONG_LENGTH;
	if (a->le != 1) /* it is asked for again: no channel may be lost to this one */
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
	case MANAGE_OPEN: return open_channel(call);
	case MANAGE_CLOSE: return close_channel(call);
	default: return SW_WRONG_P1P2;
	}
}

/* TS 102 221 11.1.19: nothing that the terminal tells changes what this card does. */
static uint16_t terminal_capability(struct app_call *call)
{
	return call->apdu.p1 || call->apdu.p2 ? SW_WRONG_P1P2 : SW_OK;
}

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

/* TS 102 221 11.1.18 */
static uint16_t get_challenge(struct app_call *call)
{
	uint8_t *p;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_WRONG_P1P2;
	p = wbuf_reserve(call->out, call->apdu.le);
	return p && random_bytes(p, call->apdu.le) == ERR_OK ? SW_OK : SW_TECHNICAL;
}

/* TS 102 221 11.2.3 */
uint16_t fetch(struct app_call *call)
{
	struct card *card = call->card;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_WRONG_P1P2;
	if (!card->proactive_len)
		return SW_CONDITIONS;
	wbuf_put(call->out, slice_make(card->proactive, card->proactive_len));
	if (call->apdu.le == card->proactive_len)
		card->proactive_fetched = true;
	return SW_OK;
}

/* TS 102 221 11.2.4; after the answer to REFRESH the terminal resets the card. */
uint16_t terminal_response(struct app_call *call)
{
	struct card *card = call->card;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_WRONG_P1P2;
	if (!card->proactive_fetched)
		return SW_CONDITIONS;
	card->proactive_len = 0;
	card->proactive_fetched = false;
	return SW_OK;
}

static const struct app_command commands[] = {
	{"SELECT", 0x00, 0xF0, INS_SELECT, APP_CASE_4_OR_1, select_command, "TS 102 221 11.1.1"},
	{"STATUS", 0x80, 0xF0, INS_STATUS, APP_CASE_2, status_command, "TS 102 221 11.1.2"},
	{"MANAGE CHANNEL", 0x00, 0xF0, INS_MANAGE_CHANNEL, APP_CASE_ANY, manage_channel,
	 "TS 102 221 11.1.17"},
	{"GET CHALLENGE", 0x00, 0xF0, INS_GET_CHALLENGE, APP_CASE_2, get_challenge,
	 "TS 102 221 11.1.18"},
	{"TERMINAL CAPABILITY", 0x80, 0xF0, INS_TERMINAL_CAPABILITY, APP_CASE_3,
	 terminal_capability, "TS 102 221 11.1.19"},
	{"TERMINAL PROFILE", 0x80, 0xF0, INS_TERMINAL_PROFILE, APP_CASE_3, terminal_profile,
	 "TS 102 221 11.2.1"},
	{"ENVELOPE", 0x80, 0xF0, INS_ENVELOPE, APP_CASE_4, envelope, "TS 102 221 11.2.2"},
	{"FETCH", 0x80, 0xF0, INS_FETCH, APP_CASE_2, fetch, "TS 102 221 11.2.3"},
	{"TERMINAL RESPONSE", 0x80, 0xF0, INS_TERMINAL_RESPONSE, APP_CASE_3, terminal_response,
	 "TS 102 221 11.2.4"},
};

static struct slice no_aid(struct card *card)
{
	(void)card;
	return SLICE_EMPTY;
}

const struct app app_system = {
	.name = "system",
	.aid = no_aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
