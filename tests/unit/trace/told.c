#include "tests/unit/trace/told.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "tests/support/must.h"

#define SHOWN_MAX 600 /* octets of one field */

static char text[1 << 19];
static size_t text_len;
static struct told_counts counts;
static char cards[TRACE_CARDS_MAX][TRACE_CARD_NAME_MAX];

static void write_event(void *ctx, const struct trace_event *e)
{
	static const char *const kinds[] = {[TRACE_EXCHANGE] = "exchange",
					    [TRACE_RESET] = "reset",
					    [TRACE_PPS] = "pps",
					    [TRACE_REMOVED] = "removed",
					    [TRACE_FAULT] = "fault"};
	char command[2 * SHOWN_MAX + 1], response[2 * SHOWN_MAX + 1], when[32] = "-";

	(void)ctx;
	counts.exchanges += e->kind == TRACE_EXCHANGE;
	counts.resets += e->kind == TRACE_RESET;
	counts.pps += e->kind == TRACE_PPS;
	counts.faults += e->kind == TRACE_FAULT;
	counts.frames = e->place.number;
	hex_encode(slice_sub(e->command, 0, SHOWN_MAX), command, sizeof(command));
	hex_encode(slice_sub(e->response, 0, SHOWN_MAX), response, sizeof(response));
	if (e->has_time)
		snprintf(when, sizeof(when), "%" PRId64, e->time_ns);
	text_len += (size_t)snprintf(text + text_len, sizeof(text) - text_len,
				     "%s %u %" PRIu64 "@%" PRIu64 " %s %s/%s%s%s\n", kinds[e->kind],
				     e->card, e->place.number, e->place.offset, when, command,
				     response, e->text ? " " : "", e->text ? e->text : "");
	MUST(text_len < sizeof(text));
}

const char *told_events(struct slice trace, size_t piece, const char *format)
{
	const struct trace_sink sink = {.take = write_event, .ctx = NULL};
	struct trace_reader *r;
	enum err e = ERR_OK;

	text[0] = 0;
	text_len = 0;
	counts = (struct told_counts){0};
	MUST(!trace_reader_open(format ? trace_format_named(format) : NULL, &sink, &r));
	while (!e && trace.len) {
		e = trace_reader_feed(r, slice_sub(trace, 0, piece));
		trace = slice_sub(trace, piece, trace.len);
	}
	if (!e)
		e = trace_reader_end(r);
	MUST(!e || (e == ERR_UNSUPPORTED && !text_len));
	counts.cards = trace_reader_cards(r);
	counts.skipped = trace_reader_skipped(r);
	for (unsigned i = 0; i < counts.cards; i++)
		snprintf(cards[i], sizeof(cards[i]), "%s", trace_reader_card(r, i));
	trace_reader_close(&r);
	return text;
}

struct told_counts told_counts(void)
{
	return counts;
}

const char *told_card(unsigned card)
{
	return card < counts.cards ? cards[card] : "(none)";
}
