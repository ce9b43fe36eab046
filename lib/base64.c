#include "lib/base64.h"

#include <string.h>

#define GROUP 4 /* characters for three octets */
#define PAD   '='

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(struct wbuf *w, struct slice s)
{
	struct cursor c = cursor_of(s);

	while (cursor_left(&c)) {
		size_t have = cursor_left(&c) < 3 ? cursor_left(&c) : 3;
		uint32_t v = (uint32_t)cursor_uint(&c, have) << (8 * (3 - have));

		for (unsigned i = 0; i < GROUP; i++)
			wbuf_u8(w, (uint8_t)(i <= have ? alphabet[v >> (18 - 6 * i) & 63] : PAD));
	}
}

/* The six bits of a character; 64: it is none of the alphabet. */
static uint32_t bits_of(uint8_t ch)
{
	const char *at = ch ? strchr(alphabet, ch) : NULL;

	return at ? (uint32_t)(at - alphabet) : 64;
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
		uint32_t v = 0;

		for (size_t i = 0; i < GROUP; i++) {
			uint8_t ch = cursor_u8(&c);
			uint32_t six = i <= octets ? bits_of(ch) : 0;

			if (six > 63)
				return ERR_ENCODING;
			v = v << 6 | six;
		}
		if (v & ((1u << (8 * (3 - octets))) - 1)) /* bits after the end */
			return ERR_ENCODING;
		wbuf_uint(out, v >> (8 * (3 - octets)), octets);
	}
	return wbuf_done(out);
}
