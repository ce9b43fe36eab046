#include "host/operator/release/binding.h"
#include "host/operator/smdp/store/profile.h"

#include <stdio.h>
#include <string.h>

#define EVIDENCE_MAX 192

static const char *const by_text[] = {
	[BOUND_BY_NOBODY] = "nobody has named one",
	[BOUND_BY_GRANT] = "the key was granted to it before",
	[BOUND_BY_OPERATOR] = "the operator named it",
};

/* *installed: the manager has the signed result of an eUICC, which is in b then. */
static enum err ask_manager(const struct subscriber *sub, struct smdp_store *manager,
			    struct binding *b, bool *installed)
{
	struct smdp_profile p;
	enum err e = manager ? smdp_profile_by_iccid(manager, sub->iccid, &p) : ERR_NOT_FOUND;

	*installed = !e && p.state == SMDP_INSTALLED && smdp_profile_has_eid(&p);
	if (*installed)
		memcpy(b->eid, p.eid, sizeof(b->eid));
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err binding_find(const struct subscriber *sub, struct smdp_store *manager, struct binding *out)
{
	struct binding b = {.known = sub->has_eid, .by = by_text[BOUND_BY_NOBODY]};
	bool installed;
	enum err e = ask_manager(sub, manager, &b, &installed);

	if (e)
		return e;
	if (sub->has_eid && installed && sub->bound_by != BOUND_BY_OPERATOR &&
	    memcmp(b.eid, sub->eid, sizeof(b.eid)) != 0) {
		b.known = false;
		b.by = "the key was granted to another than the one that it is installed on now";
	} else if (sub->has_eid) {
		memcpy(b.eid, sub->eid, sizeof(b.eid));
		b.by = by_text[sub->bound_by];
	} else if (installed) {
		b.known = true;
		b.by = "the manager has its signed result";
	}
	*out = b;
	return ERR_OK;
}

enum err binding_check(struct operator_store *s, const struct subscriber *sub,
		       const struct binding *b, const uint8_t eid[static 16], int64_t now)
{
	struct operator_policy policy = {.first_asks = false};
	char asks[33] = "", is[33] = "", evidence[EVIDENCE_MAX];
	enum err e = ERR_OK;

	if (b->known && memcmp(b->eid, eid, sizeof(b->eid)) == 0)
		return ERR_OK;
	if (!b->known && !sub->has_eid)
		e = operator_policy_get(s, &policy);
	if (e || policy.first_asks)
		return e;
	hex_encode(slice_make(eid, sizeof(b->eid)), asks, sizeof(asks));
	hex_encode(SLICE_OF(b->eid), is, sizeof(is));
	if (b->known)
		snprintf(evidence, sizeof(evidence), "EID %s asked; the profile is on EID %s: %s",
			 asks, is, b->by);
	else
		snprintf(evidence, sizeof(evidence), "EID %s asked: %s", asks, b->by);
	e = subscriber_foreign(s, sub->id, evidence, now);
	return e ? e : b->known || sub->has_eid ? ERR_REFUSED : ERR_UNBOUND;
}
