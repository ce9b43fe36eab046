#include "lib/trace/diff/diff.h"

#include <stdlib.h>

#include "lib/trace/diff/align.h"
#include "lib/trace/diff/side.h"

/* The entries of a side that are aligned, card by card. */
struct order {
	const struct entry **entries;
	uint32_t *meanings;
	uint32_t count;
};

struct run {
	struct diff_sink sink;
	struct comparer *comparer;
	struct order a, b;
	struct alignment al;
};

bool diff_is_real(enum diff_kind kind)
{
	return kind <= DIFF_CHANGED;
}

static bool has_kind(const struct side *s, enum trace_kind kind)
{
	for (size_t i = 0; i < side_count(s); i++) {
		if (side_entry(s, i)->kind == kind)
			return true;
	}
	return false;
}

static void say_whole(const struct diff_sink *sink, enum diff_kind kind, const struct entry *a,
		      const struct entry *b)
{
	static const char *const why[] = {[DIFF_FORM] = "the other trace records none of these"};
	const struct difference d = {.kind = kind,
				     .a = a,
				     .b = b,
				     .where = "",
				     .keys = "",
				     .why = kind == DIFF_FORM ? why[kind] : NULL};

	sink->take(sink->ctx, &d);
}

/* What kinds of events the other side has none of: told at once. */
struct lacks {
	bool kind[TRACE_FAULT + 1];
};

static void add_card(const struct side *s, unsigned card, const struct lacks *lacks,
		     struct order *out)
{
	for (size_t i = 0; i < side_count(s); i++) {
		const struct entry *e = side_entry(s, i);

		if (e->card != card || lacks->kind[e->kind])
			continue;
		out->meanings[out->count] = e->meaning;
		out->entries[out->count++] = e;
	}
}

static unsigned cards_of(const struct side *s)
{
	unsigned most = 0;

	for (size_t i = 0; i < side_count(s); i++)
		most = side_entry(s, i)->card >= most ? side_entry(s, i)->card + 1 : most;
	return most;
}

static enum err make_order(const struct side *s, const struct lacks *lacks, struct order *out)
{
	size_t n = side_count(s) + 1;

	if (n > ALIGN_MOST)
		return ERR_SPACE;
	out->entries = calloc(n, sizeof(*out->entries));
	out->meanings = calloc(n, sizeof(*out->meanings));
	if (!out->entries || !out->meanings)
		return ERR_MEMORY;
	for (unsigned card = 0; card < cards_of(s); card++)
		add_card(s, card, lacks, out);
	return ERR_OK;
}

/* Events of side that the other one never has */
static void say_lacking(const struct run *r, const struct side *s, const struct lacks *lacks,
			bool is_a)
{
	for (size_t i = 0; i < side_count(s); i++) {
		const struct entry *e = side_entry(s, i);

		if (lacks->kind[e->kind])
			say_whole(&r->sink, DIFF_FORM, is_a ? e : NULL, is_a ? NULL : e);
	}
}

static struct lacks find_lacking(const struct side *own, const struct side *other)
{
	static const enum trace_kind kinds[] = {TRACE_RESET, TRACE_PPS, TRACE_REMOVED};
	struct lacks out = {0};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		out.kind[kinds[i]] = has_kind(own, kinds[i]) && !has_kind(other, kinds[i]);
	return out;
}

static void say_added(const struct run *r, uint32_t from, uint32_t to)
{
	for (; from < to; from++) {
		if (r->al.moved_b[from] == ALIGN_NONE)
			say_whole(&r->sink, DIFF_ADDED, NULL, r->b.entries[from]);
	}
}

static enum err say_moved(const struct run *r, uint32_t i)
{
	const struct entry *a = r->a.entries[i], *b = r->b.entries[r->al.moved_a[i]];

	say_whole(&r->sink, DIFF_MOVED, a, b);
	return comparer_compare(r->comparer, a, b);
}

static enum err say_all(const struct run *r)
{
	uint32_t k = 0; /* of the second, told so far */
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < r->a.count && !e; i++) {
		uint32_t partner = r->al.of_a[i];

		if (partner != ALIGN_NONE) {
			say_added(r, k, partner);
			k = partner + 1;
			e = comparer_compare(r->comparer, r->a.entries[i], r->b.entries[partner]);
		} else if (r->al.moved_a[i] != ALIGN_NONE) {
			e = say_moved(r, i);
		} else {
			say_whole(&r->sink, DIFF_REMOVED, r->a.entries[i], NULL);
		}
	}
	if (!e)
		say_added(r, k, r->b.count);
	return e;
}

static void free_order(struct order *o)
{
	free(o->entries);
	free(o->meanings);
}

enum err diff_sides(const struct pool *pool, const struct side *a, const struct side *b,
		    const struct diff_sink *sink)
{
	struct run r = {.sink = *sink};
	const struct lacks only_a = find_lacking(a, b), only_b = find_lacking(b, a);
	enum err e;

	r.comparer = comparer_open(pool, sink);
	e = r.comparer ? make_order(a, &only_a, &r.a) : ERR_MEMORY;
	if (!e)
		e = make_order(b, &only_b, &r.b);
	if (!e)
		e = align((struct sequence){r.a.meanings, r.a.count},
			  (struct sequence){r.b.meanings, r.b.count}, &r.al);
	if (!e) {
		say_lacking(&r, a, &only_a, true);
		say_lacking(&r, b, &only_b, false);
		e = say_all(&r);
	}
	alignment_free(&r.al);
	free_order(&r.a);
	free_order(&r.b);
	comparer_close(&r.comparer);
	return e;
}
