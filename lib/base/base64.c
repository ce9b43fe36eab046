#include "lib/base/base64.h"

#include "lib/base/bytes.h"

#define GROUP	 4 /* characters for three octets */
#define PAD	 '='
#define NONE	 64 /* not a character of the alphabet */
#define PEM_LINE 48 /* octets: 64 characters */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_group(uint8_t text[static GROUP], uint32_t v)
{
	text[0] = (uint8_t)alphabet[v >> 18];
	text[1] = (uint8_t)alphabet[v >> 12 & 63];
	text[2] = (uint8_t)alphabet[v >> 6 & 63];
	text[3] = (uint8_t)alphabet[v & 63];
}

void base64_put(struct wbuf *w, struct slice s)
{
	uint8_t *text = s.len ? wbuf_reserve(w, (s.len + 2) / 3 * GROUP) : NULL;
	size_t at = 0, n = 0;

	if (!text)
		return;
	for (; s.len - at >= 3; at += 3, n += GROUP)
		put_group(&text[n],
			  (uint32_t)s.ptr[at] << 16 | (uint32_t)s.ptr[at + 1] << 8 | s.ptr[at + 2]);
	if (at == s.len)
		return;
	put_group(&text[n], (uint32_t)s.ptr[at] << 16 | (uint32_t)slice_at(s, at + 1) << 8);
	text[n + 3] = PAD;
	if (s.len - at == 1)
		text[n + 2] = PAD;
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

/* text as RFC 4648 section 4 has it */
static enum err decode(struct slice text, struct wbuf *out)
{
	struct cursor c = cursor_of(text);
	size_t pad = 0, before = out->len, n = 0;
	uint8_t *p;

	if (text.len % GROUP)
		return ERR_ENCODING;
	while (pad < 2 && pad < text.len && slice_at(text, text.len - 1 - pad) == PAD)
		pad++;
	p = text.len ? wbuf_reserve(out, text.len / GROUP * 3 - pad) : NULL;
	while (p && cursor_left(&c)) {
		size_t octets = cursor_left(&c) == GROUP ? 3 - pad : 3;
		uint32_t v = group_bits(cursor_u32(&c), octets);

		/* a wrong character, or bits after the end (3.5) */
		if (v >> 24 || v & ((1u << (8 * (3 - octets))) - 1)) {
			wbuf_cut(out, before);
			return ERR_ENCODING;
		}
		for (size_t i = 0; i < octets; i++)
			p[n++] = (uint8_t)(v >> (16 - 8 * i));
	}
	return wbuf_done(out);
}

/* The text in the form that decode() takes: one alphabet, padded, without blanks and breaks. */
static enum err make_plain(struct slice text, struct wbuf *out)
{
	size_t pad = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t ch = slice_at(text, i);

		if (ch == ' ' || (ch >= '\t' && ch <= '\r'))
			continue;
		pad += ch == PAD;
		wbuf_u8(out, ch == '-' ? '+' : ch == '_' ? '/' : ch);
	}
	if (out->err)
		return out->err;
	if (pad && out->len % GROUP == 0)
		return ERR_OK;
	if (pad > 1 || (out->len - pad) % GROUP < 2) /* decode() finds one that is not at the end */
		return out->len % GROUP ? ERR_ENCODING : ERR_OK;
	while (out->len % GROUP)
		wbuf_u8(out, PAD);
	return wbuf_done(out);
}

enum err base64_decode(struct slice text, struct wbuf *out)
{
	size_t before = out->len;
	enum err e = decode(text, out);
	struct wbuf plain;

	if (e != ERR_ENCODING)
		return e;
	plain = wbuf_grow(text.len + GROUP);
	e = make_plain(text, &plain);
	if (!e)
		e = decode(wbuf_slice(&plain), out);
	if (e)
		wbuf_cut(out, before);
	wbuf_free(&plain); /* wipes */
	return e;
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
