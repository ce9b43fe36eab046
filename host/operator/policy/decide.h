/*
 * decide: what comes of an event: the one place where edges, factors and rotation are decided
 * (docs/adr/0032). It knows no database, no clock and no key: a row comes in as a value, and a
 * decision goes out, which the store keeps in one transaction.
 *
 * The edges and what belongs to each stand in one table (host/operator/policy/state.h).
 */
#ifndef TWINKEY_OPERATOR_DECIDE_H
#define TWINKEY_OPERATOR_DECIDE_H

#include "host/operator/policy/subscriber.h"

#define FIRST_FACTOR_S	      600	  /* RES 1, in a rotation RES 2, is fresh for so long */
#define GRANT_RESULT_S	      (7 * 86400) /* a grant's result is awaited for so long */
#define DECISION_EVIDENCE_MAX 512
#define DECISION_KEYS_MAX     3

enum key_action { /* on the two sets of K2, OPc2 and S, in this order of happening */
		  KEYS_MAKE_NEXT, /* a fresh set, of the keyId after the one in force, is the spare
				     one */
		  KEYS_SWAP,	  /* the two sets change places */
		  KEYS_DROP_SPARE,
};

struct decision {			 /* out of decide() only, never copied */
	struct subscriber row;		 /* as it is then; its log_seq is the store's */
	enum subscriber_event_kind kind; /* what the log calls it */
	enum key_action keys[DECISION_KEYS_MAX];
	unsigned key_count;
	const char *evidence; /* for the log: the event's, or text below */
	char text[DECISION_EVIDENCE_MAX];
};

/*
 * ERR_REFUSED: the event is of another key than the edge, or a grant for another eUICC (I2);
 * ERR_WRONG_STATE: there is no such edge from the present state, or two-profile mode meets a
 * rotation; ERR_FACTOR: a grant, and a factor is missing (I3); ERR_UNSUPPORTED: a rotation or
 * another eUICC in two-profile mode; ERR_FULL: there is no keyId after this one; ERR_NOT_FOUND: the
 * set of keys that would come into force is not there.
 *
 * EVENT_RES1 sets first_factor_at, in a rotation EVENT_RES2. EVENT_FACTOR sets the approval from
 * now to now + valid_s. EVENT_GRANT clears both, and binds a subscriber that has no eUICC to eid.
 * EVENT_BIND names the eUICC; where that is another than before it is EVENT_MOVE, and the new one
 * begins anew.
 *
 * A rotation (docs/protocol.md section 5): in ROTATING and RECALLED there is a spare set, the next
 * one. EVENT_GRANT puts it in force and keeps the one before, until EVENT_RESULT_OK or EVENT_RES2
 * show that the card has opened the new one. EVENT_RESUME and EVENT_RESULT_FAILED of a card that is
 * on its second key are EVENT_RECALL; it puts the one before in force again.
 */
enum err decide(const struct subscriber *row, const struct subscriber_event *ev,
		struct decision *out) MUST_CHECK;
/*
 * The same for a signed result of the eUICC ev->eid. ERR_REFUSED: the operator has named another
 * eUICC since. *news is false, and out is not set, when the card opened a key of which a RES or a
 * later grant has told before.
 */
enum err decide_result(const struct subscriber *row, const struct subscriber_event *ev,
		       struct decision *out, bool *news) MUST_CHECK;
/* The next keys, should a rotation have none (begun by an older version): ERR_WRONG_STATE outside
 * one. key_count 0: it has them. */
enum err decide_next_key(const struct subscriber *row, struct decision *out) MUST_CHECK;

/* A second factor can be approved now, as far as state and mode say: ERR_WRONG_STATE otherwise. */
enum err subscriber_takes_factor(const struct subscriber *sub) MUST_CHECK;

/* What the AuC may do, and what a match opens: as the subscriber's state says (state_allows_sub());
 * and K1 for limited access after the release too, where it is kept or K2 is in volatile memory. */
bool subscriber_allows_sub(const struct subscriber *sub, int which);
const char *subscriber_access(const struct subscriber *sub, int which);
/* Which subscription this IMSI of the subscriber's means, 1 or 2; where both have it, the one that
 * is served now. */
int subscriber_sub_of(const struct subscriber *sub, const char *imsi);
/* The second factor is approved at that moment. */
bool subscriber_approved(const struct subscriber *sub, int64_t now);
/* The keyId that a grant is for now: in a rotation of the next key (0: there is none yet). */
uint32_t subscriber_release_key_id(const struct subscriber *sub);

#endif
