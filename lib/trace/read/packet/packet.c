#include "lib/trace/read/packet/packet.h"

#include <stdio.h>
#include <string.h>

#define WHY_MAX 80

static void fault_of(struct trace_out *o, const struct packet *packet, const char *why,
		     struct slice octets)
{
	const struct trace_event e = {.kind = TRACE_FAULT,
				      .has_time = packet->has_time,
				      .time_ns = packet->time_ns,
				      .command = octets,
				      .text = why};

	trace_out_event(o, &e);
}

static bool is_of_port(const struct datagram *d)
{
	return d->from_port == GSMTAP_PORT || d->to_port == GSMTAP_PORT;
}

static void fault_of_twice(struct trace_out *o, const struct packet *packet, uint64_t before,
			   struct slice body)
{
	char why[WHY_MAX];

	snprintf(why, sizeof(why), "the datagram of frame %llu once more",
		 (unsigned long long)before);
	fault_of(o, packet, why, body);
}

static void take_datagram(struct packets *p, struct trace_out *o, const struct packet *packet,
			  const struct datagram *d)
{
	struct gsmtap_frame f = {.missing = d->missing,
				 .has_time = packet->has_time,
				 .time_ns = packet->time_ns,
				 .remark = packet->remark};
	const struct twice_frame frame = {o->place.number, f.has_time, f.time_ns};
	const char *why = "";
	uint64_t before;

	switch (gsmtap_open(d->payload, &f, &why)) {
	case GSMTAP_OF_OTHERS: o->skipped++; return;
	case GSMTAP_BROKEN: fault_of(o, packet, why, d->payload); return;
	case GSMTAP_OF_SIM: break;
	}
	before = twice_before(&p->twice, d, &frame);
	if (before) {
		fault_of_twice(o, packet, before, f.body);
		return;
	}
	f.card = senders_card(&p->senders, o, packet->interface, d);
	gsmtap_take(&p->gsmtap, o, &f);
}

static bool is_of_fragment(const struct packets *p, const struct datagram *d)
{
	return p->has_fragment && p->fragment.id == d->id &&
	       memcmp(p->fragment.from, d->from, sizeof(d->from)) == 0 &&
	       memcmp(p->fragment.to, d->to, sizeof(d->to)) == 0;
}

void packets_take(struct packets *p, struct trace_out *o, const struct packet *packet)
{
	struct datagram d;
	enum link_found found = link_open(packet->link, packet->octets, &d);

	if (found == LINK_BROKEN) {
		fault_of(o, packet, "there is no whole IP packet in it", packet->octets);
	} else if (found == LINK_UDP && is_of_port(&d)) {
		take_datagram(p, o, packet, &d);
	} else if (found == LINK_FRAGMENT && is_of_port(&d)) {
		p->has_fragment = true;
		p->fragment = d;
		p->fragment.payload = SLICE_EMPTY;
		fault_of(o, packet, "a fragment of a datagram: it is not put together", d.payload);
	} else if (found == LINK_REST && is_of_fragment(p, &d)) {
		fault_of(o, packet, "a further fragment of that datagram", SLICE_EMPTY);
	} else {
		o->skipped++;
	}
}

void packets_end(struct packets *p, struct trace_out *o)
{
	gsmtap_end(&p->gsmtap, o);
}
