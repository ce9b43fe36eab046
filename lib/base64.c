#include "lib/base64.h"

#define GROUP	 4 /* characters for three octets */
#define PAD	 '='
#define NONE	 64 /* not a character of the alphabet */
#define PEM_LINE 48 /* octets: 64 characters */

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

/* The six bits of the characters from '+' to 'z'; a table, for branches would be mispredicted. */
static const uint8_t values[] = {
	62,   NONE, NONE, NONE, 63,   52,   53, 54, 55, 56, 57, 58, 59, 60, 61, NONE,
	NONE, NONE, NONE, NONE, NONE, NONE, 0,	1,  2,	3,  4,	5,  6,	7,  8,	9,
	10,   11,   12,	  13,	14,   15,   16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
	NONE, NONE, NONE, NONE, NONE, NONE, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
	36,   37,   38,	  39,	40,   41,   42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
};

static uint32_t bits_of(uint8_t ch)
{
	size_t at = (size_t)ch - '+'; /* far out of range for what comes before '+' */

	return at < ARRAY_LEN(values) ? values[at] : NONE;
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

void base64_put_pem(struct wbuf *w, const char *label, struct slice der)
{
	wbuf_put(w, slice_str("-----BEGIN "));
	wbuf_put(w, slice_str(label));
	wbuf_put(w, slice_str("-----\n"));
	for (size_t at = 0; at < der.len; at += PEM_LINE) {
		base64_put(w, slice_sub(der, at, PEM_LINE));
		wbuf_u8(w, '\n');
	}
	wbuf_put(w, slice_str("-----END "));
	wbuf_put(w, slice_str(label));
	wbuf_put(w, slice_str("-----\n"));
}
