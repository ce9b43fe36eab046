/*
 * copy: a store's tables, all rows of them, from one database into another, whatever either is.
 */
#ifndef TWINKEY_OPERATOR_DB_COPY_H
#define TWINKEY_OPERATOR_DB_COPY_H

#include "host/operator/db/db.h"

/* What is copied: literals, but for ctx. */
struct db_store {
	const char *space; /* its namespace on a server (struct db_place) */
	const struct db_schema *schema;
	/* Makes the tables in `to`, which has none: db_make(). ERR_EXISTS: it has some. */
	enum err (*make)(void *ctx, struct db *to);
	void *ctx;
};

/* Where to, and how it is told how far it is. */
struct db_move {
	const char *place; /* a path, or "postgres:..." */
	struct cancel *cancel;
	void (*rows)(void *ctx, const char *table, int64_t rows); /* now and then; may be NULL */
	void *ctx;
};

/* In a transaction of the caller's, or behind db_leave(): whole or not at all. ERR_EXISTS: the
 * place has the store's tables already. */
enum err db_copy_store(struct db *from, const struct db_store *what,
		       const struct db_move *m) MUST_CHECK;
/* The database as it stands, in a new file (0600) that is on the disk then: db_copy_to(), of a
 * server row by row. */
enum err db_copy_into_file(struct db *from, const struct db_store *what,
			   const char *path) MUST_CHECK;
/* Begins a transaction in which nobody else writes. ERR_LOCKED: somebody else has it open. */
enum err db_leave(struct db *db, const struct db_schema *schema) MUST_CHECK;

#endif
