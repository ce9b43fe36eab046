/* pcapng: sections of either order, interfaces, packets of three kinds; the rest is skipped. */
#include <stdio.h>
#include <string.h>

#include "lib/trace/read/packet/block.h"
#include "lib/trace/read/packet/capture.h"
#include "lib/trace/read/packet/order.h"
#include "lib/trace/read/packet/packet.h"

#define INTERFACES_MAX	   256 /* of a section */
#define REMARK_MAX	   1024
#define WHY_MAX		   80
#define SHOWN_MAX	   64 /* octets of a block that is cut */

#define OPTION_HEADER_LEN  4
#define OFFSET_LEN	   8

#define RESOLUTION_DEFAULT 6
#define RESOLUTION_BINARY  0x80 /* of 2 instead of 10 */
#define NANO		   9
#define NS_PER_S	   1000000000

struct interface {
	uint32_t link, snaplen;
	uint8_t resolution;
	bool has_time; /* how its times are to be read is known */
	bool told;     /* that its link isn't known */
	int64_t offset_s;
	char name[TRACE_CARD_NAME_MAX]; /* "": none */
};

struct pcapng {
	bool little;
	bool lost; /* the next block is looked for */
	struct interface interfaces[INTERFACES_MAX];
	uint32_t interface_count; /* also those beyond INTERFACES_MAX */
	char remark[REMARK_MAX];
	struct packets packets;
};

static unsigned recognise_pcapng(struct slice head)
{
	struct block b = {0};

	if (order_u32(true, head, 0) != BLOCK_SECTION)
		return 0;
	return block_read(head, true, &b) == BLOCK_BROKEN ? 40 : head.len < BLOCK_MIN ? 50 : 100;
}

/* Text of a stranger, which goes to people: without what moves their cursor. */
static void add_text(char *to, size_t cap, struct slice text, const char *between)
{
	size_t len = strlen(to);

	if (len)
		len += (size_t)snprintf(to + len, cap - len, "%s", between);
	for (size_t i = 0; i < text.len && len + 1 < cap; i++) {
		uint8_t c = slice_at(text, i);

		to[len++] = c < ' ' || c == 0x7F ? ' ' : (char)c;
	}
	if (len < cap)
		to[len] = 0;
}

/* The next option; false at their end, and when they are broken (*at is then past the end). */
static bool next_option(const struct block *b, size_t *at, uint16_t *code, struct slice *value)
{
	size_t end = b->all.len - BLOCK_END_LEN, len;

	if (*at >= end)
		return false;
	*code = order_u16(b->little, b->all, *at);
	len = order_u16(b->little, b->all, *at + 2);
	if (*code == OPTION_END && !len && end - *at >= OPTION_HEADER_LEN) {
		*at = end;
		return false;
	}
	if (end - *at < OPTION_HEADER_LEN || len > end - *at - OPTION_HEADER_LEN) {
		*at = b->all.len;
		return false;
	}
	*value = slice_sub(b->all, *at + OPTION_HEADER_LEN, len);
	*at += OPTION_HEADER_LEN + len +
	       (PCAPNG_ALIGNMENT - len % PCAPNG_ALIGNMENT) % PCAPNG_ALIGNMENT;
	return true;
}

/* What people and programs wrote into the options of a block */
static void tell_options(struct trace_out *o, const struct block *b, size_t at)
{
	struct slice value;
	uint16_t code;

	while (next_option(b, &at, &code, &value))
		trace_out_words(o, value);
}

static void fault_of_options(struct trace_out *o, const struct block *b, size_t at)
{
	if (at == b->all.len)
		trace_out_fault(o, "the options of the block are not whole", SLICE_EMPTY);
}

static struct interface *add_interface(struct pcapng *s)
{
	uint32_t number = s->interface_count++;
	struct interface *i = &s->interfaces[number % INTERFACES_MAX];

	*i = (struct interface){.resolution = RESOLUTION_DEFAULT};
	if (number)
		snprintf(i->name, sizeof(i->name), "interface %u", number);
	return i;
}

static void take_interface(struct pcapng *s, struct trace_out *o, const struct block *b)
{
	struct interface *i = add_interface(s);
	size_t at = BLOCK_OPTIONS_AT;
	struct slice value;
	uint16_t code;

	tell_options(o, b, at);
	i->has_time = true;
	i->link = order_u16(b->little, b->all, BLOCK_LINK_AT);
	i->snaplen = order_u32(b->little, b->all, BLOCK_SNAPLEN_AT);
	while (next_option(b, &at, &code, &value)) {
		if (code == OPTION_NAME && value.len && !slice_is(value, "-")) {
			i->name[0] = 0;
			add_text(i->name, sizeof(i->name), value, "");
		} else if (code == OPTION_RESOLUTION && value.len == 1) {
			i->resolution = slice_at(value, 0);
		} else if (code == OPTION_OFFSET && value.len == OFFSET_LEN) {
			uint64_t low = order_u32(b->little, value, b->little ? 0 : 4);
			uint64_t high = order_u32(b->little, value, b->little ? 4 : 0);

			i->offset_s = (int64_t)(high << 32 | low);
		}
	}
	fault_of_options(o, b, at);
}

/* False: no number of nanoseconds of 63 bits says it. */
static bool time_of(const struct interface *i, uint64_t ticks, int64_t *out)
{
	unsigned digits = i->resolution & (RESOLUTION_BINARY - 1u);
	unsigned __int128 ns = ticks;
	int64_t offset;

	if (i->resolution & RESOLUTION_BINARY) {
		ns = ns * NS_PER_S >> digits;
	} else {
		for (; digits < NANO; digits++)
			ns *= 10;
		for (; digits > NANO && ns; digits--)
			ns /= 10;
	}
	return i->has_time && ns <= INT64_MAX &&
	       !__builtin_mul_overflow(i->offset_s, (int64_t)NS_PER_S, &offset) &&
	       !__builtin_add_overflow((int64_t)ns, offset, out);
}

/* Where a packet is in its block, as its kind has it. */
struct layout {
	uint32_t interface;
	size_t at, captured;
	bool has_time;
};

static struct layout layout_of(const struct pcapng *s, const struct block *b)
{
	struct layout l = {.at = BLOCK_PACKET_AT, .has_time = true};

	if (b->type == BLOCK_SIMPLE_PACKET) {
		uint32_t snaplen = s->interfaces[0].snaplen;
		size_t room = b->all.len - BLOCK_SIMPLE_AT - BLOCK_END_LEN;

		l.at = BLOCK_SIMPLE_AT;
		l.has_time = false;
		l.captured = order_u32(b->little, b->all, BLOCK_INTERFACE_AT);
		if (snaplen && l.captured > snaplen)
			l.captured = snaplen;
		if (l.captured > room)
			l.captured = room;
		return l;
	}
	l.interface = b->type == BLOCK_PACKET ? order_u32(b->little, b->all, BLOCK_INTERFACE_AT)
					      : order_u16(b->little, b->all, BLOCK_INTERFACE_AT);
	l.captured = order_u32(b->little, b->all, BLOCK_CAPTURED_AT);
	return l;
}

/* The options behind the packet, of which comments are its remark. */
static void take_remarks(struct pcapng *s, struct trace_out *o, const struct block *b, size_t at)
{
	struct slice value;
	uint16_t code;

	s->remark[0] = 0;
	while (next_option(b, &at, &code, &value)) {
		trace_out_words(o, value);
		if (code == OPTION_COMMENT)
			add_text(s->remark, sizeof(s->remark), value, "; ");
	}
	fault_of_options(o, b, at);
}

/* Its packets are skipped; the first time that is told. */
static void skip_link(struct interface *i, struct trace_out *o)
{
	char why[WHY_MAX];

	o->skipped++;
	if (i->told)
		return;
	i->told = true;
	snprintf(why, sizeof(why), "link type %u is not known: its packets are skipped", i->link);
	trace_out_fault(o, why, SLICE_EMPTY);
}

static void take_packet(struct pcapng *s, struct trace_out *o, const struct block *b)
{
	struct layout l = layout_of(s, b);
	struct packet p = {.octets = slice_sub(b->all, l.at, l.captured), .remark = s->remark};
	struct interface *i;
	uint64_t ticks;

	o->place.number++;
	if (l.interface >= s->interface_count ||
	    s->interface_count - l.interface > INTERFACES_MAX) {
		trace_out_fault(o, "a packet of an interface that no block describes", p.octets);
		return;
	}
	i = &s->interfaces[l.interface % INTERFACES_MAX];
	if (!link_is_known(i->link)) {
		skip_link(i, o);
		return;
	}
	ticks = (uint64_t)order_u32(b->little, b->all, BLOCK_TIME_AT) << 32 |
		order_u32(b->little, b->all, BLOCK_TIME_AT + 4);
	p.link = i->link;
	p.interface = i->name;
	p.has_time = l.has_time && time_of(i, ticks, &p.time_ns);
	l.captured += (PCAPNG_ALIGNMENT - l.captured % PCAPNG_ALIGNMENT) % PCAPNG_ALIGNMENT;
	if (l.has_time)
		take_remarks(s, o, b, l.at + l.captured);
	else
		s->remark[0] = 0; /* a simple packet has no options */
	packets_take(&s->packets, o, &p);
}

static void begin_section(struct pcapng *s, struct trace_out *o, const struct block *b)
{
	packets_end(&s->packets, o);
	tell_options(o, b, BLOCK_SECTION_OPTIONS_AT);
	s->interface_count = 0;
	s->little = b->little;
}

/* Wireshark gives it a number too. */
static void skip_frame(struct trace_out *o)
{
	o->place.number++;
	o->skipped++;
}

static void take_block(struct pcapng *s, struct trace_out *o, const struct block *b)
{
	if (b->type == BLOCK_SECTION)
		begin_section(s, o, b);
	else if (b->type == BLOCK_INTERFACE)
		take_interface(s, o, b);
	else if (block_is_packet(b->type))
		take_packet(s, o, b);
	else if (block_is_frame(b->type))
		skip_frame(o);
}

/* What follows refers to it, though it is broken: interfaces are counted, and packets. */
static void take_broken(struct pcapng *s, struct trace_out *o, struct slice there, const char *why)
{
	uint32_t type = order_u32(s->little, there, 0);

	if (block_is_frame(type))
		o->place.number++;
	else if (type == BLOCK_INTERFACE)
		add_interface(s)->link = order_u16(s->little, there, BLOCK_LINK_AT);
	trace_out_fault(o, why, there);
	s->lost = true;
}

static size_t take_octets_pcapng(void *state, struct trace_out *o, struct slice there)
{
	struct pcapng *s = state;
	size_t skipped = s->lost ? block_search(there, s->little, false) : 0;
	struct block b = {0};

	if (skipped)
		return skipped;
	switch (block_read(there, s->little, &b)) {
	case BLOCK_UNFINISHED: return 0;
	case BLOCK_BROKEN:
		take_broken(s, o, slice_sub(there, 0, BLOCK_MIN),
			    "the lengths of the block do not agree");
		return 1;
	case BLOCK_WHOLE: break;
	}
	s->lost = false;
	take_block(s, o, &b);
	return b.all.len;
}

static size_t lose_octets_pcapng(void *state, struct trace_out *o, struct slice there)
{
	struct pcapng *s = state;

	if (!s->lost)
		take_broken(s, o, slice_sub(there, 0, SHOWN_MAX), "the block is cut");
	return 1 + block_search(slice_sub(there, 1, there.len), s->little, true);
}

static void end_pcapng(void *state, struct trace_out *o)
{
	struct pcapng *s = state;

	packets_end(&s->packets, o);
}

const struct trace_format trace_format_pcapng = {.name = "pcapng",
						 .title = "pcapng with GSMTAP",
						 .recognise = recognise_pcapng,
						 .state_size = sizeof(struct pcapng),
						 .octets = take_octets_pcapng,
						 .lost = lose_octets_pcapng,
						 .end = end_pcapng};
