/* download: RSP, what follows the authentication: preparation, package, result, cancellation */
#include "lib/trace/audit/rsp/download.h"

#include "lib/base/tlv.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "lib/trace/audit/rsp/state.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/rsp/es10.h"

#define SIGNED_MAX 512

static void rsp_take_prepared(struct audit_run *r, struct rsp *st, const struct audit_step *s,
			      const struct es10b_prepare_download_request *request)
{
	uint8_t object[3 + EC_SIGNATURE_LEN];
	struct es10b_prepare_download_response m;

	st->mute = !s->x->has_sw || (s->good && !s->x->answer.len);
	if (st->mute)
		st->stage = RSP_PREPARED;
	if (!s->good || es10b_parse_prepare_download_response(s->x->answer, &m))
		return;
	if (!m.ok) {
		audit_find(r, &rsp_rules[RSP_REFUSED], &s->spot, "PrepareDownload: %s",
			   es10_word("downloadErrorCode", m.error));
		return;
	}
	rsp_judge_transaction(r, st, s, m.signed2.transaction_id);
	rsp_judge_signature(
		r, st, s,
		&(struct rsp_signature){
			&st->euicc,
			{m.signed2_raw, es10b_signature_object(request->signature, object)},
			m.signature,
			"euiccSignature2"});
	if (!slice_equal(m.signed2.euicc_otpk, request->signed2.euicc_otpk))
		audit_once(r, &rsp_rules[RSP_ONE_TIME_KEY_AGAIN], &s->spot, m.signed2.euicc_otpk);
	st->has_otpk = !slice_copy(m.signed2.euicc_otpk, st->otpk, sizeof(st->otpk));
	st->has_code = request->hash_cc.len;
	if (st->stage == RSP_IDLE) {
		st->began = s->spot;
		rsp_keep(&st->transaction, m.signed2.transaction_id);
	}
	st->stage = RSP_PREPARED;
}

void rsp_take_prepare(struct audit_run *r, struct rsp *st, const struct audit_step *s)
{
	uint8_t object[3 + EC_SIGNATURE_LEN];
	struct es10b_prepare_download_request m;

	if (es10b_parse_prepare_download_request(s->x->apdu.data, &m))
		return;
	if (st->stage == RSP_IDLE && st->whole)
		audit_find(r, &rsp_rules[RSP_SKIPPED], &s->spot,
			   "PrepareDownload, and no server is authenticated");
	rsp_judge_transaction(r, st, s, m.signed2.transaction_id);
	rsp_take_key(st, &st->binder, m.certificate);
	if (st->has_signature1)
		rsp_judge_signature(
			r, st, s,
			&(struct rsp_signature){
				&st->binder,
				{m.signed2_raw,
				 es10b_signature_object(SLICE_OF(st->signature1), object)},
				m.signature,
				"smdpSignature2"});
	if (m.hash_cc.len && s->x->has_sw)
		audit_once(r, &rsp_rules[RSP_CODE_AGAIN], &s->spot, m.hash_cc);
	rsp_take_prepared(r, st, s, &m);
}

/* The first piece of a package: BF36 and BF23. */
void rsp_take_package(struct audit_run *r, struct rsp *st, const struct audit_step *s)
{
	uint8_t memory[SIGNED_MAX];
	struct wbuf w = wbuf_init(memory, sizeof(memory));
	struct cursor c = cursor_of(s->x->apdu.data);
	struct es8p_secure_channel m;
	uint32_t tag;
	size_t len;

	if (st->stage < RSP_PREPARED && st->whole)
		audit_find(r, &rsp_rules[RSP_SKIPPED], &s->spot, "a package, and none is prepared");
	if (st->stage == RSP_IDLE)
		st->began = s->spot;
	if (tlv_header(&c, &tag, &len) &&
	    !es8p_parse_secure_channel(tlv_expect_raw(&c, SGP22_TAG_INITIALISE_SECURE_CHANNEL),
				       &m)) {
		rsp_judge_transaction(r, st, s, m.transaction_id);
		if (st->stage == RSP_IDLE)
			rsp_keep(&st->transaction, m.transaction_id);
		es8p_put_secure_channel_signed(&w, &m, SLICE_OF(st->otpk));
		if (st->has_otpk && !wbuf_done(&w))
			rsp_judge_signature(
				r, st, s,
				&(struct rsp_signature){&st->binder,
							{wbuf_slice(&w), SLICE_EMPTY},
							m.signature,
							"smdpSign: the package is for another "
							"eUICC, or was changed"});
	}
	st->stage = RSP_LOADING;
}

/* What the eUICC answers to the last piece, or to the one that it refuses. */
void rsp_take_result(struct audit_run *r, struct rsp *st, const struct audit_step *s)
{
	struct es10b_installation_result m;

	st->mute = st->mute || !s->x->has_sw;
	if (!s->good || es10_tag(s->x->answer) != SGP22_TAG_PROFILE_INSTALLATION_RESULT ||
	    es10b_parse_installation_result(s->x->answer, &m))
		return;
	rsp_judge_transaction(r, st, s, m.transaction_id);
	rsp_judge_signature(
		r, st, s,
		&(struct rsp_signature){
			&st->euicc, {m.data_raw, SLICE_EMPTY}, m.signature, "euiccSignPIR"});
	if (!m.success)
		audit_find(r, &rsp_rules[RSP_FAILED], &s->spot, "%s: %s",
			   es10_word("bppCommandId", m.command),
			   es10_word("errorReason", m.reason));
	if (st->stage == RSP_LOADING && st->address.len && m.notification.address.len &&
	    !rsp_kept(&st->address, m.notification.address))
		rsp_find_before(r, RSP_RESULT_ADDRESS, &st->began, s, "it goes to another address");
	rsp_close_session(r, st, &s->spot);
	st->address.len = 0;
}

void rsp_take_cancel(struct audit_run *r, struct rsp *st, const struct audit_step *s)
{
	struct es10b_cancel_session_request m;
	struct es10b_cancel_session_response answer;

	if (es10b_parse_cancel_session_request(s->x->apdu.data, &m))
		return;
	rsp_judge_transaction(r, st, s, m.transaction_id);
	if (s->good && !es10b_parse_cancel_session_response(s->x->answer, &answer) && !answer.ok)
		audit_find(r, &rsp_rules[RSP_REFUSED], &s->spot, "CancelSession: %s",
			   es10_word("cancelSessionResponseError", answer.error));
	rsp_close_session(r, st, &s->spot);
}
