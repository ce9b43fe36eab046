#include "card-emu/link/vpcd.h"

/*
 * How far the reader has taken the card in. A connection means little: vpcd's port queues a second
 * card behind the first. pcscd looks for a card by asking for its ATR, powers it and reads the ATR
 * again; then it tells its clients, before it asks for anything more. The frame after that shows
 * that they know.
 */
enum stage { ALONE, POWERED, SHOWN, TAKEN };

/*
 * pcscd gives a card power as soon as it sees it. Looks and no power: pcscd has not seen that the
 * card before this one went, and shows its clients that a card lies there which it knows, or none
 * where one of them ran into the gap. It recovers when it has seen the reader empty once.
 */
#define LOOKS_MAX 5

static enum stage next_stage(enum stage now, struct slice frame)
{
	unsigned control = vpcd_control(frame);

	if (now >= SHOWN || control == VPCD_COMMAND)
		return TAKEN;
	if (control == VPCD_ON || control == VPCD_RESET)
		return POWERED;
	return control == VPCD_ATR && now == POWERED ? SHOWN : ALONE;
}

/* What came in; the answer to a frame of it, and the frame with that. */
struct frames {
	struct wbuf in, answer, out;
	enum stage stage;
	unsigned looks; /* for the card's ATR, before the first power */
};

static void note_frame(struct link_session *s, struct frames *f, struct slice frame)
{
	unsigned control = vpcd_control(frame);

	f->stage = next_stage(f->stage, frame);
	if (f->stage == TAKEN)
		link_taken(s);
	if (control == VPCD_ATR && f->stage == ALONE)
		f->looks += f->looks < LOOKS_MAX;
	else if (control != VPCD_OFF)
		f->looks = 0;
}

/* The answer to one frame, its length in front; nothing for a command without an answer. */
static enum err answer_frame(struct link_session *s, struct card *card, struct slice frame,
			     struct frames *f)
{
	enum err e = ERR_OK;

	if (frame.len == 0)
		return ERR_PROTOCOL;
	switch (vpcd_control(frame)) {
	case VPCD_COMMAND: e = link_transmit(s, card, frame, &f->answer); break;
	case VPCD_OFF: card_power_off(card); break;
	case VPCD_ON:
	case VPCD_RESET: link_reset(s, card); break;
	case VPCD_ATR: wbuf_put(&f->answer, card_atr(card)); break;
	default: break; /* a later vpcd's: it expects no answer that we could know */
	}
	if (!e)
		e = wbuf_done(&f->answer);
	if (!e && f->answer.len) {
		vpcd_put(&f->out, wbuf_slice(&f->answer));
		e = wbuf_done(&f->out);
	}
	return e;
}

/* Takes whole frames off the front of the input and answers each. */
static enum err answer_input(struct card *card, struct link_session *s, struct frames *f)
{
	struct cursor c = cursor_of(wbuf_slice(&f->in));
	struct slice frame;
	enum err e = ERR_OK;

	while (!e && vpcd_take(&c, &frame)) {
		note_frame(s, f, frame);
		e = answer_frame(s, card, frame, f);
		if (!e)
			e = link_send(s, wbuf_slice(&f->out));
		wbuf_cut(&f->answer, 0); /* wipes: CK and IK pass here */
		wbuf_cut(&f->out, 0);
	}
	card_settle(card);
	if (!e)
		link_keep(&f->in, &c);
	return e;
}

static enum err serve_vpcd(struct card *card, struct link_session *s)
{
	struct frames f = {.in = wbuf_grow(VPCD_FRAME_MAX + LINK_CHUNK),
			   .answer = wbuf_grow(CARD_ANSWER_MAX),
			   .out = wbuf_grow(VPCD_FRAME_MAX)};
	enum err e = ERR_OK;

	while (!e) {
		e = link_receive(s, &f.in);
		if (!e)
			e = answer_input(card, s, &f);
		if (!e && f.looks == LOOKS_MAX && !s->is_second)
			e = ERR_TIMEOUT;
	}
	wbuf_free(&f.in);
	wbuf_free(&f.answer);
	wbuf_free(&f.out);
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
