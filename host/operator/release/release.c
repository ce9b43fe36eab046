#include "host/operator/release/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/release/binding.h"
#include "host/operator/policy/moment.h"
#include "host/operator/release/prepare.h"
#include "host/operator/pki/eums.h"
#include "host/operator/pki/revoked.h"
#include "lib/profile/sealed.h"
#include "lib/release/grant.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

#define FILE_CAP 16384
#define ACTOR	 "release authority"

struct release_authority {
	struct ec_key *key;
	struct wbuf ci[RELEASE_CI_MAX];
	size_t ci_count;
	struct eums eums;
	struct revoked *revoked;
	struct smdp_store *manager; /* borrowed; NULL: there is none */
	int64_t first_factor_s;
};

static enum err load_key(const char *dir, struct ec_key **key)
{
	char path[PATH_CAP];
	struct secret *memory = secret_new(SECRET_MAX);
	struct wbuf w;
	enum err e = memory ? path_join(dir, "release.key", path, sizeof(path)) : ERR_MEMORY;

	if (!e) {
		w = wbuf_init(memory->bytes, memory->len);
		e = file_read(path, NULL, &w);
		if (!e)
			e = ec_key_load(wbuf_slice(&w), key);
	}
	secret_free(&memory);
	if (!e && ec_key_curve(*key) != EC_P256)
		e = ERR_KEY;
	return e;
}

static enum err load_ci(void *ctx, const char *path)
{
	struct release_authority *r = ctx;

	if (r->ci_count == RELEASE_CI_MAX)
		return ERR_SPACE;
	r->ci[r->ci_count] = wbuf_grow(FILE_CAP);
	return file_read(path, NULL, &r->ci[r->ci_count++]);
}

static enum err load_cis(struct release_authority *r, const char *dir)
{
	char path[PATH_CAP];
	enum err e = path_join(dir, "pki/CI", path, sizeof(path));

	return e ? e : file_each(path, "CERT_", ".der", load_ci, r);
}

enum err release_authority_open(const char *dir, struct release_authority **out)
{
	struct release_authority *r = calloc(1, sizeof(*r));
	enum err e;

	if (!r)
		return ERR_MEMORY;
	r->first_factor_s = FIRST_FACTOR_S;
	e = load_key(dir, &r->key);
	if (!e)
		e = load_cis(r, dir);
	if (!e)
		e = revoked_open(dir, &r->revoked);
	if (e)
		release_authority_close(&r);
	else
		*out = r;
	return e;
}

void release_authority_close(struct release_authority **r)
{
	if (!*r)
		return;
	ec_key_free(&(*r)->key);
	revoked_close(&(*r)->revoked);
	for (size_t i = 0; i < (*r)->ci_count; i++)
		wbuf_free(&(*r)->ci[i]);
	free(*r);
	*r = NULL;
}

void release_authority_manager(struct release_authority *r, struct smdp_store *manager)
{
	r->manager = manager;
}

void release_first_factor_valid(struct release_authority *r, int64_t seconds)
{
	r->first_factor_s = seconds;
}

struct slice release_authority_point(const struct release_authority *r)
{
	return ec_key_point(r->key);
}

/* The challenge comes from a genuine eUICC, the one that it names. */
static enum err check_card(struct release_authority *r, const struct kra_challenge *c, int64_t now)
{
	struct slice cis[RELEASE_CI_MAX];
	uint8_t eid[KRA_EID_LEN];
	const struct eum *eum;
	struct cert euicc = {0};
	enum err e;

	for (size_t i = 0; i < r->ci_count; i++)
		cis[i] = wbuf_slice(&r->ci[i]);
	e = eums_check(&r->eums, c->eum_cert, &(struct rsp_trust){cis, r->ci_count, now}, &eum);
	if (!e)
		e = revoked_check(r->revoked, &eum->cert);
	if (!e)
		e = rsp_cert_check_under_eum(c->euicc_cert, &eum->cert, now, &euicc);
	if (!e)
		e = ec_verify(euicc.curve, cert_point(&euicc), &c->signed_part, 1, c->signature);
	if (!e)
		e = rsp_cert_eid(&euicc, eid);
	if (!e && !slice_equal(SLICE_OF(eid), SLICE_OF(c->binding.eid)))
		e = ERR_CERT;
	return e;
}

int64_t release_first_factor_s(const struct release_authority *r)
{
	return r->first_factor_s;
}

/* I2, I3: this card, this key, both factors now. The store decides again on the row as it is when
 * the grant is kept. */
static enum err check_subscriber(const struct release_authority *r, struct operator_store *s,
				 const struct subscriber *sub, const struct subscriber_event *ev)
{
	struct decision d;
	struct binding its;
	enum err e = binding_find(sub, r->manager, &its);

	if (!e)
		e = binding_check(s, sub, &its, ev->eid, ev->now);
	if (!e && subscriber_release_key_id(sub) != ev->key_id)
		e = ERR_REFUSED;
	return e ? e : decide(sub, ev, &d);
}

struct made_grant {
	struct wbuf message;
	struct secret *k2; /* that both sides derive; NULL: none */
};

/* The elements without K2, tied to the sealed part that the card has. */
static enum err make_derived(const struct release_authority *r, const struct subscriber *sub,
			     const struct subscriber_keys *keys, const struct kra_challenge *c,
			     struct made_grant *out)
{
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX), plain = wbuf_grow(KRA_MESSAGE_MAX);
	struct grant_elements elements = {
		.from = {.kdf = sealed_kdf(sub->modes.derived), .octets = sub->modes.derived}};
	enum err e = prepare_sealed(sub, c->binding.key_id, keys, r->key, &sealed);

	if (!e)
		e = prepare_elements(sub, keys, &plain);
	if (!e) {
		elements.from.sealed = wbuf_slice(&sealed);
		elements.plain = wbuf_slice(&plain);
		e = grant_build_derived(&out->message, c, &elements, r->key, &out->k2);
	}
	wbuf_free(&sealed);
	wbuf_free(&plain);
	return e;
}

static enum err make_grant(const struct release_authority *r, struct operator_store *s,
			   const struct subscriber *sub, const struct kra_challenge *c,
			   struct made_grant *out)
{
	struct subscriber_keys keys = {0};
	enum err e = state_is_rotation(sub->state) ? subscriber_spare_keys_load(s, sub->id, &keys)
						   : subscriber_keys_load(s, sub->id, &keys);

	if (!e && !keys.s)
		e = ERR_NOT_FOUND;
	if (!e)
		e = sub->modes.derived
			    ? make_derived(r, sub, &keys, c, out)
			    : grant_build(&out->message, &c->binding, c->card_otpk, keys.s, r->key);
	subscriber_keys_free(&keys);
	return e;
}

enum err release_grant_issue(struct release_authority *r, struct operator_store *s,
			     struct slice challenge, int64_t now, struct wbuf *out)
{
	struct kra_challenge c = {0};
	struct subscriber sub = {0};
	struct made_grant grant = {.message = wbuf_grow(KRA_MESSAGE_MAX)};
	enum kra_result refused;
	char evidence[64];
	struct subscriber_event ev = {.kind = EVENT_GRANT,
				      .actor = ACTOR,
				      .evidence = evidence,
				      .now = now,
				      .first_valid_s = r->first_factor_s,
				      .eid = c.binding.eid,
				      .nonce = c.binding.nonce,
				      .challenge = challenge};
	enum err e = kra_parse_challenge(challenge, &c, &refused);

	if (!e)
		e = check_card(r, &c, now);
	if (!e)
		e = subscriber_by_iccid(s, c.binding.iccid, &sub);
	if (!e) {
		ev.key_id = c.binding.key_id;
		snprintf(evidence, sizeof(evidence), "challenge verified, keyId %u",
			 (unsigned)ev.key_id);
		e = check_subscriber(r, s, &sub, &ev);
	}
	if (!e)
		e = make_grant(r, s, &sub, &c, &grant);
	if (!e)
		e = subscriber_grant(s, sub.id, &ev, grant.k2); /* before the grant leaves */
	if (!e) {
		wbuf_put(out, wbuf_slice(&grant.message));
		e = wbuf_done(out);
	}
	secret_free(&grant.k2);
	wbuf_free(&grant.message);
	return e;
}

/* Makes the message. Of two processes the first one's is kept. */
static enum err make_reseal(const struct release_authority *r, struct operator_store *s,
			    const struct subscriber *sub)
{
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX), message = wbuf_grow(KRA_MESSAGE_MAX);
	struct subscriber_keys next = {0};
	enum err e = subscriber_spare_keys_load(s, sub->id, &next);

	if (!e)
		e = prepare_sealed(sub, sub->spare_key_id, &next, r->key, &sealed);
	if (!e)
		e = kra_put_reseal(&message, wbuf_slice(&sealed), r->key);
	if (!e)
		e = subscriber_reseal_keep(s, sub->id, sub->spare_key_id, wbuf_slice(&message));
	subscriber_keys_free(&next);
	wbuf_free(&sealed);
	wbuf_free(&message);
	return e;
}

enum err release_reseal(const struct release_authority *r, struct operator_store *s,
			const uint8_t iccid[static 10], struct wbuf *out, uint32_t *key_id)
{
	struct subscriber sub;
	enum err e = subscriber_by_iccid(s, iccid, &sub), got;

	if (!e)
		e = subscriber_next_key(s, sub.id, &sub);
	if (e)
		return e;
	got = subscriber_reseal_get(s, sub.id, sub.spare_key_id, out);
	if (got == ERR_NOT_FOUND) {
		e = make_reseal(r, s, &sub);
		if (!e)
			got = subscriber_reseal_get(s, sub.id, sub.spare_key_id, out);
	}
	if (!e && got == ERR_NOT_FOUND) /* it was granted meanwhile */
		got = ERR_WRONG_STATE;
	e = e ? e : got;
	if (!e)
		*key_id = sub.spare_key_id;
	return e;
}

/* The signature of the card whose challenge was granted; its certificate was checked then. */
static enum err check_outcome(const struct kra_outcome *o, struct slice challenge)
{
	struct kra_challenge c;
	enum kra_result refused;
	struct cert euicc = {0};
	enum err e = kra_parse_challenge(challenge, &c, &refused);

	if (!e)
		e = cert_parse(c.euicc_cert, &euicc);
	if (!e)
		e = ec_verify(euicc.curve, cert_point(&euicc), &o->signed_part, 1, o->signature);
	if (!e && (o->binding.key_id != c.binding.key_id ||
		   !slice_equal(SLICE_OF(o->binding.iccid), SLICE_OF(c.binding.iccid))))
		e = ERR_PROTOCOL;
	return e;
}

enum err release_result_take(struct operator_store *s, struct slice message, int64_t now,
			     struct release_told *out)
{
	struct kra_outcome o;
	char evidence[128];
	struct subscriber_event ev = {.actor = ACTOR, .evidence = evidence, .now = now};
	struct wbuf challenge = wbuf_grow(KRA_MESSAGE_MAX);
	enum err e = kra_parse_outcome(message, &o);

	if (!e)
		e = granted_challenge(s, &(struct granted){o.binding.eid, o.binding.nonce}, now,
				      &challenge);
	if (!e)
		e = check_outcome(&o, wbuf_slice(&challenge));
	wbuf_free(&challenge);
	if (e)
		return e;
	ev.kind = o.result == KRA_RESULT_OK ? EVENT_RESULT_OK : EVENT_RESULT_FAILED;
	ev.key_id = o.binding.key_id;
	ev.eid = o.binding.eid;
	ev.nonce = o.binding.nonce;
	snprintf(evidence, sizeof(evidence), "keyId %u, the card: %s", (unsigned)ev.key_id,
		 kra_result_text(o.result));
	e = subscriber_result(s, o.binding.iccid, &ev, &out->after);
	if (!e)
		out->result = o.result;
	return e;
}
