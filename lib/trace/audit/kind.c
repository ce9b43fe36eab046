#include "lib/trace/audit/kind.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FLAGS "-+ #0123456789"

/* A conversion of the format. */
struct conversion {
	char type;   /* d, u, X, s or % */
	char length; /* 'z', 'l', 'L' for ll; 0: an int */
	bool is_cut; /* it has a precision */
	size_t precision;
};

static struct conversion read_conversion(const char **at)
{
	struct conversion c = {0};
	const char *p = *at + 1;

	p += strspn(p, FLAGS);
	if (*p == '.') {
		c.is_cut = true;
		c.precision = strtoul(p + 1, NULL, 10);
		p += 1 + strspn(p + 1, FLAGS);
	}
	if (*p == 'l' || *p == 'z')
		c.length = *p++;
	if (c.length == 'l' && *p == 'l') {
		c.length = 'L';
		p++;
	}
	c.type = *p;
	*at = *p ? p + 1 : p;
	return c;
}

/* Takes the argument of one that is no text. */
static void drop_argument(const struct conversion *c, va_list *ap)
{
	switch (c->length) {
	case 'L': (void)va_arg(*ap, long long); break;
	case 'l': (void)va_arg(*ap, long); break;
	case 'z': (void)va_arg(*ap, size_t); break;
	default: (void)va_arg(*ap, int); break;
	}
}

struct making {
	char *out;
	size_t len, room;
};

static void add(struct making *m, const char *text, size_t len)
{
	if (len > m->room - m->len)
		len = m->room - m->len;
	memcpy(m->out + m->len, text, len);
	m->len += len;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_of_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void add_text_of_others(struct making *m, const char *text, size_t len)
{
	for (size_t at = 0, n; at < len; at += n) {
		bool has_digit = false;

		for (n = 0; at + n < len && is_of_word(text[at + n]); n++)
			has_digit |= is_digit(text[at + n]);
		if (has_digit)
			add(m, "#", 1);
		else
			add(m, text + at, n ? n : 1);
		n += !n;
	}
}

/* What a conversion has made stands at text; how long it is. */
static size_t add_conversion(struct making *m, const struct conversion *c, const char *text,
			     va_list *ap)
{
	bool runs = c->type == 'u' || c->length;
	size_t len, left = strlen(text);

	if (c->type == 's') {
		len = strlen(va_arg(*ap, const char *));
		len = c->is_cut && len > c->precision ? c->precision : len;
		len = len < left ? len : left;
		if (c->is_cut)
			add_text_of_others(m, text, len);
		else
			add(m, text, len);
		return len;
	}
	drop_argument(c, ap);
	len = strspn(text, c->type == 'X' ? "0123456789ABCDEF" : "-0123456789");
	add(m, runs ? "#" : text, runs ? 1 : len);
	return len;
}

void audit_kind_of(const char *format, const char *detail, va_list ap, char *out, size_t cap)
{
	struct making m = {.out = out, .room = cap - 1};
	va_list args;

	va_copy(args, ap);
	while (*format && *detail) {
		size_t same = strcspn(format, "%"), left = strlen(detail);
		struct conversion c;

		same = same < left ? same : left;
		add(&m, detail, same);
		format += same;
		detail += same;
		if (*format != '%')
			continue;
		c = read_conversion(&format);
		if (c.type == '%')
			add(&m, detail++, 1);
		else
			detail += add_conversion(&m, &c, detail, &args);
	}
	va_end(args);
	out[m.len] = 0;
}
