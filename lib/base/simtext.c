#include "lib/base/simtext.h"

#include <string.h>

#include "lib/base/bytes.h"
#include "lib/base/utf8.h"

#define ESCAPE	    0x1B
#define FILLER	    0xFF
#define REPLACEMENT 0xFFFDu
#define HALF_PAGE   0x80u
#define TEXT_MAX    255u /* characters: no EF's text is longer */

/* TS 102 221 annex A */
enum coding { CODING_UCS2 = 0x80, CODING_HALF_PAGE = 0x81, CODING_BASE = 0x82 };

/* TS 23.038 6.2.1; 1B is the escape to the extension table */
static const uint16_t gsm[128] = {
	'@',	0xA3,	'$',	0xA5, 0xE8,   0xE9, 0xF9,   0xEC,   0xF2,   0xC7,   '\n',   0xD8,
	0xF8,	'\r',	0xC5,	0xE5, 0x0394, '_',  0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8,
	0x03A3, 0x0398, 0x039E, 0,    0xC6,   0xE6, 0xDF,   0xC9,   ' ',    '!',    '"',    '#',
	0xA4,	'%',	'&',	'\'', '(',    ')',  '*',    '+',    ',',    '-',    '.',    '/',
	'0',	'1',	'2',	'3',  '4',    '5',  '6',    '7',    '8',    '9',    ':',    ';',
	'<',	'=',	'>',	'?',  0xA1,   'A',  'B',    'C',    'D',    'E',    'F',    'G',
	'H',	'I',	'J',	'K',  'L',    'M',  'N',    'O',    'P',    'Q',    'R',    'S',
	'T',	'U',	'V',	'W',  'X',    'Y',  'Z',    0xC4,   0xD6,   0xD1,   0xDC,   0xA7,
	0xBF,	'a',	'b',	'c',  'd',    'e',  'f',    'g',    'h',    'i',    'j',    'k',
	'l',	'm',	'n',	'o',  'p',    'q',  'r',    's',    't',    'u',    'v',    'w',
	'x',	'y',	'z',	0xE4, 0xF6,   0xF1, 0xFC,   0xE0};

/* TS 23.038 6.2.1.1 */
static const struct {
	uint8_t octet;
	uint16_t character;
} extension[] = {{0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'},
		 {0x3C, '['},  {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x65, 0x20AC}};

struct text {
	uint16_t characters[TEXT_MAX];
	size_t len;
};

/* The octet of the default alphabet; ESCAPE: it has none */
static uint8_t default_of(uint16_t character)
{
	for (uint8_t i = 0; i < ARRAY_LEN(gsm); i++) {
		if (gsm[i] == character && i != ESCAPE)
			return i;
	}
	return ESCAPE;
}

/* That of the extension table; ESCAPE: it has none */
static uint8_t extension_of(uint16_t character)
{
	for (size_t i = 0; i < ARRAY_LEN(extension); i++) {
		if (extension[i].character == character)
			return extension[i].octet;
	}
	return ESCAPE;
}

static enum err read_text(struct slice utf8, struct text *t)
{
	struct cursor c = cursor_of(utf8);

	t->len = 0;
	while (cursor_left(&c)) {
		uint32_t v = utf8_next(&c);

		if (c.err)
			return ERR_ENCODING;
		if (v > REPLACEMENT || (v < ' ' && v != '\n' && v != '\r') || v == 0x7F)
			return ERR_VALUE;
		if (t->len == TEXT_MAX)
			return ERR_LENGTH;
		t->characters[t->len++] = (uint16_t)v;
	}
	return ERR_OK;
}

static bool put_gsm(const struct text *t, struct wbuf *w)
{
	for (size_t i = 0; i < t->len; i++) {
		uint8_t octet = default_of(t->characters[i]);

		if (octet == ESCAPE) {
			octet = extension_of(t->characters[i]);
			if (octet == ESCAPE)
				return false;
			wbuf_u8(w, ESCAPE);
		}
		wbuf_u8(w, octet);
	}
	return !w->err;
}

static bool put_ucs2(const struct text *t, struct wbuf *w)
{
	wbuf_u8(w, CODING_UCS2);
	for (size_t i = 0; i < t->len; i++)
		wbuf_u16(w, t->characters[i]);
	return !w->err;
}

/* The lowest and the highest of the characters that the default alphabet lacks. */
static void range(const struct text *t, uint16_t *low, uint16_t *high)
{
	*low = UINT16_MAX;
	*high = 0;
	for (size_t i = 0; i < t->len; i++) {
		uint16_t v = t->characters[i];

		if (default_of(v) != ESCAPE)
			continue;
		*low = v < *low ? v : *low;
		*high = v > *high ? v : *high;
	}
}

static bool put_with_base(const struct text *t, uint16_t base, struct wbuf *w)
{
	for (size_t i = 0; i < t->len; i++) {
		uint8_t octet = default_of(t->characters[i]);

		if (octet == ESCAPE)
			octet = (uint8_t)(HALF_PAGE | (t->characters[i] - base));
		wbuf_u8(w, octet);
	}
	return !w->err;
}

/* One octet a character, of the default alphabet or of a half page of UCS2 */
static bool put_half_page(const struct text *t, struct wbuf *w)
{
	uint16_t low, high;

	range(t, &low, &high);
	if (low > high || low / HALF_PAGE != high / HALF_PAGE || low >= 0x8000)
		return false;
	wbuf_u8(w, CODING_HALF_PAGE);
	wbuf_u8(w, (uint8_t)t->len);
	wbuf_u8(w, (uint8_t)(low / HALF_PAGE));
	return put_with_base(t, (uint16_t)(low / HALF_PAGE * HALF_PAGE), w);
}

/* The same, where the half page of 128 characters begins at any character */
static bool put_base(const struct text *t, struct wbuf *w)
{
	uint16_t low, high;

	range(t, &low, &high);
	if (low > high || high - low >= (int)HALF_PAGE)
		return false;
	wbuf_u8(w, CODING_BASE);
	wbuf_u8(w, (uint8_t)t->len);
	wbuf_u16(w, low);
	return put_with_base(t, low, w);
}

enum err simtext_encode(struct slice utf8, size_t max, struct wbuf *out)
{
	static bool (*const codings[])(const struct text *t, struct wbuf *w) = {
		put_gsm, put_half_page, put_base, put_ucs2};
	struct text t;
	uint8_t best[2 * TEXT_MAX + 1];
	size_t len = SIZE_MAX;
	enum err e = read_text(utf8, &t);

	for (size_t i = 0; !e && i < ARRAY_LEN(codings); i++) {
		uint8_t mem[2 * TEXT_MAX + 1];
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		if (!codings[i](&t, &w) || w.len > max || w.len >= len)
			continue;
		len = w.len;
		memcpy(best, mem, len);
		if (i == 0) /* every reader knows the GSM alphabet */
			break;
	}
	if (!e && len == SIZE_MAX)
		e = ERR_LENGTH;
	if (!e)
		wbuf_put(out, slice_make(best, len));
	return e;
}

enum err simtext_fill(struct slice utf8, size_t max, struct wbuf *out)
{
	size_t before = out->len;
	enum err e = simtext_encode(utf8, max, out);

	if (!e)
		wbuf_fill(out, FILLER, max - (out->len - before));
	return e;
}

static void put_utf8(struct wbuf *w, uint32_t v)
{
	if (v < 0x80) {
		wbuf_u8(w, (uint8_t)v);
	} else if (v < 0x800) {
		wbuf_u8(w, (uint8_t)(0xC0 | v >> 6));
		wbuf_u8(w, (uint8_t)(0x80 | (v & 0x3F)));
	} else if (v < 0x10000) {
		wbuf_u8(w, (uint8_t)(0xE0 | v >> 12));
		wbuf_u8(w, (uint8_t)(0x80 | (v >> 6 & 0x3F)));
		wbuf_u8(w, (uint8_t)(0x80 | (v & 0x3F)));
	} else {
		wbuf_u8(w, (uint8_t)(0xF0 | v >> 18));
		wbuf_u8(w, (uint8_t)(0x80 | (v >> 12 & 0x3F)));
		wbuf_u8(w, (uint8_t)(0x80 | (v >> 6 & 0x3F)));
		wbuf_u8(w, (uint8_t)(0x80 | (v & 0x3F)));
	}
}

/* What an extension table of a later version has is shown by the default one (6.2.1.1). */
static uint32_t of_extension(uint8_t octet)
{
	for (size_t i = 0; i < ARRAY_LEN(extension); i++) {
		if (extension[i].octet == octet)
			return extension[i].character;
	}
	return octet == ESCAPE ? ' ' : octet < ARRAY_LEN(gsm) ? gsm[octet] : REPLACEMENT;
}

/* One character of the default alphabet, or of its extension */
static uint32_t next_gsm(struct cursor *c, uint8_t octet)
{
	if (octet == ESCAPE)
		return cursor_left(c) ? of_extension(cursor_u8(c)) : ' ';
	return octet < ARRAY_LEN(gsm) ? gsm[octet] : REPLACEMENT;
}

static void decode_gsm(struct cursor c, struct wbuf *utf8)
{
	while (cursor_left(&c)) {
		uint8_t octet = cursor_u8(&c);

		if (octet == FILLER)
			return;
		put_utf8(utf8, next_gsm(&c, octet));
	}
}

/* UCS2 has no surrogates: a field with a pair of them means the character of UTF-16. */
static uint32_t next_ucs2(struct cursor *c)
{
	uint32_t v = cursor_u16(c), low;
	struct cursor ahead = *c;

	if (v < 0xD800 || v > 0xDFFF)
		return v;
	low = cursor_left(&ahead) >= 2 ? cursor_u16(&ahead) : 0;
	if (v > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
		return REPLACEMENT;
	*c = ahead;
	return 0x10000 + ((v & 0x3FF) << 10 | (low & 0x3FF));
}

static void decode_ucs2(struct cursor c, struct wbuf *utf8)
{
	while (cursor_left(&c) >= 2) {
		uint32_t v = next_ucs2(&c);

		if (v == 0xFFFF)
			return;
		put_utf8(utf8, v);
	}
}

static void decode_with_base(struct cursor c, size_t count, uint32_t base, struct wbuf *utf8)
{
	for (size_t i = 0; i < count && cursor_left(&c); i++) {
		uint8_t octet = cursor_u8(&c);
		uint32_t v = base + (octet & (HALF_PAGE - 1));

		if (octet < HALF_PAGE) {
			size_t left = cursor_left(&c);

			v = next_gsm(&c, octet);
			i += left - cursor_left(&c);
		} else if (v > REPLACEMENT || (v >= 0xD800 && v <= 0xDFFF)) {
			v = REPLACEMENT;
		}
		put_utf8(utf8, v);
	}
}

void simtext_decode(struct slice field, struct wbuf *utf8)
{
	struct cursor c = cursor_of(field);
	uint8_t coding = slice_at(field, 0);
	uint32_t base;
	size_t count;

	if (coding < CODING_UCS2 || coding > CODING_BASE) {
		decode_gsm(c, utf8);
		return;
	}
	cursor_u8(&c);
	if (coding == CODING_UCS2) {
		decode_ucs2(c, utf8);
		return;
	}
	count = cursor_u8(&c);
	base = coding == CODING_HALF_PAGE ? cursor_u8(&c) * HALF_PAGE : cursor_u16(&c);
	decode_with_base(c, count, base, utf8);
}
