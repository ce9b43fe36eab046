/*
 * compare: two exchanges of one meaning, leaf by leaf: what is another value, and whether that is a
 * difference.
 */
#ifndef TWINKEY_TRACE_DIFF_COMPARE_H
#define TWINKEY_TRACE_DIFF_COMPARE_H

#include "lib/base/bytes.h"

struct entry;
struct pool;

enum diff_kind {
	/* differences */
	DIFF_REMOVED, /* not in the second */
	DIFF_ADDED,   /* not in the first */
	DIFF_MOVED,   /* elsewhere in the second */
	DIFF_CHANGED,
	/* none */
	DIFF_SESSION, /* a value that is another one in each session */
	DIFF_FORM,    /* the same, sent or written in another way */
	DIFF_MASKED   /* a secret that only one of the traces has in clear */
};

struct diff_value {
	bool is;	  /* it is there */
	const char *text; /* in words; or NULL: the octets say it all */
	struct slice raw;
};

/* Borrows for the call. */
struct difference {
	enum diff_kind kind;
	const struct entry *a, *b; /* the one that is not there: NULL */
	const char *where, *keys;  /* parted by "/": names, keys; "": the exchange as a whole */
	struct diff_value before, after;
	const char *why; /* SESSION: the clause; FORM: in words; else NULL */
};

struct diff_sink {
	void (*take)(void *ctx, const struct difference *d);
	void *ctx;
};

struct comparer;

/* NULL: out of memory. */
struct comparer *comparer_open(const struct pool *pool, const struct diff_sink *sink);
/* ERR_MEMORY */
enum err comparer_compare(struct comparer *c, const struct entry *a,
			  const struct entry *b) MUST_CHECK;
void comparer_close(struct comparer **c);

#endif
