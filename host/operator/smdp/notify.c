/* notify: ES9+.HandleNotification and ES9+.CancelSession (SGP.22 5.6.4, 5.6.5) */
#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/internal.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"

#define EVIDENCE_MAX 128

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

/* What an eUICC reports of a profile, by a notification or by cancelling a session. */
struct report {
	enum smdp_event event;
	uint32_t seq; /* of the notification; of none when a session was cancelled */
	char evidence[EVIDENCE_MAX];
	int64_t now;
};

static void read_result(const struct es10b_installation_result *r, struct report *out)
{
	unsigned seq = r->notification.seq;

	out->seq = r->notification.seq;
	out->event = SMDP_INSTALL;
	snprintf(out->evidence, EVIDENCE_MAX, "notification %u", seq);
	if (r->success)
		return;
	out->event = SMDP_INSTALL_RETRY;
	snprintf(out->evidence, EVIDENCE_MAX, "notification %u: reason %u", seq,
		 (unsigned)r->reason);
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].reason != r->reason)
			continue;
		snprintf(out->evidence, EVIDENCE_MAX, "notification %u: %s", seq, reasons[i].text);
		out->event = reasons[i].again ? SMDP_INSTALL_RETRY : SMDP_INSTALL_FAIL;
	}
}

/* An entry about a profile that stays as it is. */
static enum err log_only(struct smdp *m, const struct smdp_profile *p, const char *event,
			 const char *actor, const char *evidence, int64_t now)
{
	struct smdp_log_entry entry = {.at = now};

	hex_encode(SLICE_OF(p->iccid), entry.iccid, sizeof(entry.iccid));
	snprintf(entry.event, sizeof(entry.event), "%s", event);
	snprintf(entry.from, sizeof(entry.from), "%s", smdp_state_name(p->state));
	snprintf(entry.to, sizeof(entry.to), "%s", smdp_state_name(p->state));
	snprintf(entry.actor, sizeof(entry.actor), "%s", actor);
	snprintf(entry.evidence, sizeof(entry.evidence), "%s", evidence);
	return smdp_log_put(m->store, &entry);
}

/* The package is another eUICC's by now: what this one did not install does not touch that. */
static bool is_anothers(const struct smdp_session *s, const struct smdp_profile *p)
{
	return smdp_profile_has_eid(p) && memcmp(p->eid, s->eid, sizeof(p->eid)) != 0;
}

/* Of what an eUICC has told of the profile, later things are known: this one came late. */
static enum err is_outdated(struct smdp *m, const struct smdp_profile *p,
			    const uint8_t eid[static 16], uint32_t seq, bool *outdated)
{
	uint32_t last;
	enum err e = smdp_told_get(m->store, p->id, eid, &last);

	*outdated = !e && seq <= last;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/*
 * The result that a download waits for counts whatever its number: a new card with an old EID
 * begins again. Any other may be of an installation that was deleted since.
 */
static enum err is_late_install(struct smdp *m, const struct smdp_session *s,
				const struct smdp_profile *p, const struct report *r, bool *late)
{
	*late = false;
	if (r->event != SMDP_INSTALL ||
	    (p->state == SMDP_DOWNLOADED && s->state == SMDP_SESSION_BOUND))
		return ERR_OK;
	return is_outdated(m, p, s->eid, r->seq, late);
}

/*
 * The event on the profile, or a mere entry of the log where its state has no such edge: the order
 * was closed meanwhile.
 */
static enum err apply(struct smdp *m, const struct smdp_session *s, const struct report *r)
{
	struct smdp_change c = {.event = r->event, .now = r->now, .evidence = r->evidence};
	enum smdp_profile_state to;
	struct smdp_profile p;
	char actor[40];
	bool alone = false, late = false;
	enum err e = smdp_profile_get(m->store, s->profile, &p);

	if (!e)
		e = smdp_session_alone(m->store, s, &alone);
	if (!e)
		e = is_late_install(m, s, &p, r, &late);
	if (e)
		return e;
	smdp_actor(s->eid, actor);
	c.actor = actor;
	if (late || smdp_state_next(p.state, r->event, &to) ||
	    (r->event != SMDP_INSTALL && is_anothers(s, &p)))
		return log_only(m, &p, smdp_event_name(r->event), actor, r->evidence, r->now);
	if (r->event == SMDP_INSTALL) {
		memcpy(p.eid, s->eid, sizeof(p.eid));
		e = smdp_told_put(m->store, p.id, s->eid, r->seq);
	}
	if (r->event == SMDP_INSTALL_RETRY && !p.linked && alone)
		memset(p.eid, 0, sizeof(p.eid)); /* another eUICC may try */
	return e ? e : smdp_profile_change(m->store, &p, &c);
}

/* The report and the end of the session, together. */
static enum err end_session(struct smdp *m, struct smdp_session *s, const struct report *r)
{
	enum err e = smdp_store_begin(m->store);

	if (e)
		return e;
	e = apply(m, s, r);
	s->state = SMDP_SESSION_ENDED;
	if (!e)
		e = smdp_session_save(m, s, r->now);
	return smdp_store_end(m->store, e);
}

/* The result is of this installation, and for this manager (SGP.22 2.5.6, 3.5). */
static bool fits(struct smdp *m, const struct smdp_session *s,
		 const struct es10b_installation_result *r, const struct smdp_profile *p)
{
	const struct es10b_notification *n = &r->notification;
	const struct smdp_identity *id = smdp_identity_of(m, s->curve);

	return n->event == RSP_EVENT_INSTALL &&
	       (!n->iccid.ptr || slice_equal(n->iccid, SLICE_OF(p->iccid))) &&
	       (!r->smdp_oid.ptr || slice_equal(r->smdp_oid, cert_rid(&id->pb)));
}

/* A package was bound for the eUICC in this session, which may be over. */
static bool had_package(const struct smdp_session *s)
{
	return s->profile && s->state >= SMDP_SESSION_BOUND && s->euicc_otpk[0];
}

static enum err take_result(struct smdp *m, struct slice der, int64_t now, struct smdp_answer *a)
{
	struct es10b_installation_result r;
	struct smdp_profile p;
	struct smdp_session s;
	struct report report = {.now = now};
	enum err e = es10b_parse_installation_result(der, &r);

	if (!e)
		e = smdp_session_get(m->store, r.transaction_id, &s);
	if (e == ERR_NOT_FOUND || (!e && !had_package(&s)))
		return smdp_refuse(a, SMDP_FAULT_TRANSACTION);
	if (e)
		return e;
	if (ec_verify(s.euicc_curve, SLICE_OF(s.euicc_point), &r.data_raw, 1, r.signature))
		return smdp_refuse(a, SMDP_FAULT_SIGNATURE);
	e = smdp_profile_get(m->store, s.profile, &p);
	if (e)
		return e == ERR_NOT_FOUND ? smdp_refuse(a, SMDP_FAULT_TRANSACTION) : e;
	if (!smdp_identity_of(m, s.curve) || !fits(m, &s, &r, &p))
		return smdp_refuse(a, SMDP_FAULT_INVALID);
	if (s.state == SMDP_SESSION_ENDED && !r.success) /* what came first counts */
		return ERR_OK;
	read_result(&r, &report);
	e = smdp_store_begin(m->store);
	if (e)
		return e;
	e = smdp_notification_put(m->store, s.eid, r.notification.seq, der, now);
	if (!e)
		e = end_session(m, &s, &report);
	e = smdp_store_end(m->store, e);
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
static enum err reuse(struct smdp *m, struct smdp_profile *p, int64_t now)
{
	const struct es2p_cancellation c = {.eid = p->linked ? p->eid : NULL, .iccid = p->iccid};
	const struct smdp_fault *fault = NULL;
	struct smdp_profile next;

	return es2p_cancel_order(m->store, &c, "manager", now, &next, &fault);
}

/* The eUICC that has the profile says that it has deleted it. */
static enum err deleted(struct smdp *m, struct smdp_profile *p, const struct report *r)
{
	char actor[40];
	const struct smdp_change c = {
		.event = r->event, .now = r->now, .actor = actor, .evidence = r->evidence};
	enum smdp_profile_state to;
	bool late;
	enum err e = is_outdated(m, p, p->eid, r->seq, &late);

	smdp_actor(p->eid, actor);
	if (e)
		return e;
	if (late || smdp_state_next(p->state, r->event, &to))
		return log_only(m, p, smdp_event_name(r->event), actor, r->evidence, r->now);
	e = smdp_told_put(m->store, p->id, p->eid, r->seq);
	if (!e)
		e = smdp_profile_change(m->store, p, &c);
	return e || !m->reuse_deleted ? e : reuse(m, p, r->now);
}

/* Enable and disable change nothing here, but it is known. */
static enum err told(struct smdp *m, struct smdp_profile *p, const struct es10b_notification *n,
		     int64_t now)
{
	struct report r = {.event = SMDP_DELETE, .seq = n->seq, .now = now};
	char actor[40];

	snprintf(r.evidence, sizeof(r.evidence), "notification %u", n->seq);
	if (n->event == RSP_EVENT_DELETE)
		return deleted(m, p, &r);
	smdp_actor(p->eid, actor);
	return log_only(m, p, event_text(n->event), actor, r.evidence, now);
}

/* Enable, disable, delete. */
static enum err take_other(struct smdp *m, struct slice der, int64_t now, struct smdp_answer *a)
{
	struct es10b_other_notification n;
	enum smdp_fault_cause cause;
	struct smdp_profile p;
	struct cert euicc;
	uint8_t eid[16], iccid[10];
	enum err e = es10b_parse_other_notification(der, &n);

	if (!e)
		e = smdp_check_chain(m, n.euicc_certificate, n.eum_certificate, SMDP_IDENTITIES_MAX,
				     now, &euicc, &cause);
	if (e)
		return e;
	if (cause != SMDP_FAULT_COUNT)
		return smdp_refuse(a, cause);
	if (rsp_cert_eid(&euicc, eid))
		return smdp_refuse(a, SMDP_FAULT_EUICC);
	if (ec_verify(euicc.curve, cert_point(&euicc), &n.notification_raw, 1, n.signature))
		return smdp_refuse(a, SMDP_FAULT_SIGNATURE);
	if (slice_copy(n.notification.iccid, iccid, sizeof(iccid)))
		return ERR_OK;
	e = smdp_profile_by_iccid(m->store, iccid, &p);
	if (e == ERR_NOT_FOUND || (!e && memcmp(p.eid, eid, sizeof(eid)) != 0))
		return ERR_OK; /* of no profile of ours, or of one that is another eUICC's */
	if (e)
		return e; /* it may come again */
	e = smdp_store_begin(m->store);
	if (e)
		return e;
	e = smdp_notification_put(m->store, eid, n.notification.seq, der, now);
	if (!e)
		e = told(m, &p, &n.notification, now);
	e = smdp_store_end(m->store, e);
	return e == ERR_EXISTS ? ERR_OK : e;
}

enum err smdp_handle_notification(struct smdp *m, struct slice pending_notification, int64_t now,
				  struct smdp_answer *a)
{
	struct cursor c = cursor_of(pending_notification);

	return tlv_peek(&c) == SGP22_TAG_PROFILE_INSTALLATION_RESULT
		       ? take_result(m, pending_notification, now, a)
		       : take_other(m, pending_notification, now, a);
}

static const char *cancel_text(enum es10b_cancel_reason reason)
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

static enum err cancel(struct smdp *m, struct smdp_session *s, enum es10b_cancel_reason reason,
		       int64_t now)
{
	struct report r = {.now = now};
	struct smdp_profile p;
	bool awaits, keeps;
	enum err e = smdp_profile_get(m->store, s->profile, &p);

	if (e)
		return e;
	awaits = awaits_code(s, &p);
	keeps = keeps_order(m, reason, awaits);
	r.event = keeps ? SMDP_POSTPONE : SMDP_REJECT;
	snprintf(r.evidence, sizeof(r.evidence), "%s%s", cancel_text(reason),
		 keeps && awaits ? ", no right confirmation code before" : "");
	return end_session(m, s, &r);
}

enum err smdp_cancel_session(struct smdp *m, struct slice transaction_id,
			     struct slice cancel_session_response, int64_t now,
			     struct smdp_answer *a)
{
	struct es10b_cancel_session_response r;
	struct smdp_session s;
	bool found;
	enum err e = smdp_session_in(m, transaction_id, SMDP_SESSION_AUTHENTICATED,
				     SMDP_SESSION_ENDED, now, &s, &found);

	if (!e && !found)
		return smdp_refuse(a, SMDP_FAULT_TRANSACTION);
	if (!e)
		e = es10b_parse_cancel_session_response(cancel_session_response, &r);
	if (e)
		return e;
	if (!r.ok)
		return smdp_refuse(a, SMDP_FAULT_EUICC_REFUSED);
	if (ec_verify(s.euicc_curve, SLICE_OF(s.euicc_point), &r.signed_raw, 1, r.signature))
		return smdp_refuse(a, SMDP_FAULT_SIGNATURE);
	if (!slice_equal(r.signed_.transaction_id, SLICE_OF(s.transaction_id)))
		return smdp_refuse(a, SMDP_FAULT_TRANSACTION);
	if (!slice_equal(r.signed_.smdp_oid, cert_rid(&smdp_identity_of(m, s.curve)->auth)))
		return smdp_refuse(a, SMDP_FAULT_OID);
	if (s.state == SMDP_SESSION_ENDED) /* sent again, or the eUICC's result came first */
		return ERR_OK;
	return cancel(m, &s, r.signed_.reason, now);
}
