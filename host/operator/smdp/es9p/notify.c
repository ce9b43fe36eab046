/* notify: ES9+.HandleNotification (SGP.22 5.6.4) */
#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/es9p/call.h"
#include "host/operator/smdp/es9p/manager.h"
#include "host/operator/smdp/es9p/report.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/told.h"
#include "lib/base/tlv.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"

/*
 * What another attempt may mend: what broke on the way, and room. For the rest the profile or the
 * eUICC would have to change.
 */
static const struct {
	enum es10b_bpp_error reason;
	bool again;
	const char *text;
} reasons[] = {
	{ES10B_BPP_INCORRECT_INPUT, true, "incorrect input values"},
	{ES10B_BPP_INVALID_SIGNATURE, true, "invalid signature"},
	{ES10B_BPP_INVALID_TRANSACTION, true, "invalid transaction id"},
	{ES10B_BPP_UNSUPPORTED_CRT, false, "unsupported CRT values"},
	{ES10B_BPP_UNSUPPORTED_OPERATION, false, "unsupported remote operation type"},
	{ES10B_BPP_UNSUPPORTED_CLASS, false, "unsupported profile class"},
	{ES10B_BPP_SCP03T_STRUCTURE, true, "SCP03t structure error"},
	{ES10B_BPP_SCP03T_SECURITY, true, "SCP03t security error"},
	{ES10B_BPP_ICCID_EXISTS, false, "the ICCID is on the eUICC already"},
	{ES10B_BPP_INSUFFICIENT_MEMORY, true, "insufficient memory"},
	{ES10B_BPP_INTERRUPTION, true, "interruption"},
	{ES10B_BPP_PE_PROCESSING, false, "a profile element was refused"},
	{ES10B_BPP_ICCID_MISMATCH, false, "ICCID mismatch"},
	{ES10B_BPP_TEST_NAA_KEY, false, "test profile with an invalid NAA key"},
	{ES10B_BPP_PPR_NOT_ALLOWED, false, "the policy rules are not allowed"},
	{ES10B_BPP_UNKNOWN, true, "unknown error"},
};

static void read_result(const struct es10b_installation_result *r, struct smdp_report *out)
{
	unsigned seq = r->notification.seq;

	out->seq = r->notification.seq;
	out->event = SMDP_INSTALL;
	snprintf(out->evidence, SMDP_EVIDENCE_MAX, "notification %u", seq);
	if (r->success)
		return;
	out->event = SMDP_INSTALL_RETRY;
	snprintf(out->evidence, SMDP_EVIDENCE_MAX, "notification %u: reason %u", seq,
		 (unsigned)r->reason);
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].reason != r->reason)
			continue;
		snprintf(out->evidence, SMDP_EVIDENCE_MAX, "notification %u: %s", seq,
			 reasons[i].text);
		out->event = reasons[i].again ? SMDP_INSTALL_RETRY : SMDP_INSTALL_FAIL;
	}
}

/* A package was bound for the eUICC in this session, which may be over. */
static bool had_package(const struct smdp_session *s)
{
	return s->profile && s->state >= SMDP_SESSION_BOUND && s->euicc_otpk[0];
}

/* The result is of this installation, and for this manager (SGP.22 2.5.6, 3.5). */
static bool fits(const struct smdp_call *call, const struct es10b_installation_result *r,
		 const struct smdp_profile *p)
{
	const struct es10b_notification *n = &r->notification;
	const struct smdp_identity *id = smdp_identity_of(call->m, call->session.curve);

	return id && n->event == RSP_EVENT_INSTALL &&
	       (!n->iccid.ptr || slice_equal(n->iccid, SLICE_OF(p->iccid))) &&
	       (!r->smdp_oid.ptr || slice_equal(r->smdp_oid, cert_rid(&id->pb.cert)));
}

/* The session and the profile that the result is about. */
static enum err check_result(struct smdp_call *call, const struct es10b_installation_result *r)
{
	struct smdp_session *s = &call->session;
	struct smdp_profile p;
	enum err e = smdp_session_get(call->m->store, r->transaction_id, s);

	if (e == ERR_NOT_FOUND || (!e && !had_package(s)))
		return smdp_call_refuse(call, SMDP_FAULT_TRANSACTION);
	if (e)
		return e;
	if (ec_verify(s->euicc_curve, SLICE_OF(s->euicc_point), &r->data_raw, 1, r->signature))
		return smdp_call_refuse(call, SMDP_FAULT_SIGNATURE);
	e = smdp_profile_get(call->m->store, s->profile, &p);
	if (e)
		return e == ERR_NOT_FOUND ? smdp_call_refuse(call, SMDP_FAULT_TRANSACTION) : e;
	return fits(call, r, &p) ? ERR_OK : smdp_call_refuse(call, SMDP_FAULT_INVALID);
}

static enum err take_installation_result(struct smdp_call *call, struct slice der)
{
	struct smdp_store *store = call->m->store;
	struct es10b_installation_result r;
	struct smdp_report report = {.seq = 0};
	struct smdp_session before;
	enum err e = es10b_parse_installation_result(der, &r);

	if (!e)
		e = check_result(call, &r);
	if (e)
		return e;
	if (call->session.state == SMDP_SESSION_ENDED && !r.success) /* what came first counts */
		return ERR_OK;
	read_result(&r, &report);
	before = call->session;
	SMDP_TRANSACTION (store, e) {
		call->session = before;
		e = smdp_notification_put(store, before.eid, report.seq, der, call->now);
		if (!e)
			e = smdp_report_end_session(call, &report);
	}
	return e == ERR_EXISTS ? ERR_OK : e; /* sent again: the first one counts */
}

static const char *event_text(uint32_t event)
{
	return event == RSP_EVENT_ENABLE    ? "enabled"
	       : event == RSP_EVENT_DISABLE ? "disabled"
	       : event == RSP_EVENT_DELETE  ? "deleted"
					    : "installed";
}

/* Back in the inventory, whose policy that is (smdp_reuse_deleted()). */
static enum err reuse(struct smdp_call *call, const struct smdp_profile *p)
{
	const struct es2p_cancellation c = {.eid = p->linked ? p->eid : NULL, .iccid = p->iccid};
	struct es2p_call order = {.store = call->m->store, .now = call->now, .actor = "manager"};
	struct smdp_profile next;

	return es2p_cancel_order(&order, &c, &next);
}

/* The eUICC that has the profile says that it has deleted it. */
static enum err delete_profile(struct smdp_call *call, struct smdp_profile *p,
			       const struct smdp_report *r)
{
	const struct smdp_change c = {
		.event = r->event, .now = call->now, .actor = r->actor, .evidence = r->evidence};
	enum smdp_profile_state to;
	bool late;
	enum err e = smdp_report_is_late(call, p, p->eid, r, &late);

	if (e)
		return e;
	if (late || smdp_state_next(p->state, r->event, &to))
		return smdp_report_log(call, p, smdp_event_name(r->event), r);
	e = smdp_told_put(call->m->store, p->id, p->eid, r->seq);
	if (!e)
		e = smdp_profile_change(call->m->store, p, &c);
	return e || !call->m->reuse_deleted ? e : reuse(call, p);
}

/* Enable and disable change nothing here, but it is known. */
static enum err take_event(struct smdp_call *call, struct smdp_profile *p,
			   const struct es10b_notification *n)
{
	struct smdp_report r = {.event = SMDP_DELETE, .seq = n->seq};

	smdp_euicc_actor(p->eid, r.actor);
	snprintf(r.evidence, sizeof(r.evidence), "notification %u", n->seq);
	return n->event == RSP_EVENT_DELETE ? delete_profile(call, p, &r)
					    : smdp_report_log(call, p, event_text(n->event), &r);
}

/* The eUICC that says so, by its signature. */
static enum err check_sender(struct smdp_call *call, const struct es10b_other_notification *n,
			     uint8_t eid[static 16])
{
	const struct smdp_chain chain = {.euicc = n->euicc_certificate, .eum = n->eum_certificate};
	struct cert euicc;
	enum err e = smdp_euicc_check(call, &chain, &euicc);

	if (e)
		return e;
	if (rsp_cert_eid(&euicc, eid))
		return smdp_call_refuse(call, SMDP_FAULT_EUICC);
	if (ec_verify(euicc.curve, cert_point(&euicc), &n->notification_raw, 1, n->signature))
		return smdp_call_refuse(call, SMDP_FAULT_SIGNATURE);
	return ERR_OK;
}

/* Enable, disable, delete. */
static enum err take_other_notification(struct smdp_call *call, struct slice der)
{
	struct smdp_store *store = call->m->store;
	struct es10b_other_notification n;
	struct smdp_profile p, before;
	uint8_t eid[16], iccid[10];
	enum err e = es10b_parse_other_notification(der, &n);

	if (!e)
		e = check_sender(call, &n, eid);
	if (e)
		return e;
	if (slice_copy(n.notification.iccid, iccid, sizeof(iccid)))
		return ERR_OK;
	e = smdp_profile_by_iccid(store, iccid, &p);
	if (e == ERR_NOT_FOUND || (!e && memcmp(p.eid, eid, sizeof(eid)) != 0))
		return ERR_OK; /* of no profile of ours, or of one that is another eUICC's */
	if (e)
		return e; /* it may come again */
	before = p;
	SMDP_TRANSACTION (store, e) {
		p = before;
		e = smdp_notification_put(store, eid, n.notification.seq, der, call->now);
		if (!e)
			e = take_event(call, &p, &n.notification);
	}
	return e == ERR_EXISTS ? ERR_OK : e;
}

enum err smdp_handle_notification(struct smdp *m, struct slice pending_notification, int64_t now,
				  struct smdp_answer *a)
{
	struct smdp_call call = {.m = m, .now = now, .answer = a};
	struct cursor c = cursor_of(pending_notification);
	bool result = tlv_peek(&c) == SGP22_TAG_PROFILE_INSTALLATION_RESULT;

	return smdp_call_end(&call, result ? take_installation_result(&call, pending_notification)
					   : take_other_notification(&call, pending_notification));
}
