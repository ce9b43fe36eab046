#include "card-emu/link/vpcd.h"

#include "lib/base/secret.h"

#define HEADER_LEN 2
#define FRAME_MAX  (HEADER_LEN + 65535)
#define ANSWER_MAX (HEADER_LEN + 258)

enum control {
	CONTROL_POWER_OFF = 0,
	CONTROL_POWER_ON = 1,
	CONTROL_RESET = 2,
	CONTROL_ATR = 4,
	CONTROL_APDU = 255
};

/*
 * How far the reader has taken the card in. A connection means little: vpcd's port queues a second
 * card behind the first. pcscd looks for a card by asking for its ATR, powers it and reads the ATR
 * again; then it tells its clients, before it asks for anything more. The frame after that shows
 * that they know.
 */
enum stage { ALONE, POWERED, SHOWN, TAKEN };

static enum stage next_stage(enum stage now, struct slice frame)
{
	uint8_t control = frame.len == 1 ? slice_at(frame, 0) : CONTROL_APDU;

	if (now >= SHOWN || control == CONTROL_APDU)
		return TAKEN;
	if (control == CONTROL_POWER_ON || control == CONTROL_RESET)
		return POWERED;
	return control == CONTROL_ATR && now == POWERED ? SHOWN : ALONE;
}

static void note_frame(struct link_session *s, enum stage *stage, struct slice frame)
{
	*stage = next_stage(*stage, frame);
	if (*stage == TAKEN)
		link_taken(s);
}

/* The answer to one frame, with its length in front; nothing for a command without an answer. */
static enum err answer_frame(struct card *card, struct slice frame, struct wbuf *out)
{
	uint8_t mem[ANSWER_MAX];
	struct wbuf body = wbuf_init(mem, sizeof(mem));
	enum err e = ERR_OK;

	if (frame.len == 0)
		return ERR_PROTOCOL;
	if (frame.len > 1) {
		e = card_transmit(card, frame, &body);
	} else {
		switch (slice_at(frame, 0)) {
		case CONTROL_POWER_OFF: card_power_off(card); break;
		case CONTROL_POWER_ON:
		case CONTROL_RESET: card_reset(card); break;
		case CONTROL_ATR: wbuf_put(&body, card_atr(card)); break;
		default: break; /* a later vpcd's: it expects no answer that we could know */
		}
	}
	if (!e)
		e = wbuf_done(&body);
	if (!e && body.len) {
		wbuf_u16(out, (uint16_t)body.len);
		wbuf_put(out, wbuf_slice(&body));
		e = wbuf_done(out);
	}
	secret_wipe(mem, sizeof(mem)); /* CK and IK pass here */
	return e;
}

/* Takes whole frames off the front of the input and answers each. */
static enum err answer_input(struct card *card, struct link_session *s, struct wbuf *in,
			     enum stage *stage)
{
	struct cursor c = cursor_of(wbuf_slice(in));
	enum err e = ERR_OK;

	while (!e && cursor_left(&c) >= HEADER_LEN) {
		struct cursor ahead = c;
		struct slice frame = cursor_take(&ahead, cursor_u16(&ahead));
		uint8_t mem[ANSWER_MAX];
		struct wbuf out = wbuf_init(mem, sizeof(mem));

		if (ahead.err)
			break; /* the rest of it is still to come */
		c = ahead;
		note_frame(s, stage, frame);
		e = answer_frame(card, frame, &out);
		if (!e)
			e = link_send(s, wbuf_slice(&out));
		secret_wipe(mem, sizeof(mem));
	}
	card_settle(card);
	if (!e)
		link_keep(in, &c);
	return e;
}

static enum err serve_vpcd(struct card *card, struct link_session *s)
{
	struct wbuf in = wbuf_grow(FRAME_MAX);
	enum stage stage = ALONE;
	enum err e = ERR_OK;

	while (!e) {
		e = link_receive(s, &in);
		if (!e)
			e = answer_input(card, s, &in, &stage);
	}
	wbuf_free(&in);
	return e;
}

enum err vpcd_serve_socket(struct card *card, int fd)
{
	static const struct link nobody;
	struct link_session s = {.link = &nobody, .fd = fd};

	return serve_vpcd(card, &s);
}

enum err vpcd_serve(struct card *card, const struct link *l)
{
	return link_serve(card, l, serve_vpcd);
}
