/*
 * source: a trace from a file, a FIFO or standard input, to a reader of it.
 */
#ifndef TWINKEY_HOST_TRACE_SOURCE_H
#define TWINKEY_HOST_TRACE_SOURCE_H

#include "lib/trace/read/reader.h"

struct cancel;

struct source {
	const char *path; /* "-": standard input */
	bool follow;	  /* go on at its end, as it grows, until cancelled */
	struct cancel *cancel;
	/* After each part that was read, when all that is known of it has been given: false ends
	 * it, without an error. */
	bool (*read_part)(void *ctx);
	void *ctx;
	/* Each part as it is, before it is read; NULL: nobody wants it. */
	void (*tee)(void *ctx, struct slice octets);
	void *tee_ctx;
	uint64_t octets; /* how many there were, as output */
	bool settled;	 /* its own: the form is known, and pauses mean nothing */
};

/*
 * Reads it to its end, or to where it was cancelled, which is ERR_CANCELLED; what is begun is given
 * in any case. ERR_UNSUPPORTED: it is of no form that is known; those of file_start_reading().
 */
enum err source_read(struct source *s, struct trace_reader *r) MUST_CHECK;

#endif
