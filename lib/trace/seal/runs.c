#include "lib/trace/seal/runs.h"

#include <stdlib.h>
#include <string.h>

#define CAP_FIRST 8

/* A new run at the end; *out NULL: there are too many. */
static enum err add_run(struct runs *r, uint64_t offset, struct run **out)
{
	*out = NULL;
	if (r->full)
		return ERR_OK;
	if (r->count == RUNS_MAX) {
		r->full = true;
		r->full_offset = offset;
		return ERR_OK;
	}
	if (r->count == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : CAP_FIRST;
		struct run *items = realloc(r->items, cap * sizeof(*items));

		if (!items)
			return ERR_MEMORY;
		r->items = items;
		r->cap = cap;
	}
	*out = &r->items[r->count++];
	**out = (struct run){.offset = offset};
	return ERR_OK;
}

/* Behind what is not intact, more of it. */
static enum err add_broken(struct runs *r, uint64_t offset, size_t n, uint64_t blocks)
{
	struct run *last = r->count ? &r->items[r->count - 1] : NULL;
	enum err e = ERR_OK;

	if (!last || last->intact || r->full)
		e = add_run(r, offset, &last);
	if (!e && last) {
		last->last += blocks;
		last->end = offset + n;
	}
	return e;
}

enum err runs_take_octets(struct runs *r, uint64_t offset, size_t n, bool again)
{
	return add_broken(r, offset, n, again ? 0 : 1);
}

/*
 * Whether the run before it ends where an earlier one ended: records stand there twice, and what
 * follows goes on with either.
 */
static bool is_repeated(const struct runs *r, const struct run *last)
{
	for (const struct run *i = r->items; i < last; i++) {
		if (i->intact && memcmp(i->tag, last->tag, SHA256_LEN) == 0)
			return true;
	}
	return false;
}

static bool goes_on(const struct runs *r, const struct seal *s)
{
	const struct run *last = r->count && !r->full ? &r->items[r->count - 1] : NULL;

	return last && last->intact && !last->closed && s->number == last->last + 1 &&
	       slice_equal(s->before, SLICE_OF(last->tag)) && !is_repeated(r, last);
}

static void note_fault(struct run_fault *f, uint64_t first, uint64_t last, uint64_t offset)
{
	if (!f->is)
		*f = (struct run_fault){true, first, last, offset};
	f->last = last;
}

static void note_signature(struct run *run, uint64_t offset, const struct seal_signature *s)
{
	const uint64_t from = run->is_signed ? run->signed_to + 1 : run->first;

	if (!s->good || (run->is_signed && !slice_equal(s->point, SLICE_OF(run->point)))) {
		note_fault(&run->false_, from, run->last, offset);
		return;
	}
	memcpy(run->point, s->point.ptr, sizeof(run->point));
	run->is_signed = true;
	run->signed_to = run->last;
	run->closed = s->last;
}

/* A block with a seal. By itself: those without one need no room for it. */
__attribute__((noinline)) static enum err take_sealed(struct runs *r, uint64_t offset, struct slice block)
{
	struct seal_signature signature;
	struct run *run = NULL;
	bool sealed, is_signature;
	struct seal s;
	enum err e = seal_read(block, &s, &sealed);

	if (e)
		return e;
	if (!s.intact)
		return add_broken(r, offset, block.len, 1);
	if (goes_on(r, &s)) {
		run = &r->items[r->count - 1];
	} else {
		e = add_run(r, offset, &run);
		if (e || !run)
			return e;
		run->intact = true;
		run->first = s.number;
		memcpy(run->before, s.before.ptr, SHA256_LEN);
	}
	run->last = s.number;
	run->end = offset + block.len;
	memcpy(run->tag, s.tag.ptr, SHA256_LEN);
	e = seal_read_signature(block, &s, &signature, &is_signature);
	if (!e && is_signature)
		note_signature(run, offset, &signature);
	else if (!e && s.number % SEAL_EVERY == 1)
		note_fault(&run->unsigned_, s.number, s.number, offset);
	return e;
}

enum err runs_take_block(struct runs *r, uint64_t offset, struct slice block)
{
	if (!seal_is_in(block))
		return add_broken(r, offset, block.len, 1);
	r->sealed = true;
	return take_sealed(r, offset, block);
}

void runs_free(struct runs *r)
{
	free(r->items);
	*r = (struct runs){0};
}
