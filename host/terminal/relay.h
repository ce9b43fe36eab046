/*
 * relay: carries the release between card and operator: challenge, grant, result. Both ends sign;
 * the terminal sees nothing that would open anything.
 */
#ifndef TWINKEY_HOST_RELAY_H
#define TWINKEY_HOST_RELAY_H

#include "host/terminal/kra.h"
#include "host/terminal/operator.h"

struct relay {
	struct kra_status before; /* what the card said first */
	bool by_operator;	  /* a failure came from the operator */
	bool refreshed;		  /* the card asked for a REFRESH and was reset */
	char state[16];		  /* the subscriber's state at the operator afterwards */
	unsigned result;	  /* the card's result, 0: released */
};

/*
 * ERR_NOT_FOUND: the card has no key-release application; ERR_WRONG_STATE: there is nothing to
 * release (before.state says why); ERR_REFUSED: the card refused the grant (result), or the
 * operator to give one. The operator hears of the card's result either way.
 */
enum err relay_release(struct uicc *u, struct operator_link *op, struct relay *r) MUST_CHECK;

#endif
