#include "lib/trace/seal/judge.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/bytes.h"

/*
 * Runs that follow each other in the chain, wherever they stand, are one thread. Of the threads the
 * recorder's are chosen: they share no number. What no thread has is missing, or stands changed in
 * its place; what is not chosen was put there.
 */
struct thread {
	size_t head, tail; /* runs */
	uint64_t first, last, offset;
	bool closed;
};

struct judge {
	struct runs *r;
	size_t *by_number; /* the intact runs, by their first number */
	struct thread *threads, *chosen;
	size_t intact, thread_count, chosen_count;
	struct seal_fault *faults;
	size_t fault_count, fault_cap;
	enum err err;
};

static void add_fault(struct judge *j, enum seal_fault_kind kind, uint64_t first, uint64_t last,
		      uint64_t offset)
{
	if (j->fault_count == j->fault_cap) {
		size_t cap = j->fault_cap ? 2 * j->fault_cap : 16;
		struct seal_fault *more = realloc(j->faults, cap * sizeof(*more));

		if (!more) {
			j->err = ERR_MEMORY;
			return;
		}
		j->faults = more;
		j->fault_cap = cap;
	}
	j->faults[j->fault_count++] = (struct seal_fault){kind, first, last, offset};
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_first(const void *a, const void *b, void *runs)
{
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const struct run *r = runs;
	int c = order(r[x].first, r[y].first);

	return c ? c : order(x, y);
}

static bool links(const struct run *a, const struct run *b)
{
	return !a->closed && a->last + 1 == b->first && memcmp(a->tag, b->before, SHA256_LEN) == 0;
}

/* The thread that the run goes on with: of several the longest. NULL: none, it begins one. */
static struct thread *find_thread(struct judge *j, const struct run *run)
{
	struct thread *found = NULL;

	for (size_t i = 0; i < j->thread_count; i++) {
		struct thread *t = &j->threads[i];

		if (links(&j->r->items[t->tail], run) &&
		    (!found || t->last - t->first > found->last - found->first))
			found = t;
	}
	return found;
}

static void make_threads(struct judge *j)
{
	struct run *runs = j->r->items;

	for (size_t i = 0; i < j->r->count; i++) {
		if (runs[i].intact)
			j->by_number[j->intact++] = i;
	}
	qsort_r(j->by_number, j->intact, sizeof(*j->by_number), by_first, runs);
	for (size_t i = 0; i < j->intact; i++) {
		const size_t at = j->by_number[i];
		struct thread *t = find_thread(j, &runs[at]);

		runs[at].next = RUN_NONE;
		if (t) {
			runs[t->tail].next = at;
		} else {
			t = &j->threads[j->thread_count++];
			t->head = at;
			t->first = runs[at].first;
			t->offset = runs[at].offset;
		}
		t->tail = at;
		t->last = runs[at].last;
		t->closed = runs[at].closed;
	}
}

enum { HAS_END = 1, HAS_BEGINNING = 2, HAS_BOTH = 3 };

static uint64_t ends_of(const struct thread *t)
{
	return (t->first == 0 ? HAS_BEGINNING : 0u) + (t->closed ? HAS_END : 0u);
}

/*
 * What a thread has for it: beginning and end, the beginning, the end; then its length; then its
 * place. Of two whole traces the first is the one: the other was put behind or into it.
 */
static int by_weight(const void *a, const void *b)
{
	const struct thread *x = a, *y = b;
	int c = order(ends_of(y), ends_of(x));

	if (!c && ends_of(x) != HAS_BOTH)
		c = order(y->last - y->first, x->last - x->first);
	return c ? c : order(x->offset, y->offset);
}

static int by_place_in_chain(const void *a, const void *b)
{
	return order(((const struct thread *)a)->first, ((const struct thread *)b)->first);
}

/* Whether both can be the recorder's: something is missing between them, and they are in order. */
static bool go_together(const struct thread *a, const struct thread *b)
{
	const struct thread *front = a->first < b->first ? a : b, *back = front == a ? b : a;

	return front->last < back->first && back->first - front->last > 1 && !front->closed &&
	       front->offset < back->offset;
}

static void choose_threads(struct judge *j)
{
	qsort(j->threads, j->thread_count, sizeof(*j->threads), by_weight);
	for (size_t i = 0; i < j->thread_count; i++) {
		bool fits = true;

		for (size_t k = 0; k < j->chosen_count; k++)
			fits = fits && go_together(&j->threads[i], &j->chosen[k]);
		if (!fits)
			continue;
		j->chosen[j->chosen_count++] = j->threads[i];
		for (size_t at = j->threads[i].head; at != RUN_NONE; at = j->r->items[at].next)
			j->r->items[at].chosen = true;
	}
	qsort(j->chosen, j->chosen_count, sizeof(*j->chosen), by_place_in_chain);
}

/* Of the runs chosen, those in order that have the most records stay; the others have moved. */
static enum err find_moved(struct judge *j)
{
	const size_t n = j->r->count;
	struct run *runs = j->r->items;
	uint64_t *weight = calloc(n + 1, sizeof(*weight));
	size_t *before = calloc(n + 1, sizeof(*before)), best = RUN_NONE;

	for (size_t i = 0; weight && before && i < n; i++) {
		before[i] = RUN_NONE;
		if (!runs[i].chosen)
			continue;
		for (size_t k = 0; k < i; k++) {
			if (runs[k].chosen && runs[k].last < runs[i].first &&
			    weight[k] > weight[i]) {
				weight[i] = weight[k];
				before[i] = k;
			}
		}
		weight[i] += runs[i].last - runs[i].first + 1;
		if (best == RUN_NONE || weight[i] > weight[best])
			best = i;
	}
	for (; weight && before && best != RUN_NONE; best = before[best])
		runs[best].in_place = true;
	for (size_t i = 0; i < n; i++) {
		if (runs[i].chosen && !runs[i].in_place)
			add_fault(j, SEAL_MOVED, runs[i].first, runs[i].last, runs[i].offset);
	}
	free(weight);
	free(before);
	return weight && before ? ERR_OK : ERR_MEMORY;
}

/*
 * Between two threads: the records from `first` to `last` that none has, and what stands in the
 * file between those that are in their place before and behind.
 */
struct gap {
	uint64_t first, last;
	size_t from, to; /* runs: from the first that is behind, up to the first that is beyond */
	uint64_t offset; /* where that begins */
};

static struct gap find_gap(const struct judge *j, uint64_t first, uint64_t last)
{
	const struct run *runs = j->r->items;
	struct gap g = {first, last, 0, j->r->count, 0};

	for (size_t i = 0; i < j->r->count; i++) {
		if (runs[i].in_place && runs[i].last < first) {
			g.from = i + 1;
			g.offset = runs[i].end;
		}
		if (runs[i].in_place && runs[i].first > last) {
			g.to = i;
			break;
		}
	}
	return g;
}

/* What stands there and is not chosen stands for what is missing, one after the other. */
static void fill_gap(struct judge *j, struct gap g, bool open)
{
	uint64_t next = g.first, offset = g.offset;

	for (size_t i = g.from; i < g.to && next <= g.last; i++) {
		struct run *run = &j->r->items[i];
		uint64_t n = run->last, left = g.last - next + 1;

		if (run->chosen || (run->intact && (run->first < next || run->last > g.last)))
			continue;
		if (run->intact) {
			if (run->first > next)
				add_fault(j, SEAL_REMOVED, next, run->first - 1, offset);
			next = run->first;
			n = run->last - run->first + 1;
		} else if (n > left) {
			n = left;
		}
		add_fault(j, SEAL_CHANGED, next, next + n - 1, run->offset);
		run->told = true;
		next += n;
		offset = run->end;
	}
	if (next <= g.last && !open)
		add_fault(j, SEAL_REMOVED, next, g.last, offset);
}

static void find_gaps(struct judge *j)
{
	const struct thread *t = j->chosen;
	uint64_t next = 0;

	for (size_t i = 0; i < j->chosen_count; i++, t++) {
		if (t->first > next)
			fill_gap(j, find_gap(j, next, t->first - 1), false);
		next = t->last + 1;
	}
	if (!j->chosen_count || !t[-1].closed)
		fill_gap(j, find_gap(j, next, UINT64_MAX - 1), true);
}

/* The record in front of which what stands before run `at` was put. */
static uint64_t record_behind(const struct judge *j, size_t at)
{
	for (; at < j->r->count; at++) {
		if (j->r->items[at].in_place)
			return j->r->items[at].first;
	}
	return j->chosen_count ? j->chosen[j->chosen_count - 1].last + 1 : 0;
}

static void find_inserted(struct judge *j, uint64_t cut_at, size_t cut, bool closed)
{
	for (size_t i = 0; i < j->r->count; i++) {
		const struct run *run = &j->r->items[i];

		if (!run->chosen && !run->told) {
			const uint64_t n = record_behind(j, i);

			add_fault(j, SEAL_INSERTED, n, n, run->offset);
		}
	}
	if (cut && closed)
		add_fault(j, SEAL_INSERTED, record_behind(j, j->r->count),
			  record_behind(j, j->r->count), cut_at);
	if (j->r->full)
		add_fault(j, SEAL_MANY, record_behind(j, j->r->count),
			  record_behind(j, j->r->count), j->r->full_offset);
}

static void find_signatures(struct judge *j, struct seal_verdict *v)
{
	for (size_t i = 0; i < j->intact; i++) {
		const struct run *run = &j->r->items[j->by_number[i]];

		if (!run->chosen)
			continue;
		if (run->unsigned_.is)
			add_fault(j, SEAL_UNSIGNED, run->unsigned_.first, run->unsigned_.last,
				  run->unsigned_.offset);
		if (run->false_.is)
			add_fault(j, SEAL_FALSE, run->false_.first, run->false_.last,
				  run->false_.offset);
		if (!run->is_signed)
			continue;
		if (v->is_signed && memcmp(v->point, run->point, sizeof(v->point)) != 0) {
			add_fault(j, SEAL_FALSE, run->first, run->signed_to, run->offset);
			continue;
		}
		memcpy(v->point, run->point, sizeof(v->point));
		v->is_signed = true;
		v->signed_to = run->signed_to;
	}
}

static int by_offset(const void *a, const void *b)
{
	const struct seal_fault *x = a, *y = b;
	int c = order(x->offset, y->offset);

	return c ? c : order(x->first, y->first);
}

static enum err find_all(struct judge *j, struct seal_verdict *v)
{
	const struct run *runs = j->r->items;
	const uint64_t end = j->r->count ? runs[j->r->count - 1].end : 0;
	enum err e;

	make_threads(j);
	choose_threads(j);
	e = find_moved(j);
	if (e)
		return e;
	for (size_t i = 0; i < j->chosen_count; i++) {
		v->records += j->chosen[i].last - j->chosen[i].first + 1;
		v->last = j->chosen[i].last;
		v->closed = j->chosen[i].closed;
	}
	find_signatures(j, v);
	find_gaps(j);
	find_inserted(j, end, v->cut, v->closed);
	return j->err;
}

enum err judge_runs(struct runs *r, const struct seal_sink *sink, struct seal_verdict *out)
{
	struct judge j = {.r = r,
			  .by_number = calloc(r->count + 1, sizeof(*j.by_number)),
			  .threads = calloc(r->count + 1, sizeof(*j.threads)),
			  .chosen = calloc(r->count + 1, sizeof(*j.chosen))};
	enum err e = j.by_number && j.threads && j.chosen ? ERR_OK : ERR_MEMORY;

	out->sealed = r->sealed;
	if (!e && r->sealed)
		e = find_all(&j, out);
	if (!e && j.fault_count)
		qsort(j.faults, j.fault_count, sizeof(*j.faults), by_offset);
	for (size_t i = 0; !e && sink && i < j.fault_count; i++)
		sink->take(sink->ctx, &j.faults[i]);
	out->faults = j.fault_count;
	free(j.by_number);
	free(j.threads);
	free(j.chosen);
	free(j.faults);
	return e;
}
