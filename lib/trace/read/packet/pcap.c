/* pcap: a header, then records of one link, in the order and the fractions that its magic says. */
#include <stdio.h>

#include "lib/trace/read/packet/capture.h"
#include "lib/trace/read/packet/order.h"
#include "lib/trace/read/packet/packet.h"

#define FILE_HEADER_LEN	  24
#define MAGIC_MICRO	  0xA1B2C3D4
#define MAGIC_NANO	  0xA1B23C4D
#define SNAPLEN_AT	  16
#define LINK_AT		  20
#define LINK_MASK	  0xFFFF /* above: how long the frame check sequence is */
#define RECORD_HEADER_LEN 16
#define FRACTION_AT	  4
#define CAPTURED_AT	  8
#define ORIGINAL_AT	  12
#define CAPTURED_MAX	  262144 /* of tcpdump and Wireshark */
#define NEAR_S		  (30 * 24 * 3600)
#define NS_PER_S	  1000000000
#define NS_PER_US	  1000
#define WHY_MAX		  80
#define SHOWN_MAX	  64 /* octets of a record that is cut */

struct pcap {
	enum { PCAP_NEW, PCAP_GOOD, PCAP_LOST, PCAP_NONE } is;
	bool little, is_nano;
	bool told; /* that the link isn't known */
	uint32_t snaplen, link;
	uint32_t last_s; /* the time of the last record that was believed */
	struct packets packets;
};

struct record {
	uint32_t seconds, fraction, captured, original;
};

static bool has_magic(struct slice head, bool little)
{
	uint32_t magic = order_u32(little, head, 0);

	return magic == MAGIC_MICRO || magic == MAGIC_NANO;
}

static unsigned recognise_pcap(struct slice head)
{
	return has_magic(head, false) || has_magic(head, true) ? 95 : 0;
}

static struct record record_of(const struct pcap *s, struct slice there)
{
	return (struct record){.seconds = order_u32(s->little, there, 0),
			       .fraction = order_u32(s->little, there, FRACTION_AT),
			       .captured = order_u32(s->little, there, CAPTURED_AT),
			       .original = order_u32(s->little, there, ORIGINAL_AT)};
}

static bool is_possible(const struct pcap *s, const struct record *r)
{
	return r->captured <= CAPTURED_MAX &&
	       r->fraction < (s->is_nano ? NS_PER_S : NS_PER_S / NS_PER_US);
}

/* All of the packet is there, or as much as was to be captured. */
static bool is_ordinary(const struct pcap *s, const struct record *r)
{
	return r->captured == r->original ||
	       (r->captured < r->original && r->captured == s->snaplen);
}

/* As is_possible(), and such as follows the last one. */
static bool follows(const struct pcap *s, const struct record *r)
{
	int64_t apart = (int64_t)r->seconds - (int64_t)s->last_s;

	return is_possible(s, r) && r->captured && apart < NEAR_S && apart > -NEAR_S &&
	       r->captured <= r->original;
}

/* More octets than there were on the wire, and where those end another record begins. */
static bool hides_another(const struct pcap *s, struct slice there, const struct record *r)
{
	struct record other = record_of(
		s, slice_sub(there, RECORD_HEADER_LEN + (size_t)r->original, RECORD_HEADER_LEN));

	return r->captured > r->original && follows(s, &other);
}

enum record_found { RECORD_WHOLE, RECORD_UNFINISHED, RECORD_BROKEN };

/*
 * The record that begins there. Where its lengths differ without a reason, or while a record is
 * looked for, it is believed only if another follows where it says.
 */
static enum record_found read_record(const struct pcap *s, struct slice there, struct record *out)
{
	bool is_sure = s->is == PCAP_GOOD;
	struct record next;
	size_t len;

	*out = record_of(s, there);
	len = RECORD_HEADER_LEN + (size_t)out->captured;
	if (there.len < RECORD_HEADER_LEN)
		return RECORD_UNFINISHED;
	if (!is_possible(s, out) || (!is_sure && !(follows(s, out) && is_ordinary(s, out))))
		return RECORD_BROKEN;
	is_sure = is_sure && is_ordinary(s, out);
	if (there.len < len + (is_sure ? 0 : RECORD_HEADER_LEN))
		return RECORD_UNFINISHED;
	next = record_of(s, slice_sub(there, len, RECORD_HEADER_LEN));
	return is_sure || (follows(s, &next) && !hides_another(s, there, out)) ? RECORD_WHOLE
									       : RECORD_BROKEN;
}

static size_t search_record(const struct pcap *s, struct slice there, bool no_more)
{
	size_t at = 0;

	for (; there.len - at >= RECORD_HEADER_LEN; at++) {
		struct slice rest = slice_sub(there, at, there.len);
		struct record r;
		enum record_found found = read_record(s, rest, &r);
		bool is_last = found == RECORD_UNFINISHED &&
			       rest.len == RECORD_HEADER_LEN + (size_t)r.captured;

		if (found == RECORD_WHOLE || (found == RECORD_UNFINISHED && !no_more) || is_last)
			return at;
	}
	return no_more ? there.len : at;
}

static void take_record(struct pcap *s, struct trace_out *o, struct slice there,
			const struct record *r)
{
	struct packet p = {.link = s->link,
			   .interface = "",
			   .has_time = true,
			   .octets = slice_sub(there, RECORD_HEADER_LEN, r->captured),
			   .remark = ""};
	char why[WHY_MAX];

	s->is = PCAP_GOOD;
	s->last_s = r->seconds;
	p.time_ns = (int64_t)r->seconds * NS_PER_S +
		    (int64_t)r->fraction * (s->is_nano ? 1 : NS_PER_US);
	if (link_is_known(s->link)) {
		packets_take(&s->packets, o, &p);
		return;
	}
	o->skipped++;
	if (s->told)
		return;
	s->told = true;
	snprintf(why, sizeof(why), "link type %u is not known: its packets are skipped", s->link);
	trace_out_fault(o, why, SLICE_EMPTY);
}

static size_t take_header(struct pcap *s, struct trace_out *o, struct slice there)
{
	if (there.len < FILE_HEADER_LEN)
		return 0;
	s->little = has_magic(there, true);
	s->is = s->little || has_magic(there, false) ? PCAP_GOOD : PCAP_NONE;
	s->is_nano = order_u32(s->little, there, 0) == MAGIC_NANO;
	s->snaplen = order_u32(s->little, there, SNAPLEN_AT);
	s->link = order_u32(s->little, there, LINK_AT) & LINK_MASK;
	if (s->is == PCAP_NONE)
		trace_out_fault(o, "it does not begin as a pcap file: nothing of it is read",
				SLICE_EMPTY);
	return FILE_HEADER_LEN;
}

static size_t take_octets_pcap(void *state, struct trace_out *o, struct slice there)
{
	struct pcap *s = state;
	struct record r;
	size_t skipped;

	switch (s->is) {
	case PCAP_NEW: return take_header(s, o, there);
	case PCAP_NONE: return there.len;
	case PCAP_LOST:
		skipped = search_record(s, there, false);
		if (skipped)
			return skipped;
		break;
	case PCAP_GOOD: break;
	}
	switch (read_record(s, there, &r)) {
	case RECORD_UNFINISHED: return 0;
	case RECORD_BROKEN:
		o->place.number++;
		trace_out_fault(o, "the record's lengths or time cannot be",
				slice_sub(there, 0, RECORD_HEADER_LEN));
		s->is = PCAP_LOST;
		return 1;
	case RECORD_WHOLE: break;
	}
	o->place.number++;
	take_record(s, o, there, &r);
	return RECORD_HEADER_LEN + (size_t)r.captured;
}

static size_t lose_octets_pcap(void *state, struct trace_out *o, struct slice there)
{
	struct pcap *s = state;
	struct record r = record_of(s, there);

	if (s->is == PCAP_NEW) {
		trace_out_fault(o, "the header of the file is cut", there);
		return there.len;
	}
	if (there.len >= RECORD_HEADER_LEN && there.len == RECORD_HEADER_LEN + (size_t)r.captured &&
	    is_possible(s, &r)) {
		o->place.number++; /* the last one, which none follows */
		take_record(s, o, there, &r);
		return there.len;
	}
	if (s->is == PCAP_GOOD) {
		o->place.number++;
		trace_out_fault(o, "the record is cut", slice_sub(there, 0, SHOWN_MAX));
		s->is = PCAP_LOST;
	}
	return 1 + search_record(s, slice_sub(there, 1, there.len), true);
}

static void end_pcap(void *state, struct trace_out *o)
{
	struct pcap *s = state;

	packets_end(&s->packets, o);
}

const struct trace_format trace_format_pcap = {.name = "pcap",
					       .title = "pcap with GSMTAP",
					       .recognise = recognise_pcap,
					       .state_size = sizeof(struct pcap),
					       .octets = take_octets_pcap,
					       .lost = lose_octets_pcap,
					       .end = end_pcap};
