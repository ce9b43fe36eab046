#include "lib/trace/decode/field/field.h"

#include <stdio.h>

#include "lib/base/tlv.h"

#define FILLER	   0xFF
#define NUMBER_MAX 8
#define RESERVED   "a value that the standard does not have"
#define MISSING	   "missing"
#define FAULT_CAP  64

static bool all_are(struct slice v, uint8_t octet)
{
	for (size_t i = 0; i < v.len; i++) {
		if (slice_at(v, i) != octet)
			return false;
	}
	return true;
}

bool field_is_blank(struct slice v)
{
	return all_are(v, FILLER);
}

void field_octets(const struct field *f, struct slice v, const char *fault, const struct tree *t)
{
	t->open(t->ctx,
		&(struct tree_node){.key = f->key, .name = f->name, .raw = v, .fault = fault});
	t->close(t->ctx);
}

void field_tell(const struct field *f, struct slice v, const struct tree *t)
{
	if (f->show)
		f->show(f, v, t);
	else
		field_octets(f, v, NULL, t);
}

/* Octets of the rows from i on that must be there */
static size_t needed(const struct fields *rows, size_t i)
{
	size_t n = 0;

	for (; i < rows->count; i++)
		n += rows->rows[i].optional ? 0 : rows->rows[i].len;
	return n;
}

static void tell_short(const struct field *f, struct slice v, bool secret, const struct tree *t)
{
	char fault[FAULT_CAP];

	if (v.len)
		snprintf(fault, sizeof(fault), "%zu of %u octets", v.len, f->len);
	field_octets(f, secret ? SLICE_EMPTY : v, v.len ? fault : MISSING, t);
}

/* Octets behind the last field that is known */
static void tell_more(struct slice v, bool secret, const struct tree *t)
{
	const struct tree_node node = {.key = "more",
				       .name = "Further octets",
				       .raw = secret ? SLICE_EMPTY : v,
				       .fault = field_is_blank(v) ? NULL : "not of the standard"};

	tree_leaf(t, &node, "%zu octets", v.len);
}

void fields_tell(const struct fields *rows, struct slice v, const struct tree *t)
{
	struct cursor c = cursor_of(v);

	for (size_t i = 0; i < rows->count; i++) {
		const struct field *f = &rows->rows[i];
		size_t left = cursor_left(&c), after = f->len ? 0 : needed(rows, i + 1);
		size_t n = f->len ? f->len : left > after ? left - after : 0;

		if (!left && f->optional)
			return;
		if (n > left || (!left && f->len)) {
			tell_short(f, cursor_take_rest(&c), rows->secret, t);
			return;
		}
		if (n || !f->optional)
			field_tell(f, cursor_take(&c, n), t);
	}
	if (cursor_left(&c))
		tell_more(cursor_take_rest(&c), rows->secret, t);
}

static void tell_unknown(const struct tlv *object, bool secret, const struct tree *t)
{
	const struct tree_node node = {
		.key = "unknown", .name = "Object", .raw = secret ? SLICE_EMPTY : object->value};

	tree_leaf(t, &node, "tag %X, %zu octets", object->tag, object->value.len);
}

static void tell_object(const struct fields *rows, const struct tlv *object, const struct tree *t)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct field *f = &rows->rows[i];

		if (f->tag != object->tag)
			continue;
		if (f->len && object->value.len < f->len)
			tell_short(f, object->value, rows->secret, t);
		else
			field_tell(f, object->value, t);
		return;
	}
	tell_unknown(object, rows->secret, t);
}

/* Without the octets that fill up in front of an object (ISO 7816-4 5.2.2.1): 00, and FF that
 * begins no tag, as it does of FF40 */
static struct slice skip_filler(struct slice v)
{
	while (v.len) {
		uint8_t first = slice_at(v, 0), second = slice_at(v, 1);

		if (first && !(first == FILLER && (v.len == 1 || second == FILLER || !second)))
			break;
		v = slice_sub(v, 1, v.len);
	}
	return v;
}

void objects_tell(const struct fields *rows, struct slice v, const struct tree *t)
{
	struct slice rest;
	struct tlv object;

	for (rest = skip_filler(v); rest.len; rest = skip_filler(rest)) {
		struct cursor c = cursor_of(rest);

		if (!tlv_next(&c, &object)) {
			static const struct field what = {.key = "octets", .name = "Octets"};

			field_octets(&what, rows->secret ? SLICE_EMPTY : rest, "no BER-TLV object",
				     t);
			return;
		}
		tell_object(rows, &object, t);
		rest = c.rest;
	}
}

void field_fields(const struct field *f, struct slice v, const struct tree *t)
{
	const struct fields *rows = f->of;

	tree_open(t, f->key, f->name, rows->secret ? SLICE_EMPTY : v);
	fields_tell(rows, v, t);
	tree_close(t);
}

void field_objects(const struct field *f, struct slice v, const struct tree *t)
{
	const struct fields *rows = f->of;

	tree_open(t, f->key, f->name, rows->secret ? SLICE_EMPTY : v);
	objects_tell(rows, v, t);
	tree_close(t);
}

void field_list(const struct field *f, struct slice v, const struct tree *t)
{
	const struct field *item = f->of;
	struct cursor c = cursor_of(v);

	tree_open(t, f->key, f->name, v);
	while (cursor_left(&c) >= item->len) {
		struct slice one = cursor_take(&c, item->len);

		if (!field_is_blank(one))
			field_tell(item, one, t);
	}
	if (!field_is_blank(c.rest))
		tell_short(item, c.rest, false, t);
	tree_close(t);
}

void field_counted(const struct field *f, struct slice v, const struct tree *t)
{
	struct cursor c = cursor_of(v);
	struct field inner = *(const struct field *)f->of;
	size_t n = cursor_u8(&c);

	inner.key = f->key;
	inner.name = f->name;
	if (n == FILLER && field_is_blank(c.rest))
		field_octets(f, SLICE_EMPTY, NULL, t);
	else if (n > cursor_left(&c))
		field_octets(f, v, "it ends before the length in front of it says", t);
	else
		field_tell(&inner, cursor_take(&c, n), t);
}

void field_number(const struct field *f, struct slice v, const struct tree *t)
{
	const char *unit = f->of;

	if (!v.len || v.len > NUMBER_MAX) {
		field_octets(f, v, "no number of 1 to 8 octets", t);
		return;
	}
	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%llu%s%s",
		  (unsigned long long)slice_uint(v, NUMBER_MAX), unit ? " " : "", unit ? unit : "");
}

void field_secret(const struct field *f, struct slice v, const struct tree *t)
{
	const struct tree_node node = {.key = f->key, .name = f->name};

	if (v.len && field_is_blank(v))
		tree_leaf(t, &node, "none: %zu octets FF", v.len);
	else
		tree_leaf(t, &node, "%zu octets, not shown", v.len);
}

const char *words_find(const struct words *w, uint32_t value)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->rows[i].value == value)
			return w->rows[i].text;
	}
	return NULL;
}

void field_words(const struct field *f, struct slice v, const struct tree *t)
{
	const char *text = words_find(f->of, (uint32_t)slice_uint(v, sizeof(uint32_t)));
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};

	if (!v.len || v.len > sizeof(uint32_t)) {
		field_octets(f, v, "no code of 1 to 4 octets", t);
		return;
	}
	if (!text)
		node.fault = RESERVED;
	tree_leaf(t, &node, text ? "%s" : "reserved%s", text ? text : "");
}

static void tell_bit(const struct bit *b, uint32_t value, const struct tree *t)
{
	struct tree_node node = {.key = b->key, .name = b->name};
	const char *text = b->words ? words_find(b->words, value) : NULL;

	if (b->words) {
		node.fault = text ? NULL : RESERVED;
		tree_leaf(t, &node, "%s", text ? text : "reserved");
	} else if (b->width == 1) {
		tree_leaf(t, &node, "%s", value ? "yes" : "no");
	} else {
		tree_leaf(t, &node, "%u", value);
	}
}

void field_bits(const struct field *f, struct slice v, const struct tree *t)
{
	const struct bits *bits = f->of;
	uint32_t all = (uint32_t)slice_uint(v, sizeof(uint32_t)), known = 0;
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};

	if (!v.len || v.len > sizeof(uint32_t)) {
		field_octets(f, v, "no bits of 1 to 4 octets", t);
		return;
	}
	for (size_t i = 0; i < bits->count; i++)
		known |= ((1u << bits->rows[i].width) - 1) << bits->rows[i].at;
	if (all & ~known && field_is_blank(v)) {
		tree_leaf(t, &node, "not set");
		return;
	}
	if (all & ~known)
		node.fault = "reserved bits are set";
	t->open(t->ctx, &node);
	for (size_t i = 0; i < bits->count; i++) {
		const struct bit *b = &bits->rows[i];

		tell_bit(b, all >> b->at & ((1u << b->width) - 1), t);
	}
	t->close(t->ctx);
}
