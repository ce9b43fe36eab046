#include "lib/trace/diff/leaves.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64

/* Of the octets: what follows */
enum mark { MARK_OPEN = 1, MARK_CLOSE, MARK_VALUE = 0x10, MARK_FAULT = 0x20, MARK_KIND = 0x0F };

static void put_counted(struct wbuf *out, const char *text)
{
	size_t n = strlen(text);

	wbuf_u32(out, (uint32_t)n);
	wbuf_put(out, slice_make(text, n + 1));
}

static void write_open(void *ctx, const struct tree_node *n)
{
	struct wbuf *out = ctx;

	wbuf_u8(out,
		(uint8_t)(MARK_OPEN | (n->value ? MARK_VALUE : 0) | (n->fault ? MARK_FAULT : 0)));
	put_counted(out, n->key);
	put_counted(out, n->name);
	wbuf_u32(out, (uint32_t)n->raw.len);
	wbuf_put(out, n->raw);
	if (n->value)
		put_counted(out, n->value);
	if (n->fault)
		put_counted(out, n->fault);
}

static void write_close(void *ctx)
{
	wbuf_u8(ctx, MARK_CLOSE);
}

struct tree leaves_writer(struct wbuf *out)
{
	return (struct tree){.open = write_open, .close = write_close, .ctx = out};
}

static const char *take_text(struct cursor *c)
{
	size_t n = cursor_u32(c);

	return (const char *)cursor_take(c, n + 1).ptr;
}

static struct leaf *add_node(struct leaves *out)
{
	if (out->count == out->cap) {
		uint32_t cap = out->cap ? 2 * out->cap : FIRST_CAP;
		struct leaf *more = realloc(out->nodes, cap * sizeof(*more));

		if (!more)
			return NULL;
		out->nodes = more;
		out->cap = cap;
	}
	return &out->nodes[out->count++];
}

static void take_node(struct cursor *c, uint8_t mark, struct leaf *out)
{
	size_t n;

	*out = (struct leaf){.key = take_text(c)};
	out->name = take_text(c);
	n = cursor_u32(c);
	out->raw = cursor_take(c, n);
	if (mark & MARK_VALUE)
		out->value = take_text(c);
	if (mark & MARK_FAULT)
		out->fault = take_text(c);
}

/* The last node that is open is closed: nodes that are open have 0 for their end. */
static void close_last(struct leaves *l)
{
	uint32_t i = l->count;

	while (i && l->nodes[i - 1].end)
		i--;
	if (i)
		l->nodes[i - 1].end = l->count;
}

enum err leaves_read(struct slice octets, struct leaves *out)
{
	struct cursor c = cursor_of(octets);

	out->count = 0;
	while (cursor_left(&c) && out->count < LEAVES_MAX) {
		uint8_t mark = cursor_u8(&c);
		struct leaf *node;

		if (mark == MARK_CLOSE) {
			close_last(out);
			continue;
		}
		node = add_node(out);
		if (!node)
			return ERR_MEMORY;
		take_node(&c, mark, node);
	}
	for (uint32_t i = 0; i < out->count; i++) {
		if (!out->nodes[i].end)
			out->nodes[i].end = out->count;
	}
	return ERR_OK;
}

void leaves_free(struct leaves *l)
{
	free(l->nodes);
	*l = (struct leaves){0};
}
