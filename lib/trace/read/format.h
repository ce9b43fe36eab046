/*
 * format: what a reader of one form of trace is: a row of a table, and a state of its own.
 *
 * Traces come from strangers, and may be cut, doubled or interleaved: a format gives what it can
 * read, reports the rest as a fault with its place, and never ends before the trace does.
 */
#ifndef TWINKEY_TRACE_READ_FORMAT_H
#define TWINKEY_TRACE_READ_FORMAT_H

#include "lib/trace/event.h"

#define TRACE_CARD_NAME_MAX 64

/* What a format gives what it has read to. */
struct trace_out {
	struct trace_sink sink;
	/* of the line or frame that is being read; the reader keeps it */
	struct trace_place place;
	struct slice line; /* of a text, while it is being read */
	/* the cards that have been named so far; a format that knows none has one without a name */
	char cards[TRACE_CARDS_MAX][TRACE_CARD_NAME_MAX];
	unsigned card_count;
	uint64_t skipped; /* frames that are whole and of no card */
};

/*
 * The number of the card or reader with this name (a handle, an interface, a slot), which is new or
 * was named before; the last one for all beyond TRACE_CARDS_MAX.
 */
unsigned trace_out_card(struct trace_out *o, struct slice name);
/* Gives the event to the sink; its place is o's unless it has one. */
void trace_out_event(struct trace_out *o, const struct trace_event *event);
/* What stands at o's place beside the events; may be empty. */
void trace_out_words(struct trace_out *o, struct slice words);
/* A fault at o's place; octets may be empty: the line is given as words then. */
void trace_out_fault(struct trace_out *o, const char *why, struct slice octets);

struct trace_format {
	const char *name;  /* of --from: "pcscd" */
	const char *title; /* "pcscd --apdu" */
	/*
	 * How sure it is that a trace that begins so is of its form: 0 not at all, 100 certain.
	 * head: the first 64 KiB or less.
	 */
	unsigned (*recognise)(struct slice head);
	size_t state_size; /* of the state, zeros at the beginning */
	/*
	 * A text format: one line without its end, colours (ANSI) taken out. NULL: a binary one.
	 */
	void (*line)(void *state, struct trace_out *o, struct slice line);
	/*
	 * A binary format: takes a frame off the front of what is there (at least one octet); how
	 * many octets it has taken. When it takes none it is called again with more, up to
	 * TRACE_FRAME_MAX. It counts the frames (o->place.number).
	 */
	size_t (*octets)(void *state, struct trace_out *o, struct slice there);
	/*
	 * A binary format: octets() has taken none, and there is no more. Tells the fault; how many
	 * octets it leaves behind (at least one), so that octets() looks at the rest.
	 */
	size_t (*lost)(void *state, struct trace_out *o, struct slice there);
	/* The trace has ended: what was begun is given, or is a fault. May be NULL. */
	void (*end)(void *state, struct trace_out *o);
};

#define TRACE_FRAME_MAX (1 << 20)
#define TRACE_HEAD	(1 << 16)

#endif
