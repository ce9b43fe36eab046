/* session: RSP, sessions that download a profile: challenges, mutual authentication, and how they
 * end (SGP.22 v2.5 3.1, 5.7) */
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/rsp/es10b.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rsp/download.h"
#include "lib/trace/audit/rsp/state.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/decode/rsp/es10.h"

/* Something came that ends a session which nobody has ended. */
static void rsp_abandon(struct audit_run *r, struct rsp *st, const struct audit_spot *at,
			const char *what)
{
	static const char *const stages[] = {[RSP_AUTHENTICATED] = "authenticated",
					     [RSP_PREPARED] = "prepared",
					     [RSP_LOADING] = "being loaded"};

	if (st->stage != RSP_IDLE && !st->mute)
		audit_find(r, &rsp_rules[RSP_ABANDONED], &st->began, "%s, then %s",
			   stages[st->stage], what);
	rsp_close_session(r, st, at);
}

/* What was not recorded, or not fetched, may have been anything. */
static bool rsp_is_mute(const struct audit_step *s)
{
	return !s->x->has_sw || (s->good && !s->x->answer.len);
}

static void rsp_take_challenge(struct audit_run *r, struct rsp *st, const struct audit_step *s)
{
	struct slice challenge;

	if (rsp_is_mute(s))
		st->has_challenge = st->whole = false;
	if (!s->good || es10b_parse_challenge(s->x->answer, &challenge) ||
	    slice_copy(challenge, st->challenge, sizeof(st->challenge)))
		return;
	rsp_abandon(r, st, &s->spot, "a new one begins");
	audit_once(r, &rsp_rules[RSP_CHALLENGE_AGAIN], &s->spot, challenge);
	st->has_challenge = true;
	st->used = false;
	st->challenge_at = s->spot;
}

static void rsp_keep_issuers(struct rsp *st, struct slice list)
{
	struct cursor c = cursor_of(list);
	struct tlv id;

	st->issuers = 0;
	while (st->issuers < RSP_ISSUERS && tlv_next(&c, &id)) {
		if (!slice_copy(id.value, st->issuer[st->issuers], CERT_KEY_ID_MAX))
			st->issuers++;
	}
}

static void rsp_take_info(struct rsp *st, const struct audit_step *s)
{
	struct es10b_euicc_info1 one;
	struct es10b_euicc_info2 two;
	struct slice version, issuers;

	if (!s->good)
		return;
	if (s->tag == SGP22_TAG_EUICC_INFO1) {
		if (es10b_parse_euicc_info1(s->x->answer, &one))
			return;
		version = one.svn;
		issuers = one.ci_sign;
	} else {
		if (es10b_parse_euicc_info2(s->x->answer, &two))
			return;
		version = two.svn;
		issuers = two.ci_sign;
	}
	st->has_info = !slice_copy(version, st->version, sizeof(st->version));
	rsp_keep_issuers(st, issuers);
}

static void rsp_judge_info(struct audit_run *r, const struct rsp *st, const struct audit_step *s,
			   struct slice signed_info)
{
	struct es10b_euicc_info2 info;

	if (!st->has_info || es10b_parse_euicc_info2(signed_info, &info))
		return;
	if (!slice_equal(SLICE_OF(st->version), info.svn))
		audit_find(r, &rsp_rules[RSP_INFO], &s->spot, "the version (SVN) is another one");
	for (unsigned i = 0; i < st->issuers; i++) {
		if (!rsp_key_ids_have(info.ci_sign, SLICE_OF(st->issuer[i])))
			audit_find(r, &rsp_rules[RSP_INFO], &s->spot, "an issuer is missing");
	}
}

static void rsp_judge_issuer(struct audit_run *r, const struct rsp *st, const struct audit_step *s,
			     struct slice wanted)
{
	if (!st->has_info || !wanted.len || st->issuers == RSP_ISSUERS)
		return;
	for (unsigned i = 0; i < st->issuers; i++) {
		if (slice_equal(SLICE_OF(st->issuer[i]), wanted))
			return;
	}
	audit_find(r, &rsp_rules[RSP_ISSUER], &s->spot, "it is none of %u", st->issuers);
}

static void rsp_judge_challenge(struct audit_run *r, const struct rsp *st,
				const struct audit_step *s, struct slice signed_)
{
	if (!st->has_challenge) {
		if (st->whole)
			audit_find(r, &rsp_rules[RSP_CHALLENGE_OTHER], &s->spot,
				   "the card gave none since its reset");
		return;
	}
	if (!slice_equal(SLICE_OF(st->challenge), signed_))
		rsp_find_before(r, RSP_CHALLENGE_OTHER, &st->challenge_at, s,
				"it is another one than the card gave");
	else if (st->used)
		rsp_find_before(r, RSP_CHALLENGE_OTHER, &st->challenge_at, s,
				"it was used already");
}

static void rsp_take_euicc(struct audit_run *r, struct rsp *st, const struct audit_step *s,
			   const struct es10b_server_signed1 *server)
{
	struct es10b_authenticate_server_response m;

	st->mute = rsp_is_mute(s);
	if (st->mute)
		st->stage = RSP_AUTHENTICATED;
	if (!s->good || es10b_parse_authenticate_server_response(s->x->answer, &m))
		return;
	if (!m.ok) {
		audit_find(r, &rsp_rules[RSP_REFUSED], &s->spot, "AuthenticateServer: %s",
			   es10_word("authenticateErrorCode", m.error));
		return;
	}
	if (!slice_equal(m.signed1.transaction_id, server->transaction_id))
		audit_find(r, &rsp_rules[RSP_TRANSACTION], &s->spot,
			   "the card's answer has another");
	if (!slice_equal(m.signed1.server_challenge, server->server_challenge))
		audit_find(r, &rsp_rules[RSP_ECHO], &s->spot,
			   "the server's challenge is another one");
	if (!slice_equal(m.signed1.server_address, server->server_address))
		audit_find(r, &rsp_rules[RSP_ECHO], &s->spot,
			   "the server's address is another one");
	rsp_take_key(st, &st->euicc, m.euicc_certificate);
	rsp_judge_signature(
		r, st, s,
		&(struct rsp_signature){
			&st->euicc, {m.signed1_raw, SLICE_EMPTY}, m.signature, "euiccSignature1"});
	rsp_judge_info(r, st, s, m.signed1.info2_raw);
	st->has_signature1 = !slice_copy(m.signature, st->signature1, sizeof(st->signature1));
	st->stage = RSP_AUTHENTICATED;
}

static void rsp_take_server(struct audit_run *r, struct rsp *st, const struct audit_step *s)
{
	struct es10b_authenticate_server_request m;
	struct rsp_key server;
	uint8_t both[RSP_ADDRESS_MAX + RSP_TRANSACTION_ID_MAX];
	struct wbuf w = wbuf_init(both, sizeof(both));

	if (es10b_parse_authenticate_server_request(s->x->apdu.data, &m))
		return;
	rsp_abandon(r, st, &s->spot, "a new one begins");
	rsp_judge_challenge(r, st, s, m.signed1.euicc_challenge);
	/* a reader repeats what got no answer, and what was refused before it was looked at */
	st->used = audit_was_processed(s);
	wbuf_put(&w, m.signed1.server_address);
	wbuf_put(&w, m.signed1.transaction_id);
	if (st->used)
		audit_once(r, &rsp_rules[RSP_TRANSACTION_AGAIN], &s->spot, wbuf_slice(&w));
	rsp_judge_issuer(r, st, s, m.ci_key_id);
	rsp_take_key(st, &server, m.certificate);
	rsp_judge_signature(
		r, st, s,
		&(struct rsp_signature){
			&server, {m.signed1_raw, SLICE_EMPTY}, m.signature, "serverSignature1"});
	st->began = s->spot;
	rsp_keep(&st->transaction, m.signed1.transaction_id);
	rsp_keep(&st->address, m.signed1.server_address);
	rsp_keep(&st->matching_id, m.ctx.matching_id);
	rsp_take_euicc(r, st, s, &m.signed1);
}

static void rsp_judge_channel(struct audit_run *r, struct rsp *st, const struct audit_step *s)
{
	if (s->x->channel || st->told_channel ||
	    s->item->view.place->application.kind != APPLICATION_ISDR)
		return;
	audit_find(r, &rsp_rules[RSP_BASIC_CHANNEL], &s->spot, "it was selected on channel 0");
	st->told_channel = true;
}

static void rsp_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct rsp *st = state;

	if (!s->x->has_sw)
		st->whole = false; /* it may have been a step of a session */
	if (!s->tag)
		return;
	rsp_judge_channel(r, st, s);
	switch (s->tag) {
	case SGP22_TAG_EUICC_CHALLENGE: rsp_take_challenge(r, st, s); break;
	case SGP22_TAG_EUICC_INFO1:
	case SGP22_TAG_EUICC_INFO2: rsp_take_info(st, s); break;
	case SGP22_TAG_AUTHENTICATE_SERVER: rsp_take_server(r, st, s); break;
	case SGP22_TAG_PREPARE_DOWNLOAD: rsp_take_prepare(r, st, s); break;
	case SGP22_TAG_BOUND_PROFILE_PACKAGE: rsp_take_package(r, st, s); break;
	case SGP22_TAG_CANCEL_SESSION: rsp_take_cancel(r, st, s); break;
	default: break;
	}
	if (st->stage == RSP_LOADING)
		rsp_take_result(r, st, s);
}

static void rsp_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	const struct audit_spot at = audit_spot_of(e);
	struct rsp *st = state;

	if (e->kind != TRACE_RESET && e->kind != TRACE_REMOVED)
		return;
	rsp_abandon(r, st, &at, e->kind == TRACE_RESET ? "a reset" : "the card was removed");
	st->whole = true;
	st->has_challenge = st->has_info = false;
}

static void rsp_end(struct audit_run *r, void *state)
{
	struct rsp *st = state;
	const struct audit_spot at = st->began;

	rsp_abandon(r, st, &at, "the trace ends");
}

static const enum command_id rsp_takes[] = {COMMAND_STORE_DATA};

const struct audit_family audit_rsp = {
	.about = "Sessions with a subscription manager (SM-DP+)",
	.rules = rsp_rules,
	.rule_count = RSP_RULES,
	.state_size = sizeof(struct rsp),
	.takes = rsp_takes,
	.take_count = ARRAY_LEN(rsp_takes),
	.step = rsp_step,
	.event = rsp_event,
	.end = rsp_end,
};
