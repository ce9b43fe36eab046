#include "lib/rsp/es10a.h"

enum err es10a_parse_configured_addresses(struct slice der, struct es10a_configured_addresses *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_CONFIGURED_ADDRESSES);
	struct es10a_configured_addresses m;
	enum err e;

	rsp_optional_range(&in, ASN1_CONTEXT(0), 0, RSP_ADDRESS_MAX, &m.default_dp);
	m.root_ds = rsp_expect_range(&in, ASN1_CONTEXT(1), 0, RSP_ADDRESS_MAX);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10a_put_configured_addresses(struct wbuf *w, const struct es10a_configured_addresses *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_CONFIGURED_ADDRESSES);

	rsp_put_optional(w, ASN1_CONTEXT(0), m->default_dp);
	tlv_put(w, ASN1_CONTEXT(1), m->root_ds);
	tlv_close(w, mark);
}

enum err es10a_parse_set_default_dp(struct slice der, struct slice *address)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_SET_DEFAULT_DP_ADDRESS);
	struct slice a = tlv_expect(&in, ASN1_CONTEXT(0));
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		e = a.len > RSP_ADDRESS_MAX ? ERR_LENGTH : rsp_check_text(a, RSP_ADDRESS_MAX);
	if (!e)
		*address = a;
	return e;
}

void es10a_put_set_default_dp(struct wbuf *w, struct slice address)
{
	size_t mark = tlv_open(w, SGP22_TAG_SET_DEFAULT_DP_ADDRESS);

	tlv_put(w, ASN1_CONTEXT(0), address);
	tlv_close(w, mark);
}
