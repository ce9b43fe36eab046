#include "host/trace/diff/print.h"

#include <string.h>

#include "host/trace/show/put.h"
#include "lib/trace/diff/side.h"
#include "tool/cli/json.h"

#define SHOWN 32 /* octets of a value, from where they differ on */

const char *difference_name(enum diff_kind kind)
{
	static const char *const names[] = {
		[DIFF_REMOVED] = "removed", [DIFF_ADDED] = "added",	[DIFF_MOVED] = "moved",
		[DIFF_CHANGED] = "changed", [DIFF_SESSION] = "session", [DIFF_FORM] = "form",
		[DIFF_MASKED] = "masked"};

	return names[kind];
}

static void put_numbers(struct wbuf *out, const struct entry *e)
{
	wbuf_u8(out, ' ');
	put_number(out, e->first.number);
	if (e->last.number == e->first.number)
		return;
	wbuf_u8(out, '-');
	put_number(out, e->last.number);
}

static void put_part(struct wbuf *out, const char *text)
{
	if (!*text)
		return;
	wbuf_u8(out, ' ');
	put_foreign(out, text);
}

/* The octets from the first that is another one; before and after begin at one place. */
static void put_octets(struct wbuf *out, struct slice octets, size_t from)
{
	struct slice shown = slice_sub(octets, from, SHOWN);

	if (!octets.len)
		put_words(out, "nothing");
	if (from && octets.len)
		put_words(out, "...");
	put_octets_hex(out, shown);
	if (from + shown.len < octets.len)
		put_words(out, "...");
	if (from || shown.len < octets.len) {
		put_words(out, " (");
		put_number(out, octets.len);
		put_words(out, " octets)");
	}
}

static void put_value(struct wbuf *out, const struct diff_value *v, size_t from, bool in_octets)
{
	if (!v->is)
		put_words(out, "not there");
	else if (v->text && !in_octets)
		put_foreign(out, v->text);
	else
		put_octets(out, v->raw, from);
}

static void put_values(struct wbuf *out, const struct difference *d)
{
	const struct diff_value *a = &d->before, *b = &d->after;
	bool same_words = a->text && b->text && strcmp(a->text, b->text) == 0;
	size_t from = 0;

	while (a->raw.len > SHOWN && from < a->raw.len && from < b->raw.len &&
	       slice_at(a->raw, from) == slice_at(b->raw, from))
		from++;
	put_value(out, a, from, same_words);
	put_words(out, " -> ");
	put_value(out, b, from, same_words);
}

void difference_text(const struct pool *pool, const struct difference *d, struct wbuf *out)
{
	static const char marks[] = {
		[DIFF_REMOVED] = '-', [DIFF_ADDED] = '+', [DIFF_MOVED] = '>',  [DIFF_CHANGED] = '!',
		[DIFF_SESSION] = '=', [DIFF_FORM] = '=',  [DIFF_MASKED] = '=',
	};
	struct entry_label label = side_label(pool, d->a ? d->a : d->b);

	wbuf_u8(out, (uint8_t)marks[d->kind]);
	if (d->a)
		put_numbers(out, d->a);
	if (d->b)
		put_numbers(out, d->b);
	put_part(out, label.command);
	put_part(out, label.path);
	put_part(out, label.what);
	if (*d->where) {
		put_words(out, ": ");
		put_foreign(out, d->where);
		put_words(out, ": ");
		put_values(out, d);
	} else if (*label.status) {
		put_words(out, ": ");
		put_foreign(out, label.status);
	}
	if (d->kind == DIFF_MASKED)
		put_words(out, "  [one of the traces is masked]");
	if (d->why) {
		put_words(out, "  [");
		put_words(out, d->why);
		wbuf_u8(out, ']');
	}
}

static json_t *entry_json(const struct entry *e)
{
	return e ? json_pack("{s:I, s:I, s:I, s:i}", "number", (json_int_t)e->first.number, "last",
			     (json_int_t)e->last.number, "offset", (json_int_t)e->first.offset,
			     "card", (int)e->card)
		 : json_null();
}

static json_t *octets_json(struct slice octets)
{
	struct wbuf hex = wbuf_grow(2 * octets.len + 1);
	json_t *text;

	put_octets_hex(&hex, octets);
	text = json_text(hex.ptr ? wbuf_slice(&hex) : slice_str(""));
	wbuf_free(&hex);
	return text;
}

static json_t *value_json(const struct diff_value *v)
{
	json_t *o;

	if (!v->is)
		return json_null();
	o = json_object();
	if (v->text)
		json_object_set_new(o, "value", json_text(slice_str(v->text)));
	if (v->raw.len || !v->text)
		json_object_set_new(o, "raw", octets_json(v->raw));
	return o;
}

json_t *difference_json(const struct pool *pool, const struct difference *d)
{
	struct entry_label label = side_label(pool, d->a ? d->a : d->b);
	json_t *o = json_pack("{s:s, s:o, s:o, s:s, s:o, s:o}", "kind", difference_name(d->kind),
			      "a", entry_json(d->a), "b", entry_json(d->b), "command",
			      label.command, "path", json_text(slice_str(label.path)), "what",
			      json_text(slice_str(label.what)));

	if (o && *d->where) {
		json_object_set_new(o, "where", json_text(slice_str(d->where)));
		json_object_set_new(o, "keys", json_text(slice_str(d->keys)));
		json_object_set_new(o, "before", value_json(&d->before));
		json_object_set_new(o, "after", value_json(&d->after));
	}
	if (o && d->why)
		json_object_set_new(o, "why", json_string(d->why));
	return o;
}
