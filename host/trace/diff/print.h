/*
 * print: differences of two traces as lines of text, and as objects of JSON (docs/trace.md).
 */
#ifndef TWINKEY_HOST_TRACE_DIFF_PRINT_H
#define TWINKEY_HOST_TRACE_DIFF_PRINT_H

#include <jansson.h>

#include "lib/trace/diff/diff.h"

/* "changed" */
const char *difference_name(enum diff_kind kind);
/* Appends a line, without its end. */
void difference_text(const struct pool *pool, const struct difference *d, struct wbuf *out);
/* NULL: out of memory. */
json_t *difference_json(const struct pool *pool, const struct difference *d);

#endif
