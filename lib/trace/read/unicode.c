#include "lib/trace/read/unicode.h"

#define REPLACEMENT 0xFFFD /* for half of a pair */

void unicode_begin(struct unicode *u, struct slice *octets, struct slice *text)
{
	static const uint8_t mark_8[] = {0xEF, 0xBB, 0xBF};
	static const uint8_t mark_le[] = {0xFF, 0xFE}, mark_be[] = {0xFE, 0xFF};
	struct slice front;

	*text = SLICE_EMPTY;
	while (octets->len && u->front_len < UNICODE_MARK_MAX) {
		u->front[u->front_len++] = slice_at(*octets, 0);
		*octets = slice_sub(*octets, 1, octets->len);
	}
	if (u->front_len < UNICODE_MARK_MAX)
		return;
	front = SLICE_OF(u->front);
	u->form = UNICODE_OCTETS;
	*text = front;
	if (slice_starts(front, SLICE_OF(mark_8))) {
		*text = SLICE_EMPTY;
	} else if (slice_starts(front, SLICE_OF(mark_le))) {
		u->form = UNICODE_16_LE;
		*text = slice_sub(front, 2, 1);
	} else if (slice_starts(front, SLICE_OF(mark_be))) {
		u->form = UNICODE_16_BE;
		*text = slice_sub(front, 2, 1);
	}
}

struct slice unicode_end(struct unicode *u)
{
	bool is_open = u->form == UNICODE_OPEN;

	u->form = is_open ? UNICODE_OCTETS : u->form;
	return is_open ? slice_make(u->front, u->front_len) : SLICE_EMPTY;
}

static void put_utf8(struct wbuf *out, uint32_t c)
{
	if (c < 0x80) {
		wbuf_u8(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		wbuf_u8(out, (uint8_t)(0xC0 | c >> 6));
	} else {
		if (c < 0x10000) {
			wbuf_u8(out, (uint8_t)(0xE0 | c >> 12));
		} else {
			wbuf_u8(out, (uint8_t)(0xF0 | c >> 18));
			wbuf_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
		}
		wbuf_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
	}
	wbuf_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
}

/* RFC 2781 2.2 */
static void put_unit(struct unicode *u, uint16_t unit, struct wbuf *out)
{
	bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;

	if (u->high && is_low) {
		put_utf8(out, 0x10000U + ((uint32_t)(u->high - 0xD800) << 10) + unit - 0xDC00);
		u->high = 0;
		return;
	}
	if (u->high)
		put_utf8(out, REPLACEMENT);
	u->high = 0;
	if (unit >= 0xD800 && unit <= 0xDBFF)
		u->high = unit;
	else
		put_utf8(out, is_low ? REPLACEMENT : unit);
}

void unicode_decode(struct unicode *u, struct slice octets, struct wbuf *out)
{
	for (size_t i = 0; i < octets.len; i++) {
		uint8_t next = slice_at(octets, i);

		if (u->has_half)
			put_unit(u,
				 u->form == UNICODE_16_LE ? (uint16_t)(next << 8 | u->half)
							  : (uint16_t)(u->half << 8 | next),
				 out);
		else
			u->half = next;
		u->has_half = !u->has_half;
	}
}
