#include "lib/trace/read/text/log.h"

#include <string.h>

#include "lib/trace/read/text/line.h"

/* That of this card and lane; NULL: nothing waits there */
static struct text_pair *pair_of(struct text_log *l)
{
	for (size_t i = 0; i < TEXT_PAIRS; i++) {
		struct text_pair *p = &l->pairs[i];

		if ((p->waits || p->resets) && p->card == l->card && p->lane == l->lane)
			return p;
	}
	return NULL;
}

static void give_pair(struct text_pair *p, struct trace_out *o, struct slice response,
		      const char *remark)
{
	const struct trace_event e = {.kind = TRACE_EXCHANGE,
				      .card = p->card,
				      .place = p->place,
				      .has_time = p->has_time,
				      .time_ns = p->time_ns,
				      .command = slice_make(p->command, p->command_len),
				      .response = response,
				      .text = p->remark ? p->remark : remark};

	trace_out_event(o, &e);
	p->waits = false;
}

/* A reset of which no ATR was told */
static void give_reset(struct text_pair *p, struct trace_out *o)
{
	const struct trace_event e = {.kind = TRACE_RESET,
				      .card = p->card,
				      .place = p->place,
				      .has_time = p->has_time,
				      .time_ns = p->time_ns};

	trace_out_event(o, &e);
	p->resets = false;
}

static void give_what_waits(struct text_pair *p, struct trace_out *o)
{
	if (p->resets)
		give_reset(p, o);
	if (p->waits)
		give_pair(p, o, SLICE_EMPTY, NULL);
}

/* One for this card and lane; what waited there, or the first when there are too many, is given */
static struct text_pair *new_pair(struct text_log *l, struct trace_out *o)
{
	struct text_pair *p = pair_of(l);

	for (size_t i = 0; !p && i < TEXT_PAIRS; i++) {
		if (!l->pairs[i].waits && !l->pairs[i].resets)
			p = &l->pairs[i];
	}
	if (!p)
		p = &l->pairs[0];
	give_what_waits(p, o);
	p->card = l->card;
	p->lane = l->lane;
	p->place = o->place;
	p->has_time = l->has_time;
	p->time_ns = l->time_ns;
	p->remark = NULL;
	return p;
}

bool text_log_waits(struct text_log *l, struct slice *command)
{
	const struct text_pair *p = pair_of(l);

	*command = p ? slice_make(p->command, p->command_len) : SLICE_EMPTY;
	return p && p->waits;
}

void text_log_remark(struct text_log *l, const char *remark)
{
	struct text_pair *p = pair_of(l);

	if (p && !p->remark)
		p->remark = remark;
}

void text_log_flush(struct text_log *l, struct trace_out *o, const char *remark)
{
	struct text_pair *p = pair_of(l);

	if (p && p->waits)
		give_pair(p, o, SLICE_EMPTY, remark);
}

void text_log_power(struct text_log *l, struct trace_out *o, enum trace_kind kind, struct slice atr)
{
	const struct trace_event e = {.kind = kind,
				      .card = l->card,
				      .has_time = l->has_time,
				      .time_ns = l->time_ns,
				      .response = atr};
	struct text_pair *p = pair_of(l);

	if (p && p->resets && kind == TRACE_RESET)
		p->resets = false;
	if (p)
		give_what_waits(p, o);
	trace_out_event(o, &e);
}

void text_log_reset_begins(struct text_log *l, struct trace_out *o)
{
	new_pair(l, o)->resets = true;
}

static void wait_for_response(struct text_log *l, struct trace_out *o, struct slice command,
			      const char *remark)
{
	struct text_pair *p = new_pair(l, o);

	if (command.len)
		memcpy(p->command, command.ptr, command.len);
	p->command_len = command.len;
	p->remark = remark;
	p->waits = true;
}

void text_log_sent(struct text_log *l, struct trace_out *o, struct slice command)
{
	if (command.len && command.len <= sizeof(l->pairs[0].command)) {
		wait_for_response(l, o, command, NULL);
		return;
	}
	text_log_flush(l, o, NULL);
	trace_out_fault(o, "there is no command in it", command);
}

void text_log_sent_masked(struct text_log *l, struct trace_out *o, const char *remark)
{
	wait_for_response(l, o, SLICE_EMPTY, remark);
}

void text_log_received(struct text_log *l, struct trace_out *o, struct slice response)
{
	struct text_pair *p = pair_of(l);

	if (p && p->waits)
		give_pair(p, o, response, NULL);
	else
		trace_out_fault(o, "a response to no command", response);
}

static bool take_log_hex(struct text_log *l, struct slice hex, struct slice *octets)
{
	struct wbuf w = wbuf_init(l->octets, sizeof(l->octets));

	return line_all_hex(line_trim(hex), &w, octets);
}

/* octets: as far as it is hex */
static void fault_no_hex(struct trace_out *o, const char *why, struct slice octets)
{
	trace_out_fault(o, why, octets);
	if (octets.len)
		trace_out_words(o, o->line);
}

bool text_log_hex(struct text_log *l, struct trace_out *o, struct slice hex, const char *what,
		  struct slice *octets)
{
	if (take_log_hex(l, hex, octets))
		return true;
	fault_no_hex(o, what, *octets);
	return false;
}

void text_log_command(struct text_log *l, struct trace_out *o, struct slice hex)
{
	struct slice octets;

	if (take_log_hex(l, hex, &octets)) {
		text_log_sent(l, o, octets);
		return;
	}
	text_log_flush(l, o, NULL);
	fault_no_hex(o, "a command that is not hex", octets);
}

void text_log_response(struct text_log *l, struct trace_out *o, struct slice hex)
{
	struct slice octets;

	if (take_log_hex(l, hex, &octets)) {
		text_log_received(l, o, octets);
		return;
	}
	text_log_flush(l, o, NULL);
	fault_no_hex(o, "a response that is not hex", octets);
}

void text_log_atr(struct text_log *l, struct trace_out *o, struct slice hex)
{
	struct slice octets;

	if (text_log_hex(l, o, hex, "an ATR that is not hex", &octets))
		text_log_power(l, o, TRACE_RESET, octets);
}

void text_log_end(void *log, struct trace_out *o)
{
	struct text_log *l = log;

	for (size_t i = 0; i < TEXT_PAIRS; i++)
		give_what_waits(&l->pairs[i], o);
}

void text_dump_begin(struct text_dump *d, struct trace_out *o, bool is_command, size_t wanted)
{
	d->runs = true;
	d->is_command = is_command;
	d->place = o->place;
	d->wanted = wanted;
	d->len = 0;
}

bool text_dump_add(struct text_dump *d, struct slice octets)
{
	if (octets.len > sizeof(d->octets) - d->len)
		return false;
	if (octets.len)
		memcpy(d->octets + d->len, octets.ptr, octets.len);
	d->len += octets.len;
	return true;
}

void text_dump_finish(struct text_dump *d, struct text_log *l, struct trace_out *o)
{
	struct slice octets = slice_make(d->octets, d->len), line = o->line;
	struct trace_place here = o->place;

	if (!d->runs)
		return;
	d->runs = false;
	o->place = d->place;
	o->line = SLICE_EMPTY; /* another one */
	if (!d->len || d->len < d->wanted) {
		text_log_flush(l, o, NULL);
		trace_out_fault(o, "fewer octets than were promised", octets);
	} else if (d->is_command) {
		text_log_sent(l, o, octets);
	} else {
		text_log_received(l, o, octets);
	}
	o->place = here;
	o->line = line;
}
