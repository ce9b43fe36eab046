/*
 * pool: strings of octets, each kept once and known by a number: traces say the same things often.
 */
#ifndef TWINKEY_TRACE_DIFF_POOL_H
#define TWINKEY_TRACE_DIFF_POOL_H

#include "lib/base/bytes.h"

struct pool;

/* limit: octets, of all strings together. NULL: out of memory. */
struct pool *pool_open(size_t limit);
/* The number of a string; equal strings have equal ones. ERR_SPACE: the limit; ERR_MEMORY,
 * ERR_CRYPTO. */
enum err pool_keep(struct pool *p, struct slice octets, uint32_t *out) MUST_CHECK;
/* Valid until the next pool_keep(). */
struct slice pool_get(const struct pool *p, uint32_t number);
/* How many numbers there are: 0 to one less than this. */
uint32_t pool_count(const struct pool *p);
void pool_close(struct pool **p);

#endif
