/*
 * window: which exchanges of a trace are kept for its report: all of a short one; of a long one the
 * beginning, and those around what is wanted. For gather.c.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_WINDOW_H
#define TWINKEY_HOST_TRACE_REPORT_WINDOW_H

#include "host/trace/report/report.h"

struct window;

/* NULL: out of memory. */
struct window *window_open(void);
/* The item that is taken next is wanted, with some before and behind it. */
void window_want(struct window *w);
void window_take(struct window *w, const struct decode_item *item);
/* Gives the report the lines that were kept, which are the window's; false: memory was out. */
bool window_end(const struct window *w, struct report *r);
void window_close(struct window **w);

#endif
