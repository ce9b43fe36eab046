#include "host/record/pump.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "lib/base/secret.h"
#include "tool/sys/tcp.h"

void pump_begin(struct pump *p)
{
	for (int i = 0; i < PUMP_SIDES; i++)
		p->pending[i] = wbuf_grow(PUMP_CHUNK);
}

void pump_end(struct pump *p)
{
	for (int i = 0; i < PUMP_SIDES; i++)
		wbuf_free(&p->pending[i]); /* wipes: a PIN passes here */
}

static enum pump_side other(enum pump_side side)
{
	return side == PUMP_ASKS ? PUMP_ANSWERS : PUMP_ASKS;
}

/* Nothing is read for a side that has not taken what was before. */
short pump_events(const struct pump *p, enum pump_side side)
{
	return (short)((p->pending[other(side)].len ? 0 : POLLIN) |
		       (p->pending[side].len ? POLLOUT : 0));
}

/* As much of what is pending for a side as it takes now. */
static enum err give_piece(struct pump *p, enum pump_side side)
{
	struct wbuf *w = &p->pending[side];
	struct slice left = wbuf_slice(w);

	while (left.len) {
		ssize_t n = send(p->fd[side], left.ptr, left.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0)
			return ERR_DISCONNECTED;
		left = slice_sub(left, (size_t)n, left.len);
	}
	if (left.len && left.ptr != w->ptr)
		for (size_t i = 0; i < left.len; i++)
			w->ptr[i] = left.ptr[i];
	wbuf_cut(w, left.len);
	return ERR_OK;
}

static enum err read_some(struct pump *p, enum pump_side side)
{
	uint8_t chunk[PUMP_CHUNK];
	struct wbuf *to = &p->pending[other(side)];
	ssize_t n = recv(p->fd[side], chunk, sizeof(chunk), MSG_DONTWAIT);
	enum err e;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_OK;
	if (n <= 0)
		return ERR_DISCONNECTED;
	tcp_acknowledge_now(p->fd[side]);
	e = p->show(p->ctx, side, slice_make(chunk, (size_t)n));
	wbuf_put(to, slice_make(chunk, (size_t)n));
	secret_wipe(chunk, (size_t)n);
	if (!e)
		e = wbuf_done(to);
	return e ? e : give_piece(p, other(side));
}

enum err pump_move(struct pump *p, enum pump_side side, short events)
{
	enum err e = events & POLLOUT ? give_piece(p, side) : ERR_OK;

	if (!e && events & (POLLIN | POLLHUP | POLLERR) && !p->pending[other(side)].len)
		e = read_some(p, side);
	return e;
}
