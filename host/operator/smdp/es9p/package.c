/* package: ES9+.GetBoundProfilePackage (SGP.22 5.6.2) */
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/moment.h"
#include "host/operator/smdp/bind.h"
#include "host/operator/smdp/es9p/call.h"
#include "host/operator/smdp/es9p/euicc.h"
#include "host/operator/smdp/es9p/manager.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"
#include "lib/base/secret.h"
#include "lib/rsp/es10b.h"

#define EVIDENCE_MAX 64

struct request {
	struct smdp_call call;
	struct smdp_profile p;
	struct es10b_prepare_download_response r;
	char actor[SMDP_ACTOR_LEN], evidence[EVIDENCE_MAX];
};

static enum err note(struct request *q, enum smdp_event event)
{
	const struct smdp_change c = {
		.event = event, .now = q->call.now, .actor = q->actor, .evidence = q->evidence};

	return smdp_profile_change(q->call.m->store, &q->p, &c);
}

/* SGP.22 4.7: SHA-256 of SHA-256 of the code and the transaction id. */
static enum err is_code_right(struct request *q, bool *right)
{
	uint8_t secret[SHA256_LEN], want[SHA256_LEN];
	const struct slice parts[] = {SLICE_OF(secret), SLICE_OF(q->call.session.transaction_id)};
	enum err e = smdp_profile_code_hash(q->call.m->store, q->p.id, secret);

	if (!e)
		e = sha256(parts, ARRAY_LEN(parts), want);
	*right = !e && secret_equal(q->r.signed2.hash_cc, SLICE_OF(want));
	secret_wipe(secret, sizeof(secret));
	secret_wipe(want, sizeof(want));
	return e;
}

/* The attempt is noted, and refused. */
static enum err refuse_code(struct request *q)
{
	bool last = q->p.code_tries >= q->p.code_tries_max;
	enum err e = note(q, last ? SMDP_CODE_LIMIT : SMDP_CODE_WRONG);

	return e ? e
		 : smdp_call_refuse(&q->call, last ? SMDP_FAULT_CODE_TRIES : SMDP_FAULT_CODE_WRONG);
}

/*
 * The attempt is counted before the comparison, and on the disk before anybody hears what came of
 * it (docs/adr/0008), so that nobody gains one by cutting the power in between.
 */
static enum err check_code(struct request *q)
{
	bool right = false;
	enum err e = ERR_OK;

	if (!q->p.has_code)
		return ERR_OK;
	if (!q->r.signed2.hash_cc.ptr)
		return smdp_call_refuse(&q->call, SMDP_FAULT_CODE_MISSING);
	if (q->call.session.state == SMDP_SESSION_BOUND) { /* right before: no attempt is spent */
		e = is_code_right(q, &right);
		if (e || right)
			return e;
	}
	if (q->p.code_tries < q->p.code_tries_max) {
		q->p.code_tries++;
		snprintf(q->evidence, sizeof(q->evidence), "attempt %u of %u", q->p.code_tries,
			 q->p.code_tries_max);
		e = note(q, SMDP_CODE_TRY);
		if (!e)
			e = is_code_right(q, &right);
	}
	if (!e && !right)
		return refuse_code(q);
	q->p.code_tries = 0; /* written with the binding */
	return e;
}

/* The keys of the package that this one-time key was answered with before, or new ones. */
static enum err find_keys(struct request *q, struct smdp_keys *k, bool *again)
{
	struct wbuf saved = wbuf_grow(SMDP_KEYS_MAX);
	enum err e = ERR_NOT_FOUND;

	*again = false;
	if (q->p.state == SMDP_DOWNLOADED)
		e = smdp_profile_binding(q->call.m->store, q->p.id, &saved);
	if (!e)
		e = smdp_keys_load(wbuf_slice(&saved), k);
	wbuf_free(&saved);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e) {
		*again = ec_key_curve(k->otsk) == q->call.session.curve &&
			 slice_equal(SLICE_OF(k->euicc_otpk), q->r.signed2.euicc_otpk);
		if (*again)
			return ERR_OK;
		smdp_keys_free(k);
	}
	return smdp_keys_new(q->call.session.curve, q->r.signed2.euicc_otpk, k);
}

static enum err put_package(struct request *q, const struct smdp_keys *k)
{
	struct wbuf metadata = wbuf_grow(SMDP_METADATA_MAX), upp = wbuf_grow(SMDP_UPP_MAX);
	struct smdp_session *session = &q->call.session;
	struct smdp_binding b = {.transaction_id = SLICE_OF(session->transaction_id),
				 .eid = SLICE_OF(session->eid),
				 .keys = k};
	enum err e = smdp_package_load(q->call.m->store, q->p.id, &metadata, &upp);

	b.metadata = wbuf_slice(&metadata);
	b.upp = wbuf_slice(&upp);
	if (!e)
		e = smdp_bind(smdp_identity_of(q->call.m, session->curve), &b,
			      smdp_answer_field(q->call.answer, "boundProfilePackage"));
	wbuf_free(&metadata);
	wbuf_free(&upp);
	return e;
}

/* Profile, keys and session go to the disk together, before the package goes out. */
static enum err keep(struct request *q, const struct smdp_keys *k, bool again)
{
	struct wbuf saved = wbuf_grow(SMDP_KEYS_MAX);
	struct smdp_change c = {.event = SMDP_BIND, .now = q->call.now, .actor = q->actor};
	struct smdp_session *session = &q->call.session;
	struct smdp_store *store = q->call.m->store;
	struct smdp_profile p; /* as it is to be */
	enum err e = smdp_keys_save(k, &saved);

	q->p.downloads++;
	snprintf(q->evidence, sizeof(q->evidence), "download %u of %u%s", q->p.downloads,
		 q->p.downloads_max, again ? ", the same package" : "");
	c.evidence = q->evidence;
	c.binding = wbuf_slice(&saved);
	memcpy(q->p.eid, session->eid, sizeof(q->p.eid));
	memcpy(session->euicc_otpk, k->euicc_otpk, sizeof(session->euicc_otpk));
	session->state = SMDP_SESSION_BOUND;
	p = q->p;
	if (!e) {
		SMDP_TRANSACTION (store, e) {
			q->p = p;
			e = smdp_profile_change(store, &q->p, &c);
			if (!e)
				e = smdp_call_save(&q->call);
		}
	}
	wbuf_free(&saved);
	return e;
}

static enum err bind_profile(struct request *q)
{
	struct smdp_keys k = {NULL, NULL, {0}};
	bool again, resent;
	enum err e = find_keys(q, &k, &again);

	if (e)
		return e;
	resent = again && q->call.session.state == SMDP_SESSION_BOUND; /* the answer was lost */
	if (!resent && q->p.downloads >= q->p.downloads_max)
		e = smdp_call_refuse(&q->call, SMDP_FAULT_TRIES);
	else
		e = put_package(q, &k);
	if (!e && !resent)
		e = keep(q, &k, again);
	smdp_keys_free(&k);
	return e;
}

/* Signature and transaction of euiccSigned2. */
static enum smdp_fault_cause check_signed(const struct request *q)
{
	const struct smdp_session *s = &q->call.session;
	uint8_t object[3 + EC_SIGNATURE_LEN];
	const struct slice parts[] = {q->r.signed2_raw,
				      es10b_signature_object(SLICE_OF(s->smdp_signature2), object)};

	if (ec_verify(s->euicc_curve, SLICE_OF(s->euicc_point), parts, ARRAY_LEN(parts),
		      q->r.signature))
		return SMDP_FAULT_SIGNATURE;
	return slice_equal(q->r.signed2.transaction_id, SLICE_OF(s->transaction_id))
		       ? SMDP_FAULT_COUNT
		       : SMDP_FAULT_TRANSACTION;
}

/* Whether the order still stands, for this eUICC. */
static enum smdp_fault_cause check_order(const struct request *q)
{
	const struct smdp_profile *p = &q->p;

	if (p->state != SMDP_RELEASED && p->state != SMDP_DOWNLOADED)
		return SMDP_FAULT_NO_BINDING;
	if (smdp_profile_has_eid(p) && memcmp(p->eid, q->call.session.eid, sizeof(p->eid)) != 0)
		return SMDP_FAULT_NO_BINDING;
	if (p->expires && !moment_within(q->call.now, p->ordered, p->expires))
		return SMDP_FAULT_EXPIRED;
	return SMDP_FAULT_COUNT;
}

static enum err take_request(struct request *q)
{
	enum smdp_fault_cause cause;
	enum err e = smdp_profile_get(q->call.m->store, q->call.session.profile, &q->p);

	if (e)
		return e == ERR_NOT_FOUND ? smdp_call_refuse(&q->call, SMDP_FAULT_NO_BINDING) : e;
	cause = check_signed(q);
	if (cause == SMDP_FAULT_COUNT)
		cause = check_order(q);
	return cause == SMDP_FAULT_COUNT ? ERR_OK : smdp_call_refuse(&q->call, cause);
}

enum err smdp_get_bound_profile_package(struct smdp *m, struct slice transaction_id,
					struct slice prepare_download_response, int64_t now,
					struct smdp_answer *a)
{
	struct request q = {.call = {.m = m, .now = now, .answer = a}};
	enum err e = smdp_call_resume(&q.call, transaction_id, SMDP_SESSION_AUTHENTICATED,
				      SMDP_SESSION_BOUND);

	if (!e)
		e = es10b_parse_prepare_download_response(prepare_download_response, &q.r);
	if (!e && !q.r.ok)
		e = smdp_call_refuse(&q.call, SMDP_FAULT_EUICC_REFUSED);
	if (!e)
		e = take_request(&q);
	smdp_euicc_actor(q.call.session.eid, q.actor);
	if (!e)
		e = check_code(&q);
	if (!e)
		e = bind_profile(&q);
	return smdp_call_end_in_session(&q.call, e);
}
