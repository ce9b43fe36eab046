/*
 * es2p: ES2+, the operator's orders to the subscription manager (SGP.22 5.3).
 *
 * A function fills *p with the profile as it is afterwards, or *fault with why it refused (then the
 * enum err is ERR_REFUSED and nothing has changed). Any other enum err: the store failed. actor:
 * who asks, for the log.
 */
#ifndef TWINKEY_OPERATOR_ES2P_H
#define TWINKEY_OPERATOR_ES2P_H

#include "host/operator/smdp/fault.h"
#include "host/operator/smdp/store/store.h"

struct es2p_order { /* 5.3.1; a NULL leaves the choice to the manager, but one of iccid and type */
	const uint8_t *eid, *iccid; /* 16 and 10 octets */
	const char *type;
};
struct es2p_confirmation {	    /* 5.3.2 */
	const uint8_t *eid, *iccid; /* iccid is mandatory */
	const char *matching_id;    /* NULL: a new one is made; "": the EID alone tells */
	struct slice code;	    /* the confirmation code (secret); empty: none is asked */
	const char *smds; /* the SM-DS to tell: refused, there is none; NULL or "": none */
	bool release;
	int64_t lifetime_s;			/* 0: for ever; < 0: SMDP_ORDER_S */
	unsigned downloads_max, code_tries_max; /* 0: the defaults */
};
struct es2p_cancellation {	    /* 5.3.3 */
	const uint8_t *eid, *iccid; /* eid: mandatory for an order that is linked to one */
	const char *matching_id;
	bool final; /* Unavailable instead of Available */
};

enum err es2p_download_order(struct smdp_store *s, const struct es2p_order *r, const char *actor,
			     int64_t now, struct smdp_profile *p,
			     const struct smdp_fault **fault) MUST_CHECK;
enum err es2p_confirm_order(struct smdp_store *s, const struct es2p_confirmation *r,
			    const char *actor, int64_t now, struct smdp_profile *p,
			    const struct smdp_fault **fault) MUST_CHECK;
enum err es2p_cancel_order(struct smdp_store *s, const struct es2p_cancellation *r,
			   const char *actor, int64_t now, struct smdp_profile *p,
			   const struct smdp_fault **fault) MUST_CHECK;
enum err es2p_release_profile(struct smdp_store *s, const uint8_t iccid[static 10],
			      const char *actor, int64_t now, struct smdp_profile *p,
			      const struct smdp_fault **fault) MUST_CHECK;

/*
 * SGP.22 4.1.1: capital letters, digits and hyphens. What is issued has this form; what an LPA
 * shows is compared as it stands.
 */
#define ES2P_MATCHING_ID_FORM "capital letters, digits and hyphens"
bool es2p_is_matching_id(const char *text);
/* A matching id that nobody guesses. */
enum err es2p_new_matching_id(char id[static SMDP_MATCHING_ID_MAX + 1]) MUST_CHECK;
/* ICCID in digits (18 to 20, a filler F may follow) to its stored form; ERR_VALUE. */
enum err es2p_iccid(const char *digits, uint8_t iccid[static 10]) MUST_CHECK;

#endif
