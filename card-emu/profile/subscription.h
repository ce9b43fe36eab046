/*
 * subscription: the keys of a profile's subscriptions, and the sequence numbers of each key (I6).
 */
#ifndef TWINKEY_CARD_SUBSCRIPTION_H
#define TWINKEY_CARD_SUBSCRIPTION_H

#include "lib/base/err.h"

struct aka_key;
struct aka_parameters;
struct sqn_array;
struct store;
struct store_txn;

/* STORE_KEY_NAA: the subscription whose key the application in this ADF uses; 0: none is named. */
#define SUBSCRIPTION_FIRST 1  /* of the profile's USIM; the release may put 2 in its place */
#define SUBSCRIPTION_OTHER 16 /* and above: of further applications with a key of their own */
unsigned subscription_of_adf(const struct store *s, unsigned n, const char *adf);
void subscription_put_adf(struct store_txn *t, unsigned n, const char *adf, unsigned sub);

/* STORE_KEY_AKA and a fresh STORE_KEY_SQN (all zero unless sqn is given). */
enum err subscription_put(struct store_txn *t, unsigned n, unsigned sub,
			  const struct aka_parameters *key, const struct sqn_array *sqn) MUST_CHECK;
/* The key ready to compute with. ERR_NOT_FOUND: the profile has none. */
enum err subscription_load(const struct store *s, unsigned n, unsigned sub,
			   struct aka_key **key) MUST_CHECK;
/*
 * The SQN array of this very key (I6). Subscription 2 is asked before 1; a key that no subscription
 * has any more keeps the array that it had. ERR_NOT_FOUND: the profile never had this key.
 */
enum err subscription_sqn_of_key(const struct store *s, unsigned n,
				 const struct aka_parameters *key,
				 struct sqn_array *sqn) MUST_CHECK;
/* To be called before the key of a subscription is replaced: keeps the array, should the key
 * return. */
enum err subscription_sqn_keep(const struct store *s, struct store_txn *t, unsigned n,
			       unsigned sub) MUST_CHECK;
enum err subscription_sqn_load(const struct store *s, unsigned n, unsigned sub,
			       struct sqn_array *sqn) MUST_CHECK;
void subscription_sqn_put(struct store_txn *t, unsigned n, unsigned sub,
			  const struct sqn_array *sqn);

#endif
