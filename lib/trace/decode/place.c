#include "lib/trace/decode/place.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/trace/decode/ef/ef.h"
#include "lib/uicc/command.h"
#include "lib/uicc/fid.h"

#define FID_LEN	 2
#define HIGH_DF	 0x7F /* first octet of a DF under the MF, TS 102 221 8.3 */
#define HIGH_SUB 0x5F /* of one below */

/* A file's form, as far as the answer says it. */
enum form { FORM_UNSAID, FORM_DF, FORM_EF };

struct place place_mf(void)
{
	return (struct place){.depth = 1, .path = {FID_MF}, .in = {EF_MF}};
}

enum ef_place place_directory(const struct place *p)
{
	return p->in[p->depth - 1];
}

const struct ef_kind *place_ef(const struct place *p)
{
	return p->has_ef ? ef_find(place_directory(p), p->ef) : NULL;
}

void place_enter_ef(struct place *p, uint16_t fid)
{
	p->has_ef = true;
	p->ef = fid;
}

/* The directories up to that depth stay. */
static void go_up(struct place *p, unsigned depth)
{
	p->depth = depth ? depth : 1;
	p->has_ef = false;
}

static void go_to_mf(struct place *p)
{
	struct place mf = place_mf();

	memcpy(mf.aid, p->aid, sizeof(mf.aid)); /* 7FFF still leads to it */
	mf.aid_len = p->aid_len;
	mf.application = p->application;
	*p = mf;
}

static enum ef_place adf_of(const struct place *p)
{
	return ef_place_of(slice_make(p->aid, p->aid_len));
}

static void go_to_adf(struct place *p)
{
	go_up(p, 1);
	p->path[0] = FID_CURRENT_ADF;
	p->in[0] = adf_of(p);
}

static void go_down(struct place *p, uint16_t fid)
{
	p->has_ef = false;
	if (p->depth == PLACE_DEPTH_MAX)
		return;
	p->in[p->depth] = ef_place_in(place_directory(p), fid);
	p->path[p->depth++] = fid;
}

/* TS 102 221 8.4.1: itself, its parent, a child, a sibling. */
static void go_to_df(struct place *p, uint16_t fid)
{
	uint8_t high = (uint8_t)(fid >> 8);

	p->has_ef = false;
	for (unsigned i = p->depth; i-- > 0;) {
		if (p->path[i] == fid) {
			go_up(p, i + 1);
			return;
		}
	}
	if (high == HIGH_DF && ef_place_in(place_directory(p), fid) == EF_NOWHERE)
		go_to_mf(p);
	else if (high == HIGH_SUB && p->depth > 1 && p->path[p->depth - 1] >> 8 == HIGH_SUB &&
		 ef_place_in(place_directory(p), fid) == EF_NOWHERE)
		go_up(p, p->depth - 1);
	go_down(p, fid);
}

static bool looks_like_df(const struct place *p, uint16_t fid)
{
	uint8_t high = (uint8_t)(fid >> 8);

	if (ef_find(place_directory(p), fid))
		return false;
	return high == HIGH_DF || high == HIGH_SUB ||
	       ef_place_in(place_directory(p), fid) != EF_NOWHERE;
}

static void go_to(struct place *p, uint16_t fid, enum form form)
{
	if (fid == FID_MF)
		go_to_mf(p);
	else if (fid == FID_CURRENT_ADF)
		go_to_adf(p);
	else if (form == FORM_DF || (form == FORM_UNSAID && looks_like_df(p, fid)))
		go_to_df(p, fid);
	else
		place_enter_ef(p, fid);
}

/* TS 102 221 table 11.5; a 2G card says it in the seventh octet, TS 51.011 9.2.1 */
static enum form form_of(const struct apdu *a, struct slice answer)
{
	struct slice fcp, descriptor;
	uint8_t type = slice_at(answer, 6);

	if (a->cla == CLA_GSM)
		return answer.len <= 6 ? FORM_UNSAID : type == 0x04 ? FORM_EF : FORM_DF;
	if (!tlv_find(answer, UICC_FCP, &fcp) || !tlv_find(fcp, UICC_FCP_DESCRIPTOR, &descriptor))
		return FORM_UNSAID;
	return (slice_at(descriptor, 0) & UICC_DF) == UICC_DF &&
			       (slice_at(descriptor, 0) & UICC_STRUCTURE_MASK) != UICC_BER_TLV
		       ? FORM_DF
		       : FORM_EF;
}

static void go_along(struct place *p, struct slice path, enum form last)
{
	struct cursor c = cursor_of(path);

	while (cursor_left(&c) >= FID_LEN) {
		uint16_t fid = cursor_u16(&c);
		bool more = cursor_left(&c) >= FID_LEN;

		if (more && fid != FID_MF && fid != FID_CURRENT_ADF)
			go_down(p, fid);
		else
			go_to(p, fid, more ? FORM_UNSAID : last);
	}
}

static void go_to_application(struct place *p, const struct apdu *a, struct slice answer)
{
	struct slice aid = a->data, fcp, name;

	if ((tlv_find(answer, UICC_FCP, &fcp) || tlv_find(answer, UICC_FCI, &fcp)) &&
	    tlv_find(fcp, UICC_FCP_DF_NAME, &name) && name.len)
		aid = name;
	if ((a->p2 & SELECT_SESSION_MASK) == SELECT_TERMINATE) {
		*p = place_mf();
		return;
	}
	p->aid_len = aid.len < sizeof(p->aid) ? aid.len : sizeof(p->aid);
	for (size_t i = 0; i < p->aid_len; i++)
		p->aid[i] = slice_at(aid, i);
	p->application = application_of(aid, answer);
	if (!aid.len)
		p->application = (struct application){APPLICATION_SD, "ISD"};
	go_to_adf(p);
}

struct place place_select(const struct place *from, const struct apdu *a, struct slice answer)
{
	struct place p = *from;
	enum form form = form_of(a, answer);

	switch (a->p1) {
	case SELECT_AID: go_to_application(&p, a, answer); break;
	case SELECT_PARENT: go_up(&p, p.depth - 1); break;
	case SELECT_PATH_MF: go_to_mf(&p); /* fall through */
	case SELECT_PATH_DF: go_along(&p, a->data, form); break;
	case SELECT_CHILD:
		if (a->data.len == FID_LEN)
			go_down(&p, (uint16_t)slice_uint(a->data, FID_LEN));
		break;
	default:
		if (a->data.len == FID_LEN)
			go_to(&p, (uint16_t)slice_uint(a->data, FID_LEN), form);
		else if (!a->data.len)
			go_to_mf(&p);
		break;
	}
	return p;
}

static void put_name(struct wbuf *w, const char *name, uint16_t fid)
{
	char number[2 * FID_LEN + 1];

	if (w->len)
		wbuf_u8(w, '/');
	if (!name)
		snprintf(number, sizeof(number), "%04X", fid);
	wbuf_put(w, slice_str(name ? name : number));
}

static void put_adf(struct wbuf *w, const struct place *p)
{
	char aid[2 * AID_LEN + 1];

	if (p->application.kind >= APPLICATION_USIM && p->application.kind <= APPLICATION_HPSIM)
		put_name(w, "MF", 0);
	if (!p->application.name)
		hex_encode(slice_make(p->aid, p->aid_len), aid, sizeof(aid));
	put_name(w, p->application.name ? p->application.name : aid, 0);
}

void place_text(const struct place *p, char out[static PLACE_TEXT_MAX])
{
	struct wbuf w = wbuf_init((uint8_t *)out, PLACE_TEXT_MAX - 1);
	const struct ef_kind *ef = place_ef(p);

	if (p->path[0] == FID_CURRENT_ADF)
		put_adf(&w, p);
	else
		put_name(&w, "MF", FID_MF);
	for (unsigned i = 1; i < p->depth; i++)
		put_name(&w, p->in[i] == EF_NOWHERE ? NULL : ef_place_name(p->in[i]), p->path[i]);
	if (p->has_ef)
		put_name(&w, ef ? ef->name : NULL, p->ef);
	out[w.len] = 0;
}
