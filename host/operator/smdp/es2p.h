/*
 * es2p: ES2+, the operator's orders to the subscription manager (SGP.22 5.3).
 *
 * A function fills *p with the profile as it is afterwards, or call->fault with why it refused
 * (then the enum err is ERR_REFUSED and nothing has changed). Any other enum err: the store failed.
 */
#ifndef TWINKEY_OPERATOR_ES2P_H
#define TWINKEY_OPERATOR_ES2P_H

#include "host/operator/smdp/fault.h"
#include "host/operator/smdp/store/import.h"
#include "host/operator/smdp/store/profile.h"

struct smdp_store;

struct es2p_call {
	struct smdp_store *store;
	const char *actor; /* who asks, for the log */
	int64_t now;	   /* seconds since 1970 */
	const struct smdp_fault *fault;
};

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

enum err es2p_download_order(struct es2p_call *call, const struct es2p_order *r,
			     struct smdp_profile *p) MUST_CHECK;
enum err es2p_confirm_order(struct es2p_call *call, const struct es2p_confirmation *r,
			    struct smdp_profile *p) MUST_CHECK;
enum err es2p_cancel_order(struct es2p_call *call, const struct es2p_cancellation *r,
			   struct smdp_profile *p) MUST_CHECK;
/* 5.3.4 */
enum err es2p_release_profile(struct es2p_call *call, const uint8_t iccid[static 10],
			      struct smdp_profile *p) MUST_CHECK;
/*
 * Takes a profile into the inventory and through all of it at once, for whoever has the matching
 * id. ERR_EXISTS: the ICCID or the matching id is taken; ERR_LENGTH: one is empty or too long.
 */
enum err es2p_add_profile(struct es2p_call *call, const struct smdp_import *in,
			  const char *matching_id) MUST_CHECK;

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
