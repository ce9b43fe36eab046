/* initiate: ES9+.InitiateAuthentication (SGP.22 5.6.1) */
#include "host/operator/smdp/es9p/call.h"
#include "host/operator/smdp/es9p/manager.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/store/session.h"
#include "lib/base/tlv.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10b.h"

#define SVN_MAJOR 2

/*
 * SGP.22 5.6.1: keys under a CI that the eUICC verifies with, and a CI of ours that it signs under;
 * the same one where there is one.
 */
static enum smdp_fault_cause choose_ci(const struct smdp *m, const struct es10b_euicc_info1 *info,
				       const struct smdp_identity **auth,
				       const struct smdp_identity **sign)
{
	*auth = *sign = NULL;
	for (size_t i = 0; i < m->count; i++) {
		const struct smdp_identity *id = &m->ids[i];
		bool verifies = rsp_key_ids_have(info->ci_verify, cert_key_id(&id->ci));
		bool signs = rsp_key_ids_have(info->ci_sign, cert_key_id(&id->ci));

		if (verifies && signs) {
			*auth = *sign = id;
			break;
		}
		if (verifies && !*auth)
			*auth = id;
		if (signs && !*sign)
			*sign = id;
	}
	if (slice_at(info->svn, 0) != SVN_MAJOR) /* version 3 has messages of its own */
		return SMDP_FAULT_SVN;
	return !*sign ? SMDP_FAULT_CI : !*auth ? SMDP_FAULT_NO_CERTIFICATE : SMDP_FAULT_COUNT;
}

static enum err start_session(struct smdp_call *call, const struct smdp_initiation *r,
			      const struct smdp_identity *auth, const struct smdp_identity *sign)
{
	struct smdp_session *s = &call->session;
	struct es10b_server_signed1 signed1 = {SLICE_OF(s->transaction_id), r->euicc_challenge,
					       slice_str(smdp_called(call->m, r->address)),
					       SLICE_OF(s->server_challenge)};
	uint8_t signature[EC_SIGNATURE_LEN];
	struct wbuf *w;
	enum err e = random_bytes(s->transaction_id, sizeof(s->transaction_id));

	if (!e)
		e = random_bytes(s->server_challenge, sizeof(s->server_challenge));
	if (e)
		return e;
	s->state = SMDP_SESSION_INITIATED;
	s->created = call->now;
	s->curve = auth->ci.curve;
	s->euicc_curve = sign->ci.curve;
	w = smdp_answer_field(call->answer, "serverSigned1");
	es10b_put_server_signed1(w, &signed1);
	e = smdp_role_sign(&auth->auth, wbuf_slice(w), SLICE_EMPTY, signature,
			   smdp_answer_field(call->answer, "serverSignature1"));
	tlv_put(smdp_answer_field(call->answer, "euiccCiPKIdToBeUsed"), ASN1_OCTET_STRING,
		cert_key_id(&sign->ci));
	wbuf_put(smdp_answer_field(call->answer, "serverCertificate"), wbuf_slice(&auth->auth.der));
	return e ? e : smdp_call_save(call);
}

static enum err initiate(struct smdp_call *call, const struct smdp_initiation *r)
{
	const struct smdp_identity *auth, *sign;
	enum smdp_fault_cause cause;
	struct es10b_euicc_info1 info;
	enum err e = es10b_parse_euicc_info1(r->euicc_info1, &info);

	if (e)
		return e;
	if (r->euicc_challenge.len != RSP_CHALLENGE_LEN)
		return ERR_LENGTH;
	if (!smdp_called(call->m, r->address))
		return smdp_call_refuse(call, SMDP_FAULT_ADDRESS);
	cause = choose_ci(call->m, &info, &auth, &sign);
	if (cause != SMDP_FAULT_COUNT)
		return smdp_call_refuse(call, cause);
	return start_session(call, r, auth, sign);
}

enum err smdp_initiate_authentication(struct smdp *m, const struct smdp_initiation *r, int64_t now,
				      struct smdp_answer *a)
{
	struct smdp_call call = {.m = m, .now = now, .answer = a};

	return smdp_call_end_in_session(&call, initiate(&call, r));
}
