/*
 * item: an exchange of a trace, or an event that is none, with its names and words.
 */
#ifndef TWINKEY_TRACE_DECODE_ITEM_H
#define TWINKEY_TRACE_DECODE_ITEM_H

#include "lib/trace/decode/exchange.h"
#include "lib/trace/decode/session.h"
#include "lib/trace/decode/status.h"
#include "lib/trace/decode/tree.h"
#include "lib/uicc/command.h"

struct opened; /* lib/trace/open/opened.h */

#define DECODE_NAME_MAX 32
#define DECODE_WHAT_MAX 160

/* Of an exchange, for people. */
struct decode_words {
	char name[DECODE_NAME_MAX]; /* "READ RECORD"; of one that is unknown "unknown 80 0A", of one
				     * that its producer has taken out "masked" */
	char what[DECODE_WHAT_MAX]; /* its parameters in a few words; may be "" */
	char status[STATUS_TEXT_MAX];
};

/* Borrows for the call. */
struct decode_item {
	const struct trace_event *event; /* NULL: it is an exchange */
	const struct exchange *exchange;
	const struct command *command; /* NULL: unknown */
	/* As in struct decode_words. Where the sink wants no words, those of an exchange are "", and
	 * its name is its command's, or "an unknown command", or "a masked command". */
	const char *name, *what;
	struct session_view view;
	enum status_level level;
	const char *status;
	struct slice data, answer;   /* as in the exchange, without secrets */
	const struct opened *opened; /* what keys open of it; NULL: there are no keys */
};

#endif
