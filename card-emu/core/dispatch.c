#include "card-emu/core/dispatch.h"

#include "card-emu/core/atr.h"
#include "card-emu/core/state.h"
#include "card-emu/core/system.h"

/* What the applications said so far to one command. */
struct search {
	uint8_t cla, ins;
	bool ins_known;
	const struct command *row;     /* NULL: none yet */
	const struct app_command *app; /* who serves the row */
};

static void look_at_rows(struct search *s, const struct app *app)
{
	for (size_t i = 0; app && !s->row && i < app->command_count; i++) {
		const struct command *row = &command_table[app->commands[i].id];

		if (row->ins != s->ins)
			continue;
		s->ins_known = true;
		if (command_has_class(row, s->cla)) {
			s->row = row;
			s->app = &app->commands[i];
		}
	}
}

/* The selected application comes first, then what every channel has, then the file system. */
static struct search find_command(const struct card *card, const struct channel *ch,
				  const struct apdu *a)
{
	struct search s = {.cla = apdu_basic_class(a->cla), .ins = a->ins};

	switch (s.cla) {
	case CLA_GSM: look_at_rows(&s, card->table->gsm); break;
	case CLA_INTERINDUSTRY:
	case CLA_PROPRIETARY:
		look_at_rows(&s, ch->app);
		look_at_rows(&s, &app_system);
		for (size_t i = 0; !app_is_applet(ch->app) && card->table->files[i]; i++)
			look_at_rows(&s, card->table->files[i]);
		break;
	default: s.ins_known = true; /* no row has that class */
	}
	return s;
}

static uint16_t run_command(struct card *card, const struct apdu *a, struct wbuf *out)
{
	int number = apdu_channel(a->cla);
	struct channel *ch = number >= 0 && number < CARD_CHANNELS ? &card->channels[number] : NULL;
	struct search s;
	bool direct;

	if (number < 0 || (apdu_basic_class(a->cla) == CLA_GSM && a->cla != CLA_GSM))
		return SW_CLA_NOT_SUPPORTED;
	if (!ch || !ch->open)
		return SW_CHANNEL_NOT_SUPPORTED;
	if (a->ins == INS_GET_RESPONSE)
		return response_fetch(&card->response, a, out);
	s = find_command(card, ch, a);
	if (!s.row)
		return s.ins_known ? SW_CLA_NOT_SUPPORTED : SW_INS_NOT_SUPPORTED;
	if (apdu_is_secured(a->cla))
		return SW_SECURE_MESSAGING;
	if (!command_fits(s.row, a))
		return SW_WRONG_LENGTH;
	direct = s.row->kind == COMMAND_CASE_2 || (s.row->kind == COMMAND_CASE_ANY && a->has_le);
	return response_send(&card->response, a, direct,
			     s.app->run(&(struct app_call){.card = card,
							   .channel = ch,
							   .fs = &card->fs,
							   .at = &ch->at,
							   .apdu = *a,
							   .out = &card->response.data}),
			     out);
}

/* The command as it is to be understood; false: its lengths are wrong. */
static bool take_command(const struct card *card, struct slice command, struct apdu *out)
{
	struct apdu a;

	if (apdu_parse(command, &a))
		return false;
	if (a.extended && (a.cla == CLA_GSM || !atr_says_extended(card->options.protocol)))
		return false;
	if (!a.has_p3) { /* TS 102 221 7.3.1.1.1: under T=0 P3 is 00 */
		a.has_p3 = true;
		a.has_le = !response_is_whole(&card->response, &a);
		a.le = APDU_LE_MAX;
	}
	*out = a;
	return true;
}

void dispatch(struct card *card, struct slice command, struct wbuf *out)
{
	uint16_t sw = SW_WRONG_LENGTH;
	struct apdu a;
	bool good = take_command(card, command, &a);

	if (!good || a.ins != INS_GET_RESPONSE) /* ISO 7816-3 10.3.4: to be fetched at once */
		response_drop(&card->response);
	if (good)
		sw = run_command(card, &a, out);
	wbuf_u16(out, proactive_sw(&card->proactive, sw));
}
