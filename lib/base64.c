#include "lib/base64.h"

#define GROUP 4 /* characters for three octets */
#define PAD   '='
#define NONE  64 /* not a character of the alphabet */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(struct wbuf *w, struct slice s)
{
	struct cursor c = cursor_of(s);

	while (cursor_left(&c)) {
		size_t have = cursor_left(&c) < 3 ? cursor_left(&c) : 3;
		uint32_t v = (uint32_t)cursor_uint(&c, have) << (8 * (3 - have)), text = 0;

		for (unsigned i = 0; i < GROUP; i++)
			text = text << 8 |
			       (uint8_t)(i <= have ? alphabet[v >> (18 - 6 * i) & 63] : PAD);
		wbuf_u32(w, text);
	}
}

/* The six bits of a character, or NONE. */
static uint32_t bits_of(uint8_t ch)
{
	if (ch >= 'A' && ch <= 'Z')
		return ch - (uint32_t)'A';
	if (ch >= 'a' && ch <= 'z')
		return ch - (uint32_t)'a' + 26;
	if (ch >= '0' && ch <= '9')
		return ch - (uint32_t)'0' + 52;
	return ch == '+' ? 62 : ch == '/' ? 63 : NONE;
}

/* Four characters, of which the last (3 - octets) are padding; NONE << 24 when one is wrong. */
static uint32_t group_bits(uint32_t text, size_t octets)
{
	uint32_t v = 0, bad = 0;

	for (size_t i = 0; i < GROUP; i++) {
		uint32_t six = i <= octets ? bits_of((uint8_t)(text >> (24 - 8 * i))) : 0;

		bad |= six & NONE;
		v = v << 6 | (six & 63);
	}
	return v | bad << 24;
}

enum err base64_decode(struct slice text, struct wbuf *out)
{
	struct cursor c = cursor_of(text);
	size_t pad = 0;

	if (text.len % GROUP)
		return ERR_ENCODING;
	while (pad < 2 && pad < text.len && slice_at(text, text.len - 1 - pad) == PAD)
		pad++;
	while (cursor_left(&c)) {
		size_t octets = cursor_left(&c) == GROUP ? 3 - pad : 3;
		uint32_t v = group_bits(cursor_u32(&c), octets);

		/* a wrong character, or bits after the end */
		if (v >> 24 || v & ((1u << (8 * (3 - octets))) - 1))
			return ERR_ENCODING;
		wbuf_uint(out, v >> (8 * (3 - octets)), octets);
	}
	return wbuf_done(out);
}
