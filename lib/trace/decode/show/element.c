#include "lib/trace/decode/show/element.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/oid.h"
#include "lib/base/tlv.h"
#include "lib/profile/outline/outline.h"
#include "lib/profile/pe.h"
#include "lib/trace/decode/ef/ef.h"
#include "lib/trace/decode/field/aid.h"
#include "lib/uicc/fid.h"

#define TITLE_CAP		 96
#define NUMBER_CAP		 24
#define KEY_CAP			 48
#define FID_DIGITS		 4
#define OCTETS_MAX		 1024 /* of a leaf: applications have more */
#define ITEM			 "item"

#define ELEMENT(name, tag, text) {tag, text},
static const struct word element_rows[] = {PE_TABLE(ELEMENT)};
#undef ELEMENT
static const struct words elements = {element_rows, ARRAY_LEN(element_rows)};

struct telling {
	const struct tree *t;
	struct schema_node element;
	struct outline *outline;	 /* of the element alone; NULL: it has none */
	const struct outline_file *file; /* in which the node stands; NULL: in none */
	const struct ef_kind *kind;	 /* of that; NULL: no standard has it */
};

/* Leaves that are shown as something else than their type says. */
static const struct {
	const char *name;
	field_show *show;
} leaves[] = {
	{"dfName", field_aid},	      {"instanceAID", field_aid},    {"adfAID", field_aid},
	{"classAID", field_aid},      {"loadPackageAID", field_aid}, {"aid", field_aid},
	{"mappingSource", field_aid},
};

/* Where the files of an element lie that are in no directory of its own. */
static enum ef_place parent_place(uint32_t element)
{
	switch (element) {
	case PE_MF:
	case PE_CD:
	case PE_TELECOM: return EF_MF;
	case PE_ISIM:
	case PE_OPT_ISIM: return EF_ISIM;
	case PE_CSIM:
	case PE_OPT_CSIM:
	case PE_EAP:
	case PE_IOT:
	case PE_OPT_IOT: return EF_NOWHERE;
	default: return EF_USIM;
	}
}

/* A directory's row begins what lies in it; that of the first row has those of the others. */
static enum ef_place place_of_row(const struct schema_node *element,
				  const struct template_file *row)
{
	const struct template *t =
		template_find(element->tag, schema_octets(element, "templateID"));
	enum ef_place own = parent_place(element->tag), at = own;

	for (size_t i = 0; t && i < t->count && &t->files[i] != row; i++) {
		if (t->files[i].kind != TEMPLATE_DF)
			continue;
		at = ef_place_in(own, t->files[i].fid);
		own = i ? own : at;
	}
	return at;
}

/* Of a path from the MF; those from an ADF's temporary identifier are of no place that is known. */
static enum ef_place place_of_path(const char *parent)
{
	enum ef_place at = EF_MF;
	unsigned fid;

	if (sscanf(parent, "%4X", &fid) != 1 || fid != FID_MF)
		return EF_NOWHERE;
	for (const char *p = parent + FID_DIGITS; *p; p += FID_DIGITS)
		at = sscanf(p, "%4X", &fid) == 1 ? ef_place_in(at, (uint16_t)fid) : EF_NOWHERE;
	return at;
}

/* The file of these steps, or of this createFCP. Of one that is secret by its name it does not
 * matter what its identifier says. */
static void enter_file(struct telling *s, struct slice at, bool secret)
{
	for (size_t i = 0; s->outline && i < s->outline->file_count; i++) {
		const struct outline_file *f = &s->outline->files[i];
		struct slice its = f->generic ? f->fcp.raw : f->steps;

		if (!f->defaulted && its.ptr == at.ptr)
			s->file = f;
	}
	if (!s->file || secret)
		return;
	s->kind = ef_find(s->file->generic ? place_of_path(s->file->parent)
			  : s->file->row   ? place_of_row(&s->element, s->file->row)
					   : EF_NOWHERE,
			  s->file->fid);
}

static void tell_records(const struct telling *s, struct slice content, size_t filled)
{
	size_t len = s->file->record_len;

	for (size_t at = 0; at < filled; at += len) {
		char number[NUMBER_CAP];
		struct slice record = slice_sub(content, at, len);

		snprintf(number, sizeof(number), "%zu", at / len + 1);
		s->t->open(s->t->ctx,
			   &(struct tree_node){.key = "record", .name = "Record", .value = number});
		ef_show(s->kind, record, s->t);
		tree_close(s->t);
	}
}

/* Of a file that a pattern alone fills the first record says all. */
static size_t filled_of(const struct outline_file *f)
{
	size_t n = outline_filled(f);
	struct schema_node pattern;

	return n ? n
	       : schema_get(&f->fcp, "proprietaryEFInfo/fillPattern", &pattern) ||
			       schema_get(&f->fcp, "proprietaryEFInfo/repeatPattern", &pattern)
		       ? 1
		       : 0;
}

/* What the package fills, with what lies under it by pattern or default. */
static void tell_content(const struct telling *s)
{
	struct wbuf w = wbuf_grow(OUTLINE_CONTENT_MAX);
	size_t filled = s->file && s->kind ? filled_of(s->file) : 0;
	enum err e = filled ? outline_content(s->file, &w) : ERR_NOT_FOUND;
	struct slice content = wbuf_slice(&w);

	if (e == ERR_LENGTH) {
		const struct tree_node n = {.key = "content",
					    .name = "Content",
					    .fault = "it does not fit into the file"};

		s->t->open(s->t->ctx, &n);
		tree_close(s->t);
	} else if (!e) {
		tree_open(s->t, "content", "Content", SLICE_EMPTY);
		if (s->file->record_len &&
		    (s->file->kind == UICC_LINEAR || s->file->kind == UICC_CYCLIC))
			tell_records(s, content, filled);
		else
			ef_show(s->kind, content, s->t);
		tree_close(s->t);
	}
	wbuf_free(&w);
}

static void leave_file(struct telling *s)
{
	tell_content(s);
	s->file = NULL;
	s->kind = NULL;
}

/* Why a leaf's octets are not told; NULL: they are. */
static const char *hides(const struct telling *s, const struct schema_node *n)
{
	bool content = n->field && n->field->content;

	if (!n->type)
		return "not known";
	if (n->secret && (!n->field || n->field->secret || content))
		return "not shown";
	if (s->element.tag == PE_NON_STANDARD && n->tag == NON_STANDARD_TAG_CONTENT)
		return "not shown";
	if (n->type->kind == SCHEMA_OCTETS && n->value.len > OCTETS_MAX)
		return "too many to be shown";
	if (content && s->kind)
		return "see the content";
	return content && (!s->file || s->file->generic) ? "not shown" : NULL;
}

static void tell_number(const struct schema_node *n, const struct tree_node *node,
			const struct tree *t)
{
	const char *name;
	uint64_t v = 0;

	if (tlv_uint(n->value, &v))
		return; /* schema_fits() has looked */
	name = schema_value_name(n->type, v);
	tree_leaf(t, node, "%llu%s%s", (unsigned long long)v, name ? ", " : "", name ? name : "");
}

static void tell_octets_of(const struct schema_node *n, const struct field *f, const struct tree *t)
{
	for (size_t i = 0; n->field && i < ARRAY_LEN(leaves); i++) {
		if (strcmp(leaves[i].name, n->field->name) == 0) {
			leaves[i].show(f, n->value, t);
			return;
		}
	}
	field_octets(f, n->value, NULL, t);
}

static void tell_leaf_of(const struct telling *s, const struct schema_node *n,
			 const struct field *f)
{
	struct tree_node node = {.key = f->key, .name = f->name};
	const char *hidden = hides(s, n);
	char text[OID_TEXT_MAX];

	if (hidden || schema_fits(n)) {
		node.fault = hidden ? NULL : "it is not of its type";
		tree_leaf(s->t, &node, "%zu octets%s%s", n->value.len, hidden ? ", " : "",
			  hidden ? hidden : "");
		return;
	}
	node.raw = n->value;
	switch (n->type->kind) {
	case SCHEMA_INTEGER: tell_number(n, &node, s->t); break;
	case SCHEMA_NULL: tree_leaf(s->t, &node, "yes"); break;
	case SCHEMA_UTF8:
		tree_leaf(s->t, &node, "%.*s", (int)n->value.len, (const char *)n->value.ptr);
		break;
	case SCHEMA_OID:
		if (!oid_text(n->value, text, sizeof(text)))
			tree_leaf(s->t, &node, "%s", text);
		break;
	default: tell_octets_of(n, f, s->t);
	}
}

/* "keyReference" is "keyreference" for programs. */
static void key_of_name(const char *name, char out[static KEY_CAP])
{
	size_t n = 0;

	for (; n < KEY_CAP - 1 && name[n]; n++)
		out[n] = isalnum((unsigned char)name[n]) ? (char)tolower((unsigned char)name[n])
							 : '-';
	out[n] = 0;
}

static bool is_of_type(const struct schema_node *n, const char *name)
{
	return n->type && strcmp(n->type->name, name) == 0;
}

static void tell_node(struct telling *s, const struct schema_node *n);

static void tell_children(struct telling *s, const struct schema_node *n)
{
	bool in_management = is_of_type(n, "FileManagement");
	struct schema_iter it = schema_children(n);
	struct schema_node child;

	while (schema_next(&it, &child)) {
		bool creates = in_management && child.tag == GFM_TAG_CREATE;

		if (creates || (in_management && child.tag == GFM_TAG_PATH))
			leave_file(s);
		if (creates)
			enter_file(s, child.raw, n->secret);
		tell_node(s, &child);
	}
}

static void tell_node(struct telling *s, const struct schema_node *n)
{
	bool holds_files = is_of_type(n, "File") || is_of_type(n, "FileManagement");
	const char *name = n->field ? n->field->name : n->type ? n->type->name : "unknown";
	char key[KEY_CAP];
	struct field f = {.key = key, .name = name};
	struct tree_node node = {.key = key, .name = name};

	key_of_name(n->field ? n->field->name : ITEM, key);
	if (!n->type || n->type->kind > SCHEMA_LIST) {
		tell_leaf_of(s, n, &f);
		return;
	}
	if (schema_fits(n))
		node.fault = "it is not of its type";
	s->t->open(s->t->ctx, &node);
	if (is_of_type(n, "File"))
		enter_file(s, n->value, n->secret);
	tell_children(s, n);
	if (holds_files)
		leave_file(s);
	tree_close(s->t);
}

void element_tell(const struct opened_element *e, const struct tree *t)
{
	struct schema_node package = schema_package(e->whole);
	struct schema_iter it = schema_children(&package);
	struct telling s = {.t = t};
	const char *name = words_find(&elements, e->tag);
	char title[TITLE_CAP];

	snprintf(title, sizeof(title), "%s, tag %X, %zu octets%s", name ? name : "unknown",
		 (unsigned)e->tag, e->len, e->whole.len ? "" : ", which go on");
	t->open(t->ctx,
		&(struct tree_node){.key = "element", .name = "Profile element", .value = title});
	if (e->whole.len && schema_next(&it, &s.element) && s.element.type) {
		if (outline_make(e->whole, &s.outline))
			s.outline = NULL;
		tell_children(&s, &s.element);
		outline_free(&s.outline);
	}
	tree_close(t);
}
