#include "lib/trace/redact/originals.h"

#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"

#define LONG_OCTETS	8 /* of so many each may be whatever it is */
#define LONG_VARIED_MIN 4
#define VARIED_MIN	3 /* different octets that fewer must have */
#define ROUNDS_MAX	8

struct originals {
	struct standin_maker maker;
	struct wbuf values; /* of struct original * */
	struct wbuf places; /* of struct original_place * */
	void *known;	    /* a tree of the values */
	enum err err;
};

struct originals *originals_open(const struct standin_maker *maker)
{
	struct originals *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->maker = *maker;
	o->values = wbuf_grow(ORIGINALS_MAX * sizeof(void *));
	o->places = wbuf_grow(ORIGINALS_MAX * sizeof(void *));
	return o;
}

static int by_value(const void *one, const void *other)
{
	const struct original *a = one, *b = other;

	if (a->how != b->how)
		return a->how < b->how ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->value, b->value, a->len);
}

static void leave_alone(void *nothing)
{
	(void)nothing;
}

unsigned originals_count(const struct originals *o)
{
	return (unsigned)(o->values.len / sizeof(void *));
}

unsigned originals_places(const struct originals *o)
{
	return (unsigned)(o->places.len / sizeof(void *));
}

static void *entry(const struct wbuf *list, unsigned i)
{
	void *p;

	memcpy(&p, list->ptr + i * sizeof(p), sizeof(p));
	return p;
}

const struct original *originals_at(const struct originals *o, unsigned i)
{
	return entry(&o->values, i);
}

const struct original_place *originals_place(const struct originals *o, unsigned i)
{
	return entry(&o->places, i);
}

void originals_close(struct originals **o)
{
	struct originals *mine = *o;

	*o = NULL;
	if (!mine)
		return;
	tdestroy(mine->known, leave_alone);
	for (unsigned i = 0; i < originals_count(mine); i++)
		secret_block_free(entry(&mine->values, i));
	for (unsigned i = 0; i < originals_places(mine); i++)
		secret_block_free(entry(&mine->places, i));
	wbuf_free(&mine->values);
	wbuf_free(&mine->places);
	free(mine);
}

enum err originals_done(const struct originals *o)
{
	return o->err ? o->err : o->values.err ? o->values.err : o->places.err;
}

static void note_failure(struct originals *o, enum err e)
{
	o->err = o->err ? o->err : e;
}

static bool is_only(struct slice s, uint8_t octet)
{
	for (size_t i = 0; i < s.len; i++) {
		if (slice_at(s, i) != octet)
			return false;
	}
	return true;
}

static unsigned different_octets(struct slice s)
{
	bool seen[256] = {false};
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++) {
		n += !seen[slice_at(s, i)];
		seen[slice_at(s, i)] = true;
	}
	return n;
}

/* An address, or a name that somebody was given: no word that stands in any text. */
static bool is_unlike_words(struct slice text)
{
	bool digit = false, dotted = false;

	for (size_t i = 0; i < text.len; i++) {
		digit = digit || isdigit(slice_at(text, i));
		dotted = dotted || slice_at(text, i) == '.' || slice_at(text, i) == '@';
	}
	return dotted ||
	       (digit && text.len >= LONG_OCTETS && different_octets(text) >= LONG_VARIED_MIN);
}

/* Whether it is found by its value, and nothing else is. */
static bool is_telling(const struct original_found *f)
{
	if (f->only_there)
		return false;
	switch (f->how) {
	case SEARCH_OCTETS:
		return f->value.len >= SEARCH_OCTETS_MIN &&
		       different_octets(f->value) >=
			       (f->value.len < LONG_OCTETS ? VARIED_MIN : LONG_VARIED_MIN);
	case SEARCH_DIGITS:
		return f->value.len >= SEARCH_DIGITS_MIN && different_octets(f->value) > 1;
	case SEARCH_TEXT: return f->value.len >= SEARCH_TEXT_MIN && is_unlike_words(f->value);
	case SEARCH_CODE: return f->value.len >= SEARCH_CODE_MIN;
	}
	return false;
}

/* The first stand-in that is no original itself, nor its own original. */
static void make_standin(struct originals *o, struct original *v)
{
	const struct slice value = slice_make(v->value, v->len);
	struct original other = *v;
	unsigned round = 0;
	enum err e;

	do {
		e = standin_make(&o->maker, v->as, value, round++, v->standin);
		memcpy(other.value, v->standin, v->len);
	} while (!e && round < ROUNDS_MAX && v->as != STANDIN_SECRET &&
		 tfind(&other, &o->known, by_value));
	secret_wipe(&other, sizeof(other));
	if (e)
		note_failure(o, e);
}

static void take_original(struct originals *o, const struct original_found *f)
{
	struct original *v = calloc(1, sizeof(*v));
	struct original **known;

	if (!v) {
		note_failure(o, ERR_MEMORY);
		return;
	}
	v->kind = f->kind;
	v->how = f->how;
	v->as = f->as;
	v->len = f->value.len;
	memcpy(v->value, f->value.ptr, f->value.len);
	known = tsearch(v, &o->known, by_value);
	if (!known)
		note_failure(o, ERR_MEMORY);
	if (!known || *known != v) {
		secret_block_free(v);
		return;
	}
	wbuf_put(&o->values, slice_make(&v, sizeof(v)));
	make_standin(o, v);
}

static void take_place(struct originals *o, const struct original_found *f)
{
	size_t at = (size_t)(f->raw.ptr - f->data.ptr);
	size_t before = at < ORIGINAL_AROUND ? at : ORIGINAL_AROUND;
	struct slice window =
		slice_sub(f->data, at - before, before + f->raw.len + ORIGINAL_AROUND);
	struct original_place *p = calloc(1, sizeof(*p));

	if (!p) {
		note_failure(o, ERR_MEMORY);
		return;
	}
	p->kind = f->kind;
	p->from = f->from;
	p->to = f->to;
	p->at = before;
	p->len = f->raw.len;
	p->window_len = window.len;
	memcpy(p->window, window.ptr, window.len);
	note_failure(o, standin_make(&o->maker, f->how == SEARCH_DIGITS ? STANDIN_BCD : f->as,
				     f->raw, 0, p->standin));
	wbuf_put(&o->places, slice_make(&p, sizeof(p)));
}

static bool is_inside(struct slice inner, struct slice outer)
{
	return inner.len && outer.len && inner.ptr >= outer.ptr &&
	       inner.ptr + inner.len <= outer.ptr + outer.len;
}

/* One that is longer than any pattern, in pieces of about the same length. */
static void take_pieces(struct originals *o, const struct original_found *f)
{
	const size_t n = (f->value.len + STANDIN_VALUE_MAX - 1) / STANDIN_VALUE_MAX;
	struct original_found piece = *f;

	if (f->as != STANDIN_TEXT && f->as != STANDIN_SECRET && f->as != STANDIN_BCD)
		piece.as = STANDIN_OCTETS;
	for (size_t i = 0; i < n; i++) {
		size_t from = i * f->value.len / n, to = (i + 1) * f->value.len / n;

		piece.value = slice_sub(f->value, from, to - from);
		if (f->raw.len == f->value.len)
			piece.raw = slice_sub(f->raw, from, to - from);
		originals_take(o, &piece);
	}
}

void originals_take(struct originals *o, const struct original_found *f)
{
	if (is_only(f->value, 0) || is_only(f->value, 0xFF))
		return;
	if (f->value.len > STANDIN_VALUE_MAX)
		take_pieces(o, f);
	else if (is_telling(f))
		take_original(o, f);
	else if (is_inside(f->raw, f->data) && f->raw.len <= STANDIN_VALUE_MAX)
		take_place(o, f);
	else if (f->raw.len > STANDIN_VALUE_MAX)
		note_failure(o, ERR_SPACE);
}
