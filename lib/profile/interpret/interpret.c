#include "lib/profile/interpret/interpret.h"

#include "lib/base/tlv.h"
#include "lib/profile/interpret/handlers.h"
#include "lib/profile/interpret/walk.h"

/* [0] PEHeader; false when it is malformed */
static bool take_pe_header(struct walk *w, struct cursor *c, bool *mandated)
{
	struct cursor h = tlv_enter(c, PE_TAG_HEADER);
	struct slice null = SLICE_EMPTY;
	uint64_t id;

	*mandated = tlv_optional(&h, PE_TAG_MANDATED, &null);
	if (null.len)
		cursor_fail(&h, ERR_LENGTH);
	id = tlv_expect_uint(&h, PE_TAG_IDENTIFICATION);
	tlv_leave(c, &h);
	w->has_id = !c->err && id <= INT16_MAX;
	w->id = w->has_id ? (uint16_t)id : 0;
	return w->has_id;
}

static enum pe_status walk_non_standard(struct walk *w, const struct element *e)
{
	struct slice issuer = tlv_expect(e->c, NON_STANDARD_TAG_ISSUER);
	struct slice content = tlv_expect(e->c, NON_STANDARD_TAG_CONTENT);

	if (e->c->err)
		return PE_INVALID_FORMAT;
	if (!w->sink->non_standard)
		return PE_NOT_SUPPORTED;
	return w->sink->non_standard(w->sink->ctx, issuer, content, e->mandated);
}

static enum pe_status walk_end(struct walk *w, const struct element *e)
{
	(void)e;
	w->seen_end = true;
	return w->sink->end ? w->sink->end(w->sink->ctx) : PE_OK;
}

#define NEEDS_USIM     SERVICE_SET(SERVICE_USIM)
#define NEEDS_ISIM     SERVICE_SET(SERVICE_ISIM)
#define NEEDS_CSIM     SERVICE_SET(SERVICE_CSIM)
#define NEEDS_JAVACARD SERVICE_SET(SERVICE_JAVACARD)

/* What has no row is not supported: PE-EAP, PE-IoT, PE-OPT-IoT, rfu1 to rfu5, and later ones. */
static const struct walk_row rows[] = {
	{PE_GENERIC_FILE_MANAGEMENT, true, walk_generic, "8.3.5", 0},
	{PE_PIN_CODES, true, walk_pin, "8.4", 0},
	{PE_PUK_CODES, false, walk_puk, "8.4", 0},
	{PE_AKA_PARAMETER, true, walk_aka, "8.5", 0},
	{PE_CDMA_PARAMETER, false, walk_cdma, "8.5", NEEDS_CSIM},
	{PE_SECURITY_DOMAIN, false, walk_security_domain, "8.6", 0},
	{PE_RFM, false, walk_rfm, "8.8", 0},
	{PE_APPLICATION, false, walk_application, "8.7", NEEDS_JAVACARD},
	{PE_NON_STANDARD, false, walk_non_standard, "8.9", 0},
	{PE_END, false, walk_end, "8.10", 0},
	{PE_MF, false, walk_template, "8.3.3, 9.2", 0},
	{PE_CD, false, walk_template, "8.3.3, 9.3", 0},
	{PE_TELECOM, false, walk_template, "8.3.3, 9.4", 0},
	{PE_USIM, false, walk_template, "8.3.3, 9.5.1", NEEDS_USIM},
	{PE_OPT_USIM, false, walk_template, "8.3.3, 9.5.2", NEEDS_USIM},
	{PE_ISIM, false, walk_template, "8.3.3, 9.6.1", NEEDS_ISIM},
	{PE_OPT_ISIM, false, walk_template, "8.3.3, 9.6.2", NEEDS_ISIM},
	{PE_PHONEBOOK, false, walk_template, "8.3.3, 9.5.3", NEEDS_USIM},
	{PE_GSM_ACCESS, false, walk_template, "8.3.3, 9.5.4", NEEDS_USIM},
	{PE_CSIM, false, walk_template, "8.3.3, 9.7.1", NEEDS_CSIM},
	{PE_OPT_CSIM, false, walk_template, "8.3.3, 9.7.2", NEEDS_CSIM},
	{PE_DF_5GS, false, walk_template, "8.3.3, 9.5.11", NEEDS_USIM},
	{PE_DF_SAIP, false, walk_template, "8.3.3, 9.5.12", NEEDS_USIM},
	{PE_DF_SNPN, false, walk_template, "8.3.3, 9.5.13", NEEDS_USIM},
	{PE_DF_5GPROSE, false, walk_template, "8.3.3, 9.5.14", NEEDS_USIM},
};

/* The status says that the card lacks something, not that the element is wrong. */
static bool may_be_left_out(enum pe_status s)
{
	switch (s) {
	case PE_NOT_SUPPORTED:
	case PE_RUNTIME_NOT_SUPPORTED:
	case PE_LIB_NOT_SUPPORTED:
	case PE_TEMPLATE_NOT_SUPPORTED:
	case PE_FEATURE_NOT_SUPPORTED: return true;
	default: return false;
	}
}

/* Leaves the element out. When it makes an application, the elements of that application are left
 * out as well; its ADF is the first File. */
static void leave_out(struct walk *w, const struct tlv *pe, enum pe_status s)
{
	enum template_place kind = walk_naa_of(pe->tag);
	struct slice file, fcp, fid;

	walk_note(w, s);
	if (kind == TEMPLATE_UNDER_MF)
		return;
	w->naa[0] = w->df[0] = w->at[0] = w->adfs[kind][0] = 0;
	w->lost = w->lost_of[kind] = s;
	if (w->left_out_count < WALK_LEFT_OUT_MAX &&
	    tlv_find(pe->value, PE_TAG_FIRST_FILE, &file) && tlv_find(file, FILE_TAG_FCP, &fcp) &&
	    tlv_find(fcp, FCP_TAG_FID, &fid)) {
		struct cursor c = cursor_of(fid);

		w->left_out[w->left_out_count++] = cursor_u16(&c);
	}
}

/* EXTENSIBILITY IMPLIED: well-formed objects at the end are components of a later version. */
static enum pe_status end_element(struct cursor *c)
{
	bool more = cursor_left(c) != 0;
	struct tlv t;

	while (tlv_next(c, &t))
		;
	return c->err ? PE_INVALID_FORMAT : more ? PE_INVALID_PARAMETER : PE_OK;
}

static enum pe_status do_element(struct walk *w, const struct tlv *pe)
{
	struct cursor c = cursor_of(pe->value);
	struct element e = {.c = &c, .tag = pe->tag, .raw = pe->raw};
	const struct walk_row *row = walk_row_of(w, pe->tag);
	enum pe_status s;

	w->has_id = false;
	if (pe->tag == PE_HEADER)
		return w->patch || w->seen_header ? PE_INVALID_FORMAT
						  : walk_profile_header(w, pe->value);
	if ((!w->patch && !w->seen_header) || !take_pe_header(w, &c, &e.mandated))
		return PE_INVALID_FORMAT;
	if (w->patch && row && !row->in_patch)
		return PE_INVALID_FORMAT;
	s = walk_tag_status(w, pe->tag);
	if (s == PE_OK)
		s = row->run(w, &e);
	if (s == PE_OK)
		return end_element(&c);
	if (may_be_left_out(s) && !e.mandated && !w->patch) {
		leave_out(w, pe, s);
		return PE_OK;
	}
	return s;
}

static void report_status(struct wbuf *report, enum pe_status s, uint64_t id, bool has_id)
{
	size_t mark = tlv_open(report, ASN1_SEQUENCE);

	tlv_put_uint(report, RESPONSE_TAG_STATUS, (uint64_t)s);
	if (has_id)
		tlv_put_uint(report, RESPONSE_TAG_IDENTIFICATION, id);
	tlv_close(report, mark);
}

/*
 * EUICCResponse: what was left out, then the PEStatus of the element that ended the walk (or of
 * PE-End), then profileInstallationAborted
 */
static void write_report(struct wbuf *report, const struct walk *w, enum pe_status s)
{
	size_t whole = tlv_open(report, ASN1_SEQUENCE);
	size_t list = tlv_open(report, RESPONSE_TAG_STATUS_LIST);

	for (size_t i = 0; i < w->note_count && i < WALK_NOTES_MAX; i++)
		report_status(report, w->notes[i].status, w->notes[i].id, w->notes[i].has_id);
	report_status(report, s, w->id, w->has_id);
	tlv_close(report, list);
	if (s != PE_OK)
		tlv_put(report, RESPONSE_TAG_ABORTED, SLICE_EMPTY);
	tlv_close(report, whole);
}

static enum pe_status walk_all(struct walk *w, struct slice elements)
{
	struct cursor c = cursor_of(elements);
	enum pe_status s = PE_OK;
	struct tlv pe;
	size_t n = 0;

	while (s == PE_OK && tlv_next(&c, &pe)) {
		if (++n > PROFILE_ELEMENTS_MAX || w->note_count > WALK_NOTES_MAX)
			return PE_NOT_ENOUGH_MEMORY;
		s = w->seen_end ? PE_INVALID_FORMAT : do_element(w, &pe);
	}
	if (s == PE_OK && (c.err || n == 0 || (!w->patch && !w->seen_end)))
		s = PE_INVALID_FORMAT;
	return s;
}

static enum err err_of(enum pe_status s)
{
	if (s == PE_OK)
		return ERR_OK;
	return s == PE_MEMORY_FAILURE ? ERR_MEMORY : ERR_REFUSED;
}

enum err profile_interpret(struct slice package, const struct profile_sink *sink,
			   struct wbuf *report, enum pe_status *status)
{
	struct walk w = {.sink = sink,
			 .rows = rows,
			 .row_count = ARRAY_LEN(rows),
			 .df = PATH_MF,
			 .at = PATH_MF};
	enum pe_status s = walk_all(&w, package);

	if (report)
		write_report(report, &w, s);
	if (status)
		*status = s;
	return err_of(s);
}

enum err profile_interpret_patch(struct slice elements, const struct profile_sink *sink)
{
	struct walk w = {.sink = sink,
			 .rows = rows,
			 .row_count = ARRAY_LEN(rows),
			 .patch = true,
			 .df = PATH_MF,
			 .at = PATH_MF};

	return err_of(walk_all(&w, elements));
}
