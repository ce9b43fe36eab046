/*
 * values: what the seam and its drivers both speak of (host/operator/db/db.h).
 */
#ifndef TWINKEY_OPERATOR_DB_VALUES_H
#define TWINKEY_OPERATOR_DB_VALUES_H

#include <stdbool.h>

#include "lib/base/err.h"

/* The stores of an operator's folder, as a server's namespaces are called after them. */
#define DB_OPERATOR "operator"
#define DB_MANAGER  "manager"

struct cancel;

struct db_place {
	/* of the file, whose folder was looked at before (tool/sys/folder.h); or "postgres:..." */
	const char *path;
	const char *space;     /* which of the stores it is, where a database has more than one */
	bool create;	       /* an empty one when there is none */
	struct cancel *cancel; /* ends a wait for another process; may be NULL; borrowed */
};

/* Of a transaction. DB_WRITE_ONE: it writes by one statement alone (others that change no row may
 * come before it). */
enum db_access { DB_READ, DB_WRITE, DB_WRITE_ONE };

/* HMACs on the disk are made over these numbers (host/operator/audit/row.h). */
enum db_type { DB_INTEGER = 1, DB_TEXT = 3, DB_BYTES = 4, DB_NULL = 5 };

/* Of an error: nothing has happened, it is not the request's fault, and it may be asked again:
 * another process has the database, or it is not there, or slow. */
static inline bool db_is_busy(enum err e)
{
	return e == ERR_LOCKED || e == ERR_DB_AWAY || e == ERR_DB_SLOW;
}

#define DB_PATIENCE_MS 10000 /* how long another process is waited for */

#endif
