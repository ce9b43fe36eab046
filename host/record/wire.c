#include "host/record/wire.h"

#include <stdlib.h>
#include <string.h>

#include "host/record/keypad.h"

#define VERSION	    4
#define HEADER_LEN  8
#define NUMBER_LEN  4
#define NAME_LEN    128
#define BODY_MAX    (1 << 16) /* many times the longest structure */
#define EXTRA_MAX   (1 << 17) /* twice the most that pcscd takes */
#define REQUEST_MAX (HEADER_LEN + BODY_MAX + EXTRA_MAX)
#define ANSWER_MAX  (BODY_MAX + EXTRA_MAX)

/* enum pcsc_msg_commands */
enum request {
	REQUEST_CONNECT = 0x04,
	REQUEST_RECONNECT = 0x05,
	REQUEST_DISCONNECT = 0x06,
	REQUEST_END_TRANSACTION = 0x08,
	REQUEST_TRANSMIT = 0x09,
	REQUEST_CONTROL = 0x0A,
	REQUEST_VERSION = 0x11,
};

/* Of each structure: its length, and where the numbers are in it; 0: it has no such. */
static const struct layout {
	uint32_t request;
	enum wire_kind kind;
	uint8_t len, card, protocol, disposition, result;
	uint8_t sent, received; /* how many octets stand behind it: of the request, the answer */
} layouts[] = {
	/* a context, the reader's name, share mode, protocols, hCard, protocol, result */
	{REQUEST_CONNECT, WIRE_CONNECTED, 152, 140, 144, 0, 148, 0, 0},
	/* hCard, share mode, protocols, initialisation, protocol, result */
	{REQUEST_RECONNECT, WIRE_RECONNECTED, 24, 0, 16, 12, 20, 0, 0},
	{REQUEST_DISCONNECT, WIRE_DISCONNECTED, 12, 0, 0, 4, 8, 0, 0},
	{REQUEST_END_TRANSACTION, WIRE_TRANSACTION_ENDED, 12, 0, 0, 4, 8, 0, 0},
	/* hCard, what is sent: protocol, length of that, octets; what is received; result */
	{REQUEST_TRANSMIT, WIRE_TRANSMITTED, 32, 0, 0, 0, 28, 12, 24},
	/* hCard, code, length of what is sent; of what is received: room, length; result */
	{REQUEST_CONTROL, WIRE_TRANSMITTED, 24, 0, 0, 0, 20, 8, 16},
};
#define CONNECT_NAME 4
#define CONTROL_CODE 4

struct wire {
	struct wire_sink sink;
	struct wbuf in, out; /* not taken yet: of the program; of the service, of what is awaited */
	const struct layout *awaited; /* the answer to such a request; NULL: to none of these */
	struct wbuf command;
	struct keypad keypad;
	char reader[NAME_LEN + 1];
	enum err err;
};

enum err wire_open(const struct wire_sink *sink, struct wire **out)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		return ERR_MEMORY;
	w->sink = *sink;
	w->in = wbuf_grow(REQUEST_MAX);
	w->out = wbuf_grow(ANSWER_MAX);
	w->command = wbuf_grow(EXTRA_MAX);
	*out = w;
	return ERR_OK;
}

void wire_close(struct wire **w)
{
	struct wire *old = *w;

	if (!old)
		return;
	wbuf_free(&old->in); /* wipe: a PIN passes here */
	wbuf_free(&old->out);
	wbuf_free(&old->command);
	free(old);
	*w = NULL;
}

/* In the machine's own byte order; 0 where there is none. */
static uint32_t native_at(struct slice s, size_t at)
{
	uint8_t octets[NUMBER_LEN];
	uint32_t n;

	if (slice_copy(slice_sub(s, at, NUMBER_LEN), octets, NUMBER_LEN))
		return 0;
	memcpy(&n, octets, sizeof(n));
	return n;
}

static const struct layout *find_layout(uint32_t request)
{
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
		if (layouts[i].request == request)
			return &layouts[i];
	}
	return NULL;
}

static void take_reader(struct wire *w, struct slice field)
{
	size_t n = 0;

	while (n < field.len && slice_at(field, n))
		n++;
	if (slice_text(slice_sub(field, 0, n), w->reader, sizeof(w->reader)))
		w->reader[0] = 0;
}

/* Octets behind the structure. */
static uint32_t extra_len(uint32_t request, struct slice body)
{
	const struct layout *l = find_layout(request);

	return l && l->sent ? native_at(body, l->sent) : 0;
}

static enum err begin_request(struct wire *w, uint32_t request, struct slice body,
			      struct slice extra)
{
	if (request == REQUEST_VERSION && native_at(body, 0) != VERSION)
		return ERR_VERSION;
	w->awaited = find_layout(request);
	wbuf_cut(&w->out, 0);
	wbuf_cut(&w->command, 0);
	if (!w->awaited)
		return ERR_OK;
	if (body.len != w->awaited->len)
		return ERR_PROTOCOL;
	if (request == REQUEST_CONNECT)
		take_reader(w, slice_sub(body, CONNECT_NAME, NAME_LEN));
	wbuf_put(&w->command, extra);
	return wbuf_done(&w->command);
}

/* The first request of what is there, whole; false: it is not. */
static bool next_request(struct wire *w, struct cursor *c, uint32_t *request, struct slice *body,
			 struct slice *extra)
{
	struct slice there = c->rest;
	uint32_t len = native_at(there, 0), more;

	*request = native_at(there, NUMBER_LEN);
	if (there.len < HEADER_LEN)
		return false;
	if (len > BODY_MAX)
		w->err = ERR_PROTOCOL;
	*body = slice_sub(there, HEADER_LEN, len);
	if (w->err || body->len < len)
		return false;
	more = extra_len(*request, *body);
	if (more > EXTRA_MAX)
		w->err = ERR_PROTOCOL;
	*extra = slice_sub(there, HEADER_LEN + len, more);
	if (w->err || extra->len < more)
		return false;
	(void)cursor_take(c, HEADER_LEN + len + more);
	return true;
}

enum err wire_from_program(struct wire *w, struct slice octets)
{
	struct slice body, extra;
	struct cursor c;
	uint32_t request;
	size_t left;

	if (w->err)
		return w->err;
	wbuf_put(&w->in, octets);
	if (wbuf_done(&w->in))
		return w->err = ERR_PROTOCOL;
	c = cursor_of(wbuf_slice(&w->in));
	while (!w->err && next_request(w, &c, &request, &body, &extra))
		w->err = begin_request(w, request, body, extra);
	left = cursor_left(&c);
	if (left && c.rest.ptr != w->in.ptr)
		memmove(w->in.ptr, c.rest.ptr, left);
	wbuf_cut(&w->in, left);
	return w->err;
}

/* False: the control has sent nothing to the card. */
static bool take_control(struct wire *w, struct slice answer, struct wire_event *e)
{
	const struct keypad_control control = {native_at(answer, CONTROL_CODE), e->command,
					       e->response};

	e->at_keys = true;
	return !e->result && keypad_take(&w->keypad, &control, &e->command);
}

static void tell_answer(struct wire *w, struct slice answer, struct slice response)
{
	const struct layout *l = w->awaited;
	struct wire_event e = {.kind = l->kind,
			       .result = native_at(answer, l->result),
			       .card = native_at(answer, l->card),
			       .protocol = l->protocol ? native_at(answer, l->protocol) : 0,
			       .disposition =
				       l->disposition ? native_at(answer, l->disposition) : 0,
			       .reader = w->reader,
			       .command = wbuf_slice(&w->command),
			       .response = response};

	if (l->request != REQUEST_CONTROL || take_control(w, answer, &e))
		w->sink.take(w->sink.ctx, &e);
}

enum err wire_from_service(struct wire *w, struct slice octets)
{
	const struct layout *l = w->awaited;
	struct slice answer, response = SLICE_EMPTY;

	if (w->err || !l)
		return w->err;
	wbuf_put(&w->out, octets);
	if (wbuf_done(&w->out))
		return w->err = ERR_PROTOCOL;
	answer = wbuf_slice(&w->out);
	if (answer.len < l->len)
		return ERR_OK;
	if (l->received && !native_at(answer, l->result)) {
		uint32_t n = native_at(answer, l->received);

		response = slice_sub(answer, l->len, n);
		if (response.len < n)
			return ERR_OK;
	}
	tell_answer(w, answer, response);
	w->awaited = NULL;
	wbuf_cut(&w->out, 0);
	wbuf_cut(&w->command, 0);
	return ERR_OK;
}
