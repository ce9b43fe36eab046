#include "card-emu/link/vscard.h"

#include "lib/base/secret.h"

#define HEADER_LEN 12
#define BODY_MAX   65544 /* an extended command APDU and its length fields */
#define ANSWER_MAX (HEADER_LEN + 258)
#define MAGIC	   "VSCD"
#define VERSION	   2u
#define NO_READER  0xFFFFFFFFu

enum message {
	MESSAGE_INIT = 1,
	MESSAGE_ERROR = 2,
	MESSAGE_READER_ADD = 3,
	MESSAGE_ATR = 5,
	MESSAGE_CARD_REMOVE = 6,
	MESSAGE_APDU = 7,
	MESSAGE_FLUSH = 8,
	MESSAGE_FLUSH_COMPLETE = 9
};

/* What the card has said and not had acknowledged: Error 0 answers each of them in turn. */
enum stage { SAID_HELLO, SAID_ATR, INSERTED };

struct conversation {
	struct card *card;
	struct link_session *session;
	enum stage stage;
	uint32_t reader;
};

struct message_in {
	uint32_t type, reader;
	struct slice body;
};

static void begin_message(const struct conversation *c, enum message type, size_t len,
			  struct wbuf *out)
{
	wbuf_u32(out, (uint32_t)type);
	wbuf_u32(out, c->reader);
	wbuf_u32(out, (uint32_t)len);
}

static enum err send_message(struct conversation *c, enum message type, struct slice body)
{
	uint8_t mem[ANSWER_MAX];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	enum err e;

	begin_message(c, type, body.len, &out);
	wbuf_put(&out, body);
	e = wbuf_done(&out);
	if (!e)
		e = link_send(c->session, wbuf_slice(&out));
	secret_wipe(mem, sizeof(mem)); /* CK and IK pass here */
	return e;
}

static enum err send_hello(struct conversation *c)
{
	uint8_t mem[HEADER_LEN];
	struct wbuf hello = wbuf_init(mem, sizeof(mem));
	enum err e;

	wbuf_put(&hello, slice_str(MAGIC));
	wbuf_u32(&hello, VERSION);
	wbuf_u32(&hello, 0); /* no capability */
	e = send_message(c, MESSAGE_INIT, wbuf_slice(&hello));
	return e ? e : send_message(c, MESSAGE_READER_ADD, SLICE_EMPTY);
}

static enum err hear_init(struct slice body)
{
	struct cursor c = cursor_of(body);
	struct slice magic = cursor_take(&c, sizeof(MAGIC) - 1);

	cursor_u32(&c); /* its version: what we use is in all of them */
	return c.err || !slice_is(magic, MAGIC) ? ERR_PROTOCOL : ERR_OK;
}

/* Error 0 is consent: to the reader, then to the card. */
static enum err hear_error(struct conversation *c, const struct message_in *m)
{
	struct cursor body = cursor_of(m->body);
	uint32_t code = cursor_u32(&body);

	if (cursor_done(&body))
		return ERR_PROTOCOL;
	if (code)
		return ERR_REFUSED;
	switch (c->stage) {
	case SAID_HELLO:
		c->reader = m->reader;
		c->stage = SAID_ATR;
		return send_message(c, MESSAGE_ATR, link_reset(c->session, c->card));
	case SAID_ATR:
		c->stage = INSERTED;
		link_taken(c->session);
		break;
	case INSERTED: break;
	}
	return ERR_OK;
}

static enum err hear_apdu(struct conversation *c, struct slice command)
{
	uint8_t mem[ANSWER_MAX];
	struct wbuf response = wbuf_init(mem, sizeof(mem));
	enum err e;

	if (!command.len)
		return ERR_PROTOCOL;
	e = link_transmit(c->session, c->card, command, &response);
	if (!e)
		e = send_message(c, MESSAGE_APDU, wbuf_slice(&response));
	secret_wipe(mem, sizeof(mem));
	return e;
}

static enum err hear(struct conversation *c, const struct message_in *m)
{
	switch (m->type) {
	case MESSAGE_INIT: return hear_init(m->body);
	case MESSAGE_ERROR: return hear_error(c, m);
	case MESSAGE_APDU: return hear_apdu(c, m->body);
	case MESSAGE_FLUSH: return send_message(c, MESSAGE_FLUSH_COMPLETE, SLICE_EMPTY);
	default: return ERR_PROTOCOL; /* the others are the card's to say */
	}
}

/* Takes whole messages off the front of the input. */
static enum err hear_input(struct conversation *c, struct wbuf *in)
{
	struct cursor at = cursor_of(wbuf_slice(in));
	enum err e = ERR_OK;

	while (!e && cursor_left(&at) >= HEADER_LEN) {
		struct cursor ahead = at;
		struct message_in m = {.type = cursor_u32(&ahead)};
		uint32_t len;

		m.reader = cursor_u32(&ahead);
		len = cursor_u32(&ahead);
		if (len > BODY_MAX)
			return ERR_PROTOCOL;
		m.body = cursor_take(&ahead, len);
		if (ahead.err)
			break; /* the rest of it is still to come */
		at = ahead;
		e = hear(c, &m);
	}
	card_settle(c->card);
	if (!e)
		link_keep(in, &at);
	return e;
}

enum err vscard_serve_socket(struct card *card, struct link_session *s)
{
	struct conversation c = {.card = card, .session = s, .reader = NO_READER};
	struct wbuf in = wbuf_grow(HEADER_LEN + BODY_MAX + LINK_CHUNK);
	enum err e = send_hello(&c);

	while (!e) {
		e = link_receive(s, &in);
		if (!e)
			e = hear_input(&c, &in);
	}
	if (e == ERR_CANCELLED && c.stage != SAID_HELLO) {
		uint8_t mem[HEADER_LEN];
		struct wbuf out = wbuf_init(mem, sizeof(mem));

		begin_message(&c, MESSAGE_CARD_REMOVE, 0, &out);
		link_last_word(s, wbuf_slice(&out));
	}
	wbuf_free(&in);
	return e;
}

enum err vscard_serve(struct card *card, const struct link *l)
{
	return link_serve(card, l, vscard_serve_socket);
}
