#include "tests/unit/support/peer.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/crypto/cert.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/rsp/rsp_extend.h"
#include "tests/unit/test.h"
#include "tool/cli/json.h"
#include "tool/pki/pki.h"

#define CERT_MAX    8192
#define MESSAGE_MAX 8192

static const uint8_t iccid[10] = {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x10, 0xF7};
static const uint8_t version[RSP_VERSION_LEN] = {2, 2, 2};

void peer_open(struct peer *p, const char *dir)
{
	static const uint8_t resources[] = {0x81, 1, 0, 0x82, 2, 0x10, 0, 0x83, 2, 0x10, 0};
	struct wbuf ci_der = wbuf_grow(CERT_MAX);
	struct cert ci;

	*p = (struct peer){
		.cert = wbuf_grow(CERT_MAX),
		.eum = wbuf_grow(CERT_MAX),
		.ci_ids = wbuf_grow(64),
		.capability = RSP_BIT(0),
		.resources = SLICE_OF(resources),
		.failure = ES10B_BPP_PE_PROCESSING,
		.seq = 1,
	};
	for (size_t i = 0; i < ARRAY_LEN(p->kept); i++)
		p->kept[i] = wbuf_grow(MESSAGE_MAX);
	ASSERT_ERR(pki_parse_eid(PEER_EID, p->eid), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUICC, EC_P256, &p->cert), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUM, EC_P256, &p->eum), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_CI, EC_P256, &ci_der), ERR_OK);
	CU_ASSERT_FATAL(cert_parse(wbuf_slice(&ci_der), &ci) == ERR_OK);
	ASSERT_ERR(slice_copy(cert_key_id(&ci), p->ci_id, sizeof(p->ci_id)), ERR_OK);
	tlv_put(&p->ci_ids, ASN1_OCTET_STRING, SLICE_OF(p->ci_id));
	CU_ASSERT_FATAL(pki_key(dir, PKI_EUICC, EC_P256, &p->key) == ERR_OK);
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &p->one_time) == ERR_OK);
	ASSERT_ERR(random_bytes(p->challenge, sizeof(p->challenge)), ERR_OK);
	p->otpk = ec_key_point(p->one_time);
	wbuf_free(&ci_der);
}

void peer_close(struct peer *p)
{
	ec_key_free(&p->key);
	ec_key_free(&p->one_time);
	wbuf_free(&p->cert);
	wbuf_free(&p->eum);
	wbuf_free(&p->ci_ids);
	for (size_t i = 0; i < ARRAY_LEN(p->kept); i++)
		wbuf_free(&p->kept[i]);
}

void peer_info1(const struct peer *p, struct wbuf *w)
{
	struct es10b_euicc_info1 m = {.svn = SLICE_OF(version),
				      .ci_verify = wbuf_slice(&p->ci_ids),
				      .ci_sign = wbuf_slice(&p->ci_ids)};

	wbuf_reset(w);
	es10b_put_euicc_info1(w, &m);
	rsp_extend_now(w, &rsp_type_EUICCInfo1, true);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
}

static void sign(const struct ec_key *key, struct slice a, struct slice b,
		 uint8_t signature[static EC_SIGNATURE_LEN])
{
	const struct slice parts[] = {a, b};

	ASSERT_ERR(ec_sign(key, parts, ARRAY_LEN(parts), signature), ERR_OK);
}

void peer_take_initiated(struct peer *p, const json_t *answer)
{
	struct es10b_server_signed1 m;
	struct wbuf *w = &p->kept[0];

	wbuf_reset(w);
	ASSERT_ERR(json_base64_field(answer, "serverSigned1", w), ERR_OK);
	CU_ASSERT_FATAL(es10b_parse_server_signed1(wbuf_slice(w), &m) == ERR_OK);
	ASSERT_OCTETS(m.euicc_challenge, SLICE_OF(p->challenge), "the eUICC's challenge");
	p->transaction_id = m.transaction_id;
	p->server_challenge = m.server_challenge;
}

static void put_info2(const struct peer *p, struct wbuf *w)
{
	struct es10b_euicc_info2 m = {.profile_version = SLICE_OF(version),
				      .svn = SLICE_OF(version),
				      .firmware = SLICE_OF(version),
				      .ext_resource = p->resources,
				      .uicc_capability = p->capability,
				      .has_forbidden = p->forbidden != 0,
				      .forbidden = p->forbidden,
				      .rsp_capability = RSP_BIT(0),
				      .ci_verify = wbuf_slice(&p->ci_ids),
				      .ci_sign = wbuf_slice(&p->ci_ids),
				      .pp_version = SLICE_OF(version),
				      .sas = slice_str("TEST")};

	es10b_put_euicc_info2(w, &m);
}

void peer_authenticate(const struct peer *p, struct wbuf *w)
{
	static const uint8_t tac[] = {0x35, 0x29, 0x06, 0x11};
	struct es10b_ctx ctx = {.matching_id = slice_str(p->matching_id), .tac = SLICE_OF(tac)};
	struct es10b_euicc_signed1 m = {.transaction_id = p->transaction_id,
					.server_address = slice_str(PEER_ADDRESS),
					.server_challenge = p->server_challenge};
	struct es10b_authenticate_server_response r = {.ok = true};
	struct wbuf info = wbuf_grow(MESSAGE_MAX), context = wbuf_grow(MESSAGE_MAX);
	struct wbuf signed1 = wbuf_grow(MESSAGE_MAX);
	uint8_t signature[EC_SIGNATURE_LEN];

	put_info2(p, &info);
	es10b_put_ctx(&context, &ctx);
	m.info2_raw = wbuf_slice(&info);
	m.ctx_raw = wbuf_slice(&context);
	es10b_put_euicc_signed1(&signed1, &m);
	rsp_extend_now(&signed1, &rsp_type_EuiccSigned1, false);
	sign(p->key, wbuf_slice(&signed1), SLICE_EMPTY, signature);
	r.signed1_raw = wbuf_slice(&signed1);
	r.signature = SLICE_OF(signature);
	r.euicc_certificate = wbuf_slice(&p->cert);
	r.eum_certificate = wbuf_slice(&p->eum);
	wbuf_reset(w);
	es10b_put_authenticate_server_response(w, &r);
	rsp_extend_now(w, &rsp_type_AuthenticateServerResponse, true);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
	wbuf_free(&info);
	wbuf_free(&context);
	wbuf_free(&signed1);
}

void peer_take_offer(struct peer *p, const json_t *answer)
{
	struct slice value;
	struct wbuf *w = &p->kept[1];

	wbuf_reset(w);
	ASSERT_ERR(json_base64_field(answer, "smdpSignature2", w), ERR_OK);
	CU_ASSERT_FATAL(tlv_only(wbuf_slice(w), SGP22_TAG_SIGNATURE, &value) == ERR_OK);
	p->smdp_signature2 = value;
}

void peer_prepare(const struct peer *p, struct wbuf *w)
{
	struct es10b_euicc_signed2 m = {
		.transaction_id = p->transaction_id, .euicc_otpk = p->otpk, .hash_cc = p->hash_cc};
	struct es10b_prepare_download_response r = {.ok = true};
	struct wbuf signed2 = wbuf_grow(MESSAGE_MAX);
	uint8_t signature[EC_SIGNATURE_LEN], object[3 + EC_SIGNATURE_LEN];

	es10b_put_euicc_signed2(&signed2, &m);
	rsp_extend_now(&signed2, &rsp_type_EUICCSigned2, false);
	sign(p->key, wbuf_slice(&signed2), es10b_signature_object(p->smdp_signature2, object),
	     signature);
	r.signed2_raw = wbuf_slice(&signed2);
	r.signature = SLICE_OF(signature);
	wbuf_reset(w);
	es10b_put_prepare_download_response(w, &r);
	rsp_extend_now(w, &rsp_type_PrepareDownloadResponse, true);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
	wbuf_free(&signed2);
}

void peer_result(const struct peer *p, bool success, struct wbuf *w)
{
	static const uint8_t aid[16] = {0xA0, 0, 0, 5, 0x59, 0x10, 0x10}, response[] = {0x30, 0};
	static const uint8_t oid[] = {0x88, 0x37, 0x0A};
	struct es10b_installation_result m = {.transaction_id = p->transaction_id,
					      .notification = {.seq = p->seq,
							       .event = RSP_EVENT_INSTALL,
							       .address = slice_str(PEER_ADDRESS),
							       .iccid = SLICE_OF(iccid)},
					      .smdp_oid = SLICE_OF(oid),
					      .success = success,
					      .aid = SLICE_OF(aid),
					      .sima_response = SLICE_OF(response),
					      .command = ES10B_BPP_LOAD_PROFILE_ELEMENTS,
					      .reason = p->failure};
	struct wbuf data = wbuf_grow(MESSAGE_MAX);
	uint8_t signature[EC_SIGNATURE_LEN];

	es10b_put_installation_data(&data, &m);
	rsp_extend_now(&data, &rsp_type_ProfileInstallationResultData, false);
	sign(p->key, wbuf_slice(&data), SLICE_EMPTY, signature);
	m.data_raw = wbuf_slice(&data);
	m.signature = SLICE_OF(signature);
	wbuf_reset(w);
	es10b_put_installation_result(w, &m);
	rsp_extend_now(w, &rsp_type_ProfileInstallationResult, true);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
	wbuf_free(&data);
}

void peer_notification(const struct peer *p, struct wbuf *w)
{
	peer_event(p, RSP_EVENT_ENABLE, 2, w);
}

void peer_event(const struct peer *p, uint32_t event, uint32_t seq, struct wbuf *w)
{
	struct es10b_notification n = {.seq = seq,
				       .event = event,
				       .address = slice_str(PEER_ADDRESS),
				       .iccid = SLICE_OF(iccid)};
	struct es10b_other_notification m = {.euicc_certificate = wbuf_slice(&p->cert),
					     .eum_certificate = wbuf_slice(&p->eum)};
	struct wbuf raw = wbuf_grow(MESSAGE_MAX);
	uint8_t signature[EC_SIGNATURE_LEN];

	es10b_put_notification(&raw, &n);
	rsp_extend_now(&raw, &rsp_type_NotificationMetadata, false);
	sign(p->key, wbuf_slice(&raw), SLICE_EMPTY, signature);
	m.notification_raw = wbuf_slice(&raw);
	m.signature = SLICE_OF(signature);
	wbuf_reset(w);
	es10b_put_other_notification(w, &m);
	rsp_extend_now(w, &rsp_type_OtherSignedNotification, true);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
	wbuf_free(&raw);
}

void peer_cancel(const struct peer *p, struct wbuf *w)
{
	static const uint8_t oid[] = {0x88, 0x37, 0x0A};
	struct es10b_cancel_session_signed m = {.transaction_id = p->transaction_id,
						.smdp_oid = SLICE_OF(oid),
						.reason = p->reason};
	struct es10b_cancel_session_response r = {.ok = true};
	struct wbuf raw = wbuf_grow(MESSAGE_MAX);
	uint8_t signature[EC_SIGNATURE_LEN];

	es10b_put_cancel_session_signed(&raw, &m);
	rsp_extend_now(&raw, &rsp_type_EuiccCancelSessionSigned, false);
	sign(p->key, wbuf_slice(&raw), SLICE_EMPTY, signature);
	r.signed_raw = wbuf_slice(&raw);
	r.signature = SLICE_OF(signature);
	wbuf_reset(w);
	es10b_put_cancel_session_response(w, &r);
	rsp_extend_now(w, &rsp_type_CancelSessionResponse, true);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
	wbuf_free(&raw);
}
