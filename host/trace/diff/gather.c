#include "host/trace/diff/gather.h"

#include "host/trace/show/filter.h"
#include "host/trace/show/source.h"
#include "lib/trace/decode/decode.h"
#include "lib/trace/diff/pool.h"
#include "lib/trace/open/opener.h"
#include "lib/trace/read/reader.h"

/* While it is read. */
struct gathering {
	struct gather *g;
	struct decode *decode;
	struct opener *opener;
	bool has_first;
	int64_t first_ns;
};

static void feed_event(void *ctx, const struct trace_event *e)
{
	struct gathering *in = ctx;

	decode_event(in->decode, e);
}

/* Since the first time of the trace; negative: it has none. */
static double seconds_of(struct gathering *in, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;
	int64_t time_ns = x ? x->time_ns : item->event->time_ns;

	if (x ? !x->has_time : !item->event->has_time)
		return -1;
	if (!in->has_first)
		in->first_ns = time_ns;
	in->has_first = true;
	return time_ns < in->first_ns ? 0 : (double)(time_ns - in->first_ns) / 1e9;
}

static void gather_item(void *ctx, const struct decode_item *item)
{
	struct gathering *in = ctx;
	struct gather *g = in->g;
	const struct trace_event *e = item->event;
	double seconds = seconds_of(in, item);

	if (e && e->kind == TRACE_FAULT) {
		g->faults++;
		g->fault(g->ctx, e);
		return;
	}
	if (g->card >= 0 && (e ? e->card : item->exchange->card) != (unsigned)g->card)
		return;
	if (filter_wants(g->filter, item, seconds))
		side_take(g->side, item);
}

static bool keep_reading(void *ctx)
{
	struct gathering *in = ctx;

	return side_done(in->g->side) == ERR_OK;
}

enum err gather_read(struct gather *g, struct pool *pool)
{
	struct gathering in = {.g = g};
	const struct decode_sink items = {.take = gather_item, .ctx = &in};
	const struct trace_sink events = {.take = feed_event, .ctx = &in};
	struct source s = {
		.path = g->path, .cancel = g->cancel, .read_part = keep_reading, .ctx = &in};
	struct trace_reader *reader = NULL;
	enum err e = trace_reader_open(g->format, &events, &reader);

	g->side = side_open(pool);
	in.decode = e ? NULL : decode_open(&items);
	in.opener = g->keys ? opener_open(g->keys) : NULL;
	if (!e && (!g->side || !in.decode || (g->keys && !in.opener)))
		e = ERR_MEMORY;
	if (!e)
		decode_use_keys(in.decode, in.opener);
	if (!e)
		e = source_read(&s, reader);
	if (!e) {
		g->format = trace_reader_format(reader);
		decode_end(in.decode);
		e = side_done(g->side);
	}
	g->octets = s.octets;
	decode_close(&in.decode);
	opener_close(&in.opener);
	trace_reader_close(&reader);
	return e;
}
