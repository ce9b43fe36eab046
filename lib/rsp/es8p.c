#include "lib/rsp/es8p.h"

#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/es10c.h"

#define TAG_REMOTE_OP	RSP_InitialiseSecureChannelRequest_remoteOpId
#define TAG_TRANSACTION RSP_InitialiseSecureChannelRequest_transactionId
#define TAG_CRT		RSP_InitialiseSecureChannelRequest_controlRefTemplate
#define TAG_HOST_ID	RSP_ControlRefTemplate_hostId

enum err es8p_parse_secure_channel(struct slice der, struct es8p_secure_channel *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_INITIALISE_SECURE_CHANNEL,
							 &rsp_type_InitialiseSecureChannelRequest);
	struct es8p_secure_channel m = {0};
	struct cursor whole, crt;
	uint64_t op;
	enum err e;

	op = tlv_expect_uint(&in, TAG_REMOTE_OP);
	if (op > UINT32_MAX)
		cursor_fail(&in, ERR_VALUE);
	m.remote_op = (uint32_t)op;
	m.transaction_id = rsp_expect_range(&in, TAG_TRANSACTION, 1, RSP_TRANSACTION_ID_MAX);
	m.crt_raw = tlv_expect_raw(&in, TAG_CRT);
	whole = cursor_of(m.crt_raw);
	crt = rsp_enter(&whole, TAG_CRT, &rsp_type_ControlRefTemplate);
	m.key_type = rsp_expect_range(&crt, RSP_ControlRefTemplate_keyType, 1, 1);
	m.key_len = rsp_expect_range(&crt, RSP_ControlRefTemplate_keyLen, 1, 1);
	m.host_id = rsp_expect_range(&crt, TAG_HOST_ID, 1, ES8P_HOST_ID_MAX);
	tlv_leave(&in, &crt);
	m.smdp_otpk = rsp_expect_range(&in, SGP22_TAG_OTPK, EC_POINT_LEN, EC_POINT_LEN);
	m.signature =
		rsp_expect_range(&in, SGP22_TAG_SIGNATURE, EC_SIGNATURE_LEN, EC_SIGNATURE_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

static void put_agreement(struct wbuf *w, const struct es8p_secure_channel *m)
{
	size_t crt;

	tlv_put_uint(w, TAG_REMOTE_OP, m->remote_op);
	tlv_put(w, TAG_TRANSACTION, m->transaction_id);
	if (m->crt_raw.len) {
		wbuf_put(w, m->crt_raw);
	} else {
		crt = tlv_open(w, TAG_CRT);
		tlv_put(w, RSP_ControlRefTemplate_keyType, m->key_type);
		tlv_put(w, RSP_ControlRefTemplate_keyLen, m->key_len);
		tlv_put(w, TAG_HOST_ID, m->host_id);
		tlv_close(w, crt);
	}
	tlv_put(w, SGP22_TAG_OTPK, m->smdp_otpk);
}

void es8p_put_secure_channel(struct wbuf *w, const struct es8p_secure_channel *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_INITIALISE_SECURE_CHANNEL);

	put_agreement(w, m);
	tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
	tlv_close(w, mark);
}

void es8p_put_secure_channel_signed(struct wbuf *w, const struct es8p_secure_channel *m,
				    struct slice euicc_otpk)
{
	put_agreement(w, m);
	tlv_put(w, SGP22_TAG_OTPK, euicc_otpk);
}

enum err es8p_parse_configure_isdp(struct slice der, struct slice *dp_proprietary)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_CONFIGURE_ISDP, &rsp_type_ConfigureISDPRequest);
	struct slice data;
	enum err e;

	rsp_optional_range(&in, SGP22_TAG_DP_PROPRIETARY, 0, 128, &data);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*dp_proprietary = data;
	return e;
}

void es8p_put_configure_isdp(struct wbuf *w, struct slice dp_proprietary)
{
	size_t mark = tlv_open(w, SGP22_TAG_CONFIGURE_ISDP);

	rsp_put_optional(w, SGP22_TAG_DP_PROPRIETARY, dp_proprietary);
	tlv_close(w, mark);
}

enum err es8p_parse_dp_proprietary(struct slice contents, struct slice *oid)
{
	struct cursor c = rsp_contents(contents, &rsp_type_DpProprietaryData);
	struct slice found = tlv_expect(&c, RSP_DpProprietaryData_dpOid);
	enum err e = tlv_done(&c);

	if (!e)
		*oid = found;
	return e;
}

static bool optional_number(struct cursor *c, uint32_t tag, uint32_t max, uint32_t *out)
{
	uint64_t v;

	if (c->err || tlv_peek(c) != tag)
		return false;
	v = tlv_expect_uint(c, tag);
	if (v > max)
		cursor_fail(c, ERR_VALUE);
	*out = (uint32_t)v;
	return c->err == ERR_OK;
}

enum err es8p_parse_metadata(struct slice der, struct es8p_metadata *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_STORE_METADATA, &rsp_type_StoreMetadataRequest),
		      list;
	struct es8p_metadata m = {0};
	struct slice address;
	uint32_t events;
	enum err e;

	m.iccid = rsp_expect_range(&in, SGP22_TAG_ICCID, RSP_ICCID_LEN, RSP_ICCID_LEN);
	m.service_provider = tlv_expect(&in, SGP22_TAG_SERVICE_PROVIDER);
	m.profile_name = tlv_expect(&in, SGP22_TAG_PROFILE_NAME);
	m.has_icon_type = optional_number(&in, SGP22_TAG_ICON_TYPE, 1, &m.icon_type);
	rsp_optional_range(&in, SGP22_TAG_ICON, 0, ES10C_ICON_MAX, &m.icon);
	m.has_class = optional_number(&in, SGP22_TAG_PROFILE_CLASS, UINT8_MAX, &m.profile_class);
	if (!m.has_class)
		m.profile_class = ES10C_OPERATIONAL;
	rsp_optional_range(&in, SGP22_TAG_NOTIFICATION_CONFIG, 0, SIZE_MAX, &m.notification_config);
	rsp_optional_range(&in, SGP22_TAG_PROFILE_OWNER, 0, SIZE_MAX, &m.owner);
	m.has_ppr = !in.err && tlv_peek(&in) == SGP22_TAG_PPR;
	if (m.has_ppr)
		m.ppr = rsp_expect_bits(&in, SGP22_TAG_PPR);
	rsp_optional_range(&in, SGP22_TAG_SERVICE_DATA, 0, SIZE_MAX, &m.service_data);
	tlv_leave(&c, &in);
	list = cursor_of(m.notification_config);
	while (es8p_next_notification(&list, &events, &address))
		;
	e = cursor_done(&c);
	if (!e)
		e = list.err;
	if (!e)
		e = rsp_check_text(m.service_provider, ES10C_SERVICE_PROVIDER_MAX);
	if (!e)
		e = rsp_check_text(m.profile_name, ES10C_PROFILE_NAME_MAX);
	if (!e)
		*out = m;
	return e;
}

void es8p_put_metadata(struct wbuf *w, const struct es8p_metadata *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_STORE_METADATA);

	tlv_put(w, SGP22_TAG_ICCID, m->iccid);
	tlv_put(w, SGP22_TAG_SERVICE_PROVIDER, m->service_provider);
	tlv_put(w, SGP22_TAG_PROFILE_NAME, m->profile_name);
	if (m->has_icon_type)
		tlv_put_uint(w, SGP22_TAG_ICON_TYPE, m->icon_type);
	rsp_put_optional(w, SGP22_TAG_ICON, m->icon);
	if (m->has_class)
		tlv_put_uint(w, SGP22_TAG_PROFILE_CLASS, m->profile_class);
	rsp_put_optional(w, SGP22_TAG_NOTIFICATION_CONFIG, m->notification_config);
	rsp_put_optional(w, SGP22_TAG_PROFILE_OWNER, m->owner);
	if (m->has_ppr)
		tlv_put_bits(w, SGP22_TAG_PPR, m->ppr);
	rsp_put_optional(w, SGP22_TAG_SERVICE_DATA, m->service_data);
	tlv_close(w, mark);
}

bool es8p_next_notification(struct cursor *c, uint32_t *events, struct slice *address)
{
	struct cursor in;

	if (cursor_left(c) == 0)
		return false;
	in = rsp_enter(c, ASN1_SEQUENCE, &rsp_type_NotificationConfigurationInformation);
	*events = rsp_expect_bits(
		&in, RSP_NotificationConfigurationInformation_profileManagementOperation);
	*address =
		rsp_expect_range(&in, RSP_NotificationConfigurationInformation_notificationAddress,
				 0, RSP_ADDRESS_MAX);
	tlv_leave(c, &in);
	return c->err == ERR_OK;
}

void es8p_put_notification_config(struct wbuf *w, uint32_t events, struct slice address)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put_bits(w, RSP_NotificationConfigurationInformation_profileManagementOperation,
		     events);
	tlv_put(w, RSP_NotificationConfigurationInformation_notificationAddress, address);
	tlv_close(w, mark);
}

enum err es8p_parse_session_keys(struct slice der, struct es8p_session_keys *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_REPLACE_SESSION_KEYS,
							 &rsp_type_ReplaceSessionKeysRequest);
	struct es8p_session_keys m;
	enum err e;

	m.mac_chain = rsp_expect_range(&in, RSP_ReplaceSessionKeysRequest_initialMacChainingValue,
				       BSP_CHAIN_LEN, BSP_CHAIN_LEN);
	m.ppk_enc = rsp_expect_range(&in, RSP_ReplaceSessionKeysRequest_ppkEnc, BSP_KEY_LEN,
				     BSP_KEY_LEN);
	m.ppk_cmac = rsp_expect_range(&in, RSP_ReplaceSessionKeysRequest_ppkCmac, BSP_KEY_LEN,
				      BSP_KEY_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es8p_put_session_keys(struct wbuf *w, const struct es8p_session_keys *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_REPLACE_SESSION_KEYS);

	tlv_put(w, RSP_ReplaceSessionKeysRequest_initialMacChainingValue, m->mac_chain);
	tlv_put(w, RSP_ReplaceSessionKeysRequest_ppkEnc, m->ppk_enc);
	tlv_put(w, RSP_ReplaceSessionKeysRequest_ppkCmac, m->ppk_cmac);
	tlv_close(w, mark);
}

enum err es8p_parse_package(struct slice der, struct es8p_package *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_BOUND_PROFILE_PACKAGE,
							 &rsp_type_BoundProfilePackage);
	struct es8p_package m = {0};
	enum err e;

	m.secure_channel_raw = tlv_expect_raw(&in, SGP22_TAG_INITIALISE_SECURE_CHANNEL);
	m.first87 = tlv_expect(&in, RSP_BoundProfilePackage_firstSequenceOf87);
	m.seq88 = tlv_expect(&in, RSP_BoundProfilePackage_sequenceOf88);
	rsp_optional_range(&in, RSP_BoundProfilePackage_secondSequenceOf87, 0, SIZE_MAX,
			   &m.second87);
	m.seq86 = tlv_expect(&in, RSP_BoundProfilePackage_sequenceOf86);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es8p_put_package(struct wbuf *w, const struct es8p_package *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_BOUND_PROFILE_PACKAGE);

	wbuf_put(w, m->secure_channel_raw);
	tlv_put(w, RSP_BoundProfilePackage_firstSequenceOf87, m->first87);
	tlv_put(w, RSP_BoundProfilePackage_sequenceOf88, m->seq88);
	rsp_put_optional(w, RSP_BoundProfilePackage_secondSequenceOf87, m->second87);
	tlv_put(w, RSP_BoundProfilePackage_sequenceOf86, m->seq86);
	tlv_close(w, mark);
}

enum err es8p_segmenter_init(struct es8p_segmenter *s, struct slice package)
{
	struct es8p_package whole;
	enum err e = es8p_parse_package(package, &whole);

	if (e)
		return e;
	*s = (struct es8p_segmenter){.rest = cursor_of(package)};
	return ERR_OK;
}

bool es8p_segmenter_next(struct es8p_segmenter *s, struct slice *piece)
{
	const uint8_t *start = s->rest.rest.ptr;
	uint32_t tag = tlv_peek(&s->rest);
	size_t len;
	struct tlv t;
	bool more;

	if (tag == SGP22_TAG_BOUND_PROFILE_PACKAGE) {
		more = tlv_header(&s->rest, &tag, &len) && tlv_next(&s->rest, &t);
	} else if (tag == RSP_BoundProfilePackage_sequenceOf88 ||
		   tag == RSP_BoundProfilePackage_sequenceOf86) {
		more = tlv_header(&s->rest, &tag, &len);
	} else {
		more = tlv_next(&s->rest, &t);
	}
	s->err = s->rest.err;
	if (!more)
		return false;
	*piece = slice_make(start, (size_t)(s->rest.rest.ptr - start));
	return true;
}
