/*
 * relay: carries the release between card and operator: challenge, grant, result. Both ends sign;
 * the terminal sees nothing that would open anything.
 */
#ifndef TWINKEY_HOST_RELAY_H
#define TWINKEY_HOST_RELAY_H

#include "host/terminal/failure.h"
#include "host/terminal/kra.h"

struct lpa_delivery;
struct http_client;

struct relay {
	struct kra_status
		before;	   /* what the card said first; after relay_reseal(), what it is then */
	uint32_t next_key; /* the operator is about to release it in a rotation; 0: none */
	bool resealed;	   /* the card took the new sealed part now */
	bool refreshed;	   /* the card asked for a REFRESH and was reset */
	char state[16];	   /* the subscriber's state at the operator afterwards */
	unsigned result;   /* the card's result, 0: released */
	struct failure failure; /* of the last call */
};

/*
 * Where the operator rotates the second key of this card (docs/protocol.md section 5): brings the
 * new sealed part, unless the card has it; nothing else changes yet. next_key tells whether.
 *
 * ERR_NOT_FOUND: the card has no key-release application; ERR_REPLAY: the card has opened next_key,
 * and the operator has not heard of it; ERR_REFUSED: the card took no sealed part (result).
 */
enum err relay_reseal(struct uicc *u, struct http_client *op, struct relay *r) MUST_CHECK;

/*
 * ERR_NOT_FOUND: the card has no key-release application; ERR_WRONG_STATE: there is nothing to
 * release (before.state says why); ERR_REFUSED: the card refused the grant (result), or the
 * operator to give one. The operator hears of the card's result either way.
 */
enum err relay_release(struct uicc *u, struct http_client *op, struct relay *r) MUST_CHECK;
/*
 * The same. Where the operator has not been told which eUICC has the profile, the card's
 * notifications are delivered, since an LPA may have left them there, and it is asked once more.
 */
enum err relay_deliver_and_release(struct uicc *u, struct http_client *op,
				   const struct lpa_delivery *d, struct relay *r) MUST_CHECK;

#endif
