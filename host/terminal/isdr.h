/*
 * isdr: opens the LPA of a card, or says what the card is instead.
 */
#ifndef TWINKEY_HOST_ISDR_H
#define TWINKEY_HOST_ISDR_H

#include "host/terminal/failure.h"
#include "lib/base/bytes.h"

struct lpa;

struct isdr {
	struct slice aid; /* empty: SGP.22's */
	const char *text; /* the AID as it was given, for people; NULL: it was not */
};

/* lpa_open() of an ISD-R that answers to ES10; borrows u and the AID. No failure: *l is open. */
struct failure isdr_open(struct uicc *u, const struct isdr *isdr, struct lpa **l);

#endif
