#include "host/package/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/oid.h"
#include "lib/base/secret.h"
#include "lib/base/tlv.h"

#define FORMAT "PEDefinitions 3.3.1"

bool package_masked(const struct schema_node *n)
{
	if (!n->secret)
		return false;
	return !n->field || n->field->secret || n->field->content;
}

static json_t *hex_json(struct slice s)
{
	size_t cap = 2 * s.len + 1;
	char *text = malloc(cap);
	json_t *j = NULL;

	if (text && hex_encode(s, text, cap) == ERR_OK)
		j = json_string(text);
	if (text)
		secret_wipe(text, cap);
	free(text);
	return j;
}

static json_t *marked(const char *mark, struct slice s, bool secrets)
{
	return secrets ? json_pack("{s:o}", mark, hex_json(s))
		       : json_pack("{s:I}", "_masked", (json_int_t)s.len);
}

static json_t *primitive(const struct schema_node *n)
{
	char text[OID_TEXT_MAX];
	const char *name;
	uint64_t v = 0;

	switch (n->type->kind) {
	case SCHEMA_NULL: return json_null();
	case SCHEMA_UTF8: return json_stringn((const char *)n->value.ptr, n->value.len);
	case SCHEMA_OID: return oid_text(n->value, text, sizeof(text)) ? NULL : json_string(text);
	case SCHEMA_INTEGER:
		if (tlv_uint(n->value, &v))
			return NULL;
		name = schema_value_name(n->type, v);
		return name ? json_string(name) : json_integer((json_int_t)v);
	default: return hex_json(n->value);
	}
}

/* {"fileDescriptor": ...}; a data object that is not known stays whole */
static json_t *alternative(const struct schema_node *n, bool secrets)
{
	if (!n->type)
		return marked("_tlv", n->raw, secrets);
	return json_pack("{s:o}", n->field->name, package_node_json(n, secrets));
}

static json_t *list(const struct schema_node *n, bool secrets)
{
	struct schema_iter it = schema_children(n);
	struct schema_node child;
	json_t *array = json_array();

	while (array && schema_next(&it, &child)) {
		json_t *j = child.field || !child.type ? alternative(&child, secrets)
						       : package_node_json(&child, secrets);

		if (json_array_append_new(array, j)) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

static json_t *object(const struct schema_node *n, bool secrets)
{
	struct schema_iter it = schema_children(n);
	struct schema_node child;
	json_t *o = json_object(), *extensions = NULL;
	int bad = !o;

	while (!bad && schema_next(&it, &child)) {
		if (child.type) {
			bad = json_object_set_new(o, child.field->name,
						  package_node_json(&child, secrets));
			continue;
		}
		if (!extensions) {
			extensions = json_array();
			bad = json_object_set_new(o, "_extensions", extensions);
		}
		bad = bad ||
		      json_array_append_new(extensions, secrets ? hex_json(child.raw)
								: marked("", child.raw, false));
	}
	if (bad) {
		json_decref(o);
		return NULL;
	}
	return o;
}

json_t *package_node_json(const struct schema_node *n, bool secrets)
{
	struct schema_iter it;
	struct schema_node child;

	if (schema_fits(n))
		return marked("_raw", n->value, secrets);
	if (!secrets && n->type->kind > SCHEMA_LIST && package_masked(n))
		return marked("", n->value, false);
	switch (n->type->kind) {
	case SCHEMA_SEQUENCE: return object(n, secrets);
	case SCHEMA_LIST: return list(n, secrets);
	case SCHEMA_CHOICE:
		it = schema_children(n);
		return schema_next(&it, &child) ? alternative(&child, secrets) : NULL;
	default: return primitive(n);
	}
}

/* Counts data objects. One that the schema does not know counts as one, whatever it holds. */
static size_t count_objects(const struct schema_node *n, size_t limit)
{
	struct schema_iter it = schema_children(n);
	struct schema_node child;
	size_t count = 1;

	while (count <= limit && schema_next(&it, &child))
		count += child.type ? count_objects(&child, limit - count) : 1;
	return count;
}

enum err package_check(struct slice package, struct package_error *error)
{
	struct schema_node top = schema_package(package), child;
	struct schema_iter it = schema_children(&top);
	size_t elements = 0;

	*error = (struct package_error){.path = "/elements"};
	while (schema_next(&it, &child))
		elements++;
	if (it.c.err) {
		snprintf(error->path, sizeof(error->path), "/elements/%zu", elements);
		snprintf(error->why, sizeof(error->why), "element %zu, at octet %zu: %s", elements,
			 (size_t)(package.len - it.c.rest.len), err_text(it.c.err));
		return it.c.err;
	}
	if (elements == 0) {
		snprintf(error->why, sizeof(error->why), "there is no element");
		return ERR_TRUNCATED;
	}
	if (package.len > PACKAGE_MAX || elements > PACKAGE_ELEMENTS_MAX ||
	    count_objects(&top, PACKAGE_OBJECTS_MAX) > PACKAGE_OBJECTS_MAX) {
		snprintf(error->why, sizeof(error->why),
			 "more than %u octets, %u elements or %u data objects are not read",
			 PACKAGE_MAX, PACKAGE_ELEMENTS_MAX, PACKAGE_OBJECTS_MAX);
		return ERR_LENGTH;
	}
	return ERR_OK;
}

enum err package_to_json(struct slice package, bool secrets, json_t **out,
			 struct package_error *error)
{
	struct schema_node top = schema_package(package);
	enum err e = package_check(package, error);

	if (e)
		return e;
	*out = json_pack("{s:s, s:o}", "format", FORMAT, "elements",
			 package_node_json(&top, secrets));
	return *out ? ERR_OK : ERR_MEMORY;
}

struct encoding {
	struct wbuf *w;
	struct package_error *error;
	char path[sizeof(((struct package_error *)0)->path)];
	size_t path_len;
};

static bool __attribute__((format(printf, 2, 3))) say(struct encoding *x, const char *format, ...)
{
	va_list ap;

	if (*x->error->why)
		return false;
	snprintf(x->error->path, sizeof(x->error->path), "%s", x->path);
	va_start(ap, format);
	vsnprintf(x->error->why, sizeof(x->error->why), format, ap);
	va_end(ap);
	return false;
}

/* Appends a key or an index to the place. Returns what path_back() takes. */
static size_t path_down(struct encoding *x, const char *key, size_t index)
{
	size_t before = x->path_len, room = sizeof(x->path) - before;
	int n = key ? snprintf(x->path + before, room, "/%s", key)
		    : snprintf(x->path + before, room, "/%zu", index);

	x->path_len = n > 0 && (size_t)n < room ? before + (size_t)n : before;
	x->path[x->path_len] = 0;
	return before;
}

static void path_back(struct encoding *x, size_t before)
{
	x->path_len = before;
	x->path[before] = 0;
}

static bool encode_value(struct encoding *x, const struct schema_type *t, const json_t *j);

static bool encode_hex(struct encoding *x, const json_t *j)
{
	const char *text = json_string_value(j);

	if (!text)
		return say(x, "octets in hex are wanted here");
	if (strlen(text) != json_string_length(j) || hex_decode(text, x->w))
		return say(x, "this is no hex");
	return true;
}

/* The one key of {"_raw": ...} and its like; NULL for all else */
static const char *mark_of(const json_t *j)
{
	void *i = json_object_iter((json_t *)(uintptr_t)j);
	const char *key = i ? json_object_iter_key(i) : NULL;

	return key && *key == '_' && json_object_size(j) == 1 && strcmp(key, "_extensions") ? key
											    : NULL;
}

static bool refuse_mask(struct encoding *x)
{
	return say(x, "the value is masked, so the package cannot be built; make the JSON with "
		      "'twinkey profile export'");
}

static bool encode_field(struct encoding *x, const struct schema_field *f, const json_t *j)
{
	size_t mark = tlv_open(x->w, f->tag), before = path_down(x, f->name, 0);
	bool good = encode_value(x, f->type, j);

	path_back(x, before);
	tlv_close(x->w, mark);
	return good;
}

/* {"fileDescriptor": ...} or {"_tlv": HEX} */
static bool encode_alternative(struct encoding *x, const struct schema_type *choice,
			       const json_t *j)
{
	void *i = json_object_iter((json_t *)(uintptr_t)j);
	const char *key = i ? json_object_iter_key(i) : NULL;
	const struct schema_field *f = key ? schema_field_named(choice, key) : NULL;

	if (!key || json_object_size(j) != 1)
		return say(x, "an object with one key is wanted here");
	if (strcmp(key, "_tlv") == 0)
		return encode_hex(x, json_object_iter_value(i));
	if (strcmp(key, "_masked") == 0)
		return refuse_mask(x);
	if (!f)
		return say(x, "'%.64s' is not known here", key);
	return encode_field(x, f, json_object_iter_value(i));
}

static bool encode_item(struct encoding *x, const struct schema_type *list_type, const json_t *j)
{
	const char *mark = mark_of(j);
	size_t at;
	bool good;

	if (list_type->item_tag == 0)
		return encode_alternative(x, list_type->item, j);
	if (mark && strcmp(mark, "_tlv") == 0)
		return encode_hex(x, json_object_get(j, mark));
	at = tlv_open(x->w, list_type->item_tag);
	good = encode_value(x, list_type->item, j);
	tlv_close(x->w, at);
	return good;
}

static bool encode_list(struct encoding *x, const struct schema_type *t, const json_t *j)
{
	bool good = true;

	if (!json_is_array(j))
		return say(x, "an array is wanted here");
	for (size_t i = 0; good && i < json_array_size(j); i++) {
		size_t before = path_down(x, NULL, i);

		good = encode_item(x, t, json_array_get(j, i));
		path_back(x, before);
	}
	return good;
}

static bool encode_extensions(struct encoding *x, const json_t *list)
{
	size_t before = path_down(x, "_extensions", 0);
	bool good = json_is_array(list) || say(x, "an array is wanted here");

	for (size_t i = 0; good && i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		size_t at = path_down(x, NULL, i);

		good = mark_of(item) ? refuse_mask(x) : encode_hex(x, item);
		path_back(x, at);
	}
	path_back(x, before);
	return good;
}

static bool encode_object(struct encoding *x, const struct schema_type *t, const json_t *j)
{
	const json_t *extensions = json_object_get(j, "_extensions");
	size_t used = extensions ? 1 : 0;
	bool good = true;

	if (!json_is_object(j))
		return say(x, "an object is wanted here");
	for (size_t i = 0; good && i < t->count; i++) {
		const json_t *value = json_object_get(j, t->fields[i].name);

		if (!value && !t->fields[i].optional)
			return say(x, "the field '%.64s' is missing", t->fields[i].name);
		used += value != NULL;
		good = !value || encode_field(x, &t->fields[i], value);
	}
	if (good && used != json_object_size(j)) {
		for (void *i = json_object_iter((json_t *)(uintptr_t)j); i;
		     i = json_object_iter_next((json_t *)(uintptr_t)j, i)) {
			const char *key = json_object_iter_key(i);

			if (!schema_field_named(t, key) && strcmp(key, "_extensions") != 0)
				return say(x, "'%.64s' is not known here", key);
		}
	}
	return good && (!extensions || encode_extensions(x, extensions));
}

static bool encode_integer(struct encoding *x, const struct schema_type *t, const json_t *j)
{
	uint8_t mem[16];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct slice value = SLICE_EMPTY;
	uint64_t v = 0;

	if (json_is_string(j) && !schema_value_of(t, json_string_value(j), &v))
		return say(x, "'%.64s' names no value", json_string_value(j));
	if (!json_is_string(j) && (!json_is_integer(j) || json_integer_value(j) < 0))
		return say(x, "a number that is not negative is wanted here");
	if (json_is_integer(j))
		v = (uint64_t)json_integer_value(j);
	tlv_put_uint(&w, ASN1_INTEGER, v);
	if (tlv_only(wbuf_slice(&w), ASN1_INTEGER, &value))
		return say(x, "the number is too large");
	wbuf_put(x->w, value);
	return true;
}

static bool encode_text(struct encoding *x, const struct schema_type *t, const json_t *j)
{
	const char *text = json_string_value(j);

	if (!text || strlen(text) != json_string_length(j))
		return say(x, "text is wanted here");
	if (t->kind == SCHEMA_UTF8)
		wbuf_put(x->w, slice_str(text));
	else if (oid_value(text, x->w))
		return say(x, "this is no OBJECT IDENTIFIER");
	return true;
}

static bool encode_value(struct encoding *x, const struct schema_type *t, const json_t *j)
{
	const char *mark = mark_of(j);

	if (mark && strcmp(mark, "_masked") == 0)
		return refuse_mask(x);
	if (mark && strcmp(mark, "_raw") == 0)
		return encode_hex(x, json_object_get(j, mark));
	switch (t->kind) {
	case SCHEMA_SEQUENCE: return encode_object(x, t, j);
	case SCHEMA_CHOICE: return encode_alternative(x, t, j);
	case SCHEMA_LIST: return encode_list(x, t, j);
	case SCHEMA_INTEGER: return encode_integer(x, t, j);
	case SCHEMA_UTF8:
	case SCHEMA_OID: return encode_text(x, t, j);
	case SCHEMA_NULL: return json_is_null(j) || say(x, "null is wanted here");
	case SCHEMA_OCTETS: return encode_hex(x, j);
	}
	return false;
}

enum err package_from_json(const json_t *json, struct wbuf *out, struct package_error *error)
{
	struct schema_node top = schema_package(SLICE_EMPTY);
	struct encoding x = {.w = out, .error = error};
	const json_t *format = json_object_get(json, "format");
	const json_t *elements = json_object_get(json, "elements");
	bool good;

	*error = (struct package_error){0};
	if (!json_is_object(json) || !elements)
		return say(&x, "an object with \"elements\" is wanted") ? ERR_OK : ERR_VALUE;
	if (format && (!json_is_string(format) || strcmp(json_string_value(format), FORMAT) != 0))
		return say(&x, "the format is not \"%s\"", FORMAT) ? ERR_OK : ERR_VERSION;
	path_down(&x, "elements", 0);
	good = encode_list(&x, top.type, elements);
	if (!good)
		return ERR_VALUE;
	if (wbuf_done(out))
		say(&x, "%s",
		    wbuf_done(out) == ERR_SPACE ? "the package is too large"
						: err_text(wbuf_done(out)));
	return wbuf_done(out);
}

void package_json_wipe(void)
{
	json_set_alloc_funcs(malloc, secret_block_free);
}
