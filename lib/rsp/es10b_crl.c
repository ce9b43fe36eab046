#include "lib/rsp/es10b.h"

enum err es10b_parse_load_crl(struct slice der, struct slice *crl)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_LOAD_CRL);
	struct slice s = tlv_expect_raw(&in, ASN1_SEQUENCE);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*crl = s;
	return e;
}

void es10b_put_load_crl(struct wbuf *w, struct slice crl)
{
	tlv_put(w, SGP22_TAG_LOAD_CRL, crl);
}

enum err es10b_parse_load_crl_response(struct slice der, struct es10b_load_crl_response *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_LOAD_CRL);
	struct es10b_load_crl_response m = {.ok = tlv_peek(&in) == ASN1_CONTEXTC(0)};
	enum err e;

	if (m.ok) {
		struct cursor parts = tlv_enter(&in, ASN1_CONTEXTC(0));

		tlv_optional(&parts, ASN1_CONTEXTC(0), &m.missing);
		tlv_leave(&in, &parts);
	} else {
		m.error = (enum es10b_crl_error)tlv_expect_uint(&in, ASN1_CONTEXT(1));
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
		in = tlv_open(w, ASN1_CONTEXTC(0));
		rsp_put_optional(w, ASN1_CONTEXTC(0), m->missing);
		tlv_close(w, in);
	} else {
		tlv_put_uint(w, ASN1_CONTEXT(1), m->error);
	}
	tlv_close(w, mark);
}

bool es10b_next_missing(struct cursor *c, uint32_t *part)
{
	struct cursor in;
	uint64_t v;

	if (c->err || !cursor_left(c))
		return false;
	in = tlv_enter(c, ASN1_SEQUENCE);
	v = tlv_expect_uint(&in, ASN1_CONTEXT(0));
	tlv_leave(c, &in);
	if (v > UINT32_MAX)
		cursor_fail(c, ERR_VALUE);
	*part = (uint32_t)v;
	return c->err == ERR_OK;
}

void es10b_put_missing(struct wbuf *w, uint32_t part)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put_uint(w, ASN1_CONTEXT(0), part);
	tlv_close(w, mark);
}
