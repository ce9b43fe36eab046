/* es10b_crl: ES10b.LoadCRL (SGP.22 5.7.12), of lib/rsp/es10b.h */
#include "lib/rsp/es10b.h"

#include "lib/base/tlv.h"

/* The module's AUTOMATIC TAGS make the list's tag A0. 30, the list without that tag, is taken as
 * well: it can mean no other member. */
enum err es10b_parse_load_crl(struct slice der, struct slice *crl)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_LOAD_CRL, &rsp_type_LoadCRLRequest);
	struct slice s;
	enum err e;

	if (!tlv_optional(&in, RSP_LoadCRLRequest_crl, &s)) {
		in.known = NULL;
		s = tlv_expect(&in, ASN1_SEQUENCE);
		in.known = rsp_type_LoadCRLRequest.known;
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*crl = s;
	return e;
}

void es10b_put_load_crl(struct wbuf *w, struct slice crl)
{
	size_t mark = tlv_open(w, SGP22_TAG_LOAD_CRL);
	struct slice contents = SLICE_EMPTY;
	enum err e = tlv_only(crl, ASN1_SEQUENCE, &contents);

	if (e)
		wbuf_fail(w, e);
	tlv_put(w, RSP_LoadCRLRequest_crl, contents);
	tlv_close(w, mark);
}

enum err es10b_parse_load_crl_response(struct slice der, struct es10b_load_crl_response *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_LOAD_CRL);
	struct es10b_load_crl_response m = {.ok = tlv_peek(&in) ==
						  RSP_LoadCRLResponse_loadCRLResponseOk};
	enum err e;

	if (m.ok) {
		struct cursor parts = rsp_enter(&in, RSP_LoadCRLResponse_loadCRLResponseOk,
						&rsp_type_LoadCRLResponseOk);

		tlv_optional(&parts, RSP_LoadCRLResponseOk_missingParts, &m.missing);
		tlv_leave(&in, &parts);
	} else {
		m.error = (enum es10b_crl_error)tlv_expect_uint(
			&in, RSP_LoadCRLResponse_loadCRLResponseError);
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_load_crl_response(struct wbuf *w, const struct es10b_load_crl_response *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_LOAD_CRL), in;

	if (m->ok) {
		in = tlv_open(w, RSP_LoadCRLResponse_loadCRLResponseOk);
		rsp_put_optional(w, RSP_LoadCRLResponseOk_missingParts, m->missing);
		tlv_close(w, in);
	} else {
		tlv_put_uint(w, RSP_LoadCRLResponse_loadCRLResponseError, m->error);
	}
	tlv_close(w, mark);
}

bool es10b_next_missing(struct cursor *c, uint32_t *part)
{
	struct cursor in;
	uint64_t v;

	if (c->err || !cursor_left(c))
		return false;
	in = rsp_enter(c, ASN1_SEQUENCE, &rsp_type_MissingPart);
	v = tlv_expect_uint(&in, RSP_MissingPart_number);
	tlv_leave(c, &in);
	if (v > UINT32_MAX)
		cursor_fail(c, ERR_VALUE);
	*part = (uint32_t)v;
	return c->err == ERR_OK;
}

void es10b_put_missing(struct wbuf *w, uint32_t part)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put_uint(w, RSP_MissingPart_number, part);
	tlv_close(w, mark);
}
