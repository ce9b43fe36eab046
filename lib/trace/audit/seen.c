#include "lib/trace/audit/seen.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/print.h"

#define SLOTS_FIRST 1024 /* a power of two, of which half stay free */
#define RUNS_MAX    4096
#define READ_MAX    256 /* entries of a run that are read at once */
#define ENTRY_LEN   sizeof(struct entry)
#define NUMBER_MASK 0xFFFFFFFFFFFFu
#define BOTH_SIDES  64 /* frames between the two */

/* The rule is below AUDIT_RULES_MAX, the card below TRACE_CARDS_MAX. */
struct entry {
	uint64_t print;	      /* fingerprint; 0: a free slot */
	uint64_t number : 48; /* of the exchange */
	uint64_t card : 6;
	uint64_t rule : 10;
};

struct seen {
	const struct audit_spill *spill;
	struct seen_sink sink;
	struct entry *slots;
	size_t room, count;	    /* room: a power of two, up to twice AUDIT_SEEN_MAX */
	uint64_t run_len[RUNS_MAX]; /* entries */
	size_t runs;
	uint64_t written; /* entries */
	enum err err;
};

struct seen *seen_open(const struct audit_spill *spill, const struct seen_sink *sink)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->spill = spill;
	s->sink = *sink;
	s->room = SLOTS_FIRST;
	s->slots = calloc(s->room, sizeof(*s->slots));
	if (!s->slots)
		seen_close(&s);
	return s;
}

/* Two values of a trace of 10^7 have one print once in 10^5 traces. */
static uint64_t fingerprint_of(uint16_t rule, struct slice value)
{
	uint64_t print = print_octets(rule, value);

	return print ? print : 1;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->print != y->print)
		return x->print < y->print ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return 0;
}

/* What is in memory goes outside as a run in order. */
static void spill_out(struct seen *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->room; i++) {
		if (s->slots[i].print)
			s->slots[n++] = s->slots[i];
	}
	qsort(s->slots, n, sizeof(*s->slots), compare_entries);
	if (!s->spill->write || s->runs == RUNS_MAX)
		s->err = ERR_SPACE;
	else if (!s->spill->write(s->spill->ctx, s->written * ENTRY_LEN,
				  slice_make(s->slots, n * ENTRY_LEN)))
		s->err = ERR_IO;
	if (!s->err) {
		s->run_len[s->runs++] = n;
		s->written += n;
	}
	memset(s->slots, 0, s->room * sizeof(*s->slots));
	s->count = 0;
}

/* The place of a print, or the free one where it belongs. */
static struct entry *slot_at(struct entry *slots, size_t room, uint64_t print)
{
	size_t at = print & (room - 1);

	while (slots[at].print && slots[at].print != print)
		at = (at + 1) & (room - 1);
	return &slots[at];
}

/* Twice as many; what does not fit into memory goes outside. */
static void grow(struct seen *s)
{
	size_t room = 2 * s->room;
	size_t most = s->spill->write ? AUDIT_SEEN_SPILLED : AUDIT_SEEN_MAX;
	struct entry *slots = s->count < most ? calloc(room, sizeof(*slots)) : NULL;

	if (!slots) {
		spill_out(s);
		return;
	}
	for (size_t i = 0; i < s->room; i++) {
		if (s->slots[i].print)
			*slot_at(slots, room, s->slots[i].print) = s->slots[i];
	}
	free(s->slots);
	s->slots = slots;
	s->room = room;
}

/*
 * A sniffer on both sides of an interposer has each exchange twice, as of two cards and close to
 * each other: that is one exchange.
 */
static void tell_again(struct seen *s, const struct entry *e, const struct entry *before)
{
	if (e->card != before->card && e->number - before->number <= BOTH_SIDES)
		return;
	s->sink.again(s->sink.ctx, &(struct seen_again){.rule = (uint16_t)e->rule,
							.card = (unsigned)e->card,
							.number = e->number,
							.before = before->number});
}

void seen_take(struct seen *s, uint16_t rule, struct slice value, const struct audit_spot *at)
{
	uint64_t print = fingerprint_of(rule, value);
	const struct entry mine = {.print = print,
				   .number = at->place.number & NUMBER_MASK,
				   .card = at->card % TRACE_CARDS_MAX,
				   .rule = rule % AUDIT_RULES_MAX};
	struct entry *slot = slot_at(s->slots, s->room, print);

	if (slot->print) {
		tell_again(s, &mine, slot);
		return;
	}
	*slot = mine;
	if (++s->count == s->room / 2)
		grow(s);
}

/* A run as it is read back. */
struct lane {
	struct entry *entries; /* READ_MAX */
	size_t at, count;
	uint64_t next, end; /* in entries */
};

static bool refill(struct seen *s, struct lane *l)
{
	uint64_t left = l->end - l->next;

	if (l->at < l->count)
		return true;
	l->at = 0;
	l->count = left < READ_MAX ? (size_t)left : READ_MAX;
	if (!l->count)
		return false;
	if (!s->spill->read(s->spill->ctx, l->next * ENTRY_LEN, (uint8_t *)l->entries,
			    l->count * ENTRY_LEN)) {
		s->err = ERR_IO;
		return false;
	}
	l->next += l->count;
	return true;
}

/* The least entry of all runs; false: there is none any more. A run of a trace of 10^8 values is
 * one of 200. */
static bool take_least(struct seen *s, struct lane *lanes, struct entry *out)
{
	struct lane *least = NULL;

	for (size_t i = 0; i < s->runs; i++) {
		if (!refill(s, &lanes[i]))
			continue;
		if (!least ||
		    compare_entries(&lanes[i].entries[lanes[i].at], &least->entries[least->at]) < 0)
			least = &lanes[i];
	}
	if (!least)
		return false;
	*out = least->entries[least->at++];
	return true;
}

static void merge(struct seen *s, struct lane *lanes)
{
	struct entry last = {0}, e;

	while (take_least(s, lanes, &e) && !s->err) {
		if (last.print == e.print)
			tell_again(s, &e, &last);
		else
			last = e;
	}
}

enum err seen_end(struct seen *s)
{
	struct lane *lanes;
	uint64_t at = 0;

	if (!s->runs || s->err)
		return s->err;
	spill_out(s);
	lanes = calloc(s->runs, sizeof(*lanes));
	for (size_t i = 0; lanes && i < s->runs; i++) {
		lanes[i] = (struct lane){.entries = calloc(READ_MAX, ENTRY_LEN),
					 .next = at,
					 .end = at + s->run_len[i]};
		at += s->run_len[i];
		if (!lanes[i].entries)
			s->err = ERR_MEMORY;
	}
	if (!lanes)
		s->err = ERR_MEMORY;
	if (!s->err)
		merge(s, lanes);
	for (size_t i = 0; lanes && i < s->runs; i++)
		free(lanes[i].entries);
	free(lanes);
	return s->err;
}

void seen_close(struct seen **s)
{
	struct seen *mine = *s;

	*s = NULL;
	if (!mine)
		return;
	free(mine->slots);
	free(mine);
}
