#include "lib/trace/decode/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/uicc/command.h"

#define CARDS		 64 /* of a trace; those beyond share the last place */
#define CHANNELS	 20
#define BLOCK_LAST	 0x80 /* P1 of STORE DATA, GlobalPlatform table 11-89 */
#define BLOCK_NUMBER_MAX 0xFF
#define SMALL		 4096 /* a buffer of this size is kept for the next exchange */
#define TEXT_MAX	 128

enum wait { WAIT_NOTHING, WAIT_FETCH, WAIT_REPEAT, WAIT_BLOCK };

/* What is begun on a channel. */
struct lane {
	enum wait wait;
	struct exchange x;
	struct wbuf data, answer;
	uint8_t block; /* the P2 of the last one */
	size_t block_len;
	unsigned after;	 /* of the card's commands: how many there had been */
	int64_t time_ns; /* of the last piece */
	char text[TEXT_MAX];
};

/* A card's commands as they come, whatever channel they are on */
struct repeats {
	unsigned commands; /* so far */
	struct wbuf last;  /* the last one, and its answer behind it */
	size_t last_len;   /* its own octets */
	unsigned same;	   /* so often it came again */
	unsigned pairs;	   /* so many in front of it came twice, one after the other */
};

struct join {
	struct join_sink sink;
	struct lane *lanes[CARDS][CHANNELS];
	struct repeats repeats[CARDS];
	size_t held;
};

struct join *join_open(const struct join_sink *sink)
{
	struct join *j = calloc(1, sizeof(*j));

	if (j)
		j->sink = *sink;
	return j;
}

static void hold(struct join *j, struct lane *l, struct wbuf *w, struct slice octets)
{
	if (!octets.len)
		return;
	if (w->len + octets.len > JOIN_MESSAGE_MAX || j->held + octets.len > JOIN_HELD_MAX) {
		exchange_mark(&l->x, EXCHANGE_CUT);
		return;
	}
	wbuf_put(w, octets);
	if (wbuf_done(w))
		exchange_mark(&l->x, EXCHANGE_CUT_MEMORY);
	else
		j->held += octets.len;
}

/* Empties it, for up to so many octets. */
static void let_go(struct wbuf *w, size_t limit)
{
	if (w->cap > SMALL)
		wbuf_free(w);
	if (!w->ptr)
		*w = wbuf_grow(limit);
	wbuf_reset(w);
}

static void tell_lane(struct join *j, struct lane *l)
{
	*(l->x.malformed ? &l->x.raw : &l->x.apdu.data) = wbuf_slice(&l->data);
	l->x.answer = wbuf_slice(&l->answer);
	l->wait = WAIT_NOTHING;
	j->sink.exchange(j->sink.ctx, &l->x);
	j->held -= l->data.len + l->answer.len;
	let_go(&l->data, JOIN_MESSAGE_MAX);
	let_go(&l->answer, JOIN_MESSAGE_MAX);
}

/* Another thing came than what the lane waits for; why: what that is, or 0. */
static void break_off(struct join *j, struct lane *l, unsigned why)
{
	static const enum exchange_odd odd[] = {[WAIT_FETCH] = EXCHANGE_NOT_FETCHED,
						[WAIT_REPEAT] = EXCHANGE_NOT_REPEATED,
						[WAIT_BLOCK] = EXCHANGE_NOT_ENDED};

	if (!l || l->wait == WAIT_NOTHING)
		return;
	exchange_mark(&l->x, odd[l->wait]);
	l->x.odd |= why;
	tell_lane(j, l);
}

static void break_off_card(struct join *j, unsigned card)
{
	for (unsigned i = 0; i < CHANNELS; i++)
		break_off(j, j->lanes[card][i], EXCHANGE_AT_END);
}

static bool is_block(const struct apdu *a)
{
	return a->ins == INS_STORE_DATA && apdu_basic_class(a->cla) == CLA_PROPRIETARY;
}

/* Each block of secure messaging has a MAC of its own: joined, they say nothing. */
static bool has_more_blocks(const struct apdu *a)
{
	return is_block(a) && !(a->p1 & BLOCK_LAST) && !apdu_is_secured(a->cla);
}

/* What has to follow for the exchange to be whole. */
static enum wait follows(const struct exchange *x)
{
	if (!x->has_sw)
		return WAIT_NOTHING;
	if (sw_is(x->sw, SW_RESPONSE) || sw_is(x->sw, SW_GSM_RESPONSE))
		return WAIT_FETCH;
	if (x->malformed)
		return WAIT_NOTHING;
	if (sw_is(x->sw, SW_CORRECT_LE))
		return WAIT_REPEAT;
	if (x->sw == SW_OK && has_more_blocks(&x->apdu))
		return WAIT_BLOCK;
	return WAIT_NOTHING;
}

/* asks: the command that it answers */
static void take_response(struct exchange *x, const struct apdu *asks, struct slice response,
			  struct slice *data)
{
	*data = slice_sub(response, 0, response.len < 2 ? 0 : response.len - 2);
	x->has_sw = response.len >= 2;
	if (response.len == 1)
		exchange_mark(x, EXCHANGE_HALF_STATUS);
	if (!response.len)
		exchange_mark(x, EXCHANGE_NO_RESPONSE);
	if (asks->has_le && data->len > asks->le)
		exchange_mark(x, EXCHANGE_TOO_MUCH);
	if (x->has_sw)
		x->sw = (uint16_t)(slice_at(response, data->len) << 8 |
				   slice_at(response, data->len + 1));
}

/* Keeps what is begun, until the rest has come. */
static struct lane *begin_lane(struct join *j, const struct exchange *x, struct slice answer)
{
	struct lane **l = &j->lanes[x->card][x->channel];

	if (!*l)
		*l = calloc(1, sizeof(**l));
	if (!*l)
		return NULL;
	let_go(&(*l)->data, JOIN_MESSAGE_MAX);
	let_go(&(*l)->answer, JOIN_MESSAGE_MAX);
	(*l)->x = *x;
	(*l)->block = x->apdu.p2;
	(*l)->block_len = x->apdu.data.len;
	(*l)->after = j->repeats[x->card].commands;
	(*l)->time_ns = x->time_ns;
	if (x->text) {
		snprintf((*l)->text, sizeof((*l)->text), "%s", x->text);
		(*l)->x.text = (*l)->text;
	}
	hold(j, *l, &(*l)->data, x->malformed ? x->raw : x->apdu.data);
	hold(j, *l, &(*l)->answer, answer);
	return *l;
}

static void take_new(struct join *j, struct exchange *x, struct slice response)
{
	struct lane *l;

	take_response(x, &x->apdu, response, &x->answer);
	if (!x->malformed && x->apdu.ins == INS_GET_RESPONSE)
		exchange_mark(x, EXCHANGE_UNANNOUNCED);
	if (is_block(&x->apdu) && x->apdu.p2)
		exchange_mark(x, EXCHANGE_BLOCK_LATE);
	if (has_more_blocks(&x->apdu))
		x->blocks = 1;
	if (follows(x) != WAIT_NOTHING) {
		l = begin_lane(j, x, x->answer);
		if (l) {
			l->wait = follows(x);
			return;
		}
		exchange_mark(x, EXCHANGE_CUT_MEMORY);
	}
	j->sink.exchange(j->sink.ctx, x);
}

/* The block that came last, once more */
static bool is_block_again(const struct lane *l, const struct apdu *a)
{
	struct slice all = wbuf_slice(&l->data);

	return a->p2 == l->block && l->block_len == a->data.len && a->data.len <= all.len &&
	       slice_equal(slice_sub(all, all.len - a->data.len, a->data.len), a->data);
}

static void join_block(struct join *j, struct lane *l, const struct apdu *a)
{
	uint8_t next = (uint8_t)(l->block + 1);
	bool again = is_block_again(l, a);

	if (a->p2 == l->block)
		exchange_mark(&l->x, EXCHANGE_BLOCK_TWICE);
	else if (a->p2 != next)
		exchange_mark(&l->x, EXCHANGE_BLOCK_MISSING);
	l->block = a->p2;
	l->block_len = a->data.len;
	l->x.blocks++;
	l->x.apdu.p1 = a->p1; /* whether it is the last */
	if (!again)
		hold(j, l, &l->data, a->data);
}

static bool continues(const struct lane *l, const struct apdu *a)
{
	const struct apdu *was = &l->x.apdu;

	switch (l->wait) {
	case WAIT_FETCH: return a->ins == INS_GET_RESPONSE;
	case WAIT_REPEAT:
		return a->cla == was->cla && a->ins == was->ins && a->p1 == was->p1 &&
		       (a->p2 == was->p2 || l->x.blocks);
	case WAIT_BLOCK:
		/* number 0 begins another chain, but for one that has come round to it */
		return a->ins == INS_STORE_DATA && a->cla == was->cla &&
		       (a->p2 || l->block == BLOCK_NUMBER_MAX || is_block_again(l, a));
	case WAIT_NOTHING: break;
	}
	return false;
}

static void take_wait(struct lane *l, const struct exchange *next)
{
	int64_t ns = exchange_between(l->time_ns, next->time_ns);

	if (l->x.has_time && next->has_time && ns > l->x.wait_ns)
		l->x.wait_ns = ns;
	l->time_ns = next->time_ns;
}

static void take_next(struct join *j, struct lane *l, const struct exchange *next,
		      struct slice response)
{
	struct slice data;

	if (l->after + 1 != j->repeats[next->card].commands)
		exchange_mark(&l->x, EXCHANGE_BETWEEN);
	l->after = j->repeats[next->card].commands;
	take_wait(l, next);
	l->x.last = next->first;
	l->x.pieces++;
	l->x.odd |= next->odd;
	l->x.doubled = next->doubled;
	if (l->wait == WAIT_REPEAT && next->apdu.le != sw_number(l->x.sw))
		exchange_mark(&l->x, EXCHANGE_OTHER_LENGTH);
	if (l->wait == WAIT_BLOCK)
		join_block(j, l, &next->apdu);
	take_response(&l->x, &next->apdu, response, &data);
	hold(j, l, &l->answer, data);
	/* a GET RESPONSE of the wrong length is repeated like its command */
	l->wait = l->wait == WAIT_FETCH && follows(&l->x) == WAIT_REPEAT ? WAIT_FETCH
									 : follows(&l->x);
	if (l->wait == WAIT_NOTHING)
		tell_lane(j, l);
}

/* The command that came last, and the same answer */
static bool is_last(const struct repeats *r, const struct trace_event *e)
{
	struct slice last = wbuf_slice(&r->last);

	return r->commands && r->last_len == e->command.len &&
	       slice_equal(slice_sub(last, 0, r->last_len), e->command) &&
	       slice_equal(slice_sub(last, r->last_len, last.len), e->response);
}

static void take_repeat(struct repeats *r, const struct trace_event *e, struct exchange *x)
{
	bool again = is_last(r, e);

	r->commands++;
	if (again) {
		r->same++;
		x->odd |= EXCHANGE_AGAIN;
	} else {
		r->pairs = r->same == 1 ? r->pairs + 1 : 0;
		r->same = 0;
	}
	if (!again) {
		let_go(&r->last, JOIN_HELD_MAX);
		wbuf_put(&r->last, e->command);
		wbuf_put(&r->last, e->response);
		r->last_len = e->command.len;
	}
	x->doubled = r->pairs + (r->same == 1);
}

static void take_exchange(struct join *j, const struct trace_event *e)
{
	struct exchange x = {.card = e->card < CARDS ? e->card : CARDS - 1,
			     .first = e->place,
			     .last = e->place,
			     .pieces = 1,
			     .has_time = e->has_time,
			     .time_ns = e->time_ns,
			     .text = e->text};
	int channel;
	struct lane *l;

	if (!e->command.len)
		exchange_mark(&x, EXCHANGE_NO_COMMAND);
	x.malformed = apdu_parse(e->command, &x.apdu);
	if (x.malformed) {
		x.apdu = (struct apdu){.cla = slice_at(e->command, 0),
				       .ins = slice_at(e->command, 1)};
		x.raw = e->command;
	}
	channel = apdu_channel(x.apdu.cla);
	x.channel = channel < 0 ? 0 : (unsigned)channel;
	take_repeat(&j->repeats[x.card], e, &x);
	l = j->lanes[x.card][x.channel];
	if (l && !x.malformed && continues(l, &x.apdu)) {
		take_next(j, l, &x, e->response);
		return;
	}
	break_off(j, l, x.odd & EXCHANGE_AGAIN);
	take_new(j, &x, e->response);
}

void join_event(struct join *j, const struct trace_event *e)
{
	if (e->kind == TRACE_EXCHANGE) {
		take_exchange(j, e);
		return;
	}
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		break_off_card(j, e->card < CARDS ? e->card : CARDS - 1);
	j->sink.event(j->sink.ctx, e);
}

void join_end(struct join *j)
{
	for (unsigned i = 0; i < CARDS; i++)
		break_off_card(j, i);
}

void join_close(struct join **j)
{
	struct join *mine = *j;

	*j = NULL;
	for (unsigned i = 0; mine && i < CARDS * CHANNELS; i++) {
		struct lane *l = mine->lanes[i / CHANNELS][i % CHANNELS];

		if (l) {
			wbuf_free(&l->data);
			wbuf_free(&l->answer);
		}
		free(l);
	}
	for (unsigned i = 0; mine && i < CARDS; i++)
		wbuf_free(&mine->repeats[i].last);
	free(mine);
}
