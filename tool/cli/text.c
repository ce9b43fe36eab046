#include "tool/cli/text.h"

#include <string.h>

#include "lib/base/utf8.h"

/* Unicode: C0 and C1 controls, the marks of UAX 9, LINE and PARAGRAPH SEPARATOR */
static const struct {
	uint32_t first, last;
} steering[] = {{0x00, 0x1F},	  {0x7F, 0x9F},	    {0x061C, 0x061C},
		{0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

static bool steers(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(steering); i++) {
		if (c >= steering[i].first && c <= steering[i].last)
			return true;
	}
	return false;
}

/* What is in allowed stays as it is. */
static void clean(char *s, const char *allowed)
{
	struct cursor c = cursor_of(slice_str(s));
	char *to = s;

	while (cursor_left(&c)) {
		struct slice rest = c.rest;
		uint32_t v = utf8_next(&c);
		bool bad = c.err || (steers(v) && (v > 0x7F || !strchr(allowed, (int)v)));

		if (c.err)
			c = cursor_of(slice_sub(rest, 1, rest.len));
		if (bad) {
			*to++ = '?';
		} else {
			memmove(to, rest.ptr, rest.len - c.rest.len);
			to += rest.len - c.rest.len;
		}
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
