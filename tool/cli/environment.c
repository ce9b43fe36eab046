#include "tool/cli/environment.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/cli/json.h"

void environment_add(struct environment *e, const char *name, const char *fmt, ...)
{
	va_list args;

	assert(e->count < ENVIRONMENT_MAX);
	va_start(args, fmt);
	e->rows[e->count].name = name;
	if (vasprintf(&e->rows[e->count].value, fmt, args) < 0)
		e->err = ERR_MEMORY;
	else
		e->count++;
	va_end(args);
}

static void put_quoted(struct wbuf *out, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789%+,-./:=@_";

	if (!value[strspn(value, plain)]) {
		wbuf_put(out, slice_str(value));
		return;
	}
	wbuf_u8(out, '\'');
	for (; *value; value++) {
		if (*value == '\'')
			wbuf_put(out, slice_str("'\\''"));
		else
			wbuf_u8(out, (uint8_t)*value);
	}
	wbuf_u8(out, '\'');
}

enum err environment_lines(const struct environment *e, struct wbuf *out)
{
	for (size_t i = 0; i < e->count; i++) {
		wbuf_put(out, slice_str(e->rows[i].name));
		wbuf_u8(out, '=');
		put_quoted(out, e->rows[i].value);
		wbuf_u8(out, '\n');
	}
	return e->err ? e->err : wbuf_done(out);
}

json_t *environment_json(const struct environment *e)
{
	json_t *o = json_object();
	bool bad = e->err;

	for (size_t i = 0; i < e->count; i++)
		bad |= json_object_set_new(o, e->rows[i].name,
					   json_text(slice_str(e->rows[i].value))) != 0;
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

enum err environment_export(const struct environment *e)
{
	for (size_t i = 0; i < e->count; i++) {
		if (setenv(e->rows[i].name, e->rows[i].value, 1))
			return ERR_MEMORY;
	}
	return e->err;
}

void environment_free(struct environment *e)
{
	for (size_t i = 0; i < e->count; i++)
		free(e->rows[i].value);
	*e = (struct environment){.count = 0};
}
