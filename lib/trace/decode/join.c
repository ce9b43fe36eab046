#include "lib/trace/decode/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/uicc/command.h"

#define CARDS	   64 /* of a trace; those beyond share the last place */
#define CHANNELS   20
#define BLOCK_LAST 0x80 /* P1 of STORE DATA, GlobalPlatform table 11-89 */
#define SMALL	   4096 /* a buffer of this size is kept for the next exchange */
#define TEXT_MAX   128

enum wait { WAIT_NOTHING, WAIT_FETCH, WAIT_REPEAT, WAIT_BLOCK };

/* What is begun on a channel. */
struct lane {
	enum wait wait;
	struct exchange x;
	struct wbuf data, answer;
	uint8_t block;	/* the P2 of the last one */
	unsigned after; /* of the card's commands: how many there had been */
	char text[TEXT_MAX];
};

struct join {
	struct join_sink sink;
	struct lane *lanes[CARDS][CHANNELS];
	unsigned commands[CARDS];
	size_t held;
};

struct join *join_open(const struct join_sink *sink)
{
	struct join *j = calloc(1, sizeof(*j));

	if (j)
		j->sink = *sink;
	return j;
}

static void remark(struct exchange *x, const char *text)
{
	for (unsigned i = 0; i < x->remark_count; i++) {
		if (x->remarks[i] == text)
			return;
	}
	if (x->remark_count < EXCHANGE_REMARKS_MAX)
		x->remarks[x->remark_count++] = text;
}

static void hold(struct join *j, struct lane *l, struct wbuf *w, struct slice octets)
{
	if (w->len + octets.len > JOIN_MESSAGE_MAX || j->held + octets.len > JOIN_HELD_MAX) {
		remark(&l->x, "it is too long to be joined: the rest is left out");
		return;
	}
	wbuf_put(w, octets);
	if (wbuf_done(w))
		remark(&l->x, "out of memory: some of it is left out");
	else
		j->held += octets.len;
}

static void let_go(struct wbuf *w)
{
	if (w->cap > SMALL)
		wbuf_free(w);
	*w = w->ptr ? *w : wbuf_grow(JOIN_MESSAGE_MAX);
	wbuf_reset(w);
}

static void tell_lane(struct join *j, struct lane *l, const char *odd)
{
	if (!l || l->wait == WAIT_NOTHING)
		return;
	if (odd)
		remark(&l->x, odd);
	l->x.apdu.data = wbuf_slice(&l->data);
	l->x.answer = wbuf_slice(&l->answer);
	l->wait = WAIT_NOTHING;
	j->sink.exchange(j->sink.ctx, &l->x);
	j->held -= l->data.len + l->answer.len;
	let_go(&l->data);
	let_go(&l->answer);
}

/* Another thing came than what the lane waits for. */
static void break_off(struct join *j, struct lane *l)
{
	static const char *const odd[] = {
		[WAIT_NOTHING] = NULL,
		[WAIT_FETCH] = "the response that was announced was not fetched",
		[WAIT_REPEAT] = "it was not repeated with the length that the card said",
		[WAIT_BLOCK] = "the chain of blocks was not ended"};

	if (l)
		tell_lane(j, l, odd[l->wait]);
}

static void break_off_card(struct join *j, unsigned card)
{
	for (unsigned i = 0; i < CHANNELS; i++)
		break_off(j, j->lanes[card][i]);
}

/* Each block of secure messaging has a MAC of its own: joined, they say nothing. */
static bool has_more_blocks(const struct apdu *a)
{
	return a->ins == INS_STORE_DATA && !(a->p1 & BLOCK_LAST) &&
	       apdu_basic_class(a->cla) == CLA_PROPRIETARY && !apdu_is_secured(a->cla);
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

static void take_response(struct exchange *x, struct slice response, struct slice *data)
{
	*data = slice_sub(response, 0, response.len < 2 ? 0 : response.len - 2);
	x->has_sw = response.len >= 2;
	if (response.len == 1)
		remark(x, "half a status word");
	if (!response.len)
		remark(x, "no response was recorded");
	if (x->has_sw)
		x->sw = (uint16_t)slice_uint(slice_sub(response, data->len, 2), 2);
}

/* Keeps what is begun, until the rest has come. */
static struct lane *begin_lane(struct join *j, const struct exchange *x, struct slice answer)
{
	struct lane **l = &j->lanes[x->card][x->channel];

	if (!*l)
		*l = calloc(1, sizeof(**l));
	if (!*l)
		return NULL;
	let_go(&(*l)->data);
	let_go(&(*l)->answer);
	(*l)->x = *x;
	(*l)->block = x->apdu.p2;
	(*l)->after = j->commands[x->card];
	if (x->text) {
		snprintf((*l)->text, sizeof((*l)->text), "%s", x->text);
		(*l)->x.text = (*l)->text;
	}
	hold(j, *l, &(*l)->data, x->apdu.data);
	hold(j, *l, &(*l)->answer, answer);
	return *l;
}

static void take_new(struct join *j, struct exchange *x, struct slice response)
{
	struct lane *l;

	take_response(x, response, &x->answer);
	if (!x->malformed && x->apdu.ins == INS_GET_RESPONSE)
		remark(x, "no response was announced that it could fetch");
	if (has_more_blocks(&x->apdu))
		x->blocks = 1;
	if (follows(x) != WAIT_NOTHING) {
		l = begin_lane(j, x, x->answer);
		if (l) {
			l->wait = follows(x);
			return;
		}
		remark(x, "out of memory: it is not joined");
	}
	j->sink.exchange(j->sink.ctx, x);
}

static void remark_block(struct lane *l, uint8_t p2)
{
	uint8_t next = (uint8_t)(l->block + 1);

	if (p2 == l->block)
		remark(&l->x, "a block came twice");
	else if (p2 != next)
		remark(&l->x, "the blocks are not in order, or one is missing");
	l->block = p2;
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
		return a->ins == INS_STORE_DATA && a->cla == was->cla && (a->p2 || l->block);
	case WAIT_NOTHING: break;
	}
	return false;
}

static void take_next(struct join *j, struct lane *l, const struct exchange *next,
		      struct slice response)
{
	struct slice data;

	if (l->after + 1 != j->commands[next->card])
		remark(&l->x, "commands on other channels came in between");
	l->after = j->commands[next->card];
	l->x.last = next->first;
	l->x.pieces++;
	if (l->wait == WAIT_BLOCK) {
		remark_block(l, next->apdu.p2);
		l->x.blocks++;
		l->x.apdu.p1 = next->apdu.p1; /* whether it is the last */
		hold(j, l, &l->data, next->apdu.data);
	}
	take_response(&l->x, response, &data);
	hold(j, l, &l->answer, data);
	/* a GET RESPONSE of the wrong length is repeated like its command */
	l->wait = l->wait == WAIT_FETCH && follows(&l->x) == WAIT_REPEAT ? WAIT_FETCH
									 : follows(&l->x);
	if (l->wait == WAIT_NOTHING) {
		l->wait = WAIT_FETCH;
		tell_lane(j, l, NULL);
	}
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

	x.malformed = apdu_parse(e->command, &x.apdu);
	if (x.malformed)
		x.apdu = (struct apdu){.cla = slice_at(e->command, 0),
				       .ins = slice_at(e->command, 1)};
	channel = apdu_channel(x.apdu.cla);
	x.channel = channel < 0 ? 0 : (unsigned)channel;
	j->commands[x.card]++;
	l = j->lanes[x.card][x.channel];
	if (l && !x.malformed && continues(l, &x.apdu)) {
		take_next(j, l, &x, e->response);
		return;
	}
	break_off(j, l);
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
	free(mine);
}
