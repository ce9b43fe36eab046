/*
 * trace-events: prints the events of traces through lib/trace/read, a line each.
 *
 *	trace-events [--from FORMAT] [--exchanges] [--masked] [--sure] FILE
 *
 * --exchanges: only commands and responses; --masked: with our mask laid over them
 *(tool/trace/mask.h), as our own recorder does; --sure: how sure each reader is instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "lib/uicc/apdu.h"
#include "tests/support/events.h"
#include "tests/support/must.h"
#include "tool/trace/mask.h"

#define BOTH_MAX (APDU_EXTENDED_COMMAND_MAX + APDU_EXTENDED_RESPONSE_MAX)

struct how {
	const char *from;
	bool masked;
	struct mask mask[TRACE_CARDS_MAX];
};

static void print_hex(struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++)
		printf("%02x", slice_at(octets, i));
}

/* Command and response in one, as the mask leaves them. */
static void print_masked(struct how *how, const struct trace_event *e)
{
	static uint8_t octets[BOTH_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	size_t masked;

	(void)mask_exchange(&how->mask[e->card], e->command, e->response, &w, &masked);
	MUST(wbuf_done(&w) == ERR_OK);
	print_hex(wbuf_slice(&w));
	printf("\n");
}

static void print_event(void *ctx, const struct trace_event *e)
{
	struct how *how = ctx;

	if (how->masked && e->kind == TRACE_EXCHANGE)
		print_masked(how, e);
	else if (!how->masked)
		events_print(stdout, e);
}

static void read_trace(struct how *how, FILE *f)
{
	const struct trace_sink sink = {.take = print_event, .ctx = how};
	const struct trace_format *format = how->from ? trace_format_named(how->from) : NULL;
	static uint8_t octets[TRACE_HEAD];
	struct trace_reader *r;
	size_t n;

	MUST(!how->from || format);
	MUST(trace_reader_open(format, &sink, &r) == ERR_OK);
	while ((n = fread(octets, 1, sizeof(octets), f)) > 0)
		MUST(trace_reader_feed(r, slice_make(octets, n)) == ERR_OK);
	MUST(trace_reader_end(r) == ERR_OK);
	fprintf(stderr, "%s\n", trace_reader_format(r)->title);
	trace_reader_close(&r);
}

int main(int argc, char **argv)
{
	static struct how how;
	FILE *f;
	int i;

	for (i = 1; i < argc - 1; i++) {
		if (strcmp(argv[i], "--from") == 0)
			how.from = argv[++i];
		how.masked |= strcmp(argv[i], "--masked") == 0;
	}
	f = i < argc ? fopen(argv[i], "rb") : NULL;
	if (!f) {
		fprintf(stderr, "trace-events: name a trace that can be read\n");
		return 2;
	}
	read_trace(&how, f);
	fclose(f);
	return 0;
}
