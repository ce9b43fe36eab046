/*
 * sqlite: databases of other programs, read. They are opened for reading alone; one that no other
 * program has open is taken as it stands, so that nothing is left beside it.
 *
 * This is no store of ours: the seam host/operator/db is for what the operator keeps.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_SQLITE_H
#define TWINKEY_OPERATOR_EXCHANGE_SQLITE_H

#include <sqlite3.h>

#include "host/operator/exchange/format.h"

struct field;

/* ERR_CORRUPT, ERR_LOCKED, ERR_PERMISSION, ERR_IO, ERR_MEMORY. It is whole. */
enum err exchange_sqlite_open(const char *path, sqlite3 **out) MUST_CHECK;
void exchange_sqlite_close(sqlite3 **db);
/* Whether it begins as an SQLite database, and has this table. */
bool exchange_sqlite_is(const struct exchange_input *in, const char *table);
bool exchange_sqlite_has(sqlite3 *db, const char *table, const char *column);
int64_t exchange_sqlite_version(sqlite3 *db); /* user_version */

/* Calls each for all rows of a query. */
struct exchange_row {
	struct exchange_list *list;
	unsigned number; /* its first column */
	sqlite3_stmt *st;
};
enum err exchange_sqlite_each(sqlite3 *db, const char *sql, struct exchange_list *l,
			      void (*each)(const struct exchange_row *row)) MUST_CHECK;
/* A column, as a field of this name. Borrowed until the next row. */
struct field exchange_sqlite_field(const struct exchange_row *row, int column, const char *name);

#endif
