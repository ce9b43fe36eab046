/*
 * events: what was read of a trace, a line an event, for tests that compare.
 */
#ifndef TWINKEY_TESTS_EVENTS_H
#define TWINKEY_TESTS_EVENTS_H

#include <stdio.h>

#include "lib/trace/event.h"

/* "KIND CARD LINE@OFFSET COMMAND/RESPONSE [t=NANOSECONDS] [TEXT]" */
void events_print(FILE *out, const struct trace_event *e);
/* The same as a trace_sink; ctx: a FILE. */
void events_take(void *ctx, const struct trace_event *e);

#endif
