/* cancel: ES9+.CancelSession (SGP.22 5.6.5) */
#include <stdio.h>

#include "host/operator/smdp/es9p/call.h"
#include "host/operator/smdp/es9p/manager.h"
#include "host/operator/smdp/es9p/report.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "lib/rsp/es10b.h"

static const char *reason_text(enum es10b_cancel_reason reason)
{
	switch (reason) {
	case ES10B_CANCEL_END_USER_REJECTION: return "rejected by the end user";
	case ES10B_CANCEL_POSTPONED: return "postponed by the end user";
	case ES10B_CANCEL_TIMEOUT: return "timeout";
	case ES10B_CANCEL_PPR_NOT_ALLOWED: return "policy rules not allowed";
	case ES10B_CANCEL_METADATA_MISMATCH: return "metadata mismatch";
	case ES10B_CANCEL_LOAD_BPP_ERROR: return "the package could not be loaded";
	case ES10B_CANCEL_UNDEFINED_REASON: return "undefined reason";
	}
	return "another reason";
}

/*
 * Who has not shown the confirmation code that the order asks for ends nothing: LPAs report a code
 * that was mistyped as the user's rejection (docs/adr/0018). A package goes out for a right code.
 */
static bool awaits_code(const struct smdp_session *s, const struct smdp_profile *p)
{
	return p->has_code && s->state != SMDP_SESSION_BOUND;
}

/* SGP.22 5.6.5: the order stays open after these. */
static bool keeps_order(const struct smdp *m, enum es10b_cancel_reason reason, bool awaits)
{
	return reason == ES10B_CANCEL_POSTPONED || reason == ES10B_CANCEL_TIMEOUT ||
	       (reason == ES10B_CANCEL_END_USER_REJECTION && (awaits || m->keep_rejected));
}

static enum err cancel(struct smdp_call *call, enum es10b_cancel_reason reason)
{
	struct smdp_report r = {.seq = 0};
	struct smdp_profile p;
	bool awaits, keeps;
	enum err e = smdp_profile_get(call->m->store, call->session.profile, &p);

	if (e)
		return e;
	awaits = awaits_code(&call->session, &p);
	keeps = keeps_order(call->m, reason, awaits);
	r.event = keeps ? SMDP_POSTPONE : SMDP_REJECT;
	snprintf(r.evidence, sizeof(r.evidence), "%s%s", reason_text(reason),
		 keeps && awaits ? ", no right confirmation code before" : "");
	return smdp_report_end_session(call, &r);
}

/* The eUICC has signed it, in this session, for this manager. */
static enum smdp_fault_cause check_signed(const struct smdp_call *call,
					  const struct es10b_cancel_session_response *r)
{
	const struct smdp_session *s = &call->session;
	const struct smdp_identity *id = smdp_identity_of(call->m, s->curve);

	if (ec_verify(s->euicc_curve, SLICE_OF(s->euicc_point), &r->signed_raw, 1, r->signature))
		return SMDP_FAULT_SIGNATURE;
	if (!slice_equal(r->signed_.transaction_id, SLICE_OF(s->transaction_id)))
		return SMDP_FAULT_TRANSACTION;
	return slice_equal(r->signed_.smdp_oid, cert_rid(&id->auth.cert)) ? SMDP_FAULT_COUNT
									  : SMDP_FAULT_OID;
}

enum err smdp_cancel_session(struct smdp *m, struct slice transaction_id,
			     struct slice cancel_session_response, int64_t now,
			     struct smdp_answer *a)
{
	struct smdp_call call = {.m = m, .now = now, .answer = a};
	enum smdp_fault_cause cause = SMDP_FAULT_COUNT;
	struct es10b_cancel_session_response r = {.ok = false};
	enum err e = smdp_call_resume(&call, transaction_id, SMDP_SESSION_AUTHENTICATED,
				      SMDP_SESSION_ENDED);

	if (!e)
		e = es10b_parse_cancel_session_response(cancel_session_response, &r);
	if (!e)
		cause = r.ok ? check_signed(&call, &r) : SMDP_FAULT_EUICC_REFUSED;
	if (cause != SMDP_FAULT_COUNT)
		e = smdp_call_refuse(&call, cause);
	/* one that has ended: sent again, or the eUICC's result came first */
	if (!e && call.session.state != SMDP_SESSION_ENDED)
		e = cancel(&call, r.signed_.reason);
	return smdp_call_end(&call, e);
}
