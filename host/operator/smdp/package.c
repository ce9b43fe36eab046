/* package: ES9+.GetBoundProfilePackage (SGP.22 5.6.2) */
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/moment.h"
#include "host/operator/smdp/internal.h"
#include "lib/rsp/es10b.h"

#define METADATA_MAX (64u * 1024)
#define EVIDENCE_MAX 64

struct request {
	struct smdp *m;
	struct smdp_session s;
	struct smdp_profile p;
	struct es10b_prepare_download_response r;
	int64_t now;
	char actor[40], evidence[EVIDENCE_MAX];
};

static enum err note(struct request *q, enum smdp_event event)
{
	const struct smdp_change c = {
		.event = event, .now = q->now, .actor = q->actor, .evidence = q->evidence};

	return smdp_profile_change(q->m->store, &q->p, &c);
}

/* SGP.22 4.7: SHA-256 of SHA-256 of the code and the transaction id. */
static enum err is_code_right(struct request *q, bool *right)
{
	uint8_t secret[SHA256_LEN], want[SHA256_LEN];
	const struct slice parts[] = {SLICE_OF(secret), SLICE_OF(q->s.transaction_id)};
	enum err e = smdp_profile_code_hash(q->m->store, q->p.id, secret);

	if (!e)
		e = sha256(parts, ARRAY_LEN(parts), want);
	*right = !e && secret_equal(q->r.signed2.hash_cc, SLICE_OF(want));
	secret_wipe(secret, sizeof(secret));
	secret_wipe(want, sizeof(want));
	return e;
}

/*
 * The attempt is counted before the comparison, and on the disk before anybody hears what came of
 * it (docs/adr/0008), so that nobody gains one by cutting the power in between.
 */
static enum err check_code(struct request *q, enum smdp_fault_cause *cause)
{
	bool right = false;
	enum err e = ERR_OK;

	if (!q->p.has_code)
		return ERR_OK;
	if (!q->r.signed2.hash_cc.ptr) {
		*cause = SMDP_FAULT_CODE_MISSING;
		return ERR_OK;
	}
	if (q->s.state == SMDP_SESSION_BOUND) { /* it was right before: no attempt is spent on it */
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
	if (e || right) {
		q->p.code_tries = 0; /* written with the binding */
		return e;
	}
	if (q->p.code_tries >= q->p.code_tries_max) {
		*cause = SMDP_FAULT_CODE_TRIES;
		return note(q, SMDP_CODE_LIMIT);
	}
	*cause = SMDP_FAULT_CODE_WRONG;
	return note(q, SMDP_CODE_WRONG);
}

/* The keys of the package that this one-time key was answered with before, or new ones. */
static enum err find_keys(struct request *q, struct smdp_keys *k, bool *again)
{
	struct wbuf saved = wbuf_grow(SMDP_KEYS_MAX);
	enum err e = ERR_NOT_FOUND;

	*again = false;
	if (q->p.state == SMDP_DOWNLOADED)
		e = smdp_profile_binding(q->m->store, q->p.id, &saved);
	if (!e)
		e = smdp_keys_load(wbuf_slice(&saved), k);
	wbuf_free(&saved);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e) {
		*again = ec_key_curve(k->otsk) == q->s.curve &&
			 slice_equal(SLICE_OF(k->euicc_otpk), q->r.signed2.euicc_otpk);
		if (*again)
			return ERR_OK;
		smdp_keys_free(k);
	}
	return smdp_keys_new(q->s.curve, q->r.signed2.euicc_otpk, k);
}

static enum err put_package(struct request *q, const struct smdp_keys *k, struct smdp_answer *a)
{
	struct wbuf metadata = wbuf_grow(METADATA_MAX), upp = wbuf_grow(SMDP_UPP_MAX);
	struct smdp_binding b = {.transaction_id = SLICE_OF(q->s.transaction_id),
				 .eid = SLICE_OF(q->s.eid),
				 .keys = k};
	enum err e = smdp_profile_load(q->m->store, q->p.id, &metadata, &upp);

	b.metadata = wbuf_slice(&metadata);
	b.upp = wbuf_slice(&upp);
	if (!e)
		e = smdp_bind(smdp_identity_of(q->m, q->s.curve), &b,
			      smdp_field(a, "boundProfilePackage"));
	wbuf_free(&metadata);
	wbuf_free(&upp);
	return e;
}

/* Profile, keys and session go to the disk together, before the package goes out. */
static enum err keep(struct request *q, const struct smdp_keys *k, bool again)
{
	struct wbuf saved = wbuf_grow(SMDP_KEYS_MAX);
	struct smdp_change c = {.event = SMDP_BIND, .now = q->now, .actor = q->actor};
	enum err e = smdp_keys_save(k, &saved);

	q->p.downloads++;
	snprintf(q->evidence, sizeof(q->evidence), "download %u of %u%s", q->p.downloads,
		 q->p.downloads_max, again ? ", the same package" : "");
	c.evidence = q->evidence;
	c.binding = wbuf_slice(&saved);
	memcpy(q->p.eid, q->s.eid, sizeof(q->p.eid));
	memcpy(q->s.euicc_otpk, k->euicc_otpk, sizeof(q->s.euicc_otpk));
	q->s.state = SMDP_SESSION_BOUND;
	if (!e)
		e = smdp_store_begin(q->m->store);
	if (!e) {
		e = smdp_profile_change(q->m->store, &q->p, &c);
		if (!e)
			e = smdp_session_save(q->m, &q->s, q->now);
		e = smdp_store_end(q->m->store, e);
	}
	wbuf_free(&saved);
	return e;
}

static enum err bind_profile(struct request *q, struct smdp_answer *a)
{
	struct smdp_keys k = {NULL, NULL, {0}};
	bool again, resent;
	enum err e = find_keys(q, &k, &again);

	if (e)
		return e;
	resent = again && q->s.state == SMDP_SESSION_BOUND; /* the answer was lost */
	if (!resent && q->p.downloads >= q->p.downloads_max)
		e = smdp_refuse(a, SMDP_FAULT_TRIES);
	else
		e = put_package(q, &k, a);
	if (!e && !a->fault && !resent)
		e = keep(q, &k, again);
	smdp_keys_free(&k);
	return e;
}

/* Signature and transaction of euiccSigned2, and whether the order still stands. */
static enum smdp_fault_cause check_request(const struct request *q)
{
	uint8_t object[3 + EC_SIGNATURE_LEN];
	const struct slice parts[] = {
		q->r.signed2_raw, es10b_signature_object(SLICE_OF(q->s.smdp_signature2), object)};
	bool mine = memcmp(q->p.eid, q->s.eid, sizeof(q->s.eid)) == 0;

	if (ec_verify(q->s.euicc_curve, SLICE_OF(q->s.euicc_point), parts, ARRAY_LEN(parts),
		      q->r.signature))
		return SMDP_FAULT_SIGNATURE;
	if (!slice_equal(q->r.signed2.transaction_id, SLICE_OF(q->s.transaction_id)))
		return SMDP_FAULT_TRANSACTION;
	if (q->p.state != SMDP_RELEASED && q->p.state != SMDP_DOWNLOADED)
		return SMDP_FAULT_NO_BINDING;
	if (smdp_profile_has_eid(&q->p) && !mine)
		return SMDP_FAULT_NO_BINDING;
	if (q->p.expires && !moment_within(q->now, q->p.ordered, q->p.expires))
		return SMDP_FAULT_EXPIRED;
	return SMDP_FAULT_COUNT;
}

enum err smdp_get_bound_profile_package(struct smdp *m, struct slice transaction_id,
					struct slice prepare_download_response, int64_t now,
					struct smdp_answer *a)
{
	struct request q = {.m = m, .now = now};
	enum smdp_fault_cause cause;
	bool found;
	enum err e = smdp_session_in(m, transaction_id, SMDP_SESSION_AUTHENTICATED,
				     SMDP_SESSION_BOUND, now, &q.s, &found);

	if (!e && !found)
		return smdp_refuse(a, SMDP_FAULT_TRANSACTION);
	if (!e)
		e = es10b_parse_prepare_download_response(prepare_download_response, &q.r);
	if (e)
		return e;
	if (!q.r.ok)
		return smdp_refuse(a, SMDP_FAULT_EUICC_REFUSED);
	e = smdp_profile_get(m->store, q.s.profile, &q.p);
	if (e)
		return e == ERR_NOT_FOUND ? smdp_refuse(a, SMDP_FAULT_NO_BINDING) : e;
	smdp_actor(q.s.eid, q.actor);
	cause = check_request(&q);
	if (cause == SMDP_FAULT_COUNT)
		e = check_code(&q, &cause);
	if (!e && cause != SMDP_FAULT_COUNT)
		return smdp_refuse(a, cause);
	if (!e)
		e = bind_profile(&q, a);
	return a->fault ? ERR_OK : smdp_finish(a, &q.s, e);
}
