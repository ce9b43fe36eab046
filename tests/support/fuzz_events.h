/*
 * fuzz_events: any octets as events of a trace.
 *
 * Each event is an octet of what it is (0 to 4: enum trace_kind; its high bits: the card), a
 * command and a response, each a length of one octet (FF: 300 octets) and octets.
 */
#ifndef TWINKEY_TESTS_FUZZ_EVENTS_H
#define TWINKEY_TESTS_FUZZ_EVENTS_H

#include "lib/trace/event.h"

/* The next event, which borrows from what the cursor reads; false: there is none. */
bool fuzz_events_next(struct cursor *c, uint64_t number, struct trace_event *out);

#endif
