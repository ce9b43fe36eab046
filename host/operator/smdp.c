#include "host/operator/smdp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/smdp_identity.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"

#define IDENTITIES_MAX 2
#define FIELD_MAX      (640u * 1024)

struct smdp {
	struct smdp_store *store;
	struct smdp_identity ids[IDENTITIES_MAX];
	size_t count;
	char address[RSP_ADDRESS_MAX + 1];
};

/* SGP.22 5.6: the codes of each function. */
static const struct smdp_fault fault_address = {"8.8.1", "3.8", "invalid SM-DP+ address"};
static const struct smdp_fault fault_ci = {"8.8.2", "3.1",
					   "no CI public key in common with the eUICC"};
static const struct smdp_fault fault_transaction = {"8.10.1", "3.9", "unknown transaction id"};
static const struct smdp_fault fault_chain = {"8.1.3", "6.1",
					      "eUICC or EUM certificate is not valid"};
static const struct smdp_fault fault_expired = {"8.1.3", "6.3",
						"eUICC or EUM certificate is expired"};
static const struct smdp_fault fault_signature = {"8.1", "6.1", "eUICC signature is invalid"};
static const struct smdp_fault fault_refused = {"8.1", "4.8", "the eUICC reported an error"};
static const struct smdp_fault fault_matching = {"8.2.6", "3.8", "matching id is refused"};
static const struct smdp_fault fault_eid = {"8.1.1", "3.8", "the profile belongs to another eUICC"};

static enum err fail(struct smdp_answer *a, const struct smdp_fault *fault)
{
	smdp_answer_free(a);
	a->fault = fault;
	return ERR_OK;
}

void smdp_answer_free(struct smdp_answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		wbuf_free(&a->fields[i].der);
	memset(a, 0, sizeof(*a));
}

static struct wbuf *field(struct smdp_answer *a, const char *name)
{
	struct smdp_field *f = &a->fields[a->count++];

	f->name = name;
	f->der = wbuf_grow(FIELD_MAX);
	return &f->der;
}

static enum err finish(struct smdp_answer *a, const struct smdp_session *s)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < a->count && !e; i++)
		e = wbuf_done(&a->fields[i].der);
	if (e)
		smdp_answer_free(a);
	else {
		memcpy(a->transaction_id, s->transaction_id, sizeof(a->transaction_id));
		a->has_transaction_id = true;
	}
	return e;
}

enum err smdp_open(struct smdp_store *store, const char *dir, const char *address, int64_t now,
		   struct smdp **out)
{
	static const enum ec_curve curves[IDENTITIES_MAX] = {EC_P256, EC_BP256R1};
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
	free(*m);
	*m = NULL;
}

const char *smdp_address(const struct smdp *m)
{
	return m->address;
}

static const struct smdp_identity *identity_of(const struct smdp *m, enum ec_curve curve)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->ids[i].ci.curve == curve)
			return &m->ids[i];
	return NULL;
}

static enum err save(struct smdp *m, const struct smdp_session *s, int64_t now)
{
	return smdp_session_put(m->store, s, now - SMDP_SESSION_S);
}

/* *found is false when there is no such session in this state, or it is too old. */
static enum err session_in(struct smdp *m, struct slice id, enum smdp_session_state from,
			   enum smdp_session_state to, int64_t now, struct smdp_session *s,
			   bool *found)
{
	enum err e = smdp_session_get(m->store, id, s);

	*found = !e && s->state >= from && s->state <= to && s->created >= now - SMDP_SESSION_S &&
		 identity_of(m, s->curve);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err sign_object(const struct ec_key *key, struct slice content, struct slice before,
			    uint8_t signature[static EC_SIGNATURE_LEN], struct wbuf *out)
{
	const struct slice parts[] = {content, before};
	enum err e = ec_sign(key, parts, ARRAY_LEN(parts), signature);

	if (!e)
		tlv_put(out, SGP22_TAG_SIGNATURE, slice_make(signature, EC_SIGNATURE_LEN));
	return e;
}

enum err smdp_initiate_authentication(struct smdp *m, struct slice euicc_challenge,
				      struct slice euicc_info1, struct slice address, int64_t now,
				      struct smdp_answer *a)
{
	struct smdp_session s = {.state = SMDP_SESSION_INITIATED, .created = now};
	const struct smdp_identity *id = NULL;
	struct es10b_server_signed1 signed1;
	struct es10b_euicc_info1 info;
	uint8_t signature[EC_SIGNATURE_LEN];
	struct wbuf *w;
	enum err e = es10b_parse_euicc_info1(euicc_info1, &info);

	if (e)
		return e;
	if (euicc_challenge.len != RSP_CHALLENGE_LEN)
		return ERR_LENGTH;
	if (!slice_is(address, m->address))
		return fail(a, &fault_address);
	for (size_t i = 0; i < m->count && !id; i++)
		if (rsp_key_ids_have(info.ci_verify, cert_key_id(&m->ids[i].ci)) &&
		    rsp_key_ids_have(info.ci_sign, cert_key_id(&m->ids[i].ci)))
			id = &m->ids[i];
	if (!id)
		return fail(a, &fault_ci);
	s.curve = id->ci.curve;
	e = random_bytes(s.transaction_id, sizeof(s.transaction_id));
	if (!e)
		e = random_bytes(s.server_challenge, sizeof(s.server_challenge));
	if (e)
		return e;
	signed1 =
		(struct es10b_server_signed1){SLICE_OF(s.transaction_id), euicc_challenge,
					      slice_str(m->address), SLICE_OF(s.server_challenge)};
	w = field(a, "serverSigned1");
	es10b_put_server_signed1(w, &signed1);
	e = sign_object(id->auth_key, wbuf_slice(w), SLICE_EMPTY, signature,
			field(a, "serverSignature1"));
	tlv_put(field(a, "euiccCiPKIdToBeUsed"), ASN1_OCTET_STRING, cert_key_id(&id->ci));
	wbuf_put(field(a, "serverCertificate"), wbuf_slice(&id->auth_der));
	if (!e)
		e = save(m, &s, now);
	if (e)
		smdp_answer_free(a);
	return e ? e : finish(a, &s);
}

/* Chain, signature and challenge of euiccSigned1 (SGP.22 5.6.3). fault stays NULL when all fit. */
static enum err check_euicc(const struct smdp *m, struct smdp_session *s,
			    const struct es10b_authenticate_server_response *r, int64_t now,
			    const struct smdp_fault **fault)
{
	struct slice ci = wbuf_slice(&identity_of(m, s->curve)->ci_der);
	struct cert euicc;
	enum err e = rsp_cert_check_chain(r->euicc_certificate, r->eum_certificate, &ci, 1, now,
					  &euicc, NULL);

	if (!e)
		e = rsp_cert_eid(&euicc, s->eid);
	if (e) {
		*fault = e == ERR_CERT_EXPIRED ? &fault_expired : &fault_chain;
		return e == ERR_MEMORY ? e : ERR_OK;
	}
	memcpy(s->euicc_point, euicc.point, sizeof(s->euicc_point));
	if (ec_verify(s->curve, cert_point(&euicc), &r->signed1_raw, 1, r->signature) ||
	    !slice_equal(r->signed1.server_challenge, SLICE_OF(s->server_challenge)) ||
	    !slice_is(r->signed1.server_address, m->address))
		*fault = &fault_signature;
	else if (!slice_equal(r->signed1.transaction_id, SLICE_OF(s->transaction_id)))
		*fault = &fault_transaction;
	return ERR_OK;
}

/* The profile that the matching id names, if this eUICC may have it. */
static enum err choose_profile(struct smdp *m, struct smdp_session *s, struct slice ctx_raw,
			       const struct smdp_fault **fault)
{
	char id[SMDP_MATCHING_ID_MAX + 1];
	struct smdp_profile p;
	struct es10b_ctx ctx;
	enum err e = es10b_parse_ctx(ctx_raw, &ctx);

	if (e)
		return e;
	*fault = &fault_matching;
	if (slice_text(ctx.matching_id, id, sizeof(id)) || !*id)
		return ERR_OK;
	e = smdp_profile_find(m->store, id, &p);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (p.state == SMDP_INSTALLED)
		return ERR_OK;
	*fault = p.state != SMDP_AVAILABLE && !slice_equal(SLICE_OF(p.eid), SLICE_OF(s->eid))
			 ? &fault_eid
			 : NULL;
	s->profile = p.id;
	return ERR_OK;
}

static enum err offer_profile(struct smdp *m, struct smdp_session *s, struct slice signature1,
			      struct smdp_answer *a)
{
	const struct smdp_identity *id = identity_of(m, s->curve);
	struct es10b_smdp_signed2 signed2 = {.transaction_id = SLICE_OF(s->transaction_id)};
	uint8_t object[3 + EC_SIGNATURE_LEN];
	struct wbuf *w;
	enum err e = smdp_profile_load(m->store, s->profile, field(a, "profileMetadata"), NULL);

	if (e)
		return e;
	w = field(a, "smdpSigned2");
	es10b_put_smdp_signed2(w, &signed2);
	e = sign_object(id->pb_key, wbuf_slice(w), es10b_signature_object(signature1, object),
			s->smdp_signature2, field(a, "smdpSignature2"));
	wbuf_put(field(a, "smdpCertificate"), wbuf_slice(&id->pb_der));
	return e;
}

enum err smdp_authenticate_client(struct smdp *m, struct slice transaction_id,
				  struct slice authenticate_server_response, int64_t now,
				  struct smdp_answer *a)
{
	struct es10b_authenticate_server_response r;
	const struct smdp_fault *fault = NULL;
	struct smdp_session s;
	bool found;
	enum err e = es10b_parse_authenticate_server_response(authenticate_server_response, &r);

	if (!e)
		e = session_in(m, transaction_id, SMDP_SESSION_INITIATED, SMDP_SESSION_INITIATED,
			       now, &s, &found);
	if (e)
		return e;
	if (!found)
		return fail(a, &fault_transaction);
	if (!r.ok)
		return fail(a, &fault_refused);
	e = check_euicc(m, &s, &r, now, &fault);
	if (!e && !fault)
		e = choose_profile(m, &s, r.signed1.ctx_raw, &fault);
	if (e)
		return e;
	if (fault)
		return fail(a, fault);
	e = offer_profile(m, &s, r.signature, a);
	s.state = SMDP_SESSION_AUTHENTICATED;
	if (!e)
		e = save(m, &s, now);
	if (e)
		smdp_answer_free(a);
	return e ? e : finish(a, &s);
}

static enum err bind_profile(struct smdp *m, const struct smdp_session *s, struct slice euicc_otpk,
			     struct smdp_answer *a)
{
	struct wbuf metadata = wbuf_grow(FIELD_MAX), upp = wbuf_grow(SMDP_UPP_MAX);
	struct smdp_binding b = {.transaction_id = SLICE_OF(s->transaction_id),
				 .eid = SLICE_OF(s->eid),
				 .euicc_otpk = euicc_otpk};
	enum err e = smdp_profile_load(m->store, s->profile, &metadata, &upp);

	b.metadata = wbuf_slice(&metadata);
	b.upp = wbuf_slice(&upp);
	if (!e)
		e = smdp_bind(identity_of(m, s->curve), &b, field(a, "boundProfilePackage"));
	if (!e)
		e = smdp_profile_set(m->store, s->profile, SMDP_RELEASED, s->eid);
	wbuf_free(&metadata);
	wbuf_free(&upp);
	return e;
}

enum err smdp_get_bound_profile_package(struct smdp *m, struct slice transaction_id,
					struct slice prepare_download_response, int64_t now,
					struct smdp_answer *a)
{
	uint8_t object[3 + EC_SIGNATURE_LEN];
	struct es10b_prepare_download_response r;
	struct slice parts[2];
	struct smdp_session s;
	bool found;
	enum err e = es10b_parse_prepare_download_response(prepare_download_response, &r);

	if (!e)
		e = session_in(m, transaction_id, SMDP_SESSION_AUTHENTICATED, SMDP_SESSION_BOUND,
			       now, &s, &found);
	if (e)
		return e;
	if (!found)
		return fail(a, &fault_transaction);
	if (!r.ok)
		return fail(a, &fault_refused);
	parts[0] = r.signed2_raw;
	parts[1] = es10b_signature_object(SLICE_OF(s.smdp_signature2), object);
	if (ec_verify(s.curve, SLICE_OF(s.euicc_point), parts, ARRAY_LEN(parts), r.signature))
		return fail(a, &fault_signature);
	if (!slice_equal(r.signed2.transaction_id, SLICE_OF(s.transaction_id)))
		return fail(a, &fault_transaction);
	e = bind_profile(m, &s, r.signed2.euicc_otpk, a);
	s.state = SMDP_SESSION_BOUND;
	if (!e)
		e = save(m, &s, now);
	if (e)
		smdp_answer_free(a);
	return e ? e : finish(a, &s);
}

static enum err take_result(struct smdp *m, struct slice der, int64_t now, struct smdp_answer *a)
{
	struct es10b_installation_result r;
	struct smdp_session s;
	bool found;
	enum err e = es10b_parse_installation_result(der, &r);

	if (!e)
		e = session_in(m, r.transaction_id, SMDP_SESSION_BOUND, SMDP_SESSION_ENDED, now, &s,
			       &found);
	if (e)
		return e;
	if (!found)
		return fail(a, &fault_transaction);
	if (ec_verify(s.curve, SLICE_OF(s.euicc_point), &r.data_raw, 1, r.signature))
		return fail(a, &fault_signature);
	if (s.state == SMDP_SESSION_ENDED) /* sent again: the first one counts */
		return ERR_OK;
	e = smdp_profile_set(m->store, s.profile, r.success ? SMDP_INSTALLED : SMDP_ERROR, s.eid);
	s.state = SMDP_SESSION_ENDED;
	return e ? e : save(m, &s, now);
}

/* Enable, disable, delete: nothing changes here, but only a genuine one is taken off the list. */
static enum err take_other(struct smdp *m, struct slice der, int64_t now, struct smdp_answer *a)
{
	struct es10b_other_notification n;
	struct slice cis[IDENTITIES_MAX];
	struct cert euicc;
	enum err e = es10b_parse_other_notification(der, &n);

	if (e)
		return e;
	for (size_t i = 0; i < m->count; i++)
		cis[i] = wbuf_slice(&m->ids[i].ci_der);
	if (rsp_cert_check_chain(n.euicc_certificate, n.eum_certificate, cis, m->count, now, &euicc,
				 NULL))
		return fail(a, &fault_chain);
	if (ec_verify(euicc.curve, cert_point(&euicc), &n.notification_raw, 1, n.signature))
		return fail(a, &fault_signature);
	return ERR_OK;
}

enum err smdp_handle_notification(struct smdp *m, struct slice pending_notification, int64_t now,
				  struct smdp_answer *a)
{
	struct cursor c = cursor_of(pending_notification);

	return tlv_peek(&c) == SGP22_TAG_PROFILE_INSTALLATION_RESULT
		       ? take_result(m, pending_notification, now, a)
		       : take_other(m, pending_notification, now, a);
}

enum err smdp_cancel_session(struct smdp *m, struct slice transaction_id,
			     struct slice cancel_session_response, int64_t now,
			     struct smdp_answer *a)
{
	struct es10b_cancel_session_response r;
	struct smdp_session s;
	bool found;
	enum err e = es10b_parse_cancel_session_response(cancel_session_response, &r);

	if (!e)
		e = session_in(m, transaction_id, SMDP_SESSION_AUTHENTICATED, SMDP_SESSION_BOUND,
			       now, &s, &found);
	if (e)
		return e;
	if (!found)
		return fail(a, &fault_transaction);
	if (!r.ok)
		return fail(a, &fault_refused);
	if (ec_verify(s.curve, SLICE_OF(s.euicc_point), &r.signed_raw, 1, r.signature))
		return fail(a, &fault_signature);
	if (!slice_equal(r.signed_.transaction_id, SLICE_OF(s.transaction_id)))
		return fail(a, &fault_transaction);
	s.state = SMDP_SESSION_ENDED;
	return save(m, &s, now);
}
