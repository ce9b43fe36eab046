/*
 * subscriber: a subscriber as a value, and what happens to it. No secret is in it; the store
 * (host/operator/store/store.h) keeps it, and policy decides about it.
 */
#ifndef TWINKEY_OPERATOR_SUBSCRIBER_H
#define TWINKEY_OPERATOR_SUBSCRIBER_H

#include "host/operator/policy/attempts.h"
#include "host/operator/policy/state.h"
#include "lib/auth/parameters.h"
#include "lib/base/bytes.h"
#include "lib/profile/digits.h"
#include "lib/profile/networks.h"

#define IMSI_MAX 15

enum subscriber_bound { /* who said which eUICC the subscriber is on */
			BOUND_BY_NOBODY = 0,
			BOUND_BY_GRANT, /* it was the manager's word, or it asked first */
			BOUND_BY_OPERATOR,
};

enum subscriber_second { /* where the second subscription is known to be */
			 SECOND_SEALED = 0,
			 SECOND_IN_CARD,    /* the card has opened it, and has left the first */
			 SECOND_AS_PROFILE, /* in a profile of its own (two-profile mode) */
};

struct subscriber_modes { /* of the second subscription, for its whole life */
	unsigned derived; /* octets of a K2 that card and operator derive; 0: it travels sealed */
	bool in_memory; /* K2 is in the card's volatile memory: gone at power off, released again */
	bool keep_first; /* K1 opens limited access also when K2 is in force */
};

struct subscriber {
	int64_t id;
	char name[65];
	uint8_t iccid[10];
	char imsi[2][IMSI_MAX + 1]; /* of subscription 1 and 2 */
	enum aka_algorithm algorithm[2];
	struct subscriber_modes modes;
	/* what else each subscription brings; "" and empty ones: nothing */
	char msisdn[2][PROFILE_NUMBER_MAX + 1];
	struct networks networks[2];
	uint8_t eid[16];
	bool has_eid;
	enum subscriber_bound bound_by; /* how that came */
	uint32_t key_id;		/* of the keys in force: K2, OPc2, S */
	/* Of the second set of a rotation: higher, the next one; lower, the one before the grant,
	 * kept until the card has shown the new one; 0: none. */
	uint32_t spare_key_id;
	uint32_t granted_key_id; /* that the last grant was for; 0: there was none */
	enum subscriber_second second;
	enum subscriber_state state;
	/* When RES 1 last matched (in a rotation RES 2); 0: never, or used up by a grant. */
	int64_t first_factor_at;
	/* An approval is valid between the two: subscriber_approved(). until 0: there is none. */
	int64_t second_factor_from, second_factor_until;
	struct attempts answers; /* wrong ones, to challenges */
	uint32_t totp_revision;	 /* of the second factor's row; 0: there is none */
	uint32_t book_revision;	 /* of the other ones' (book.h); 0: there is none */
	int64_t log_seq;	 /* of the last entry of the log about it; 0: none yet */
	bool broken;		 /* subscriber_each() alone: the row is not what was written */
};

/* What happens to a subscriber; now: seconds. evidence: text that names no secret. */
struct subscriber_event {
	enum subscriber_event_kind kind;
	const char *actor, *evidence;
	int64_t now, valid_s;	/* EVENT_FACTOR: how long the approval lasts */
	int64_t first_valid_s;	/* EVENT_GRANT: how long RES 1 counts; 0: FIRST_FACTOR_S */
	const uint8_t *eid;	/* EVENT_GRANT, EVENT_BIND */
	const uint8_t *nonce;	/* EVENT_GRANT, of eid; NULL: none */
	struct slice challenge; /* EVENT_GRANT: the card's, which awaits its result; may be empty */
	uint32_t key_id; /* GRANT, RESULT_OK, RESULT_FAILED, RES2: of which key; 0: not asked */
	bool no_factor;	 /* EVENT_RES1, EVENT_RES2: it is no first factor of a release */
	bool as_profile; /* EVENT_GRANT: by the code of a second profile */
	bool opened; /* EVENT_RESUME: the card is known to have opened key_id, the last one granted
		      */
};

#endif
