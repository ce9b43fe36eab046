/*
 * sql: what the operator's store and the subscription manager's both need of SQLite. It knows
 * nothing of what is in either.
 */
#ifndef TWINKEY_OPERATOR_SQL_H
#define TWINKEY_OPERATOR_SQL_H

#include <sqlite3.h>

#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

/* The enum err for a result code of SQLite. */
enum err sql_err(int code);
/*
 * Opens a database in which the tables are what is written to them: triggers and views, which
 * somebody else may have put in, do nothing. *db is to be closed whatever the result.
 */
enum err sql_open(const char *path, int flags, sqlite3 **db) MUST_CHECK;
/* Statements without a result; ERR_FULL also where SQLite calls a full disk an I/O error. */
enum err sql_execute(sqlite3 *db, const char *sql) MUST_CHECK;
struct cancel;
#define SQL_PATIENCE_MS 10000
/*
 * Waits for what another process has locked, SQL_PATIENCE_MS at most, or until a wish of cancel,
 * borrowed (then SQLITE_BUSY), and says so after a second; or not at all.
 */
void sql_patience(sqlite3 *db, bool waits, struct cancel *cancel);
/* Copies. */
void sql_bind_slice(sqlite3_stmt *st, int at, struct slice v);
/* Borrowed until the statement's next step. */
struct slice sql_column(sqlite3_stmt *st, int at);
void sql_text(sqlite3_stmt *st, int at, char *dst, size_t cap);
/*
 * An HMAC over the first columns of the row that st stands on, with types and lengths; whether it
 * is in the column after them (ERR_CORRUPT: somebody else has written the row).
 */
enum err sql_row_mac(struct slice key, const char *label, sqlite3_stmt *st, int columns,
		     uint8_t mac[static SHA256_LEN]) MUST_CHECK;
enum err sql_row_check(struct slice key, const char *label, sqlite3_stmt *st,
		       int columns) MUST_CHECK;

#endif
