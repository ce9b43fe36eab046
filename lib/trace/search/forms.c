#include "lib/trace/search/forms.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/secret.h"

#define OCTETS_MAX  (SEARCH_PATTERN_MAX / 2)
#define ALIGNMENTS  3 /* of base64 */
#define HALVES_MIN  9 /* of a pattern that may begin anywhere */
#define OCTETS_MIN  4 /* of one that begins with an octet */
#define BASE64_MIN  6
#define PACKED_MIN  5
#define SEPTET_BITS 7
#define OCTET_BITS  8
#define SEXTET_BITS 6
#define FILLER	    0xF
#define CODE_PAD    0xFF

/* What makes the patterns of one value. */
struct maker {
	const struct search_pattern_sink *sink;
	struct search_form form;
	unsigned number;
	uint8_t halves[SEARCH_PATTERN_MAX];
};

void search_form_text(struct search_form form, char out[static SEARCH_FORM_TEXT_MAX])
{
	static const char *const as[] = {
		[SEARCH_AS_IT_IS] = "octets",
		[SEARCH_AS_SWAPPED] = "octets, halves swapped",
		[SEARCH_AS_REVERSED] = "octets in reverse",
		[SEARCH_AS_REVERSED_SWAPPED] = "octets in reverse, halves swapped",
		[SEARCH_AS_TEXT] = "text",
		[SEARCH_AS_BCD] = "BCD",
		[SEARCH_AS_SEMI_OCTETS] = "semi-octets",
		[SEARCH_AS_IDENTITY] = "mobile identity",
		[SEARCH_AS_PADDED_CODE] = "code with its padding",
	};
	static const char *const in[] = {
		[SEARCH_IN_OCTETS] = "",
		[SEARCH_IN_HEX] = ", in hex",
		[SEARCH_IN_BASE64] = ", in base64",
		[SEARCH_IN_BASE64URL] = ", in base64url",
		[SEARCH_IN_UCS2] = ", in UCS-2",
		[SEARCH_IN_UCS2_HEX] = ", in hex in UCS-2",
		[SEARCH_IN_7_BIT] = ", in 7-bit letters",
	};

	snprintf(out, SEARCH_FORM_TEXT_MAX, "%s%s", as[form.as], in[form.in]);
}

static bool is_monotonous(struct slice s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (slice_at(s, i) != slice_at(s, 0))
			return false;
	}
	return true;
}

/* The next pattern; it is the caller who says whether it is weak by its length. */
static void give_pattern(struct maker *m, struct slice octets, bool aligned, bool weak)
{
	struct search_pattern p = {.number = m->number++,
				   .form = m->form,
				   .halves = {m->halves, 2 * octets.len},
				   .aligned = aligned};

	for (size_t i = 0; i < octets.len; i++) {
		m->halves[2 * i] = slice_at(octets, i) >> 4;
		m->halves[2 * i + 1] = slice_at(octets, i) & 0xF;
	}
	p.weak = weak || is_monotonous(octets);
	m->sink->take(m->sink->ctx, &p);
}

/* Hex of one case, with between after each octet but the last; 0: nothing. */
static struct slice hex_of(struct wbuf *w, struct slice octets, const char *digits, char between)
{
	wbuf_reset(w);
	for (size_t i = 0; i < octets.len; i++) {
		if (i && between)
			wbuf_u8(w, (uint8_t)between);
		wbuf_u8(w, (uint8_t)digits[slice_at(octets, i) >> 4]);
		wbuf_u8(w, (uint8_t)digits[slice_at(octets, i) & 0xF]);
	}
	return wbuf_slice(w);
}

static struct slice put_ucs2(struct wbuf *w, struct slice text, bool little)
{
	wbuf_reset(w);
	for (size_t i = 0; i < text.len; i++)
		wbuf_u16(w, (uint16_t)(slice_at(text, i) << (little ? 8 : 0)));
	return wbuf_slice(w);
}

static bool has_letters(struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++) {
		if ((slice_at(octets, i) & 0xF) > 9 || slice_at(octets, i) >> 4 > 9)
			return true;
	}
	return false;
}

static void give_hex(struct maker *m, struct slice octets, bool weak)
{
	static const char *const cases[] = {"0123456789abcdef", "0123456789ABCDEF"};
	uint8_t room[OCTETS_MAX];
	struct wbuf w = wbuf_init(room, sizeof(room));

	m->form.in = SEARCH_IN_HEX;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool again = i && !has_letters(octets); /* it is the same in both cases */

		give_pattern(m, hex_of(&w, octets, cases[i], 0), true, weak || again);
		give_pattern(m, hex_of(&w, octets, cases[i], ' '), true, weak || again);
		give_pattern(m, hex_of(&w, octets, cases[i], ':'), true, weak || again);
	}
	secret_wipe(room, sizeof(room));
}

static void give_ucs2_hex(struct maker *m, struct slice octets, bool weak)
{
	uint8_t room[OCTETS_MAX], text[OCTETS_MAX];
	struct wbuf w = wbuf_init(room, sizeof(room)), hex = wbuf_init(text, sizeof(text));

	m->form.in = SEARCH_IN_UCS2_HEX;
	give_pattern(m, put_ucs2(&w, hex_of(&hex, octets, "0123456789abcdef", 0), false), true,
		     weak);
	give_pattern(m, put_ucs2(&w, hex_of(&hex, octets, "0123456789ABCDEF", 0), false), true,
		     weak || !has_letters(octets));
	secret_wipe(room, sizeof(room));
	secret_wipe(text, sizeof(text));
}

/* To the alphabet of RFC 4648 5; whether anything is another there. */
static bool make_url(uint8_t *letters, size_t n)
{
	bool other = false;

	for (size_t i = 0; i < n; i++) {
		other = other || letters[i] == '+' || letters[i] == '/';
		letters[i] = letters[i] == '+' ? '-' : letters[i] == '/' ? '_' : letters[i];
	}
	return other;
}

/* The letters that the octets alone decide, whatever stands in front of them and behind. */
static void give_base64(struct maker *m, struct slice octets, bool weak)
{
	uint8_t room[OCTETS_MAX], shifted[SEARCH_VALUE_MAX + ALIGNMENTS] = {0};

	for (size_t shift = 0; shift < ALIGNMENTS; shift++) {
		struct wbuf w = wbuf_init(room, sizeof(room));
		size_t first = (OCTET_BITS * shift + SEXTET_BITS - 1) / SEXTET_BITS;
		size_t end = OCTET_BITS * (shift + octets.len) / SEXTET_BITS;
		struct slice letters;
		bool again;

		memcpy(shifted + shift, octets.ptr, octets.len);
		base64_put(&w, slice_make(shifted, shift + octets.len));
		letters = slice_sub(wbuf_slice(&w), first, end - first);
		m->form.shift = (unsigned)shift;
		m->form.in = SEARCH_IN_BASE64;
		give_pattern(m, letters, true, weak || letters.len < BASE64_MIN);
		again = !make_url(room, w.len);
		m->form.in = SEARCH_IN_BASE64URL;
		give_pattern(m, letters, true, weak || letters.len < BASE64_MIN || again);
	}
	m->form.shift = 0;
	secret_wipe(room, sizeof(room));
	secret_wipe(shifted, sizeof(shifted));
}

/* A letter that the default alphabet (TS 23.038 6.2.1) has where ASCII has it. */
static bool is_plain_letter(uint8_t c)
{
	return isalnum(c) || (c && strchr(" !\"#%&'()*+,-./:;<=>?", c));
}

/* TS 23.038 6.1.2.1.1: the first letter in the lowest bits. Whole octets alone. */
static void give_packed(struct maker *m, struct slice text, bool weak)
{
	bool foreign = weak;

	for (size_t i = 0; i < text.len; i++)
		foreign = foreign || !is_plain_letter(slice_at(text, i));
	m->form.in = SEARCH_IN_7_BIT;
	for (size_t shift = 0; shift < OCTET_BITS; shift++) {
		uint8_t room[OCTETS_MAX] = {0};
		size_t first = shift ? 1 : 0, end = (shift + SEPTET_BITS * text.len) / OCTET_BITS;

		for (size_t i = 0; i < SEPTET_BITS * text.len; i++) {
			unsigned bit =
				(unsigned)slice_at(text, i / SEPTET_BITS) >> i % SEPTET_BITS & 1u;

			room[(shift + i) / OCTET_BITS] |=
				(uint8_t)(bit << (shift + i) % OCTET_BITS);
		}
		m->form.shift = (unsigned)shift;
		give_pattern(m, slice_make(room + first, end - first), true,
			     foreign || end - first < PACKED_MIN);
		secret_wipe(room, sizeof(room));
	}
	m->form.shift = 0;
}

static void give_octets(struct maker *m, enum search_as as, struct slice octets)
{
	bool weak = is_monotonous(octets);

	m->form = (struct search_form){.as = as, .in = SEARCH_IN_OCTETS};
	give_pattern(m, octets, as != SEARCH_AS_IT_IS || 2 * octets.len < HALVES_MIN, weak);
	if (as == SEARCH_AS_REVERSED || as == SEARCH_AS_REVERSED_SWAPPED)
		return;
	give_hex(m, octets, weak);
	if (as == SEARCH_AS_IT_IS)
		give_ucs2_hex(m, octets, weak);
	give_base64(m, octets, weak);
}

static void give_text(struct maker *m, struct slice text, size_t least)
{
	uint8_t room[OCTETS_MAX];
	struct wbuf w = wbuf_init(room, sizeof(room));
	bool weak = text.len < least || is_monotonous(text);

	m->form = (struct search_form){.as = SEARCH_AS_TEXT, .in = SEARCH_IN_OCTETS};
	give_pattern(m, text, true, weak);
	give_hex(m, text, weak);
	give_base64(m, text, weak);
	m->form.in = SEARCH_IN_UCS2;
	give_pattern(m, put_ucs2(&w, text, false), true, weak);
	give_pattern(m, put_ucs2(&w, text, true), true, weak);
	give_packed(m, text, weak);
	secret_wipe(room, sizeof(room));
}

static void swap(uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)(octets[i] << 4 | octets[i] >> 4);
}

static void make_of_octets(struct maker *m, struct slice value)
{
	uint8_t room[SEARCH_VALUE_MAX];

	give_octets(m, SEARCH_AS_IT_IS, value);
	memcpy(room, value.ptr, value.len);
	swap(room, value.len);
	give_octets(m, SEARCH_AS_SWAPPED, slice_make(room, value.len));
	for (size_t i = 0; i < value.len; i++)
		room[i] = slice_at(value, value.len - 1 - i);
	give_octets(m, SEARCH_AS_REVERSED, slice_make(room, value.len));
	swap(room, value.len);
	give_octets(m, SEARCH_AS_REVERSED_SWAPPED, slice_make(room, value.len));
	secret_wipe(room, sizeof(room));
}

/* Digit pairs, the first in the lower half, up to and with the F of an odd count; how many octets.
 */
static size_t put_semi_octets(struct slice digits, uint8_t out[static SEARCH_VALUE_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < digits.len; i += 2) {
		unsigned low = slice_at(digits, i) & 0xF;
		unsigned high = i + 1 < digits.len ? slice_at(digits, i + 1) & 0xF : FILLER;

		out[n++] = (uint8_t)(high << 4 | low);
	}
	return n;
}

static void give_digits(struct maker *m, enum search_as as, struct slice octets)
{
	bool weak = octets.len < OCTETS_MIN || is_monotonous(octets);

	m->form = (struct search_form){.as = as, .in = SEARCH_IN_OCTETS};
	give_pattern(m, octets, true, weak);
	give_hex(m, octets, weak);
	give_base64(m, octets, weak);
}

static void give_semi_octets(struct maker *m, struct slice digits)
{
	uint8_t room[SEARCH_VALUE_MAX];
	size_t n = put_semi_octets(digits, room);

	give_digits(m, SEARCH_AS_SEMI_OCTETS, slice_make(room, n));
	if (digits.len % 2)
		give_digits(m, SEARCH_AS_SEMI_OCTETS, slice_make(room, n - 1));
	secret_wipe(room, sizeof(room));
}

/* TS 24.008 10.5.1.4: the first digit stands above the parity of the count and the type. */
static void give_identity(struct maker *m, struct slice digits)
{
	static const uint8_t types[] = {0x1, 0x2, 0x3}; /* IMSI, IMEI, IMEISV */
	static const uint8_t odd = 0x8;
	uint8_t room[SEARCH_VALUE_MAX + 1];
	size_t n = put_semi_octets(slice_sub(digits, 1, digits.len), room + 1);

	m->form = (struct search_form){.as = SEARCH_AS_IDENTITY, .in = SEARCH_IN_OCTETS};
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		room[0] =
			(uint8_t)(slice_at(digits, 0) << 4 | types[i] | (digits.len % 2 ? odd : 0));
		give_pattern(m, slice_make(room, n + 1), true, is_monotonous(digits));
	}
	give_digits(m, SEARCH_AS_IDENTITY, slice_make(room + 1, n));
	secret_wipe(room, sizeof(room));
}

/* The last half octet of an odd count is none of the pattern. */
static void give_bcd(struct maker *m, struct slice digits)
{
	struct search_pattern p = {.form = {.as = SEARCH_AS_BCD, .in = SEARCH_IN_OCTETS},
				   .number = m->number++,
				   .halves = {m->halves, digits.len},
				   .weak = digits.len < HALVES_MIN || is_monotonous(digits)};
	uint8_t room[SEARCH_VALUE_MAX];

	for (size_t i = 0; i < digits.len; i++)
		m->halves[i] = slice_at(digits, i) & 0xF;
	for (size_t i = 0; i < digits.len / 2; i++)
		room[i] = (uint8_t)(m->halves[2 * i] << 4 | m->halves[2 * i + 1]);
	m->sink->take(m->sink->ctx, &p);
	m->form = p.form;
	give_base64(m, slice_make(room, digits.len / 2), p.weak);
	secret_wipe(room, sizeof(room));
}

static void make_of_digits(struct maker *m, struct slice digits)
{
	give_text(m, digits, SEARCH_DIGITS_MIN);
	give_bcd(m, digits);
	give_semi_octets(m, digits);
	give_identity(m, digits);
}

/* In words a short one is told by what stands around it. */
static void give_named_code(struct maker *m, struct slice digits)
{
	static const struct {
		const char *before, *behind;
	} around[] = {
		{"\"", "\""}, {"PIN ", ""},  {"PIN: ", ""}, {"PIN=", ""},    {"PIN:", ""},
		{"pin ", ""}, {"pin: ", ""}, {"pin=", ""},  {"PIN is ", ""},
	};

	m->form = (struct search_form){.as = SEARCH_AS_TEXT, .in = SEARCH_IN_OCTETS};
	for (size_t i = 0; i < ARRAY_LEN(around); i++) {
		uint8_t room[OCTETS_MAX];
		struct wbuf w = wbuf_init(room, sizeof(room));

		wbuf_put(&w, slice_str(around[i].before));
		wbuf_put(&w, digits);
		wbuf_put(&w, slice_str(around[i].behind));
		give_pattern(m, wbuf_slice(&w), true, false);
		secret_wipe(room, sizeof(room));
	}
}

static void make_of_code(struct maker *m, struct slice digits)
{
	uint8_t room[SEARCH_CODE_MAX];
	struct wbuf w = wbuf_init(room, sizeof(room));

	if (digits.len == SEARCH_CODE_MAX) {
		give_text(m, digits, SEARCH_DIGITS_MIN);
		give_semi_octets(m, digits);
		return;
	}
	wbuf_put(&w, digits);
	wbuf_fill(&w, CODE_PAD, SEARCH_CODE_MAX - digits.len);
	m->form = (struct search_form){.as = SEARCH_AS_PADDED_CODE, .in = SEARCH_IN_OCTETS};
	give_pattern(m, wbuf_slice(&w), false, false);
	give_hex(m, wbuf_slice(&w), false);
	give_base64(m, wbuf_slice(&w), false);
	give_named_code(m, digits);
	secret_wipe(room, sizeof(room));
}

enum err search_forms(enum search_kind kind, struct slice value,
		      const struct search_pattern_sink *sink)
{
	static const struct {
		void (*make)(struct maker *m, struct slice value);
		size_t least, most;
		bool digits;
	} kinds[] = {
		[SEARCH_OCTETS] = {make_of_octets, SEARCH_OCTETS_MIN, SEARCH_VALUE_MAX, false},
		[SEARCH_DIGITS] = {make_of_digits, SEARCH_DIGITS_MIN, SEARCH_VALUE_MAX, true},
		[SEARCH_CODE] = {make_of_code, SEARCH_CODE_MIN, SEARCH_CODE_MAX, true},
	};
	struct maker m = {.sink = sink};

	if (kind == SEARCH_TEXT) {
		if (value.len < SEARCH_TEXT_MIN || value.len > SEARCH_VALUE_MAX)
			return ERR_LENGTH;
		give_text(&m, value, SEARCH_TEXT_MIN);
	} else {
		if (value.len < kinds[kind].least || value.len > kinds[kind].most)
			return ERR_LENGTH;
		for (size_t i = 0; kinds[kind].digits && i < value.len; i++) {
			if (!isdigit(slice_at(value, i)))
				return ERR_VALUE;
		}
		kinds[kind].make(&m, value);
	}
	secret_wipe(&m, sizeof(m));
	return ERR_OK;
}
