/*
 * print: items of a trace as lines of text, and as lines of JSON (docs/trace.md).
 */
#ifndef TWINKEY_HOST_TRACE_PRINT_H
#define TWINKEY_HOST_TRACE_PRINT_H

#include <stdio.h>

#include "lib/trace/decode/item.h"

struct print {
	FILE *to;
	bool tree;	    /* all of it, and not the line alone */
	bool many_cards;    /* which card it was is worth its place */
	double seconds;	    /* since the first time of the trace; negative: it has none */
	const char *reader; /* of the item's card; "" for one without a name */
};

void print_text(const struct print *p, const struct decode_item *item);
void print_json(const struct print *p, const struct decode_item *item);

#endif
