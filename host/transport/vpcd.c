#include "host/transport/vpcd.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/uicc/apdu.h"
#include "lib/uicc/atr.h"
#include "lib/uicc/vpcd.h"
#include "tool/sys/tcp.h"
#include "tool/sys/wait.h"

#define VPCD_HOST "127.0.0.1"
#define ATR_MAX	  33
#define ATR_MS	  10000 /* many times what ISO 7816-3 8.1 gives a card */
#define ANSWER_MS 60000 /* longer than any card thinks: key generation, a whole profile element */

struct vpcd {
	struct transport base;
	int fd;
	bool powered;
	int patience_ms;   /* with the answer that comes next */
	enum err given_up; /* an answer is still to come, and would be taken for another's */
	uint8_t atr[ATR_MAX];
};

static enum err send_octets(int fd, struct slice left)
{
	while (left.len) {
		ssize_t n = send(fd, left.ptr, left.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_DISCONNECTED;
		left = slice_sub(left, (size_t)n, left.len);
	}
	return ERR_OK;
}

/* The card hears a frame in one write: two would wait for each other's acknowledgement. */
static enum err send_frame(struct vpcd *v, struct slice payload)
{
	struct wbuf w = wbuf_grow(VPCD_FRAME_MAX);
	enum err e = v->given_up;

	vpcd_put(&w, payload);
	if (!e)
		e = wbuf_done(&w);
	if (!e)
		e = send_octets(v->fd, wbuf_slice(&w));
	wbuf_free(&w); /* wipes: it may have been a PIN */
	return e;
}

static enum err receive_octets(struct vpcd *v, size_t n, struct wbuf *out)
{
	uint8_t chunk[APDU_RESPONSE_MAX];
	struct wait w = wait_begin(v->base.cancel, TRANSPORT_CARD_ANSWERS);

	while (n) {
		enum err e = wait_fd(&w, v->fd, POLLIN, v->patience_ms, TRANSPORT_GRACE_MS);
		ssize_t got;

		if (e)
			return v->given_up = e;
		got = recv(v->fd, chunk, n < sizeof(chunk) ? n : sizeof(chunk), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ERR_DISCONNECTED;
		wbuf_put(out, slice_make(chunk, (size_t)got));
		n -= (size_t)got;
	}
	return wbuf_done(out);
}

static enum err receive_frame(struct vpcd *v, size_t max, struct wbuf *out)
{
	uint8_t header[VPCD_HEADER_LEN];
	struct wbuf w = wbuf_init(header, sizeof(header));
	struct cursor c;
	size_t len;
	enum err e = receive_octets(v, sizeof(header), &w);

	if (e)
		return e;
	c = cursor_of(wbuf_slice(&w));
	len = cursor_u16(&c);
	if (len > max)
		return ERR_PROTOCOL;
	tcp_acknowledge_now(v->fd);
	return receive_octets(v, len, out);
}

static enum err send_control(struct vpcd *v, enum vpcd_control control)
{
	uint8_t octet = (uint8_t)control;

	return send_frame(v, slice_make(&octet, 1));
}

/* What the ATR offers first is what is spoken: nothing is negotiated on this way. */
static void take_protocol(struct transport *t, struct slice atr)
{
	struct atr a;
	bool blocks = !atr_parse(atr, &a) && !(a.protocols & 1u) && a.protocols & 2u;

	t->protocol = !blocks			? TRANSPORT_T0
		      : atr_is_contactless(atr) ? TRANSPORT_TCL
						: TRANSPORT_T1;
	t->apdu_level = blocks;
	t->extended = blocks && atr_takes_extended(atr);
}

static enum err vpcd_reset(struct transport *t, struct slice *atr)
{
	struct vpcd *v = (struct vpcd *)t;
	struct wbuf w = wbuf_init(v->atr, sizeof(v->atr));
	enum err e = send_control(v, v->powered ? VPCD_RESET : VPCD_ON);

	v->powered = true;
	if (!e)
		e = send_control(v, VPCD_ATR);
	v->patience_ms = ATR_MS;
	if (!e)
		e = receive_frame(v, ATR_MAX, &w);
	if (e == ERR_TIMEOUT || (!e && !w.len))
		e = ERR_MUTE;
	else if (e == ERR_PROTOCOL) /* too long */
		e = ERR_ATR;
	if (!e) {
		*atr = wbuf_slice(&w);
		take_protocol(t, *atr);
	}
	return e;
}

static enum err vpcd_power_cycle(struct transport *t, struct slice *atr)
{
	struct vpcd *v = (struct vpcd *)t;
	enum err e = v->powered ? send_control(v, VPCD_OFF) : ERR_OK;

	v->powered = false;
	return e ? e : vpcd_reset(t, atr);
}

static enum err vpcd_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	enum err e;

	if (command.len < 2) /* one octet would be a control */
		return ERR_LENGTH;
	((struct vpcd *)t)->patience_ms = ANSWER_MS;
	e = send_frame((struct vpcd *)t, command);
	return e ? e
		 : receive_frame((struct vpcd *)t,
				 t->extended ? VPCD_PAYLOAD_MAX : APDU_RESPONSE_MAX, response);
}

static void vpcd_close(struct transport *t)
{
	struct vpcd *v = (struct vpcd *)t;

	if (v->powered && send_control(v, VPCD_OFF)) {
		/* the card program is gone: nothing is left to switch off */
	}
	close(v->fd);
	free(v);
}

static const struct transport_ops vpcd_ops = {
	.kind = "vpcd",
	.reset = vpcd_reset,
	.power_cycle = vpcd_power_cycle,
	.transmit = vpcd_transmit,
	.close = vpcd_close,
};

static enum err listen_on(const char *address, int *out)
{
	struct tcp_place place = {.host = VPCD_HOST};

	snprintf(place.port, sizeof(place.port), "%d", VPCD_PORT);
	return tcp_place_parse(address, &place) ? ERR_USAGE : tcp_listen(&place, out);
}

enum err transport_vpcd_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out)
{
	static const int on = 1;
	struct vpcd *v;
	struct wait w = wait_begin(cancel, "a card program to connect");
	int listener, fd = -1;
	enum err e = listen_on(rest, &listener);

	if (e)
		return e;
	e = wait_fd(&w, listener, POLLIN, (int)timeout_ms, 0);
	if (e == ERR_TIMEOUT)
		e = ERR_NO_CARD;
	if (!e)
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	if (e)
		return e;
	if (fd < 0)
		return ERR_NO_CARD;
	v = calloc(1, sizeof(*v));
	if (!v) {
		close(fd);
		return ERR_MEMORY;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	v->fd = fd;
	v->base.ops = &vpcd_ops;
	v->base.cancel = cancel;
	if (*rest)
		snprintf(v->base.name, sizeof(v->base.name), "vpcd:%s", rest);
	else
		snprintf(v->base.name, sizeof(v->base.name), "vpcd:%d", VPCD_PORT);
	*out = &v->base;
	return ERR_OK;
}
