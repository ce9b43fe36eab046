/*
 * The logs of other programs, whatever is in them: every event has octets that can be read, a card
 * that is known and a place in the trace; pieces of another size give as many events.
 *
 * Input: the name of a reader in the first line (no such: the one that is found), then the log.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "tests/support/must.h"

#define SMALL_PIECE  61
#define NAME_MAX_LEN 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct trace_reader *reader;
	size_t size;
	size_t events, octets, text, words;
};

static void see(void *ctx, const struct trace_event *e)
{
	struct seen *s = ctx;

	MUST(e->kind <= TRACE_FAULT);
	/* a fault before the first card is of none */
	MUST(e->card < trace_reader_cards(s->reader) || (e->kind == TRACE_FAULT && !e->card));
	/* of a capture's own header, if that is what is found, the number is none of a frame */
	MUST(e->place.number >= 1 || !trace_reader_format(s->reader)->line);
	MUST(e->place.offset <= s->size);
	MUST(e->kind != TRACE_FAULT || e->text);
	s->events++;
	s->octets += e->command.len + e->response.len;
	for (size_t i = 0; i < e->command.len; i++)
		s->text += slice_at(e->command, i);
	for (size_t i = 0; i < e->response.len; i++)
		s->text += slice_at(e->response, i);
	s->text += e->text ? strlen(e->text) : 0;
}

static void see_words(void *ctx, struct slice words, const struct trace_place *place)
{
	struct seen *s = ctx;

	MUST(words.len && place->offset <= s->size);
	for (size_t i = 0; i < words.len; i++)
		s->words += slice_at(words, i) + place->number;
}

static struct seen read_log(const struct trace_format *format, struct slice log, size_t piece)
{
	struct seen seen = {.size = log.len};
	const struct trace_sink sink = {.take = see, .ctx = &seen, .words = see_words};
	enum err e = ERR_OK;

	MUST(trace_reader_open(format, &sink, &seen.reader) == ERR_OK);
	while (!e && log.len) {
		e = trace_reader_feed(seen.reader, slice_sub(log, 0, piece));
		log = slice_sub(log, piece, log.len);
	}
	if (!e)
		e = trace_reader_end(seen.reader);
	MUST(e == ERR_OK || (e == ERR_UNSUPPORTED && !format));
	trace_reader_close(&seen.reader);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_make(data, size), log;
	const struct trace_format *format = NULL;
	char name[NAME_MAX_LEN] = "";
	struct seen whole, parts;
	size_t n = 0;

	while (n < sizeof(name) - 1 && n < size && slice_at(all, n) != '\n')
		n++;
	if (slice_text(slice_sub(all, 0, n), name, sizeof(name)) == ERR_OK)
		format = trace_format_named(name);
	if (format && !format->line)
		return 0; /* a binary one */
	log = slice_sub(all, n + 1, size);
	whole = read_log(format, log, log.len);
	if (!format)
		return 0; /* what is found may depend on how much is there */
	parts = read_log(format, log, SMALL_PIECE);
	MUST(whole.events == parts.events && whole.octets == parts.octets &&
	     whole.text == parts.text && whole.words == parts.words);
	return 0;
}
