/*
 * diff: what one trace has that another one has not, by meaning and not by line.
 *
 * Both sides are aligned by what their exchanges are about (meaning.h, align.h), card by card;
 * pairs are compared leaf by leaf (compare.h). What one of the traces never records (resets, PPS,
 * removals) is no difference: it is told as DIFF_FORM.
 */
#ifndef TWINKEY_TRACE_DIFF_DIFF_H
#define TWINKEY_TRACE_DIFF_DIFF_H

#include "lib/trace/diff/compare.h"

struct side;

/* Octets that both sides together may hold: what is beyond is ERR_SPACE. */
#define DIFF_HELD_MAX ((size_t)1 << 30)

/* In the order of the first trace; what only the second has stands where it would there. ERR_SPACE:
 * more than ALIGN_MOST exchanges; ERR_MEMORY. */
enum err diff_sides(const struct pool *pool, const struct side *a, const struct side *b,
		    const struct diff_sink *sink) MUST_CHECK;

/* It counts: the traces are not the same. */
bool diff_is_real(enum diff_kind kind);

#endif
