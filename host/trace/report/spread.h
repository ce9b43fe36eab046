/*
 * spread: how a trace's exchanges lie over its time, by logical channel: counts in parts of equal
 * width. The width doubles as the trace goes on, so that it is never more than SPREAD_PARTS.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_SPREAD_H
#define TWINKEY_HOST_TRACE_REPORT_SPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPREAD_PARTS 160
#define SPREAD_LANES 12

struct spread_lane {
	unsigned card, channel;
	uint32_t count[SPREAD_PARTS];
};

struct spread {		     /* zeros: empty */
	bool begun, by_time; /* else by the numbers of frames or lines */
	uint64_t first, width;
	unsigned parts; /* in use */
	struct spread_lane lanes[SPREAD_LANES];
	size_t lane_count;
	bool has_others; /* the last lane has all channels that there was no lane for */
};

/* A place in the trace. */
struct spread_at {
	uint64_t number;
	bool has_time;
	int64_t time_ns;
};

void spread_take(struct spread *s, const struct spread_at *at, unsigned card, unsigned channel);
/* Where a place lies, 0 to SPREAD_PARTS; false: it is not known. */
bool spread_find(const struct spread *s, const struct spread_at *at, double *part);

#endif
