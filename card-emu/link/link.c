#include "card-emu/link/link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/tcp.h"

#define BACKOFF_MIN  100
#define BACKOFF_MAX  2000
#define SAY_AFTER    1000
#define LAST_WAIT    500
#define OUT_WAIT     1000 /* longer than a PC/SC service takes from one look to the next */
#define SOCKET_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

static void tell(const struct link *l, enum link_event event)
{
	if (l->event)
		l->event(l->ctx, event);
}

struct slice link_reset(struct link_session *s, struct card *card)
{
	const struct link_observer *o = s->link->observer;
	struct slice atr = card_reset(card);

	if (o)
		o->on_reset(o->ctx, atr);
	return atr;
}

enum err link_transmit(struct link_session *s, struct card *card, struct slice command,
		       struct wbuf *out)
{
	const struct link_observer *o = s->link->observer;
	size_t before = out->len;
	enum err e = card_transmit(card, command, out);

	if (o && !e)
		o->on_exchange(o->ctx, command, slice_sub(wbuf_slice(out), before, out->len));
	return e;
}

void link_taken(struct link_session *s)
{
	if (!s->taken)
		tell(s->link, LINK_TAKEN);
	s->taken = true;
}

enum err link_send(struct link_session *s, struct slice octets)
{
	while (octets.len) {
		ssize_t n = send(s->fd, octets.ptr, octets.len, MSG_NOSIGNAL);
		enum err e = ERR_OK;

		if (n >= 0)
			octets = slice_sub(octets, (size_t)n, octets.len);
		else if (errno == EAGAIN)
			e = tcp_wait(s->link->cancel, s->fd, POLLOUT, -1);
		else if (errno != EINTR)
			return ERR_DISCONNECTED;
		if (e)
			return e;
	}
	return ERR_OK;
}

void link_last_word(struct link_session *s, struct slice octets)
{
	uint8_t chunk[LINK_CHUNK];
	ssize_t n;

	n = send(s->fd, octets.ptr, octets.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n != (ssize_t)octets.len || shutdown(s->fd, SHUT_WR) != 0)
		return;
	while (tcp_wait(NULL, s->fd, POLLIN, LAST_WAIT) == ERR_OK) {
		n = recv(s->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
		if (n <= 0)
			break;
		secret_wipe(chunk, (size_t)n);
	}
}

static enum err wait_for_input(struct link_session *s)
{
	bool silent = s->taken || s->waiting_told;
	enum err e = tcp_wait(s->link->cancel, s->fd, POLLIN, silent ? -1 : SAY_AFTER);

	if (e != ERR_TIMEOUT)
		return e;
	s->waiting_told = true;
	tell(s->link, LINK_BUSY);
	return tcp_wait(s->link->cancel, s->fd, POLLIN, -1);
}

enum err link_receive(struct link_session *s, struct wbuf *in)
{
	uint8_t chunk[LINK_CHUNK];
	ssize_t n = -1;
	enum err e;

	tcp_acknowledge_now(s->fd);
	do {
		e = wait_for_input(s);
		if (!e)
			n = recv(s->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
	} while (!e && n < 0 && (errno == EAGAIN || errno == EINTR));
	if (e)
		return e;
	if (n <= 0)
		return ERR_DISCONNECTED;
	tcp_acknowledge_now(s->fd);
	wbuf_put(in, slice_make(chunk, (size_t)n));
	secret_wipe(chunk, (size_t)n); /* a PIN passes here */
	return wbuf_done(in);
}

void link_keep(struct wbuf *in, const struct cursor *left)
{
	size_t n = cursor_left(left);

	if (n)
		memmove(in->ptr, left->rest.ptr, n);
	wbuf_cut(in, n);
}

static enum err serve_connected(struct card *card, struct link_session s,
				enum err (*serve)(struct card *, struct link_session *))
{
	const struct link *l = s.link;
	enum err e = serve(card, &s);

	close(s.fd);
	card_power_off(card);
	if (e == ERR_REFUSED)
		tell(l, LINK_REFUSED);
	else if (e == ERR_PROTOCOL)
		tell(l, LINK_ODD);
	else if (e == ERR_TIMEOUT)
		tell(l, LINK_IGNORED);
	else if (e != ERR_CANCELLED && s.taken)
		tell(l, LINK_LOST);
	return e;
}

/* How long the card stays away when the reader is there. */
static int pause_after(enum err e)
{
	switch (e) {
	case ERR_REFUSED:
	case ERR_PROTOCOL: return BACKOFF_MAX;
	case ERR_TIMEOUT: return OUT_WAIT;
	default: return BACKOFF_MIN;
	}
}

static enum err serve_list(struct card *card, const struct link *l, const struct addrinfo *list,
			   enum err (*serve)(struct card *, struct link_session *))
{
	int backoff = BACKOFF_MIN, waited = 0, fd = -1;
	bool ignored = false;
	enum err e = ERR_OK;

	while (e != ERR_CANCELLED) {
		e = tcp_connect_any(list, l->cancel, &fd);
		if (!e) {
			e = serve_connected(
				card,
				(struct link_session){.link = l, .fd = fd, .is_second = ignored},
				serve);
			ignored = e == ERR_TIMEOUT;
			backoff = pause_after(e);
			waited = 0;
		}
		if (e != ERR_CANCELLED && tcp_wait(l->cancel, -1, 0, backoff) == ERR_CANCELLED)
			e = ERR_CANCELLED;
		if (waited < SAY_AFTER && waited + backoff >= SAY_AFTER && e == ERR_DISCONNECTED)
			tell(l, LINK_ABSENT);
		waited += waited < SAY_AFTER ? backoff : 0;
		backoff = backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX : backoff * 2;
	}
	return e;
}

/* One reader at a time: the next one's connection waits until this one ends. */
static enum err serve_listener(struct card *card, const struct link *l,
			       enum err (*serve)(struct card *, struct link_session *))
{
	enum err e = ERR_OK;

	while (e != ERR_CANCELLED) {
		int fd;

		e = tcp_wait(l->cancel, l->listener, POLLIN, -1);
		if (e)
			continue;
		fd = accept4(l->listener, NULL, NULL, SOCKET_FLAGS);
		if (fd >= 0)
			e = serve_connected(card, (struct link_session){.link = l, .fd = fd},
					    serve);
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			return errno_err(errno);
	}
	return e;
}

static enum err serve_path(struct card *card, const struct link *l,
			   enum err (*serve)(struct card *, struct link_session *))
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	struct addrinfo one = {.ai_family = AF_UNIX,
			       .ai_socktype = SOCK_STREAM,
			       .ai_addr = (struct sockaddr *)&where,
			       .ai_addrlen = sizeof(where)};

	if (slice_text(slice_str(l->path), where.sun_path, sizeof(where.sun_path)))
		return ERR_SPACE;
	return serve_list(card, l, &one, serve);
}

enum err link_serve(struct card *card, const struct link *l,
		    enum err (*serve)(struct card *, struct link_session *))
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
	char port[16];
	enum err e;

	if (l->reader_connects)
		return serve_listener(card, l, serve);
	if (l->path)
		return serve_path(card, l, serve);
	snprintf(port, sizeof(port), "%u", l->port);
	if (getaddrinfo(l->host, port, &hints, &list) != 0)
		return ERR_NOT_FOUND;
	e = serve_list(card, l, list, serve);
	freeaddrinfo(list);
	return e;
}

enum err link_place(const char *text, struct link *l, char *host, size_t cap)
{
	const char *colon = strrchr(text, ':');
	struct slice name;

	if (strchr(text, '/') || !colon) {
		l->path = text;
		return !*text || strlen(text) >= sizeof(((struct sockaddr_un *)0)->sun_path)
			       ? ERR_VALUE
			       : ERR_OK;
	}
	name = slice_make(text, (size_t)(colon - text));
	if (name.len > 2 && slice_at(name, 0) == '[' && slice_at(name, name.len - 1) == ']')
		name = slice_sub(name, 1, name.len - 2);
	if (!name.len || !tcp_is_port(colon + 1) || slice_text(name, host, cap))
		return ERR_VALUE;
	l->path = NULL;
	l->host = host;
	l->port = (unsigned)strtoul(colon + 1, NULL, 10);
	return ERR_OK;
}
