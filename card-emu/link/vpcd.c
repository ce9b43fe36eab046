#include "card-emu/link/vpcd.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"

#define HEADER_LEN   2
#define FRAME_MAX    (HEADER_LEN + 65535)
#define ANSWER_MAX   (HEADER_LEN + 258)
#define BACKOFF_MIN  100
#define BACKOFF_MAX  2000
#define CONNECT_WAIT 3000

#define SAY_AFTER    1000

enum control {
	CONTROL_POWER_OFF = 0,
	CONTROL_POWER_ON = 1,
	CONTROL_RESET = 2,
	CONTROL_ATR = 4,
	CONTROL_APDU = 255
};

/* Waits until fd (-1: none) is ready or the time is over: ERR_OK, ERR_TIMEOUT, ERR_CANCELLED. */
static enum err wait_for(struct cancel *cancel, int fd, short events, int timeout_ms)
{
	struct pollfd p[2] = {{.fd = cancel_fd(cancel), .events = POLLIN},
			      {.fd = fd, .events = events}};
	int n;

	do
		n = cancel_is_wished(cancel) ? 0 : poll(p, 2, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (cancel_is_wished(cancel))
		return ERR_CANCELLED;
	if (n < 0)
		return errno_err(errno);
	return n ? ERR_OK : ERR_TIMEOUT;
}

/*
 * vpcd sends length and content apart and with Nagle's algorithm on: it holds the content back
 * until the length is acknowledged. Quick acknowledgement is a state that the kernel leaves by
 * itself, so it is asked for again and again.
 */
static void acknowledge_now(int fd)
{
	static const int on = 1;

	/* Only speed depends on it, and a socket that is not TCP has no such option. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static enum err send_all(struct cancel *cancel, int fd, struct slice s)
{
	while (s.len) {
		ssize_t n = send(fd, s.ptr, s.len, MSG_NOSIGNAL);
		enum err e = ERR_OK;

		if (n >= 0)
			s = slice_sub(s, (size_t)n, s.len);
		else if (errno == EAGAIN)
			e = wait_for(cancel, fd, POLLOUT, -1);
		else if (errno != EINTR)
			return ERR_DISCONNECTED;
		if (e)
			return e;
	}
	return ERR_OK;
}

/*
 * How far the reader has taken the card in. A connection means little: vpcd's port queues a second
 * card behind the first. pcscd looks for a card by asking for its ATR, powers it and reads the ATR
 * again; then it tells its clients, before it asks for anything more. The frame after that shows
 * that they know.
 */
enum stage { ALONE, POWERED, SHOWN, TAKEN };

struct presence {
	const struct vpcd_options *options;
	enum stage stage;
	bool waiting_told;
};

static void tell(const struct vpcd_options *o, enum vpcd_event event)
{
	if (o->event)
		o->event(o->ctx, event);
}

static enum stage next_stage(enum stage now, struct slice frame)
{
	uint8_t control = frame.len == 1 ? slice_at(frame, 0) : CONTROL_APDU;

	if (now >= SHOWN || control == CONTROL_APDU)
		return TAKEN;
	if (control == CONTROL_POWER_ON || control == CONTROL_RESET)
		return POWERED;
	return control == CONTROL_ATR && now == POWERED ? SHOWN : ALONE;
}

static void note_frame(struct presence *p, struct slice frame)
{
	enum stage next = next_stage(p->stage, frame);

	if (next == TAKEN && p->stage != TAKEN)
		tell(p->options, VPCD_TAKEN);
	p->stage = next;
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
static enum err answer_input(struct card *card, int fd, struct wbuf *in, struct presence *p)
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
		note_frame(p, frame);
		e = answer_frame(card, frame, &out);
		if (!e)
			e = send_all(p->options->cancel, fd, wbuf_slice(&out));
		secret_wipe(mem, sizeof(mem));
	}
	card_settle(card);
	if (!e) {
		size_t left = cursor_left(&c);

		if (left)
			memmove(in->ptr, c.rest.ptr, left);
		wbuf_cut(in, left);
	}
	return e;
}

/* The wait for the next octets; the first one may be told. */
static enum err wait_for_input(int fd, struct presence *p)
{
	bool silent = p->stage == TAKEN || p->waiting_told;
	enum err e = wait_for(p->options->cancel, fd, POLLIN, silent ? -1 : SAY_AFTER);

	if (e != ERR_TIMEOUT)
		return e;
	p->waiting_told = true;
	tell(p->options, VPCD_BUSY);
	return wait_for(p->options->cancel, fd, POLLIN, -1);
}

static enum err serve_socket(struct card *card, int fd, struct presence *p)
{
	struct wbuf in = wbuf_grow(FRAME_MAX);
	enum err e = ERR_OK;

	acknowledge_now(fd);
	while (!e) {
		uint8_t chunk[4096];
		ssize_t n;

		e = wait_for_input(fd, p);
		if (e)
			break;
		n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			e = ERR_DISCONNECTED;
			break;
		}
		acknowledge_now(fd);
		wbuf_put(&in, slice_make(chunk, (size_t)n));
		e = wbuf_done(&in);
		if (!e)
			e = answer_input(card, fd, &in, p);
		secret_wipe(chunk, (size_t)n); /* a PIN passes here */
	}
	wbuf_free(&in);
	return e;
}

enum err vpcd_serve_socket(struct card *card, int fd)
{
	static const struct vpcd_options nobody;
	struct presence p = {.options = &nobody};

	return serve_socket(card, fd, &p);
}

static enum err connect_one(const struct addrinfo *a, struct cancel *cancel, int *out)
{
	static const int on = 1;
	int fd =
		socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
	socklen_t len = sizeof(int);
	int failure = 0;
	enum err e = ERR_OK;

	if (fd < 0)
		return errno_err(errno);
	if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
		e = errno == EINPROGRESS ? wait_for(cancel, fd, POLLOUT, CONNECT_WAIT)
					 : ERR_DISCONNECTED;
		if (!e && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0 || failure))
			e = ERR_DISCONNECTED;
	}
	if (!e && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		e = errno_err(errno);
	if (e)
		close(fd);
	else
		*out = fd;
	return e;
}

static enum err connect_any(const struct addrinfo *list, struct cancel *cancel, int *fd)
{
	enum err e = ERR_DISCONNECTED;

	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		e = connect_one(a, cancel, fd);
		if (!e || e == ERR_CANCELLED)
			return e;
	}
	return e;
}

static enum err serve_connected(struct card *card, int fd, const struct vpcd_options *o)
{
	struct presence p = {.options = o};
	enum err e = serve_socket(card, fd, &p);

	close(fd);
	card_power_off(card);
	if (e != ERR_CANCELLED && p.stage == TAKEN)
		tell(o, VPCD_LOST);
	return e;
}

enum err vpcd_serve(struct card *card, const struct vpcd_options *o)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
	char port[16];
	int backoff = BACKOFF_MIN, waited = 0, fd = -1;
	enum err e = ERR_OK;

	snprintf(port, sizeof(port), "%u", o->port);
	if (getaddrinfo(o->host, port, &hints, &list) != 0)
		return ERR_NOT_FOUND;
	while (e != ERR_CANCELLED) {
		e = connect_any(list, o->cancel, &fd);
		if (!e) {
			e = serve_connected(card, fd, o);
			backoff = BACKOFF_MIN;
			waited = 0;
		}
		if (e != ERR_CANCELLED && wait_for(o->cancel, -1, 0, backoff) == ERR_CANCELLED)
			e = ERR_CANCELLED;
		if (waited < SAY_AFTER && waited + backoff >= SAY_AFTER && e != ERR_CANCELLED)
			tell(o, VPCD_ABSENT);
		waited += waited < SAY_AFTER ? backoff : 0;
		backoff = backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX : backoff * 2;
	}
	freeaddrinfo(list);
	return e;
}
