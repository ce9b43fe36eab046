#include "lib/base/utf8.h"

#include <string.h>

#include "lib/base/bytes.h"

#define FIRST_OF_TWO   0xC2 /* C0 and C1 would say what fits in one octet */
#define FIRST_OF_THREE 0xE0
#define FIRST_OF_FOUR  0xF0
#define FIRST_LAST     0xF4

/* The lowest character of each length: only the shortest form is valid. */
static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

uint32_t utf8_next(struct cursor *c)
{
	uint32_t v = cursor_u8(c);
	unsigned n = v < 0x80		  ? 1
		     : v < FIRST_OF_TWO	  ? 0
		     : v < FIRST_OF_THREE ? 2
		     : v < FIRST_OF_FOUR  ? 3
		     : v <= FIRST_LAST	  ? 4
					  : 0;

	if (c->err || n == 1)
		return v;
	v &= 0x7Fu >> n;
	for (unsigned i = 1; i < n; i++) {
		uint8_t more = cursor_u8(c);

		if ((more & 0xC0) != 0x80)
			n = 0;
		v = v << 6 | (more & 0x3F);
	}
	if (n == 0 || v < least[n] || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF)) {
		c->err = ERR_VALUE;
		return 0;
	}
	return v;
}

int utf8_fit(const char *text, int max)
{
	int n = (int)strnlen(text, (size_t)max);

	/* of what is no UTF-8 no more is left out than a character has */
	for (int i = 0; text[n] && i < 3 && n && ((uint8_t)text[n] & 0xC0) == 0x80; i++)
		n--;
	return n;
}

enum err utf8_count(struct slice s, size_t *count)
{
	struct cursor c = cursor_of(s);
	size_t n = 0;

	while (cursor_left(&c)) {
		utf8_next(&c);
		n++;
	}
	if (c.err)
		return c.err;
	*count = n;
	return ERR_OK;
}
