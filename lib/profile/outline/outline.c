#include "lib/profile/outline/outline.h"

#include "lib/base/tlv.h"
#include "lib/uicc/fcp.h"
#include "lib/uicc/fid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

struct making {
	struct outline *o;
	const struct outline_element *element;
	char base[OUTLINE_PATH_MAX];	   /* the DF that files go into */
	char element_df[OUTLINE_PATH_MAX]; /* the first DF of the element */
	char adf[3][OUTLINE_PATH_MAX];	   /* of the last usim, isim, csim */
	enum err err;
};

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static unsigned number(struct slice v)
{
	return (unsigned)slice_uint(v, 4);
}

/* An ADF's temporary identifier looks like that of any DF: it is one when an ADF before has it. */
static bool is_adf(const struct outline *o, unsigned fid)
{
	for (size_t i = 0; i < o->file_count; i++) {
		if (o->files[i].adf && o->files[i].fid == fid)
			return true;
	}
	return false;
}

bool outline_path(const struct outline *o, struct slice value, char path[static OUTLINE_PATH_MAX])
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned first = number(slice_sub(value, 0, 2));
	size_t at = 0;

	if (value.len % 2 || value.len > 8)
		return false;
	memset(path, 0, OUTLINE_PATH_MAX);
	if (first != FID_MF && !is_adf(o, first)) {
		memcpy(path, "3F00", 4);
		at = 4;
	}
	for (size_t i = 0; i < value.len; i++) {
		path[at++] = digits[slice_at(value, i) >> 4];
		path[at++] = digits[slice_at(value, i) & 15];
	}
	return true;
}

static void parent_of(const char *path, char parent[static OUTLINE_PATH_MAX])
{
	size_t n = strlen(path);

	snprintf(parent, OUTLINE_PATH_MAX, "%.*s", n > 4 ? (int)n - 4 : 0, path);
}

const struct outline_element *outline_element(const struct outline *o, const char *name,
					      const struct outline_element *after)
{
	for (size_t i = after ? (size_t)(after - o->elements) + 1 : 0; i < o->element_count; i++) {
		if (strcmp(o->elements[i].name, name) == 0)
			return &o->elements[i];
	}
	return NULL;
}

const struct outline_file *outline_at(const struct outline *o, const char *path)
{
	for (size_t i = 0; *path && i < o->file_count; i++) {
		if (!o->files[i].not_created && strcmp(o->files[i].path, path) == 0)
			return &o->files[i];
	}
	return NULL;
}

const struct outline_file *outline_in(const struct outline *o, const char *df, uint16_t fid)
{
	char path[OUTLINE_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s%04X", df, fid);
	return *df ? outline_at(o, path) : NULL;
}

/* TS 102 221 9.7: EF.ARR is sought in the DF of the file, then upwards */
const struct outline_file *outline_arr(const struct outline *o, const struct outline_file *f)
{
	char df[OUTLINE_PATH_MAX];
	const struct outline_file *arr = NULL;

	snprintf(df, sizeof(df), "%s", f->kind == UICC_DF ? f->path : f->parent);
	while (!arr && *df) {
		char up[OUTLINE_PATH_MAX];

		arr = outline_in(o, df, f->arr_fid);
		parent_of(df, up);
		memcpy(df, up, sizeof(df));
	}
	return arr ? arr : outline_in(o, "3F00", f->arr_fid);
}

static struct outline_file *new_file(struct making *m)
{
	struct outline_file *f;

	if (m->o->file_count == OUTLINE_FILES_MAX) {
		m->err = ERR_LENGTH;
		return NULL;
	}
	f = &m->o->files[m->o->file_count++];
	f->element = (size_t)(m->element - m->o->elements);
	f->name = "";
	return f;
}

static void take_descriptor(struct outline_file *f, struct slice v)
{
	enum uicc_structure kind = slice_at(v, 0) & UICC_STRUCTURE_MASK;

	switch (kind) {
	case UICC_TRANSPARENT:
	case UICC_LINEAR:
	case UICC_CYCLIC:
	case UICC_DF:
	case UICC_BER_TLV: f->kind = kind; break;
	default: f->kind = UICC_UNKNOWN;
	}
	f->record_len = v.len == 4 ? number(slice_sub(v, 2, 2)) : 0;
}

static void take_security(struct outline_file *f)
{
	struct slice v = schema_octets(&f->fcp, "securityAttributesReferenced");

	if (v.len == 3) {
		f->arr_fid = (uint16_t)number(slice_sub(v, 0, 2));
		f->arr_record = slice_at(v, 2);
	} else if (v.len == 1) {
		f->arr_fid = template_arr_at(f->path);
		f->arr_record = slice_at(v, 0);
	} else if (v.len == 0 && f->row && f->row->arr) {
		f->arr_fid = template_arr_at(f->path);
		f->arr_record = f->row->arr;
	}
}

static void take_row(struct outline_file *f, const struct template_file *row)
{
	static const enum uicc_structure kinds[] = {
		[TEMPLATE_MF] = UICC_DF,	  [TEMPLATE_ADF] = UICC_DF,
		[TEMPLATE_DF] = UICC_DF,	  [TEMPLATE_BT] = UICC_BER_TLV,
		[TEMPLATE_TR] = UICC_TRANSPARENT, [TEMPLATE_LF] = UICC_LINEAR,
		[TEMPLATE_CY] = UICC_CYCLIC};
	bool records = row->kind == TEMPLATE_LF || row->kind == TEMPLATE_CY;

	f->row = row;
	f->fid = row->fid;
	f->kind = (size_t)row->kind < ARRAY_LEN(kinds) ? kinds[row->kind] : UICC_UNKNOWN;
	f->record_len = records ? row->size : 0;
	f->size = records ? (size_t)row->size * row->records : row->size;
	f->has_sfi = row->sfi != 0;
	f->sfi = row->sfi;
}

static void take_fcp(struct outline_file *f)
{
	struct schema_node n;
	struct slice v;

	if (!f->fcp.type)
		return;
	if (schema_get(&f->fcp, "fileDescriptor", &n))
		take_descriptor(f, n.value);
	v = schema_octets(&f->fcp, "fileID");
	if (v.len == 2)
		f->fid = (uint16_t)number(v);
	v = schema_octets(&f->fcp, "efFileSize");
	if (v.len)
		f->size = number(v);
	if (schema_get(&f->fcp, "shortEFID", &n)) {
		f->has_sfi = n.value.len == 1;
		f->sfi = (uint8_t)(slice_at(n.value, 0) >> 3);
	} else if (f->generic && f->kind != UICC_DF) { /* calculated from the FID */
		f->has_sfi = true;
		f->sfi = f->fid & UICC_SFI_MASK;
	}
	f->aid = schema_octets(&f->fcp, "dfName");
	f->is_link = schema_get(&f->fcp, "linkPath", &n) && n.value.len;
	f->link = f->is_link ? n.value : SLICE_EMPTY;
	if (f->aid.len)
		f->kind = UICC_DF;
}

/* Gives the file its path, once its FID is known; a DF becomes the one that files go into. */
static void place(struct making *m, struct outline_file *f, const char *parent)
{
	bool top = f->adf || f->fid == FID_MF;

	if (!f->fid || strlen(parent) + 4 >= OUTLINE_PATH_MAX || (!*parent && !top))
		return;
	snprintf(f->parent, sizeof(f->parent), "%s", top ? "" : parent);
	snprintf(f->path, sizeof(f->path), "%.*s%04X", OUTLINE_PATH_MAX - 5, f->parent, f->fid);
	if (f->kind == UICC_DF && !f->not_created)
		snprintf(m->base, sizeof(m->base), "%s", f->path);
}

/* One File of an element with a template, or a file that the template makes without it. */
static void template_file(struct making *m, const struct schema_field *field, struct slice steps,
			  const struct template_file *row, bool given)
{
	struct outline_file *f = new_file(m);
	struct schema_node file = {.type = field->type, .value = steps}, step;
	struct schema_iter it = schema_children(&file);
	bool is_df = starts(field->name, "df-"), is_mf = strcmp(field->name, "mf") == 0;

	if (!f)
		return;
	f->name = field->name;
	f->defaulted = !given;
	f->steps = steps;
	f->adf = starts(field->name, "adf-");
	snprintf(f->where, sizeof(f->where), "%.*s/%s", OUTLINE_WHERE_MAX - 34, m->element->where,
		 field->name);
	if (row)
		take_row(f, row);
	while (schema_next(&it, &step)) {
		if (step.tag == FILE_TAG_FCP && !f->fcp.type)
			f->fcp = step;
		f->not_created = f->not_created || step.tag == FILE_TAG_DO_NOT_CREATE;
	}
	take_fcp(f);
	if (is_df || is_mf || f->adf)
		f->kind = UICC_DF;
	if (is_mf)
		f->fid = FID_MF;
	if (is_df && *m->element_df)
		memcpy(m->base, m->element_df, sizeof(m->base));
	place(m, f, m->base);
	if (f->kind == UICC_DF && !*m->element_df)
		memcpy(m->element_df, f->path, sizeof(m->element_df));
	take_security(f);
}

static const struct template_file *row_of(const struct template *t, uint32_t tag)
{
	for (size_t i = 0; t && i < t->count; i++) {
		if (t->files[i].tag == tag)
			return &t->files[i];
	}
	return NULL;
}

static bool made_by_default(const struct template *t, const struct template_file *row)
{
	return t->by_default && !row->optional && row->kind > TEMPLATE_DF;
}

static void template_element(struct making *m)
{
	const struct schema_node *n = &m->element->node;
	const struct template *t = template_find(n->tag, schema_octets(n, "templateID"));

	*m->element_df = 0;
	for (size_t i = 2; !m->err && i < n->type->count; i++) {
		const struct schema_field *field = &n->type->fields[i];
		const struct template_file *row = row_of(t, field->tag);
		struct schema_node file;
		bool given = schema_get(n, field->name, &file);

		if (given || (row && made_by_default(t, row)))
			template_file(m, field, given ? file.value : SLICE_EMPTY, row, given);
	}
}

static void generic_file(struct making *m, const struct schema_node *fcp, const char *where)
{
	struct outline_file *f = new_file(m);

	if (!f)
		return;
	f->generic = true;
	f->fcp = *fcp;
	snprintf(f->where, sizeof(f->where), "%s", where);
	take_fcp(f);
	f->adf = f->aid.len != 0;
	place(m, f, m->base);
	take_security(f);
}

static void generic_path(struct making *m, struct slice value, const char *where)
{
	struct outline_path *p;

	if (m->o->path_count == OUTLINE_FILES_MAX) {
		m->err = ERR_LENGTH;
		return;
	}
	p = &m->o->paths[m->o->path_count++];
	p->element = (size_t)(m->element - m->o->elements);
	p->value = value;
	p->files = m->o->file_count;
	if (!outline_path(m->o, value, p->path))
		*p->path = 0;
	snprintf(p->where, sizeof(p->where), "%s", where);
	memcpy(m->base, p->path, sizeof(m->base));
}

/* The steps of one FileManagement; those behind a createFCP are contents of its file. */
static void generic_command(struct making *m, const struct schema_node *command, size_t index)
{
	struct schema_iter it = schema_children(command);
	struct outline_file *open = NULL;
	struct schema_node step;
	size_t n = 0, at = 0, from = 0;

	while (!m->err && schema_next(&it, &step)) {
		char where[OUTLINE_WHERE_MAX];
		bool create = step.tag == GFM_TAG_CREATE, path = step.tag == GFM_TAG_PATH;

		snprintf(where, sizeof(where), "%.*s/fileManagementCMD/%zu/%zu",
			 OUTLINE_WHERE_MAX - 64, m->element->where, index, n++);
		if ((create || path) && open)
			open->steps = slice_sub(command->value, from, at - from);
		at += step.raw.len;
		if (create || path)
			open = NULL;
		if (path)
			generic_path(m, step.value, where);
		if (create) {
			size_t count = m->o->file_count;

			generic_file(m, &step, where);
			from = at;
			open = m->o->file_count > count ? &m->o->files[count] : NULL;
		}
	}
	if (open)
		open->steps = slice_sub(command->value, from, at - from);
}

static void generic_element(struct making *m)
{
	struct schema_node list, command;
	struct schema_iter it;
	size_t index = 0;

	memcpy(m->base, "3F00", 5);
	if (!schema_get(&m->element->node, "fileManagementCMD", &list))
		return;
	it = schema_children(&list);
	while (!m->err && schema_next(&it, &command)) {
		if (command.type)
			generic_command(m, &command, index);
		index++;
	}
}

enum naa { NAA_USIM, NAA_ISIM, NAA_CSIM, NAA_NONE };

/* Which ADF the files of an element go into (NAA_NONE: the MF). */
static enum naa naa_of(uint32_t tag)
{
	switch (tag) {
	case PE_ISIM:
	case PE_OPT_ISIM: return NAA_ISIM;
	case PE_CSIM:
	case PE_OPT_CSIM: return NAA_CSIM;
	case PE_MF:
	case PE_CD:
	case PE_TELECOM: return NAA_NONE;
	default: return NAA_USIM;
	}
}

static bool has_template(const struct schema_node *n)
{
	return n->type && n->type->count > 2 && strcmp(n->type->fields[1].name, "templateID") == 0;
}

static void outline_one(struct making *m, struct outline_element *e)
{
	enum naa naa = naa_of(e->node.tag);

	m->element = e;
	if (has_template(&e->node)) {
		memcpy(m->base, naa == NAA_NONE ? "3F00" : m->adf[naa],
		       naa == NAA_NONE ? 5 : sizeof(m->base));
		if (strcmp(e->name, "iot") == 0)
			memcpy(m->base, "3F00", 5);
		template_element(m);
		for (size_t i = 0; i < m->o->file_count; i++) {
			const struct outline_file *f = &m->o->files[i];

			if (f->adf && !f->generic && &m->o->elements[f->element] == e &&
			    naa != NAA_NONE)
				memcpy(m->adf[naa], f->path, sizeof(m->adf[naa]));
		}
		if (*m->element_df && e->node.tag <= PE_OPT_CSIM && e->node.tag != PE_OPT_USIM)
			memcpy(e->df, m->element_df, sizeof(e->df));
		if (starts(e->name, "opt-"))
			memcpy(e->df, m->adf[naa == NAA_NONE ? 0 : naa], sizeof(e->df));
	} else if (e->node.tag == PE_GENERIC_FILE_MANAGEMENT) {
		size_t i = m->o->file_count;

		generic_element(m);
		while (i < m->o->file_count && m->o->files[i].kind != UICC_DF)
			i++;
		if (i < m->o->file_count) /* the first DF that it makes */
			memcpy(e->df, m->o->files[i].path, sizeof(e->df));
	}
}

static void take_header(struct outline_element *e)
{
	struct schema_iter it = schema_children(&e->node);
	struct schema_node header, id, null;

	if (!schema_next(&it, &header) || !header.type || e->node.tag == PE_HEADER)
		return;
	e->mandated = schema_get(&header, "mandated", &null);
	e->has_id = schema_get(&header, "identification", &id) && !tlv_uint(id.value, &e->id);
}

static bool is_naa(const char *name)
{
	static const char *const names[] = {"usim", "isim", "csim", "iot"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static enum err fill(struct outline *o, const struct schema_node *top)
{
	struct schema_iter it = schema_children(top);
	struct making m = {.o = o};
	size_t naa = NONE;

	while (!m.err && o->element_count < OUTLINE_ELEMENTS_MAX) {
		struct outline_element *e = &o->elements[o->element_count];

		if (!schema_next(&it, &e->node))
			return it.c.err;
		e->name = e->node.field ? e->node.field->name : "";
		snprintf(e->where, sizeof(e->where), "/elements/%zu%s%s", o->element_count,
			 *e->name ? "/" : "", e->name);
		if (o->element_count)
			memcpy(e->df, e[-1].df, sizeof(e->df));
		o->element_count++;
		take_header(e);
		outline_one(&m, e);
		naa = is_naa(e->name) ? o->element_count - 1 : naa;
		e->naa = naa;
	}
	return m.err ? m.err : cursor_left(&it.c) ? ERR_LENGTH : ERR_OK;
}

enum err outline_make(struct slice package, struct outline **out)
{
	struct schema_node top = schema_package(package);
	struct outline *o = calloc(1, sizeof(*o));
	enum err e = ERR_MEMORY;

	if (!o)
		return ERR_MEMORY;
	o->package = package;
	o->elements = calloc(OUTLINE_ELEMENTS_MAX, sizeof(*o->elements));
	o->files = calloc(OUTLINE_FILES_MAX, sizeof(*o->files));
	o->paths = calloc(OUTLINE_FILES_MAX, sizeof(*o->paths));
	if (o->elements && o->files && o->paths)
		e = fill(o, &top);
	if (e)
		outline_free(&o);
	else
		*out = o;
	return e;
}

void outline_free(struct outline **o)
{
	if (!*o)
		return;
	free((*o)->elements);
	free((*o)->files);
	free((*o)->paths);
	free(*o);
	*o = NULL;
}
