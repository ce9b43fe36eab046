#include "tests/support/fuzz_events.h"

#define LONG	    0xFF
#define LONG_OCTETS 300
#define KINDS	    5
#define CARD_AT	    4 /* bits of the first octet below the card's number */

static struct slice take_octets(struct cursor *c)
{
	size_t n = cursor_u8(c);

	n = n == LONG ? LONG_OCTETS : n;
	return cursor_take(c, n < cursor_left(c) ? n : cursor_left(c));
}

bool fuzz_events_next(struct cursor *c, uint64_t number, struct trace_event *out)
{
	uint8_t what;

	if (c->err || !cursor_left(c))
		return false;
	what = cursor_u8(c);
	*out = (struct trace_event){.kind = (enum trace_kind)((what & 0x0F) % KINDS),
				    .card = what >> CARD_AT,
				    .place = {number, 0}};
	out->command = take_octets(c);
	out->response = take_octets(c);
	return true;
}
