#include "lib/profile/schema/schema.h"

#include <string.h>

#include "lib/base/oid.h"
#include "lib/base/tlv.h"
#include "lib/profile/schema/rows.h"
#include "lib/base/utf8.h"

#define C0_END	 0x20
#define C1_START 0x7F
#define C1_END	 0xA0

struct schema_node schema_package(struct slice package)
{
	return (struct schema_node){.type = &schema_package_type, .value = package, .raw = package};
}

struct schema_iter schema_children(const struct schema_node *n)
{
	struct schema_iter it = {.of = *n};

	if (n->type && n->type->kind <= SCHEMA_LIST)
		it.c = cursor_of(n->value);
	return it;
}

static const struct schema_field *field_from(const struct schema_type *t, size_t from, uint32_t tag)
{
	for (size_t i = from; i < t->count; i++) {
		if (t->fields[i].tag == tag)
			return &t->fields[i];
	}
	return NULL;
}

static void match_sequence(struct schema_iter *it, struct schema_node *child)
{
	const struct schema_type *t = it->of.type;
	const struct schema_field *f = field_from(t, it->next, child->tag);

	if (!f) {
		it->unknown = true;
		return;
	}
	it->disorder = it->disorder || it->unknown;
	for (; &t->fields[it->next] != f; it->next++)
		it->missing = it->missing || !t->fields[it->next].optional;
	it->next++;
	child->field = f;
	child->type = f->type;
}

static void match_alternative(const struct schema_type *choice, struct schema_node *child)
{
	child->field = field_from(choice, 0, child->tag);
	child->type = child->field ? child->field->type : NULL;
}

bool schema_next(struct schema_iter *it, struct schema_node *child)
{
	const struct schema_type *t = it->of.type;
	struct tlv x;

	if (!t || !tlv_next(&it->c, &x))
		return false;
	*child = (struct schema_node){
		.tag = x.tag, .value = x.value, .raw = x.raw, .secret = it->of.secret};
	if (t->kind == SCHEMA_SEQUENCE)
		match_sequence(it, child);
	else if (t->kind == SCHEMA_CHOICE)
		match_alternative(t, child);
	else if (t->item_tag == 0)
		match_alternative(t->item, child);
	else if (t->item_tag == x.tag)
		child->type = t->item;
	child->secret = child->secret || (child->field && child->field->secret);
	return true;
}

/* UTF-8 without control characters: only such text can be written down and read back. */
static bool is_plain_text(struct slice s)
{
	struct cursor c = cursor_of(s);

	while (cursor_left(&c)) {
		uint32_t v = utf8_next(&c);

		if (v < C0_END || (v >= C1_START && v < C1_END))
			return false; /* or none */
	}
	return !c.err;
}

static enum err fits_fields(const struct schema_node *n)
{
	struct schema_iter it = schema_children(n);
	struct schema_node child;
	size_t children = 0;

	while (schema_next(&it, &child))
		children++;
	if (it.c.err)
		return it.c.err;
	if (n->type->kind == SCHEMA_CHOICE)
		return children == 1 && child.type ? ERR_OK : ERR_TAG;
	if (n->type->kind == SCHEMA_LIST)
		return ERR_OK;
	for (; it.next < n->type->count; it.next++)
		it.missing = it.missing || !n->type->fields[it.next].optional;
	return it.missing || it.disorder ? ERR_TAG : ERR_OK;
}

enum err schema_fits(const struct schema_node *n)
{
	char text[OID_TEXT_MAX];
	uint64_t v;

	switch (n->type->kind) {
	case SCHEMA_SEQUENCE:
	case SCHEMA_CHOICE:
	case SCHEMA_LIST: return fits_fields(n);
	case SCHEMA_OCTETS: return ERR_OK;
	case SCHEMA_INTEGER: return tlv_uint(n->value, &v);
	case SCHEMA_UTF8: return is_plain_text(n->value) ? ERR_OK : ERR_ENCODING;
	case SCHEMA_OID: return oid_text(n->value, text, sizeof(text));
	case SCHEMA_NULL: return n->value.len ? ERR_LENGTH : ERR_OK;
	}
	return ERR_TAG;
}

static bool child_named(const struct schema_node *n, const char *name, size_t len,
			struct schema_node *out)
{
	struct schema_iter it = schema_children(n);
	struct schema_node child;

	while (schema_next(&it, &child)) {
		if (child.field && strlen(child.field->name) == len &&
		    strncmp(child.field->name, name, len) == 0) {
			*out = child;
			return true;
		}
	}
	return false;
}

bool schema_get(const struct schema_node *n, const char *path, struct schema_node *out)
{
	struct schema_node at = *n;

	while (*path) {
		size_t len = strcspn(path, "/");

		if (!child_named(&at, path, len, &at))
			return false;
		path += len + (path[len] == '/');
	}
	*out = at;
	return true;
}

struct slice schema_octets(const struct schema_node *n, const char *path)
{
	struct schema_node x;

	return schema_get(n, path, &x) ? x.value : SLICE_EMPTY;
}

static bool default_number(const struct schema_field *f, uint64_t *v)
{
	*v = 0;
	if (!f || !f->dflt || f->type->kind != SCHEMA_INTEGER)
		return false;
	for (const char *p = f->dflt; *p; p++)
		*v = *v * 10 + (uint64_t)(*p - '0');
	return true;
}

uint64_t schema_uint(const struct schema_node *n, const char *path, uint64_t otherwise)
{
	struct schema_node x;
	uint64_t v;

	if (schema_get(n, path, &x))
		return tlv_uint(x.value, &v) ? otherwise : v;
	if (n->type && !strchr(path, '/') && default_number(schema_field_named(n->type, path), &v))
		return v;
	return otherwise;
}

const struct schema_field *schema_field_named(const struct schema_type *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->fields[i].name, name) == 0)
			return &t->fields[i];
	}
	return NULL;
}

const char *schema_value_name(const struct schema_type *t, uint64_t value)
{
	for (size_t i = 0; i < t->name_count; i++) {
		if (t->names[i].value == value)
			return t->names[i].name;
	}
	return NULL;
}

bool schema_value_of(const struct schema_type *t, const char *name, uint64_t *value)
{
	for (size_t i = 0; i < t->name_count; i++) {
		if (strcmp(t->names[i].name, name) == 0) {
			*value = t->names[i].value;
			return true;
		}
	}
	return false;
}

bool schema_is_default(const struct schema_node *n)
{
	uint8_t mem[128];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct schema_iter it = schema_children(n);
	struct schema_node child;
	uint64_t v, d;

	if (!n->field || !n->field->dflt)
		return false;
	if (default_number(n->field, &d))
		return !tlv_uint(n->value, &v) && v == d;
	if (hex_decode(n->field->dflt, &w))
		return false;
	if (n->type->kind != SCHEMA_LIST)
		return slice_equal(n->value, wbuf_slice(&w));
	while (schema_next(&it, &child)) {
		if (!slice_equal(child.value, wbuf_slice(&w)))
			return false;
	}
	return !it.c.err;
}

bool schema_in_range(const struct schema_node *n)
{
	struct schema_iter it = schema_children(n);
	struct schema_node child;
	uint64_t v = n->value.len;

	if (n->type->kind == SCHEMA_INTEGER && tlv_uint(n->value, &v))
		return true; /* no number at all: schema_fits() reports that */
	if (n->type->kind == SCHEMA_LIST) {
		for (v = 0; schema_next(&it, &child); v++)
			continue;
	}
	if (n->type->kind == SCHEMA_SEQUENCE || n->type->kind == SCHEMA_CHOICE)
		return true;
	return v >= n->type->min && (n->type->max == 0 || v <= n->type->max);
}
