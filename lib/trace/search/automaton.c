#include "lib/trace/search/automaton.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"

#define PATTERNS_MAX (4u << 20)

struct pattern {
	uint32_t at, len; /* in halves */
	uint32_t next;	  /* that ends where this one does: the same, or a shorter one */
	uint32_t number;
};

/* Its children follow each other, in the order of their halves. */
struct state {
	uint32_t fail, child;
	uint32_t ends; /* the longest pattern that ends here */
	uint16_t has;  /* a bit for each half that leads to a child */
};

struct automaton {
	struct wbuf halves;
	struct wbuf patterns; /* of struct pattern */
	struct state *states;
	size_t state_count, state_room;
};

/* Patterns in order, that begin alike up to a depth: what a state stands for. */
struct range {
	uint32_t from, to, depth;
};

struct automaton *automaton_open(void)
{
	struct automaton *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->halves = wbuf_grow(AUTOMATON_HALVES_MAX);
	a->patterns = wbuf_grow(PATTERNS_MAX * sizeof(struct pattern));
	return a;
}

static struct pattern *patterns(const struct automaton *a)
{
	return (struct pattern *)(void *)a->patterns.ptr;
}

static uint32_t pattern_count(const struct automaton *a)
{
	return (uint32_t)(a->patterns.len / sizeof(struct pattern));
}

enum err automaton_add(struct automaton *a, struct slice halves)
{
	struct pattern p = {.at = (uint32_t)a->halves.len,
			    .len = (uint32_t)halves.len,
			    .next = AUTOMATON_NONE,
			    .number = pattern_count(a)};

	wbuf_put(&a->halves, halves);
	if (!a->halves.err)
		wbuf_put(&a->patterns, slice_make(&p, sizeof(p)));
	return a->halves.err ? a->halves.err : a->patterns.err;
}

static int by_halves(const void *one, const void *other, void *ctx)
{
	const struct pattern *p = one, *q = other;
	const uint8_t *halves = ctx;
	int c = memcmp(halves + p->at, halves + q->at, p->len < q->len ? p->len : q->len);

	return c		       ? c
	       : p->len != q->len      ? (p->len < q->len ? -1 : 1)
	       : p->number < q->number ? -1
				       : 1;
}

/* What ends in a state: of equal patterns all, by their order. */
static uint32_t take_ends(struct automaton *a, const struct pattern *sorted, struct range *r)
{
	uint32_t first = AUTOMATON_NONE, last = AUTOMATON_NONE;

	for (; r->from < r->to && sorted[r->from].len == r->depth; r->from++) {
		uint32_t number = sorted[r->from].number;

		if (last == AUTOMATON_NONE)
			first = number;
		else
			patterns(a)[last].next = number;
		last = number;
	}
	return first;
}

/* The children of state s, one for each half that goes on. */
static void branch(struct automaton *a, uint32_t s, const struct pattern *sorted,
		   struct range *ranges)
{
	struct range r = ranges[s];

	a->states[s].ends = take_ends(a, sorted, &r);
	a->states[s].child = (uint32_t)a->state_count;
	while (r.from < r.to) {
		uint8_t half = a->halves.ptr[sorted[r.from].at + r.depth];
		struct range child = {r.from, r.from, r.depth + 1};

		while (child.to < r.to && a->halves.ptr[sorted[child.to].at + r.depth] == half)
			child.to++;
		r.from = child.to;
		a->states[s].has |= (uint16_t)(1u << half);
		ranges[a->state_count] = child;
		a->states[a->state_count++] = (struct state){.ends = AUTOMATON_NONE};
	}
}

static bool child_of(const struct state *s, uint8_t half, uint32_t *child)
{
	unsigned before = s->has & ((1u << half) - 1);

	if (!(s->has >> half & 1))
		return false;
	*child = s->child + (uint32_t)__builtin_popcount(before);
	return true;
}

uint32_t automaton_step(const struct automaton *a, uint32_t state, uint8_t half)
{
	uint32_t to;

	while (!child_of(&a->states[state], half, &to)) {
		if (!state)
			return 0;
		state = a->states[state].fail;
	}
	return to;
}

/* What ends in the state that this one falls back to ends here too. */
static void link_ends(struct automaton *a, uint32_t s)
{
	uint32_t shorter = a->states[a->states[s].fail].ends, last = a->states[s].ends;

	if (last == AUTOMATON_NONE) {
		a->states[s].ends = shorter;
		return;
	}
	while (patterns(a)[last].next != AUTOMATON_NONE)
		last = patterns(a)[last].next;
	patterns(a)[last].next = shorter;
}

/* States are in the order of their depth: those that one falls back to are done before it. */
static void link_states(struct automaton *a)
{
	for (uint32_t s = 0; s < a->state_count; s++) {
		for (uint8_t half = 0; half < 16; half++) {
			uint32_t child;

			if (!child_of(&a->states[s], half, &child))
				continue;
			a->states[child].fail = s ? automaton_step(a, a->states[s].fail, half) : 0;
			link_ends(a, child);
		}
	}
}

static void wipe_free(void *p, size_t len)
{
	if (p)
		secret_wipe(p, len);
	free(p);
}

enum err automaton_compile(struct automaton *a)
{
	const size_t n = pattern_count(a), most = a->halves.len + 1;
	struct pattern *sorted = malloc((n + 1) * sizeof(*sorted));
	struct range *ranges = malloc(most * sizeof(*ranges));

	a->states = malloc(most * sizeof(*a->states));
	a->state_room = most;
	if (sorted && ranges && a->states) {
		if (n)
			memcpy(sorted, patterns(a), n * sizeof(*sorted));
		qsort_r(sorted, n, sizeof(*sorted), by_halves, a->halves.ptr);
		ranges[0] = (struct range){0, (uint32_t)n, 0};
		a->states[0] = (struct state){.ends = AUTOMATON_NONE};
		a->state_count = 1;
		for (uint32_t s = 0; s < a->state_count; s++)
			branch(a, s, sorted, ranges);
		link_states(a);
	}
	wipe_free(sorted, (n + 1) * sizeof(*sorted));
	wipe_free(ranges, most * sizeof(*ranges));
	return a->state_count ? ERR_OK : ERR_MEMORY;
}

uint32_t automaton_first(const struct automaton *a, uint32_t state)
{
	return a->states[state].ends;
}

uint32_t automaton_next(const struct automaton *a, uint32_t pattern)
{
	return patterns(a)[pattern].next;
}

size_t automaton_len(const struct automaton *a, uint32_t pattern)
{
	return patterns(a)[pattern].len;
}

void automaton_close(struct automaton **a)
{
	struct automaton *mine = *a;

	*a = NULL;
	if (!mine)
		return;
	wbuf_free(&mine->halves);
	wbuf_free(&mine->patterns);
	wipe_free(mine->states, mine->state_room * sizeof(*mine->states));
	free(mine);
}
