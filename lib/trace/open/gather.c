#include "lib/trace/open/gather.h"

#include <string.h>

#include "lib/base/tlv.h"

#define HEAD_MAX 8 /* tag and length: not more */

struct gather gather_new(void)
{
	return (struct gather){.mem = wbuf_grow(2 * (size_t)GATHER_MAX)};
}

void gather_free(struct gather *g)
{
	wbuf_free(&g->mem);
}

void gather_restart(struct gather *g)
{
	wbuf_reset(&g->mem);
	g->from = 0;
	g->told = g->broken = false;
}

void gather_room(struct gather *g, size_t n)
{
	size_t left = g->mem.len - g->from;

	if (g->from && left)
		memmove(g->mem.ptr, g->mem.ptr + g->from, left);
	if (g->from)
		wbuf_cut(&g->mem, left);
	g->from = 0;
	(void)wbuf_reserve(&g->mem, n);
	if (!g->mem.err)
		wbuf_cut(&g->mem, left);
}

void gather_put(struct gather *g, struct slice piece)
{
	if (g->broken)
		return;
	wbuf_put(&g->mem, piece);
	g->broken = wbuf_done(&g->mem) != ERR_OK;
}

/* Tag and length of what is not taken yet; false: they are not there. */
static bool next_header(struct gather *g, struct gathered *out, size_t *head)
{
	struct slice rest = slice_sub(wbuf_slice(&g->mem), g->from, g->mem.len);
	struct cursor c = cursor_of(rest);

	if (g->broken || !rest.len)
		return false;
	if (!tlv_header(&c, &out->tag, &out->len)) {
		g->broken = rest.len >= HEAD_MAX;
		return false;
	}
	*head = rest.len - cursor_left(&c);
	g->broken = out->len > GATHER_MAX;
	return !g->broken;
}

bool gather_next(struct gather *g, struct gathered *out)
{
	size_t head;

	if (!next_header(g, out, &head) || out->len > g->mem.len - g->from - head)
		return false;
	out->whole = slice_sub(wbuf_slice(&g->mem), g->from, head + out->len);
	g->from += head + out->len;
	g->told = false;
	return true;
}

bool gather_begins(struct gather *g, struct gathered *out)
{
	size_t head;

	if (g->told || !next_header(g, out, &head))
		return false;
	out->whole = SLICE_EMPTY;
	return g->told = true;
}
