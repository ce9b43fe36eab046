/*
 * release: which of a profile's two subscriptions is active, and the keyId that never goes back
 * (I7).
 */
#ifndef TWINKEY_CARD_PROFILE_RELEASE_H
#define TWINKEY_CARD_PROFILE_RELEASE_H

#include <stdint.h>

struct store;
struct store_txn;

/* STORE_KEY_KRA: the release state of a profile. Absent: sub 1 active, key_id 0. Of a second
 * subscription in volatile memory, active 2 stands over what is kept (store_volatile()). */
struct release_record {
	uint8_t active;	 /* subscription that answers AUTHENTICATE: 1 or 2 */
	uint32_t key_id; /* highest keyId that was ever granted; never goes back */
};
void release_load(const struct store *s, unsigned n, struct release_record *out);
void release_put(struct store_txn *t, unsigned n, const struct release_record *r);
/* What is kept of it, while the other is volatile. */
void release_put_kept(struct store_txn *t, unsigned n, const struct release_record *r);

#endif
