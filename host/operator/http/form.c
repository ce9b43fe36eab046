#include "host/operator/http/form.h"

#include <string.h>

#include "lib/base/secret.h"
#include "tool/cli/text.h"

#define COOKIE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a name or a value; a NUL would end it early. */
static enum err take_character(struct cursor *c, char *out)
{
	uint8_t first = cursor_u8(c);
	int high, low;

	if (first == '+')
		first = ' ';
	if (first == '%') {
		high = digit(cursor_u8(c));
		low = digit(cursor_u8(c));
		if (c->err || high < 0 || low < 0)
			return ERR_ENCODING;
		first = (uint8_t)(high << 4 | low);
	}
	*out = (char)first;
	return first < ' ' || first == 0x7F ? ERR_VALUE : ERR_OK;
}

/* A name or a value, up to its end, with a NUL; what its characters are is looked at later. */
static enum err take_escaped(struct slice part, char *out, size_t *used)
{
	struct cursor c = cursor_of(part);
	size_t n = 0;
	enum err e = ERR_OK;

	while (!e && cursor_left(&c))
		e = take_character(&c, &out[n++]);
	out[n] = 0;
	*used = n + 1;
	return e;
}

/* What text_clean() would change is no text for a page or a log. */
static bool is_clean(const char *s)
{
	char copy[HTTP_FORM_MAX + 1];
	size_t n = strlen(s);

	memcpy(copy, s, n + 1);
	text_clean_line(copy);
	n = (size_t)memcmp(copy, s, n + 1);
	secret_wipe(copy, sizeof(copy));
	return n == 0;
}

static size_t find_octet(struct slice s, uint8_t octet)
{
	const uint8_t *at = s.len ? memchr(s.ptr, octet, s.len) : NULL;

	return at ? (size_t)(at - s.ptr) : s.len;
}

/* NAME=VALUE, or NAME alone. */
static enum err take_pair(struct slice pair, struct http_form *f, size_t *at)
{
	size_t equals = find_octet(pair, '='), used;
	const char *name = f->text + *at;
	enum err e = take_escaped(slice_sub(pair, 0, equals), f->text + *at, &used);

	*at += used;
	if (e)
		return e;
	if (http_form_get(f, name))
		return ERR_DUPLICATE;
	if (f->count == HTTP_FORM_FIELDS)
		return ERR_SPACE;
	f->field[f->count] = (struct http_form_field){name, f->text + *at};
	e = take_escaped(slice_sub(pair, equals + 1, pair.len), f->text + *at, &used);
	*at += used;
	if (!e && (!is_clean(name) || !is_clean(f->field[f->count].value)))
		e = ERR_ENCODING;
	f->count++;
	return e;
}

enum err http_form_parse(struct slice body, struct http_form *out)
{
	size_t at = 0;
	/* each field takes two NULs for its "=" and "&" at most, and one has neither */
	enum err e = body.len + 2 * HTTP_FORM_FIELDS + 2 <= HTTP_FORM_MAX ? ERR_OK : ERR_SPACE;

	out->count = 0;
	while (!e && body.len) {
		size_t n = find_octet(body, '&');

		if (n)
			e = take_pair(slice_sub(body, 0, n), out, &at);
		body = slice_sub(body, n + 1, body.len);
	}
	if (e) {
		secret_wipe(out->text, sizeof(out->text));
		out->count = 0;
	}
	return e;
}

const char *http_form_get(const struct http_form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->field[i].name, name) == 0)
			return f->field[i].value;
	return NULL;
}

enum err http_cookie(const char *header, const char *name, char *value, size_t cap)
{
	size_t len = strlen(name), seen = 0;
	enum err e = ERR_NOT_FOUND;

	for (const char *at = header; at && *at; at += *at ? 1 : 0) {
		size_t n;

		at += strspn(at, " \t");
		n = strcspn(at, ";");
		if (n > len && strncmp(at, name, len) == 0 && at[len] == '=') {
			struct slice v = slice_make(at + len + 1, n - len - 1);

			e = seen++ ? ERR_DUPLICATE : slice_text(v, value, cap);
			if (!e && value[strspn(value, COOKIE_CHARACTERS)])
				e = ERR_VALUE;
			if (e)
				return e;
		}
		at += n;
	}
	return e;
}
