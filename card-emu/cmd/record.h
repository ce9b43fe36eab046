/*
 * record: what a card is asked and answers, recorded in a file (tool/trace/trace.h).
 */
#ifndef TWINKEY_CARD_CMD_RECORD_H
#define TWINKEY_CARD_CMD_RECORD_H

#include "card-emu/link/link.h"
#include "tool/trace/trace.h"

struct record_wish {
	const char *path; /* of the trace; NULL: none */
	const char *seal; /* file of the key that seals it; NULL: it is not sealed */
	bool force;	  /* it may replace one that is there */
};

/* Where none is wished, *out is NULL. TOOL_OK, or it has said why not. */
int record_begin(const struct record_wish *wish, const char *reader, struct trace **out);
/* For a link; t may be NULL when the link is not given it. */
struct link_observer record_observer(struct trace *t);
/* Ends it. The exit code: code, unless that was TOOL_OK and something could not be written. */
int record_end(const char *path, struct trace **t, int code);

#endif
