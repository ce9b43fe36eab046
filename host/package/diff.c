#include "host/package/diff.h"

#include <stdio.h>
#include <string.h>

#include "host/package/json.h"
#include "host/package/text.h"
#include "lib/base/tlv.h"
#include "lib/profile/outline/outline.h"
#include "lib/base/secret.h"

#define WHERE_MAX  256
#define VALUE_MAX  768
#define SHOWN	   16  /* octets of contents around a difference */
#define SOUGHT_MAX 512 /* items of a list for which a counterpart is looked up */

struct comparison {
	const struct outline *a, *b;
	bool secrets;
	package_diff_report *report;
	void *ctx;
	char where[WHERE_MAX];
};

static void say(struct comparison *c, const char *before, const char *after)
{
	const struct package_difference d = {.where = c->where, .before = before, .after = after};

	c->report(c->ctx, &d);
}

/* Appends a name to the place, with its ordinal from 2 on. Returns what step_back() takes. */
static size_t step(struct comparison *c, const char *name, size_t ordinal)
{
	size_t at = strlen(c->where);
	const char *slash = at ? "/" : "";

	if (ordinal > 1)
		snprintf(c->where + at, sizeof(c->where) - at, "%s%s#%zu", slash, name, ordinal);
	else
		snprintf(c->where + at, sizeof(c->where) - at, "%s%s", slash, name);
	return at;
}

static void step_back(struct comparison *c, size_t at)
{
	c->where[at] = 0;
}

static void node_text(const struct comparison *c, const struct schema_node *n, char *text)
{
	if (!n->type || (n->type->kind > SCHEMA_LIST || schema_fits(n)))
		package_value(n, c->secrets, text, VALUE_MAX);
	else
		snprintf(text, VALUE_MAX, "there");
}

static void one_sided(struct comparison *c, const struct schema_node *n, bool in_a)
{
	char text[VALUE_MAX];

	node_text(c, n, text);
	say(c, in_a ? text : NULL, in_a ? NULL : text);
	secret_wipe(text, sizeof(text));
}

static void two_sided(struct comparison *c, const struct schema_node *a,
		      const struct schema_node *b)
{
	char before[VALUE_MAX], after[VALUE_MAX];

	node_text(c, a, before);
	node_text(c, b, after);
	say(c, before, after);
	secret_wipe(before, sizeof(before));
	secret_wipe(after, sizeof(after));
}

static void compare(struct comparison *c, const struct schema_node *a, const struct schema_node *b);

/* The n-th child that the schema does not know; such children stand behind the known ones. */
static bool nth_extension(const struct schema_node *n, size_t wanted, struct schema_node *out)
{
	struct schema_iter it = schema_children(n);

	while (schema_next(&it, out)) {
		if (!out->type && wanted-- == 0)
			return true;
	}
	return false;
}

static void compare_extensions(struct comparison *c, const struct schema_node *a,
			       const struct schema_node *b)
{
	size_t at = step(c, "_extensions", 1);
	struct schema_node x, y;

	for (size_t i = 0; a->type->kind == SCHEMA_SEQUENCE; i++) {
		bool in_a = nth_extension(a, i, &x), in_b = nth_extension(b, i, &y);

		if (!in_a && !in_b)
			break;
		if (!in_a || !in_b)
			one_sided(c, in_a ? &x : &y, in_a);
		else if (!slice_equal(x.raw, y.raw))
			two_sided(c, &x, &y);
	}
	step_back(c, at);
}

/* A field that stands on one side only is no difference when it is the default. */
static void compare_fields(struct comparison *c, const struct schema_node *a,
			   const struct schema_node *b)
{
	const struct schema_type *t = a->type;

	for (size_t i = 0; i < t->count; i++) {
		const char *name = t->fields[i].name;
		struct schema_node x, y;
		bool in_a = schema_get(a, name, &x), in_b = schema_get(b, name, &y);
		size_t at;

		if ((!in_a && !in_b) || strcmp(name, "identification") == 0)
			continue;
		at = step(c, name, 1);
		if (in_a && in_b)
			compare(c, &x, &y);
		else if (!schema_is_default(in_a ? &x : &y))
			one_sided(c, in_a ? &x : &y, in_a);
		step_back(c, at);
	}
	compare_extensions(c, a, b);
}

/* The item of the other list that corresponds to this one: a code with the same key reference, an
 * equal OBJECT IDENTIFIER, anything else with the same index. */
static bool find_counterpart(const struct schema_node *list, const struct schema_node *item,
			     size_t index, struct schema_node *out)
{
	struct schema_iter it = schema_children(list);
	struct schema_node key, other;
	bool keyed = schema_get(item, "keyReference", &key);
	bool by_value = item->type && item->type->kind == SCHEMA_OID;

	for (size_t i = 0; schema_next(&it, out); i++) {
		if (keyed ? schema_get(out, "keyReference", &other) &&
				    slice_equal(other.value, key.value)
		    : by_value ? slice_equal(out->value, item->value)
			       : i == index)
			return true;
	}
	return false;
}

static void item_name(const struct schema_node *n, size_t index, char *name, size_t cap)
{
	struct schema_node key;
	const char *value = NULL;

	if (schema_get(n, "keyReference", &key))
		value = schema_value_name(key.type, schema_uint(n, "keyReference", 0));
	if (value)
		snprintf(name, cap, "%s", value);
	else
		snprintf(name, cap, "%zu", index);
}

static size_t count_items(const struct schema_node *n)
{
	struct schema_iter it = schema_children(n);
	struct schema_node child;
	size_t count = 0;

	while (schema_next(&it, &child))
		count++;
	return count;
}

static void compare_in_order(struct comparison *c, const struct schema_node *a,
			     const struct schema_node *b)
{
	struct schema_iter i = schema_children(a), k = schema_children(b);
	struct schema_node x, y;
	bool in_a = schema_next(&i, &x), in_b = schema_next(&k, &y);

	for (size_t n = 0; in_a || in_b; n++) {
		char name[24];
		size_t at;

		snprintf(name, sizeof(name), "%zu", n);
		at = step(c, name, 1);
		if (in_a && in_b)
			compare(c, &x, &y);
		else
			one_sided(c, in_a ? &x : &y, in_a);
		step_back(c, at);
		in_a = in_a && schema_next(&i, &x);
		in_b = in_b && schema_next(&k, &y);
	}
}

static void compare_lists(struct comparison *c, const struct schema_node *a,
			  const struct schema_node *b)
{
	struct schema_iter it = schema_children(a);
	struct schema_node x, y;
	char name[48];

	if (count_items(a) > SOUGHT_MAX || count_items(b) > SOUGHT_MAX) {
		compare_in_order(c, a, b);
		return;
	}

	for (size_t i = 0; schema_next(&it, &x); i++) {
		size_t at;

		item_name(&x, i, name, sizeof(name));
		at = step(c, name, 1);
		if (find_counterpart(b, &x, i, &y))
			compare(c, &x, &y);
		else
			one_sided(c, &x, true);
		step_back(c, at);
	}
	it = schema_children(b);
	for (size_t i = 0; schema_next(&it, &y); i++) {
		size_t at;

		item_name(&y, i, name, sizeof(name));
		at = step(c, name, 1);
		if (!find_counterpart(a, &y, i, &x))
			one_sided(c, &y, false);
		step_back(c, at);
	}
}

static void compare(struct comparison *c, const struct schema_node *a, const struct schema_node *b)
{
	bool deep = a->type && a->type == b->type && a->type->kind <= SCHEMA_LIST &&
		    !schema_fits(a) && !schema_fits(b);

	if (slice_equal(a->raw, b->raw))
		return;
	if (!deep)
		two_sided(c, a, b);
	else if (a->type->kind == SCHEMA_LIST)
		compare_lists(c, a, b);
	else
		compare_fields(c, a, b);
}

static bool makes_files(const struct outline_element *e)
{
	const struct schema_type *t = e->node.type;

	return e->node.tag == PE_GENERIC_FILE_MANAGEMENT ||
	       (t && t->count > 1 && strcmp(t->fields[1].name, "templateID") == 0);
}

/* The counterpart in o of the element e of the outline own: with the same name, and the same
 * ordinal among the elements of that name. NULL: o has fewer of them. */
static const struct outline_element *twin(const struct outline *own, const struct outline *o,
					  const struct outline_element *e, size_t *ordinal)
{
	const struct outline_element *x = NULL, *y = NULL;

	*ordinal = 0;
	do {
		x = outline_element(own, e->name, x);
		y = *ordinal && !y ? NULL : outline_element(o, e->name, y);
		++*ordinal;
	} while (x != e && x);
	return y;
}

static void compare_element(struct comparison *c, const struct outline_element *a,
			    const struct outline_element *b)
{
	if (!a->node.type || !makes_files(a)) {
		compare(c, &a->node, &b->node);
		return;
	}
	if (a->mandated != b->mandated) {
		size_t at = step(c, "mandated", 1);

		say(c, a->mandated ? "yes" : NULL, b->mandated ? "yes" : NULL);
		step_back(c, at);
	}
	if (a->node.tag != PE_GENERIC_FILE_MANAGEMENT) {
		struct schema_node x, y;
		size_t at = step(c, "templateID", 1);

		if (schema_get(&a->node, "templateID", &x) &&
		    schema_get(&b->node, "templateID", &y))
			compare(c, &x, &y);
		step_back(c, at);
	}
	compare_extensions(c, &a->node, &b->node);
}

static void compare_elements(struct comparison *c)
{
	const struct outline_element *previous = NULL; /* the last that both have */
	const char *early = NULL, *late = NULL;
	size_t n, last = 0;

	for (size_t i = 0; i < c->a->element_count; i++) {
		const struct outline_element *a = &c->a->elements[i], *b = twin(c->a, c->b, a, &n);
		size_t at = step(c, *a->name ? a->name : "unknown", n);

		if (b)
			compare_element(c, a, b);
		else
			say(c, "there", NULL);
		step_back(c, at);
		if (!b)
			continue;
		if (!late && (size_t)(b - c->b->elements) < last) {
			early = previous->name;
			late = a->name;
		}
		last = (size_t)(b - c->b->elements);
		previous = a;
	}
	for (size_t i = 0; i < c->b->element_count; i++) {
		const struct outline_element *b = &c->b->elements[i];
		bool there = twin(c->b, c->a, b, &n) != NULL;
		size_t at = step(c, *b->name ? b->name : "unknown", n);

		if (!there)
			say(c, NULL, "there");
		step_back(c, at);
	}
	if (late) {
		char x[96], y[96];

		snprintf(x, sizeof(x), "%s, %s", early, late);
		snprintf(y, sizeof(y), "%s, %s", late, early);
		step(c, "order of the elements", 1);
		say(c, x, y);
		step_back(c, 0);
	}
}

static void compare_fact(struct comparison *c, const char *name, const char *before,
			 const char *after)
{
	size_t at = strlen(c->where);

	if (strcmp(before, after) == 0)
		return;
	snprintf(c->where + at, sizeof(c->where) - at, ": %s", name);
	say(c, before, after);
	step_back(c, at);
}

static void compare_number(struct comparison *c, const char *name, size_t before, size_t after)
{
	char x[24], y[24];

	snprintf(x, sizeof(x), "%zu", before);
	snprintf(y, sizeof(y), "%zu", after);
	compare_fact(c, name, x, y);
}

static void compare_octets(struct comparison *c, const char *name, struct slice before,
			   struct slice after)
{
	char x[2 * 64 + 1], y[2 * 64 + 1];

	hex_encode(slice_sub(before, 0, 64), x, sizeof(x));
	hex_encode(slice_sub(after, 0, 64), y, sizeof(y));
	if (slice_equal(before, after))
		return;
	if (strcmp(x, y) == 0) /* they differ behind what is shown */
		snprintf(y, sizeof(y), "another");
	compare_fact(c, name, *x ? x : "none", *y ? y : "none");
}

static bool secret_file(const struct outline *o, const struct outline_file *f)
{
	const struct schema_type *t = o->elements[f->element].node.type;
	const struct schema_field *field =
		t && t->kind == SCHEMA_SEQUENCE ? schema_field_named(t, f->name) : NULL;

	return field && field->secret;
}

/* The steps of the file but its Fcp, which is compared field by field */
static struct slice fill_steps(const struct outline_file *f)
{
	struct cursor c = cursor_of(f->steps);
	struct tlv step;

	if (f->generic || !tlv_next(&c, &step) || step.tag != FILE_TAG_FCP)
		return f->steps;
	return c.rest;
}

static void compare_contents(struct comparison *c, const struct outline_file *a,
			     const struct outline_file *b)
{
	struct wbuf x = wbuf_grow(OUTLINE_CONTENT_MAX), y = wbuf_grow(OUTLINE_CONTENT_MAX);
	bool known = !outline_content(a, &x) && !outline_content(b, &y);
	struct slice before = known ? wbuf_slice(&x) : fill_steps(a);
	struct slice after = known ? wbuf_slice(&y) : fill_steps(b);
	char text[64], from[2 * SHOWN + 1] = "masked", to[2 * SHOWN + 1] = "masked";
	size_t i = 0;

	if (slice_equal(before, after) || a->kind == UICC_DF)
		goto out;
	while (i < before.len && i < after.len && slice_at(before, i) == slice_at(after, i))
		i++;
	if (c->secrets || (!secret_file(c->a, a) && !secret_file(c->b, b))) {
		hex_encode(slice_sub(before, i, SHOWN), from, sizeof(from));
		hex_encode(slice_sub(after, i, SHOWN), to, sizeof(to));
	}
	snprintf(text, sizeof(text), known ? "contents from octet %zu" : "steps from octet %zu", i);
	if (strcmp(from, to) == 0)
		snprintf(to, sizeof(to), "%s", c->secrets ? "other" : "masked, other");
	compare_fact(c, text, *from ? from : "none", *to ? to : "none");
out:
	wbuf_free(&x);
	wbuf_free(&y);
}

/* Fields of the Fcp that the outline does not hold */
static void compare_fcp_rest(struct comparison *c, const struct outline_file *a,
			     const struct outline_file *b)
{
	static const struct {
		const char *path, *otherwise;
	} rest[] = {{"lcsi", "05"},
		    {"pinStatusTemplateDO", ""},
		    {"proprietaryEFInfo/specialFileInformation", "00"},
		    {"proprietaryEFInfo/maximumFileSize", ""},
		    {"proprietaryEFInfo/fileDetails", "01"}};

	for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
		uint8_t mem[4];
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		struct slice x, y, d;

		d = hex_decode(rest[i].otherwise, &w) ? SLICE_EMPTY : wbuf_slice(&w);
		x = schema_octets(&a->fcp, rest[i].path);
		y = schema_octets(&b->fcp, rest[i].path);
		compare_octets(c, rest[i].path, x.len ? x : d, y.len ? y : d);
	}
}

static void compare_file(struct comparison *c, const struct outline_file *a,
			 const struct outline_file *b)
{
	static const char *const kinds[UICC_STRUCTURE_MASK + 1] = {
		[UICC_UNKNOWN] = "unknown",	    [UICC_DF] = "DF",
		[UICC_TRANSPARENT] = "transparent", [UICC_LINEAR] = "linear",
		[UICC_CYCLIC] = "cyclic",	    [UICC_BER_TLV] = "BER-TLV"};
	char x[16], y[16];

	compare_fact(c, "created", a->not_created ? "no" : "yes", b->not_created ? "no" : "yes");
	compare_fact(c, "structure", kinds[a->kind], kinds[b->kind]);
	compare_number(c, "size", a->size, b->size);
	compare_number(c, "octets of a record", a->record_len, b->record_len);
	compare_number(c, "short identifier", a->has_sfi ? a->sfi : 0, b->has_sfi ? b->sfi : 0);
	snprintf(x, sizeof(x), "%04X %u", a->arr_fid, a->arr_record);
	snprintf(y, sizeof(y), "%04X %u", b->arr_fid, b->arr_record);
	compare_fact(c, "EF.ARR and record", x, y);
	compare_octets(c, "dfName", a->aid, b->aid);
	compare_octets(c, "linkPath", a->link, b->link);
	compare_fcp_rest(c, a, b);
	if (a->size == b->size)
		compare_contents(c, a, b);
}

/* The counterpart of a file: it has the same path or, when the path is unknown, the same element
 * and name. */
static const struct outline_file *find_file(const struct outline *own, const struct outline *o,
					    const struct outline_file *f)
{
	const char *element = own->elements[f->element].name;

	for (size_t i = 0; i < o->file_count; i++) {
		const struct outline_file *x = &o->files[i];

		if (*f->path ? strcmp(x->path, f->path) == 0
			     : !*x->path && strcmp(x->name, f->name) == 0 &&
				       strcmp(o->elements[x->element].name, element) == 0)
			return x;
	}
	return NULL;
}

/* A file that one side lacks is reported only when that side has its element: the lack of the
 * element is reported by itself. */
static void compare_files(struct comparison *c, bool forth)
{
	const struct outline *own = forth ? c->a : c->b, *other = forth ? c->b : c->a;
	size_t n;

	for (size_t i = 0; i < own->file_count; i++) {
		const struct outline_file *f = &own->files[i], *x = find_file(own, other, f);
		bool element = twin(own, other, &own->elements[f->element], &n) != NULL;

		snprintf(c->where, sizeof(c->where), "%s%s%s", f->path,
			 *f->path && *f->name ? " " : "", f->name);
		if (!*c->where) /* created, but nobody can say where */
			snprintf(c->where, sizeof(c->where), "%s", f->where);
		if (x && forth && !(f->defaulted && x->defaulted))
			compare_file(c, f, x);
		else if (!x && element && !f->not_created)
			say(c, forth ? "there" : NULL, forth ? NULL : "there");
		step_back(c, 0);
	}
}

enum err package_diff(struct slice a, struct slice b, bool secrets, package_diff_report *report,
		      void *ctx)
{
	struct comparison c = {.secrets = secrets, .report = report, .ctx = ctx};
	struct outline *x = NULL, *y = NULL;
	enum err e = outline_make(a, &x);

	if (!e)
		e = outline_make(b, &y);
	if (!e) {
		c.a = x;
		c.b = y;
		compare_elements(&c);
		compare_files(&c, true);
		compare_files(&c, false);
	}
	outline_free(&x);
	outline_free(&y);
	return e;
}
