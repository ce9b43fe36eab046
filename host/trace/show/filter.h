/*
 * filter: which items of a trace a person wants to see.
 *
 * A filter is conditions parted by commas, all of which must hold: KEY=VALUE, where | parts values
 * of which one must hold, and * in a value stands for anything.
 */
#ifndef TWINKEY_HOST_TRACE_FILTER_H
#define TWINKEY_HOST_TRACE_FILTER_H

#include "lib/trace/decode/item.h"

#define FILTER_CONDITIONS_MAX 32

enum filter_key {
	FILTER_CHANNEL,
	FILTER_CARD,
	FILTER_FILE,	/* a path, or the end of one: "EF.IMSI" */
	FILTER_COMMAND, /* its name, or the function that it carries: "ES10c.*" */
	FILTER_STATUS,	/* "9000", "61xx", "ok", "warning", "error", "none" */
	FILTER_TIME,	/* FROM..TO in seconds since the first that has a time; either may lack */
};

struct filter {
	struct {
		enum filter_key key;
		char values[128];
		double from, to;
	} conditions[FILTER_CONDITIONS_MAX];
	unsigned count;
};

/* Adds the conditions of text; NULL, or what is wrong with it, for people. */
const char *filter_add(struct filter *f, const char *text);
/* seconds: since the first time of the trace, negative where the item has none. */
bool filter_wants(const struct filter *f, const struct decode_item *item, double seconds);

#endif
