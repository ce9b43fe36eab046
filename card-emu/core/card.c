#include "card-emu/core/card.h"

#include <stdlib.h>
#include <time.h>

#include "card-emu/core/atr.h"
#include "card-emu/core/channel.h"
#include "card-emu/core/dispatch.h"
#include "card-emu/core/state.h"
#include "card-emu/profile/install.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "tool/sys/trouble.h"

struct store *card_store(struct card *card)
{
	return card->fs.store;
}

unsigned card_profile(struct card *card)
{
	return card->fs.profile;
}

int64_t card_now(struct card *card)
{
	return card->options.now ? card->options.now(card->options.now_ctx) : (int64_t)time(NULL);
}

struct slice card_svn(struct card *card)
{
	static const uint8_t unset[3];
	struct slice svn = SLICE_OF(card->options.svn);

	return slice_equal(svn, SLICE_OF(unset)) ? SLICE_EMPTY : svn;
}

uint32_t card_without(struct card *card)
{
	return card->options.without | install_without(card->fs.store);
}

bool card_le_is(const struct app_call *call, size_t n)
{
	return response_fits(&call->card->response, &call->apdu, n);
}

void *card_app_memory(struct card *card, const struct app *app, size_t size)
{
	for (size_t i = 0; i < CARD_APPS_MAX; i++) {
		if (card->memory[i].app == app)
			return card->memory[i].size == size ? card->memory[i].memory : NULL;
		if (!card->memory[i].app) {
			card->memory[i].memory = secret_object_new(size);
			if (!card->memory[i].memory)
				return NULL;
			card->memory[i].app = app;
			card->memory[i].size = size;
			return card->memory[i].memory;
		}
	}
	return NULL;
}

/* A hook asks for its application's memory, so none goes before all have run. */
static void forget_apps(struct card *card)
{
	/* an application looks its memory up: the table stays whole until all have been told */
	for (size_t i = 0; i < CARD_APPS_MAX && card->memory[i].app; i++) {
		if (card->memory[i].app->reset)
			card->memory[i].app->reset(card);
	}
	for (size_t i = 0; i < CARD_APPS_MAX && card->memory[i].app; i++) {
		secret_object_free(card->memory[i].memory, card->memory[i].size);
		card->memory[i].app = NULL;
		card->memory[i].memory = NULL;
	}
}

/* Volatile state as after power on. */
static void start_over(struct card *card)
{
	forget_apps(card);
	response_drop(&card->response);
	proactive_clear(&card->proactive);
	session_forget_pins(&card->fs);
	card->fs.profile = profile_enabled(card->fs.store);
	for (unsigned i = 0; i < CARD_CHANNELS; i++) {
		card->channels[i].number = i;
		card->channels[i].app = NULL;
		channel_reset(card, &card->channels[i]);
	}
	card->channels[0].open = true;
}

enum err card_open_with(const struct card_options *o, const struct app_table *table,
			struct card **out)
{
	struct card *card = calloc(1, sizeof(*card));
	struct store_options at = {.dir = o->dir,
				   .anchor = o->anchor,
				   .flags = (o->sync ? STORE_SYNC : 0u) |
					    (o->memory ? STORE_MEMORY : 0u) |
					    (o->recover ? STORE_RECOVER : 0u)};
	enum err e;

	if (!card)
		return ERR_MEMORY;
	card->options = *o;
	card->table = table;
	e = response_open(&card->response, o->protocol != CARD_T0);
	if (!e)
		e = store_open_with(&at, &card->fs.store);
	if (!e && !o->memory && !store_has(card->fs.store, STORE_KEY_EID))
		e = trouble_set(ERR_CORRUPT, "there is no EID in it: its making was cut short; "
					     "create the card anew");
	if (e) {
		card_close(&card);
		return e;
	}
	start_over(card);
	*out = card;
	return ERR_OK;
}

void card_close(struct card **card)
{
	if (!*card)
		return;
	forget_apps(*card);
	response_close(&(*card)->response);
	for (size_t i = 0; i < CARD_CHANNELS; i++)
		position_end_transfer(&(*card)->channels[i].at);
	store_close(&(*card)->fs.store);
	free(*card);
	*card = NULL;
}

struct slice card_atr(struct card *card)
{
	struct wbuf w = wbuf_init(card->atr, sizeof(card->atr));

	atr_put(card->options.protocol, &w);
	return wbuf_slice(&w);
}

struct slice card_reset(struct card *card)
{
	start_over(card);
	card->powered = true;
	return card_atr(card);
}

void card_settle(struct card *card)
{
	store_settle(card->fs.store);
}

void card_power_off(struct card *card)
{
	store_forget(card->fs.store);
	start_over(card);
	card->powered = false;
}

/* The file system under the channels is another one now: that of profile n, 0: of none. */
static void work_on(struct card *card, unsigned n)
{
	card->fs.profile = n;
	session_forget_pins(&card->fs);
	for (size_t i = 0; i < CARD_APPS_MAX && card->memory[i].app; i++) {
		const struct app *app = card->memory[i].app;

		if (!app_is_applet(app) && app->reset)
			app->reset(card);
	}
	for (unsigned i = 0; i < CARD_CHANNELS; i++) {
		struct channel *ch = &card->channels[i];

		if (ch->open && !app_is_applet(ch->app)) {
			channel_reset(card, ch);
			ch->open = i == 0;
		}
	}
}

void card_subscription_changed(struct card *card)
{
	proactive_queue_refresh(&card->proactive, REFRESH_NAA_RESET);
}

void card_profile_changed(struct card *card, bool refresh)
{
	if (refresh) {
		proactive_queue_refresh(&card->proactive, REFRESH_UICC_RESET);
		return;
	}
	work_on(card, profile_enabled(card->fs.store));
}

void card_profiles_deleted(struct card *card)
{
	struct profile_record r;

	if (card->fs.profile && profile_load(card->fs.store, card->fs.profile, &r) == ERR_NOT_FOUND)
		work_on(card, 0);
}

enum err card_transmit(struct card *card, struct slice command, struct wbuf *out)
{
	if (!card->powered)
		card_reset(card);
	dispatch(card, command, out);
	return wbuf_done(out);
}
