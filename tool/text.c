#include "tool/text.h"

#include <string.h>

/* Unicode: C0 and C1 controls, the marks of UAX 9, LINE and PARAGRAPH SEPARATOR */
static const struct {
	uint32_t first, last;
} steering[] = {{0x00, 0x1F},	  {0x7F, 0x9F},	    {0x061C, 0x061C},
		{0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

/* The octets of the UTF-8 character at s (RFC 3629 4), 0 when there is none. */
static size_t utf8_len(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t n = u[0] < 0x80 ? 1 : u[0] < 0xC2 ? 0 : u[0] < 0xE0 ? 2 : u[0] < 0xF0 ? 3 : 4;
	unsigned low = u[0] == 0xE0 ? 0xA0 : u[0] == 0xF0 ? 0x90 : 0x80;
	unsigned high = u[0] == 0xED ? 0x9F : u[0] == 0xF4 ? 0x8F : 0xBF;

	if (u[0] > 0xF4)
		return 0;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xBF) {
		if (u[i] < low || u[i] > high)
			return 0;
	}
	return n;
}

static bool steers(const char *s, size_t n)
{
	uint32_t c = (unsigned char)s[0];

	if (n > 1)
		c &= 0x7Fu >> n;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3Fu);
	for (size_t i = 0; i < ARRAY_LEN(steering); i++) {
		if (c >= steering[i].first && c <= steering[i].last)
			return true;
	}
	return false;
}

/* What is in allowed stays as it is. */
static void clean(char *s, const char *allowed)
{
	char *to = s;

	while (*s) {
		size_t n = utf8_len(s), step = n ? n : 1;

		if (!strchr(allowed, *s) && (n == 0 || steers(s, n))) {
			*to++ = '?';
		} else {
			memmove(to, s, step);
			to += step;
		}
		s += step;
	}
	*to = 0;
}

void text_clean(char *s)
{
	clean(s, "\n\t");
}

void text_clean_line(char *s)
{
	clean(s, "");
}

const char *text_line(struct slice s, char out[static TEXT_LINE_MAX])
{
	size_t n = s.len < TEXT_LINE_MAX - 1 ? s.len : TEXT_LINE_MAX - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = slice_at(s, i) ? (char)slice_at(s, i) : '\1';
	out[n] = 0;
	text_clean_line(out);
	return out;
}
