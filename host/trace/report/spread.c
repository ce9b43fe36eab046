#include "host/trace/report/spread.h"

#define OTHERS (SPREAD_LANES - 1)

/* On the axis, from its beginning; what is before it is at it. */
static bool position_of(const struct spread *s, const struct spread_at *at, uint64_t *out)
{
	uint64_t v = s->by_time ? (uint64_t)at->time_ns : at->number;

	if (s->by_time && !at->has_time)
		return false;
	if (s->by_time ? at->time_ns < (int64_t)s->first : v < s->first)
		v = s->first;
	*out = v - s->first;
	return true;
}

static void halve(struct spread *s)
{
	for (size_t l = 0; l < s->lane_count; l++) {
		uint32_t *count = s->lanes[l].count;

		for (size_t i = 0; i < SPREAD_PARTS; i++)
			count[i] = i < SPREAD_PARTS / 2 ? count[2 * i] + count[2 * i + 1] : 0;
	}
	s->width *= 2;
	s->parts = (s->parts + 1) / 2;
}

static struct spread_lane *lane_of(struct spread *s, unsigned card, unsigned channel)
{
	for (size_t i = 0; i < s->lane_count; i++) {
		if (s->lanes[i].card == card && s->lanes[i].channel == channel)
			return &s->lanes[i];
	}
	if (s->lane_count == SPREAD_LANES) {
		s->has_others = true;
		return &s->lanes[OTHERS];
	}
	s->lanes[s->lane_count] = (struct spread_lane){.card = card, .channel = channel};
	return &s->lanes[s->lane_count++];
}

void spread_take(struct spread *s, const struct spread_at *at, unsigned card, unsigned channel)
{
	uint64_t v;

	if (!s->begun) {
		s->begun = true;
		s->by_time = at->has_time;
		s->first = at->has_time ? (uint64_t)at->time_ns : at->number;
		s->width = 1;
	}
	if (!position_of(s, at, &v))
		return;
	while (v / s->width >= SPREAD_PARTS)
		halve(s);
	v /= s->width;
	if (s->parts <= v)
		s->parts = (unsigned)v + 1;
	lane_of(s, card, channel)->count[v]++;
}

bool spread_find(const struct spread *s, const struct spread_at *at, double *part)
{
	uint64_t v;

	if (!s->begun || !position_of(s, at, &v))
		return false;
	*part = (double)v / (double)s->width;
	if (*part > s->parts)
		*part = s->parts;
	return true;
}
