/* client: ES9+.AuthenticateClient (SGP.22 5.6.3) */
#include <string.h>

#include "host/operator/policy/moment.h"
#include "host/operator/smdp/bind.h"
#include "host/operator/smdp/eligible.h"
#include "host/operator/smdp/es9p/call.h"
#include "host/operator/smdp/es9p/euicc.h"
#include "host/operator/smdp/es9p/manager.h"
#include "host/operator/smdp/inventory.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"

/* What the eUICC answered, and what it is offered. */
struct client {
	struct smdp_call call;
	struct es10b_authenticate_server_response r;
	struct smdp_profile p;
	struct wbuf metadata;
};

/* Chain, signature and challenge of euiccSigned1. */
static enum err check_euicc(struct client *c)
{
	struct smdp_session *s = &c->call.session;
	const struct smdp_chain chain = {.euicc = c->r.euicc_certificate,
					 .eum = c->r.eum_certificate,
					 .under = smdp_identity_of(c->call.m, s->euicc_curve)};
	const char *called = smdp_called(c->call.m, c->r.signed1.server_address);
	struct cert euicc;
	enum err e = smdp_euicc_check(&c->call, &chain, &euicc);

	if (e)
		return e;
	if (euicc.curve != s->euicc_curve || rsp_cert_eid(&euicc, s->eid))
		return smdp_call_refuse(&c->call, SMDP_FAULT_EUICC);
	memcpy(s->euicc_point, euicc.point, sizeof(s->euicc_point));
	if (ec_verify(euicc.curve, cert_point(&euicc), &c->r.signed1_raw, 1, c->r.signature) ||
	    !slice_equal(c->r.signed1.server_challenge, SLICE_OF(s->server_challenge)) || !called ||
	    !slice_is(c->r.signed1.server_address, called))
		return smdp_call_refuse(&c->call, SMDP_FAULT_SIGNATURE);
	if (!slice_equal(c->r.signed1.transaction_id, SLICE_OF(s->transaction_id)))
		return smdp_call_refuse(&c->call, SMDP_FAULT_TRANSACTION);
	return ERR_OK;
}

/*
 * The profile that the matching id names, or that waits for the EID when it names none; the fault
 * says which of the two did not fit (SGP.22 5.6.3).
 */
static enum err find_profile(struct client *c)
{
	struct smdp_store *store = c->call.m->store;
	char id[SMDP_MATCHING_ID_MAX + 1];
	struct es10b_ctx ctx;
	enum err e = es10b_parse_ctx(c->r.signed1.ctx_raw, &ctx);

	if (e)
		return e;
	if (ctx.matching_id.len == 0)
		e = smdp_profile_waiting(store, c->call.session.eid, &c->p);
	else if (slice_text(ctx.matching_id, id, sizeof(id)))
		e = ERR_NOT_FOUND;
	else
		e = smdp_profile_find(store, id, &c->p);
	if (e != ERR_NOT_FOUND)
		return e;
	return smdp_call_refuse(&c->call,
				ctx.matching_id.len ? SMDP_FAULT_MATCHING_ID : SMDP_FAULT_EID);
}

/* SGP.22 3.1.6: what each state says to an eUICC that asks for the profile. */
static const enum smdp_fault_cause by_state[SMDP_STATE_END] = {
	[SMDP_AVAILABLE] = SMDP_FAULT_MATCHING_ID,   [SMDP_ALLOCATED] = SMDP_FAULT_MATCHING_ID,
	[SMDP_LINKED] = SMDP_FAULT_MATCHING_ID,	     [SMDP_CONFIRMED] = SMDP_FAULT_NOT_RELEASED,
	[SMDP_RELEASED] = SMDP_FAULT_COUNT,	     [SMDP_DOWNLOADED] = SMDP_FAULT_COUNT,
	[SMDP_INSTALLED] = SMDP_FAULT_MATCHING_ID,   [SMDP_ERROR] = SMDP_FAULT_MATCHING_ID,
	[SMDP_UNAVAILABLE] = SMDP_FAULT_MATCHING_ID, [SMDP_DELETED] = SMDP_FAULT_MATCHING_ID,
};

/* The order is over: it is closed, and refused. */
static enum err end_order(struct client *c, enum smdp_event event, enum smdp_fault_cause cause)
{
	const struct smdp_change change = {.event = event, .now = c->call.now, .actor = "manager"};
	enum err e = smdp_profile_change(c->call.m->store, &c->p, &change);

	return e ? e : smdp_call_refuse(&c->call, cause);
}

/* Whether this eUICC may have this profile now. */
static enum err check_order(struct client *c)
{
	const struct smdp_profile *p = &c->p;
	int64_t now = c->call.now;

	if (by_state[p->state] != SMDP_FAULT_COUNT)
		return smdp_call_refuse(&c->call, by_state[p->state]);
	if (smdp_profile_has_eid(p) && memcmp(p->eid, c->call.session.eid, sizeof(p->eid)) != 0)
		return smdp_call_refuse(&c->call, SMDP_FAULT_EID);
	if (p->expires && now < p->ordered) /* it is not over: one of the clocks was wrong */
		return smdp_call_refuse(&c->call, SMDP_FAULT_EXPIRED);
	if (p->expires && !moment_within(now, p->ordered, p->expires))
		return end_order(c, SMDP_EXPIRE, SMDP_FAULT_EXPIRED);
	if (p->downloads >= p->downloads_max)
		return end_order(c, SMDP_TRIES_LIMIT, SMDP_FAULT_TRIES);
	return ERR_OK;
}

static enum err choose_profile(struct client *c)
{
	struct smdp_store *store = c->call.m->store;
	enum smdp_fault_cause cause = SMDP_FAULT_COUNT;
	struct inventory_needs needs;
	enum err e = find_profile(c);

	if (!e)
		e = check_order(c);
	if (e)
		return e;
	c->call.session.profile = c->p.id;
	e = smdp_package_load(store, c->p.id, &c->metadata, NULL);
	if (!e)
		e = smdp_package_needs(store, c->p.id, &needs);
	if (!e)
		cause = smdp_eligible(&needs, wbuf_slice(&c->metadata), c->r.signed1.info2_raw);
	return cause == SMDP_FAULT_COUNT ? e : smdp_call_refuse(&c->call, cause);
}

/*
 * The one-time key that this eUICC gave for the package it was sent before: with it the same
 * package comes again (SGP.22 3.1.3). False when there is none.
 */
static bool find_earlier_otpk(const struct client *c, uint8_t otpk[static EC_POINT_LEN])
{
	struct wbuf saved = wbuf_grow(SMDP_KEYS_MAX);
	struct smdp_keys k;
	bool there = c->p.state == SMDP_DOWNLOADED &&
		     smdp_profile_binding(c->call.m->store, c->p.id, &saved) == ERR_OK &&
		     smdp_keys_load(wbuf_slice(&saved), &k) == ERR_OK;

	wbuf_free(&saved);
	if (!there)
		return false;
	there = ec_key_curve(k.otsk) == c->call.session.curve;
	memcpy(otpk, k.euicc_otpk, EC_POINT_LEN);
	smdp_keys_free(&k);
	return there;
}

static enum err offer_profile(struct client *c)
{
	struct smdp_session *s = &c->call.session;
	struct smdp_answer *a = c->call.answer;
	const struct smdp_identity *id = smdp_identity_of(c->call.m, s->curve);
	struct es10b_smdp_signed2 signed2 = {.transaction_id = SLICE_OF(s->transaction_id),
					     .cc_required = c->p.has_code};
	uint8_t object[3 + EC_SIGNATURE_LEN], otpk[EC_POINT_LEN];
	struct wbuf *w;
	enum err e;

	wbuf_put(smdp_answer_field(a, "profileMetadata"), wbuf_slice(&c->metadata));
	if (find_earlier_otpk(c, otpk))
		signed2.euicc_otpk = SLICE_OF(otpk);
	w = smdp_answer_field(a, "smdpSigned2");
	es10b_put_smdp_signed2(w, &signed2);
	e = smdp_role_sign(&id->pb, wbuf_slice(w), es10b_signature_object(c->r.signature, object),
			   s->smdp_signature2, smdp_answer_field(a, "smdpSignature2"));
	wbuf_put(smdp_answer_field(a, "smdpCertificate"), wbuf_slice(&id->pb.der));
	s->state = SMDP_SESSION_AUTHENTICATED;
	return e ? e : smdp_call_save(&c->call);
}

enum err smdp_authenticate_client(struct smdp *m, struct slice transaction_id,
				  struct slice authenticate_server_response, int64_t now,
				  struct smdp_answer *a)
{
	struct client c = {.call = {.m = m, .now = now, .answer = a},
			   .metadata = wbuf_grow(SMDP_METADATA_MAX)};
	enum err e = smdp_call_resume(&c.call, transaction_id, SMDP_SESSION_INITIATED,
				      SMDP_SESSION_INITIATED);

	if (!e)
		e = es10b_parse_authenticate_server_response(authenticate_server_response, &c.r);
	if (!e && !c.r.ok)
		e = smdp_call_refuse(&c.call, SMDP_FAULT_EUICC_REFUSED);
	if (!e)
		e = check_euicc(&c);
	if (!e)
		e = choose_profile(&c);
	if (!e)
		e = offer_profile(&c);
	wbuf_free(&c.metadata);
	return smdp_call_end_in_session(&c.call, e);
}
