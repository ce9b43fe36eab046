#include "host/operator/auc/auc.h"

#include <string.h>

#include "host/operator/auc/av.h"
#include "host/operator/policy/decide.h"
#include "lib/auth/aka.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

enum err auc_quintuplet(struct operator_store *s, const char *imsi, int64_t now,
			struct aka_vector *out)
{
	struct sqn_challenge c = {.now = now, .node = SQN_NODE_WLAN};
	struct subscription sn;
	enum err e = subscription_open(s, imsi, &sn);

	if (e)
		return e;
	e = av_take(s, &sn, &c, av_amf_separated, out);
	subscription_close(&sn);
	return e;
}

static enum err make_triplet(struct aka_key *key, struct auc_triplet *out)
{
	enum err e = random_bytes(out->rand, sizeof(out->rand));

	return e ? e : aka_gsm_authenticate(key, out->rand, out->sres, out->kc);
}

enum err auc_triplet(struct operator_store *s, const char *imsi, struct auc_triplet *out)
{
	struct subscription sn;
	enum err e = subscription_open(s, imsi, &sn);

	if (e)
		return e;
	e = make_triplet(sn.key, out);
	subscription_close(&sn);
	return e;
}

enum err auc_resync(struct operator_store *s, const char *imsi, const struct auc_auts *a,
		    int64_t now)
{
	struct sqn_challenge c = {.now = now};
	struct subscription sn;
	uint64_t sqn_ms;
	enum err e = subscription_open(s, imsi, &sn);

	if (e)
		return e;
	e = aka_auc_resync(sn.key, a->rand, a->auts, &sqn_ms);
	if (!e) {
		memcpy(c.rand, a->rand, sizeof(c.rand));
		e = subscription_resync(s, &sn, &c, sqn_ms);
	}
	subscription_close(&sn);
	return e;
}

/* Of the GSM context. */
static enum err pend_triplet(struct operator_store *s, struct subscription *sn,
			     struct auc_pending *p, struct auc_challenge *out)
{
	struct auc_triplet t = {0};
	enum err e = attempts_wait_s(&sn->subscriber.answers, p->made)
			     ? ERR_TRIES /* an answer would not be judged */
			     : make_triplet(sn->key, &t);

	if (!e) {
		p->res_len = sizeof(t.sres);
		memcpy(p->rand, t.rand, sizeof(p->rand));
		memcpy(p->res, t.sres, sizeof(t.sres));
		e = auc_pending_put(s, p, out->id);
	}
	secret_wipe(&t, sizeof(t));
	return e;
}

/* The number is taken and the answer awaited at once. */
static enum err pend_vector(struct operator_store *s, struct subscription *sn,
			    struct auc_pending *p, struct auc_challenge *out)
{
	struct sqn_challenge c = {.now = p->made, .node = SQN_NODE_TERMINAL};
	struct aka_vector v = {0};
	enum err e;

	OPERATOR_TRANSACTION (s, e) {
		e = av_take(s, sn, &c, av_amf_separated, &v);
		if (!e) {
			p->res_len = v.expected.res_len;
			p->key_id = sn->subscriber.key_id; /* as it is now */
			memcpy(p->rand, v.rand, sizeof(p->rand));
			memcpy(p->res, v.expected.res, v.expected.res_len);
			memcpy(out->autn, v.autn, sizeof(out->autn));
			e = auc_pending_put(s, p, out->id);
		}
	}
	secret_wipe(&v, sizeof(v));
	return e;
}

enum err auc_challenge(struct operator_store *s, const char *imsi, bool gsm, int64_t now,
		       struct auc_challenge *out)
{
	struct auc_pending p = {.gsm = gsm, .made = now, .expires = now + AUC_CHALLENGE_VALID_S};
	struct auc_challenge c = {.gsm = gsm};
	struct subscription sn;
	enum err e = subscription_open(s, imsi, &sn);

	if (e)
		return e;
	p.subscriber = sn.subscriber.id;
	p.sub = sn.sub;
	p.key_id = sn.subscriber.key_id;
	e = gsm ? pend_triplet(s, &sn, &p, &c) : pend_vector(s, &sn, &p, &c);
	if (!e) {
		memcpy(c.rand, p.rand, sizeof(c.rand));
		*out = c;
	}
	subscription_close(&sn);
	secret_wipe(&p, sizeof(p));
	return e;
}

enum err auc_verify(struct operator_store *s, const char *id, struct slice res, int64_t now,
		    struct auc_verdict *out)
{
	const struct auc_answer a = {.id = id, .res = res, .now = now};
	enum err e = auc_pending_judge(s, &a, &out->sub, &out->after);

	if (!e)
		out->access = subscriber_access(&out->after, out->sub);
	return e;
}

enum err auc_resync_challenge(struct operator_store *s, const char *id, struct slice auts,
			      int64_t now)
{
	struct auc_pending p = {0};
	struct subscriber row;
	struct auc_auts a;
	enum err e = slice_copy(auts, a.auts, sizeof(a.auts));

	if (!e)
		e = auc_pending_take(s, id, now, &p);
	if (!e && p.gsm)
		e = ERR_VALUE;
	if (!e)
		e = subscriber_by_id(s, p.subscriber, &row);
	if (!e) {
		memcpy(a.rand, p.rand, sizeof(a.rand));
		e = auc_resync(s, row.imsi[p.sub - 1], &a, now);
	}
	secret_wipe(&p, sizeof(p));
	return e;
}
