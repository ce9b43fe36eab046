/*
 * copy: all rows of a store's tables from one database into another, whatever either is.
 */
#ifndef TWINKEY_OPERATOR_DB_COPY_H
#define TWINKEY_OPERATOR_DB_COPY_H

#include "host/operator/db/db.h"

/* How far it is, now and then. */
struct db_copy_watch {
	void (*rows)(void *ctx, const char *table, int64_t rows);
	void *ctx;
};

/*
 * Inside a transaction of each: from what is in `from` as of one moment into tables that are there
 * and empty, but for the log's head. Both have the same version. watch may be NULL.
 */
enum err db_copy_rows(struct db *from, struct db *to, const struct db_schema *schema,
		      const struct db_copy_watch *watch) MUST_CHECK;

#endif
