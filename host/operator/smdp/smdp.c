#include "host/operator/smdp/smdp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "host/operator/policy/moment.h"
#include "host/operator/smdp/internal.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"

#define FIELD_MAX (640u * 1024)
#define SVN_MAJOR 2

enum err smdp_refuse(struct smdp_answer *a, enum smdp_fault_cause cause)
{
	smdp_answer_free(a);
	a->fault = smdp_fault(cause);
	return ERR_OK;
}

void smdp_answer_free(struct smdp_answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		wbuf_free(&a->fields[i].der);
	memset(a, 0, sizeof(*a));
}

struct wbuf *smdp_field(struct smdp_answer *a, const char *name)
{
	struct smdp_field *f = &a->fields[a->count++];

	f->name = name;
	f->der = wbuf_grow(FIELD_MAX);
	return &f->der;
}

enum err smdp_finish(struct smdp_answer *a, const struct smdp_session *s, enum err e)
{
	for (size_t i = 0; i < a->count && !e; i++)
		e = wbuf_done(&a->fields[i].der);
	if (e) {
		smdp_answer_free(a);
	} else {
		memcpy(a->transaction_id, s->transaction_id, sizeof(a->transaction_id));
		a->has_transaction_id = true;
	}
	return e;
}

enum err smdp_open(struct smdp_store *store, const char *dir, const char *address, int64_t now,
		   struct smdp **out)
{
	static const enum ec_curve curves[SMDP_IDENTITIES_MAX] = {EC_P256, EC_BP256R1};
	struct smdp *m = calloc(1, sizeof(*m));
	enum err e = m ? ERR_OK : ERR_MEMORY;

	if (!e)
		e = slice_text(slice_str(address), m->address, sizeof(m->address));
	for (size_t i = 0; i < ARRAY_LEN(curves) && !e; i++) {
		e = smdp_identity_load(&m->ids[m->count], dir, curves[i], now);
		if (!e)
			m->count++;
		else if (e == ERR_NOT_FOUND)
			e = ERR_OK;
	}
	if (!e && m->count == 0)
		e = ERR_NOT_FOUND;
	if (!e)
		e = revoked_open(dir, &m->revoked);
	for (size_t i = 0; !e && i < m->count; i++) {
		e = revoked_check(m->revoked, &m->ids[i].auth);
		if (!e)
			e = revoked_check(m->revoked, &m->ids[i].pb);
	}
	if (m)
		m->store = store;
	if (e)
		smdp_close(&m);
	else
		*out = m;
	return e;
}

void smdp_close(struct smdp **m)
{
	if (!*m)
		return;
	for (size_t i = 0; i < (*m)->count; i++)
		smdp_identity_free(&(*m)->ids[i]);
	revoked_close(&(*m)->revoked);
	free(*m);
	*m = NULL;
}

const char *smdp_address(const struct smdp *m)
{
	return m->address;
}

void smdp_keep_rejected(struct smdp *m)
{
	m->keep_rejected = true;
}

void smdp_reuse_deleted(struct smdp *m)
{
	m->reuse_deleted = true;
}

const struct smdp_identity *smdp_identity_of(const struct smdp *m, enum ec_curve curve)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->ids[i].ci.curve == curve)
			return &m->ids[i];
	return NULL;
}

enum err smdp_session_save(struct smdp *m, const struct smdp_session *s, int64_t now)
{
	return smdp_session_put(m->store, s, now - SMDP_SESSION_S);
}

enum err smdp_session_in(struct smdp *m, struct slice id, enum smdp_session_state from,
			 enum smdp_session_state to, int64_t now, struct smdp_session *s,
			 bool *found)
{
	enum err e = smdp_session_get(m->store, id, s);

	*found = !e && s->state >= from && s->state <= to &&
		 moment_lasts(now, s->created, SMDP_SESSION_S + 1) &&
		 smdp_identity_of(m, s->curve) && smdp_identity_of(m, s->euicc_curve);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err smdp_sign(const struct ec_key *key, struct slice content, struct slice before,
		   uint8_t signature[static EC_SIGNATURE_LEN], struct wbuf *out)
{
	const struct slice parts[] = {content, before};
	enum err e = ec_sign(key, parts, ARRAY_LEN(parts), signature);

	if (!e)
		tlv_put(out, SGP22_TAG_SIGNATURE, slice_make(signature, EC_SIGNATURE_LEN));
	return e;
}

void smdp_actor(const uint8_t eid[static 16], char text[static 40])
{
	char hex[33];

	hex_encode(slice_make(eid, 16), hex, sizeof(hex));
	snprintf(text, 40, "EID %s", hex);
}

/* The certificate of an EUM that was checked before, if it has not run out since. */
static const struct smdp_eum *known_eum(const struct smdp *m, const uint8_t digest[SHA256_LEN],
					int64_t now)
{
	for (size_t i = 0; i < SMDP_EUMS_MAX; i++) {
		const struct smdp_eum *k = &m->eums[i];

		if (k->used && memcmp(k->digest, digest, SHA256_LEN) == 0 &&
		    now >= k->cert.not_before && now <= k->cert.not_after)
			return k;
	}
	return NULL;
}

static enum err check_eum(struct smdp *m, struct slice eum, int64_t now,
			  const struct smdp_eum **out)
{
	struct slice cis[SMDP_IDENTITIES_MAX];
	struct smdp_eum k = {.used = true};
	enum err e = sha256(&eum, 1, k.digest);

	if (e)
		return e;
	*out = known_eum(m, k.digest, now);
	if (*out)
		return ERR_OK;
	for (size_t i = 0; i < m->count; i++)
		cis[i] = wbuf_slice(&m->ids[i].ci_der);
	e = rsp_cert_check_eum(eum, &(struct rsp_trust){cis, m->count, now}, &k.cert, &k.ci);
	if (e)
		return e;
	k.cert.der = SLICE_EMPTY;
	m->eums[m->next_eum] = k;
	*out = &m->eums[m->next_eum];
	m->next_eum = (m->next_eum + 1) % SMDP_EUMS_MAX;
	return ERR_OK;
}

static enum smdp_fault_cause eum_fault(enum err e)
{
	switch (e) {
	case ERR_CERT_UNTRUSTED: return SMDP_FAULT_CI_UNKNOWN;
	case ERR_CERT_EXPIRED: return SMDP_FAULT_EUM_EXPIRED;
	case ERR_CERT_REVOKED: return SMDP_FAULT_EUM_REVOKED;
	default: return SMDP_FAULT_EUM;
	}
}

enum err smdp_check_chain(struct smdp *m, struct slice euicc, struct slice eum, size_t ci,
			  int64_t now, struct cert *out, enum smdp_fault_cause *cause)
{
	const struct smdp_eum *k;
	enum err e = check_eum(m, eum, now, &k);

	*cause = SMDP_FAULT_COUNT;
	if (!e && ci != SMDP_IDENTITIES_MAX && k->ci != ci)
		e = ERR_CERT_UNTRUSTED;
	if (!e) {
		e = revoked_check(m->revoked, &k->cert);
		if (e && e != ERR_CERT_REVOKED)
			return e;
	}
	if (e) {
		*cause = eum_fault(e);
	} else {
		e = rsp_cert_check_under_eum(euicc, &k->cert, now, out);
		if (e)
			*cause =
				e == ERR_CERT_EXPIRED ? SMDP_FAULT_EUICC_EXPIRED : SMDP_FAULT_EUICC;
	}
	return e == ERR_MEMORY ? e : ERR_OK;
}

/*
 * SGP.22 5.6.1: keys under a CI that the eUICC verifies with, and a CI of ours that it signs under;
 * the same one where there is one.
 */
static enum smdp_fault_cause choose_ci(const struct smdp *m, const struct es10b_euicc_info1 *info,
				       const struct smdp_identity **auth,
				       const struct smdp_identity **sign)
{
	*auth = *sign = NULL;
	for (size_t i = 0; i < m->count; i++) {
		const struct smdp_identity *id = &m->ids[i];
		bool verifies = rsp_key_ids_have(info->ci_verify, cert_key_id(&id->ci));
		bool signs = rsp_key_ids_have(info->ci_sign, cert_key_id(&id->ci));

		if (verifies && signs) {
			*auth = *sign = id;
			break;
		}
		if (verifies && !*auth)
			*auth = id;
		if (signs && !*sign)
			*sign = id;
	}
	if (slice_at(info->svn, 0) != SVN_MAJOR) /* version 3 has messages of its own */
		return SMDP_FAULT_SVN;
	return !*sign ? SMDP_FAULT_CI : !*auth ? SMDP_FAULT_NO_CERTIFICATE : SMDP_FAULT_COUNT;
}

static enum err start_session(struct smdp *m, struct smdp_session *s, struct slice euicc_challenge,
			      const struct smdp_identity *auth, const struct smdp_identity *sign,
			      struct smdp_answer *a)
{
	struct es10b_server_signed1 signed1 = {SLICE_OF(s->transaction_id), euicc_challenge,
					       slice_str(m->address),
					       SLICE_OF(s->server_challenge)};
	uint8_t signature[EC_SIGNATURE_LEN];
	struct wbuf *w;
	enum err e = random_bytes(s->transaction_id, sizeof(s->transaction_id));

	if (!e)
		e = random_bytes(s->server_challenge, sizeof(s->server_challenge));
	if (e)
		return e;
	w = smdp_field(a, "serverSigned1");
	es10b_put_server_signed1(w, &signed1);
	e = smdp_sign(auth->auth_key, wbuf_slice(w), SLICE_EMPTY, signature,
		      smdp_field(a, "serverSignature1"));
	tlv_put(smdp_field(a, "euiccCiPKIdToBeUsed"), ASN1_OCTET_STRING, cert_key_id(&sign->ci));
	wbuf_put(smdp_field(a, "serverCertificate"), wbuf_slice(&auth->auth_der));
	return e;
}

enum err smdp_initiate_authentication(struct smdp *m, struct slice euicc_challenge,
				      struct slice euicc_info1, struct slice address, int64_t now,
				      struct smdp_answer *a)
{
	struct smdp_session s = {.state = SMDP_SESSION_INITIATED, .created = now};
	const struct smdp_identity *auth, *sign;
	enum smdp_fault_cause cause;
	struct es10b_euicc_info1 info;
	enum err e = es10b_parse_euicc_info1(euicc_info1, &info);

	if (e)
		return e;
	if (euicc_challenge.len != RSP_CHALLENGE_LEN)
		return ERR_LENGTH;
	if (!activation_same_address(address, slice_str(m->address)))
		return smdp_refuse(a, SMDP_FAULT_ADDRESS);
	cause = choose_ci(m, &info, &auth, &sign);
	if (cause != SMDP_FAULT_COUNT)
		return smdp_refuse(a, cause);
	s.curve = auth->ci.curve;
	s.euicc_curve = sign->ci.curve;
	e = start_session(m, &s, euicc_challenge, auth, sign, a);
	if (!e)
		e = smdp_session_save(m, &s, now);
	return smdp_finish(a, &s, e);
}
