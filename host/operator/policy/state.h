/*
 * state: a subscriber's states and their edges: ONE table. What has no row is
 * refused.
 */
#ifndef TWINKEY_OPERATOR_STATE_H
#define TWINKEY_OPERATOR_STATE_H

#include <stdbool.h>

#include "lib/base/err.h"

enum subscriber_state {
	STATE_PROVISIONED = 1, /* profile prepared; the first attach is awaited */
	STATE_LIMITED,	       /* RES 1 matched: limited access */
	STATE_VERIFIED,	       /* the second factor is approved */
	STATE_RELEASED,	       /* a grant was sent */
	STATE_ACTIVE,	       /* RES 2 matched: full access */
	STATE_SUSPENDED,       /* taken out by the operator */
	STATE_ROTATING, /* a new second key is to be released; the old one serves until then */
	STATE_RECALLED, /* the same, but the old one opens limited access only */
};

enum subscriber_event_kind {
	EVENT_RES1 = 1,	     /* an authentication with K1 matched */
	EVENT_FACTOR,	     /* the second factor was approved */
	EVENT_EXPIRE,	     /* the approval ran out unused */
	EVENT_GRANT,	     /* a grant was issued */
	EVENT_REISSUE,	     /* the second profile's code was answered again */
	EVENT_RESULT_OK,     /* the card opened the key of the grant */
	EVENT_RESULT_FAILED, /* the card refused the grant */
	EVENT_RES2,	     /* an authentication with K2 matched */
	EVENT_ROTATE,	     /* a new key is to be released */
	EVENT_SUSPEND,
	EVENT_RESUME,
	EVENT_RECALL, /* EVENT_RESUME or EVENT_RESULT_FAILED of a card that is on its second key */
	/* EVENT_RES1, EVENT_FACTOR and EVENT_GRANT of a card whose volatile memory had the second
	 * key */
	EVENT_RETURN,
	EVENT_FACTOR_AGAIN,
	EVENT_GRANT_AGAIN,
	EVENT_ROLL_BACK, /* the card did not show the key of a rotation's grant */
	EVENT_FALLBACK,	 /* EVENT_RES1 where K1 is kept beside K2 */
	EVENT_MOVE,	 /* EVENT_BIND to another eUICC than before: it begins anew */
	/* notes: they change no state */
	EVENT_BIND,	     /* the operator named the eUICC */
	EVENT_FOREIGN,	     /* an eUICC asked that the profile is not on, or that nobody named */
	EVENT_CODE_WRONG,    /* of the second factor */
	EVENT_CODE_LOCK,     /* the same, and it was the last try */
	EVENT_RES_WRONG,     /* of a challenge */
	EVENT_RES_LOCK,	     /* the same, and answers are refused for a time */
	EVENT_POLICY,	     /* the operator changed a setting; of no subscriber */
	EVENT_ENROLL,	     /* a second factor was given, changed or taken away */
	EVENT_CODE_SENT,     /* a code is on its way to the user */
	EVENT_PART,	     /* one of several second factors was passed */
	EVENT_FACTOR_LOCK,   /* the operator lets no second factor be tried */
	EVENT_FACTOR_UNLOCK, /* and lets them again */
	EVENT_DESK,	     /* an account of the desk was changed or tried; of no subscriber */
	EVENT_IMPORT,	     /* many came in, and were added; of no subscriber */
	EVENT_EXPORT, /* somebody took subscribers out, with their keys or without; likewise */
	EVENT_END
};

const char *state_name(enum subscriber_state s);      /* "LIMITED" */
const char *event_name(enum subscriber_event_kind k); /* "res1" */
/* It changes no state. */
bool event_is_note(enum subscriber_event_kind k);
/* What comes next in a state, for people. */
const char *state_step(enum subscriber_state s);
/* What belongs to an edge beside the state (host/operator/policy/decide.h). */
enum state_effect {
	EFFECT_NONE,
	EFFECT_FIRST_FACTOR, /* a first factor of a release was given */
	EFFECT_APPROVE,	     /* and a second one */
	EFFECT_EXPIRE,	     /* the approval is gone */
	EFFECT_FORGET,	     /* both factors are */
	EFFECT_GRANT,
	EFFECT_GRANT_NEXT, /* in a rotation: the next key comes into force */
	EFFECT_OPEN,	   /* the card has opened a key; the one before it is gone */
	EFFECT_RECALL,	   /* the key before comes into force again */
	EFFECT_RESUME,
	EFFECT_MOVE,
	EFFECT_BIND,
	EFFECT_REFUSE, /* it is of no subscriber */
};
/* Where the edge leads, and what belongs to it; ERR_WRONG_STATE when there is none. */
enum err state_take(enum subscriber_state from, enum subscriber_event_kind k,
		    enum subscriber_state *to, enum state_effect *effect) MUST_CHECK;
/* Where it leads. */
enum err state_next(enum subscriber_state from, enum subscriber_event_kind k,
		    enum subscriber_state *to) MUST_CHECK;
/* ROTATING, RECALLED: what a grant releases is the next key, and the card proves itself with K2. */
bool state_is_rotation(enum subscriber_state s);
/* A second key was released before. */
bool state_is_after_release(enum subscriber_state s);
/* What the AuC may do in a state: give vectors of subscription 1 or 2 (K1 no longer once RELEASED).
 */
bool state_allows_sub(enum subscriber_state s, int sub);
/*
 * "none", "limited" or "full": the access of who has authenticated himself with sub, while the
 * subscriber is in this state. In RELEASED nobody does so with K1 any more, and who did before has
 * limited access still: the card's answer to the grant goes that way.
 */
const char *state_access(enum subscriber_state s, int sub);

#endif
