/*
 * sqlite: the driver for SQLite. Only host/operator/db/db.c includes this header.
 */
#ifndef TWINKEY_OPERATOR_DB_SQLITE_H
#define TWINKEY_OPERATOR_DB_SQLITE_H

struct db_driver;

extern const struct db_driver db_sqlite;

#endif
