#include "host/operator/exchange/json.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/exchange/field.h"
#include "lib/base/secret.h"

#define PATH_PART_MAX 40

static const char is_cut[] = "ends in the middle of a list: it was cut",
		  no_json[] = "is no JSON, or was cut (mongoexport writes JSON; mongosh shows a "
			      "form of its own)";

struct reading {
	struct slice rest;
	bool in_list, wants_comma;
	unsigned number;
};

/* The next object; NULL: there is none. *why: because of what. */
static json_t *next_document(struct reading *r, const char **why)
{
	while (r->rest.len) {
		uint8_t c = slice_at(r->rest, 0);
		json_error_t error;
		json_t *v;

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			r->rest = slice_sub(r->rest, 1, r->rest.len);
			continue;
		}
		if (c != '{') {
			bool good = c == '['   ? !r->in_list
				    : c == ']' ? r->in_list
					       : c == ',' && r->wants_comma;

			if (!good)
				break;
			r->in_list = c == '[' || c == ',';
			r->wants_comma = false;
			r->rest = slice_sub(r->rest, 1, r->rest.len);
			continue;
		}
		if (r->in_list && r->wants_comma)
			break;
		r->number++;
		v = json_loadb((const char *)r->rest.ptr, r->rest.len,
			       JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
		if (!v)
			break;
		r->rest = slice_sub(r->rest, (size_t)error.position, r->rest.len);
		r->wants_comma = r->in_list;
		return v;
	}
	*why = r->rest.len ? no_json : r->in_list ? is_cut : NULL;
	return NULL;
}

static struct reading reading_of(struct slice text)
{
	static const uint8_t mark[] = {0xEF, 0xBB, 0xBF}; /* of UTF-8, as some editors write it */

	if (slice_starts(text, SLICE_OF(mark)))
		text = slice_sub(text, sizeof(mark), text.len);
	return (struct reading){.rest = text};
}

enum err exchange_json_each(struct slice text, struct exchange_list *l, exchange_each *each,
			    void *ctx)
{
	struct reading r = reading_of(text);
	const char *why = NULL;
	json_t *v;

	while (!l->err && l->count < EXCHANGE_ROWS_MAX && (v = next_document(&r, &why)) != NULL) {
		each(ctx, &(struct exchange_document){l, r.number, v});
		json_decref(v);
	}
	if (l->count == EXCHANGE_ROWS_MAX && !why && next_document(&r, &why))
		(void)!exchange_add(l, 0);
	if (why)
		exchange_fault(l, why == is_cut ? 0 : r.number, "", why);
	return l->err;
}

json_t *exchange_json_first(struct slice text)
{
	struct reading r = reading_of(text);
	const char *why;

	return next_document(&r, &why);
}

json_t *exchange_json_at(const json_t *object, const char *path)
{
	json_t *v = NULL;

	for (bool more = true; more && object; object = v) {
		char part[PATH_PART_MAX];
		size_t n = strcspn(path, ".");

		snprintf(part, sizeof(part), "%.*s", (int)n, path);
		v = json_object_get(object, part);
		more = path[n] != 0;
		path += more ? n + 1 : n;
	}
	return json_is_null(v) ? NULL : v;
}

/* MongoDB's extended JSON. */
static const json_t *unwrapped(const json_t *v)
{
	static const char *const kinds[] = {"$numberLong", "$numberInt", "$numberDecimal"};

	for (size_t i = 0; json_is_object(v) && i < ARRAY_LEN(kinds); i++)
		if (json_object_get(v, kinds[i]))
			return json_object_get(v, kinds[i]);
	return v;
}

struct field exchange_json_field(const struct exchange_document *d, const char *path,
				 char buffer[static EXCHANGE_DIGITS_CAP])
{
	const json_t *v = unwrapped(exchange_json_at(d->value, path));
	struct field f = {d->list, d->number, path, SLICE_EMPTY};

	if (json_is_string(v)) {
		f.value = slice_make(json_string_value(v), json_string_length(v));
	} else if (json_is_integer(v)) {
		snprintf(buffer, EXCHANGE_DIGITS_CAP, "%lld", (long long)json_integer_value(v));
		f.value = slice_str(buffer);
	} else if (v) {
		exchange_fault(d->list, d->number, path, "must be a string or a whole number");
	}
	return f;
}

void exchange_json_line(struct wbuf *out, json_t *document)
{
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

	json_decref(document);
	if (!text) {
		wbuf_fail(out, ERR_MEMORY);
		return;
	}
	wbuf_put(out, slice_str(text));
	wbuf_u8(out, '\n');
	secret_block_free(text);
}

json_t *exchange_json_hex(const struct exchange_key *k)
{
	char text[2 * EXCHANGE_KEY_MAX + 1];
	json_t *v;

	hex_encode(exchange_key_slice(k), text, sizeof(text));
	v = json_string(text);
	secret_wipe(text, sizeof(text));
	return v;
}
