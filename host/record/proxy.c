#include "host/record/proxy.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/record/frames.h"
#include "host/record/pump.h"
#include "tool/sys/cancel.h"
#include "tool/trace/trace.h"

#define BACKOFF_MIN 100
#define BACKOFF_MAX 2000
#define SAY_AFTER   1000

/* A card program, and the reader that it is in. */
struct visit {
	const struct proxy *proxy;
	struct pump pump;
	struct frames *frames;
	bool carries, told_busy;
	enum proxy_event odd; /* whose octets were refused */
};

static void record_reset(void *ctx, struct slice atr)
{
	trace_reset(ctx, atr);
}

static void record_power_off(void *ctx)
{
	trace_power_off(ctx);
}

static void record_exchange(void *ctx, struct slice command, struct slice response)
{
	trace_exchange(ctx, command, response);
}

static enum err show_visit(void *ctx, enum pump_side from, struct slice octets)
{
	struct visit *v = ctx;
	const struct proxy *p = v->proxy;
	enum err e = from == PUMP_ASKS ? frames_from_reader(v->frames, octets)
				       : frames_from_card(v->frames, octets);

	v->odd = from == PUMP_ASKS ? PROXY_READER_ODD : PROXY_CARD_ODD;
	if (!v->carries && !e)
		p->event(p->ctx, PROXY_CARRIES);
	v->carries = true;
	return e ? e : trace_failure(p->trace);
}

/* The card program says nothing until it is asked: closed, or ERR_PROTOCOL. */
static enum err look_at_card(int card)
{
	uint8_t octet;
	ssize_t n = recv(card, &octet, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_OK;
	return n > 0 ? ERR_PROTOCOL : ERR_DISCONNECTED;
}

/* Tries until the reader is there, as long as the card program is. */
static enum err reach_reader(const struct proxy *p, int card, int *reader)
{
	int backoff = BACKOFF_MIN, waited = 0;
	enum err e;

	while ((e = tcp_connect(&p->reader, p->cancel, reader)) == ERR_DISCONNECTED) {
		e = tcp_wait(p->cancel, card, POLLIN, backoff);
		if (!e)
			e = look_at_card(card);
		if (e && e != ERR_TIMEOUT) {
			if (e != ERR_CANCELLED)
				p->event(p->ctx,
					 e == ERR_PROTOCOL ? PROXY_CARD_ODD : PROXY_CARD_LOST);
			return e;
		}
		if (waited < SAY_AFTER && waited + backoff >= SAY_AFTER)
			p->event(p->ctx, PROXY_ABSENT);
		waited += waited < SAY_AFTER ? backoff : 0;
		backoff = backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX : backoff * 2;
	}
	return e;
}

static void tell_busy(struct visit *v)
{
	if (!v->told_busy)
		v->proxy->event(v->proxy->ctx, PROXY_BUSY);
	v->told_busy = true;
}

/* What is ready of a side; the event that its end is. */
static enum err move_side(struct visit *v, enum pump_side side, short events)
{
	const struct proxy *p = v->proxy;
	enum err e = events ? pump_move(&v->pump, side, events) : ERR_OK;

	if (e == ERR_PROTOCOL)
		p->event(p->ctx, v->odd);
	else if (e == ERR_DISCONNECTED)
		p->event(p->ctx, side == PUMP_ASKS ? PROXY_READER_LOST : PROXY_CARD_LOST);
	return e;
}

static enum err carry(struct visit *v)
{
	struct cancel *cancel = v->proxy->cancel;
	enum err e = ERR_OK;

	while (!e) {
		struct pollfd fds[PUMP_SIDES + 1] = {
			{v->pump.fd[PUMP_ASKS], pump_events(&v->pump, PUMP_ASKS), 0},
			{v->pump.fd[PUMP_ANSWERS], pump_events(&v->pump, PUMP_ANSWERS), 0},
			{cancel_fd(cancel), POLLIN, 0}};
		int n = poll(fds, PUMP_SIDES + 1, v->carries || v->told_busy ? -1 : SAY_AFTER);

		if (cancel_is_wished(cancel))
			return ERR_CANCELLED;
		if (!n)
			tell_busy(v);
		/* the card first: its answer is out before the reader's end is seen */
		e = move_side(v, PUMP_ANSWERS, n > 0 ? fds[PUMP_ANSWERS].revents : 0);
		if (!e)
			e = move_side(v, PUMP_ASKS, n > 0 ? fds[PUMP_ASKS].revents : 0);
	}
	return e;
}

static enum err serve_card(const struct proxy *p, int card)
{
	const struct frames_sink sink = {record_reset, record_power_off, record_exchange, p->trace};
	struct visit v = {.proxy = p, .pump = {.show = show_visit, .ctx = &v}};
	int reader = -1;
	enum err e = reach_reader(p, card, &reader);

	if (e)
		return e;
	v.pump.fd[PUMP_ASKS] = reader;
	v.pump.fd[PUMP_ANSWERS] = card;
	pump_begin(&v.pump);
	e = frames_open(&sink, &v.frames);
	if (!e)
		e = carry(&v);
	frames_close(&v.frames);
	pump_end(&v.pump);
	close(reader);
	return e;
}

/* One card program's end is no end of the service. */
static bool serves_on(enum err e)
{
	return e == ERR_OK || e == ERR_TIMEOUT || e == ERR_DISCONNECTED || e == ERR_PROTOCOL;
}

enum err proxy_serve(const struct proxy *p)
{
	enum err e = ERR_OK;
	int card;

	while (serves_on(e)) {
		p->event(p->ctx, PROXY_WAITS);
		e = tcp_wait(p->cancel, p->listener, POLLIN, -1);
		if (!e)
			e = tcp_accept(p->listener, &card);
		if (!e) {
			e = serve_card(p, card);
			close(card);
			if (serves_on(e))
				e = trace_failure(p->trace);
		}
	}
	return e;
}
