#include "lib/rsp/es10c.h"

#include "lib/base/tlv.h"

/* The CHOICE of isdpAid and iccid. */
static void read_identifier(struct cursor *c, struct slice *isdp_aid, struct slice *iccid)
{
	if (rsp_optional_range(c, SGP22_TAG_AID, 1, 16, isdp_aid) || c->err)
		return;
	if (!rsp_optional_range(c, SGP22_TAG_ICCID, RSP_ICCID_LEN, RSP_ICCID_LEN, iccid))
		rsp_no_alternative(c);
}

enum err es10c_parse_profiles_request(struct slice der, struct es10c_profiles_request *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_PROFILES_INFO, &rsp_type_ProfileInfoListRequest);
	struct es10c_profiles_request m = {0};
	enum err e;

	if (tlv_peek(&in) == RSP_ProfileInfoListRequest_searchCriteria) {
		struct cursor by = tlv_enter(&in, RSP_ProfileInfoListRequest_searchCriteria);

		if (tlv_peek(&by) == SGP22_TAG_PROFILE_CLASS) {
			uint64_t v = tlv_expect_uint(&by, SGP22_TAG_PROFILE_CLASS);

			if (v > ES10C_OPERATIONAL)
				cursor_fail(&by, ERR_VALUE);
			m.by_class = true;
			m.profile_class = (enum es10c_profile_class)v;
		} else {
			read_identifier(&by, &m.isdp_aid, &m.iccid);
		}
		tlv_leave(&in, &by);
	}
	rsp_optional_range(&in, SGP22_TAG_TAG_LIST, 0, 255, &m.tag_list);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10c_put_profiles_request(struct wbuf *w, const struct es10c_profiles_request *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_PROFILES_INFO);

	if (m->by_class || m->isdp_aid.ptr || m->iccid.ptr) {
		size_t by = tlv_open(w, RSP_ProfileInfoListRequest_searchCriteria);

		if (m->by_class)
			tlv_put_uint(w, SGP22_TAG_PROFILE_CLASS, m->profile_class);
		else if (m->isdp_aid.ptr)
			tlv_put(w, SGP22_TAG_AID, m->isdp_aid);
		else
			tlv_put(w, SGP22_TAG_ICCID, m->iccid);
		tlv_close(w, by);
	}
	rsp_put_optional(w, SGP22_TAG_TAG_LIST, m->tag_list);
	tlv_close(w, mark);
}

enum err es10c_parse_profiles(struct slice der, struct es10c_profiles *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_PROFILES_INFO);
	struct es10c_profiles m = {0};
	enum err e;

	m.ok = tlv_optional(&in, RSP_ProfileInfoListResponse_profileInfoListOk, &m.items);
	if (!m.ok)
		m.error = (enum es10c_profiles_error)tlv_expect_uint(
			&in, RSP_ProfileInfoListResponse_profileInfoListError);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10c_put_profiles(struct wbuf *w, const struct es10c_profiles *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_PROFILES_INFO);

	if (m->ok)
		tlv_put(w, RSP_ProfileInfoListResponse_profileInfoListOk, m->items);
	else
		tlv_put_uint(w, RSP_ProfileInfoListResponse_profileInfoListError, m->error);
	tlv_close(w, mark);
}

void es10c_put_profile_info(struct wbuf *w, const struct es10c_profile_info *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_PROFILE_INFO);

	rsp_put_optional(w, SGP22_TAG_ICCID, m->iccid);
	rsp_put_optional(w, SGP22_TAG_AID, m->isdp_aid);
	if (m->has_state)
		tlv_put_uint(w, SGP22_TAG_PROFILE_STATE, m->state);
	rsp_put_optional(w, SGP22_TAG_NICKNAME, m->nickname);
	rsp_put_optional(w, SGP22_TAG_SERVICE_PROVIDER, m->service_provider);
	rsp_put_optional(w, SGP22_TAG_PROFILE_NAME, m->profile_name);
	if (m->has_icon_type)
		tlv_put_uint(w, SGP22_TAG_ICON_TYPE, m->icon_type);
	rsp_put_optional(w, SGP22_TAG_ICON, m->icon);
	if (m->has_class)
		tlv_put_uint(w, SGP22_TAG_PROFILE_CLASS, m->profile_class);
	rsp_put_optional(w, SGP22_TAG_NOTIFICATION_CONFIG, m->notification_config);
	rsp_put_optional(w, SGP22_TAG_PROFILE_OWNER, m->owner);
	rsp_put_optional(w, SGP22_TAG_DP_PROPRIETARY, m->dp_proprietary);
	if (m->has_ppr)
		tlv_put_bits(w, SGP22_TAG_PPR, m->ppr);
	rsp_put_optional(w, SGP22_TAG_SERVICE_DATA, m->service_data);
	tlv_close(w, mark);
}

static bool optional_uint(struct cursor *c, uint32_t tag, uint64_t max, uint64_t *out)
{
	*out = 0;
	if (c->err || tlv_peek(c) != tag)
		return false;
	*out = tlv_expect_uint(c, tag);
	if (*out > max)
		cursor_fail(c, ERR_VALUE);
	return c->err == ERR_OK;
}

static void read_profile_info(struct cursor *c, struct es10c_profile_info *m)
{
	uint64_t v;

	rsp_optional_range(c, SGP22_TAG_ICCID, RSP_ICCID_LEN, RSP_ICCID_LEN, &m->iccid);
	rsp_optional_range(c, SGP22_TAG_AID, 1, 16, &m->isdp_aid);
	m->has_state = optional_uint(c, SGP22_TAG_PROFILE_STATE, ES10C_ENABLED, &v);
	m->state = (enum es10c_profile_state)v;
	/* texts of any card: shown as they are, so their lengths are not checked */
	rsp_optional_range(c, SGP22_TAG_NICKNAME, 0, SIZE_MAX, &m->nickname);
	rsp_optional_range(c, SGP22_TAG_SERVICE_PROVIDER, 0, SIZE_MAX, &m->service_provider);
	rsp_optional_range(c, SGP22_TAG_PROFILE_NAME, 0, SIZE_MAX, &m->profile_name);
	m->has_icon_type = optional_uint(c, SGP22_TAG_ICON_TYPE, 1, &v);
	m->icon_type = (uint32_t)v;
	rsp_optional_range(c, SGP22_TAG_ICON, 0, ES10C_ICON_MAX, &m->icon);
	m->has_class = optional_uint(c, SGP22_TAG_PROFILE_CLASS, ES10C_OPERATIONAL, &v);
	m->profile_class = (enum es10c_profile_class)v;
	rsp_optional_range(c, SGP22_TAG_NOTIFICATION_CONFIG, 0, SIZE_MAX, &m->notification_config);
	rsp_optional_range(c, SGP22_TAG_PROFILE_OWNER, 0, SIZE_MAX, &m->owner);
	rsp_optional_range(c, SGP22_TAG_DP_PROPRIETARY, 0, SIZE_MAX, &m->dp_proprietary);
	m->has_ppr = !c->err && tlv_peek(c) == SGP22_TAG_PPR;
	if (m->has_ppr)
		m->ppr = rsp_expect_bits(c, SGP22_TAG_PPR);
	rsp_optional_range(c, SGP22_TAG_SERVICE_DATA, 0, SIZE_MAX, &m->service_data);
}

bool es10c_next_profile(struct cursor *c, struct es10c_profile_info *out)
{
	struct es10c_profile_info m = {0};
	struct cursor in;

	if (cursor_left(c) == 0)
		return false;
	in = rsp_enter(c, SGP22_TAG_PROFILE_INFO, &rsp_type_ProfileInfo);
	read_profile_info(&in, &m);
	tlv_leave(c, &in);
	if (c->err)
		return false;
	*out = m;
	return true;
}

enum err es10c_find_profile(struct slice items, struct slice iccid, struct es10c_profile_info *out)
{
	struct cursor c = cursor_of(items);
	struct es10c_profile_info m;

	while (es10c_next_profile(&c, &m)) {
		if (iccid.len ? slice_equal(m.iccid, iccid) : m.iccid.len > 0) {
			*out = m;
			return ERR_OK;
		}
	}
	return c.err ? c.err : ERR_NOT_FOUND;
}

enum err es10c_parse_profile_command(struct slice der, uint32_t tag,
				     struct es10c_profile_command *out)
{
	const struct rsp_type *type = tag == SGP22_TAG_DELETE_PROFILE
					      ? &rsp_type_DeleteProfileRequest
					      : &rsp_type_EnableProfileRequest;
	struct cursor c = cursor_of(der), in = rsp_enter(&c, tag, type);
	struct es10c_profile_command m = {0};
	enum err e;

	if (tag == SGP22_TAG_DELETE_PROFILE) {
		read_identifier(&in, &m.isdp_aid, &m.iccid);
	} else {
		struct cursor id = tlv_enter(&in, RSP_EnableProfileRequest_profileIdentifier);

		read_identifier(&id, &m.isdp_aid, &m.iccid);
		tlv_leave(&in, &id);
		/* DER's TRUE is FF; terminals (pySim) write BER's 01. */
		m.refresh = tlv_expect_ber_bool(&in, RSP_EnableProfileRequest_refreshFlag);
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

static void put_identifier(struct wbuf *w, const struct es10c_profile_command *m)
{
	if (m->isdp_aid.ptr)
		tlv_put(w, SGP22_TAG_AID, m->isdp_aid);
	else
		tlv_put(w, SGP22_TAG_ICCID, m->iccid);
}

void es10c_put_profile_command(struct wbuf *w, uint32_t tag, const struct es10c_profile_command *m)
{
	size_t mark = tlv_open(w, tag);

	if (tag == SGP22_TAG_DELETE_PROFILE) {
		put_identifier(w, m);
	} else {
		size_t id = tlv_open(w, RSP_EnableProfileRequest_profileIdentifier);

		put_identifier(w, m);
		tlv_close(w, id);
		tlv_put_bool(w, RSP_EnableProfileRequest_refreshFlag, m->refresh);
	}
	tlv_close(w, mark);
}

enum err es10c_parse_set_nickname(struct slice der, struct slice *iccid, struct slice *nickname)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_SET_NICKNAME, &rsp_type_SetNicknameRequest);
	struct slice id = rsp_expect_range(&in, SGP22_TAG_ICCID, RSP_ICCID_LEN, RSP_ICCID_LEN);
	struct slice name = tlv_expect(&in, SGP22_TAG_NICKNAME);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		e = rsp_check_text(name, ES10C_NICKNAME_MAX);
	if (!e) {
		*iccid = id;
		*nickname = name;
	}
	return e;
}

void es10c_put_set_nickname(struct wbuf *w, struct slice iccid, struct slice nickname)
{
	size_t mark = tlv_open(w, SGP22_TAG_SET_NICKNAME);

	tlv_put(w, SGP22_TAG_ICCID, iccid);
	tlv_put(w, SGP22_TAG_NICKNAME, nickname);
	tlv_close(w, mark);
}

enum err es10c_parse_memory_reset(struct slice der, uint32_t *options)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_MEMORY_RESET, &rsp_type_EuiccMemoryResetRequest);
	uint32_t bits = rsp_expect_bits(&in, RSP_EuiccMemoryResetRequest_resetOptions);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*options = bits;
	return e;
}

void es10c_put_memory_reset(struct wbuf *w, uint32_t options)
{
	size_t mark = tlv_open(w, SGP22_TAG_MEMORY_RESET);

	tlv_put_bits(w, RSP_EuiccMemoryResetRequest_resetOptions, options);
	tlv_close(w, mark);
}

enum err es10c_parse_get_eid(struct slice der)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_EUICC_DATA, &rsp_type_GetEuiccDataRequest);
	struct slice list = rsp_expect_range(&in, SGP22_TAG_TAG_LIST, 1, 1);

	if (!in.err && slice_at(list, 0) != SGP22_TAG_ICCID)
		cursor_fail(&in, ERR_VALUE);
	tlv_leave(&c, &in);
	return cursor_done(&c);
}

void es10c_put_get_eid(struct wbuf *w)
{
	size_t mark = tlv_open(w, SGP22_TAG_EUICC_DATA);

	tlv_put_header(w, SGP22_TAG_TAG_LIST, 1);
	wbuf_u8(w, SGP22_TAG_ICCID);
	tlv_close(w, mark);
}

enum err es10c_parse_eid(struct slice der, struct slice *eid)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_EUICC_DATA, &rsp_type_GetEuiccDataResponse);
	struct slice s =
		rsp_expect_range(&in, RSP_GetEuiccDataResponse_eidValue, RSP_EID_LEN, RSP_EID_LEN);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*eid = s;
	return e;
}

void es10c_put_eid(struct wbuf *w, struct slice eid)
{
	size_t mark = tlv_open(w, SGP22_TAG_EUICC_DATA);

	tlv_put(w, RSP_GetEuiccDataResponse_eidValue, eid);
	tlv_close(w, mark);
}
