#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/import.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "lib/base/secret.h"

#include <string.h>

#include "lib/profile/digits.h"

#define MATCHING_OCTETS 10

static enum err refuse(struct es2p_call *call, enum smdp_fault_cause cause)
{
	call->fault = smdp_fault(cause);
	return ERR_REFUSED;
}

bool es2p_is_matching_id(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	size_t n = strspn(text, allowed);

	return n && n <= SMDP_MATCHING_ID_MAX && !text[n];
}

enum err es2p_iccid(const char *digits, uint8_t iccid[static 10])
{
	return profile_iccid_read(digits, iccid);
}

enum err es2p_new_matching_id(char id[static SMDP_MATCHING_ID_MAX + 1])
{
	uint8_t raw[MATCHING_OCTETS];
	enum err e = random_bytes(raw, sizeof(raw));

	if (!e)
		e = hex_encode(SLICE_OF(raw), id, SMDP_MATCHING_ID_MAX + 1);
	for (char *c = id; !e && *c; c++)
		*c = (char)(*c >= 'a' ? *c - 'a' + 'A' : *c);
	return e;
}

/* The EID of an order; zeros would be nobody's, and the order for everybody. */
static bool is_eid(const uint8_t *eid)
{
	static const uint8_t zeros[16];

	return memcmp(eid, zeros, sizeof(zeros)) != 0;
}

static enum err find_by_iccid(struct es2p_call *call, const uint8_t *iccid, struct smdp_profile *p)
{
	enum err e = smdp_profile_by_iccid(call->store, iccid, p);

	return e == ERR_NOT_FOUND ? refuse(call, SMDP_FAULT_ICCID_UNKNOWN) : e;
}

static struct smdp_change change_of(const struct es2p_call *call, enum smdp_event event)
{
	return (struct smdp_change){.event = event, .now = call->now, .actor = call->actor};
}

/* The profile along its edge; cause: what it is called when there is none. */
static enum err change(struct es2p_call *call, struct smdp_profile *p, const struct smdp_change *c,
		       enum smdp_fault_cause cause)
{
	enum err e = smdp_profile_change(call->store, p, c);

	if (e == ERR_WRONG_STATE)
		return refuse(call, cause);
	return e == ERR_EXISTS ? refuse(call, SMDP_FAULT_MATCHING_ID_USED) : e;
}

static enum err choose(struct es2p_call *call, const struct es2p_order *r, struct smdp_profile *p)
{
	enum err e;

	if (!r->iccid) {
		e = smdp_profile_available(call->store, r->type, p);
		return e == ERR_NOT_FOUND     ? refuse(call, SMDP_FAULT_TYPE_UNKNOWN)
		       : e == ERR_WRONG_STATE ? refuse(call, SMDP_FAULT_TYPE_EMPTY)
					      : e;
	}
	e = find_by_iccid(call, r->iccid, p);
	if (!e && p->state != SMDP_AVAILABLE)
		return refuse(call, SMDP_FAULT_ICCID_USED);
	if (!e && r->type && strcmp(r->type, p->type) != 0)
		return refuse(call, SMDP_FAULT_TYPE_OTHER);
	return e;
}

enum err es2p_download_order(struct es2p_call *call, const struct es2p_order *r,
			     struct smdp_profile *p)
{
	const struct smdp_change c = change_of(call, r->eid ? SMDP_ORDER_EID : SMDP_ORDER);
	enum err e;

	if (!r->iccid && (!r->type || !*r->type))
		return refuse(call, SMDP_FAULT_WHICH);
	if (r->eid && !is_eid(r->eid))
		return refuse(call, SMDP_FAULT_EID_FORM);
	SMDP_TRANSACTION (call->store, e) { /* nobody takes what is chosen meanwhile */
		e = choose(call, r, p);
		if (!e) {
			p->ordered = call->now;
			p->linked = r->eid != NULL;
			if (r->eid)
				memcpy(p->eid, r->eid, sizeof(p->eid));
			e = change(call, p, &c, SMDP_FAULT_ICCID_USED);
		}
	}
	return e;
}

/* 5.3.2: an EID that was ordered stays; one may still be named. */
static enum err confirm_eid(struct es2p_call *call, struct smdp_profile *p, const uint8_t *eid)
{
	if (!eid)
		return ERR_OK;
	if (!is_eid(eid))
		return refuse(call, SMDP_FAULT_EID_FORM);
	if (p->linked && memcmp(eid, p->eid, sizeof(p->eid)) != 0)
		return refuse(call, SMDP_FAULT_EID_OTHER);
	memcpy(p->eid, eid, sizeof(p->eid));
	p->linked = true;
	return ERR_OK;
}

static enum err confirm_matching_id(struct es2p_call *call, struct smdp_profile *p, const char *id)
{
	if (!id)
		return es2p_new_matching_id(p->matching_id);
	if (!*id && !p->linked)
		return refuse(call, SMDP_FAULT_EID_MISSING);
	if (*id && !es2p_is_matching_id(id))
		return refuse(call, SMDP_FAULT_MATCHING_ID_FORM);
	return slice_text(slice_str(id), p->matching_id, sizeof(p->matching_id));
}

static void confirm_limits(struct es2p_call *call, struct smdp_profile *p,
			   const struct es2p_confirmation *r)
{
	int64_t lifetime_s = r->lifetime_s < 0 ? SMDP_ORDER_S : r->lifetime_s;

	p->expires = lifetime_s ? call->now + lifetime_s : 0;
	p->downloads = p->code_tries = 0;
	p->downloads_max = r->downloads_max ? r->downloads_max : SMDP_DOWNLOADS_MAX;
	p->code_tries_max = r->code_tries_max ? r->code_tries_max : SMDP_CODE_TRIES_MAX;
}

static enum err confirm(struct es2p_call *call, const struct es2p_confirmation *r,
			struct smdp_profile *p)
{
	struct smdp_change c = change_of(call, SMDP_CONFIRM);
	uint8_t hash[SHA256_LEN];
	enum err e = find_by_iccid(call, r->iccid, p);

	if (!e && r->smds && *r->smds)
		e = refuse(call, SMDP_FAULT_SMDS);
	if (!e)
		e = confirm_eid(call, p, r->eid);
	if (!e)
		e = confirm_matching_id(call, p, r->matching_id);
	if (!e && r->code.len) {
		e = sha256(&r->code, 1, hash);
		c.code_hash = SLICE_OF(hash);
	}
	if (!e) {
		confirm_limits(call, p, r);
		e = change(call, p, &c, SMDP_FAULT_TRANSITION);
	}
	secret_wipe(hash, sizeof(hash));
	return e;
}

enum err es2p_confirm_order(struct es2p_call *call, const struct es2p_confirmation *r,
			    struct smdp_profile *p)
{
	const struct smdp_change release = change_of(call, SMDP_RELEASE);
	enum err e;

	SMDP_TRANSACTION (call->store, e) {
		e = confirm(call, r, p);
		if (!e && r->release)
			e = change(call, p, &release, SMDP_FAULT_TRANSITION);
	}
	return e;
}

/*
 * 5.3.3: the EID is conditional: who takes back the order of one eUICC names it. A matching id need
 * not be told (docs/adr/0018).
 */
static enum err check_names(struct es2p_call *call, const struct smdp_profile *p,
			    const struct es2p_cancellation *r)
{
	if (!r->eid && p->linked)
		return refuse(call, SMDP_FAULT_EID_MISSING);
	if (r->eid && smdp_profile_has_eid(p) && memcmp(r->eid, p->eid, sizeof(p->eid)) != 0)
		return refuse(call, SMDP_FAULT_EID_NOT_OF_ICCID);
	if (r->matching_id && strcmp(r->matching_id, p->matching_id) != 0)
		return refuse(call, SMDP_FAULT_MATCHING_ID_OTHER);
	return ERR_OK;
}

enum err es2p_cancel_order(struct es2p_call *call, const struct es2p_cancellation *r,
			   struct smdp_profile *p)
{
	const struct smdp_change c = change_of(call, r->final ? SMDP_RETIRE : SMDP_CANCEL);
	enum err e = find_by_iccid(call, r->iccid, p);

	if (!e)
		e = check_names(call, p, r);
	if (e)
		return e;
	p->matching_id[0] = 0;
	memset(p->eid, 0, sizeof(p->eid));
	p->linked = false;
	p->code_tries = p->downloads = 0;
	return change(call, p, &c,
		      p->state == SMDP_DOWNLOADED || p->state == SMDP_INSTALLED
			      ? SMDP_FAULT_ICCID_USED
			      : SMDP_FAULT_TRANSITION);
}

enum err es2p_release_profile(struct es2p_call *call, const uint8_t iccid[static 10],
			      struct smdp_profile *p)
{
	const struct smdp_change c = change_of(call, SMDP_RELEASE);
	enum err e = find_by_iccid(call, iccid, p);

	return e ? e : change(call, p, &c, SMDP_FAULT_TRANSITION);
}

enum err es2p_add_profile(struct es2p_call *call, const struct smdp_import *in,
			  const char *matching_id)
{
	const struct es2p_order order = {.iccid = in->iccid};
	const struct es2p_confirmation confirmation = {
		.iccid = in->iccid, .matching_id = matching_id, .release = true};
	struct smdp_profile p;
	enum err e;

	if (!*matching_id || strlen(matching_id) > SMDP_MATCHING_ID_MAX)
		return ERR_LENGTH;
	SMDP_TRANSACTION (call->store, e) {
		e = smdp_import(call->store, in, call->now);
		if (!e)
			e = es2p_download_order(call, &order, &p);
		if (!e)
			e = es2p_confirm_order(call, &confirmation, &p);
	}
	if (e == ERR_REFUSED && call->fault == smdp_fault(SMDP_FAULT_MATCHING_ID_USED))
		e = ERR_EXISTS;
	return e;
}
