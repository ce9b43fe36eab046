#include "lib/rsp/es10b.h"

#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/base/secret.h"

/* Both answers are a CHOICE of this form, and code an error in the same way. */
#define TAG_OK	  RSP_AuthenticateServerResponse_authenticateResponseOk
#define TAG_ERROR RSP_AuthenticateServerResponse_authenticateResponseError

enum err es10b_parse_euicc_info1(struct slice der, struct es10b_euicc_info1 *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_EUICC_INFO1, &rsp_type_EUICCInfo1);
	struct es10b_euicc_info1 m;
	enum err e;

	m.svn = rsp_expect_range(&in, RSP_EUICCInfo1_svn, RSP_VERSION_LEN, RSP_VERSION_LEN);
	m.ci_verify = tlv_expect(&in, RSP_EUICCInfo1_euiccCiPKIdListForVerification);
	m.ci_sign = tlv_expect(&in, RSP_EUICCInfo1_euiccCiPKIdListForSigning);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_euicc_info1(struct wbuf *w, const struct es10b_euicc_info1 *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_EUICC_INFO1);

	tlv_put(w, RSP_EUICCInfo1_svn, m->svn);
	tlv_put(w, RSP_EUICCInfo1_euiccCiPKIdListForVerification, m->ci_verify);
	tlv_put(w, RSP_EUICCInfo1_euiccCiPKIdListForSigning, m->ci_sign);
	tlv_close(w, mark);
}

static struct slice expect_version(struct cursor *c, uint32_t tag)
{
	return rsp_expect_range(c, tag, RSP_VERSION_LEN, RSP_VERSION_LEN);
}

enum err es10b_parse_euicc_info2(struct slice der, struct es10b_euicc_info2 *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_EUICC_INFO2, &rsp_type_EUICCInfo2);
	struct es10b_euicc_info2 m = {0};
	struct slice tre;
	enum err e;

	m.profile_version = expect_version(&in, RSP_EUICCInfo2_profileVersion);
	m.svn = expect_version(&in, RSP_EUICCInfo2_svn);
	m.firmware = expect_version(&in, RSP_EUICCInfo2_euiccFirmwareVer);
	m.ext_resource = tlv_expect(&in, RSP_EUICCInfo2_extCardResource);
	m.uicc_capability = rsp_expect_bits(&in, RSP_EUICCInfo2_uiccCapability);
	rsp_optional_range(&in, RSP_EUICCInfo2_javacardVersion, RSP_VERSION_LEN, RSP_VERSION_LEN,
			   &m.javacard);
	rsp_optional_range(&in, RSP_EUICCInfo2_globalplatformVersion, RSP_VERSION_LEN,
			   RSP_VERSION_LEN, &m.globalplatform);
	m.rsp_capability = rsp_expect_bits(&in, RSP_EUICCInfo2_rspCapability);
	m.ci_verify = tlv_expect(&in, RSP_EUICCInfo2_euiccCiPKIdListForVerification);
	m.ci_sign = tlv_expect(&in, RSP_EUICCInfo2_euiccCiPKIdListForSigning);
	m.has_category = !in.err && tlv_peek(&in) == RSP_EUICCInfo2_euiccCategory;
	if (m.has_category)
		m.category = (uint32_t)tlv_expect_uint(&in, RSP_EUICCInfo2_euiccCategory);
	m.has_forbidden = !in.err && tlv_peek(&in) == RSP_EUICCInfo2_forbiddenProfilePolicyRules;
	if (m.has_forbidden)
		m.forbidden = rsp_expect_bits(&in, RSP_EUICCInfo2_forbiddenProfilePolicyRules);
	m.pp_version = expect_version(&in, RSP_EUICCInfo2_ppVersion);
	m.sas = rsp_expect_range(&in, RSP_EUICCInfo2_sasAcreditationNumber, 0, 64);
	rsp_optional_range(&in, RSP_EUICCInfo2_certificationDataObject, 0, SIZE_MAX,
			   &m.certification);
	rsp_optional_range(&in, RSP_EUICCInfo2_treProperties, 0, SIZE_MAX, &tre);
	rsp_optional_range(&in, RSP_EUICCInfo2_treProductReference, 0, SIZE_MAX, &tre);
	rsp_optional_range(&in, RSP_EUICCInfo2_additionalEuiccProfilePackageVersions, 0, SIZE_MAX,
			   &m.more_profile_versions);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_euicc_info2(struct wbuf *w, const struct es10b_euicc_info2 *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_EUICC_INFO2);

	tlv_put(w, RSP_EUICCInfo2_profileVersion, m->profile_version);
	tlv_put(w, RSP_EUICCInfo2_svn, m->svn);
	tlv_put(w, RSP_EUICCInfo2_euiccFirmwareVer, m->firmware);
	tlv_put(w, RSP_EUICCInfo2_extCardResource, m->ext_resource);
	tlv_put_bits(w, RSP_EUICCInfo2_uiccCapability, m->uicc_capability);
	rsp_put_optional(w, RSP_EUICCInfo2_javacardVersion, m->javacard);
	rsp_put_optional(w, RSP_EUICCInfo2_globalplatformVersion, m->globalplatform);
	tlv_put_bits(w, RSP_EUICCInfo2_rspCapability, m->rsp_capability);
	tlv_put(w, RSP_EUICCInfo2_euiccCiPKIdListForVerification, m->ci_verify);
	tlv_put(w, RSP_EUICCInfo2_euiccCiPKIdListForSigning, m->ci_sign);
	if (m->has_category)
		tlv_put_uint(w, RSP_EUICCInfo2_euiccCategory, m->category);
	if (m->has_forbidden)
		tlv_put_bits(w, RSP_EUICCInfo2_forbiddenProfilePolicyRules, m->forbidden);
	tlv_put(w, RSP_EUICCInfo2_ppVersion, m->pp_version);
	tlv_put(w, RSP_EUICCInfo2_sasAcreditationNumber, m->sas);
	rsp_put_optional(w, RSP_EUICCInfo2_certificationDataObject, m->certification);
	rsp_put_optional(w, RSP_EUICCInfo2_additionalEuiccProfilePackageVersions,
			 m->more_profile_versions);
	tlv_close(w, mark);
}

enum err es10b_parse_challenge(struct slice der, struct slice *challenge)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_EUICC_CHALLENGE,
							 &rsp_type_GetEuiccChallengeResponse);
	struct slice s = rsp_expect_range(&in, RSP_GetEuiccChallengeResponse_euiccChallenge,
					  RSP_CHALLENGE_LEN, RSP_CHALLENGE_LEN);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*challenge = s;
	return e;
}

void es10b_put_challenge(struct wbuf *w, struct slice challenge)
{
	size_t mark = tlv_open(w, SGP22_TAG_EUICC_CHALLENGE);

	tlv_put(w, RSP_GetEuiccChallengeResponse_euiccChallenge, challenge);
	tlv_close(w, mark);
}

static struct slice expect_transaction(struct cursor *c)
{
	return rsp_expect_range(c, RSP_ServerSigned1_transactionId, 1, RSP_TRANSACTION_ID_MAX);
}

static struct slice expect_signature(struct cursor *c)
{
	return rsp_expect_range(c, SGP22_TAG_SIGNATURE, EC_SIGNATURE_LEN, EC_SIGNATURE_LEN);
}

enum err es10b_parse_server_signed1(struct slice der, struct es10b_server_signed1 *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, ASN1_SEQUENCE, &rsp_type_ServerSigned1);
	struct es10b_server_signed1 m;
	enum err e;

	m.transaction_id = expect_transaction(&in);
	m.euicc_challenge = rsp_expect_range(&in, RSP_ServerSigned1_euiccChallenge,
					     RSP_CHALLENGE_LEN, RSP_CHALLENGE_LEN);
	m.server_address =
		rsp_expect_range(&in, RSP_ServerSigned1_serverAddress, 0, RSP_ADDRESS_MAX);
	m.server_challenge = rsp_expect_range(&in, RSP_ServerSigned1_serverChallenge,
					      RSP_CHALLENGE_LEN, RSP_CHALLENGE_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_server_signed1(struct wbuf *w, const struct es10b_server_signed1 *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, RSP_ServerSigned1_transactionId, m->transaction_id);
	tlv_put(w, RSP_ServerSigned1_euiccChallenge, m->euicc_challenge);
	tlv_put(w, RSP_ServerSigned1_serverAddress, m->server_address);
	tlv_put(w, RSP_ServerSigned1_serverChallenge, m->server_challenge);
	tlv_close(w, mark);
}

enum err es10b_parse_ctx(struct slice der, struct es10b_ctx *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, RSP_AuthenticateServerRequest_ctxParams1,
				     &rsp_type_CtxParamsForCommonAuthentication),
		      dev;
	struct es10b_ctx m = {0};
	enum err e;

	rsp_optional_range(&in, RSP_CtxParamsForCommonAuthentication_matchingId, 0, 255,
			   &m.matching_id);
	dev = rsp_enter(&in, RSP_CtxParamsForCommonAuthentication_deviceInfo, &rsp_type_DeviceInfo);
	m.tac = rsp_expect_range(&dev, RSP_DeviceInfo_tac, 1, 8);
	m.capabilities = tlv_expect(&dev, RSP_DeviceInfo_deviceCapabilities);
	rsp_optional_range(&dev, RSP_DeviceInfo_imei, 1, 8, &m.imei);
	tlv_leave(&in, &dev);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_ctx(struct wbuf *w, const struct es10b_ctx *m)
{
	size_t mark = tlv_open(w, RSP_AuthenticateServerRequest_ctxParams1), dev;

	rsp_put_optional(w, RSP_CtxParamsForCommonAuthentication_matchingId, m->matching_id);
	dev = tlv_open(w, RSP_CtxParamsForCommonAuthentication_deviceInfo);
	tlv_put(w, RSP_DeviceInfo_tac, m->tac);
	tlv_put(w, RSP_DeviceInfo_deviceCapabilities, m->capabilities);
	rsp_put_optional(w, RSP_DeviceInfo_imei, m->imei);
	tlv_close(w, dev);
	tlv_close(w, mark);
}

enum err es10b_parse_authenticate_server_request(struct slice der,
						 struct es10b_authenticate_server_request *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_AUTHENTICATE_SERVER,
							 &rsp_type_AuthenticateServerRequest);
	struct es10b_authenticate_server_request m = {0};
	enum err e;

	m.signed1_raw = tlv_expect_raw(&in, RSP_AuthenticateServerRequest_serverSigned1);
	m.signature = expect_signature(&in);
	m.ci_key_id =
		rsp_expect_range(&in, RSP_AuthenticateServerRequest_euiccCiPKIdToBeUsed, 1, 32);
	m.certificate = tlv_expect_raw(&in, RSP_AuthenticateServerRequest_serverCertificate);
	m.ctx_raw = tlv_expect_raw(&in, RSP_AuthenticateServerRequest_ctxParams1);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		e = es10b_parse_server_signed1(m.signed1_raw, &m.signed1);
	if (!e)
		e = es10b_parse_ctx(m.ctx_raw, &m.ctx);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_authenticate_server_request(struct wbuf *w,
					   const struct es10b_authenticate_server_request *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_AUTHENTICATE_SERVER);

	wbuf_put(w, m->signed1_raw);
	tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
	tlv_put(w, RSP_AuthenticateServerRequest_euiccCiPKIdToBeUsed, m->ci_key_id);
	wbuf_put(w, m->certificate);
	if (m->ctx_raw.len)
		wbuf_put(w, m->ctx_raw);
	else
		es10b_put_ctx(w, &m->ctx);
	tlv_close(w, mark);
}

enum err es10b_parse_euicc_signed1(struct slice der, struct es10b_euicc_signed1 *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, ASN1_SEQUENCE, &rsp_type_EuiccSigned1);
	struct es10b_euicc_signed1 m;
	enum err e;

	m.transaction_id = expect_transaction(&in);
	m.server_address =
		rsp_expect_range(&in, RSP_EuiccSigned1_serverAddress, 0, RSP_ADDRESS_MAX);
	m.server_challenge = rsp_expect_range(&in, RSP_EuiccSigned1_serverChallenge,
					      RSP_CHALLENGE_LEN, RSP_CHALLENGE_LEN);
	m.info2_raw = tlv_expect_raw(&in, RSP_EuiccSigned1_euiccInfo2);
	m.ctx_raw = tlv_expect_raw(&in, RSP_EuiccSigned1_ctxParams1);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_euicc_signed1(struct wbuf *w, const struct es10b_euicc_signed1 *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, RSP_EuiccSigned1_transactionId, m->transaction_id);
	tlv_put(w, RSP_EuiccSigned1_serverAddress, m->server_address);
	tlv_put(w, RSP_EuiccSigned1_serverChallenge, m->server_challenge);
	wbuf_put(w, m->info2_raw);
	wbuf_put(w, m->ctx_raw);
	tlv_close(w, mark);
}

/* { [0] TransactionId, INTEGER }: the form of both error answers. */
static void read_error(struct cursor *c, struct slice *transaction_id, uint32_t *code)
{
	struct cursor in = rsp_enter(c, TAG_ERROR, &rsp_type_AuthenticateResponseError);
	uint64_t v;

	*transaction_id = expect_transaction(&in);
	v = tlv_expect_uint(&in, RSP_AuthenticateResponseError_authenticateErrorCode);
	if (v > UINT8_MAX)
		cursor_fail(&in, ERR_VALUE);
	*code = (uint32_t)v;
	tlv_leave(c, &in);
}

static void put_error(struct wbuf *w, struct slice transaction_id, uint32_t code)
{
	size_t mark = tlv_open(w, TAG_ERROR);

	tlv_put(w, RSP_AuthenticateResponseError_transactionId, transaction_id);
	tlv_put_uint(w, RSP_AuthenticateResponseError_authenticateErrorCode, code);
	tlv_close(w, mark);
}

enum err es10b_parse_authenticate_server_response(struct slice der,
						  struct es10b_authenticate_server_response *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_AUTHENTICATE_SERVER);
	struct es10b_authenticate_server_response m = {0};
	uint32_t code = 0;
	enum err e;

	m.ok = tlv_peek(&in) == TAG_OK;
	if (m.ok) {
		struct cursor ok = rsp_enter(&in, TAG_OK, &rsp_type_AuthenticateResponseOk);

		m.signed1_raw = tlv_expect_raw(&ok, RSP_AuthenticateResponseOk_euiccSigned1);
		m.signature = expect_signature(&ok);
		m.euicc_certificate =
			tlv_expect_raw(&ok, RSP_AuthenticateResponseOk_euiccCertificate);
		m.eum_certificate = tlv_expect_raw(&ok, RSP_AuthenticateResponseOk_eumCertificate);
		tlv_leave(&in, &ok);
	} else {
		read_error(&in, &m.transaction_id, &code);
		m.error = (enum es10b_authenticate_error)code;
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e && m.ok)
		e = es10b_parse_euicc_signed1(m.signed1_raw, &m.signed1);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_authenticate_server_response(struct wbuf *w,
					    const struct es10b_authenticate_server_response *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_AUTHENTICATE_SERVER);

	if (m->ok) {
		size_t ok = tlv_open(w, TAG_OK);

		wbuf_put(w, m->signed1_raw);
		tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
		wbuf_put(w, m->euicc_certificate);
		wbuf_put(w, m->eum_certificate);
		tlv_close(w, ok);
	} else {
		put_error(w, m->transaction_id, m->error);
	}
	tlv_close(w, mark);
}

enum err es10b_parse_smdp_signed2(struct slice der, struct es10b_smdp_signed2 *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, ASN1_SEQUENCE, &rsp_type_SmdpSigned2);
	struct es10b_smdp_signed2 m;
	enum err e;

	m.transaction_id = expect_transaction(&in);
	m.cc_required = tlv_expect_bool(&in, RSP_SmdpSigned2_ccRequiredFlag);
	rsp_optional_range(&in, SGP22_TAG_OTPK, EC_POINT_LEN, EC_POINT_LEN, &m.euicc_otpk);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_smdp_signed2(struct wbuf *w, const struct es10b_smdp_signed2 *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, RSP_SmdpSigned2_transactionId, m->transaction_id);
	tlv_put_bool(w, RSP_SmdpSigned2_ccRequiredFlag, m->cc_required);
	rsp_put_optional(w, SGP22_TAG_OTPK, m->euicc_otpk);
	tlv_close(w, mark);
}

enum err es10b_parse_prepare_download_request(struct slice der,
					      struct es10b_prepare_download_request *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_PREPARE_DOWNLOAD,
							 &rsp_type_PrepareDownloadRequest);
	struct es10b_prepare_download_request m = {0};
	enum err e;

	m.signed2_raw = tlv_expect_raw(&in, RSP_PrepareDownloadRequest_smdpSigned2);
	m.signature = expect_signature(&in);
	rsp_optional_range(&in, RSP_PrepareDownloadRequest_hashCc, RSP_HASH_LEN, RSP_HASH_LEN,
			   &m.hash_cc);
	m.certificate = tlv_expect_raw(&in, RSP_PrepareDownloadRequest_smdpCertificate);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		e = es10b_parse_smdp_signed2(m.signed2_raw, &m.signed2);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_prepare_download_request(struct wbuf *w,
					const struct es10b_prepare_download_request *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_PREPARE_DOWNLOAD);

	wbuf_put(w, m->signed2_raw);
	tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
	rsp_put_optional(w, RSP_PrepareDownloadRequest_hashCc, m->hash_cc);
	wbuf_put(w, m->certificate);
	tlv_close(w, mark);
}

enum err es10b_hash_cc(struct slice code, struct slice transaction_id,
		       uint8_t hash[static RSP_HASH_LEN])
{
	uint8_t inner[SHA256_LEN];
	struct slice parts[] = {SLICE_OF(inner), transaction_id};
	enum err e = sha256(&code, 1, inner);

	if (!e)
		e = sha256(parts, ARRAY_LEN(parts), hash);
	secret_wipe(inner, sizeof(inner));
	return e;
}

enum err es10b_parse_euicc_signed2(struct slice der, struct es10b_euicc_signed2 *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, ASN1_SEQUENCE, &rsp_type_EUICCSigned2);
	struct es10b_euicc_signed2 m;
	enum err e;

	m.transaction_id = expect_transaction(&in);
	m.euicc_otpk = rsp_expect_range(&in, SGP22_TAG_OTPK, EC_POINT_LEN, EC_POINT_LEN);
	rsp_optional_range(&in, RSP_EUICCSigned2_hashCc, 0, RSP_HASH_LEN, &m.hash_cc);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e && m.hash_cc.len == 0) /* some managers write an empty one when there is none */
		m.hash_cc = SLICE_EMPTY;
	else if (!e && m.hash_cc.len != RSP_HASH_LEN)
		e = ERR_LENGTH;
	if (!e)
		*out = m;
	return e;
}

void es10b_put_euicc_signed2(struct wbuf *w, const struct es10b_euicc_signed2 *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, RSP_EUICCSigned2_transactionId, m->transaction_id);
	tlv_put(w, SGP22_TAG_OTPK, m->euicc_otpk);
	rsp_put_optional(w, RSP_EUICCSigned2_hashCc, m->hash_cc);
	tlv_close(w, mark);
}

enum err es10b_parse_prepare_download_response(struct slice der,
					       struct es10b_prepare_download_response *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_PREPARE_DOWNLOAD);
	struct es10b_prepare_download_response m = {0};
	uint32_t code = 0;
	enum err e;

	m.ok = tlv_peek(&in) == TAG_OK;
	if (m.ok) {
		struct cursor ok = rsp_enter(&in, TAG_OK, &rsp_type_PrepareDownloadResponseOk);

		m.signed2_raw = tlv_expect_raw(&ok, RSP_PrepareDownloadResponseOk_euiccSigned2);
		m.signature = expect_signature(&ok);
		tlv_leave(&in, &ok);
	} else {
		read_error(&in, &m.transaction_id, &code);
		m.error = (enum es10b_download_error)code;
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e && m.ok)
		e = es10b_parse_euicc_signed2(m.signed2_raw, &m.signed2);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_prepare_download_response(struct wbuf *w,
					 const struct es10b_prepare_download_response *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_PREPARE_DOWNLOAD);

	if (m->ok) {
		size_t ok = tlv_open(w, TAG_OK);

		wbuf_put(w, m->signed2_raw);
		tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
		tlv_close(w, ok);
	} else {
		put_error(w, m->transaction_id, m->error);
	}
	tlv_close(w, mark);
}

struct slice es10b_signature_object(struct slice signature, uint8_t out[static 3 + 64])
{
	struct wbuf w = wbuf_init(out, 3 + EC_SIGNATURE_LEN);

	tlv_put(&w, SGP22_TAG_SIGNATURE, signature);
	return wbuf_slice(&w);
}
