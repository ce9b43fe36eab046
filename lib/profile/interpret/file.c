/* file: the elements that make files, TCA 8.3: those with templates, PE-GenericFileManagement */
#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/profile/interpret/fcp.h"
#include "lib/profile/interpret/handlers.h"
#include "lib/profile/interpret/walk.h"
#include "lib/uicc/fcp.h"

/* What a template calls the kinds of file */
static const enum uicc_structure structures[] = {
	[TEMPLATE_MF] = UICC_DF,	  [TEMPLATE_ADF] = UICC_DF,    [TEMPLATE_DF] = UICC_DF,
	[TEMPLATE_TR] = UICC_TRANSPARENT, [TEMPLATE_LF] = UICC_LINEAR, [TEMPLATE_CY] = UICC_CYCLIC,
	[TEMPLATE_BT] = UICC_BER_TLV,
};

/* A template while its element is read. */
struct templating {
	struct walk *w;
	const struct template *t;
	struct making m;
	char base[PROFILE_PATH_MAX]; /* the template's own DF */
	char df[PROFILE_PATH_MAX];   /* the DF in which the next files lie; "": it wasn't made */
};

static bool is_folder(const struct template_file *f)
{
	return f->kind == TEMPLATE_MF || f->kind == TEMPLATE_ADF || f->kind == TEMPLATE_DF;
}

static void start_template_file(struct templating *g, const struct template_file *f)
{
	bool records = f->kind == TEMPLATE_LF || f->kind == TEMPLATE_CY;
	struct making *m = &g->m;

	making_start(m);
	m->f.fid = f->fid;
	m->f.kind = structures[f->kind];
	m->f.descriptor = (uint8_t)(UICC_SHAREABLE | m->f.kind);
	m->f.sfi = f->sfi;
	m->f.record_len = records ? f->size : 0;
	m->default_records = f->records;
	m->content_default = f->content;
	m->size = records ? 0 : f->size;
	if (f->fid && !walk_path_join(f->kind == TEMPLATE_MF ? "" : g->df, f->fid, m->path))
		m->path[0] = 0;
	making_set_rule(m, f->arr);
}

/* The folder that was made becomes the current one. */
static enum pe_status finish_template_file(struct templating *g, const struct template_file *f)
{
	enum pe_status s = PE_OK;

	if (!g->m.started)
		s = making_start_content(&g->m, SLICE_EMPTY, false);
	if (s == PE_OK)
		s = making_hand_over(g->w, &g->m);
	if (s == PE_OK && is_folder(f)) {
		memcpy(g->df, g->m.path, sizeof(g->df));
		if (f == g->t->files)
			memcpy(g->base, g->m.path, sizeof(g->base));
	}
	return s;
}

/* A second Fcp begins another file of the same kind (where there is a range of identifiers). */
static enum pe_status take_step(struct templating *g, const struct template_file *f,
				const struct tlv *step)
{
	struct making *m = &g->m;
	enum pe_status s = PE_OK;

	if (step->tag == FILE_TAG_FCP) {
		if (m->started) {
			s = is_folder(f) ? PE_INVALID_PARAMETER : finish_template_file(g, f);
			start_template_file(g, f);
		}
		return s == PE_OK ? making_take_fcp(g->w, m, step->value, g->df) : s;
	}
	if (!m->started)
		s = making_start_content(m, SLICE_EMPTY, false);
	if (s != PE_OK)
		return s;
	switch (step->tag) {
	case FILE_TAG_OFFSET: return making_skip(m, step->value);
	case FILE_TAG_CONTENT: return making_fill(m, step->value);
	default: return PE_INVALID_FORMAT;
	}
}

/* doNotCreate: no effect in PE-MF, an error in a template that creates nothing by default. */
static enum pe_status leave_out(const struct templating *g, const struct template_file *f,
				bool *out)
{
	*out = g->t->element != PE_MF;
	if (*out && (!g->t->by_default || is_folder(f)))
		return PE_INVALID_PARAMETER;
	return PE_OK;
}

/* One File of a template: its steps (Fcp, offset, content). */
static enum pe_status given_file(struct templating *g, const struct template_file *f,
				 struct slice steps)
{
	struct cursor c = cursor_of(steps);
	enum pe_status s = PE_OK;
	bool out = false;
	struct tlv step;

	if (f->kind == TEMPLATE_DF)
		memcpy(g->df, g->base, sizeof(g->df));
	if (!*g->df)
		return PE_INVALID_PARAMETER; /* its folder was not made */
	start_template_file(g, f);
	while (s == PE_OK && !out && tlv_next(&c, &step))
		s = step.tag == FILE_TAG_DO_NOT_CREATE ? leave_out(g, f, &out)
						       : take_step(g, f, &step);
	if (s == PE_OK && c.err)
		s = PE_INVALID_FORMAT;
	return s == PE_OK && !out ? finish_template_file(g, f) : s;
}

/* A File that the element doesn't have. */
static enum pe_status absent_file(struct templating *g, const struct template_file *f)
{
	if (f == g->t->files && is_folder(f))
		return PE_INVALID_PARAMETER;
	if (f->kind == TEMPLATE_DF)
		g->df[0] = 0;
	if (!g->t->by_default || f->optional)
		return PE_OK;
	if (!f->content)
		return PE_INVALID_PARAMETER; /* the specification demands a content */
	start_template_file(g, f);
	return finish_template_file(g, f);
}

/* Enters the DF of the template: the MF, or the ADF of the application that came before. */
static enum pe_status enter_place(struct templating *g)
{
	const struct walk *w = g->w;
	const char *adf = g->t->place == TEMPLATE_UNDER_MF ? PATH_MF : w->adfs[g->t->place];

	if (!*adf)
		return walk_without_naa(w->lost_of[g->t->place]);
	snprintf(g->base, sizeof(g->base), "%s", adf);
	snprintf(g->df, sizeof(g->df), "%s", adf);
	return PE_OK;
}

static void leave_place(const struct templating *g)
{
	struct walk *w = g->w;
	enum template_place inside = walk_naa_of((uint32_t)g->t->element);

	if (inside != TEMPLATE_UNDER_MF) {
		memcpy(w->adfs[inside], g->base, sizeof(w->adfs[inside]));
		memcpy(w->naa, g->base, sizeof(w->naa));
	}
	/* PINs that follow belong to the application, or to the DF under the MF. */
	memcpy(w->df, g->t->place == TEMPLATE_UNDER_MF ? g->base : w->adfs[g->t->place],
	       sizeof(w->df));
	memcpy(w->at, w->df, sizeof(w->at));
}

/* A second application of a kind */
static bool is_one_too_many(const struct templating *g)
{
	static const enum service multiple[] = {[TEMPLATE_IN_USIM] = SERVICE_MULTIPLE_USIM,
						[TEMPLATE_IN_ISIM] = SERVICE_MULTIPLE_ISIM,
						[TEMPLATE_IN_CSIM] = SERVICE_MULTIPLE_CSIM};
	enum template_place kind = walk_naa_of((uint32_t)g->t->element);

	return kind != TEMPLATE_UNDER_MF && *g->w->adfs[kind] && !walk_has(g->w, multiple[kind]);
}

/*
 * PE_OK: the card has what the files need. Asked before any file is made, since an element is left
 * out as a whole.
 */
static enum pe_status check_template_files(const struct templating *g, struct cursor c)
{
	for (size_t i = 0; i < g->t->count; i++) {
		const struct template_file *f = &g->t->files[i];
		struct slice steps = SLICE_EMPTY, null;
		struct cursor file;
		struct tlv step;

		tlv_optional(&c, f->tag, &steps);
		if (!steps.len || tlv_find(steps, FILE_TAG_DO_NOT_CREATE, &null))
			continue;
		if (f->kind == TEMPLATE_BT && !walk_has(g->w, SERVICE_BER_TLV))
			return PE_FEATURE_NOT_SUPPORTED;
		for (file = cursor_of(steps); tlv_next(&file, &step);) {
			if (step.tag == FILE_TAG_FCP &&
			    !fcp_is_supported(g->w, step.value, is_folder(f)))
				return PE_FEATURE_NOT_SUPPORTED;
		}
	}
	return PE_OK;
}

enum pe_status walk_template(struct walk *w, const struct element *e)
{
	struct slice oid = tlv_expect(e->c, PE_TAG_TEMPLATE_ID);
	struct templating g = {.w = w, .t = template_find(e->tag, oid)};
	enum pe_status s;

	if (e->c->err)
		return PE_INVALID_FORMAT;
	if (!g.t)
		return PE_TEMPLATE_NOT_SUPPORTED;
	s = is_one_too_many(&g) ? PE_FEATURE_NOT_SUPPORTED : check_template_files(&g, *e->c);
	if (s != PE_OK)
		return s;
	g.m.content = wbuf_grow(PROFILE_EF_MAX);
	s = enter_place(&g);
	for (size_t i = 0; s == PE_OK && i < g.t->count; i++) {
		const struct template_file *f = &g.t->files[i];
		struct slice steps;

		if (tlv_optional(e->c, f->tag, &steps))
			s = given_file(&g, f, steps);
		else
			s = e->c->err ? PE_INVALID_FORMAT : absent_file(&g, f);
	}
	if (s == PE_OK)
		leave_place(&g);
	wbuf_free(&g.m.content);
	return s;
}

struct generic {
	struct walk *w;
	struct making m;
	char path[PROFILE_PATH_MAX];  /* the current DF, or the EF that is filled */
	char first[PROFILE_PATH_MAX]; /* the first DF that was made, "" before */
	bool making;
	size_t offset; /* into the EF that is filled */
};

/* 8.3.5, TS 102 222 6.3.2.2.2: without an SFI in its Fcp, a file has that of its identifier. */
static void imply_sfi(struct making *m)
{
	uint8_t sfi = m->f.fid & UICC_SFI_MASK;

	if (!m->sfi_given && !making_is_df(m) && sfi != UICC_SFI_MASK)
		m->f.sfi = sfi;
}

static enum pe_status finish_generic(struct generic *g)
{
	enum pe_status s = g->making ? making_hand_over(g->w, &g->m) : PE_OK;

	g->making = false;
	g->offset = 0;
	return s;
}

static enum pe_status create_generic(struct generic *g, struct slice fcp)
{
	enum pe_status s = finish_generic(g);

	if (s != PE_OK)
		return s;
	making_start(&g->m);
	s = making_take_fcp(g->w, &g->m, fcp, g->path);
	if (s != PE_OK)
		return s;
	imply_sfi(&g->m);
	g->making = true;
	if (!making_is_df(&g->m))
		return PE_OK;
	s = finish_generic(g);
	memcpy(g->path, g->m.path, sizeof(g->path)); /* TS 102 222: it becomes the current DF */
	if (!*g->first)
		memcpy(g->first, g->m.path, sizeof(g->first));
	if (g->m.f.aid.len) /* an application: keys that follow are its own */
		memcpy(g->w->naa, g->m.path, sizeof(g->w->naa));
	return s;
}

static enum pe_status skip_generic(struct generic *g, struct slice number)
{
	uint64_t skip;

	if (g->making)
		return making_skip(&g->m, number);
	if (tlv_uint(number, &skip) || skip > UINT16_MAX)
		return PE_INVALID_FORMAT;
	g->offset += (size_t)skip;
	return g->offset > PROFILE_EF_MAX ? PE_INVALID_PARAMETER : PE_OK;
}

static enum pe_status fill_generic(struct generic *g, struct slice content)
{
	enum pe_status s;

	if (g->making)
		return making_fill(&g->m, content);
	s = g->w->sink->fill ? g->w->sink->fill(g->w->sink->ctx, g->path, g->offset, content)
			     : PE_NOT_SUPPORTED;
	g->offset += content.len;
	return s;
}

static enum pe_status generic_step(struct generic *g, const struct tlv *step)
{
	enum pe_status s;

	switch (step->tag) {
	case GFM_TAG_PATH:
		s = finish_generic(g);
		if (s == PE_OK && !walk_path(g->w, step->value, g->path))
			s = PE_INVALID_PARAMETER;
		return s;
	case GFM_TAG_CREATE:
		return g->w->patch ? PE_INVALID_FORMAT : create_generic(g, step->value);
	case GFM_TAG_OFFSET: return skip_generic(g, step->value);
	case GFM_TAG_CONTENT: return fill_generic(g, step->value);
	default: return PE_INVALID_FORMAT;
	}
}

/* The same check as for templates; nor may a step lead into an application that was left out. */
static enum pe_status check_generic_files(const struct walk *w, struct cursor list)
{
	bool in_lost = !*w->at;

	while (cursor_left(&list)) {
		struct cursor steps = tlv_enter(&list, ASN1_SEQUENCE);
		struct tlv step;

		while (tlv_next(&steps, &step)) {
			if (step.tag == GFM_TAG_PATH)
				in_lost = walk_path_is_lost(w, step.value);
			if (in_lost)
				return w->lost;
			if (step.tag == GFM_TAG_CREATE && !fcp_is_supported(w, step.value, false))
				return PE_FEATURE_NOT_SUPPORTED;
		}
	}
	return PE_OK;
}

enum pe_status walk_generic(struct walk *w, const struct element *e)
{
	struct generic g = {.w = w};
	struct cursor list = tlv_enter(e->c, GFM_TAG_COMMANDS);
	enum pe_status s = check_generic_files(w, list);

	if (s != PE_OK)
		return s;
	g.m.content = wbuf_grow(PROFILE_EF_MAX);
	memcpy(g.path, w->at, sizeof(g.path));
	while (s == PE_OK && cursor_left(&list)) {
		struct cursor steps = tlv_enter(&list, ASN1_SEQUENCE);
		struct tlv step;

		while (s == PE_OK && tlv_next(&steps, &step))
			s = generic_step(&g, &step);
		if (s == PE_OK)
			s = finish_generic(&g);
		if (s == PE_OK && steps.err)
			s = PE_INVALID_FORMAT;
	}
	if (s == PE_OK && cursor_done(&list))
		s = PE_INVALID_FORMAT;
	if (s == PE_OK) {
		memcpy(w->at, g.path, sizeof(w->at));
		if (*g.first)
			memcpy(w->df, g.first, sizeof(w->df));
	}
	wbuf_free(&g.m.content);
	return s;
}
