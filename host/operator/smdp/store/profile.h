/*
 * profile: the profiles of the inventory, and how one is found.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_PROFILE_H
#define TWINKEY_OPERATOR_SMDP_STORE_PROFILE_H

#include "host/operator/smdp/limits.h"
#include "host/operator/smdp/state.h"
#include "lib/base/bytes.h"

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

#endif
