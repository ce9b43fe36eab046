/*
 * Any events, with an auditor's keys: every tree is closed, and what is not right is not opened. A
 * trace is the same as itself, and as another one whichever of them comes first.
 *
 * Input: events, see tests/support/fuzz_events.h.
 */
#include <string.h>

#include "lib/trace/decode/decode.h"
#include "lib/trace/diff/diff.h"
#include "lib/trace/diff/pool.h"
#include "lib/trace/diff/side.h"
#include "lib/trace/keys/keys.h"
#include "lib/trace/open/opened.h"
#include "lib/trace/open/opener.h"
#include "tests/support/fuzz_events.h"
#include "tests/support/must.h"

#define HELD_MAX (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Keys of the published test vectors of which the corpus has sessions (tests/vectors) */
static const char key_text[] =
	"scp02 * 100102030405060708090a0b0c0d0e0f 101102030405060708090a0b0c0d0e0f\n"
	"scp03 * 000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f\n"
	"scp80 22 22 200102030405060708090a0b0c0d0e0f 201102030405060708090a0b0c0d0e0f\n"
	"scp80 35 35 300102030405060708090a0b0c0d0e0f 301102030405060708090a0b0c0d0e0f\n"
	"bsp df9c0ef4041a47ee9bfdcf0ab10770ed f11b921c302efb1df6bf218bf2de0dd8 "
	"8cd4d3a761eeac108641d5f4531a137e ee3140eafd692b68eff40119b363bc6c\n";

struct seen {
	struct side *side;
	unsigned depth, real;
};

static void open_node(void *ctx, const struct tree_node *n)
{
	struct seen *s = ctx;

	MUST(n->name != NULL && n->key != NULL);
	s->depth++;
}

static void close_node(void *ctx)
{
	struct seen *s = ctx;

	MUST(s->depth-- > 0);
}

static void check_opened(const struct opened *o)
{
	MUST(!o->has_data || o->command_mac == OPENED_RIGHT);
	MUST(!o->has_answer || o->answer_mac == OPENED_RIGHT);
	for (unsigned i = 0; i < o->segment_count; i++)
		MUST(o->segments[i].mac == OPENED_RIGHT || !o->segments[i].plain.len);
	for (unsigned i = 0; i < o->packet_count; i++)
		MUST(!o->packets[i].has_plain || o->packets[i].check != OPENED_WRONG);
}

static void take(void *ctx, const struct decode_item *item)
{
	struct seen *s = ctx;
	const struct tree t = {.open = open_node, .close = close_node, .ctx = s};

	side_take(s->side, item);
	if (item->event)
		return;
	MUST(item->opened != NULL);
	check_opened(item->opened);
	decode_tell(item, &t);
	MUST(s->depth == 0);
}

static void count(void *ctx, const struct difference *d)
{
	struct seen *s = ctx;

	MUST(d->a != NULL || d->b != NULL);
	s->real += diff_is_real(d->kind);
}

static struct seen differences(const struct pool *pool, const struct side *a, const struct side *b)
{
	struct seen s = {0};
	const struct diff_sink sink = {count, &s};

	MUST(!diff_sides(pool, a, b, &sink));
	return s;
}

/* The events, but the first ones. */
static struct side *read_events(struct slice octets, struct pool *pool, struct opener *o,
				unsigned passed)
{
	struct cursor c = cursor_of(octets);
	struct seen seen = {.side = side_open(pool)};
	const struct decode_sink sink = {.take = take, .ctx = &seen};
	struct decode *d = decode_open(&sink);
	struct trace_event e;
	uint64_t number = 0;

	MUST(d != NULL && seen.side != NULL);
	decode_use_keys(d, o);
	while (fuzz_events_next(&c, ++number, &e)) {
		if (number > passed)
			decode_event(d, &e);
	}
	decode_end(d);
	decode_close(&d);
	MUST(!side_done(seen.side));
	return seen.side;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice octets = slice_make(data, size);
	struct pool *pool = pool_open(HELD_MAX);
	struct trace_keys *keys = NULL;
	struct keys_error why;
	struct side *all, *some;
	struct opener *o;
	struct seen forth, back;

	MUST(!keys_parse(slice_str(key_text), &keys, &why));
	o = opener_open(keys);
	MUST(o != NULL && pool != NULL);
	all = read_events(octets, pool, o, 0);
	some = read_events(octets, pool, o, 2);
	MUST(differences(pool, all, all).real == 0);
	forth = differences(pool, all, some);
	back = differences(pool, some, all);
	MUST((forth.real == 0) == (back.real == 0));
	side_close(&all);
	side_close(&some);
	pool_close(&pool);
	opener_close(&o);
	keys_free(&keys);
	return 0;
}
