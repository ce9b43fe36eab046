/*
 * event: what a trace is made of, whoever wrote it: resets and exchanges of one or more cards, in
 * the order in which they were recorded, and what could not be read.
 */
#ifndef TWINKEY_TRACE_EVENT_H
#define TWINKEY_TRACE_EVENT_H

#include "lib/base/bytes.h"

#define TRACE_CARDS_MAX 64 /* of a trace; those beyond count as the last */

enum trace_kind {
	TRACE_EXCHANGE, /* a command and its response, as they crossed the interface (TPDU or APDU)
			 */
	TRACE_RESET,	/* the card has power and is as after a reset */
	TRACE_PPS,	/* ISO 7816-3 9: request and response */
	TRACE_REMOVED,	/* the card has no power any more */
	TRACE_FAULT	/* something that is not of its format, or is not whole */
};

/* Where it stands in the trace. */
struct trace_place {
	uint64_t number; /* of the frame or of the line, from 1 */
	uint64_t offset; /* of its first octet in the trace, from 0 */
};

/* Borrows for the call. */
struct trace_event {
	enum trace_kind kind;
	/* which of the trace's cards or readers, from 0: see trace_reader_card(); 0 of a fault that
	 * is of none */
	unsigned card;
	struct trace_place place;
	bool has_time;
	int64_t time_ns; /* since 1970, or since the producer's own beginning */
	/* EXCHANGE (empty: its producer has taken the command out, and text says so), PPS; of a
	 * FAULT the octets that were there, as far as any */
	struct slice command;
	/* EXCHANGE: data and status word, empty when none was recorded; RESET: the ATR, likewise */
	struct slice response;
	/* FAULT: why, for people; EXCHANGE: what its producer remarked ("masked: ..."); or NULL */
	const char *text;
};

struct trace_sink {
	void (*take)(void *ctx, const struct trace_event *event);
	void *ctx;
	/* What stands beside the events, as it is: remarks, and lines that are no exchange, of the
	 * forms that say which these are. May be NULL. */
	void (*words)(void *ctx, struct slice words, const struct trace_place *place);
};

#endif
