/*
 * sql: what the parts of the subscription manager's store share.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_SQL_H
#define TWINKEY_OPERATOR_SMDP_STORE_SQL_H

#include "host/operator/audit/old_chain.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/told.h"
#include "host/operator/smdp/store/verify.h"
#include "host/operator/db/sql.h"
#include "host/operator/pki/key_file.h"

#define MANAGER_STATEMENTS_MAX 96 /* twice what there are */

/* SMDP_AVAILABLE as text: the index of the inventory is found only by a literal. */
#define SMDP_AVAILABLE_SQL "1"
_Static_assert(SMDP_AVAILABLE == 1, "SMDP_AVAILABLE_SQL");

struct smdp_store {
	sqlite3 *db;
	struct cancel *cancel;
	struct manager_statement { /* prepared once; sql: a literal, known by its address */
		const char *sql;
		sqlite3_stmt *st;
	} statements[MANAGER_STATEMENTS_MAX];
	size_t statement_count;
	struct key_file own;	 /* what is sealed is under it */
	struct secret *head_key; /* of the log's head, and of rows */
	struct gcm *seal;
	struct old_chain log;
	int64_t forgot_before; /* the sessions on the disk from before then are gone */
	unsigned depth;	       /* of smdp_store_begin() */
	bool failed;	       /* something inside of it */
	bool gathers;	       /* smdp_store_end() leaves the transaction to smdp_store_settle() */
	bool gathered;	       /* there is something to settle */
};

enum err manager_execute(struct smdp_store *s, const char *sql) MUST_CHECK;
/* sql is a literal: the statement is kept for the next time. End its use with manager_done(). */
enum err manager_prepare(struct smdp_store *s, const char *sql, sqlite3_stmt **out) MUST_CHECK;
/* NULL is allowed. Keeps sqlite3_column_*() of st valid no longer. */
void manager_done(sqlite3_stmt *st);
/* One step that gives no row, and the end of its use. */
enum err manager_run(sqlite3_stmt *st) MUST_CHECK;
/* One step that gives a row: ERR_NOT_FOUND at the end. */
enum err manager_row(sqlite3_stmt *st) MUST_CHECK;
void manager_bind_text(sqlite3_stmt *st, int at, const char *text);
enum err manager_copy(sqlite3_stmt *st, int at, uint8_t *dst, size_t n) MUST_CHECK;

/* What the log needs of an open store with its key. (smdp_store_log.c) */
enum err manager_log_begin(struct smdp_store *s) MUST_CHECK;

/* An entry of the log, inside the caller's transaction; 0: it is about no profile. */
enum err manager_log_append(struct smdp_store *s, const struct smdp_log_entry *entry,
			    int64_t profile) MUST_CHECK;
/* The profile's row as it stands belongs to that entry, and is authenticated. */
enum err manager_profile_prove(struct smdp_store *s, int64_t id, int64_t seq) MUST_CHECK;
/* Whether all are what was written: ERR_CORRUPT, and what is told of the first that is not. */
enum err manager_profiles_check(struct smdp_store *s, struct smdp_check *out) MUST_CHECK;
enum err manager_sessions_check(struct smdp_store *s, int64_t *profile) MUST_CHECK;
/* Authenticates all rows that an older version wrote, as they are. */
enum err manager_profiles_adopt(struct smdp_store *s) MUST_CHECK;
enum err manager_packages_adopt(struct smdp_store *s) MUST_CHECK;
enum err manager_sessions_adopt(struct smdp_store *s) MUST_CHECK;

/* Sealing under the store's key; aad: what it belongs to. nonce || ciphertext || tag. */
enum err manager_seal(struct smdp_store *s, struct slice aad, struct slice plain,
		      struct wbuf *out) MUST_CHECK;
enum err manager_open(struct smdp_store *s, struct slice aad, struct slice sealed,
		      struct wbuf *out) MUST_CHECK;

#endif
