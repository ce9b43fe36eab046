#include "lib/trace/decode/show/say.h"

#include <stdarg.h>
#include <stdio.h>

#define PART_MAX 96

void show_say(struct wbuf *words, const char *fmt, ...)
{
	size_t room = words->cap - words->len;
	char part[PART_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(part, sizeof(part), fmt, ap);
	va_end(ap);
	wbuf_put(words, slice_sub(slice_str(part), 0, room));
}

void show_say_hex(struct wbuf *words, struct slice octets)
{
	char part[PART_MAX];

	hex_encode(slice_sub(octets, 0, (PART_MAX - 1) / 2), part, sizeof(part));
	show_say(words, "%s", part);
}
