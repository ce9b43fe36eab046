#include "card-emu/link/nfc.h"

#include <stdlib.h>

#include "lib/base/secret.h"
#include "lib/uicc/apdu.h"
#include "tool/nfc/target.h"
#include "tool/sys/wait.h"

#define BACKOFF_MIN 200
#define BACKOFF_MAX 2000
_Static_assert(APDU_RESPONSE_MAX <= TARGET_ANSWER_MAX, "an answer is one frame of the chip");

struct nfc_link {
	struct nfc_options options;
	struct target *target;
	enum err told; /* the last cause of NFC_AWAITED; ERR_OK: the reader works */
	bool has_worked;
};

enum err nfc_link_open(const struct nfc_options *o, struct nfc_link **out)
{
	const struct target_options t = {.connstring = o->connstring, .cancel = o->cancel};
	struct nfc_link *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return ERR_MEMORY;
	l->options = *o;
	e = target_open(&t, &l->target);
	if (e)
		free(l);
	else
		*out = l;
	return e;
}

void nfc_link_close(struct nfc_link **l)
{
	if (!*l)
		return;
	target_close(&(*l)->target);
	free(*l);
	*l = NULL;
}

static void tell_link(struct nfc_link *l, enum nfc_event event, enum err why)
{
	if (event == NFC_AWAITED && l->told == why)
		return;
	l->told = event == NFC_AWAITED ? why : ERR_OK;
	l->has_worked |= event != NFC_AWAITED;
	if (l->options.event)
		l->options.event(l->options.ctx, event, why);
}

static enum err answer_command(struct nfc_link *l, struct card *card, struct slice command)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = card_transmit(card, command, &w);

	if (!e)
		e = target_answer(l->target, wbuf_slice(&w));
	secret_wipe(octets, sizeof(octets)); /* CK and IK pass here */
	card_settle(card);
	return e;
}

static enum err take_event(struct nfc_link *l, struct card *card)
{
	uint8_t octets[TARGET_COMMAND_MAX + 1];
	struct wbuf command = wbuf_init(octets, sizeof(octets));
	enum target_event event = TARGET_READY;
	enum err e = target_next(l->target, &event, &command);

	if (!e) {
		switch (event) {
		case TARGET_READY: tell_link(l, NFC_READY, ERR_OK); break;
		case TARGET_SELECTED:
			card_reset(card);
			tell_link(l, NFC_IN_FIELD, ERR_OK);
			break;
		case TARGET_COMMAND: e = answer_command(l, card, wbuf_slice(&command)); break;
		case TARGET_RELEASED:
			card_power_off(card);
			tell_link(l, NFC_RELEASED, ERR_OK);
			break;
		}
	}
	secret_wipe(octets, sizeof(octets)); /* a PIN passes here */
	return e;
}

/* Trying again may help. A reader that is plugged in again may not have its mode yet. */
static bool is_passing(const struct nfc_link *l, enum err e)
{
	if (e == ERR_PERMISSION)
		return l->has_worked;
	return e != ERR_CANCELLED && e != ERR_USAGE && e != ERR_UNSUPPORTED && e != ERR_MEMORY;
}

/* As long as the reader works. */
static enum err serve_reader(struct nfc_link *l, struct card *card)
{
	enum err e = target_start(l->target, target_historical(card_atr(card)));

	while (!e)
		e = take_event(l, card);
	card_power_off(card);
	return e;
}

enum err nfc_link_serve(struct nfc_link *l, struct card *card)
{
	unsigned backoff = BACKOFF_MIN;

	for (;;) {
		struct wait w = wait_begin(l->options.cancel, NULL);
		enum err e = serve_reader(l, card);

		if (!is_passing(l, e))
			return e;
		if (!l->told) /* it worked until now */
			backoff = BACKOFF_MIN;
		tell_link(l, NFC_AWAITED, e);
		w.told = true; /* just now */
		e = wait_pause(&w, backoff);
		if (e)
			return e;
		backoff = backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX : backoff * 2;
	}
}
