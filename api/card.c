/* card: include/twinkey/card.h, over the card of card-emu */
#include "include/twinkey/card.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/error.h"
#include "api/settings.h"
#include "card-emu/card.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/crypto/failure.h"
#include "tool/sys/folder.h"
#include "tool/sys/trouble.h"

_Static_assert(TWINKEY_ATR_MAX == CARD_ATR_MAX && TWINKEY_ANSWER_MAX == CARD_ANSWER_MAX &&
		       TWINKEY_SIGNERS_MAX == CARD_SIGNERS_MAX && TWINKEY_CIS_MAX == CARD_CI_MAX,
	       "the limits of the interface are those of the card");

struct twinkey_card {
	struct card *card;
	pid_t owner; /* the process that has the folder; 0: there is no folder */
	bool powered;
	size_t answer_len; /* 0: none */
	uint8_t answer[TWINKEY_ANSWER_MAX];
};

static bool is_ours(const struct twinkey_card *card)
{
	return !card->owner || card->owner == getpid();
}

/* What a call leaves of itself in its thread: nothing. */
static enum twinkey_code end_call(enum twinkey_code code)
{
	trouble_forget();
	crypto_forget_failures();
	return code;
}

static void drop_answer(struct twinkey_card *card)
{
	secret_wipe(card->answer, card->answer_len);
	card->answer_len = 0;
}

static enum twinkey_code wrap(struct card *inner, const struct card_options *o,
			      struct twinkey_card **card)
{
	struct twinkey_card *made = calloc(1, sizeof(*made));

	if (!made) {
		card_close(&inner);
		return TWINKEY_ERR_MEMORY;
	}
	made->card = inner;
	made->owner = o->memory ? 0 : getpid();
	*card = made;
	return TWINKEY_OK;
}

/* What recover had to leave out, and who can look into the folder, is told though it is open. */
static enum twinkey_code open_in_folder(const struct card_options *o, struct twinkey_card **card,
					struct twinkey_error *error)
{
	struct card *inner = NULL;
	enum err e;

	trouble_forget();
	e = card_open(o, &inner);
	if (e == ERR_LOCKED)
		return error_said(error, e, "%s: the card is open already, in process %ld", o->dir,
				  store_lock_holder(o->dir));
	if (e == ERR_NOT_FOUND && !*trouble_of(e))
		e = trouble_set(e, "there is no card in it");
	if (e)
		return error_of(error, e, o->dir);
	if (*trouble_text())
		error_said(error, ERR_OK, "%s: %s", o->dir, trouble_text());
	else if (*folder_warning())
		error_said(error, ERR_OK, "%s", folder_warning());
	return wrap(inner, o, card) ? error_of(error, ERR_MEMORY, o->dir) : TWINKEY_OK;
}

static enum twinkey_code why_not_made(struct twinkey_error *error, enum err e,
				      const struct make_order *order)
{
	const char *place = order->options.dir ? order->options.dir : "the card";

	if (error_code(e) == TWINKEY_ERR_CERT)
		return error_said(error, e, "EID, certificates and keys do not make an eUICC: %s",
				  err_text(e));
	if (e == ERR_EXISTS)
		e = trouble_set(e, "something is there already: name another folder");
	if (e == ERR_REFUSED)
		return error_said(error, e, "the SIM needs a service that the card is without");
	return error_of(error, e, place);
}

static enum twinkey_code make(struct make_order *order, struct twinkey_card **card,
			      struct twinkey_error *error)
{
	struct card *inner = NULL;
	enum err e;

	trouble_forget();
	e = order->options.dir ? make_in_folder(order) : make_in_memory(order, &inner);
	if (e)
		return why_not_made(error, e, order);
	if (order->options.dir)
		return open_in_folder(&order->options, card, error);
	return wrap(inner, &order->options, card) ? error_of(error, ERR_MEMORY, "the card")
						  : TWINKEY_OK;
}

enum twinkey_code twinkey_card_create(const struct twinkey_identity *who,
				      const struct twinkey_options *how, struct twinkey_card **card,
				      struct twinkey_error *error)
{
	struct settings s = {0};
	enum twinkey_code code = error_none(error);

	if (!card)
		return error_said(error, ERR_USAGE, "card is NULL");
	trouble_forget();
	code = settings_options(how, &s.order.options, error);
	if (!code)
		code = settings_identity(who, &s, error);
	if (!code)
		code = make(&s.order, card, error);
	settings_free(&s);
	return end_call(code);
}

enum twinkey_code twinkey_card_open(const struct twinkey_options *how, struct twinkey_card **card,
				    struct twinkey_error *error)
{
	struct card_options o = {0};
	enum twinkey_code code = error_none(error);

	if (!card)
		return error_said(error, ERR_USAGE, "card is NULL");
	code = settings_options(how, &o, error);
	if (!code && !o.dir)
		return error_said(error, ERR_USAGE,
				  "folder is missing: a card in memory is made, "
				  "not opened");
	if (!code)
		code = open_in_folder(&o, card, error);
	return end_call(code);
}

void twinkey_card_close(struct twinkey_card **card)
{
	if (!card || !*card)
		return;
	drop_answer(*card);
	card_close(&(*card)->card);
	free(*card);
	*card = NULL;
	end_call(TWINKEY_OK);
}

enum twinkey_code twinkey_card_reset(struct twinkey_card *card, uint8_t atr[TWINKEY_ATR_MAX],
				     size_t *atr_len)
{
	struct slice got;

	if (!card)
		return TWINKEY_ERR_USAGE;
	if (!is_ours(card))
		return TWINKEY_ERR_STATE;
	drop_answer(card);
	got = card_reset(card->card);
	card->powered = true;
	if (atr)
		memcpy(atr, got.ptr, got.len);
	if (atr_len)
		*atr_len = got.len;
	return end_call(TWINKEY_OK);
}

void twinkey_card_power_off(struct twinkey_card *card)
{
	if (!card || !is_ours(card))
		return;
	drop_answer(card);
	card_power_off(card->card);
	card->powered = false;
	end_call(TWINKEY_OK);
}

enum twinkey_code twinkey_card_answer(const struct twinkey_card *card, uint8_t *answer,
				      size_t *answer_len)
{
	size_t room;

	if (!card || !answer_len || (!answer && *answer_len))
		return TWINKEY_ERR_USAGE;
	if (!card->answer_len)
		return TWINKEY_ERR_STATE;
	room = *answer_len;
	*answer_len = card->answer_len;
	if (room < card->answer_len)
		return TWINKEY_ERR_SPACE;
	memcpy(answer, card->answer, card->answer_len);
	return TWINKEY_OK;
}

enum twinkey_code twinkey_card_transmit(struct twinkey_card *card, const uint8_t *command,
					size_t command_len, uint8_t *answer, size_t *answer_len)
{
	struct wbuf out;
	enum err e;

	if (!card || (!command && command_len) || !answer_len || (!answer && *answer_len))
		return TWINKEY_ERR_USAGE;
	if (!card->powered || !is_ours(card))
		return TWINKEY_ERR_STATE;
	drop_answer(card);
	out = wbuf_init(card->answer, sizeof(card->answer));
	e = card_transmit(card->card, slice_make(command, command_len), &out);
	card_settle(card->card);
	card->answer_len = out.len;
	if (e) {
		drop_answer(card);
		return end_call(error_code(e));
	}
	return end_call(twinkey_card_answer(card, answer, answer_len));
}
