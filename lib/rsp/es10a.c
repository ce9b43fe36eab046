#include "lib/rsp/es10a.h"

#include "lib/base/tlv.h"

enum err es10a_parse_configured_addresses(struct slice der, struct es10a_configured_addresses *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_CONFIGURED_ADDRESSES,
				     &rsp_type_EuiccConfiguredAddressesResponse);
	struct es10a_configured_addresses m;
	enum err e;

	rsp_optional_range(&in, RSP_EuiccConfiguredAddressesResponse_defaultDpAddress, 0,
			   RSP_ADDRESS_MAX, &m.default_dp);
	m.root_ds = rsp_expect_range(&in, RSP_EuiccConfiguredAddressesResponse_rootDsAddress, 0,
				     RSP_ADDRESS_MAX);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10a_put_configured_addresses(struct wbuf *w, const struct es10a_configured_addresses *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_CONFIGURED_ADDRESSES);

	rsp_put_optional(w, RSP_EuiccConfiguredAddressesResponse_defaultDpAddress, m->default_dp);
	tlv_put(w, RSP_EuiccConfiguredAddressesResponse_rootDsAddress, m->root_ds);
	tlv_close(w, mark);
}

enum err es10a_parse_set_default_dp(struct slice der, struct slice *address)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_SET_DEFAULT_DP_ADDRESS,
							 &rsp_type_SetDefaultDpAddressRequest);
	struct slice a = tlv_expect(&in, RSP_SetDefaultDpAddressRequest_defaultDpAddress);
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

	tlv_put(w, RSP_SetDefaultDpAddressRequest_defaultDpAddress, address);
	tlv_close(w, mark);
}
