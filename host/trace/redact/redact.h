/*
 * redact: a trace, made fit to be shared: read, rid of what tells who and where somebody is,
 * written, and read again to prove it.
 *
 * A log of text stays what it is, with other digits in it; a capture is written anew as pcapng,
 * with its exchanges and resets alone: no other protocols, addresses of packets, names of readers
 * or remarks.
 */
#ifndef TWINKEY_HOST_TRACE_REDACT_H
#define TWINKEY_HOST_TRACE_REDACT_H

#include "lib/trace/read/format.h"
#include "lib/trace/redact/replace.h"

struct cancel;

struct redact_job {
	const char *from, *to;		   /* paths; from may be "-" */
	const struct trace_format *format; /* NULL: it is found */
	struct standin_maker maker;
	bool anew;	       /* a file that is there gives its name to this one */
	bool pcapng;	       /* also of a log of text */
	struct cancel *cancel; /* asked all along: nothing is written then */
};

struct redact_result {
	const struct trace_format *format; /* of what was read */
	bool as_text;			   /* it was kept as a text */
	bool was_sealed;
	size_t exchanges, left_out; /* faults of a capture, which are not written */
	unsigned values, places;    /* different originals; those that are known by their places */
	struct replaced replaced;
	/* ERR_CORRUPT: what is wrong with what was written, which is gone: */
	bool left; /* an original is in it */
	struct replace_left what;
	uint64_t number; /* of its line or frame there; 0: what.at is in the file as such */
	bool unlike;	 /* its exchanges are not those of the trace */
};

/*
 * Whether the output is a file, or none yet, and not the trace itself: no device, FIFO or standard
 * output, which could not be read again. What is wrong stands in trouble_of().
 */
enum err redact_may_write(const struct redact_job *job) MUST_CHECK;
/*
 * What is written has its name when it is proved, and else what was there is as it was.
 * ERR_UNSUPPORTED: it is of no form that is known; ERR_CORRUPT: see the result; ERR_EXISTS,
 * ERR_SPACE (it is too large), and those of reading and writing files.
 */
enum err redact(const struct redact_job *job, struct redact_result *out) MUST_CHECK;

#endif
