#include "lib/trace/search/search.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/trace/search/automaton.h"
#include "lib/trace/search/hashed.h"

#define INFOS_MAX (64u << 20)

/* Of a pattern of the automaton, by its number. */
struct info {
	unsigned needle, number;
	struct search_form form;
	bool aligned;
};

struct search {
	struct automaton *automaton;
	struct wbuf infos;
	struct hashed hashed;
	size_t longest; /* pattern, in octets, or window */
	bool is_ready;	/* a stream was opened */
	enum err err;
	/* of the value that is being added */
	unsigned needle, patterns;
};

/* A piece of a stream: where it begins in it, in octets. */
struct piece {
	uint64_t begin;
	struct trace_place place;
};

struct search_stream {
	struct search *search;
	struct search_sink sink;
	uint32_t state;
	uint64_t octets; /* that were fed */
	struct hashed_window window;
	/* the last pieces, the oldest of which is overwritten: as many as a match may begin in */
	size_t room, count;
	struct piece pieces[];
};

enum err search_open(struct search **out)
{
	struct search *s = calloc(1, sizeof(*s));

	if (!s)
		return ERR_MEMORY;
	s->automaton = automaton_open();
	s->infos = wbuf_grow(INFOS_MAX);
	if (!s->automaton) {
		search_close(&s);
		return ERR_MEMORY;
	}
	*out = s;
	return ERR_OK;
}

static const struct info *info_of(const struct search *s, uint32_t pattern)
{
	return (const struct info *)(const void *)s->infos.ptr + pattern;
}

static void take_longest(struct search *s, size_t octets)
{
	s->longest = octets > s->longest ? octets : s->longest;
}

static void take_pattern(void *ctx, const struct search_pattern *p)
{
	struct search *s = ctx;
	const struct info info = {s->needle, p->number, p->form, p->aligned};

	if (p->weak || s->err)
		return;
	s->patterns++;
	take_longest(s, p->halves.len / 2 + 1);
	s->err = automaton_add(s->automaton, p->halves);
	if (!s->err)
		wbuf_put(&s->infos, slice_make(&info, sizeof(info)));
	if (!s->err)
		s->err = s->infos.err;
}

enum err search_add(struct search *s, const struct search_value *v)
{
	const struct search_pattern_sink sink = {take_pattern, s};
	enum err e;

	s->needle = v->needle;
	s->patterns = 0;
	e = search_forms(v->kind, v->value, &sink);
	return e ? e : s->err ? s->err : s->patterns ? ERR_OK : ERR_VALUE;
}

enum err search_add_hash(struct search *s, const struct search_hash *h)
{
	enum err e = hashed_add(&s->hashed, h);

	if (!e)
		take_longest(s, 2 * h->len);
	return e;
}

bool search_is_complete(const struct search *s)
{
	return !s->hashed.count || !hashed_is_spent(&s->hashed);
}

void search_close(struct search **s)
{
	struct search *mine = *s;

	*s = NULL;
	if (!mine)
		return;
	automaton_close(&mine->automaton);
	wbuf_free(&mine->infos);
	secret_wipe(mine, sizeof(*mine));
	free(mine);
}

enum err search_stream_open(struct search *s, const struct search_sink *sink,
			    struct search_stream **out)
{
	size_t room = s->longest + 1;
	struct search_stream *t;

	if (!s->err && !s->is_ready)
		s->err = automaton_compile(s->automaton);
	s->is_ready = true;
	if (s->err)
		return s->err;
	t = calloc(1, sizeof(*t) + room * sizeof(t->pieces[0]));
	if (!t)
		return ERR_MEMORY;
	t->search = s;
	t->sink = *sink;
	t->room = room;
	*out = t;
	return ERR_OK;
}

/* The piece that has this octet of the stream; it is among the last ones. */
static struct search_spot spot_of(const struct search_stream *t, uint64_t octet)
{
	size_t i = t->count - 1;

	while (t->pieces[i % t->room].begin > octet)
		i--;
	return (struct search_spot){.place = t->pieces[i % t->room].place,
				    .at = (size_t)(octet - t->pieces[i % t->room].begin)};
}

static void give_match(const struct search_stream *t, struct search_match *m)
{
	m->from = spot_of(t, m->begin / 2);
	m->to = spot_of(t, (m->end - 1) / 2);
	t->sink.take(t->sink.ctx, m);
}

/* All that end with the half octet in front of end. */
static void take_ends(const struct search_stream *t, uint64_t end)
{
	const struct automaton *a = t->search->automaton;
	uint32_t p = automaton_first(a, t->state);

	for (; p != AUTOMATON_NONE; p = automaton_next(a, p)) {
		const struct info *info = info_of(t->search, p);
		struct search_match m = {.needle = info->needle,
					 .number = info->number,
					 .form = info->form,
					 .begin = end - automaton_len(a, p),
					 .end = end};

		if (!info->aligned || m.begin % 2 == 0)
			give_match(t, &m);
	}
}

static void take_hashed(void *ctx, const struct hashed_match *h)
{
	const struct search_stream *t = ctx;
	struct search_match m = {.needle = h->needle, .form = h->form, .hashed = true};

	m.end = 2 * t->octets;
	m.begin = m.end - 2 * h->octets;
	give_match(t, &m);
}

void search_feed(struct search_stream *t, struct slice octets, const struct trace_place *place)
{
	const struct hashed_sink hashed = {take_hashed, t};
	struct search *s = t->search;

	if (!octets.len)
		return;
	t->pieces[t->count++ % t->room] = (struct piece){t->octets, *place};
	for (size_t i = 0; i < octets.len; i++) {
		uint8_t octet = slice_at(octets, i);

		t->state = automaton_step(s->automaton, t->state, octet >> 4);
		take_ends(t, 2 * t->octets + 1);
		t->state = automaton_step(s->automaton, t->state, octet & 0xF);
		t->octets++;
		take_ends(t, 2 * t->octets);
		if (s->hashed.count && !hashed_is_spent(&s->hashed))
			hashed_step(&s->hashed, &t->window, octet, &hashed);
	}
}

void search_break(struct search_stream *t)
{
	t->state = 0;
	secret_wipe(&t->window, sizeof(t->window));
}

void search_stream_close(struct search_stream **t)
{
	if (*t)
		secret_wipe(*t, sizeof(**t));
	free(*t);
	*t = NULL;
}
