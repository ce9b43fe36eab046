#include "host/operator/smdp/es9p/report.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/es9p/call.h"
#include "host/operator/smdp/es9p/manager.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/told.h"

enum err smdp_report_log(struct smdp_call *call, const struct smdp_profile *p, const char *event,
			 const struct smdp_report *r)
{
	struct smdp_log_entry entry = {.at = call->now};

	hex_encode(SLICE_OF(p->iccid), entry.iccid, sizeof(entry.iccid));
	snprintf(entry.event, sizeof(entry.event), "%s", event);
	snprintf(entry.from, sizeof(entry.from), "%s", smdp_state_name(p->state));
	snprintf(entry.to, sizeof(entry.to), "%s", smdp_state_name(p->state));
	snprintf(entry.actor, sizeof(entry.actor), "%s", r->actor);
	snprintf(entry.evidence, sizeof(entry.evidence), "%s", r->evidence);
	return smdp_profile_log(call->m->store, &entry);
}

enum err smdp_report_is_late(struct smdp_call *call, const struct smdp_profile *p,
			     const uint8_t eid[static 16], const struct smdp_report *r, bool *late)
{
	uint32_t last;
	enum err e = smdp_told_get(call->m->store, p->id, eid, &last);

	*late = !e && r->seq <= last;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/*
 * The result that a download waits for counts whatever its number: a new card with an old EID
 * begins again. Any other may be of an installation that was deleted since.
 */
static bool is_awaited(const struct smdp_call *call, const struct smdp_profile *p)
{
	return p->state == SMDP_DOWNLOADED && call->session.state == SMDP_SESSION_BOUND;
}

/* The package is another eUICC's by now: what this one did not install does not touch that. */
static bool is_anothers(const struct smdp_session *s, const struct smdp_profile *p)
{
	return smdp_profile_has_eid(p) && memcmp(p->eid, s->eid, sizeof(p->eid)) != 0;
}

/*
 * The event on the profile, or a mere entry of the log where its state has no such edge: the order
 * was closed meanwhile.
 */
static enum err apply(struct smdp_call *call, const struct smdp_report *r)
{
	const struct smdp_session *s = &call->session;
	struct smdp_store *store = call->m->store;
	const struct smdp_change c = {
		.event = r->event, .now = call->now, .actor = r->actor, .evidence = r->evidence};
	bool installed = r->event == SMDP_INSTALL, alone = false, late = false;
	enum smdp_profile_state to;
	struct smdp_profile p;
	enum err e = smdp_profile_get(store, s->profile, &p);

	if (!e)
		e = smdp_session_alone(store, s, &alone);
	if (!e && installed && !is_awaited(call, &p))
		e = smdp_report_is_late(call, &p, s->eid, r, &late);
	if (e)
		return e;
	if (late || smdp_state_next(p.state, r->event, &to) || (!installed && is_anothers(s, &p)))
		return smdp_report_log(call, &p, smdp_event_name(r->event), r);
	if (installed) {
		memcpy(p.eid, s->eid, sizeof(p.eid));
		e = smdp_told_put(store, p.id, s->eid, r->seq);
	}
	if (r->event == SMDP_INSTALL_RETRY && !p.linked && alone)
		memset(p.eid, 0, sizeof(p.eid)); /* another eUICC may try */
	return e ? e : smdp_profile_change(store, &p, &c);
}

enum err smdp_report_end_session(struct smdp_call *call, struct smdp_report *r)
{
	struct smdp_store *store = call->m->store;
	const struct smdp_session before = call->session;
	enum err e;

	smdp_euicc_actor(call->session.eid, r->actor);
	SMDP_TRANSACTION (store, e) {
		call->session = before;
		e = apply(call, r);
		call->session.state = SMDP_SESSION_ENDED;
		if (!e)
			e = smdp_call_save(call);
	}
	return e;
}
