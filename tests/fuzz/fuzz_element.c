/*
 * Any octets as an element of a profile that is opened, and as segments of elements: every tree is
 * closed, and what is whole is what came.
 *
 * Input: the octets.
 */
#include "lib/base/tlv.h"
#include "lib/trace/decode/show/element.h"
#include "lib/trace/open/gather.h"
#include "tests/support/must.h"

#define PIECE 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_node(void *ctx, const struct tree_node *n)
{
	MUST(n->name && n->key && *n->key);
	++*(unsigned *)ctx;
}

static void close_node(void *ctx)
{
	MUST((*(unsigned *)ctx)-- > 0);
}

static void tell(const struct gathered *g)
{
	unsigned depth = 0;
	const struct tree t = {.open = open_node, .close = close_node, .ctx = &depth};
	const struct opened_element e = {.tag = g->tag, .len = g->len, .whole = g->whole};

	MUST(!g->whole.len || g->whole.len > g->len);
	element_tell(&e, &t);
	MUST(depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_make(data, size);
	struct cursor c = cursor_of(all);
	struct gather g = gather_new();
	struct gathered one;

	for (size_t at = 0; at < size; at += PIECE) {
		gather_room(&g, PIECE);
		gather_put(&g, slice_sub(all, at, PIECE));
		while (gather_next(&g, &one)) {
			MUST(slice_equal(one.whole, cursor_take(&c, one.whole.len)));
			tell(&one);
		}
		if (gather_begins(&g, &one))
			tell(&one);
	}
	MUST(!c.err);
	gather_free(&g);
	return 0;
}
