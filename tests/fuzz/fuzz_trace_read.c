/*
 * Any octets as a trace of each binary form: whatever is in it, the same events come out however it
 * is cut into pieces, in their order, with what they borrow from inside.
 *
 * Input: one octet (how large the pieces are), and the trace; its form is found, or taken for one.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t hash; /* FNV-1a */
	uint64_t events, number, offset;
	uint64_t size; /* of the trace */
};

static void add_octets(struct sum *s, struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++)
		s->hash = (s->hash ^ slice_at(octets, i)) * 0x100000001B3u;
	s->hash = (s->hash ^ octets.len) * 0x100000001B3u;
}

static void sum_up(void *ctx, const struct trace_event *e)
{
	struct sum *s = ctx;

	MUST(e->kind <= TRACE_FAULT && e->card < TRACE_CARDS_MAX);
	MUST(e->kind != TRACE_FAULT || (e->text && *e->text));
	MUST(e->place.offset < s->size || !s->size);
	MUST(e->kind != TRACE_EXCHANGE || !e->response.len || e->response.len >= 2 || e->text);
	s->events++;
	s->hash = (s->hash ^ (uint64_t)e->kind ^ e->place.number << 8 ^ e->place.offset << 32) *
		  0x100000001B3u;
	add_octets(s, e->command);
	add_octets(s, e->response);
	add_octets(s, e->text ? slice_str(e->text) : SLICE_EMPTY);
}

static struct sum read_all(struct slice trace, size_t piece, const struct trace_format *format)
{
	struct sum s = {.size = trace.len};
	const struct trace_sink sink = {.take = sum_up, .ctx = &s};
	struct trace_reader *r;
	enum err e = ERR_OK;

	MUST(trace_reader_open(format, &sink, &r) == ERR_OK);
	while (!e && trace.len) {
		/* at its end is the end of memory */
		uint8_t *part = malloc(piece);
		struct slice front = slice_sub(trace, 0, piece);

		MUST(part != NULL);
		memcpy(part, front.ptr, front.len);
		e = trace_reader_feed(r, slice_make(part, front.len));
		trace = slice_sub(trace, piece, trace.len);
		free(part);
	}
	if (!e)
		e = trace_reader_end(r);
	MUST(e == ERR_OK || (e == ERR_UNSUPPORTED && !s.events && !format));
	trace_reader_close(&r);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"pcapng", "pcap"};
	struct slice trace = slice_make(data + 1, size ? size - 1 : 0);
	size_t piece = size ? 1 + (size_t)data[0] : 1;

	if (!size)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct trace_format *format = trace_format_named(names[i]);
		struct sum whole, parts;

		MUST(format != NULL);
		if (format->recognise(slice_sub(trace, 0, TRACE_HEAD)) < 90 && data[0] & 0x0F)
			continue;
		whole = read_all(trace, size, format);
		parts = read_all(trace, piece, format);
		MUST(whole.hash == parts.hash && whole.events == parts.events);
	}
	(void)read_all(trace, size, NULL);
	return 0;
}
