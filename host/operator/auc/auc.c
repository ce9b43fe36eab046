#include "host/operator/auc/auc.h"

#include <string.h>

#include "lib/base/bytes.h"
#include "lib/auth/aka.h"
#include "lib/crypto/symmetric.h"

/* The separation bit (TS 33.102 Annex H) must be set for EPS and EAP-AKA'. */
static const uint8_t amf_separated[AKA_AMF_LEN] = {0x80, 0x00};

/* The subscriber and the key for an IMSI, if its state lets the AuC serve that subscription. */
static enum err entitled(struct operator_store *s, const char *imsi, struct subscriber *row,
			 int *sub, struct aka_key **key)
{
	enum err e = subscriber_by_imsi(s, imsi, row, sub);

	if (!e && !state_allows_sub(row->state, *sub))
		e = ERR_WRONG_STATE;
	return e ? e : subscriber_aka_key(s, row->id, *sub, key);
}

/* For c, whose RAND is filled in. */
static enum err make_vector(struct operator_store *s, struct aka_key *key, struct sqn_challenge *c,
			    struct aka_vector *out)
{
	uint64_t sqn;
	enum err e = random_bytes(c->rand, sizeof(c->rand));

	if (!e)
		e = subscriber_sqn_take(s, c, &sqn);
	return e ? e : aka_auc_vector(key, c->rand, sqn, amf_separated, out);
}

enum err auc_quintuplet(struct operator_store *s, const char *imsi, int64_t now,
			struct aka_vector *out)
{
	struct sqn_challenge c = {.now = now};
	struct aka_key *key = NULL;
	struct subscriber row;
	enum err e = entitled(s, imsi, &row, &c.sub, &key);

	if (!e) {
		c.subscriber = row.id;
		e = make_vector(s, key, &c, out);
	}
	aka_key_free(&key);
	return e;
}

static enum err make_triplet(struct aka_key *key, struct auc_triplet *out)
{
	enum err e = random_bytes(out->rand, sizeof(out->rand));

	return e ? e : aka_gsm_authenticate(key, out->rand, out->sres, out->kc);
}

enum err auc_triplet(struct operator_store *s, const char *imsi, struct auc_triplet *out)
{
	struct aka_key *key = NULL;
	struct subscriber row;
	int sub;
	enum err e = entitled(s, imsi, &row, &sub, &key);

	if (!e)
		e = make_triplet(key, out);
	aka_key_free(&key);
	return e;
}

enum err auc_resync(struct operator_store *s, const char *imsi, const struct auc_auts *a,
		    int64_t now)
{
	struct sqn_challenge c = {.now = now};
	struct aka_key *key = NULL;
	struct subscriber row;
	uint64_t sqn_ms;
	enum err e = entitled(s, imsi, &row, &c.sub, &key);

	if (!e)
		e = aka_auc_resync(key, a->rand, a->auts, &sqn_ms);
	if (!e) {
		c.subscriber = row.id;
		memcpy(c.rand, a->rand, sizeof(c.rand));
		e = subscriber_sqn_resync(s, &c, sqn_ms);
	}
	aka_key_free(&key);
	return e;
}

enum err auc_challenge(struct operator_store *s, const char *imsi, bool gsm, int64_t now,
		       struct auc_challenge *out)
{
	struct auc_pending p = {.gsm = gsm, .made = now, .expires = now + AUC_CHALLENGE_VALID_S};
	struct sqn_challenge c = {.now = now};
	struct aka_vector v = {0};
	struct auc_triplet t = {0};
	struct aka_key *key = NULL;
	struct subscriber row;
	enum err e = entitled(s, imsi, &row, &p.sub, &key);

	if (e)
		return e;
	p.subscriber = c.subscriber = row.id;
	c.sub = p.sub;
	p.key_id = row.key_id;
	if (gsm && attempts_wait_s(&row.answers, now)) {
		e = ERR_TRIES; /* an answer would not be judged */
	} else if (gsm) {
		e = make_triplet(key, &t);
		p.res_len = sizeof(t.sres);
		memcpy(p.rand, t.rand, sizeof(p.rand));
		memcpy(p.res, t.sres, sizeof(t.sres));
	} else {
		e = make_vector(s, key, &c, &v);
		p.res_len = v.expected.res_len;
		memcpy(p.rand, v.rand, sizeof(p.rand));
		memcpy(p.res, v.expected.res, v.expected.res_len);
	}
	if (!e)
		e = auc_pending_put(s, &p, out->id);
	if (!e) {
		out->gsm = gsm;
		memcpy(out->rand, p.rand, sizeof(out->rand));
		memcpy(out->autn, v.autn, sizeof(out->autn));
	}
	aka_key_free(&key);
	secret_wipe(&p, sizeof(p));
	secret_wipe(&v, sizeof(v));
	secret_wipe(&t, sizeof(t));
	return e;
}

enum err auc_verify(struct operator_store *s, const char *id, struct slice res, int64_t now,
		    struct auc_verdict *out)
{
	struct auc_pending p = {0};
	enum err e = auc_pending_judge(s, id, res, now, &p, &out->after);

	if (!e) {
		out->sub = p.sub;
		out->access = state_access(out->after.state, p.sub);
	}
	secret_wipe(&p, sizeof(p));
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
