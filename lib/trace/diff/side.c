#include "lib/trace/diff/side.h"

#include <stdlib.h>
#include <string.h>

#include "lib/trace/decode/decode.h"
#include "lib/trace/diff/leaves.h"
#include "lib/trace/diff/meaning.h"
#include "lib/trace/diff/pool.h"

#define FIRST_CAP   256
#define ENTRY_MAX   (64u << 20) /* octets of an item's tree */
#define LABEL_PARTS 4

struct side {
	struct pool *pool;
	struct entry *entries;
	size_t count, cap;
	struct wbuf work;
	enum err err;
};

struct side *side_open(struct pool *pool)
{
	struct side *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->pool = pool;
	s->work = wbuf_grow(ENTRY_MAX);
	return s;
}

static struct entry *add_entry(struct side *s)
{
	if (s->count == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : FIRST_CAP;
		struct entry *more = realloc(s->entries, cap * sizeof(*more));

		if (!more)
			return NULL;
		s->entries = more;
		s->cap = cap;
	}
	return &s->entries[s->count];
}

/* What has been written to s->work, and that is empty again. */
static uint32_t keep_work(struct side *s)
{
	uint32_t number = 0;

	if (!s->err)
		s->err = wbuf_done(&s->work);
	if (!s->err)
		s->err = pool_keep(s->pool, wbuf_slice(&s->work), &number);
	wbuf_reset(&s->work);
	return number;
}

static void put_label(struct wbuf *w, const char *text)
{
	wbuf_put(w, slice_make(text, strlen(text) + 1));
}

static uint32_t keep_label(struct side *s, const struct decode_item *item)
{
	put_label(&s->work, item->name);
	put_label(&s->work, item->event ? "" : item->view.path);
	put_label(&s->work, item->what);
	put_label(&s->work, item->status);
	return keep_work(s);
}

static void tell_event(const struct trace_event *e, const struct tree *t)
{
	static const char *const names[][2] = {
		[TRACE_RESET] = {"atr", "ATR"}, [TRACE_PPS] = {"response", "Response"}};

	if (e->kind == TRACE_REMOVED)
		return;
	if (e->command.len) {
		t->open(t->ctx, &(struct tree_node){
					.key = "request", .name = "Request", .raw = e->command});
		t->close(t->ctx);
	}
	t->open(t->ctx, &(struct tree_node){.key = names[e->kind][0],
					    .name = names[e->kind][1],
					    .raw = e->response});
	t->close(t->ctx);
}

static uint32_t keep_tree(struct side *s, const struct decode_item *item)
{
	struct tree t = leaves_writer(&s->work);

	if (item->event)
		tell_event(item->event, &t);
	else
		decode_tell(item, &t);
	return keep_work(s);
}

static void fill_exchange(const struct exchange *x, struct entry *out)
{
	out->card = x->card;
	out->first = x->first;
	out->last = x->last;
	out->pieces = x->pieces;
	out->blocks = x->blocks;
	out->cla = x->apdu.cla;
	out->p1 = x->apdu.p1;
	out->p2 = x->apdu.p2;
	out->has_sw = x->has_sw;
	out->sw = x->sw;
}

void side_take(struct side *s, const struct decode_item *item)
{
	const struct trace_event *e = item->event;
	struct entry *out;

	if (s->err || (e && e->kind == TRACE_FAULT))
		return;
	out = add_entry(s);
	if (!out) {
		s->err = ERR_MEMORY;
		return;
	}
	*out = (struct entry){.kind = e ? e->kind : TRACE_EXCHANGE, .command = item->command};
	if (e) {
		out->card = e->card;
		out->first = out->last = e->place;
		out->pieces = 1;
	} else {
		fill_exchange(item->exchange, out);
	}
	meaning_put(item, &s->work);
	out->meaning = keep_work(s);
	out->tree = keep_tree(s, item);
	out->label = keep_label(s, item);
	if (!s->err)
		s->count++;
}

enum err side_done(const struct side *s)
{
	return s->err;
}

size_t side_count(const struct side *s)
{
	return s->count;
}

const struct entry *side_entry(const struct side *s, size_t i)
{
	return &s->entries[i];
}

struct entry_label side_label(const struct pool *pool, const struct entry *e)
{
	const char *at = (const char *)pool_get(pool, e->label).ptr, *parts[LABEL_PARTS];

	for (size_t i = 0; i < LABEL_PARTS; i++) {
		parts[i] = at;
		at += strlen(at) + 1;
	}
	return (struct entry_label){parts[0], parts[1], parts[2], parts[3]};
}

void side_close(struct side **s)
{
	struct side *mine = *s;

	*s = NULL;
	if (!mine)
		return;
	wbuf_free(&mine->work);
	free(mine->entries);
	free(mine);
}
