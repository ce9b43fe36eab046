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

struct slice line_clean(struct slice line, uint8_t *room)
{
	size_t n = 0;

	if (line.len && slice_at(line, line.len - 1) == '\r')
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

static void give(struct text_pair *p, struct trace_out *o, struct slice response)
{
	const struct trace_event e = {.kind = TRACE_EXCHANGE,
				      .card = p->card,
				      .place = p->place,
				      .has_time = p->has_time,
				      .time_ns = p->time_ns,
				      .command = slice_make(p->command, p->command_len),
				      .response = response};

	trace_out_event(o, &e);
	p->waits = false;
}

void text_pair_flush(struct text_pair *p, struct trace_out *o)
{
	if (p->waits)
		give(p, o, SLICE_EMPTY);
}

void text_pair_command(struct text_pair *p, struct trace_out *o, struct slice command)
{
	text_pair_flush(p, o);
	if (!command.len || command.len > sizeof(p->command)) {
		trace_out_fault(o, "there is no command in it", command);
		return;
	}
	memcpy(p->command, command.ptr, command.len);
	p->command_len = command.len;
	p->place = o->place;
	p->waits = true;
}

void text_pair_response(struct text_pair *p, struct trace_out *o, struct slice response)
{
	if (p->waits)
		give(p, o, response);
	else
		trace_out_fault(o, "a response to no command", response);
}
