#include "lib/trace/redact/replace.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/trace/search/search.h"

#define PIECE_MAX   4096
#define MATCHES_MAX (1u << 22)

struct match {
	unsigned needle, number;
	uint64_t begin, end;
	struct search_form form;
};

struct replacer {
	const struct originals *originals;
	struct search *search;
	struct wbuf matches; /* of struct match */
	enum err (*ask)(void *ctx);
	void *ctx;
};

enum err replacer_open(const struct originals *o, struct replacer **out)
{
	struct replacer *r = calloc(1, sizeof(*r));
	enum err e = r ? search_open(&r->search) : ERR_MEMORY;

	for (unsigned i = 0; !e && i < originals_count(o); i++) {
		const struct original *v = originals_at(o, i);
		const struct search_value value = {i, v->how, slice_make(v->value, v->len)};

		e = search_add(r->search, &value);
		e = e == ERR_VALUE ? ERR_OK : e; /* a plain one, which nobody is known by */
	}
	if (e) {
		replacer_close(&r);
		return e;
	}
	r->originals = o;
	r->matches = wbuf_grow(MATCHES_MAX * sizeof(struct match));
	*out = r;
	return ERR_OK;
}

void replacer_ask(struct replacer *r, enum err (*ask)(void *ctx), void *ctx)
{
	r->ask = ask;
	r->ctx = ctx;
}

static enum err ask_on(const struct replacer *r)
{
	return r->ask ? r->ask(r->ctx) : ERR_OK;
}

void replacer_close(struct replacer **r)
{
	if (!*r)
		return;
	search_close(&(*r)->search);
	wbuf_free(&(*r)->matches);
	free(*r);
	*r = NULL;
}

static void keep_match(void *ctx, const struct search_match *m)
{
	struct replacer *r = ctx;
	const struct match kept = {m->needle, m->number, m->begin, m->end, m->form};

	wbuf_put(&r->matches, slice_make(&kept, sizeof(kept)));
}

static enum err find_matches(struct replacer *r, const struct view *v)
{
	static const struct trace_place nowhere;
	const struct search_sink sink = {keep_match, r};
	struct search_stream *t = NULL;
	enum err e = search_stream_open(r->search, &sink, &t);
	uint8_t piece[PIECE_MAX];

	wbuf_reset(&r->matches);
	for (size_t at = 0; !e && at < v->len;) {
		size_t n = 0;

		while (n < sizeof(piece) && at < v->len)
			piece[n++] = view_octet(v, at++);
		search_feed(t, slice_make(piece, n), &nowhere);
		e = ask_on(r);
	}
	search_stream_close(&t);
	secret_wipe(piece, sizeof(piece));
	return e ? e : r->matches.err;
}

/* The shorter first, so that the longer one is whole where they overlap. */
static int by_length(const void *one, const void *other)
{
	const struct match *a = one, *b = other;
	uint64_t m = a->end - a->begin, n = b->end - b->begin;

	return m < n ? -1 : m > n;
}

/* What writes the pattern of one number over a match. */
struct writing {
	struct view *view;
	const struct match *match;
};

static void write_pattern(void *ctx, const struct search_pattern *p)
{
	struct writing *w = ctx;

	if (p->number != w->match->number)
		return;
	for (size_t i = 0; i < p->halves.len; i++)
		view_put(w->view, w->match->begin + i, slice_at(p->halves, i));
}

static enum err apply_matches(struct replacer *r, struct view *v, struct replaced *out)
{
	struct match *list = (struct match *)(void *)r->matches.ptr;
	size_t n = r->matches.len / sizeof(*list);
	enum err e = ERR_OK;

	if (n)
		qsort(list, n, sizeof(*list), by_length);
	for (size_t i = 0; !e && i < n; i++) {
		const struct original *o = originals_at(r->originals, list[i].needle);
		struct writing w = {v, &list[i]};
		const struct search_pattern_sink sink = {write_pattern, &w};

		e = search_forms(o->how, slice_make(o->standin, o->len), &sink);
		if (out)
			out->kinds[o->kind]++;
	}
	return e;
}

/* A stand-in that stands where it was put is a match when it equals its original. */
static bool is_itself(const struct original *o)
{
	return memcmp(o->value, o->standin, o->len) == 0;
}

static bool has_matches(const struct replacer *r)
{
	const struct match *list = (const struct match *)(const void *)r->matches.ptr;

	for (size_t i = 0; i < r->matches.len / sizeof(*list); i++) {
		if (!is_itself(originals_at(r->originals, list[i].needle)))
			return true;
	}
	return false;
}

/* Whether the window begins at octet i. */
static bool is_window(const struct view *v, size_t i, const struct original_place *p)
{
	if (v->len - i < p->window_len)
		return false;
	for (size_t k = 0; k < p->window_len; k++) {
		if (view_octet(v, i + k) != p->window[k])
			return false;
	}
	return true;
}

/* In the first view that has it there. */
static bool find_place(const struct replace_views *views, const struct original_place *p,
		       struct view **view, size_t *at)
{
	struct replace_bounds bounds;

	views->bounds(views->ctx, p->from, p->to, &bounds);
	for (size_t i = 0; i < views->count; i++) {
		struct view *v = &views->list[i];

		for (size_t k = v->whole ? v->len : view_from(v, bounds.from);
		     k < v->len && view_at(v, k) < bounds.to; k++) {
			if (is_window(v, k, p)) {
				*view = v;
				*at = k + p->at;
				return true;
			}
		}
	}
	return false;
}

/* Where a place was found. */
struct spot {
	struct view *view; /* NULL: nowhere */
	size_t at;
};

static enum err find_places(const struct replacer *r, const struct replace_views *views,
			    struct replaced *out, struct spot **found)
{
	const unsigned n = originals_places(r->originals);
	struct spot *spots = calloc(n ? n : 1, sizeof(*spots));
	enum err e = spots ? ERR_OK : ERR_MEMORY;

	for (unsigned i = 0; !e && i < n; i++) {
		const struct original_place *p = originals_place(r->originals, i);

		if (find_place(views, p, &spots[i].view, &spots[i].at))
			out->kinds[p->kind]++;
		else
			out->missed++;
		e = ask_on(r);
	}
	*found = spots;
	return e;
}

static void write_places(const struct replacer *r, const struct spot *spots)
{
	for (unsigned i = 0; i < originals_places(r->originals); i++) {
		const struct original_place *p = originals_place(r->originals, i);

		for (size_t k = 0; spots[i].view && k < p->len; k++) {
			view_put(spots[i].view, 2 * (spots[i].at + k), p->standin[k] >> 4);
			view_put(spots[i].view, 2 * (spots[i].at + k) + 1, p->standin[k] & 0xF);
		}
	}
}

/* Until none is left: a stand-in may complete what is an original by chance. */
static enum err replace_values(struct replacer *r, const struct replace_views *views,
			       struct replaced *out)
{
	enum err e = ERR_OK;
	bool again = true;

	for (unsigned round = 0; !e && again && round < REPLACE_ROUNDS_MAX; round++) {
		again = false;
		for (size_t i = 0; !e && i < views->count; i++) {
			e = find_matches(r, &views->list[i]);
			again = again || has_matches(r);
			if (!e)
				e = apply_matches(r, &views->list[i], round ? NULL : out);
		}
	}
	return e;
}

enum err replace_all(struct replacer *r, const struct replace_views *views, struct replaced *out)
{
	/* their windows are of the trace as it was; what is in a longer value is written last */
	struct spot *spots = NULL;
	enum err e = find_places(r, views, out, &spots);

	if (!e)
		e = replace_values(r, views, out);
	if (!e) {
		write_places(r, spots);
		e = replace_values(r, views, NULL);
	}
	free(spots);
	return e;
}

static bool is_long(const struct match *m, const struct original *o)
{
	return m->end - m->begin >= 2 * REPLACE_LONG &&
	       (o->how != SEARCH_OCTETS || o->len >= REPLACE_LONG);
}

enum err replace_find(struct replacer *r, const struct view *v, bool only_long,
		      struct replace_left *left, bool *found)
{
	enum err e = find_matches(r, v);
	const struct match *list = (const struct match *)(const void *)r->matches.ptr;

	*found = false;
	for (size_t i = 0; !e && i < r->matches.len / sizeof(*list); i++) {
		const struct original *o = originals_at(r->originals, list[i].needle);

		if (is_itself(o) || (only_long && !is_long(&list[i], o)))
			continue;
		*found = true;
		*left = (struct replace_left){o->kind, list[i].form, view_at(v, list[i].begin / 2)};
		break;
	}
	return e;
}
