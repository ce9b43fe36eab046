#include "lib/base/oid.h"

#include <string.h>

#include "lib/base/bytes.h"

#define ARC_OCTETS 24
#define ARC_DIGITS 60
#define BASE	   128u

/* number = number * by + add; false when it does not fit. Most significant octet first. */
static bool multiply_add(uint8_t number[static ARC_OCTETS], unsigned by, unsigned add)
{
	for (size_t i = ARC_OCTETS; i-- > 0;) {
		unsigned v = number[i] * by + add;

		number[i] = (uint8_t)v;
		add = v >> 8;
	}
	return add == 0;
}

/* number /= by, gives the remainder */
static unsigned divide(uint8_t number[static ARC_OCTETS], unsigned by)
{
	unsigned rest = 0;

	for (size_t i = 0; i < ARC_OCTETS; i++) {
		unsigned v = rest << 8 | number[i];

		number[i] = (uint8_t)(v / by);
		rest = v % by;
	}
	return rest;
}

static bool is_zero(const uint8_t number[static ARC_OCTETS])
{
	static const uint8_t zero[ARC_OCTETS];

	return memcmp(number, zero, ARC_OCTETS) == 0;
}

/* number -= by; false when it is smaller */
static bool subtract(uint8_t number[static ARC_OCTETS], unsigned by)
{
	for (size_t i = ARC_OCTETS; i-- > 0 && by;) {
		unsigned v = number[i];

		number[i] = (uint8_t)(v - (by & 0xFF));
		by = (by >> 8) + (v < (by & 0xFF));
	}
	return by == 0;
}

static enum err take_arc(struct cursor *c, uint8_t number[static ARC_OCTETS])
{
	uint8_t b = 0x80;

	memset(number, 0, ARC_OCTETS);
	for (bool first = true; b & 0x80; first = false) {
		b = cursor_u8(c);
		if (c->err || (first && b == 0x80) || !multiply_add(number, BASE, b & 0x7F))
			return ERR_ENCODING;
	}
	return ERR_OK;
}

static enum err put_text(struct wbuf *w, uint8_t number[static ARC_OCTETS])
{
	char digits[ARC_DIGITS];
	size_t n = ARC_DIGITS;

	do
		digits[--n] = (char)('0' + divide(number, 10));
	while (!is_zero(number) && n);
	wbuf_put(w, slice_make(digits + n, ARC_DIGITS - n));
	return is_zero(number) ? ERR_OK : ERR_ENCODING;
}

enum err oid_text(struct slice value, char *dst, size_t cap)
{
	struct cursor c = cursor_of(value);
	struct wbuf w = wbuf_init((uint8_t *)dst, cap);
	uint8_t number[ARC_OCTETS];
	enum err e = value.len ? ERR_OK : ERR_ENCODING;

	for (bool first = true; !e && cursor_left(&c); first = false) {
		e = take_arc(&c, number);
		if (!e && first) { /* X.690 8.19.4: the first two arcs in one */
			uint8_t copy[ARC_OCTETS];
			unsigned top = 2;

			memcpy(copy, number, sizeof(copy));
			if (!subtract(copy, 80)) {
				top = number[ARC_OCTETS - 1] / 40;
				memcpy(copy, number, sizeof(copy));
				copy[ARC_OCTETS - 1] = number[ARC_OCTETS - 1] % 40;
			}
			wbuf_u8(&w, (uint8_t)('0' + top));
			memcpy(number, copy, sizeof(copy));
		}
		wbuf_u8(&w, '.');
		if (!e)
			e = put_text(&w, number);
	}
	wbuf_u8(&w, 0);
	return e ? e : wbuf_done(&w);
}

static void put_arc(struct wbuf *w, uint8_t number[static ARC_OCTETS])
{
	uint8_t septets[ARC_OCTETS * 2];
	size_t n = sizeof(septets);

	do {
		n--;
		septets[n] = (uint8_t)(divide(number, BASE) | (n + 1 < sizeof(septets) ? 0x80 : 0));
	} while (!is_zero(number));
	wbuf_put(w, slice_make(septets + n, sizeof(septets) - n));
}

/* The digits at *p into number; *p goes behind them and the dot. */
static bool read_arc(const char **p, uint8_t number[static ARC_OCTETS])
{
	const char *s = *p;
	size_t n = strspn(s, "0123456789");

	memset(number, 0, ARC_OCTETS);
	if (n == 0 || (n > 1 && *s == '0'))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!multiply_add(number, 10, (unsigned)(s[i] - '0')))
			return false;
	}
	if (s[n] == '.' && !s[n + 1])
		return false;
	*p = s + n + (s[n] == '.');
	return s[n] == '.' || !s[n];
}

enum err oid_value(const char *text, struct wbuf *out)
{
	uint8_t number[ARC_OCTETS];
	unsigned top;

	if (!read_arc(&text, number))
		return ERR_ENCODING;
	top = number[ARC_OCTETS - 1];
	number[ARC_OCTETS - 1] = 0;
	if (!is_zero(number) || top > 2 || !*text)
		return ERR_VALUE;
	if (!read_arc(&text, number))
		return ERR_ENCODING;
	if (top < 2) {
		uint8_t copy[ARC_OCTETS];

		memcpy(copy, number, sizeof(copy));
		if (subtract(copy, 40))
			return ERR_VALUE;
	}
	if (!multiply_add(number, 1, top * 40))
		return ERR_VALUE;
	put_arc(out, number);
	while (*text) {
		if (!read_arc(&text, number))
			return ERR_ENCODING;
		put_arc(out, number);
	}
	return wbuf_done(out);
}
