/*
 * challenge: what the key-release application gives for the enabled profile: for cert.c and kra.c.
 */
#ifndef TWINKEY_HOST_EXAM_CHALLENGE_H
#define TWINKEY_HOST_EXAM_CHALLENGE_H

#include "lib/release/kra.h"

struct exam;

struct challenge {
	struct wbuf octets;
	struct kra_status status;
	struct kra_challenge message; /* in octets */
};

/*
 * The status, and a challenge for the profile in it. False: the card gives none, and the case says
 * why (it is skipped where there is nothing to release). challenge_free() in any case.
 */
bool challenge_take(struct exam *x, struct challenge *out);
void challenge_free(struct challenge *c);

#endif
