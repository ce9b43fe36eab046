#include "tool/trace/pcapng.h"

#include <string.h>

#include "lib/trace/pcapng.h"

#define LINKTYPE_IPV4 228
#define TSRESOL_NANO  9 /* 10^-9 s */
#define LENGTH_AT     4 /* block total length, from the block's beginning */

static void put_padded(struct wbuf *w, struct slice s)
{
	wbuf_put(w, s);
	wbuf_fill(w, 0, (PCAPNG_ALIGNMENT - s.len % PCAPNG_ALIGNMENT) % PCAPNG_ALIGNMENT);
}

static void put_option(struct wbuf *w, uint16_t code, struct slice value)
{
	if (value.len > UINT16_MAX) {
		wbuf_fail(w, ERR_LENGTH);
		return;
	}
	wbuf_u16(w, code);
	wbuf_u16(w, (uint16_t)value.len);
	put_padded(w, value);
}

static size_t block_open(struct wbuf *w, uint32_t type)
{
	size_t start = w->len;

	wbuf_u32(w, type);
	return start;
}

/* Puts the total length at both ends. */
static void block_close(struct wbuf *w, size_t start)
{
	uint32_t total = (uint32_t)(w->len - start + 2 * sizeof(total));
	uint8_t octets[sizeof(total)], *gap = wbuf_insert(w, start + LENGTH_AT, sizeof(octets));
	struct wbuf number = wbuf_init(octets, sizeof(octets));

	wbuf_u32(&number, total);
	if (gap)
		memcpy(gap, octets, sizeof(octets));
	wbuf_u32(w, total);
}

void pcapng_put_section(struct wbuf *w, const char *application)
{
	size_t block = block_open(w, BLOCK_SECTION);

	wbuf_u32(w, PCAPNG_MAGIC);
	wbuf_u16(w, 1); /* version 1.0 */
	wbuf_u16(w, 0);
	wbuf_uint(w, UINT64_MAX, 8); /* length of the section: not known */
	put_option(w, OPTION_APPLICATION, slice_str(application));
	put_option(w, OPTION_END, SLICE_EMPTY);
	block_close(w, block);
}

void pcapng_put_interface(struct wbuf *w, const char *name)
{
	static const uint8_t resolution[] = {TSRESOL_NANO};
	size_t block = block_open(w, BLOCK_INTERFACE);

	wbuf_u16(w, LINKTYPE_IPV4);
	wbuf_u16(w, 0);
	wbuf_u32(w, 0); /* no limit to a packet */
	put_option(w, OPTION_NAME, slice_str(name));
	put_option(w, OPTION_RESOLUTION, SLICE_OF(resolution));
	put_option(w, OPTION_END, SLICE_EMPTY);
	block_close(w, block);
}

void pcapng_put_packet(struct wbuf *w, uint32_t interface, uint64_t time_ns, struct slice packet,
		       const char *comment)
{
	size_t block = block_open(w, BLOCK_PACKET);

	wbuf_u32(w, interface);
	wbuf_uint(w, time_ns, 8);
	wbuf_u32(w, (uint32_t)packet.len);
	wbuf_u32(w, (uint32_t)packet.len);
	put_padded(w, packet);
	if (comment)
		put_option(w, OPTION_COMMENT, slice_str(comment));
	put_option(w, OPTION_END, SLICE_EMPTY);
	block_close(w, block);
}
