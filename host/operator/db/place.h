/*
 * place: where a store's database is. The file "database" in the store's folder, or in the folder
 * around that (a manager's in an operator's), names a database of a server; without one it is a
 * file of SQLite in the folder.
 *
 * The file has one line: "postgres:" and what libpq takes as a connection (a URI or keywords), and
 * behind a '#', where several folders share a database, the first part of this one's namespaces. It
 * is its owner's alone (0600): it may hold a password. In the last step of a move to files it has a
 * second line, "leaving TIME": the namespaces are the operator until their names end in
 * _moved_TIME, then the files are. Who is cut off there leaves it to the next `migrate` to look.
 */
#ifndef TWINKEY_OPERATOR_DB_PLACE_H
#define TWINKEY_OPERATOR_DB_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

#define DB_PLACE_CAP 1024
#define DB_PLACE_MAX                                                                               \
	(DB_PLACE_CAP - 32) /* octets that are written: there is room for the second line */
#define DB_PLACE_FILE "database"

/* Where that of the folder is: a path, or "postgres:...". name: of the file. ERR_VALUE: the line is
 * none; ERR_PERMISSION: others can read it; ERR_DB_LEAVING: it is not known. */
enum err db_place_find(const char *dir, const char *name, char out[static DB_PLACE_CAP]) MUST_CHECK;
/* It is a server's. */
bool db_place_is_server(const char *place);
/* Writes the line, whole or not at all; NULL: takes the file away. ERR_SPACE: it is too long. */
enum err db_place_tell(const char *dir, const char *place) MUST_CHECK;
/* The same with the second line; and what that is (ERR_NOT_FOUND: nobody was cut off). */
enum err db_place_leave(const char *dir, const char *place, int64_t when) MUST_CHECK;
enum err db_place_left(const char *dir, char place[static DB_PLACE_CAP], int64_t *when) MUST_CHECK;

#endif
