/*
 * print: items of a trace as lines of text, and as lines of JSON (docs/trace.md).
 */
#ifndef TWINKEY_HOST_TRACE_PRINT_H
#define TWINKEY_HOST_TRACE_PRINT_H

#include "lib/trace/decode/item.h"

struct print {
	struct wbuf *to;
	bool tree;	 /* all of it, and not the line alone */
	bool many_cards; /* which card it was is worth its place */
	bool has_time;
	int64_t since_ns;   /* the first time of the trace */
	const char *reader; /* of the item's card; "" for one without a name */
};

/* Appends the line, or lines. */
void print_text(const struct print *p, const struct decode_item *item);
void print_json(const struct print *p, const struct decode_item *item);

#endif
