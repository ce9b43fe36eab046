#include "card-emu/apps/isdr/session.h"

#include <string.h>

#include "card-emu/apps/isdr/crl.h"
#include "card-emu/apps/isdr/info.h"
#include "card-emu/apps/isdr/otkey.h"
#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/core/signer.h"
#include "card-emu/store/store.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"

/* SGP.22 5.7.7: a new challenge ends what session there was. */
uint16_t isdr_get_challenge(struct app_call *call, struct isdr *s, struct slice request)
{
	if (rsp_parse_empty(request, &rsp_type_GetEuiccChallengeRequest))
		return SW_WRONG_DATA;
	isdr_end_session(s);
	if (random_bytes(s->challenge, sizeof(s->challenge)))
		return SW_TECHNICAL;
	s->stage = ISDR_CHALLENGED;
	es10b_put_challenge(call->out, SLICE_OF(s->challenge));
	return SW_OK;
}

/* The CI among ours that issued the certificate, and the certificate checked against it. */
static enum err check_dp(struct card *card, struct slice der, enum rsp_role role, struct cert *out)
{
	struct slice cis[CARD_CI_MAX];
	size_t n = isdr_ci_certs(card, cis);
	struct cert ci, leaf;
	enum err e = cert_parse(der, &leaf);

	if (e)
		return e;
	for (unsigned i = 0; i < n; i++) {
		if (cert_parse(cis[i], &ci) ||
		    !slice_equal(cert_key_id(&ci), cert_authority_id(&leaf)))
			continue;
		e = rsp_cert_check_ci(cis[i], card_now(card), &ci);
		if (!e)
			e = rsp_cert_check_dp(der, role, &ci, card_now(card), out);
		if (!e && isdr_crl_revoked(card, i, out))
			e = ERR_CERT_UNTRUSTED;
		if (!e)
			out->der = SLICE_EMPTY;
		return e;
	}
	return ERR_CERT_UNTRUSTED;
}

/* ES9+ or ES11: a SM-DS authenticates itself by the same function (SGP.22 3.0.1). */
static enum rsp_role server_role(struct slice der)
{
	struct cert c;

	return cert_parse(der, &c) == ERR_OK && cert_has_policy(&c, rsp_role_oid(RSP_ROLE_DS_AUTH))
		       ? RSP_ROLE_DS_AUTH
		       : RSP_ROLE_DP_AUTH;
}

/* SGP.22 5.7.13: the checks in their order; 0 when all is well. */
static uint32_t check_server(struct card *card, struct isdr *s,
			     const struct es10b_authenticate_server_request *m)
{
	enum err e;

	if (s->stage != ISDR_CHALLENGED)
		return ES10B_AUTHENTICATE_NO_SESSION;
	e = check_dp(card, m->certificate, server_role(m->certificate), &s->dp_auth);
	if (e == ERR_UNSUPPORTED)
		return ES10B_AUTHENTICATE_UNSUPPORTED_CURVE;
	if (e == ERR_NOT_FOUND)
		return ES10B_AUTHENTICATE_INVALID_OID;
	if (e)
		return ES10B_AUTHENTICATE_INVALID_CERTIFICATE;
	if (ec_verify(s->dp_auth.curve, cert_point(&s->dp_auth), &m->signed1_raw, 1, m->signature))
		return ES10B_AUTHENTICATE_INVALID_SIGNATURE;
	if (!slice_equal(m->signed1.euicc_challenge, SLICE_OF(s->challenge)))
		return ES10B_AUTHENTICATE_CHALLENGE_MISMATCH;
	if (!signer_find(card_store(card), m->ci_key_id, &s->signer))
		return ES10B_AUTHENTICATE_CI_UNKNOWN;
	return 0;
}

/* Signs EuiccSigned1 and writes the answer. */
static enum err answer_server(struct app_call *call, struct isdr *s,
			      const struct es10b_authenticate_server_request *m)
{
	struct wbuf info = wbuf_grow(4096), signed1 = wbuf_grow(8192);
	struct es10b_authenticate_server_response r = {.ok = true};
	struct es10b_euicc_signed1 content;
	struct signer_certs certs;
	enum err e;

	if (!signer_certs(card_store(call->card), s->signer, &certs))
		return ERR_NOT_FOUND;
	isdr_put_info2(call->card, &info);
	content = (struct es10b_euicc_signed1){m->signed1.transaction_id, m->signed1.server_address,
					       m->signed1.server_challenge, wbuf_slice(&info),
					       m->ctx_raw};
	es10b_put_euicc_signed1(&signed1, &content);
	e = wbuf_done(&info);
	if (!e)
		e = wbuf_done(&signed1);
	r.signed1_raw = wbuf_slice(&signed1);
	if (!e)
		e = signer_sign(card_store(call->card), s->signer, &r.signed1_raw, 1,
				s->signature1);
	if (!e) {
		r.signature = SLICE_OF(s->signature1);
		r.euicc_certificate = certs.euicc;
		r.eum_certificate = certs.eum;
		es10b_put_authenticate_server_response(call->out, &r);
		e = wbuf_done(call->out);
	}
	wbuf_free(&info);
	wbuf_free(&signed1);
	return e;
}

uint16_t isdr_authenticate_server(struct app_call *call, struct isdr *s, struct slice request)
{
	struct es10b_authenticate_server_request m;
	struct es10b_authenticate_server_response no = {0};
	uint32_t error;

	if (es10b_parse_authenticate_server_request(request, &m) ||
	    slice_text(m.signed1.server_address, s->server_address, sizeof(s->server_address)))
		return SW_WRONG_DATA;
	error = check_server(call->card, s, &m);
	if (!error && answer_server(call, s, &m)) {
		wbuf_cut(call->out, 0);
		error = ES10B_AUTHENTICATE_UNDEFINED;
	}
	if (error) {
		no.transaction_id = m.signed1.transaction_id;
		no.error = (enum es10b_authenticate_error)error;
		isdr_end_session(s);
		es10b_put_authenticate_server_response(call->out, &no);
		return SW_OK;
	}
	s->transaction_len = m.signed1.transaction_id.len;
	memcpy(s->transaction_id, m.signed1.transaction_id.ptr, s->transaction_len);
	s->stage = ISDR_AUTHENTICATED;
	return SW_OK;
}

/* SGP.22 5.7.5; *pb: CERT.DPpb when all is well */
static uint32_t check_download(struct card *card, const struct isdr *s,
			       const struct es10b_prepare_download_request *m, struct cert *pb)
{
	uint8_t mem[3 + EC_SIGNATURE_LEN];
	struct slice parts[2];
	enum err e;

	if ((s->stage != ISDR_AUTHENTICATED && s->stage != ISDR_PREPARED) ||
	    cert_has_policy(&s->dp_auth, rsp_role_oid(RSP_ROLE_DS_AUTH)))
		return ES10B_DOWNLOAD_NO_SESSION;
	e = check_dp(card, m->certificate, RSP_ROLE_DP_PB, pb);
	if (e == ERR_UNSUPPORTED)
		return ES10B_DOWNLOAD_UNSUPPORTED_CURVE;
	/* both certificates are one SM-DP+'s */
	if (e || !slice_equal(cert_rid(pb), cert_rid(&s->dp_auth)) ||
	    !slice_equal(cert_authority_id(pb), cert_authority_id(&s->dp_auth)))
		return ES10B_DOWNLOAD_INVALID_CERTIFICATE;
	parts[0] = m->signed2_raw;
	parts[1] = es10b_signature_object(SLICE_OF(s->signature1), mem);
	if (ec_verify(pb->curve, cert_point(pb), parts, 2, m->signature))
		return ES10B_DOWNLOAD_INVALID_SIGNATURE;
	if (!slice_equal(m->signed2.transaction_id, isdr_transaction(s)))
		return ES10B_DOWNLOAD_INVALID_TRANSACTION;
	if (m->signed2.cc_required && !m->hash_cc.ptr)
		return ES10B_DOWNLOAD_UNDEFINED;
	return 0;
}

static enum err answer_download(struct app_call *call, struct isdr *s,
				const struct es10b_prepare_download_request *m)
{
	uint8_t mem[3 + EC_SIGNATURE_LEN], signature[EC_SIGNATURE_LEN];
	struct wbuf signed2 = wbuf_grow(512);
	struct es10b_prepare_download_response r = {.ok = true};
	struct es10b_euicc_signed2 content = {.transaction_id = isdr_transaction(s)};
	struct slice parts[2];
	enum err e = isdr_otkey_take(call->card, s, m->signed2.euicc_otpk);

	if (!e) {
		content.euicc_otpk = ec_key_point(s->otsk);
		content.hash_cc = m->signed2.cc_required ? m->hash_cc : SLICE_EMPTY;
		es10b_put_euicc_signed2(&signed2, &content);
		e = wbuf_done(&signed2);
	}
	parts[0] = wbuf_slice(&signed2);
	parts[1] = es10b_signature_object(m->signature, mem);
	if (!e)
		e = signer_sign(card_store(call->card), s->signer, parts, 2, signature);
	if (!e) {
		r.signed2_raw = parts[0];
		r.signature = SLICE_OF(signature);
		es10b_put_prepare_download_response(call->out, &r);
		e = wbuf_done(call->out);
	}
	wbuf_free(&signed2);
	return e;
}

uint16_t isdr_prepare_download(struct app_call *call, struct isdr *s, struct slice request)
{
	struct es10b_prepare_download_request m;
	struct es10b_prepare_download_response no = {0};
	struct cert pb;
	uint32_t error;

	if (es10b_parse_prepare_download_request(request, &m))
		return SW_WRONG_DATA;
	error = check_download(call->card, s, &m, &pb);
	if (!error) {
		s->dp_pb = pb;
		if (answer_download(call, s, &m)) {
			wbuf_cut(call->out, 0);
			error = ES10B_DOWNLOAD_UNDEFINED;
		}
	}
	if (error) {
		/* what an earlier answer prepared must not serve the one that is refused now */
		if (s->stage == ISDR_PREPARED)
			s->stage = ISDR_AUTHENTICATED;
		no.transaction_id = m.signed2.transaction_id;
		no.error = (enum es10b_download_error)error;
		es10b_put_prepare_download_response(call->out, &no);
		return SW_OK;
	}
	s->stage = ISDR_PREPARED;
	return SW_OK;
}

/* SGP.22 5.7.14 */
uint16_t isdr_cancel_session(struct app_call *call, struct isdr *s, struct slice request)
{
	struct es10b_cancel_session_request m;
	struct es10b_cancel_session_response r = {.error = ES10B_CANCEL_INVALID_TRANSACTION};
	struct es10b_cancel_session_signed content;
	uint8_t mem[128], signature[EC_SIGNATURE_LEN];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	if (es10b_parse_cancel_session_request(request, &m))
		return SW_WRONG_DATA;
	if (s->stage >= ISDR_AUTHENTICATED && slice_equal(m.transaction_id, isdr_transaction(s))) {
		content = (struct es10b_cancel_session_signed){m.transaction_id,
							       cert_rid(&s->dp_auth), m.reason};
		es10b_put_cancel_session_signed(&w, &content);
		r.signed_raw = wbuf_slice(&w);
		r.error = ES10B_CANCEL_UNDEFINED;
		r.ok = !wbuf_done(&w) &&
		       !signer_sign(card_store(call->card), s->signer, &r.signed_raw, 1, signature);
		r.signature = SLICE_OF(signature);
		isdr_end_session(s);
	}
	es10b_put_cancel_session_response(call->out, &r);
	return SW_OK;
}
