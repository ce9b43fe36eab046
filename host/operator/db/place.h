/*
 * place: where a store's database is. The file "database" in the store's folder, or in the folder
 * around that (a manager's in an operator's), names a database of a server; without one it is a
 * file of SQLite in the folder.
 *
 * The file has one line: "postgres:" and what libpq takes as a connection (a URI or keywords), and
 * behind a '#', where several folders share a database, the first part of this one's namespaces. It
 * is its owner's alone (0600): it may hold a password.
 */
#ifndef TWINKEY_OPERATOR_DB_PLACE_H
#define TWINKEY_OPERATOR_DB_PLACE_H

#include <stdbool.h>

#include "lib/base/err.h"

#define DB_PLACE_CAP  1024
#define DB_PLACE_FILE "database"

/* Where that of the folder is: a path, or "postgres:...". name: of the file. ERR_VALUE: the line is
 * none; ERR_PERMISSION: others can read it. */
enum err db_place_find(const char *dir, const char *name, char out[static DB_PLACE_CAP]) MUST_CHECK;
/* It is a server's. */
bool db_place_is_server(const char *place);
/* Writes the line, whole or not at all; NULL: takes the file away. */
enum err db_place_tell(const char *dir, const char *place) MUST_CHECK;

#endif
