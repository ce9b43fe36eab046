/* tree: FCP, GFM: the files among each other, and their steps */
#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fid.h"

#define MF_FIDS	  0x3FFF /* reserved as 3F00, 3FFF, 7FFF and FFFF are (TS 102 221 8.6) */
#define NO_FID	  0xFFFF
#define WHERE_LEN 160

static bool is_df(const struct outline_file *f)
{
	return f->kind == UICC_DF;
}

static bool is_made(const struct outline_file *f)
{
	return !f->not_created;
}

static void rule_fid_given(const struct lint *l, const struct outline_file *f)
{
	bool needed = f->generic || f->adf;
	struct schema_node n;

	if (needed && is_made(f) && !(f->fcp.type && schema_get(&f->fcp, "fileID", &n)))
		lint_say(l, f->where, "it has none");
}

static void rule_fid_template(const struct lint *l, const struct outline_file *f)
{
	if (f->row && f->row->fid && f->fid != f->row->fid)
		lint_say(l, f->where, "%04X in place of %04X", f->fid, f->row->fid);
}

static void rule_fid_reserved(const struct lint *l, const struct outline_file *f)
{
	bool mf = f->fid == FID_MF && f->parent[0];

	if (mf || f->fid == MF_FIDS || f->fid == FID_CURRENT_ADF || f->fid == NO_FID)
		lint_say(l, f->where, "%04X", f->fid);
}

static void rule_fid_unique(const struct lint *l, const struct outline_file *f)
{
	for (const struct outline_file *x = l->o->files; *f->path && is_made(f) && x < f; x++) {
		if (is_made(x) && !f->adf && strcmp(x->path, f->path) == 0) {
			lint_say(l, f->where, "%s is %s too", f->path, x->where);
			return;
		}
	}
}

static void rule_adf_fid_unique(const struct lint *l, const struct outline_file *f)
{
	for (const struct outline_file *x = l->o->files; f->adf && f->fid && x < f; x++) {
		if (x->adf && x->fid == f->fid)
			lint_say(l, f->where, "%04X is %s too", f->fid, x->where);
	}
}

static void rule_name_of_ef(const struct lint *l, const struct outline_file *f)
{
	if (f->aid.len && !f->adf)
		lint_say(l, f->where, "it is none");
}

static void rule_adf_name(const struct lint *l, const struct outline_file *f)
{
	if (f->adf && is_made(f) && f->aid.len == 0)
		lint_say(l, f->where, "it has none");
}

static void rule_aid_unique(const struct lint *l, const struct outline_file *f)
{
	for (const struct outline_file *x = l->o->files; f->aid.len && x < f; x++) {
		if (slice_equal(x->aid, f->aid))
			lint_say(l, f->where, "%s has it too", x->where);
	}
}

static void rule_aid_prefix(const struct lint *l, const struct outline_file *f)
{
	static const struct {
		const char *name;
		enum aid prefix;
	} rows[] = {{"adf-usim", AID_USIM}, {"adf-isim", AID_ISIM}, {"adf-csim", AID_CSIM}};

	for (size_t i = 0; f->aid.len && i < ARRAY_LEN(rows); i++) {
		if (strcmp(f->name, rows[i].name) == 0 &&
		    !slice_starts(f->aid, aid_of(rows[i].prefix)))
			lint_say(l, f->where, "%s has another", f->name);
	}
}

static void rule_arr_exists(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *arr;

	if (!f->arr_fid || !is_made(f) || f->defaulted || !*f->path)
		return;
	arr = outline_arr(l->o, f);
	if (!arr || (arr->kind && arr->kind != UICC_LINEAR))
		lint_say(l, f->where, "EF.ARR %04X", f->arr_fid);
}

/* The record of EF.ARR; false when it is not known. *inside: there is such a record. */
static bool arr_record(const struct lint *l, const struct outline_file *f, bool *inside,
		       bool *empty)
{
	const struct outline_file *arr =
		f->arr_fid && is_made(f) && *f->path ? outline_arr(l->o, f) : NULL;
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

static void rule_arr_record(const struct lint *l, const struct outline_file *f)
{
	bool inside, empty;

	if (arr_record(l, f, &inside, &empty) && !inside)
		lint_say(l, f->where, "EF.ARR %04X has no record %u", f->arr_fid, f->arr_record);
}

static void rule_arr_empty(const struct lint *l, const struct outline_file *f)
{
	bool inside, empty;

	if (arr_record(l, f, &inside, &empty) && empty)
		lint_say(l, f->where, "record %u of EF.ARR %04X is empty", f->arr_record,
			 f->arr_fid);
}

static void rule_sfi_unique(const struct lint *l, const struct outline_file *f)
{
	for (const struct outline_file *x = l->o->files;
	     f->has_sfi && f->sfi && is_made(f) && x < f; x++) {
		if (x->has_sfi && is_made(x) && x->sfi == f->sfi && *f->parent &&
		    strcmp(x->parent, f->parent) == 0 && strcmp(x->path, f->path) != 0) {
			lint_say(l, f->where, "%u is that of %s too", f->sfi, x->where);
			return;
		}
	}
}

static const struct outline_file *find_target(const struct lint *l, const struct outline_file *f)
{
	char path[OUTLINE_PATH_MAX];

	return f->is_link && outline_path(l->o, f->link, path) ? outline_at(l->o, path) : NULL;
}

static void rule_link_target(const struct lint *l, const struct outline_file *f)
{
	if (f->is_link && !find_target(l, f))
		lint_say(l, f->where, "there is no such file");
}

static void rule_link_size(const struct lint *l, const struct outline_file *f)
{
	if (f->is_link && schema_octets(&f->fcp, "efFileSize").len)
		lint_say(l, f->where, "it has one");
}

static void rule_link_kind(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *t = find_target(l, f);

	if (t && f->kind && t->kind && f->kind != t->kind)
		lint_say(l, f->where, "%s is another", t->path);
}

/* A reader takes the file to be as the link describes it. */
static void rule_link_shape(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *t = find_target(l, f);
	bool records = f->kind == UICC_LINEAR || f->kind == UICC_CYCLIC;

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

static void rule_link_chain(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *t = find_target(l, f);

	if (t && t->is_link)
		lint_say(l, f->where, "%s is one", t->path);
}

/* How many contents stand in the steps, and the tag of the last step. */
static size_t count_contents(const struct outline_file *f, uint32_t *last)
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

static void rule_link_content(const struct lint *l, const struct outline_file *f)
{
	uint32_t last;

	if (f->is_link && count_contents(f, &last))
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

static void rule_descriptor_first(const struct lint *l, const struct outline_file *f)
{
	size_t first;

	if (count_steps(f, FILE_TAG_FCP, &first) && first != 0)
		lint_say(l, f->where, "it is step %zu", first);
}

static void rule_descriptor_once(const struct lint *l, const struct outline_file *f)
{
	size_t first, n = count_steps(f, FILE_TAG_FCP, &first);

	if (n > 1)
		lint_say(l, f->where, "%zu times", n);
}

static void rule_alone_not_created(const struct lint *l, const struct outline_file *f)
{
	struct cursor c = cursor_of(f->steps);
	struct tlv step;
	size_t n = 0;

	while (tlv_next(&c, &step))
		n++;
	if (f->not_created && n > 1)
		lint_say(l, f->where, "%zu steps stand beside it", n - 1);
}

static void rule_mf_not_created(const struct lint *l, const struct outline_file *f)
{
	if (f->not_created && strcmp(l->o->elements[f->element].name, "mf") == 0)
		lint_say(l, f->where, "it has no effect here");
}

static void rule_content_fits(const struct lint *l, const struct outline_file *f)
{
	size_t end = outline_filled(f);

	if (!is_df(f) && !f->is_link && f->size && end > f->size)
		lint_say(l, f->where, "%zu octets are filled, the size is %zu", end, f->size);
}

static void rule_content_of_df(const struct lint *l, const struct outline_file *f)
{
	uint32_t last;

	if (is_df(f) && count_contents(f, &last))
		lint_say(l, f->where, "it has");
}

static void rule_content_missing(const struct lint *l, const struct outline_file *f)
{
	struct schema_node n;
	bool pattern = schema_get(&f->fcp, "proprietaryEFInfo/fillPattern", &n) ||
		       schema_get(&f->fcp, "proprietaryEFInfo/repeatPattern", &n);

	if (f->row && !f->row->content && !is_df(f) && !f->is_link && is_made(f) && !f->defaulted &&
	    !pattern && outline_filled(f) == 0)
		lint_say(l, f->where, "all its octets are FF");
}

static void rule_offset_nothing(const struct lint *l, const struct outline_file *f)
{
	uint32_t last;

	count_contents(f, &last);
	if (last == (f->generic ? GFM_TAG_OFFSET : FILE_TAG_OFFSET))
		lint_say(l, f->where, "the last step is an offset");
}

static void rule_bertlv_offset(const struct lint *l, const struct outline_file *f)
{
	struct cursor c = cursor_of(f->steps);
	struct tlv step;

	while (f->kind == UICC_BER_TLV && tlv_next(&c, &step)) {
		if (step.tag == (f->generic ? GFM_TAG_OFFSET : FILE_TAG_OFFSET)) {
			lint_say(l, f->where, "it has one");
			return;
		}
	}
}

/* TS 51.011 6.2: 7F under the MF, 5F deeper; EFs 2F under the MF, 6F in a DF of the first level or
 * an ADF, 4F deeper */
static void rule_fid_level(const struct lint *l, const struct outline_file *f)
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

static void rule_parent_exists(const struct lint *l, const struct outline_file *f)
{
	const struct outline_file *df = outline_at(l->o, f->parent);

	if (*f->parent && is_made(f) && (!df || !is_df(df)))
		lint_say(l, f->where, "%s", f->parent);
}

static void rule_path_exists(const struct lint *l)
{
	for (size_t i = 0; i < l->o->path_count; i++) {
		const struct outline_path *p = &l->o->paths[i];
		const struct outline_file *f = outline_at(l->o, p->path);

		if (*p->path && (!f || (size_t)(f - l->o->files) >= p->files))
			lint_say(l, p->where, "%s", p->path);
	}
}

static void rule_path_form(const struct lint *l)
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

static void rule_gfm_content_first(const struct lint *l)
{
	each_command(l, true);
}

static void rule_gfm_empty(const struct lint *l)
{
	each_command(l, false);
}

static const struct lint_row rows[] = {
	ON_FILE("FCP-11", ERROR, rule_fid_given, "TCA PEDefinitions, Fcp: fileID",
		"a file that no template describes has a fileID"),
	ON_FILE("FCP-12", WARNING, rule_fid_template, "TCA 8.3.3",
		"the fileID of a file is that of its template"),
	ON_FILE("FCP-13", ERROR, rule_fid_reserved, "TS 102 221 8.6",
		"a fileID is not one that is reserved"),
	ON_FILE("FCP-14", ERROR, rule_fid_unique, "TS 102 221 8.6", "a fileID is unique in its DF"),
	ON_FILE("FCP-15", ERROR, rule_adf_fid_unique, "TCA PEDefinitions, Fcp: fileID",
		"the temporary identifier of an ADF is unique"),
	ON_FILE("FCP-16", ERROR, rule_name_of_ef, "TCA PEDefinitions, Fcp: dfName",
		"only an ADF has a dfName"),
	ON_FILE("FCP-17", ERROR, rule_adf_name, "TCA PEDefinitions, Fcp: dfName",
		"an ADF has a dfName"),
	ON_FILE("FCP-18", ERROR, rule_aid_unique, "ISO 7816-4 8.2.1",
		"the AID of an ADF is its own"),
	ON_FILE("FCP-19", WARNING, rule_aid_prefix, "TS 101 220 Annex E",
		"the AID of an ADF is one of its application"),
	ON_FILE("FCP-23", ERROR, rule_arr_exists, "TS 102 221 9.7",
		"the EF.ARR that a file refers to exists"),
	ON_FILE("FCP-24", ERROR, rule_arr_record, "TS 102 221 9.7",
		"the record of EF.ARR that a file refers to exists"),
	ON_FILE("FCP-25", WARNING, rule_arr_empty, "TS 102 221 9.7",
		"the record of EF.ARR that a file refers to has a rule"),
	ON_FILE("FCP-32", WARNING, rule_sfi_unique, "TS 102 221 8.6",
		"a short identifier is unique in its DF"),
	ON_FILE("FCP-37", ERROR, rule_link_target, "TCA PEDefinitions, Fcp: linkPath",
		"the file that a link leads to exists"),
	ON_FILE("FCP-38", ERROR, rule_link_size, "TCA PEDefinitions, Fcp: efFileSize",
		"a link has no efFileSize"),
	ON_FILE("FCP-39", ERROR, rule_link_kind, "TCA PEDefinitions, Fcp: linkPath",
		"a link leads to a file of its kind"),
	ON_FILE("FCP-59", WARNING, rule_link_shape, "TCA PEDefinitions, Fcp: linkPath",
		"a link has the records of the file that it leads to, in length and number",
		.after = "FCP-39"),
	ON_FILE("FCP-40", ERROR, rule_link_chain, "TCA PEDefinitions, Fcp: linkPath",
		"a link does not lead to a link"),
	ON_FILE("FCP-41", ERROR, rule_link_content, "TCA PEDefinitions, Fcp: linkPath",
		"a link has no contents of its own"),
	ON_FILE("FCP-42", ERROR, rule_descriptor_first, "TCA PEDefinitions, File",
		"fileDescriptor is the first of a File"),
	ON_FILE("FCP-43", ERROR, rule_descriptor_once, "TCA PEDefinitions, File",
		"fileDescriptor stands once in a File"),
	ON_FILE("FCP-44", ERROR, rule_alone_not_created, "TCA PEDefinitions, File",
		"doNotCreate stands alone"),
	ON_FILE("FCP-45", ERROR, rule_mf_not_created, "TCA PEDefinitions, File",
		"doNotCreate is not used in the MF"),
	ON_FILE("FCP-46", ERROR, rule_content_fits, "TCA PEDefinitions, File",
		"the contents are within the size of the file"),
	ON_FILE("FCP-47", ERROR, rule_content_of_df, "TCA PEDefinitions, File",
		"a DF has no contents"),
	ON_FILE("FCP-48", WARNING, rule_content_missing, "TCA Annex A",
		"a file whose template has no default has contents"),
	ON_FILE("FCP-49", INFO, rule_offset_nothing, "TCA PEDefinitions, File",
		"contents follow an offset"),
	ON_FILE("FCP-50", INFO, rule_fid_level, "TS 51.011 6.2",
		"the first octet of a fileID is one of its level"),
	ON_FILE("FCP-53", ERROR, rule_parent_exists, "TCA 8.3",
		"the DF that a file goes into exists"),
	ON_FILE("FCP-56", ERROR, rule_bertlv_offset, "TCA 8.3.2",
		"the contents of a BER-TLV file have no fillFileOffset"),
	ON_PACKAGE("GFM-01", ERROR, rule_path_exists, "TCA 8.3.5",
		   "the DF that a filePath selects exists"),
	ON_PACKAGE("GFM-02", ERROR, rule_path_form, "TCA 8.3.5",
		   "a filePath has whole file identifiers"),
	ON_PACKAGE("GFM-03", ERROR, rule_gfm_content_first, "TCA 8.3.5",
		   "contents follow the file that they are for"),
	ON_PACKAGE("GFM-04", INFO, rule_gfm_empty, "TCA 8.3.5",
		   "a FileManagement creates or fills a file"),
};

const struct lint_table lint_tree_rules = {rows, ARRAY_LEN(rows)};
