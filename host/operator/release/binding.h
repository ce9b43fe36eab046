/*
 * binding: which eUICC a subscriber's second key may go to (I2, docs/adr/0012): the one that the
 * operator named, or else the one of which the manager has a signed result that the profile is
 * installed there. The manager's word does not change what was granted once: the operator does.
 */
#ifndef TWINKEY_OPERATOR_BINDING_H
#define TWINKEY_OPERATOR_BINDING_H

#include "host/operator/store/store.h"

struct smdp_store;

struct binding {
	bool known; /* there is one */
	uint8_t eid[16];
	const char *by; /* who said so, or why there is none; for the log */
};

/* manager: NULL where there is none. */
enum err binding_find(const struct subscriber *sub, struct smdp_store *manager,
		      struct binding *out) MUST_CHECK;
/*
 * Whether the eUICC may ask. ERR_REFUSED: it is another one; ERR_UNBOUND: nobody has named one, and
 * the policy does not let the first that asks be it. Both are written to the subscriber's log.
 */
enum err binding_check(struct operator_store *s, const struct subscriber *sub,
		       const struct binding *b, const uint8_t eid[static 16],
		       int64_t now) MUST_CHECK;

#endif
