#include "host/record/frames.h"

#include <stdlib.h>
#include <string.h>

#include "lib/uicc/vpcd.h"

/* Two frames: a reader asks for one answer before it wants another. */
#define INPUT_MAX (2 * VPCD_FRAME_MAX)
#define ATR_MAX	  33

enum awaits { NOTHING, AN_ATR, AN_ANSWER };

struct frames {
	struct frames_sink sink;
	struct wbuf reader, card; /* octets that are not taken yet */
	struct wbuf command;	  /* that awaits its answer */
	enum awaits awaits;
	bool powered;
	bool was_reset; /* and the ATR of it was not asked for yet */
	uint8_t atr[ATR_MAX];
	size_t atr_len; /* of the last one that was seen */
};

enum err frames_open(const struct frames_sink *sink, struct frames **out)
{
	struct frames *f = calloc(1, sizeof(*f));

	if (!f)
		return ERR_MEMORY;
	f->sink = *sink;
	f->reader = wbuf_grow(INPUT_MAX);
	f->card = wbuf_grow(INPUT_MAX);
	f->command = wbuf_grow(VPCD_PAYLOAD_MAX);
	*out = f;
	return ERR_OK;
}

/* The front of w was taken; c has the rest. */
static void keep_rest(struct wbuf *w, const struct cursor *c)
{
	size_t n = cursor_left(c);

	if (n && c->rest.ptr != w->ptr)
		memmove(w->ptr, c->rest.ptr, n);
	wbuf_cut(w, n); /* wipes: a PIN passes here */
}

/* A reset that is known to have been, by the last ATR where the reader does not ask for it. */
static void tell_pending_reset(struct frames *f)
{
	if (f->was_reset)
		f->sink.reset(f->sink.ctx, slice_make(f->atr, f->atr_len));
	f->was_reset = false;
}

static void power_off(struct frames *f)
{
	if (f->powered)
		f->sink.power_off(f->sink.ctx);
	f->powered = f->was_reset = false;
}

static enum err take_from_reader(struct frames *f, struct slice payload)
{
	switch (vpcd_control(payload)) {
	case VPCD_OFF: power_off(f); break;
	case VPCD_ON:
	case VPCD_RESET:
		tell_pending_reset(f);
		f->powered = f->was_reset = true;
		break;
	case VPCD_ATR: f->awaits = AN_ATR; break;
	case VPCD_COMMAND:
		if (!payload.len)
			return ERR_PROTOCOL;
		tell_pending_reset(f);
		f->awaits = AN_ANSWER;
		wbuf_put(&f->command, payload);
		return wbuf_done(&f->command);
	default: break; /* a later vpcd's: as far as anybody knows it has no answer */
	}
	return ERR_OK;
}

/* As far as no answer is awaited: what comes behind a command is looked at when that is answered.
 */
static enum err take_all_from_reader(struct frames *f)
{
	struct cursor c = cursor_of(wbuf_slice(&f->reader));
	struct slice payload;
	enum err e = ERR_OK;

	while (!e && f->awaits == NOTHING && vpcd_take(&c, &payload))
		e = take_from_reader(f, payload);
	keep_rest(&f->reader, &c);
	return e;
}

static void take_card_atr(struct frames *f, struct slice atr)
{
	if (atr.len && atr.len <= sizeof(f->atr)) {
		memcpy(f->atr, atr.ptr, atr.len);
		f->atr_len = atr.len;
	}
	if (f->was_reset)
		f->sink.reset(f->sink.ctx, atr);
	f->was_reset = false;
}

static void tell_exchange(struct frames *f, struct slice response)
{
	f->sink.exchange(f->sink.ctx, wbuf_slice(&f->command), response);
	wbuf_cut(&f->command, 0);
}

static enum err put_in(struct wbuf *w, struct slice octets)
{
	wbuf_put(w, octets);
	return wbuf_done(w) ? ERR_PROTOCOL : ERR_OK;
}

enum err frames_from_reader(struct frames *f, struct slice octets)
{
	enum err e = put_in(&f->reader, octets);

	return e ? e : take_all_from_reader(f);
}

enum err frames_from_card(struct frames *f, struct slice octets)
{
	enum err e = put_in(&f->card, octets);
	struct cursor c = cursor_of(wbuf_slice(&f->card));
	struct slice payload;

	while (!e && vpcd_take(&c, &payload)) {
		if (f->awaits == NOTHING)
			e = ERR_PROTOCOL;
		else if (f->awaits == AN_ATR)
			take_card_atr(f, payload);
		else
			tell_exchange(f, payload);
		f->awaits = NOTHING;
		if (!e)
			e = take_all_from_reader(f);
	}
	keep_rest(&f->card, &c);
	return e;
}

void frames_close(struct frames **f)
{
	struct frames *old = *f;

	if (!old)
		return;
	if (old->awaits == AN_ANSWER)
		tell_exchange(old, SLICE_EMPTY);
	power_off(old);
	wbuf_free(&old->reader);
	wbuf_free(&old->card);
	wbuf_free(&old->command);
	free(old);
	*f = NULL;
}
