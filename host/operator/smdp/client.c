/* client: ES9+.AuthenticateClient (SGP.22 5.6.3) */
#include <string.h>

#include "host/operator/policy/moment.h"
#include "host/operator/smdp/eligible.h"
#include "host/operator/smdp/internal.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"

#define METADATA_MAX (64u * 1024)

static size_t index_of(const struct smdp *m, enum ec_curve curve)
{
	return (size_t)(smdp_identity_of(m, curve) - m->ids);
}

/* Chain, signature and challenge of euiccSigned1. *cause stays SMDP_FAULT_COUNT when all fit. */
static enum err check_euicc(struct smdp *m, struct smdp_session *s,
			    const struct es10b_authenticate_server_response *r, int64_t now,
			    enum smdp_fault_cause *cause)
{
	struct cert euicc;
	enum err e = smdp_check_chain(m, r->euicc_certificate, r->eum_certificate,
				      index_of(m, s->euicc_curve), now, &euicc, cause);

	if (e || *cause != SMDP_FAULT_COUNT)
		return e;
	if (euicc.curve != s->euicc_curve || rsp_cert_eid(&euicc, s->eid)) {
		*cause = SMDP_FAULT_EUICC;
		return ERR_OK;
	}
	memcpy(s->euicc_point, euicc.point, sizeof(s->euicc_point));
	if (ec_verify(euicc.curve, cert_point(&euicc), &r->signed1_raw, 1, r->signature) ||
	    !slice_equal(r->signed1.server_challenge, SLICE_OF(s->server_challenge)) ||
	    !slice_is(r->signed1.server_address, m->address))
		*cause = SMDP_FAULT_SIGNATURE;
	else if (!slice_equal(r->signed1.transaction_id, SLICE_OF(s->transaction_id)))
		*cause = SMDP_FAULT_TRANSACTION;
	return ERR_OK;
}

/* SGP.22 3.1.6: what each state says to an eUICC that asks for the profile. */
static const enum smdp_fault_cause by_state[SMDP_STATE_END] = {
	[SMDP_AVAILABLE] = SMDP_FAULT_MATCHING_ID,   [SMDP_ALLOCATED] = SMDP_FAULT_MATCHING_ID,
	[SMDP_LINKED] = SMDP_FAULT_MATCHING_ID,	     [SMDP_CONFIRMED] = SMDP_FAULT_NOT_RELEASED,
	[SMDP_RELEASED] = SMDP_FAULT_COUNT,	     [SMDP_DOWNLOADED] = SMDP_FAULT_COUNT,
	[SMDP_INSTALLED] = SMDP_FAULT_MATCHING_ID,   [SMDP_ERROR] = SMDP_FAULT_MATCHING_ID,
	[SMDP_UNAVAILABLE] = SMDP_FAULT_MATCHING_ID, [SMDP_DELETED] = SMDP_FAULT_MATCHING_ID,
};

static enum err end_order(struct smdp *m, struct smdp_profile *p, enum smdp_event event,
			  int64_t now)
{
	const struct smdp_change c = {.event = event, .now = now, .actor = "manager"};

	return smdp_profile_change(m->store, p, &c);
}

/* Whether this eUICC may have this profile now; an order that has ended is closed here. */
static enum err check_order(struct smdp *m, struct smdp_profile *p, const uint8_t eid[static 16],
			    int64_t now, enum smdp_fault_cause *cause)
{
	*cause = by_state[p->state];
	if (*cause != SMDP_FAULT_COUNT)
		return ERR_OK;
	if (smdp_profile_has_eid(p) && memcmp(p->eid, eid, sizeof(p->eid)) != 0) {
		*cause = SMDP_FAULT_EID;
		return ERR_OK;
	}
	if (p->expires && !moment_within(now, p->ordered, p->expires)) {
		*cause = SMDP_FAULT_EXPIRED;
		/* an order of the future is not over: one of the clocks was wrong */
		return now < p->ordered ? ERR_OK : end_order(m, p, SMDP_EXPIRE, now);
	}
	if (p->downloads >= p->downloads_max) {
		*cause = SMDP_FAULT_TRIES;
		return end_order(m, p, SMDP_TRIES_LIMIT, now);
	}
	return ERR_OK;
}

/*
 * The profile that the matching id names, or that waits for the EID when it names none; *cause says
 * which of the two did not fit (SGP.22 5.6.3).
 */
static enum err find_profile(struct smdp *m, struct slice ctx_raw, const uint8_t eid[static 16],
			     struct smdp_profile *p, enum smdp_fault_cause *cause)
{
	char id[SMDP_MATCHING_ID_MAX + 1];
	struct es10b_ctx ctx;
	enum err e = es10b_parse_ctx(ctx_raw, &ctx);

	if (e)
		return e;
	if (ctx.matching_id.len == 0)
		e = smdp_profile_waiting(m->store, eid, p);
	else if (slice_text(ctx.matching_id, id, sizeof(id)))
		e = ERR_NOT_FOUND;
	else
		e = smdp_profile_find(m->store, id, p);
	if (e == ERR_NOT_FOUND) {
		*cause = ctx.matching_id.len ? SMDP_FAULT_MATCHING_ID : SMDP_FAULT_EID;
		e = ERR_OK;
	}
	return e;
}

static enum err choose_profile(struct smdp *m, struct smdp_session *s,
			       const struct es10b_euicc_signed1 *signed1, int64_t now,
			       struct smdp_profile *p, struct wbuf *metadata,
			       enum smdp_fault_cause *cause)
{
	struct smdp_needs needs;
	enum err e = find_profile(m, signed1->ctx_raw, s->eid, p, cause);

	if (!e && *cause == SMDP_FAULT_COUNT)
		e = check_order(m, p, s->eid, now, cause);
	if (e || *cause != SMDP_FAULT_COUNT)
		return e;
	s->profile = p->id;
	e = smdp_profile_load(m->store, p->id, metadata, NULL);
	if (!e)
		e = smdp_profile_needs(m->store, p->id, &needs);
	if (!e)
		*cause = smdp_eligible(&needs, wbuf_slice(metadata), signed1->info2_raw);
	return e;
}

/*
 * The one-time key that this eUICC gave for the package it was sent before: with it the same
 * package comes again (SGP.22 3.1.3). False when there is none.
 */
static bool earlier_otpk(struct smdp *m, const struct smdp_profile *p, const struct smdp_session *s,
			 uint8_t otpk[static EC_POINT_LEN])
{
	struct wbuf saved = wbuf_grow(SMDP_KEYS_MAX);
	struct smdp_keys k;
	bool there = p->state == SMDP_DOWNLOADED &&
		     smdp_profile_binding(m->store, p->id, &saved) == ERR_OK &&
		     smdp_keys_load(wbuf_slice(&saved), &k) == ERR_OK;

	wbuf_free(&saved);
	if (!there)
		return false;
	there = ec_key_curve(k.otsk) == s->curve;
	memcpy(otpk, k.euicc_otpk, EC_POINT_LEN);
	smdp_keys_free(&k);
	return there;
}

static enum err offer_profile(struct smdp *m, struct smdp_session *s, const struct smdp_profile *p,
			      struct slice signature1, struct smdp_answer *a)
{
	const struct smdp_identity *id = smdp_identity_of(m, s->curve);
	struct es10b_smdp_signed2 signed2 = {.transaction_id = SLICE_OF(s->transaction_id),
					     .cc_required = p->has_code};
	uint8_t object[3 + EC_SIGNATURE_LEN], otpk[EC_POINT_LEN];
	struct wbuf *w = smdp_field(a, "smdpSigned2");
	enum err e;

	if (earlier_otpk(m, p, s, otpk))
		signed2.euicc_otpk = SLICE_OF(otpk);
	es10b_put_smdp_signed2(w, &signed2);
	e = smdp_sign(id->pb_key, wbuf_slice(w), es10b_signature_object(signature1, object),
		      s->smdp_signature2, smdp_field(a, "smdpSignature2"));
	wbuf_put(smdp_field(a, "smdpCertificate"), wbuf_slice(&id->pb_der));
	return e;
}

enum err smdp_authenticate_client(struct smdp *m, struct slice transaction_id,
				  struct slice authenticate_server_response, int64_t now,
				  struct smdp_answer *a)
{
	struct es10b_authenticate_server_response r;
	enum smdp_fault_cause cause = SMDP_FAULT_COUNT;
	struct smdp_session s;
	struct smdp_profile p;
	struct wbuf metadata;
	bool found;
	enum err e = smdp_session_in(m, transaction_id, SMDP_SESSION_INITIATED,
				     SMDP_SESSION_INITIATED, now, &s, &found);

	if (!e && !found)
		return smdp_refuse(a, SMDP_FAULT_TRANSACTION);
	if (!e)
		e = es10b_parse_authenticate_server_response(authenticate_server_response, &r);
	if (e)
		return e;
	if (!r.ok)
		return smdp_refuse(a, SMDP_FAULT_EUICC_REFUSED);
	metadata = wbuf_grow(METADATA_MAX);
	e = check_euicc(m, &s, &r, now, &cause);
	if (!e && cause == SMDP_FAULT_COUNT)
		e = choose_profile(m, &s, &r.signed1, now, &p, &metadata, &cause);
	if (!e && cause != SMDP_FAULT_COUNT)
		e = smdp_refuse(a, cause);
	if (e || a->fault) {
		wbuf_free(&metadata);
		return e;
	}
	wbuf_put(smdp_field(a, "profileMetadata"), wbuf_slice(&metadata));
	wbuf_free(&metadata);
	e = offer_profile(m, &s, &p, r.signature, a);
	s.state = SMDP_SESSION_AUTHENTICATED;
	if (!e)
		e = smdp_session_save(m, &s, now);
	return smdp_finish(a, &s, e);
}
