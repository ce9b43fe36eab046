#include "lib/profile/interpret/fcp.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/uicc/fcp.h"
#include "lib/uicc/fid.h"

#define RECORDS_MAX  254
#define SPECIAL_BITS (UICC_SPECIAL_HIGH_UPDATE | UICC_SPECIAL_READABLE)
#define DETAILS_DER  0x01 /* fileDetails: no other coding of data objects than DER */

void making_start(struct making *m)
{
	struct wbuf content = m->content;

	wbuf_cut(&content, 0);
	wbuf_reset(&content);
	*m = (struct making){.content = content, .f = {.lcsi = UICC_LCSI_ACTIVATED}};
}

bool making_is_df(const struct making *m)
{
	return m->f.kind == UICC_DF;
}

static bool has_records(const struct making *m)
{
	return m->f.kind == UICC_LINEAR || m->f.kind == UICC_CYCLIC;
}

static void set_security(struct making *m, uint16_t arr_fid, uint8_t record)
{
	struct wbuf w = wbuf_init(m->security, sizeof(m->security));
	size_t mark = tlv_open(&w, FCP_TAG_SECURITY);

	wbuf_u16(&w, arr_fid);
	wbuf_u8(&w, record);
	tlv_close(&w, mark);
	m->f.security = wbuf_slice(&w);
}

void making_set_rule(struct making *m, uint8_t record)
{
	set_security(m, template_arr_at(m->path), record);
}

static enum pe_status take_descriptor(struct making *m, struct slice v)
{
	struct cursor c = cursor_of(v);
	uint8_t d = cursor_u8(&c);

	cursor_u8(&c); /* data coding byte */
	m->f.descriptor = d;
	if (d & UICC_DESCRIPTOR_RFU)
		return PE_INVALID_PARAMETER;
	switch (d & UICC_STRUCTURE_MASK) {
	case UICC_TRANSPARENT:
	case UICC_LINEAR:
	case UICC_CYCLIC:
	case UICC_DF:
	case UICC_BER_TLV: m->f.kind = d & UICC_STRUCTURE_MASK; break;
	default: return PE_INVALID_PARAMETER; /* TS 102 222 6.3.2.2.2 has no other structure */
	}
	m->f.record_len = has_records(m) ? cursor_u16(&c) : 0;
	return cursor_done(&c) ? PE_INVALID_FORMAT : PE_OK;
}

/* efFileSize, maximumFileSize */
static enum pe_status take_size(struct slice v, size_t *size)
{
	struct cursor c = cursor_of(v);
	uint64_t n = v.len && v.len <= 4 ? cursor_uint(&c, v.len) : UINT64_MAX;

	if (n > PROFILE_EF_MAX)
		return v.len > 4 || v.len == 0 ? PE_INVALID_FORMAT : PE_NOT_ENOUGH_MEMORY;
	*size = (size_t)n;
	return PE_OK;
}

static enum pe_status take_security(struct making *m, struct slice v)
{
	struct cursor c = cursor_of(v);
	uint16_t fid = v.len == 3 ? cursor_u16(&c) : template_arr_at(m->path);

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
	m->sfi_given = true;
	return m->f.sfi > UICC_SFI_MAX || (v.len && m->f.sfi == 0) ? PE_INVALID_PARAMETER : PE_OK;
}

static enum pe_status take_fid(struct making *m, struct slice v)
{
	struct cursor c = cursor_of(v);

	m->f.fid = cursor_u16(&c);
	return cursor_done(&c) ? PE_INVALID_FORMAT : PE_OK;
}

static enum pe_status take_aid(struct making *m, struct slice v)
{
	m->f.aid = v;
	return v.len < 5 || v.len > 16 ? PE_INVALID_PARAMETER : PE_OK;
}

/* TS 102 221 11.1.1.4.9: bit 2 says nothing in the operational states; the card has no other
 * states. */
static enum pe_status take_lcsi(struct making *m, struct slice v)
{
	if (v.len != 1)
		return PE_INVALID_FORMAT;
	m->f.lcsi = slice_at(v, 0) & (uint8_t)~UICC_LCSI_ANY;
	return m->f.lcsi == UICC_LCSI_ACTIVATED || m->f.lcsi == UICC_LCSI_DEACTIVATED
		       ? PE_OK
		       : PE_INVALID_PARAMETER;
}

bool fcp_is_supported(const struct walk *w, struct slice fcp, bool df)
{
	struct slice descriptor, link = SLICE_EMPTY;
	uint8_t structure = df ? UICC_DF : 0;

	if (tlv_find(fcp, FCP_TAG_DESCRIPTOR, &descriptor))
		structure = slice_at(descriptor, 0) & UICC_STRUCTURE_MASK;
	if (structure == UICC_BER_TLV)
		return walk_has(w, SERVICE_BER_TLV);
	tlv_find(fcp, FCP_TAG_LINK, &link);
	return structure != UICC_DF || !link.len || walk_has(w, SERVICE_DF_LINK);
}

struct pattern {
	struct slice octets;
	bool repeat;
	bool max_size; /* maximumFileSize is there, too */
};

/* ProprietaryInfo: ETSI TS 102 222 6.3.2.2.2 */
static enum pe_status take_proprietary(struct making *m, struct slice v, struct pattern *p)
{
	struct cursor c = cursor_of(v);
	enum pe_status s = PE_OK;
	struct tlv t;

	while (s == PE_OK && tlv_next(&c, &t)) {
		switch (t.tag) {
		case FCP_TAG_SPECIAL:
			if (t.value.len != 1 || slice_at(t.value, 0) & ~SPECIAL_BITS & 0xFF)
				return PE_INVALID_PARAMETER;
			m->f.special = slice_at(t.value, 0);
			break;
		case FCP_TAG_FILL:
		case FCP_TAG_REPEAT:
			if (p->octets.len || t.value.len == 0 || t.value.len > 200)
				return PE_INVALID_PARAMETER; /* only one of them, 1 to 200 octets */
			p->octets = t.value;
			p->repeat = t.tag == FCP_TAG_REPEAT;
			break;
		case FCP_TAG_MAX_SIZE:
			p->max_size = true;
			s = take_size(t.value, &m->f.max_size);
			break;
		case FCP_TAG_DETAILS:
			if (t.value.len != 1)
				return PE_INVALID_FORMAT;
			if (slice_at(t.value, 0) != DETAILS_DER)
				return PE_INVALID_PARAMETER;
			break;
		default: return PE_INVALID_FORMAT;
		}
	}
	return s == PE_OK && c.err ? PE_INVALID_FORMAT : s;
}

/* linkPath. An empty one undoes the link that a template has. */
static enum pe_status take_link(const struct walk *w, struct making *m, struct slice v)
{
	if (!v.len) {
		m->link[0] = 0;
		return PE_OK;
	}
	return walk_path(w, v, m->link) ? PE_OK : PE_INVALID_PARAMETER;
}

static enum pe_status take_tlv(const struct walk *w, struct making *m, const struct tlv *t,
			       struct pattern *p)
{
	switch (t->tag) {
	case FCP_TAG_DESCRIPTOR: return take_descriptor(m, t->value);
	case FCP_TAG_FID: return take_fid(m, t->value);
	case FCP_TAG_DF_NAME: return take_aid(m, t->value);
	case FCP_TAG_LCSI: return take_lcsi(m, t->value);
	case FCP_TAG_SECURITY: return PE_OK; /* read last: it depends on the path */
	case FCP_TAG_SIZE: return take_size(t->value, &m->size);
	case FCP_TAG_PIN_STATUS: m->f.pin_status = t->value; return PE_OK;
	case FCP_TAG_SFI: return take_sfi(m, t->value);
	case FCP_TAG_PROPRIETARY: return take_proprietary(m, t->value, p);
	case FCP_TAG_LINK: return take_link(w, m, t->value);
	default: return PE_INVALID_FORMAT;
	}
}

/*
 * TS 102 222 6.3.2.2.2: the last octet of a filling pattern is repeated to the end. In a file of
 * records the pattern is that of each record: EF.SMS of TS.48 has 00FF for "a free record", EF.ICI
 * one of exactly a record's length.
 */
static void fill_pattern(struct making *m, struct slice pattern, bool repeat)
{
	size_t part = has_records(m) ? m->f.record_len : m->size;

	for (size_t i = 0; i < m->size; i++) {
		size_t n = i % part, at = n < pattern.len ? n : pattern.len - 1;

		m->content.ptr[i] = slice_at(pattern, repeat ? n % pattern.len : at);
	}
}

static enum pe_status fill_default(struct making *m)
{
	size_t part = has_records(m) ? m->f.record_len : m->size;

	for (size_t at = 0; at < m->size; at += part) {
		if (!template_expand(m->content_default, m->content.ptr + at, part))
			return PE_INVALID_PARAMETER;
	}
	return PE_OK;
}

static enum pe_status count_records(struct making *m)
{
	if (!m->size && m->f.record_len)
		m->size = (size_t)m->default_records * m->f.record_len;
	if (m->f.record_len == 0 || m->size == 0 || m->size % m->f.record_len ||
	    m->size / m->f.record_len > RECORDS_MAX || m->f.record_len > UINT8_MAX)
		return PE_INVALID_PARAMETER;
	m->f.records = (uint8_t)(m->size / m->f.record_len);
	return PE_OK;
}

enum pe_status making_start_content(struct making *m, struct slice pattern, bool repeat)
{
	enum pe_status s = PE_OK;

	m->started = true;
	if (making_is_df(m) || *m->link)
		return m->size && making_is_df(m) ? PE_INVALID_PARAMETER : PE_OK;
	if (m->f.kind == UICC_BER_TLV) { /* empty; it may grow up to its size */
		m->f.max_size = m->f.max_size ? m->f.max_size : m->size;
		return m->f.max_size ? PE_OK : PE_INVALID_PARAMETER;
	}
	if (has_records(m))
		s = count_records(m);
	if (s != PE_OK || m->size == 0)
		return PE_INVALID_PARAMETER;
	if (m->size > PROFILE_EF_MAX)
		return PE_NOT_ENOUGH_MEMORY;
	wbuf_cut(&m->content, 0);
	wbuf_fill(&m->content, 0xFF, m->size);
	if (wbuf_done(&m->content))
		return PE_MEMORY_FAILURE;
	if (pattern.len)
		fill_pattern(m, pattern, repeat);
	else if (m->content_default)
		s = fill_default(m);
	return s;
}

static bool has(struct slice fcp, uint32_t tag)
{
	struct slice v;

	return tlv_find(fcp, tag, &v);
}

/* The comments of the ASN.1 module: which component is for which kind of file. */
static bool fits_kind(const struct making *m, struct slice fcp, const struct pattern *p)
{
	if (making_is_df(m))
		return has(fcp, FCP_TAG_PIN_STATUS) && !has(fcp, FCP_TAG_SIZE) &&
		       !has(fcp, FCP_TAG_SFI) && !has(fcp, FCP_TAG_PROPRIETARY);
	if (has(fcp, FCP_TAG_PIN_STATUS) || m->f.aid.len)
		return false;
	if (*m->link && has(fcp, FCP_TAG_SIZE))
		return false;
	if (m->f.kind == UICC_BER_TLV || *m->link) /* nothing to fill */
		return !p->octets.len && (!*m->link || !p->max_size);
	return !p->max_size;
}

enum pe_status making_take_fcp(struct walk *w, struct making *m, struct slice fcp,
			       const char *parent)
{
	struct cursor c = cursor_of(fcp);
	bool was_df = making_is_df(m), template = m->f.descriptor != 0;
	uint16_t template_record = m->f.record_len;
	struct pattern pattern = {SLICE_EMPTY, false, false};
	enum pe_status s = PE_OK;
	struct slice rule;
	struct tlv t;

	while (s == PE_OK && tlv_next(&c, &t))
		s = take_tlv(w, m, &t, &pattern);
	if (s != PE_OK)
		return s;
	if (c.err)
		return PE_INVALID_FORMAT;
	if (!m->f.descriptor || (template && was_df != making_is_df(m)) ||
	    !fits_kind(m, fcp, &pattern))
		return PE_INVALID_PARAMETER;
	if (has_records(m) && !m->f.record_len)
		m->f.record_len = template_record;
	if (m->f.aid.len || m->f.fid == FID_MF)
		parent = ""; /* an ADF's path begins with its temporary identifier */
	if (!m->f.fid || !walk_path_join(parent, m->f.fid, m->path))
		return PE_INVALID_PARAMETER;
	if (tlv_find(fcp, FCP_TAG_SECURITY, &rule))
		s = take_security(m, rule);
	return s == PE_OK ? making_start_content(m, pattern.octets, pattern.repeat) : s;
}

enum pe_status making_skip(struct making *m, struct slice number)
{
	uint64_t skip;

	if (tlv_uint(number, &skip) || skip > UINT16_MAX)
		return PE_INVALID_FORMAT;
	m->at += (size_t)skip;
	return PE_OK;
}

/* The content of a BER-TLV file is one data object after another: each step appends. */
static enum pe_status append(struct making *m, struct slice v)
{
	if (m->at > m->content.len || v.len > m->f.max_size - m->content.len)
		return PE_INVALID_PARAMETER;
	wbuf_put(&m->content, v);
	m->at = m->content.len;
	return wbuf_done(&m->content) ? PE_MEMORY_FAILURE : PE_OK;
}

enum pe_status making_fill(struct making *m, struct slice v)
{
	if (making_is_df(m) || *m->link)
		return PE_INVALID_PARAMETER;
	if (m->f.kind == UICC_BER_TLV)
		return append(m, v);
	if (m->at > m->size || v.len > m->size - m->at)
		return PE_INVALID_PARAMETER;
	if (v.len)
		memcpy(m->content.ptr + m->at, v.ptr, v.len);
	m->at += v.len;
	return PE_OK;
}

enum pe_status making_hand_over(struct walk *w, struct making *m)
{
	if (!*m->path)
		return PE_INVALID_PARAMETER;
	m->f.path = m->path;
	m->f.link = m->link;
	m->f.content = making_is_df(m) || *m->link ? SLICE_EMPTY : wbuf_slice(&m->content);
	return w->sink->file ? w->sink->file(w->sink->ctx, &m->f) : PE_NOT_SUPPORTED;
}
