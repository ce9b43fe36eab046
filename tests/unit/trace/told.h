/*
 * told: what was read from a trace, a line an event.
 */
#ifndef TWINKEY_TESTS_TRACE_TOLD_H
#define TWINKEY_TESTS_TRACE_TOLD_H

#include "lib/base/bytes.h"

struct told_counts {
	unsigned exchanges, resets, pps, faults;
	unsigned cards;
	uint64_t frames, skipped;
};

/*
 * "KIND CARD NUMBER@OFFSET TIME COMMAND/RESPONSE TEXT" of each event of a trace that is fed in
 * pieces of so many octets; it lives until the next call. format NULL: it is found. When no format
 * is: "".
 */
const char *told_events(struct slice trace, size_t piece, const char *format);
/* Of the last one. */
struct told_counts told_counts(void);
const char *told_card(unsigned card);

#endif
