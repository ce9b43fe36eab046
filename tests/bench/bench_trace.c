/*
 * bench_trace: a trace read, joined and named, and told to the last octet, without words; what each
 * of these takes a packet, in time of the thread's own.
 *
 * Usage: bench_trace FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/trace/decode/decode.h"
#include "lib/trace/read/reader.h"

#define PART_LEN (1u << 16)

enum depth { READ, NAMED, TOLD, DEPTHS };

struct run {
	enum depth depth;
	struct decode *decode;
	unsigned long long events, nodes, faults;
};

static void open_node(void *ctx, const struct tree_node *n)
{
	struct run *r = ctx;

	r->nodes++;
	r->faults += n->fault != NULL;
}

static void close_node(void *ctx)
{
	(void)ctx;
}

static void take_item(void *ctx, const struct decode_item *item)
{
	const struct tree t = {
		.open = open_node, .close = close_node, .ctx = ctx, .wordless = true};
	struct run *r = ctx;

	if (r->depth == TOLD)
		decode_tell(item, &t);
}

static void take_event(void *ctx, const struct trace_event *e)
{
	struct run *r = ctx;

	r->events++;
	if (r->depth > READ)
		decode_event(r->decode, e);
}

static double own_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static enum err read_all(FILE *f, struct trace_reader *r)
{
	static uint8_t part[PART_LEN];
	enum err e = ERR_OK;
	size_t n;

	while (!e && (n = fread(part, 1, sizeof(part), f)) > 0)
		e = trace_reader_feed(r, slice_make(part, n));
	return e ? e : trace_reader_end(r);
}

static double run_once(const char *path, struct run *r)
{
	const struct decode_sink items = {.take = take_item, .ctx = r, .wordless = true};
	const struct trace_sink events = {.take = take_event, .ctx = r};
	struct trace_reader *reader = NULL;
	FILE *f = fopen(path, "rb");
	double start = own_time();

	r->decode = decode_open(&items);
	if (!f || !r->decode || trace_reader_open(NULL, &events, &reader) || read_all(f, reader)) {
		fprintf(stderr, "bench_trace: %s cannot be read\n", path);
		exit(1);
	}
	decode_end(r->decode);
	decode_close(&r->decode);
	trace_reader_close(&reader);
	fclose(f);
	return own_time() - start;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {
		[READ] = "read", [NAMED] = "and joined and named", [TOLD] = "and told to the leaf"};

	if (argc != 2)
		return 2;
	for (enum depth d = READ; d < DEPTHS; d++) {
		struct run r = {.depth = d};
		double s = run_once(argv[1], &r);

		printf("  %-28s %8.3f us an event   (%llu events, %llu nodes, %llu faults)\n",
		       names[d], s / (double)r.events * 1e6, r.events, r.nodes, r.faults);
	}
	return 0;
}
