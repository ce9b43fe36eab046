#include "lib/trace/read/packet/twice.h"

#include <string.h>

static bool is_same(const struct datagram *a, const struct datagram *b)
{
	return a->id == b->id && a->is_v6 == b->is_v6 && a->from_port == b->from_port &&
	       a->to_port == b->to_port && memcmp(a->from, b->from, sizeof(a->from)) == 0 &&
	       memcmp(a->to, b->to, sizeof(a->to)) == 0;
}

static bool is_near(int64_t a, int64_t b)
{
	int64_t apart;

	return !__builtin_sub_overflow(a, b, &apart) && apart <= TWICE_NS_MAX &&
	       apart >= -TWICE_NS_MAX;
}

uint64_t twice_before(struct twice *t, const struct datagram *d, const struct twice_frame *frame)
{
	if (!d->id || !d->payload.len || d->payload.len > TWICE_OCTETS_MAX)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(t->seen); i++) {
		if (t->seen[i].number && is_same(&t->seen[i].datagram, d) &&
		    t->seen[i].has_time == frame->has_time &&
		    (!frame->has_time || is_near(t->seen[i].time_ns, frame->time_ns)) &&
		    slice_equal(slice_make(t->seen[i].payload, t->seen[i].len), d->payload))
			return t->seen[i].number;
	}
	t->seen[t->next].number = frame->number;
	t->seen[t->next].has_time = frame->has_time;
	t->seen[t->next].time_ns = frame->time_ns;
	t->seen[t->next].datagram = *d;
	t->seen[t->next].datagram.payload = SLICE_EMPTY;
	t->seen[t->next].len = d->payload.len;
	memcpy(t->seen[t->next].payload, d->payload.ptr, d->payload.len);
	t->next = (t->next + 1) % TWICE_FRAMES_MAX;
	return 0;
}
