#include "host/operator/release/second_profile.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/release/binding.h"
#include "host/operator/release/prepare.h"
#include "host/operator/release/release.h"
#include "host/operator/store/store.h"
#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/store/import.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "lib/profile/build.h"
#include "lib/rsp/activation.h"

#define ACTOR	     "release authority"
#define METADATA_MAX 1024
#define EVIDENCE_MAX 96

enum err second_profile_seal(struct operator_store *s, const struct subscriber *sub,
			     const char *smdp_address, struct wbuf *sealed)
{
	struct second_code c = {.key_id = sub->key_id};
	char code[SECOND_CODE_TEXT_MAX], id[SMDP_MATCHING_ID_MAX + 1];
	struct subscriber_keys keys = {0};
	enum err e = sub->modes.derived || sub->modes.in_memory ? ERR_UNSUPPORTED
								: es2p_new_matching_id(id);
	int n;

	memcpy(c.iccid, sub->iccid, sizeof(c.iccid));
	if (!e)
		e = prepare_random_iccid(c.second_iccid);
	if (!e)
		e = subscriber_keys_load(s, sub->id, &keys);
	if (!e && !keys.s)
		e = ERR_NOT_FOUND;
	if (!e) {
		n = snprintf(code, sizeof(code), "LPA:1$%s$%s", smdp_address, id);
		e = n < 0 || (size_t)n >= sizeof(code)
			    ? ERR_LENGTH
			    : sealed_code_seal(&c, secret_slice(keys.s), slice_str(code), sealed);
	}
	subscriber_keys_free(&keys);
	secret_wipe(code, sizeof(code));
	secret_wipe(id, sizeof(id));
	return e;
}

/* The eUICC that the first profile is on. */
static enum err first_eid(struct smdp_store *manager, const struct subscriber *sub,
			  uint8_t eid[static 16])
{
	struct binding b;
	enum err e = binding_find(sub, manager, &b);

	if (!e && !b.known)
		e = sub->has_eid ? ERR_REFUSED : ERR_UNBOUND;
	if (!e)
		memcpy(eid, b.eid, sizeof(b.eid));
	return e;
}

static enum err open_code(struct operator_store *s, const struct subscriber *sub,
			  const struct second_code *c, struct second_profile *out)
{
	struct subscriber_keys keys = {0};
	struct secret *code = NULL;
	enum err e = subscriber_keys_load(s, sub->id, &keys);

	if (!e)
		e = keys.s ? sealed_code_open(c, secret_slice(keys.s), &code) : ERR_NOT_FOUND;
	if (!e)
		e = slice_text(secret_slice(code), out->activation_code,
			       sizeof(out->activation_code));
	memcpy(out->iccid, c->second_iccid, sizeof(out->iccid));
	secret_free(&code);
	subscriber_keys_free(&keys);
	return e;
}

/* What takes the subscriber's state; iccid and evidence are the text's memory. */
struct release_event {
	struct subscriber_event ev;
	char evidence[EVIDENCE_MAX];
};

static void describe(struct release_event *r, const struct subscriber *sub,
		     const struct second_profile *p)
{
	char iccid[21];

	profile_iccid_text(p->iccid, iccid);
	snprintf(r->evidence, sizeof(r->evidence), "code of the second profile %s, keyId %u", iccid,
		 (unsigned)sub->key_id);
	r->ev.kind = sub->state == STATE_RELEASED ? EVENT_REISSUE : EVENT_GRANT;
	r->ev.actor = ACTOR;
	r->ev.evidence = r->evidence;
	r->ev.key_id = sub->key_id;
	r->ev.as_profile = true;
}

static enum err put_package(const struct second_profile_desk *d, const struct subscriber *sub,
			    const struct second_profile *p, const char *address)
{
	/* its user has proven who it is with the first profile: this one asks no PIN */
	static const struct prepare_codes codes = {"", ""};
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX), metadata = wbuf_grow(METADATA_MAX);
	enum err e =
		prepare_single(d->store, sub, &(struct prepare_choice){2, p->iccid, &codes}, &upp);

	if (!e)
		e = prepare_metadata(sub, p->iccid, address, &metadata);
	if (!e)
		e = smdp_import(d->manager,
				&(struct smdp_import){.iccid = p->iccid,
						      .metadata = wbuf_slice(&metadata),
						      .upp = wbuf_slice(&upp)},
				d->now);
	wbuf_free(&upp);
	wbuf_free(&metadata);
	return e;
}

/* An order that ended in an error is placed anew; one that lives is for this eUICC already. */
static enum err place_order(struct smdp_store *manager, struct smdp_profile *p, const char *id,
			    const uint8_t eid[static 16], int64_t now)
{
	const struct es2p_cancellation cancellation = {.eid = p->linked ? p->eid : NULL,
						       .iccid = p->iccid};
	const struct es2p_order order = {.eid = eid, .iccid = p->iccid};
	const struct es2p_confirmation confirmation = {.eid = eid,
						       .iccid = p->iccid,
						       .matching_id = id,
						       .release = true,
						       .lifetime_s = -1};
	struct es2p_call call = {.store = manager, .actor = ACTOR, .now = now};
	struct smdp_profile now_is = *p;
	enum err e = ERR_OK;

	if (p->state == SMDP_ERROR)
		e = es2p_cancel_order(&call, &cancellation, &now_is);
	if (!e && now_is.state == SMDP_AVAILABLE)
		e = es2p_download_order(&call, &order, &now_is);
	if (!e && (now_is.state == SMDP_LINKED || now_is.state == SMDP_ALLOCATED))
		e = es2p_confirm_order(&call, &confirmation, &now_is);
	if (!e && memcmp(now_is.eid, eid, sizeof(now_is.eid)) != 0)
		e = ERR_REFUSED;
	return e;
}

static enum err order(const struct second_profile_desk *d, const struct subscriber *sub,
		      const struct second_profile *p, const uint8_t eid[static 16])
{
	struct activation a;
	struct smdp_profile there;
	enum err e = activation_parse(p->activation_code, &a, NULL);

	if (e)
		return e;
	SMDP_TRANSACTION (d->manager, e) {
		e = smdp_profile_by_iccid(d->manager, p->iccid, &there);
		if (e == ERR_NOT_FOUND) {
			e = put_package(d, sub, p, a.address);
			if (!e)
				e = smdp_profile_by_iccid(d->manager, p->iccid, &there);
		}
		if (!e)
			e = place_order(d->manager, &there, a.matching_id, eid, d->now);
	}
	secret_wipe(&a, sizeof(a));
	return e;
}

enum err second_profile_release(const struct second_profile_desk *d, const char *imsi,
				struct slice sealed, struct second_profile *out)
{
	struct second_profile p = {.iccid = {0}};
	struct subscriber sub = {0};
	struct second_code c;
	uint8_t eid[16];
	struct release_event what = {.ev = {.now = d->now,
					    .first_valid_s = release_first_factor_s(d->authority),
					    .eid = eid}};
	struct decision decision;
	enum err e = second_code_parse(sealed, &c);

	if (!e)
		e = subscriber_by_imsi(d->store, imsi, &sub, NULL);
	if (!e && (!slice_equal(SLICE_OF(c.iccid), SLICE_OF(sub.iccid)) || c.key_id != sub.key_id))
		e = ERR_REFUSED;
	if (!e)
		e = open_code(d->store, &sub, &c, &p);
	if (!e)
		e = first_eid(d->manager, &sub, eid);
	if (!e) { /* before anything changes in either store */
		describe(&what, &sub, &p);
		e = decide(&sub, &what.ev, &decision);
	}
	if (!e)
		e = subscriber_event(d->store, sub.id, &what.ev, &p.after);
	if (!e)
		e = order(d, &sub, &p, eid);
	if (!e)
		*out = p;
	secret_wipe(&p, sizeof(p));
	return e;
}
