#include "lib/profile/file.h"

#include <stdio.h>
#include <string.h>

#include "lib/profile/template.h"
#include "lib/tlv.h"

#define FID_MF	       0x3F00
#define FID_ARR_MF     0x2F06
#define FID_ARR_DF     0x6F06
#define LCSI_ACTIVATED 0x05
#define TAG_8B	       0x8Bu

/* A file while its element is read: what the template and the Fcp said, and the content so far. */
struct making {
	char path[PROFILE_PATH_MAX];
	struct profile_file f;
	size_t size; /* of the whole EF */
	uint8_t security[8];
	struct wbuf content;
	size_t at; /* where the next fillFileContent goes */
};

static bool join(const char *path, uint16_t fid, char out[static PROFILE_PATH_MAX])
{
	char joined[PROFILE_PATH_MAX + 8];
	int n = snprintf(joined, sizeof(joined), "%s%04X", path, fid);

	if (n <= 0 || n >= PROFILE_PATH_MAX)
		return false;
	memcpy(out, joined, (size_t)n + 1);
	return true;
}

static bool is_df(const struct making *m)
{
	return m->f.kind == PROFILE_DF;
}

/* 8B as the FCP shows it: FID of EF.ARR and record */
static void set_security(struct making *m, uint16_t arr_fid, uint8_t record)
{
	struct wbuf w = wbuf_init(m->security, sizeof(m->security));
	size_t mark = tlv_open(&w, TAG_8B);

	wbuf_u16(&w, arr_fid);
	wbuf_u8(&w, record);
	tlv_close(&w, mark);
	m->f.security = wbuf_slice(&w);
}

/* Fcp, securityAttributesReferenced: EF.ARR is implied by the place when only a record is given. */
static uint16_t implied_arr(const char *path)
{
	size_t levels = strlen(path) / 4;

	return levels <= 1 || (levels == 2 && strncmp(path, "3F00", 4) == 0) ? FID_ARR_MF
									     : FID_ARR_DF;
}

static enum pe_status take_descriptor(struct making *m, struct slice v)
{
	struct cursor c = cursor_of(v);
	uint8_t d = cursor_u8(&c);

	cursor_u8(&c); /* data coding byte */
	m->f.descriptor = d;
	switch (d & 0x3F) {
	case 0x01: m->f.kind = PROFILE_TRANSPARENT; break;
	case 0x02: m->f.kind = PROFILE_LINEAR; break;
	case 0x06: m->f.kind = PROFILE_CYCLIC; break;
	case 0x38: m->f.kind = PROFILE_DF; break;
	default: return PE_FEATURE_NOT_SUPPORTED; /* BER-TLV structure */
	}
	if (m->f.kind == PROFILE_LINEAR || m->f.kind == PROFILE_CYCLIC)
		m->f.record_len = cursor_u16(&c);
	return cursor_done(&c) ? PE_INVALID_FORMAT : PE_OK;
}

static enum pe_status take_size(struct making *m, struct slice v)
{
	struct cursor c = cursor_of(v);
	uint64_t n = v.len && v.len <= 4 ? cursor_uint(&c, v.len) : UINT64_MAX;

	if (n > PROFILE_EF_MAX)
		return v.len > 4 || v.len == 0 ? PE_INVALID_FORMAT : PE_NOT_ENOUGH_MEMORY;
	m->size = (size_t)n;
	return PE_OK;
}

static enum pe_status take_security(struct making *m, struct slice v)
{
	struct cursor c = cursor_of(v);
	uint16_t fid = v.len == 3 ? cursor_u16(&c) : implied_arr(m->path);

	if (v.len != 1 && v.len != 3)
		return PE_INVALID_FORMAT;
	set_security(m, fid, cursor_u8(&c));
	return PE_OK;
}

static enum pe_status take_sfi(struct making *m, struct slice v)
{
	if (v.len > 1 || slice_at(v, 0) & 7)
		return PE_INVALID_FORMAT;
	m->f.sfi = (uint8_t)(slice_at(v, 0) >> 3);
	return PE_OK;
}

/* fillPattern, repeatPattern: ETSI TS 102 222 6.3.2.2.2 */
static enum pe_status take_proprietary(struct making *m, struct slice v, struct slice *fill,
				       bool *repeat)
{
	struct cursor c = cursor_of(v);
	struct tlv t;

	(void)m;
	while (tlv_next(&c, &t)) {
		if (t.tag == FCP_TAG_FILL || t.tag == FCP_TAG_REPEAT) {
			*fill = t.value;
			*repeat = t.tag == FCP_TAG_REPEAT;
		}
	}
	return c.err ? PE_INVALID_FORMAT : PE_OK;
}

static void fill_pattern(struct making *m, struct slice pattern, bool repeat)
{
	if (!pattern.len)
		return;
	for (size_t i = 0; i < m->size; i++) {
		size_t at = repeat ? i % pattern.len : i < pattern.len ? i : pattern.len - 1;

		m->content.ptr[i] = slice_at(pattern, at);
	}
}

/* The content of a size that is known now, all FF. */
static enum pe_status start_content(struct making *m)
{
	if (is_df(m))
		return m->size ? PE_INVALID_PARAMETER : PE_OK;
	if (m->size == 0 || m->size > PROFILE_EF_MAX)
		return PE_INVALID_PARAMETER;
	if (m->f.kind == PROFILE_LINEAR || m->f.kind == PROFILE_CYCLIC) {
		if (m->f.record_len == 0 || m->size % m->f.record_len ||
		    m->size / m->f.record_len > 254)
			return PE_INVALID_PARAMETER;
		m->f.records = (uint8_t)(m->size / m->f.record_len);
	}
	wbuf_cut(&m->content, 0);
	wbuf_fill(&m->content, 0xFF, m->size);
	return wbuf_done(&m->content) ? PE_MEMORY_FAILURE : PE_OK;
}

static enum pe_status take_fcp(struct making *m, struct slice fcp, const char *parent)
{
	struct cursor c = cursor_of(fcp);
	struct slice pattern = SLICE_EMPTY, link = SLICE_EMPTY;
	bool repeat = false;
	enum pe_status s = PE_OK;
	struct tlv t;

	while (s == PE_OK && tlv_next(&c, &t)) {
		struct cursor v = cursor_of(t.value);

		switch (t.tag) {
		case FCP_TAG_DESCRIPTOR: s = take_descriptor(m, t.value); break;
		case FCP_TAG_FID: m->f.fid = cursor_u16(&v); break;
		case FCP_TAG_DF_NAME: m->f.aid = t.value; break;
		case FCP_TAG_LCSI: m->f.lcsi = slice_at(t.value, 0); break;
		case FCP_TAG_SECURITY: break; /* below: it depends on the path */
		case FCP_TAG_SIZE: s = take_size(m, t.value); break;
		case FCP_TAG_PIN_STATUS: m->f.pin_status = t.value; break;
		case FCP_TAG_SFI: s = take_sfi(m, t.value); break;
		case FCP_TAG_PROPRIETARY:
			s = take_proprietary(m, t.value, &pattern, &repeat);
			break;
		case FCP_TAG_LINK: link = t.value; break;
		default: s = PE_INVALID_FORMAT;
		}
	}
	if (s != PE_OK)
		return s;
	if (c.err)
		return PE_INVALID_FORMAT;
	if (link.len)
		return PE_FEATURE_NOT_SUPPORTED;
	if (m->f.aid.len && (m->f.aid.len < 5 || m->f.aid.len > 16))
		return PE_INVALID_PARAMETER;
	if (m->f.aid.len || m->f.fid == FID_MF)
		parent = ""; /* an ADF's path begins with its temporary identifier */
	if (!m->f.fid || !join(parent, m->f.fid, m->path))
		return PE_INVALID_PARAMETER;
	if (tlv_find(fcp, FCP_TAG_SECURITY, &link))
		s = take_security(m, link);
	if (s == PE_OK)
		s = start_content(m);
	if (s == PE_OK)
		fill_pattern(m, pattern, repeat);
	return s;
}

static enum pe_status take_content(struct making *m, struct slice v)
{
	if (is_df(m) || m->at > m->size || v.len > m->size - m->at)
		return PE_INVALID_PARAMETER;
	if (v.len)
		memcpy(m->content.ptr + m->at, v.ptr, v.len);
	m->at += v.len;
	return PE_OK;
}

static enum pe_status hand_over(const struct profile_sink *sink, struct making *m)
{
	m->f.path = m->path;
	m->f.content = is_df(m) ? SLICE_EMPTY : wbuf_slice(&m->content);
	return sink->file(sink->ctx, &m->f);
}

/* Default contents are hex; ".." at the end repeats the last octet. */
static enum pe_status fill_default(struct making *m, const char *text)
{
	uint8_t mem[32];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	char hex[64];
	size_t n = strlen(text);
	bool repeat = n > 2 && strcmp(text + n - 2, "..") == 0;

	snprintf(hex, sizeof(hex), "%.*s", (int)(repeat ? n - 2 : n), text);
	if (hex_decode(hex, &w))
		return PE_INVALID_FORMAT;
	if (repeat && (m->f.kind == PROFILE_LINEAR || m->f.kind == PROFILE_CYCLIC)) {
		for (size_t i = 0; i < m->size; i++) {
			size_t at = i % m->f.record_len;

			m->content.ptr[i] = mem[at < w.len ? at : w.len - 1];
		}
		return PE_OK;
	}
	fill_pattern(m, wbuf_slice(&w), false);
	return PE_OK;
}

static void start_template_file(struct making *m, const struct template_file *t, const char *base)
{
	static const uint8_t descriptors[] = {[TEMPLATE_MF] = 0x78,
					      [TEMPLATE_ADF] = 0x78,
					      [TEMPLATE_TR] = 0x41,
					      [TEMPLATE_LF] = 0x42,
					      [TEMPLATE_CY] = 0x46};
	static const enum profile_kind kinds[] = {[TEMPLATE_MF] = PROFILE_DF,
						  [TEMPLATE_ADF] = PROFILE_DF,
						  [TEMPLATE_TR] = PROFILE_TRANSPARENT,
						  [TEMPLATE_LF] = PROFILE_LINEAR,
						  [TEMPLATE_CY] = PROFILE_CYCLIC};
	bool records = t->kind == TEMPLATE_LF || t->kind == TEMPLATE_CY;

	wbuf_cut(&m->content, 0);
	wbuf_reset(&m->content);
	m->at = 0;
	m->f = (struct profile_file){.fid = t->fid,
				     .kind = kinds[t->kind],
				     .descriptor = descriptors[t->kind],
				     .lcsi = LCSI_ACTIVATED,
				     .sfi = t->sfi,
				     .record_len = records ? t->size : 0};
	m->size = records ? (size_t)t->size * t->records : t->size;
	if (t->fid)
		join(t->kind == TEMPLATE_MF ? "" : base, t->fid, m->path);
	else
		m->path[0] = 0;
	set_security(m, implied_arr(m->path), t->arr);
}

/* Its pattern, or the template's default where it has none, fills the file before the contents. */
static enum pe_status take_template_fcp(struct making *m, const struct template_file *t,
					struct slice fcp, const char *base)
{
	struct slice info = SLICE_EMPTY, pattern;
	enum pe_status s = take_fcp(m, fcp, base);
	bool has_pattern = tlv_find(fcp, FCP_TAG_PROPRIETARY, &info) &&
			   (tlv_find(info, FCP_TAG_FILL, &pattern) ||
			    tlv_find(info, FCP_TAG_REPEAT, &pattern));

	if (s == PE_OK && t->content && !is_df(m) && !has_pattern)
		s = fill_default(m, t->content);
	return s;
}

/* One File of a template: its steps (Fcp, offset, content), or its defaults when it is absent. */
static enum pe_status template_file(const struct profile_sink *sink, struct making *m,
				    const struct template_file *t, struct slice *steps, char *base)
{
	struct cursor c = cursor_of(steps ? *steps : SLICE_EMPTY);
	enum pe_status s = PE_OK;
	struct tlv step;
	bool started = false;

	start_template_file(m, t, base);
	while (s == PE_OK && tlv_next(&c, &step)) {
		struct slice number = step.value;
		uint64_t skip;

		if (step.tag == FILE_TAG_DO_NOT_CREATE)
			return PE_OK;
		if (step.tag == FILE_TAG_FCP) {
			s = take_template_fcp(m, t, step.value, base);
			started = true;
			continue;
		}
		if (!started) {
			s = start_content(m);
			started = true;
			if (s == PE_OK && t->content && !is_df(m))
				s = fill_default(m, t->content);
		}
		if (s != PE_OK)
			break;
		if (step.tag == FILE_TAG_CONTENT)
			s = take_content(m, step.value);
		else if (step.tag != FILE_TAG_OFFSET || tlv_uint(number, &skip) ||
			 skip > PROFILE_EF_MAX)
			s = PE_INVALID_FORMAT;
		else
			m->at += (size_t)skip;
	}
	if (s == PE_OK && c.err)
		s = PE_INVALID_FORMAT;
	if (s == PE_OK && !started) {
		if (!t->needed || (!t->content && !is_df(m)))
			return steps ? PE_INVALID_PARAMETER : PE_OK;
		s = start_content(m);
		if (s == PE_OK && t->content)
			s = fill_default(m, t->content);
	}
	if (s != PE_OK)
		return s;
	if (!*m->path)
		return PE_INVALID_PARAMETER;
	if (is_df(m))
		memcpy(base, m->path, PROFILE_PATH_MAX);
	return hand_over(sink, m);
}

enum pe_status file_template_element(const struct profile_sink *sink, uint32_t element,
				     struct cursor *c)
{
	const struct template *t = template_find(element, tlv_expect(c, PE_TAG_TEMPLATE_ID));
	struct making m = {.content = wbuf_grow(PROFILE_EF_MAX)};
	char base[PROFILE_PATH_MAX] = "3F00";
	enum pe_status s = PE_OK;

	if (c->err)
		return PE_INVALID_FORMAT;
	if (!t)
		return PE_TEMPLATE_NOT_SUPPORTED;
	for (size_t i = 0; s == PE_OK && i < t->count; i++) {
		struct slice steps;
		bool given = tlv_optional(c, t->files[i].tag, &steps);

		if (c->err)
			s = PE_INVALID_FORMAT;
		else if (!given && !t->files[i].content && t->files[i].needed)
			s = PE_INVALID_PARAMETER; /* content is required */
		else
			s = template_file(sink, &m, &t->files[i], given ? &steps : NULL, base);
	}
	wbuf_free(&m.content);
	return s;
}

/* filePath: FIDs, from the MF unless the first is an ADF's temporary identifier (DF 7Fxx too: MF).
 */
static bool take_path(struct slice v, char out[static PROFILE_PATH_MAX])
{
	char hex[2 * 8 + 1];
	struct cursor c = cursor_of(v);
	uint16_t first = cursor_u16(&c);
	bool from_adf = first >> 4 == 0x7FD || first >> 4 == 0x7FF || first >> 4 == 0x7FB;

	if (v.len % 2 || v.len > 8 || hex_encode(v, hex, sizeof(hex)))
		return false;
	for (char *p = hex; *p; p++)
		*p = (char)(*p >= 'a' ? *p - 'a' + 'A' : *p);
	snprintf(out, PROFILE_PATH_MAX, "%s%s",
		 v.len && (from_adf || first == FID_MF) ? "" : "3F00", hex);
	return true;
}

struct generic {
	struct making m;
	char path[PROFILE_PATH_MAX]; /* the current DF (or, in a patch, the EF that is filled) */
	bool making;
	size_t offset;
};

static enum pe_status finish_generic(const struct profile_sink *sink, struct generic *g)
{
	enum pe_status s = PE_OK;

	if (g->making)
		s = hand_over(sink, &g->m);
	g->making = false;
	g->offset = 0;
	return s;
}

static enum pe_status create_generic(const struct profile_sink *sink, struct generic *g,
				     struct slice fcp)
{
	enum pe_status s = finish_generic(sink, g);

	if (s != PE_OK)
		return s;
	wbuf_cut(&g->m.content, 0);
	wbuf_reset(&g->m.content);
	g->m.f = (struct profile_file){.lcsi = LCSI_ACTIVATED};
	g->m.size = g->m.at = 0;
	s = take_fcp(&g->m, fcp, g->path);
	if (s == PE_OK && is_df(&g->m)) {
		s = hand_over(sink, &g->m);
		memcpy(g->path, g->m.path, sizeof(g->path));
	} else if (s == PE_OK) {
		g->making = true;
	}
	return s;
}

static enum pe_status generic_step(const struct profile_sink *sink, struct generic *g,
				   const struct tlv *step, bool patch)
{
	enum pe_status s;
	uint64_t skip;

	switch (step->tag) {
	case GFM_TAG_PATH:
		s = finish_generic(sink, g);
		if (s == PE_OK && !take_path(step->value, g->path))
			s = PE_INVALID_PARAMETER;
		return s;
	case GFM_TAG_CREATE:
		return patch ? PE_INVALID_FORMAT : create_generic(sink, g, step->value);
	case GFM_TAG_OFFSET:
		if (tlv_uint(step->value, &skip) || skip > PROFILE_EF_MAX)
			return PE_INVALID_FORMAT;
		g->m.at += g->making ? (size_t)skip : 0;
		g->offset += (size_t)skip;
		return PE_OK;
	case GFM_TAG_CONTENT:
		if (g->making)
			return take_content(&g->m, step->value);
		s = sink->fill(sink->ctx, g->path, g->offset, step->value);
		g->offset += step->value.len;
		return s;
	default: return PE_INVALID_FORMAT;
	}
}

enum pe_status file_generic_element(const struct profile_sink *sink, struct cursor *c, bool patch)
{
	struct generic g = {.m = {.content = wbuf_grow(PROFILE_EF_MAX)}, .path = "3F00"};
	struct cursor list = tlv_enter(c, 0xA1);
	enum pe_status s = PE_OK;

	while (s == PE_OK && cursor_left(&list)) {
		struct cursor steps = tlv_enter(&list, ASN1_SEQUENCE);
		struct tlv step;

		while (s == PE_OK && tlv_next(&steps, &step))
			s = generic_step(sink, &g, &step, patch);
		if (s == PE_OK)
			s = finish_generic(sink, &g);
		if (s == PE_OK && steps.err)
			s = PE_INVALID_FORMAT;
	}
	if (s == PE_OK && cursor_done(&list))
		s = PE_INVALID_FORMAT;
	wbuf_free(&g.m.content);
	return s;
}
