/*
 * clock: when a line of a log was written, by what stands in it.
 */
#ifndef TWINKEY_TRACE_READ_CLOCK_H
#define TWINKEY_TRACE_READ_CLOCK_H

#include "lib/base/bytes.h"

/* Zeros at the beginning. Of a log without dates, time goes on past midnight. */
struct clock {
	bool any;
	int64_t last_ns; /* of its day */
	int64_t days_ns; /* that are over */
};

/*
 * The first "hh:mm:ss" of the line, with a fraction behind '.', ',' or ':' if there is one, and the
 * date in front of it or behind it ("2026-04-17", "2026/04/17", "2026 Apr 14"). With a date: since
 * 1970, taken as UTC, for no log says its zone; without: since the midnight before the first line.
 * Nanoseconds. False: there is none.
 */
bool clock_of_line(struct clock *c, struct slice line, int64_t *time_ns);
/* "SECONDS.FRACTION" off the front of *s, as since 1970. */
bool clock_seconds(struct slice *s, int64_t *time_ns);

#endif
