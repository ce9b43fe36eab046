/*
 * own: what the parts of the operator's store share. Nobody else includes it.
 */
#ifndef TWINKEY_OPERATOR_STORE_OWN_H
#define TWINKEY_OPERATOR_STORE_OWN_H

#include "host/operator/audit/chain.h"
#include "host/operator/audit/keyring.h"
#include "host/operator/audit/row.h"
#include "host/operator/db/db.h"
#include "host/operator/store/store.h"

struct operator_store {
	struct db *db;
	struct keyring *keyring;
	struct chain log;
};

extern const struct db_schema store_schema;

/* The sealed columns of a subscriber. */
enum key_column {
	KEY_K1,
	KEY_OPC1,
	KEY_K2,
	KEY_OPC2,
	KEY_S,
	KEY_KEYS, /* how many everybody has */
	KEY_K2_SPARE = KEY_KEYS,
	KEY_OPC2_SPARE,
	KEY_S_SPARE,
};
/* Binds a key sealed for its place. ERR_KEY: there is none. */
enum err key_bind(struct operator_store *s, struct db_statement *st, int at, const char *imsi1,
		  enum key_column column, const struct secret *key) MUST_CHECK;
/*
 * What a decision does to the two sets of K2, OPc2 and S, inside the caller's transaction; the key
 * ids in the row are the decision's.
 */
enum err keys_make_next(struct operator_store *s, const struct subscriber *row) MUST_CHECK;
enum err keys_swap(struct operator_store *s, const struct subscriber *row) MUST_CHECK;
enum err keys_drop_spare(struct operator_store *s, const struct subscriber *row) MUST_CHECK;

/* What goes with the keys of a new subscriber, inside the caller's transaction; what is nothing but
 * the defaults is not written. load: into keys. */
enum err shapes_put(struct operator_store *s, int64_t id,
		    const struct subscriber_keys *keys) MUST_CHECK;
enum err shapes_load(struct operator_store *s, int64_t id, struct subscriber_keys *keys) MUST_CHECK;

/* Writes what changes of a row; the row is authenticated as a whole. */
enum err subscriber_write(struct operator_store *s, const struct subscriber *row) MUST_CHECK;
/* Authenticates the row as it stands; in the transaction that has found it good and changed it. */
enum err subscriber_prove(struct operator_store *s, int64_t id) MUST_CHECK;
/* How many subscribers there are is written into the log's head. */
enum err members_count(struct operator_store *s) MUST_CHECK;
/* Authenticates rows that an older version wrote. */
enum err subscribers_adopt(struct operator_store *s) MUST_CHECK;
/* The same for second factors; revision is set in the subscriber's row, which is adopted later. */
enum err totp_adopt(struct operator_store *s) MUST_CHECK;
/* Whether the row of the second factor is the one that the subscriber's names. */
enum err totp_check(struct operator_store *s, const struct subscriber *row) MUST_CHECK;

/* ERR_REPLAY when this nonce of this card was used before. */
enum err nonce_use(struct operator_store *s, const uint8_t eid[static 16],
		   const uint8_t nonce[static 16], int64_t now) MUST_CHECK;
/* The operator's settings, inside the caller's transaction. */
enum err policy_read(struct operator_store *s, struct operator_policy *out) MUST_CHECK;
/* An event inside the caller's transaction: checks, side effects, row and log. */
enum err event_take(struct operator_store *s, struct subscriber *row,
		    const struct subscriber_event *ev) MUST_CHECK;

/* Appends a decision to the log, inside the caller's transaction; its row's log_seq is set. */
enum err log_put(struct operator_store *s, struct decision *d, enum subscriber_state from,
		 const struct subscriber_event *ev) MUST_CHECK;
void log_begin(struct operator_store *s);

#endif
