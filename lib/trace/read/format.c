#include "lib/trace/read/format.h"

#include <string.h>

unsigned trace_out_card(struct trace_out *o, struct slice name)
{
	char text[TRACE_CARD_NAME_MAX];

	if (slice_text(slice_sub(name, 0, sizeof(text) - 1), text, sizeof(text)))
		text[0] = 0; /* a NUL in it: none that has a name */
	for (unsigned i = 0; i < o->card_count; i++) {
		if (strcmp(o->cards[i], text) == 0)
			return i;
	}
	if (o->card_count == TRACE_CARDS_MAX)
		return TRACE_CARDS_MAX - 1;
	memcpy(o->cards[o->card_count], text, sizeof(text));
	return o->card_count++;
}

void trace_out_event(struct trace_out *o, const struct trace_event *event)
{
	struct trace_event e = *event;

	if (!e.place.number)
		e.place = o->place;
	if (!o->card_count && e.kind != TRACE_FAULT)
		(void)trace_out_card(o, SLICE_EMPTY);
	o->sink.take(o->sink.ctx, &e);
}

void trace_out_words(struct trace_out *o, struct slice words)
{
	if (o->sink.words && words.len)
		o->sink.words(o->sink.ctx, words, &o->place);
}

void trace_out_fault(struct trace_out *o, const char *why, struct slice octets)
{
	const struct trace_event e = {.kind = TRACE_FAULT, .text = why, .command = octets};

	trace_out_event(o, &e);
	if (!octets.len)
		trace_out_words(o, o->line);
}
