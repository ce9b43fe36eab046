#include "host/terminal/uicc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/transport/observe.h"
#include "lib/base/tlv.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/command.h"
#include "tool/sys/cancel.h"

#define ATR_MAX		 33
#define LE_RETRIES	 2			   /* answers 6Cxx in a row to one command */
#define RESPONSES_MAX	 (UICC_RESPONSE_MAX / 128) /* GET RESPONSE commands for one command */
#define PROACTIVE_MAX	 16			   /* proactive commands in a row */
#define STORE_BLOCKS_MAX 256
#define UICC_STEP_MAX	 40

#define CHANNEL_MAX	 19

/* TS 102 223 */
#define TAG_PROACTIVE	   0xD0
#define TAG_DETAILS	   0x81
#define TAG_DETAILS_NO_CR  0x01
#define TAG_DEVICES	   0x82
#define TAG_RESULT	   0x83
#define PROACTIVE_REFRESH  0x01
#define REFRESH_FILES_ONLY 0x01
#define REFRESH_UICC_RESET 0x04
#define RESULT_DONE	   0x00
#define RESULT_BEYOND	   0x30 /* command beyond terminal's capabilities */

struct uicc {
	struct transport *t;
	uint8_t atr[ATR_MAX];
	size_t atr_len;
	uint16_t last_sw;
	bool has_sw;	 /* 0000 can come from a card as well */
	unsigned holds;	 /* of the transaction */
	unsigned opened; /* the channel that the card gave last */
	enum uicc_refresh refresh;
	char step[UICC_STEP_MAX];
};

enum err uicc_open(struct transport *t, struct uicc **out)
{
	struct uicc *u = calloc(1, sizeof(*u));
	enum err e;

	if (!u)
		return ERR_MEMORY;
	u->t = t;
	e = uicc_reset(u);
	if (e)
		free(u);
	else
		*out = u;
	return e;
}

void uicc_close(struct uicc **u)
{
	if (!*u)
		return;
	transport_close(&(*u)->t);
	free(*u);
	*u = NULL;
}

struct cancel *uicc_cancel(const struct uicc *u)
{
	return u->t->cancel;
}

struct slice uicc_atr(const struct uicc *u)
{
	return slice_make(u->atr, u->atr_len);
}

struct transport *uicc_transport(const struct uicc *u)
{
	return u->t;
}

enum err uicc_observe(struct uicc *u, const struct transport_observer *observer)
{
	return transport_observe(u->t, observer, &u->t);
}

const char *uicc_reader(const struct uicc *u)
{
	return u->t->name;
}

uint16_t uicc_last_sw(const struct uicc *u)
{
	return u->last_sw;
}

bool uicc_has_sw(const struct uicc *u)
{
	return u->has_sw;
}

static enum err take_atr(struct uicc *u, enum err e, struct slice atr)
{
	if (e)
		return e;
	if (atr.len < 2 || atr.len > sizeof(u->atr)) /* ISO 7816-3 8.2: TS, T0 and up to 31 more */
		return ERR_ATR;
	u->atr_len = atr.len;
	return slice_copy(atr, u->atr, atr.len);
}

enum err uicc_reset(struct uicc *u)
{
	struct slice atr = SLICE_EMPTY;
	enum err e = cancel_check(u->t->cancel);

	if (!e)
		e = transport_reset(u->t, &atr);
	return take_atr(u, e, atr);
}

enum err uicc_power_cycle(struct uicc *u)
{
	struct slice atr = SLICE_EMPTY;
	enum err e = cancel_check(u->t->cancel);

	if (!e)
		e = transport_power_cycle(u->t, &atr);
	return take_atr(u, e, atr);
}

enum err uicc_begin(struct uicc *u)
{
	enum err e = u->holds ? ERR_OK : transport_begin(u->t);

	u->holds += !e;
	return e;
}

/* What goes wrong here, the next command meets too. */
static void let_go(struct uicc *u)
{
	if (transport_end(u->t))
		return;
}

void uicc_end(struct uicc *u)
{
	if (u->holds && !--u->holds)
		let_go(u);
}

void uicc_rest(struct uicc *u)
{
	if (u->holds)
		let_go(u);
}

enum err uicc_resume(struct uicc *u)
{
	enum err e = u->holds ? transport_begin(u->t) : ERR_OK;

	if (e)
		u->holds = 0;
	return e;
}

enum err uicc_verify_at_keys(struct uicc *u, const struct transport_pin *pin, uint16_t *sw)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = transport_verify_pin(u->t, pin, &w);
	struct cursor c = cursor_of(wbuf_slice(&w));

	*sw = cursor_u16(&c);
	return e ? e : cursor_done(&c) ? ERR_PROTOCOL : ERR_OK;
}

enum err uicc_raw(struct uicc *u, struct slice command, struct wbuf *response)
{
	enum err e = cancel_check(u->t->cancel);

	return e ? e : transport_transmit(u->t, command, response);
}

/* One TPDU or APDU: its data is appended to data, the status word goes to *sw. */
static enum err exchange(struct uicc *u, struct slice command, struct wbuf *data, uint16_t *sw)
{
	struct wbuf w = wbuf_grow(APDU_EXTENDED_RESPONSE_MAX);
	enum err e = transport_transmit(u->t, command, &w);
	struct cursor c;

	if (!e) {
		c = cursor_of(wbuf_slice(&w));
		wbuf_put(data, cursor_take(&c, w.len - 2));
		*sw = cursor_u16(&c);
		e = wbuf_done(data);
	}
	wbuf_free(&w); /* wipes: it may have been a key */
	return e;
}

static void put_command(const struct uicc *u, const struct apdu *command, uint32_t le,
			struct wbuf *w)
{
	struct apdu a = *command;

	a.le = le;
	a.extended = a.extended && u->t->extended;
	if (u->t->apdu_level) {
		apdu_put_whole(w, &a);
		return;
	}
	/* under T=0 the fifth octet is Lc or Le, and is always there (ISO 7816-3 12.2) */
	apdu_put(w, &a);
	if (!a.data.len)
		wbuf_u8(w, (uint8_t)(le & 0xFF)); /* 256 is written 00 */
}

/* A command until the card stops asking for another Le (6Cxx). */
static enum err send_once(struct uicc *u, const struct apdu *command, struct wbuf *response,
			  uint16_t *sw)
{
	uint32_t le = command->le;

	for (unsigned tries = 0;; tries++) {
		struct wbuf w = wbuf_grow(APDU_EXTENDED_COMMAND_MAX);
		size_t before = response->len;
		enum err e;

		put_command(u, command, le, &w);
		e = wbuf_done(&w);
		if (!e)
			e = exchange(u, wbuf_slice(&w), response, sw);
		wbuf_free(&w); /* wipes: it may have been a PIN */
		if (e || !sw_is(*sw, SW_CORRECT_LE))
			return e;
		if (tries == LE_RETRIES || response->len != before)
			return ERR_PROTOCOL;
		le = sw_number(*sw);
	}
}

/* GET RESPONSE on the channel of a command. */
static struct apdu get_response(uint8_t cla, unsigned le)
{
	struct apdu a =
		command_apdu(cla == CLA_GSM ? COMMAND_GSM_GET_RESPONSE : COMMAND_GET_RESPONSE,
			     (unsigned)apdu_channel(cla));

	a.le = le;
	return a;
}

/* GET RESPONSE until there is no more (61xx; 9Fxx of the 2G class). */
static enum err collect(struct uicc *u, uint8_t cla, struct wbuf *response, uint16_t *sw)
{
	enum err e = ERR_OK;

	for (unsigned n = 0; !e; n++) {
		uint16_t promised = *sw;
		size_t before = response->len;
		struct apdu next;

		if (!sw_is(*sw, SW_RESPONSE) && (!sw_is(*sw, SW_GSM_RESPONSE) || cla != CLA_GSM))
			return ERR_OK;
		if (n == RESPONSES_MAX)
			return ERR_PROTOCOL;
		next = get_response(cla, sw_number(*sw));
		e = send_once(u, &next, response, sw);
		if (!e && response->len == before && *sw >> 8 == promised >> 8)
			return ERR_PROTOCOL; /* it promises data for ever and gives none */
	}
	return e;
}

/* TS 102 221 7.3.1.1.4: under T=0 a warning to a command with data and Le comes before its answer.
 * A search that found nothing has none. */
static bool warns(uint16_t sw)
{
	return sw_is(sw, SW_WARNING) && sw != SW_NO_MATCH;
}

static enum err fetch_warned(struct uicc *u, uint8_t cla, struct wbuf *response)
{
	struct apdu next = get_response(cla, 256);
	uint16_t after = 0;
	enum err e = send_once(u, &next, response, &after);

	if (!e && sw_is(after, SW_RESPONSE))
		e = collect(u, cla, response, &after);
	return e;
}

/* Its lengths are such as this way can carry. */
static bool can_carry(const struct uicc *u, const struct apdu *a)
{
	if (apdu_channel(a->cla) < 0)
		return false;
	return u->t->extended
		       ? a->data.len <= APDU_EXTENDED_DATA_MAX && a->le <= APDU_EXTENDED_LE_MAX
		       : a->data.len <= APDU_DATA_MAX && a->le <= APDU_LE_MAX;
}

enum err uicc_send(struct uicc *u, const struct apdu *command, struct wbuf *response, uint16_t *sw)
{
	struct wbuf unwanted = wbuf_grow(UICC_RESPONSE_MAX);
	struct wbuf *w = response ? response : &unwanted;
	size_t before;
	enum err e;

	*sw = 0;
	if (!can_carry(u, command))
		return ERR_LENGTH;
	before = w->len;
	/* what follows belongs to one command: its outcome is to be known */
	e = cancel_check(u->t->cancel);
	if (!e)
		e = uicc_begin(u);
	if (e)
		return e;
	e = send_once(u, command, w, sw);
	if (!e && !u->t->apdu_level && command->data.len && command->le && w->len == before &&
	    warns(*sw))
		e = fetch_warned(u, command->cla, w);
	else if (!e)
		e = collect(u, command->cla, w, sw);
	uicc_end(u);
	wbuf_free(&unwanted);
	return e;
}

enum err uicc_check(struct uicc *u, enum err e, uint16_t sw)
{
	if (!e && !sw_is_good(sw)) {
		u->last_sw = sw;
		u->has_sw = true;
		e = ERR_CARD;
	}
	return e;
}

enum err uicc_select_aid(struct uicc *u, unsigned channel, struct slice aid, struct wbuf *response,
			 uint16_t *sw)
{
	/* TS 102 221 11.1.1: a 3GPP application gives its FCP; GlobalPlatform's give their FCI */
	bool etsi = slice_starts(aid, aid_of(AID_3GPP));
	struct apdu a = command_apdu(COMMAND_SELECT, channel);
	enum err e;

	a.p1 = SELECT_AID;
	a.p2 = etsi ? SELECT_RETURN_FCP : SELECT_RETURN_FCI;
	a.data = aid;
	a.le = 256;
	e = uicc_send(u, &a, response, sw);
	return uicc_check(u, e, *sw);
}

static void begin_step(struct uicc *u, const char *name, unsigned channel)
{
	if (channel)
		snprintf(u->step, sizeof(u->step), "%s on channel %u", name, channel);
	else
		snprintf(u->step, sizeof(u->step), "%s on the basic channel", name);
}

/* MANAGE CHANNEL: the number that the card gives. */
static enum err take_channel(struct uicc *u, unsigned *channel, uint16_t *sw)
{
	uint8_t number[2];
	struct wbuf w = wbuf_init(number, sizeof(number));
	struct apdu a = command_apdu(COMMAND_MANAGE_CHANNEL, 0);
	enum err e;

	a.p1 = CHANNEL_OPEN;
	a.le = 1;
	e = uicc_send(u, &a, &w, sw);
	snprintf(u->step, sizeof(u->step), "MANAGE CHANNEL");
	e = uicc_check(u, e, *sw);
	*channel = slice_at(wbuf_slice(&w), 0);
	if (!e)
		u->opened = *channel;
	return !e && (w.len != 1 || *channel == 0 || *channel > CHANNEL_MAX) ? ERR_PROTOCOL : e;
}

enum err uicc_channel_take(struct uicc *u, unsigned *channel)
{
	uint16_t sw;

	return take_channel(u, channel, &sw);
}

/* The card has the channel and does not serve it, or not in this class. */
static bool channel_is_dead(uint16_t sw)
{
	return sw_is(sw, SW_CLA_FUNCTION) || sw_is(sw, SW_CLA_NOT_SUPPORTED) ||
	       sw_is(sw, SW_INS_NOT_SUPPORTED);
}

static enum err select_on(struct uicc *u, unsigned channel, struct slice aid, struct wbuf *response,
			  uint16_t *sw)
{
	size_t before = response ? response->len : 0;
	enum err e = uicc_select_aid(u, channel, aid, response, sw);

	begin_step(u, "SELECT", channel);
	if (e && response)
		wbuf_cut(response, before);
	return e;
}

enum err uicc_channel_open(struct uicc *u, struct slice aid, unsigned *channel,
			   struct wbuf *response, uint16_t *sw)
{
	unsigned opened;
	enum err e = take_channel(u, &opened, sw), closed;
	uint16_t keep;

	if (e && e != ERR_CARD)
		return e;
	if (!e) {
		e = select_on(u, opened, aid, response, sw);
		if (!e)
			*channel = opened;
		if (e != ERR_CARD)
			return e;
		keep = *sw; /* what matters is the refused SELECT */
		closed = uicc_channel_close(u, opened);
		u->last_sw = *sw = keep;
		if (!channel_is_dead(keep) || (closed && closed != ERR_CARD))
			return ERR_CARD;
	}
	/* TS 102 221 8.7: channels are an option of the card, and may all be in use */
	e = select_on(u, 0, aid, response, sw);
	if (!e)
		*channel = 0;
	return e;
}

enum err uicc_channel_close(struct uicc *u, unsigned channel)
{
	struct apdu a = command_apdu(COMMAND_MANAGE_CHANNEL, 0);
	uint16_t sw;
	enum err e;

	if (!channel) /* the basic one stays open, and whoever needs it selects anew */
		return ERR_OK;
	a.p1 = CHANNEL_CLOSE;
	a.p2 = (uint8_t)channel;
	e = uicc_send(u, &a, NULL, &sw);
	return uicc_check(u, e, sw);
}

const char *uicc_last_step(const struct uicc *u)
{
	return u->step;
}

enum err uicc_store_data(struct uicc *u, unsigned channel, struct slice request,
			 struct wbuf *response, uint16_t *sw)
{
	struct cursor c = cursor_of(request);
	enum err e = ERR_OK;

	if (request.len > (size_t)STORE_BLOCKS_MAX * APDU_DATA_MAX)
		return ERR_LENGTH;
	for (unsigned block = 0; !e; block++) {
		size_t left = cursor_left(&c);
		bool last = left <= APDU_DATA_MAX;
		struct apdu a = command_apdu(COMMAND_STORE_DATA, channel);

		a.p1 = last ? STORE_DATA_LAST : STORE_DATA_MORE;
		a.p2 = (uint8_t)block;
		a.data = cursor_take(&c, last ? left : APDU_DATA_MAX);
		a.le = last ? 256 : 0;
		e = uicc_send(u, &a, response, sw);
		if (last || !sw_is_good(*sw))
			break;
	}
	return e;
}

/* The command details of a proactive command: number, type, qualifier. */
static enum err proactive_details(struct slice command, struct slice *details)
{
	struct slice body;
	enum err e = tlv_only(command, TAG_PROACTIVE, &body);

	if (e)
		return ERR_PROTOCOL;
	if (!tlv_find(body, TAG_DETAILS, details) && !tlv_find(body, TAG_DETAILS_NO_CR, details))
		return ERR_PROTOCOL;
	return details->len == 3 ? ERR_OK : ERR_PROTOCOL;
}

/* TS 102 223 6.8 */
static enum err terminal_response(struct uicc *u, struct slice details, uint8_t result,
				  uint16_t *sw)
{
	static const uint8_t devices[] = {0x82, 0x81}; /* terminal to UICC */
	uint8_t octets[32];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct apdu a = command_apdu(COMMAND_TERMINAL_RESPONSE, 0);

	tlv_put(&w, TAG_DETAILS, details);
	tlv_put(&w, TAG_DEVICES, SLICE_OF(devices));
	tlv_put(&w, TAG_RESULT, slice_make(&result, 1));
	a.data = wbuf_slice(&w);
	return uicc_send(u, &a, NULL, sw);
}

/* STATUS on a channel from before. A way that fails here fails the next command too. */
static bool missed_reset(struct uicc *u)
{
	struct apdu a = command_apdu(COMMAND_STATUS, u->opened);
	uint16_t sw;

	a.p2 = SELECT_RETURN_NONE;
	return u->opened && u->opened <= CHANNEL_MAX && !uicc_send(u, &a, NULL, &sw) && sw == SW_OK;
}

/* TS 102 223 6.4.7: after a REFRESH that is a UICC reset there is nobody left to answer. */
static enum err run_proactive(struct uicc *u, struct slice command, uint16_t *sw, bool *refreshed)
{
	struct slice details;
	enum err e = proactive_details(command, &details);
	uint8_t qualifier = slice_at(details, 2);

	if (e)
		return e;
	if (slice_at(details, 1) != PROACTIVE_REFRESH)
		return terminal_response(u, details, RESULT_BEYOND, sw);
	if (qualifier != REFRESH_UICC_RESET)
		e = terminal_response(u, details, RESULT_DONE, sw);
	if (e || qualifier == REFRESH_FILES_ONLY)
		return e;
	*sw = SW_OK;
	*refreshed = true;
	e = uicc_reset(u);
	if (e)
		return e;
	u->refresh = missed_reset(u) ? UICC_RESET_MISSED : UICC_RESET;
	*refreshed = u->refresh == UICC_RESET;
	return ERR_OK;
}

enum uicc_refresh uicc_refresh(const struct uicc *u)
{
	return u->refresh;
}

enum err uicc_proactive(struct uicc *u, uint16_t sw, bool *refreshed)
{
	*refreshed = false;
	u->refresh = UICC_NOT_RESET;
	for (unsigned n = 0; sw_is(sw, SW_PROACTIVE); n++) {
		uint8_t octets[APDU_RESPONSE_MAX];
		struct wbuf w = wbuf_init(octets, sizeof(octets));
		struct apdu a = command_apdu(COMMAND_FETCH, 0);
		enum err e;

		if (n == PROACTIVE_MAX)
			return ERR_PROTOCOL;
		a.le = sw_number(sw);
		e = uicc_send(u, &a, &w, &sw);
		e = uicc_check(u, e, sw);
		if (!e)
			e = run_proactive(u, wbuf_slice(&w), &sw, refreshed);
		if (e)
			return e;
	}
	return ERR_OK;
}
