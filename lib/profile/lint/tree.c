/* tree: FCP, GFM: the files among each other, and their steps */
#include <stdio.h>
#include <string.h>

#include "lib/profile/lint/rules.h"

#define FID_MF	  0x3F00
#define MF_FIDS	  0x3FFF /* reserved as 3F00, 3FFF, 7FFF and FFFF are (TS 102 221 8.6) */
#define CURRENT	  0x7FFF
#define NO_FID	  0xFFFF
#define WHERE_LEN 160

static bool is_df(const struct outline_file *f)
{
	return f->kind == OUTLINE_DF;
}

static bool made(const struct outline_file *f)
{
	return !f->not_created;
}

void rule_fid_given(const struct lint *l, const struct outline_file *f)
{
	bool needed = f->generic || f->adf;
	struct schema_node n;

	if (needed && made(f) && !(f->fcp.type && schema_get(&f->fcp, "fileID", &n)))
		lint_say(l, f->where, "it has none");
}

void rule_fid_template(const struct lint *l, const struct outline_file *f)
{
	if (f->row && f->row->fid && f->fid != f->row->fid)
		lint_say(l, f->where, "%04X in place of %04X", f->fid, f->row->fid);
}

void rule_fid_reserved(const struct lint *l, const struct outline_file *f)
{
	bool mf = f->fid == FID_MF && f->parent[0];

	if (mf || f->fid == MF_FIDS || f->fid == CURRENT || f->fid == NO_FID)
		lint_say(l, f->where, "%04X", f->fid);
}

void rule_fid_unique(const struct lint *l, const struct outline_file *f)
{
	for (const struct outline_file *x = l->o->files; *f->path && made(f) && x < f; x++) {
		if (made(x) && !f->adf && strcmp(x->path, f->path) == 0) {
			lint_say(l, f->where, "%s is %s too", f->path, x->where);
			return;
		}
	}
}

void rule_adf_fid_unique(const struct lint *l, const struct outline_file *f)
{
	for (const struct outline_file *x = l->o->files; f->adf && f->fid && x < f; x++) {
		if (x->adf && x->fid == f->fid)
			lint_say(l, f->where, "%04X is %s too", f->fid, x->where);
	}
}

void rule_name_of_ef(const struct lint *l, const struct outline_file *f)
{
	if (f->aid.len && !f->adf)
		lint_say(l, f->where, "it is none");
}

void rule_adf_name(const struct lint *l, const struct outline_file *f)
{
	if (f->adf && made(f) && f->aid.len == 0)
		lint_say(l, f->where, "it has none");
}

void rule_aid_unique(const struct lint *l, const struct outline_file *f)
{
	for (const struct outline_file *x = l->o->files; f->aid.len && x < f; x++) {
		if (slice_equal(x->aid, f->aid))
			lint_say(l, f->where, "%s has it too", x->where);
	}
}

void rule_aid_prefix(const struct lint *l, const struct outline_file *f)
{
	static const struct {
		const char *name;
		uint8_t prefix[7];
	} rows[] = {{"adf-usim", {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02}},
		    {"adf-isim", {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04}},
		    {"adf-csim", {0xA0, 0x00, 0x00, 0x03, 0x43, 0x10, 0x02}}};

	for (size_t i = 0; f->aid.len && i < ARRAY_LEN(rows); i++) {
		if (strcmp(f->name, rows[i].name) == 0 &&
		    !slice_starts(f->aid, SLICE_OF(rows[i].prefix)))
			lint_say(l, f->where, "%s has another", f->name);
	}
}

void rule_arr_exists(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *arr;

	if (!f->arr_fid || !made(f) || f->defaulted || !*f->path)
		return;
	arr = outline_arr(l->o, f);
	if (!arr || (arr->kind && arr->kind != OUTLINE_LINEAR))
		lint_say(l, f->where, "EF.ARR %04X", f->arr_fid);
}

/* The record of EF.ARR; false when it is not known. *inside: there is such a record. */
static bool arr_record(const struct lint *l, const struct outline_file *f, bool *inside,
		       bool *empty)
{
	const struct outline_file *arr =
		f->arr_fid && made(f) && *f->path ? outline_arr(l->o, f) : NULL;
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	struct slice content = arr ? lint_content(arr, &mem) : SLICE_EMPTY, record;
	bool known = content.len && arr->record_len;

	if (known) {
		*inside = f->arr_record && f->arr_record * arr->record_len <= content.len;
		record = *inside ? slice_sub(content, (f->arr_record - 1u) * arr->record_len,
					     arr->record_len)
				 : SLICE_EMPTY;
		*empty = *inside && lint_all(record, 0xFF);
	}
	wbuf_free(&mem);
	return known;
}

void rule_arr_record(const struct lint *l, const struct outline_file *f)
{
	bool inside, empty;

	if (arr_record(l, f, &inside, &empty) && !inside)
		lint_say(l, f->where, "EF.ARR %04X has no record %u", f->arr_fid, f->arr_record);
}

void rule_arr_empty(const struct lint *l, const struct outline_file *f)
{
	bool inside, empty;

	if (arr_record(l, f, &inside, &empty) && empty)
		lint_say(l, f->where, "record %u of EF.ARR %04X is empty", f->arr_record,
			 f->arr_fid);
}

void rule_sfi_unique(const struct lint *l, const struct outline_file *f)
{
	for (const struct outline_file *x = l->o->files; f->has_sfi && f->sfi && made(f) && x < f;
	     x++) {
		if (x->has_sfi && made(x) && x->sfi == f->sfi && *f->parent &&
		    strcmp(x->parent, f->parent) == 0 && strcmp(x->path, f->path) != 0) {
			lint_say(l, f->where, "%u is that of %s too", f->sfi, x->where);
			return;
		}
	}
}

static const struct outline_file *target(const struct lint *l, const struct outline_file *f)
{
	char path[OUTLINE_PATH_MAX];

	return f->is_link && outline_path(l->o, f->link, path) ? outline_at(l->o, path) : NULL;
}

void rule_link_target(const struct lint *l, const struct outline_file *f)
{
	if (f->is_link && !target(l, f))
		lint_say(l, f->where, "there is no such file");
}

void rule_link_size(const struct lint *l, const struct outline_file *f)
{
	if (f->is_link && schema_octets(&f->fcp, "efFileSize").len)
		lint_say(l, f->where, "it has one");
}

void rule_link_kind(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *t = target(l, f);

	if (t && f->kind && t->kind && f->kind != t->kind)
		lint_say(l, f->where, "%s is another", t->path);
}

/* A reader takes the link's file as the link describes it. */
void rule_link_shape(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *t = target(l, f);
	bool records = f->kind == OUTLINE_LINEAR || f->kind == OUTLINE_CYCLIC;

	if (!t || f->kind != t->kind || !f->kind)
		return;
	if (records && f->record_len && t->record_len && f->record_len != t->record_len)
		lint_say(l, f->where, "records of %zu octets, %s has them of %zu", f->record_len,
			 t->path, t->record_len);
	else if (records && f->size && t->size && f->record_len && t->record_len &&
		 f->size != t->size)
		lint_say(l, f->where, "%zu records, %s has %zu", f->size / f->record_len, t->path,
			 t->size / t->record_len);
}

void rule_link_chain(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *t = target(l, f);

	if (t && t->is_link)
		lint_say(l, f->where, "%s is one", t->path);
}

/* How many contents stand in the steps, and the tag of the last step. */
static size_t contents(const struct outline_file *f, uint32_t *last)
{
	struct cursor c = cursor_of(f->steps);
	struct tlv step;
	size_t n = 0;

	*last = 0;
	while (tlv_next(&c, &step)) {
		n += step.tag == (f->generic ? GFM_TAG_CONTENT : FILE_TAG_CONTENT);
		*last = step.tag;
	}
	return n;
}

void rule_link_content(const struct lint *l, const struct outline_file *f)
{
	uint32_t last;

	if (f->is_link && contents(f, &last))
		lint_say(l, f->where, "it has");
}

static size_t count_steps(const struct outline_file *f, uint32_t tag, size_t *first)
{
	struct cursor c = cursor_of(f->generic ? SLICE_EMPTY : f->steps);
	struct tlv step;
	size_t n = 0, at = 0;

	*first = SIZE_MAX;
	for (; tlv_next(&c, &step); at++) {
		if (step.tag == tag) {
			n++;
			*first = *first == SIZE_MAX ? at : *first;
		}
	}
	return n;
}

void rule_descriptor_first(const struct lint *l, const struct outline_file *f)
{
	size_t first;

	if (count_steps(f, FILE_TAG_FCP, &first) && first != 0)
		lint_say(l, f->where, "it is step %zu", first);
}

void rule_descriptor_once(const struct lint *l, const struct outline_file *f)
{
	size_t first, n = count_steps(f, FILE_TAG_FCP, &first);

	if (n > 1)
		lint_say(l, f->where, "%zu times", n);
}

void rule_alone_not_created(const struct lint *l, const struct outline_file *f)
{
	struct cursor c = cursor_of(f->steps);
	struct tlv step;
	size_t n = 0;

	while (tlv_next(&c, &step))
		n++;
	if (f->not_created && n > 1)
		lint_say(l, f->where, "%zu steps stand beside it", n - 1);
}

void rule_mf_not_created(const struct lint *l, const struct outline_file *f)
{
	if (f->not_created && strcmp(l->o->elements[f->element].name, "mf") == 0)
		lint_say(l, f->where, "it has no effect here");
}

void rule_content_fits(const struct lint *l, const struct outline_file *f)
{
	size_t end = outline_filled(f);

	if (!is_df(f) && !f->is_link && f->size && end > f->size)
		lint_say(l, f->where, "%zu octets are filled, the size is %zu", end, f->size);
}

void rule_content_of_df(const struct lint *l, const struct outline_file *f)
{
	uint32_t last;

	if (is_df(f) && contents(f, &last))
		lint_say(l, f->where, "it has");
}

void rule_content_missing(const struct lint *l, const struct outline_file *f)
{
	struct schema_node n;
	bool pattern = schema_get(&f->fcp, "proprietaryEFInfo/fillPattern", &n) ||
		       schema_get(&f->fcp, "proprietaryEFInfo/repeatPattern", &n);

	if (f->row && !f->row->content && !is_df(f) && !f->is_link && made(f) && !f->defaulted &&
	    !pattern && outline_filled(f) == 0)
		lint_say(l, f->where, "all its octets are FF");
}

void rule_offset_nothing(const struct lint *l, const struct outline_file *f)
{
	uint32_t last;

	contents(f, &last);
	if (last == (f->generic ? GFM_TAG_OFFSET : FILE_TAG_OFFSET))
		lint_say(l, f->where, "the last step is an offset");
}

void rule_bertlv_offset(const struct lint *l, const struct outline_file *f)
{
	struct cursor c = cursor_of(f->steps);
	struct tlv step;

	while (f->kind == OUTLINE_BER_TLV && tlv_next(&c, &step)) {
		if (step.tag == (f->generic ? GFM_TAG_OFFSET : FILE_TAG_OFFSET)) {
			lint_say(l, f->where, "it has one");
			return;
		}
	}
}

/* TS 51.011 6.2: 7F under the MF, 5F deeper; EFs 2F under the MF, 6F in a DF of the first level or
 * an ADF, 4F deeper */
void rule_fid_level(const struct lint *l, const struct outline_file *f)
{
	size_t level = strlen(f->parent) / 4;
	bool in_mf = strcmp(f->parent, "3F00") == 0;
	bool in_adf = level == 1 && !in_mf;
	uint8_t first = (uint8_t)(f->fid >> 8);
	bool good;

	if (!level || f->adf || !f->fid)
		return;
	if (in_mf)
		good = is_df(f) ? first == 0x7F : first == 0x2F;
	else if (in_adf || level == 2)
		good = is_df(f) ? first == 0x5F : first == 0x6F || first == 0x2F || first == 0x4F;
	else
		good = is_df(f) ? first == 0x5F || first == 0x6F : first == 0x4F || first == 0x6F;
	if (!good)
		lint_say(l, f->where, "%04X in %s", f->fid, f->parent);
}

void rule_parent_exists(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *df = outline_at(l->o, f->parent);

	if (*f->parent && made(f) && (!df || !is_df(df)))
		lint_say(l, f->where, "%s", f->parent);
}

void rule_path_exists(const struct lint *l)
{
	for (size_t i = 0; i < l->o->path_count; i++) {
		const struct outline_path *p = &l->o->paths[i];
		const struct outline_file *f = outline_at(l->o, p->path);

		if (*p->path && (!f || (size_t)(f - l->o->files) >= p->files))
			lint_say(l, p->where, "%s", p->path);
	}
}

void rule_path_form(const struct lint *l)
{
	for (size_t i = 0; i < l->o->path_count; i++) {
		if (!*l->o->paths[i].path)
			lint_say(l, l->o->paths[i].where, "%zu octets", l->o->paths[i].value.len);
	}
}

/* Calls of one FileManagement: whether a content stands before any file, and whether there is any.
 */
static void check_command(const struct schema_node *command, bool *early, bool *any)
{
	struct schema_iter it = schema_children(command);
	struct schema_node step;
	size_t path_octets = 0;
	bool file = false;

	*early = *any = false;
	while (schema_next(&it, &step)) {
		bool fill = step.tag == GFM_TAG_CONTENT;

		if (step.tag == GFM_TAG_PATH)
			path_octets = step.value.len;
		file = step.tag == GFM_TAG_PATH ? false : file || step.tag == GFM_TAG_CREATE;
		/* a path that ends in an EF selects it, so that it may be filled */
		*early = *early || (fill && !file && path_octets < 4);
		*any = *any || fill || step.tag == GFM_TAG_CREATE;
	}
}

static void each_command(const struct lint *l, bool want_early)
{
	const struct outline_element *e = NULL;

	while ((e = outline_element(l->o, "genericFileManagement", e))) {
		struct schema_node list, command;
		struct schema_iter it;
		bool early, any;

		if (!schema_get(&e->node, "fileManagementCMD", &list))
			continue;
		it = schema_children(&list);
		for (size_t i = 0; schema_next(&it, &command); i++) {
			char where[WHERE_LEN];

			snprintf(where, sizeof(where), "%s/fileManagementCMD/%zu", e->where, i);
			check_command(&command, &early, &any);
			if (want_early && early)
				lint_say(l, where, "no file is selected");
			if (!want_early && !any)
				lint_say(l, where, "it does nothing");
		}
	}
}

void rule_gfm_content_first(const struct lint *l)
{
	each_command(l, true);
}

void rule_gfm_empty(const struct lint *l)
{
	each_command(l, false);
}
