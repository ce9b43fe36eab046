#include "lib/trace/read/text/line.h"

#include <string.h>

#define ESC	    0x1B
#define CLEANED_MAX 4096 /* of a line that is only looked at */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct slice line_trim(struct slice s)
{
	while (s.len && is_blank(slice_at(s, 0)))
		s = slice_sub(s, 1, s.len);
	while (s.len && is_blank(slice_at(s, s.len - 1)))
		s = slice_sub(s, 0, s.len - 1);
	return s;
}

struct slice line_behind(struct slice line, const char *words, bool *found)
{
	size_t n = strlen(words);
	const uint8_t *at = line.len ? memmem(line.ptr, line.len, words, n) : NULL;

	*found = at != NULL;
	return at ? line_trim(slice_sub(line, (size_t)(at - line.ptr) + n, line.len)) : SLICE_EMPTY;
}

bool line_has(struct slice line, const char *words)
{
	bool found;

	(void)line_behind(line, words, &found);
	return found;
}

bool line_take(struct slice *s, const char *words)
{
	struct slice front = slice_str(words);

	if (!slice_starts(*s, front))
		return false;
	*s = slice_sub(*s, front.len, s->len);
	while (s->len && is_blank(slice_at(*s, 0)))
		*s = slice_sub(*s, 1, s->len);
	return true;
}

bool line_number(struct slice *s, uint64_t *number)
{
	size_t n = 0;

	*number = 0;
	while (slice_at(*s, n) >= '0' && slice_at(*s, n) <= '9') {
		if (*number > (UINT64_MAX - 9) / 10)
			return false;
		*number = *number * 10 + (uint64_t)(slice_at(*s, n++) - '0');
	}
	*s = slice_sub(*s, n, s->len);
	return n > 0;
}

struct slice line_before(struct slice s, const char *octets)
{
	size_t n = 0;

	while (n < s.len && (!slice_at(s, n) || !strchr(octets, slice_at(s, n))))
		n++;
	return slice_sub(s, 0, n);
}

struct slice line_clean(struct slice line, uint8_t *room)
{
	size_t n = 0;

	while (line.len && slice_at(line, line.len - 1) == '\r')
		line.len--;
	if (!memchr(line.ptr ? line.ptr : (const uint8_t *)"", ESC, line.len))
		return line;
	for (size_t i = 0; i < line.len; i++) {
		if (slice_at(line, i) != ESC) {
			room[n++] = slice_at(line, i);
			continue;
		}
		i += slice_at(line, i + 1) == '[';
		do
			i++;
		while (i < line.len &&
		       !((slice_at(line, i) | 0x20) >= 'a' && (slice_at(line, i) | 0x20) <= 'z'));
	}
	return slice_make(room, n);
}

#define LINES_MAX 500 /* that are looked at */

struct line_count line_count(struct slice head, bool (*like)(struct slice line))
{
	struct line_count c = {0, 0};

	while (head.len && c.all < LINES_MAX) {
		const uint8_t *end = memchr(head.ptr, '\n', head.len);
		size_t n = end ? (size_t)(end - head.ptr) : head.len;
		uint8_t room[CLEANED_MAX];
		struct slice line = line_trim(
			line_clean(slice_sub(head, 0, n < CLEANED_MAX ? n : CLEANED_MAX), room));

		if (end && line.len) {
			c.all++;
			c.like += like(line);
		}
		head = end ? slice_sub(head, n + 1, head.len) : SLICE_EMPTY;
	}
	return c;
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct slice line_hex(struct slice s, struct wbuf *out, struct slice *rest)
{
	size_t before = out->len;

	while (s.len) {
		int high = digit_of(slice_at(s, 0)), low = digit_of(slice_at(s, 1));

		if (high >= 0 && low >= 0) {
			wbuf_u8(out, (uint8_t)(high << 4 | low));
			s = slice_sub(s, 2, s.len);
		} else if (is_blank(slice_at(s, 0)) || slice_at(s, 0) == ':') {
			s = slice_sub(s, 1, s.len);
		} else {
			break;
		}
	}
	*rest = s;
	return slice_sub(wbuf_slice(out), before, out->len);
}

bool line_all_hex(struct slice s, struct wbuf *out, struct slice *octets)
{
	struct slice rest;

	*octets = line_hex(s, out, &rest);
	return octets->len && !rest.len && !out->err;
}

bool line_is_hex(struct slice s, size_t least, size_t most)
{
	size_t n = 0;

	for (; s.len; n++) {
		if (digit_of(slice_at(s, 0)) < 0 || digit_of(slice_at(s, 1)) < 0)
			return false;
		s = slice_sub(s, 2, s.len);
		while (s.len && is_blank(slice_at(s, 0)))
			s = slice_sub(s, 1, s.len);
	}
	return n >= least && n <= most;
}

unsigned line_sure(struct slice head, bool (*like)(struct slice line), unsigned sure)
{
	return line_count(head, like).like ? sure : 0;
}
