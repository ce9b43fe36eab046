/*
 * profile: the profiles of the inventory, their packages and their orders.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_PROFILE_H
#define TWINKEY_OPERATOR_SMDP_STORE_PROFILE_H

#include "host/operator/smdp/limits.h"
#include "host/operator/smdp/state.h"
#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

struct inventory_needs;
struct smdp_log_entry;
struct smdp_store;

struct smdp_profile {
	int64_t id;
	uint8_t iccid[10]; /* as in EF.ICCID */
	char type[SMDP_TYPE_MAX + 1];
	enum smdp_profile_state state;
	/* of the order: */
	char matching_id[SMDP_MATCHING_ID_MAX + 1]; /* "": none yet, or the EID alone tells */
	uint8_t eid[16];			    /* the eUICC it is for; zeros: none */
	bool linked;				    /* that eUICC was ordered */
	bool has_code;				    /* a confirmation code is asked */
	unsigned code_tries, code_tries_max;	    /* wrong codes */
	unsigned downloads, downloads_max;	    /* packages bound */
	int64_t ordered, expires;		    /* seconds since 1970; expires 0: never */
	int64_t revision;			    /* grows with each change */
	int64_t log_seq;			    /* of the last entry of the log about it */
	bool broken; /* smdp_profile_each() alone: the row is not what was written */
};
bool smdp_profile_has_eid(const struct smdp_profile *p);

struct smdp_import {
	const uint8_t *iccid;	    /* 10 octets, as in EF.ICCID */
	const char *type;	    /* NULL or "": none */
	struct slice metadata, upp; /* BF25; the profile elements, one after the other */
};
/* Takes a profile into the inventory. ERR_EXISTS: the ICCID is taken; ERR_LENGTH. */
enum err smdp_profile_put(struct smdp_store *s, const struct smdp_import *in,
			  int64_t now) MUST_CHECK;
/* ERR_NOT_FOUND. An empty matching id finds nothing. */
enum err smdp_profile_find(struct smdp_store *s, const char *matching_id,
			   struct smdp_profile *out) MUST_CHECK;
enum err smdp_profile_by_iccid(struct smdp_store *s, const uint8_t iccid[static 10],
			       struct smdp_profile *out) MUST_CHECK;
enum err smdp_profile_get(struct smdp_store *s, int64_t id, struct smdp_profile *out) MUST_CHECK;
/* The first of a type that may be ordered. ERR_NOT_FOUND: there is none; ERR_WRONG_STATE: not now.
 */
enum err smdp_profile_available(struct smdp_store *s, const char *type,
				struct smdp_profile *out) MUST_CHECK;
/* The oldest order without matching id that waits for this eUICC. */
enum err smdp_profile_waiting(struct smdp_store *s, const uint8_t eid[static 16],
			      struct smdp_profile *out) MUST_CHECK;
/* In the order of their ICCIDs, until each() gives false. */
enum err smdp_profile_each(struct smdp_store *s,
			   bool (*each)(void *ctx, const struct smdp_profile *p),
			   void *ctx) MUST_CHECK;
/* Appends BF25 and the elements; either may be NULL. The elements are secret (K1). */
enum err smdp_profile_load(struct smdp_store *s, int64_t id, struct wbuf *metadata,
			   struct wbuf *upp) MUST_CHECK;

enum err smdp_profile_needs(struct smdp_store *s, int64_t id,
			    struct inventory_needs *out) MUST_CHECK;

/* A change; SLICE_EMPTY: the secret is as it was. */
struct smdp_change {
	enum smdp_event event;
	int64_t now;
	const char *actor, *evidence; /* for the log; never a secret */
	struct slice code_hash;	      /* SHA-256 of the confirmation code */
	struct slice binding;	      /* one-time keys: host/operator/smdp/identity.h */
};
/*
 * Moves the profile along an edge of the table and writes order and counters as p has them, with
 * one entry of the log; taking an order back ends its sessions. The one-time keys are forgotten
 * when the profile is no longer Downloaded, the code when the order is over. ERR_WRONG_STATE: no
 * such edge; ERR_LOCKED: somebody else changed it since p was read; ERR_EXISTS: the matching id is
 * taken. p is brought up to date on success.
 */
enum err smdp_profile_change(struct smdp_store *s, struct smdp_profile *p,
			     const struct smdp_change *c) MUST_CHECK;
/* ERR_NOT_FOUND: there is none. binding is appended to out (secret). */
enum err smdp_profile_code_hash(struct smdp_store *s, int64_t id,
				uint8_t hash[static SHA256_LEN]) MUST_CHECK;
enum err smdp_profile_binding(struct smdp_store *s, int64_t id, struct wbuf *out) MUST_CHECK;

/*
 * An entry of the log about a profile that stays as it is, or about none (an empty ICCID).
 * ERR_CORRUPT: the profile of that ICCID is not what was written.
 */
enum err smdp_profile_log(struct smdp_store *s, const struct smdp_log_entry *e) MUST_CHECK;

#endif
