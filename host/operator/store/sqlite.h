/*
 * sqlite: what the parts of the SQLite store share. Nobody else includes it.
 */
#ifndef TWINKEY_OPERATOR_STORE_SQLITE_H
#define TWINKEY_OPERATOR_STORE_SQLITE_H

#include "host/operator/audit/old_chain.h"
#include "host/operator/db/sql.h"
#include "host/operator/store/store.h"
#include "host/operator/pki/key_file.h"
#include "lib/crypto/symmetric.h"

struct operator_store {
	sqlite3 *db;
	struct cancel *cancel;
	struct key_file own;	/* what is sealed is under it */
	struct secret *row_key; /* of what is authenticated */
	struct gcm *seal;
	struct old_chain log;
	bool hurried; /* the next transaction does not wait: operator_store_hurry() */
};

/* A statement without result. */
enum err sql_exec(struct operator_store *s, const char *sql) MUST_CHECK;
/* BEGIN IMMEDIATE ... COMMIT, or ROLLBACK when e says so. Gives e, or the commit's failure. */
enum err sql_begin(struct operator_store *s) MUST_CHECK;
/* The same for what only reads: all of it is as of one moment, and nobody waits for it. */
enum err sql_begin_read(struct operator_store *s) MUST_CHECK;
enum err sql_end(struct operator_store *s, enum err e) MUST_CHECK;
enum err sql_prepare(struct operator_store *s, const char *sql, sqlite3_stmt **out) MUST_CHECK;
/* Steps a statement that gives no row; finalizes it. *changes (may be NULL): rows touched. */
enum err sql_run(struct operator_store *s, sqlite3_stmt *st, int *changes) MUST_CHECK;
/* Steps to one row: ERR_NOT_FOUND when there is none. The caller finalizes. */
enum err sql_row(struct operator_store *s, sqlite3_stmt *st) MUST_CHECK;

/* Seals a value under the store's key; label ties it to its row: it cannot be moved to another. */
enum err sql_seal(struct operator_store *s, const char *label, struct slice plain,
		  struct wbuf *out) MUST_CHECK;
enum err sql_unseal(struct operator_store *s, const char *label, struct slice sealed,
		    struct secret **out) MUST_CHECK;

/* The sealed columns of a subscriber. */
enum sql_key {
	SQL_K1,
	SQL_OPC1,
	SQL_K2,
	SQL_OPC2,
	SQL_S,
	SQL_KEYS, /* how many everybody has */
	SQL_K2_SPARE = SQL_KEYS,
	SQL_OPC2_SPARE,
	SQL_S_SPARE,
};
/* Binds a key sealed for its place. ERR_KEY: there is none. (store_keys.c) */
enum err sql_key_bind(struct operator_store *s, sqlite3_stmt *st, int at, const char *imsi1,
		      enum sql_key column, const struct secret *key) MUST_CHECK;
/*
 * The second set of K2, OPc2 and S of a rotation, inside the caller's transaction; the key ids are
 * changed in row, which the caller writes. make_next: a fresh set with the keyId after the one in
 * force takes its place (ERR_FULL: there is none); swap: the two sets change places (ERR_NOT_FOUND:
 * there is one only); drop_spare: it is gone.
 */
enum err sql_keys_make_next(struct operator_store *s, struct subscriber *row) MUST_CHECK;
enum err sql_keys_swap(struct operator_store *s, struct subscriber *row) MUST_CHECK;
enum err sql_keys_drop_spare(struct operator_store *s, struct subscriber *row) MUST_CHECK;

/* What goes with the keys of a new subscriber, inside the caller's transaction; what is nothing but
 * the defaults is not written. load: into keys. (store_sqn.c) */
enum err sql_shapes_put(struct operator_store *s, int64_t id,
			const struct subscriber_keys *keys) MUST_CHECK;
enum err sql_shapes_load(struct operator_store *s, int64_t id,
			 struct subscriber_keys *keys) MUST_CHECK;

/* Writes what changes of a row; the row is authenticated as a whole. (store_subscriber.c) */
enum err sql_subscriber_write(struct operator_store *s, const struct subscriber *row) MUST_CHECK;
/* Authenticates the row as it stands; in the transaction that has found it good and changed it. */
enum err sql_subscriber_prove(struct operator_store *s, int64_t id) MUST_CHECK;
/* How many subscribers there are is written into the log's head. (store_log.c) */
enum err sql_members_count(struct operator_store *s) MUST_CHECK;
/* Authenticates rows that an older version wrote. */
enum err sql_subscribers_adopt(struct operator_store *s) MUST_CHECK;
/* The same for second factors; revision is set in the subscriber's row, which is adopted later. */
enum err sql_totp_adopt(struct operator_store *s) MUST_CHECK;
/* Whether the row of the second factor is the one that the subscriber's names. */
enum err sql_totp_check(struct operator_store *s, const struct subscriber *row) MUST_CHECK;

/* ERR_REPLAY when this nonce of this card was used before. (store_factor.c) */
enum err sql_nonce_use(struct operator_store *s, const uint8_t eid[static 16],
		       const uint8_t nonce[static 16], int64_t now) MUST_CHECK;
/* The operator's settings, inside the caller's transaction. (store_log.c) */
enum err sql_policy(struct operator_store *s, struct operator_policy *out) MUST_CHECK;
/* An event inside the caller's transaction: checks, side effects, row and log. (store_event.c) */
enum err sql_event_take(struct operator_store *s, struct subscriber *row,
			const struct subscriber_event *ev) MUST_CHECK;

/* Appends an edge to the log, inside the caller's transaction; row->log_seq is it then.
 * (store_log.c) */
enum err sql_log_put(struct operator_store *s, struct subscriber *row,
		     const struct subscriber_event *ev, enum subscriber_state from) MUST_CHECK;
void sql_log_begin(struct operator_store *s);

#endif
