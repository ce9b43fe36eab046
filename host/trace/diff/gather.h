/*
 * gather: a trace read to its end, and kept to be compared with another one.
 */
#ifndef TWINKEY_HOST_TRACE_GATHER_H
#define TWINKEY_HOST_TRACE_GATHER_H

#include "lib/trace/diff/side.h"

struct cancel;
struct filter;
struct pool;
struct trace_event;
struct trace_format;
struct trace_keys;

struct gather {
	const char *path;		   /* "-": standard input */
	const struct trace_format *format; /* NULL: it is found, and is output */
	const struct filter *filter;	   /* what is compared */
	const struct trace_keys *keys;	   /* what they open is compared; or NULL */
	long card;			   /* this one alone; negative: all */
	struct cancel *cancel;
	/* What of it could not be read; ctx is handed on. */
	void (*fault)(void *ctx, const struct trace_event *e);
	void *ctx;
	/* output */
	struct side *side; /* of who calls, also after an error */
	uint64_t octets;   /* how many there were */
	size_t faults;
};

/* Those of source_read() and of side_done(). */
enum err gather_read(struct gather *g, struct pool *pool) MUST_CHECK;

#endif
