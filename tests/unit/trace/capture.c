#include "tests/unit/trace/capture.h"

#include <string.h>

#include "lib/trace/gsmtap.h"
#include "lib/trace/pcapng.h"

static void put_number(struct capture *c, uint64_t v, unsigned octets)
{
	for (unsigned i = 0; i < octets; i++)
		wbuf_u8(&c->w, (uint8_t)(v >> 8 * (c->little ? i : octets - 1 - i)));
}

void capture_u16(struct capture *c, uint16_t v)
{
	put_number(c, v, 2);
}

void capture_u32(struct capture *c, uint32_t v)
{
	put_number(c, v, 4);
}

static void put_part(struct capture *c, struct slice s)
{
	wbuf_put(&c->w, s);
	wbuf_fill(&c->w, 0, (4 - s.len % 4) % 4);
}

static void put_option_of(struct capture *c, uint16_t code, struct slice value)
{
	capture_u16(c, code);
	capture_u16(c, (uint16_t)value.len);
	put_part(c, value);
}

static struct capture inner(const struct capture *c)
{
	return (struct capture){.little = c->little, .w = wbuf_grow(1 << 20)};
}

void capture_block(struct capture *c, uint32_t type, struct slice body)
{
	uint32_t len = (uint32_t)(12 + (body.len + 3) / 4 * 4);

	capture_u32(c, type);
	capture_u32(c, len);
	put_part(c, body);
	capture_u32(c, len);
}

static void close_block(struct capture *c, uint32_t type, struct capture *body)
{
	capture_block(c, type, wbuf_slice(&body->w));
	wbuf_free(&body->w);
}

void capture_section(struct capture *c)
{
	struct capture b = inner(c);

	capture_u32(&b, PCAPNG_MAGIC);
	capture_u16(&b, 1);
	capture_u16(&b, 0);
	put_number(&b, UINT64_MAX, 8);
	close_block(c, BLOCK_SECTION, &b);
}

void capture_interface(struct capture *c, uint16_t link, const char *name, uint8_t resolution,
		       int64_t offset_s)
{
	struct capture b = inner(c), number = inner(c);

	capture_u16(&b, link);
	capture_u16(&b, 0);
	capture_u32(&b, 262144);
	if (name)
		put_option_of(&b, OPTION_NAME, slice_str(name));
	if (resolution)
		put_option_of(&b, OPTION_RESOLUTION, slice_make(&resolution, 1));
	put_number(&number, (uint64_t)offset_s, 8);
	if (offset_s)
		put_option_of(&b, OPTION_OFFSET, wbuf_slice(&number.w));
	wbuf_free(&number.w);
	if (name || resolution || offset_s)
		put_option_of(&b, OPTION_END, SLICE_EMPTY);
	close_block(c, BLOCK_INTERFACE, &b);
}

static void put_packet_head(struct capture *b, uint64_t ticks, struct slice packet)
{
	capture_u32(b, (uint32_t)(ticks >> 32));
	capture_u32(b, (uint32_t)ticks);
	capture_u32(b, (uint32_t)packet.len);
	capture_u32(b, (uint32_t)packet.len);
	put_part(b, packet);
}

void capture_packet(struct capture *c, uint32_t interface, uint64_t ticks, struct slice packet,
		    const char *comment)
{
	struct capture b = inner(c);

	capture_u32(&b, interface);
	put_packet_head(&b, ticks, packet);
	if (comment) {
		put_option_of(&b, 2, slice_str("flag")); /* epb_flags */
		put_option_of(&b, OPTION_COMMENT, slice_str(comment));
		put_option_of(&b, OPTION_COMMENT, slice_str("\033[31mred"));
		put_option_of(&b, OPTION_END, SLICE_EMPTY);
	}
	close_block(c, BLOCK_PACKET, &b);
}

void capture_old_packet(struct capture *c, uint16_t interface, uint64_t ticks, struct slice packet)
{
	struct capture b = inner(c);

	capture_u16(&b, interface);
	capture_u16(&b, 0xFFFF);
	put_packet_head(&b, ticks, packet);
	close_block(c, BLOCK_OLD_PACKET, &b);
}

void capture_simple_packet(struct capture *c, struct slice packet)
{
	struct capture b = inner(c);

	capture_u32(&b, (uint32_t)packet.len);
	put_part(&b, packet);
	close_block(c, BLOCK_SIMPLE_PACKET, &b);
}

void capture_header(struct capture *c, bool nano, uint32_t link)
{
	capture_u32(c, nano ? 0xA1B23C4D : 0xA1B2C3D4);
	capture_u16(c, 2);
	capture_u16(c, 4);
	put_number(c, 0, 8);
	capture_u32(c, 262144);
	capture_u32(c, link);
}

void capture_record(struct capture *c, uint32_t seconds, uint32_t fraction, struct slice packet)
{
	capture_u32(c, seconds);
	capture_u32(c, fraction);
	capture_u32(c, (uint32_t)packet.len);
	capture_u32(c, (uint32_t)packet.len);
	wbuf_put(&c->w, packet);
}

static void put_ip(struct wbuf *w, const struct capture_frame *f, size_t len)
{
	size_t options = f->has_options ? 4 : 0;

	if (f->is_v6) {
		wbuf_u32(w, 0x60000000);
		wbuf_u16(w, (uint16_t)(len + (f->has_options ? 8 : 0)));
		wbuf_u16(w, f->has_options ? 0x0040 : 0x1140); /* hop by hop, or UDP */
		for (unsigned i = 0; i < 2; i++) {
			wbuf_uint(w, 0, 8);
			wbuf_uint(w, 1, 8);
		}
		if (f->has_options)
			wbuf_uint(w, 0x1100010400000000, 8);
		return;
	}
	wbuf_u16(w, (uint16_t)(0x4500 + 0x40 * options));
	wbuf_u16(w, (uint16_t)(20 + options + len));
	wbuf_u16(w, f->id);
	wbuf_u16(w, 0x4000);
	wbuf_u16(w, 0x4011);
	wbuf_u16(w, 0);
	wbuf_u32(w, 0x7F000001);
	wbuf_u32(w, 0x7F000002);
	wbuf_fill(w, 1, options); /* no operation */
}

static void put_link(struct capture *c, const struct capture_frame *f)
{
	uint16_t type = f->is_v6 ? 0x86DD : 0x0800;
	struct capture family = {.little = f->little_family, .w = wbuf_grow(16)};

	switch (f->link) {
	case LINK_ETHERNET:
		wbuf_fill(&c->w, 0xEE, 12);
		if (f->has_vlan) {
			wbuf_u32(&c->w, 0x88A80007);
			wbuf_u32(&c->w, 0x81000008);
		}
		wbuf_u16(&c->w, type);
		break;
	case LINK_SLL:
		wbuf_fill(&c->w, 0, 14);
		wbuf_u16(&c->w, type);
		break;
	case LINK_SLL2:
		wbuf_u16(&c->w, type);
		wbuf_fill(&c->w, 0, 18);
		break;
	case LINK_NULL:
	case LINK_LOOP:
		capture_u32(&family, f->is_v6 ? 28 : 2);
		wbuf_put(&c->w, wbuf_slice(&family.w));
		break;
	default: break;
	}
	wbuf_free(&family.w);
}

struct slice capture_udp(const struct capture_frame *f, struct slice payload)
{
	static uint8_t memory[70000];
	struct capture c = {.w = wbuf_init(memory, sizeof(memory))};
	uint16_t from = f->from_port ? f->from_port : GSMTAP_PORT;

	put_link(&c, f);
	put_ip(&c.w, f, 8 + payload.len);
	wbuf_u16(&c.w, f->is_answer ? GSMTAP_PORT : from);
	wbuf_u16(&c.w, f->is_answer ? from : GSMTAP_PORT);
	wbuf_u16(&c.w, (uint16_t)(8 + payload.len));
	wbuf_u16(&c.w, 0);
	wbuf_put(&c.w, payload);
	if (f->link == LINK_ETHERNET && c.w.len < 60)
		wbuf_fill(&c.w, 0, 60 - c.w.len);
	return wbuf_slice(&c.w);
}

struct slice capture_sim(const struct capture_frame *f, struct slice body)
{
	static uint8_t memory[69000];
	struct wbuf w = wbuf_init(memory, sizeof(memory));

	wbuf_u8(&w, GSMTAP_VERSION);
	wbuf_u8(&w, GSMTAP_HEADER_LEN / GSMTAP_WORD);
	wbuf_u8(&w, GSMTAP_TYPE_SIM);
	wbuf_fill(&w, 0, 9);
	wbuf_u8(&w, f->sub_type);
	wbuf_fill(&w, 0, 3);
	wbuf_put(&w, body);
	return capture_udp(f, wbuf_slice(&w));
}
