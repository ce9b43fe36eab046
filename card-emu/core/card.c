#include "card-emu/card.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "card-emu/profile/install.h"
#include "card-emu/core/internal.h"
#include "card-emu/fs/pin.h"
#include "lib/base/tlv.h"
#include "tool/sys/trouble.h"

#define CLASS_GSM     0xA0
#define RESPONSE_KEPT 1024
#define HEADER_LEN    4

/* TS 102 223 6.6.13, 8.6: REFRESH, "UICC reset", from the UICC to the terminal */
static const uint8_t refresh_reset[] = {0xD0, 0x09, 0x81, 0x03, 0x01, 0x01,
					0x04, 0x82, 0x02, 0x81, 0x82};

/*
 * ISO 7816-3 8: direct convention, T=0 (and T=15 for TA: supply classes A to C); historical bytes
 * as TS 102 221 6.2: card capabilities (SELECT by AID and partial AID, logical channels),
 * "TWINKEY".
 */
static const uint8_t atr_body[] = {0x9F, 0x96, 0x80, 0x1F, CARD_CLOCK_AND_CLASS,
				   0x80, 0x31, 0xE0, 0x73, 0xFE,
				   0x21, 0x13, 0x57, 'T',  'W',
				   'I',	 'N',  'K',  'E',  'Y'};
#define ATR_TS 0x3B

struct store *card_store(struct card *card)
{
	return card->store;
}

unsigned card_profile(struct card *card)
{
	return card->profile;
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
	return card->options.without | install_without(card->store);
}

void *card_app_memory(struct card *card, const struct app *app, size_t size)
{
	for (size_t i = 0; i < CARD_APPS_MAX; i++) {
		if (card->apps[i].app == app)
			return card->apps[i].size == size ? card->apps[i].memory : NULL;
		if (!card->apps[i].app) {
			card->apps[i].memory = secret_object_new(size);
			if (!card->apps[i].memory)
				return NULL;
			card->apps[i].app = app;
			card->apps[i].size = size;
			return card->apps[i].memory;
		}
	}
	return NULL;
}

/* A hook asks for its application's memory, so none goes before all have run. */
static void forget_apps(struct card *card)
{
	/* an application looks its memory up: the table stays whole until all have been told */
	for (size_t i = 0; i < CARD_APPS_MAX && card->apps[i].app; i++) {
		if (card->apps[i].app->reset)
			card->apps[i].app->reset(card);
	}
	for (size_t i = 0; i < CARD_APPS_MAX && card->apps[i].app; i++) {
		secret_object_free(card->apps[i].memory, card->apps[i].size);
		card->apps[i].app = NULL;
		card->apps[i].memory = NULL;
	}
}

static void drop_response(struct card *card)
{
	wbuf_cut(&card->response, 0);
	wbuf_reset(&card->response);
	card->response_at = 0;
}

/* Volatile state as after power on. */
static void start_over(struct card *card)
{
	forget_apps(card);
	drop_response(card);
	card->proactive_len = 0;
	card->proactive_fetched = false;
	access_forget(card);
	card->profile = profile_enabled(card->store);
	for (unsigned i = 0; i < CARD_CHANNELS; i++) {
		card->channels[i].number = i;
		card->channels[i].app = NULL;
		channel_reset(card, &card->channels[i]);
	}
	card->channels[0].open = true;
}

enum err card_open(const struct card_options *o, struct card **out)
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
	card->response = wbuf_grow(CARD_RESPONSE_MAX);
	/* Answers are written after what they tell was committed: short ones always find room. */
	wbuf_fill(&card->response, 0, RESPONSE_KEPT);
	e = wbuf_done(&card->response);
	drop_response(card);
	if (!e)
		e = store_open_with(&at, &card->store);
	if (!e && !o->memory && !store_has(card->store, STORE_KEY_EID))
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
	wbuf_free(&(*card)->response);
	for (size_t i = 0; i < CARD_CHANNELS; i++)
		transfer_end(&(*card)->channels[i]);
	store_close(&(*card)->store);
	free(*card);
	*card = NULL;
}

struct slice card_atr(struct card *card)
{
	struct wbuf w = wbuf_init(card->atr, sizeof(card->atr));
	struct slice body = SLICE_OF(atr_body);
	uint8_t check = 0;

	wbuf_u8(&w, ATR_TS);
	wbuf_put(&w, body);
	for (size_t i = 0; i < body.len; i++)
		check ^= slice_at(body, i);
	wbuf_u8(&w, check);
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
	store_settle(card->store);
}

void card_power_off(struct card *card)
{
	start_over(card);
	card->powered = false;
}

/* The file system under the channels is another one now: that of profile n, 0: of none. */
static void work_on(struct card *card, unsigned n)
{
	card->profile = n;
	access_forget(card);
	app_usim.reset(card);
	for (unsigned i = 0; i < CARD_CHANNELS; i++) {
		struct channel *ch = &card->channels[i];
		bool applet = ch->app && ch->app->select;

		if (ch->open && !applet) {
			channel_reset(card, ch);
			ch->open = i == 0;
		}
	}
}

void card_profile_changed(struct card *card, bool refresh)
{
	if (refresh) {
		memcpy(card->proactive, refresh_reset, sizeof(refresh_reset));
		card->proactive_len = sizeof(refresh_reset);
		card->proactive_fetched = false;
		return;
	}
	work_on(card, profile_enabled(card->store));
}

void card_profiles_deleted(struct card *card)
{
	struct profile_record r;

	if (card->profile && profile_load(card->store, card->profile, &r) == ERR_NOT_FOUND)
		work_on(card, 0);
}

/* The basic form of a class: channel and secure messaging taken out. */
static uint8_t basic_class(uint8_t cla)
{
	if (cla & 0x40)
		return cla & 0x80;
	return cla & 0xF0;
}

static bool secure_messaging(uint8_t cla)
{
	if (basic_class(cla) == CLASS_GSM)
		return false;
	return cla & 0x40 ? cla & 0x20 : cla & 0x0C;
}

static const struct app_command *look_up(const struct app_command *rows, size_t n, uint8_t cla,
					 uint8_t ins, bool *ins_known)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].ins != ins)
			continue;
		*ins_known = true;
		if ((cla & rows[i].cla_mask) == rows[i].cla)
			return &rows[i];
	}
	return NULL;
}

static const struct app_command *find_command(const struct channel *ch, uint8_t cla, uint8_t ins,
					      uint16_t *sw)
{
	uint8_t basic = basic_class(cla);
	bool known = false;
	const struct app_command *row = NULL;

	if (basic == CLASS_GSM)
		row = look_up(app_gsm.commands, app_gsm.command_count, cla, ins, &known);
	else if (basic != 0x00 && basic != 0x80)
		known = true; /* no row has that class */
	else {
		const struct app *apps[] = {ch->app, &app_system, &app_files};

		for (size_t i = 0; i < ARRAY_LEN(apps) && !row; i++) {
			if (apps[i] && (apps[i] != &app_files || !ch->app || app_is_adf(ch->app)))
				row = look_up(apps[i]->commands, apps[i]->command_count, basic, ins,
					      &known);
		}
		if (!row && (!ch->app || app_is_adf(ch->app)))
			row = look_up(pin_commands, pin_command_count, basic, ins, &known);
	}
	*sw = known ? SW_CLA_NOT_SUPPORTED : SW_INS_NOT_SUPPORTED;
	return row;
}

/* ISO 7816-3 12.1: what was sent fits the case of the command. */
static bool case_fits(enum app_case kind, const struct apdu *a)
{
	switch (kind) {
	case APP_CASE_1: return !a->data.len && a->p3 == 0;
	case APP_CASE_2: return !a->data.len && a->has_p3;
	case APP_CASE_3: return a->data.len && !a->has_le;
	case APP_CASE_4: return a->data.len != 0;
	case APP_CASE_3_OR_1: return a->data.len ? !a->has_le : a->p3 == 0;
	case APP_CASE_4_OR_1:
	case APP_CASE_ANY: return true;
	}
	return false;
}

static uint16_t with_proactive(const struct card *card, uint16_t sw)
{
	if (sw != SW_OK || !card->proactive_len || card->proactive_fetched)
		return sw;
	return (uint16_t)(SW_PROACTIVE | card->proactive_len);
}

static void put_sw(struct wbuf *out, uint16_t sw)
{
	wbuf_u16(out, sw);
}

static size_t response_left(const struct card *card)
{
	return card->response.len - card->response_at;
}

static uint16_t sw_more(size_t left, bool gsm)
{
	uint16_t family = gsm ? SW_GSM_RESPONSE : SW_RESPONSE;

	return (uint16_t)(family | (left > 255 ? 0 : left));
}

/* The length that was asked for is not that of what there is: 6Cxx, of the 2G class 67xx. */
static uint16_t sw_of_length(size_t n, bool gsm)
{
	return (uint16_t)((gsm ? SW_WRONG_LENGTH : SW_CORRECT_LE) | (n & 0xFF));
}

/* GET RESPONSE, TS 102 221 12.1.1 */
static void get_response(struct card *card, const struct apdu *a, struct wbuf *out)
{
	size_t left = response_left(card), n = a->has_le ? a->le : 0;
	bool gsm = basic_class(a->cla) == CLASS_GSM;

	if (a->p1 || a->p2) {
		put_sw(out, gsm ? SW_OUT_OF_RANGE : SW_WRONG_P1P2);
	} else if (!a->has_le || a->data.len) {
		put_sw(out, SW_WRONG_LENGTH);
	} else if (!left || gsm != card->response_gsm ||
		   (unsigned)apdu_channel(a->cla) != card->response_channel) {
		put_sw(out, SW_TECHNICAL); /* TS 102 221 12.1.1, TS 51.011 9.4.6 */
	} else if (n > left) {
		put_sw(out, sw_of_length(left, gsm));
	} else {
		wbuf_put(out, slice_sub(wbuf_slice(&card->response), card->response_at, n));
		card->response_at += n;
		left -= n;
		put_sw(out,
		       left && !gsm ? sw_more(left, gsm) : with_proactive(card, card->response_sw));
	}
}

/* The handler's answer as T=0 carries it. */
static void finish(struct card *card, const struct app_command *row, const struct apdu *a,
		   uint16_t sw, struct wbuf *out)
{
	bool gsm = basic_class(a->cla) == CLASS_GSM;
	bool direct = row->kind == APP_CASE_2 || (row->kind == APP_CASE_ANY && a->has_le);
	size_t n = card->response.len;

	if (wbuf_done(&card->response)) {
		drop_response(card);
		put_sw(out, SW_TECHNICAL);
		return;
	}
	if (!sw_is_good(sw) && sw >> 8 != SW_WARNING >> 8)
		n = 0;
	if (!n) {
		drop_response(card);
		put_sw(out, with_proactive(card, sw));
	} else if (direct && n != a->le) {
		drop_response(card);
		put_sw(out, sw_of_length(n, gsm));
	} else if (direct) {
		wbuf_put(out, wbuf_slice(&card->response));
		drop_response(card);
		put_sw(out, with_proactive(card, sw));
	} else {
		/* TS 102 221 7.3.1.1.4: a warning comes before the data, which GET RESPONSE brings;
		 * "more data" tells of the object, and comes behind the block. */
		bool warned = sw == SW_FILE_DEACTIVATED;

		card->response_sw = warned ? SW_OK : sw;
		card->response_channel = (unsigned)apdu_channel(a->cla);
		card->response_gsm = gsm;
		put_sw(out, warned ? sw : sw_more(n, gsm));
	}
}

static void run(struct card *card, const struct apdu *a, struct wbuf *out)
{
	int number = apdu_channel(a->cla);
	struct channel *ch = number >= 0 && number < CARD_CHANNELS ? &card->channels[number] : NULL;
	const struct app_command *row;
	uint16_t sw;

	if (number < 0 || (basic_class(a->cla) == CLASS_GSM && a->cla != CLASS_GSM)) {
		put_sw(out, SW_CLA_NOT_SUPPORTED);
		return;
	}
	if (!ch || !ch->open) {
		put_sw(out, SW_CHANNEL_NOT_SUPPORTED);
		return;
	}
	if (a->ins == INS_GET_RESPONSE) {
		get_response(card, a, out);
		return;
	}
	row = find_command(ch, a->cla, a->ins, &sw);
	if (!row) {
		put_sw(out, sw);
	} else if (secure_messaging(a->cla)) {
		put_sw(out, SW_SECURE_MESSAGING);
	} else if (!case_fits(row->kind, a)) {
		put_sw(out, SW_WRONG_LENGTH);
	} else {
		struct app_call call = {card, ch, *a, &card->response};

		finish(card, row, a, row->run(&call), out);
	}
}

enum err card_transmit(struct card *card, struct slice command, struct wbuf *out)
{
	uint8_t tpdu[HEADER_LEN + 1] = {0};
	struct apdu a;
	bool good;

	if (!card->powered)
		card_reset(card);
	if (command.len == HEADER_LEN && !slice_copy(command, tpdu, HEADER_LEN))
		command = SLICE_OF(tpdu); /* TS 102 221 7.3.1.1.1: P3 is 00 */
	good = apdu_parse(command, &a) == ERR_OK;
	if (!good || a.ins != INS_GET_RESPONSE) /* ISO 7816-3 10.3.4: to be fetched at once */
		drop_response(card);
	if (good)
		run(card, &a, out);
	else
		put_sw(out, SW_WRONG_LENGTH);
	return wbuf_done(out);
}
