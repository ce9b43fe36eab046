/*
 * Any events: each is in an exchange that is told, or is passed on; every tree is closed; nothing
 * secret leaves the decoder where the command is one that carries it; who wants no words gets the
 * same nodes.
 *
 * Input: events, see tests/support/fuzz_events.h.
 */
#include <string.h>

#include "lib/trace/decode/decode.h"
#include "lib/uicc/command.h"
#include "tests/support/fuzz_events.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	unsigned pieces, events, depth;
	uint32_t shape; /* of a tree: what its nodes are, without their words */
};

static void mix(struct seen *s, size_t part)
{
	s->shape = s->shape * 31 + (uint32_t)part;
}

static void mix_text(struct seen *s, const char *text)
{
	for (; text && *text; text++)
		mix(s, (unsigned char)*text);
	mix(s, text != NULL);
}

static void open_node(void *ctx, const struct tree_node *n)
{
	struct seen *s = ctx;

	MUST(n->name != NULL && n->key != NULL && *n->name && *n->key);
	MUST(!n->raw.len || n->raw.ptr != NULL);
	mix_text(s, n->name);
	mix_text(s, n->key);
	mix_text(s, n->fault);
	mix(s, n->raw.len);
	for (size_t i = 0; i < n->raw.len; i++)
		mix(s, slice_at(n->raw, i));
	s->depth++;
}

static void close_node(void *ctx)
{
	struct seen *s = ctx;

	MUST(s->depth-- > 0);
	mix(s, s->depth);
}

static void check_codes(const struct decode_item *item)
{
	MUST(item->data.len == item->exchange->apdu.data.len);
	if (command_hides(item->exchange->apdu.ins) != COMMAND_HIDES_DATA)
		return;
	for (size_t i = 0; i < item->data.len; i++)
		MUST(slice_at(item->data, i) == 0xFF);
}

static void check_tree(const struct decode_item *item, struct seen *s)
{
	struct tree t = {.open = open_node, .close = close_node, .ctx = s};
	uint32_t shape;

	s->shape = 0;
	decode_tell(item, &t);
	MUST(s->depth == 0);
	shape = s->shape;
	s->shape = 0;
	t.wordless = true;
	decode_tell(item, &t);
	MUST(s->shape == shape);
}

static void take(void *ctx, const struct decode_item *item)
{
	struct seen *s = ctx;

	if (item->event) {
		s->events++;
		return;
	}
	MUST(strlen(item->name) && strlen(item->status));
	MUST(item->answer.len == item->exchange->answer.len);
	check_codes(item);
	s->pieces += item->exchange->pieces;
	check_tree(item, s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_make(data, size));
	struct seen seen = {0};
	const struct decode_sink sink = {.take = take, .ctx = &seen};
	struct decode *d = decode_open(&sink);
	unsigned pieces = 0, events = 0;
	struct trace_event e;

	MUST(d != NULL);
	while (fuzz_events_next(&c, pieces + events + 1, &e)) {
		pieces += e.kind == TRACE_EXCHANGE;
		events += e.kind != TRACE_EXCHANGE;
		decode_event(d, &e);
	}
	decode_end(d);
	decode_close(&d);
	MUST(seen.pieces == pieces && seen.events == events);
	return 0;
}
