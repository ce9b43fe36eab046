#include "lib/trace/redact/view.h"

#include <ctype.h>
#include <string.h>

struct view view_whole(uint8_t *memory, size_t len)
{
	return (struct view){.memory = memory, .whole = true, .len = len};
}

struct view view_parts(uint8_t *memory, bool hex)
{
	return (struct view){
		.memory = memory, .hex = hex, .at = wbuf_grow(VIEW_OCTETS_MAX * sizeof(uint32_t))};
}

void view_add(struct view *v, size_t at)
{
	const uint32_t place = (uint32_t)at;

	if (at > UINT32_MAX)
		wbuf_fail(&v->at, ERR_SPACE);
	wbuf_put(&v->at, slice_make(&place, sizeof(place)));
	v->len += v->at.err ? 0 : 1;
	v->upper = v->upper || (v->hex && (isupper(v->memory[at]) || isupper(v->memory[at + 1])));
}

enum err view_done(const struct view *v)
{
	return v->at.err;
}

void view_free(struct view *v)
{
	wbuf_free(&v->at);
}

size_t view_at(const struct view *v, size_t i)
{
	uint32_t at;

	if (v->whole)
		return i;
	memcpy(&at, v->at.ptr + i * sizeof(at), sizeof(at));
	return at;
}

static uint8_t digit_value(uint8_t c)
{
	return (uint8_t)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

uint8_t view_octet(const struct view *v, size_t i)
{
	const uint8_t *p = v->memory + view_at(v, i);

	return (uint8_t)(v->hex ? digit_value(p[0]) << 4 | digit_value(p[1]) : *p);
}

void view_put(struct view *v, size_t half, uint8_t value)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	uint8_t *p = v->memory + view_at(v, half / 2);

	if (v->hex)
		p[half % 2] = (uint8_t)digits[value + (v->upper ? 16 : 0)];
	else if (half % 2)
		*p = (uint8_t)((*p & 0xF0) | value);
	else
		*p = (uint8_t)((*p & 0xF) | value << 4);
}

size_t view_from(const struct view *v, size_t at)
{
	size_t low = 0, high = v->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (view_at(v, middle) < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
