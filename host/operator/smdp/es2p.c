#include "host/operator/smdp/es2p.h"

#include <string.h>
#include <time.h>

#include "lib/profile/digits.h"

#define MATCHING_OCTETS 10

static enum err refuse(const struct smdp_fault **fault, enum smdp_fault_cause cause)
{
	*fault = smdp_fault(cause);
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

static enum err find(struct smdp_store *s, const uint8_t *iccid, struct smdp_profile *p,
		     const struct smdp_fault **fault)
{
	enum err e = smdp_profile_by_iccid(s, iccid, p);

	return e == ERR_NOT_FOUND ? refuse(fault, SMDP_FAULT_ICCID_UNKNOWN) : e;
}

/* The profile along its edge; cause: what it is called when there is none. */
static enum err change(struct smdp_store *s, struct smdp_profile *p, const struct smdp_change *c,
		       enum smdp_fault_cause cause, const struct smdp_fault **fault)
{
	enum err e = smdp_profile_change(s, p, c);

	if (e == ERR_WRONG_STATE)
		return refuse(fault, cause);
	return e == ERR_EXISTS ? refuse(fault, SMDP_FAULT_MATCHING_ID_USED) : e;
}

static enum err choose(struct smdp_store *s, const struct es2p_order *r, struct smdp_profile *p,
		       const struct smdp_fault **fault)
{
	enum err e;

	if (!r->iccid) {
		e = smdp_profile_available(s, r->type, p);
		return e == ERR_NOT_FOUND     ? refuse(fault, SMDP_FAULT_TYPE_UNKNOWN)
		       : e == ERR_WRONG_STATE ? refuse(fault, SMDP_FAULT_TYPE_EMPTY)
					      : e;
	}
	e = find(s, r->iccid, p, fault);
	if (!e && p->state != SMDP_AVAILABLE)
		return refuse(fault, SMDP_FAULT_ICCID_USED);
	if (!e && r->type && strcmp(r->type, p->type) != 0)
		return refuse(fault, SMDP_FAULT_TYPE_OTHER);
	return e;
}

enum err es2p_download_order(struct smdp_store *s, const struct es2p_order *r, const char *actor,
			     int64_t now, struct smdp_profile *p, const struct smdp_fault **fault)
{
	const struct smdp_change c = {
		.event = r->eid ? SMDP_ORDER_EID : SMDP_ORDER, .now = now, .actor = actor};
	enum err e;

	if (!r->iccid && (!r->type || !*r->type))
		return refuse(fault, SMDP_FAULT_WHICH);
	if (r->eid && !is_eid(r->eid))
		return refuse(fault, SMDP_FAULT_EID_FORM);
	e = smdp_store_begin(s); /* nobody takes what is chosen meanwhile */
	if (e)
		return e;
	e = choose(s, r, p, fault);
	if (!e) {
		p->ordered = now;
		p->linked = r->eid != NULL;
		if (r->eid)
			memcpy(p->eid, r->eid, sizeof(p->eid));
		e = change(s, p, &c, SMDP_FAULT_ICCID_USED, fault);
	}
	return smdp_store_end(s, e);
}

/* 5.3.2: an EID that was ordered stays; one may still be named. */
static enum err confirm_eid(struct smdp_profile *p, const uint8_t *eid,
			    const struct smdp_fault **fault)
{
	if (eid && !is_eid(eid))
		return refuse(fault, SMDP_FAULT_EID_FORM);
	if (eid && p->linked && memcmp(eid, p->eid, sizeof(p->eid)) != 0)
		return refuse(fault, SMDP_FAULT_EID_OTHER);
	if (eid) {
		memcpy(p->eid, eid, sizeof(p->eid));
		p->linked = true;
	}
	return ERR_OK;
}

static enum err confirm_matching_id(struct smdp_profile *p, const char *id,
				    const struct smdp_fault **fault)
{
	struct slice given = slice_str(id ? id : "");

	if (!id)
		return es2p_new_matching_id(p->matching_id);
	if (!*id && !p->linked)
		return refuse(fault, SMDP_FAULT_EID_MISSING);
	if (*id && !es2p_is_matching_id(id))
		return refuse(fault, SMDP_FAULT_MATCHING_ID_FORM);
	return slice_text(given, p->matching_id, sizeof(p->matching_id));
}

enum err es2p_confirm_order(struct smdp_store *s, const struct es2p_confirmation *r,
			    const char *actor, int64_t now, struct smdp_profile *p,
			    const struct smdp_fault **fault)
{
	struct smdp_change c = {.event = SMDP_CONFIRM, .now = now, .actor = actor};
	uint8_t hash[SHA256_LEN];
	enum err e = smdp_store_begin(s);

	if (e)
		return e;
	e = find(s, r->iccid, p, fault);
	if (!e && r->smds && *r->smds)
		e = refuse(fault, SMDP_FAULT_SMDS);
	if (!e)
		e = confirm_eid(p, r->eid, fault);
	if (!e)
		e = confirm_matching_id(p, r->matching_id, fault);
	if (!e && r->code.len)
		e = sha256(&r->code, 1, hash);
	if (!e) {
		if (r->code.len)
			c.code_hash = SLICE_OF(hash);
		p->expires = !r->lifetime_s
				     ? 0
				     : now + (r->lifetime_s < 0 ? SMDP_ORDER_S : r->lifetime_s);
		p->downloads = p->code_tries = 0;
		p->downloads_max = r->downloads_max ? r->downloads_max : SMDP_DOWNLOADS_MAX;
		p->code_tries_max = r->code_tries_max ? r->code_tries_max : SMDP_CODE_TRIES_MAX;
		e = change(s, p, &c, SMDP_FAULT_TRANSITION, fault);
	}
	secret_wipe(hash, sizeof(hash));
	if (!e && r->release) {
		const struct smdp_change release = {
			.event = SMDP_RELEASE, .now = now, .actor = actor};

		e = change(s, p, &release, SMDP_FAULT_TRANSITION, fault);
	}
	return smdp_store_end(s, e);
}

/*
 * 5.3.3: the EID is conditional: who takes back the order of one eUICC names it. A matching id need
 * not be told (docs/adr/0018).
 */
static enum err cancel_names(const struct smdp_profile *p, const struct es2p_cancellation *r,
			     const struct smdp_fault **fault)
{
	if (!r->eid && p->linked)
		return refuse(fault, SMDP_FAULT_EID_MISSING);
	if (r->eid && smdp_profile_has_eid(p) && memcmp(r->eid, p->eid, sizeof(p->eid)) != 0)
		return refuse(fault, SMDP_FAULT_EID_NOT_OF_ICCID);
	if (r->matching_id && strcmp(r->matching_id, p->matching_id) != 0)
		return refuse(fault, SMDP_FAULT_MATCHING_ID_OTHER);
	return ERR_OK;
}

enum err es2p_cancel_order(struct smdp_store *s, const struct es2p_cancellation *r,
			   const char *actor, int64_t now, struct smdp_profile *p,
			   const struct smdp_fault **fault)
{
	const struct smdp_change c = {
		.event = r->final ? SMDP_RETIRE : SMDP_CANCEL, .now = now, .actor = actor};
	enum err e = find(s, r->iccid, p, fault);

	if (!e)
		e = cancel_names(p, r, fault);
	if (e)
		return e;
	p->matching_id[0] = 0;
	memset(p->eid, 0, sizeof(p->eid));
	p->linked = false;
	p->code_tries = p->downloads = 0;
	return change(s, p, &c,
		      p->state == SMDP_DOWNLOADED || p->state == SMDP_INSTALLED
			      ? SMDP_FAULT_ICCID_USED
			      : SMDP_FAULT_TRANSITION,
		      fault);
}

enum err es2p_release_profile(struct smdp_store *s, const uint8_t iccid[static 10],
			      const char *actor, int64_t now, struct smdp_profile *p,
			      const struct smdp_fault **fault)
{
	const struct smdp_change c = {.event = SMDP_RELEASE, .now = now, .actor = actor};
	enum err e = find(s, iccid, p, fault);

	return e ? e : change(s, p, &c, SMDP_FAULT_TRANSITION, fault);
}

enum err smdp_profile_add(struct smdp_store *s, const uint8_t iccid[static 10],
			  const char *matching_id, struct slice metadata, struct slice upp)
{
	const struct es2p_order order = {.iccid = iccid};
	const struct es2p_confirmation confirmation = {
		.iccid = iccid, .matching_id = matching_id, .release = true};
	const struct smdp_fault *fault = NULL;
	int64_t now = (int64_t)time(NULL);
	struct smdp_profile p;
	enum err e;

	if (!*matching_id || strlen(matching_id) > SMDP_MATCHING_ID_MAX)
		return ERR_LENGTH;
	e = smdp_store_begin(s);
	if (e)
		return e;
	e = smdp_profile_put(s, iccid, "", metadata, upp, now);
	if (!e)
		e = es2p_download_order(s, &order, "operator", now, &p, &fault);
	if (!e)
		e = es2p_confirm_order(s, &confirmation, "operator", now, &p, &fault);
	e = smdp_store_end(s, e);
	if (e == ERR_REFUSED && fault == smdp_fault(SMDP_FAULT_MATCHING_ID_USED))
		e = ERR_EXISTS;
	return e;
}
