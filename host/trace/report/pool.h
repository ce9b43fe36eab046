/*
 * pool: copies of texts that live as long as it does. Texts of one length or another come one after
 * the other in blocks; none is freed alone.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_POOL_H
#define TWINKEY_HOST_TRACE_REPORT_POOL_H

#include <stddef.h>

struct pool_block;

struct pool { /* zeros: empty */
	struct pool_block *last;
	size_t used, octets; /* of the last block; in all */
};

/* NULL: out of memory. */
const char *pool_text(struct pool *p, const char *text);
void pool_free(struct pool *p);

#endif
