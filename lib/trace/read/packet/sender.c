#include "lib/trace/read/packet/sender.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static struct endpoint endpoint_of(const struct datagram *d)
{
	bool is_answer = d->to_port != GSMTAP_PORT;
	struct endpoint e = {.port = is_answer ? d->to_port : d->from_port, .is_v6 = d->is_v6};

	memcpy(e.address, is_answer ? d->to : d->from, sizeof(e.address));
	return e;
}

static bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && a->is_v6 == b->is_v6 &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

/* "127.0.0.1:4729", and the interface behind it if it has a name */
static unsigned card_of(struct trace_out *o, const struct endpoint *e, const char *interface)
{
	char address[INET6_ADDRSTRLEN] = "", name[TRACE_CARD_NAME_MAX];

	(void)inet_ntop(e->is_v6 ? AF_INET6 : AF_INET, e->address, address, sizeof(address));
	snprintf(name, sizeof(name), e->is_v6 ? "[%s]:%u%s%s" : "%s:%u%s%s", address,
		 (unsigned)e->port, *interface ? " " : "", interface);
	return trace_out_card(o, slice_str(name));
}

/* The one that came before from there, on the interface with this name; NULL: none. */
static const struct sender *find_sender(const struct senders *s, const struct trace_out *o,
					const char *interface, const struct datagram *d)
{
	bool is_answer = d->to_port != GSMTAP_PORT;
	const uint8_t *address = is_answer ? d->to : d->from;
	uint16_t port = is_answer ? d->to_port : d->from_port;

	for (unsigned i = 0; *interface && i < s->count; i++) {
		const struct sender *one = &s->list[i];

		if (one->has_base && one->from.port == port && one->from.is_v6 == d->is_v6 &&
		    memcmp(one->from.address, address, sizeof(one->from.address)) == 0 &&
		    strcmp(o->cards[one->base], interface) == 0)
			return one;
	}
	return NULL;
}

unsigned senders_card(struct senders *s, struct trace_out *o, const char *interface,
		      const struct datagram *d)
{
	const struct sender *known = find_sender(s, o, interface, d);
	bool has_base = *interface != 0, is_first = true;
	struct endpoint from;
	unsigned base, card;

	if (known)
		return known->card;
	from = endpoint_of(d);
	base = has_base ? trace_out_card(o, slice_str(interface)) : 0;
	for (unsigned i = 0; i < s->count; i++) {
		if (s->list[i].has_base != has_base || s->list[i].base != base)
			continue;
		if (endpoint_equal(&s->list[i].from, &from))
			return s->list[i].card;
		is_first = false;
	}
	if (s->count == ARRAY_LEN(s->list))
		return TRACE_CARDS_MAX - 1;
	card = has_base && is_first ? base : card_of(o, &from, interface);
	s->list[s->count].has_base = has_base;
	s->list[s->count].base = base;
	s->list[s->count].from = from;
	s->list[s->count++].card = card;
	return card;
}
