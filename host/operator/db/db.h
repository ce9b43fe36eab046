/*
 * db: the one seam between the operator's stores and a database (docs/adr/0031). A driver
 * (host/operator/db/driver.h) speaks to the database; a store speaks SQL that two databases share,
 * and says nothing of which one it is.
 *
 * The common subset. Parameters are ?1, ?2 ... or ? in their order; numbers are 64-bit integers,
 * text is UTF-8 without NUL, bytes are slices, what is not bound is NULL. A conflict is settled by
 * ON CONFLICT (columns) DO NOTHING or DO UPDATE SET c = excluded.c, not by OR REPLACE. RETURNING
 * gives the number that the database chose; no function asks the connection for it. Where databases
 * differ, a function stands here: transactions, the schema's version, the highest number of a
 * table. CREATE and ALTER belong to one driver: they are steps of a schema (struct db_schema). A
 * literal that a partial index needs stays a literal. encode(bytes, 'hex') and string_agg(), which
 * a row's HMAC is made with, are functions that a driver adds where its database has none.
 *
 * One thread uses a struct db. Errors: ERR_LOCKED (another process has it, or was faster, and
 * patience is at an end), ERR_FULL, ERR_EXISTS (a constraint), ERR_CORRUPT, ERR_PERMISSION,
 * ERR_MEMORY, ERR_IO; of a server besides: ERR_DB_AWAY (nothing of the transaction has happened,
 * or, if it was at its end, all of it or nothing), ERR_DB_SLOW, ERR_DB_LOGIN, ERR_DB_ABSENT,
 * ERR_DB_RIGHTS, ERR_DB_TEXT (a text is no UTF-8: SQLite takes it all the same).
 */
#ifndef TWINKEY_OPERATOR_DB_H
#define TWINKEY_OPERATOR_DB_H

#include "host/operator/db/values.h"
#include "lib/base/bytes.h"

struct db;
struct db_statement;

/* Triggers and views that somebody has put into the database do nothing. */
enum err db_open(const struct db_place *place, struct db **out) MUST_CHECK;
void db_close(struct db **db);

/*
 * Transactions. They nest: the inner ones are parts of the outermost, which alone is written; when
 * a part has failed, so has the whole, whatever the outer one says (ERR_IO, where it says nothing).
 * DB_READ: all of it is as of one moment, and nobody waits for it; it has no part that is DB_WRITE.
 */
enum err db_begin(struct db *db, enum db_access access) MUST_CHECK;
/* Keeps what was done, or with an error takes it back. Gives e, or why it could not be kept. */
enum err db_end(struct db *db, enum err e) MUST_CHECK;
/*
 * A transaction that is done again when another process was faster (docs/adr/0059): its statement
 *
 *	DB_TRANSACTION (db, DB_WRITE, e) {
 *		e = read_something(db);
 *		if (!e)
 *			e = write_something(db);
 *	}
 *
 * begins with e ERR_OK and is left at its end alone (no return, break or goto). As it may run more
 * than once, it sets all that it gives from the beginning, and does nothing but in the database.
 * e is what db_end() gives. Only the outermost is done again, until DB_PATIENCE_MS are over; what
 * gathers is its caller's to do again.
 */
#define DB_TRANSACTION(db, access, e)                                                              \
	for (bool db_more_ = true; db_more_ && !((e) = db_begin(db, access));                      \
	     db_more_ = db_end_or_again(db, &(e)))
/* db_end() of *e, and whether to do it again, after a short wait. */
bool db_end_or_again(struct db *db, enum err *e);
/* The database has a transaction open. One may end by itself, when the disk is full. */
bool db_is_open(const struct db *db);
/*
 * From here on what is done gathers in one transaction until db_settle(), so that many requests
 * wait for the disk once: each of the transactions above is a part of it that can be taken back
 * alone. None of the requests may be answered before; when that fails, nothing of them has
 * happened. Nobody else can write to the database meanwhile. What finds another process writing
 * does not wait: ERR_LOCKED, and nothing is done. db_settle(): as db_end(), and outside of it.
 */
void db_gather(struct db *db);
enum err db_settle(struct db *db, enum err e) MUST_CHECK;
/*
 * A part of an open transaction that can be taken back alone. db_part_end(): e, or ERR_IO when the
 * whole is lost: then the transaction is over.
 */
enum err db_part_begin(struct db *db) MUST_CHECK;
enum err db_part_end(struct db *db, enum err e) MUST_CHECK;

/* Waits for what another process has locked, DB_PATIENCE_MS at most or until a wish to stop, and
 * says so after a second; or not at all. At first it waits. */
void db_set_patience(struct db *db, bool waits);
/* The next transaction that writes does not wait (ERR_LOCKED, and nothing is done); those after it
 * wait again. */
void db_hurry(struct db *db);

/*
 * Statements. sql is a literal, known by its address: it is prepared once, and kept. The use of a
 * statement ends with db_done(), db_run() or db_run_counted(), and its values with it. While it is
 * in use, the same literal gives another statement.
 */
enum err db_prepare(struct db *db, const char *sql, struct db_statement **out) MUST_CHECK;
void db_bind_int(struct db_statement *st, int at, int64_t v);
/* Copies; the first parameter is 1. */
void db_bind_text(struct db_statement *st, int at, const char *text);
void db_bind_bytes(struct db_statement *st, int at, struct slice v);
/* One row further: ERR_NOT_FOUND when there is none. */
enum err db_row(struct db_statement *st) MUST_CHECK;
/* For a statement that gives no row: runs it and ends its use. *changed: how many rows it touched.
 */
enum err db_run(struct db_statement *st) MUST_CHECK;
enum err db_run_counted(struct db_statement *st, int64_t *changed) MUST_CHECK;
/* The same, for who binds anew and runs it again. */
enum err db_run_on(struct db_statement *st) MUST_CHECK;
/* NULL is allowed. Wipes what was bound. */
void db_done(struct db_statement *st);
/* The same of a text that is the caller's: it is copied, and the statement not kept. Its rows come
 * as they are asked for, so a table of any size may be read; meanwhile nothing else is asked of db.
 */
enum err db_prepare_once(struct db *db, const char *sql, struct db_statement **out) MUST_CHECK;
/* Statements without parameters or result, of one driver (a schema), not kept. */
enum err db_execute(struct db *db, const char *sql) MUST_CHECK;

/*
 * A walk over a table of any size, some rows at a time. sql: a literal whose first column is a
 * number that the rows are in the order of: "... WHERE seq > ?1 ... ORDER BY seq LIMIT ?2"; ?3, if
 * there is one, is `of`. What of it is not in a transaction is not as of one moment.
 */
struct db_walk {
	struct db *db;
	const char *sql;
	bool has_of;
	int64_t of;
	struct db_statement *row; /* as of db_walk_row() */
	int64_t after;
	int rows; /* of the present piece */
};
/* One row further: w->row. ERR_NOT_FOUND: there is none. */
enum err db_walk_row(struct db_walk *w) MUST_CHECK;
void db_walk_end(struct db_walk *w);

/* Columns of the row; the first is 0. Borrowed until the next row or the end of the use. */
int db_columns(const struct db_statement *st);
enum db_type db_type(const struct db_statement *st, int at);
int64_t db_int(const struct db_statement *st, int at);
struct slice db_bytes(const struct db_statement *st, int at);
/* NULL when the column is. */
const char *db_string(const struct db_statement *st, int at);
/* The column's name. */
const char *db_column(const struct db_statement *st, int at);
/* As much of it as there is room for. */
void db_text(const struct db_statement *st, int at, char *dst, size_t cap);
/* ERR_CORRUPT: it has not n octets. */
enum err db_copy(const struct db_statement *st, int at, uint8_t *dst, size_t n) MUST_CHECK;

/*
 * The schema. `make` makes a new database of version `made`; the first step leads from version
 * `oldest`, each to the version after it. All of it is one transaction, with the version's number.
 * In PostgreSQL a new one is of the newest version; the oldest there is `server`.
 */
struct db_schema {
	const char *make;
	int made, oldest;
	enum err (*const *steps)(void *store); /* the last one is NULL */
	const char *postgres; /* makes a new one of the newest version there; NULL: nowhere but in
				 SQLite */
	int server;	      /* the version that was the first there */
	enum err (*begin)(void *store); /* what is in it from the beginning there */
	const char *const *tables;	/* all of them, for a copy; the last one is NULL */
	const char *passing; /* SQLite: a table of each connection, which is one of all there */
};
/* The version that the steps lead to. */
int db_schema_version(const struct db_schema *schema);
/* 0: there is no schema yet. */
enum err db_version(struct db *db, int *version) MUST_CHECK;
enum err db_make(struct db *db, const struct db_schema *schema, void *store) MUST_CHECK;
/* ERR_VERSION: no step leads from the database's version. Two processes may find an old one at
 * once. */
enum err db_raise(struct db *db, const struct db_schema *schema, void *store) MUST_CHECK;
/* The passing table of this connection, where the database has such. */
enum err db_make_passing(struct db *db, const struct db_schema *schema) MUST_CHECK;
/* A number that is another one after somebody else has written to the database: cheap to ask often.
 */
enum err db_revision(struct db *db, int64_t *number) MUST_CHECK;
/* The highest number that the table's own counter ever gave, also of rows that are gone. */
enum err db_highest(struct db *db, const char *table, int64_t *number) MUST_CHECK;
/*
 * For a store that moves (host/operator/db/copy.h), outside of a transaction: nobody else has it
 * open (ERR_LOCKED); at the beginning of one: nobody else writes to it until its end (ERR_LOCKED);
 * numbers that the database gives go on behind those that were copied.
 */
enum err db_alone(struct db *db) MUST_CHECK;
enum err db_hold(struct db *db, const struct db_schema *schema) MUST_CHECK;
enum err db_count_on(struct db *db) MUST_CHECK;
/*
 * Of a server, whichever of the folder's stores db is. At the end of a transaction: both stores'
 * namespaces end in _moved_WHEN then, and nobody finds them any more. Whether that has happened:
 * ERR_EXISTS: it has not; ERR_NOT_FOUND: they are neither here nor there.
 */
enum err db_retire(struct db *db, int64_t when) MUST_CHECK;
enum err db_find_retired(struct db *db, int64_t when) MUST_CHECK;
/* Where the database itself can keep a copy of a version before it is raised: under another name,
 * which has the version. ERR_UNSUPPORTED: it cannot; see db_copy_to(). */
enum err db_keep(struct db *db, int version) MUST_CHECK;
/* ERR_UNSUPPORTED: it is a server's (host/operator/db/copy.h). Writes the database as it stands,
 * outside a transaction, to a new file (mode 0600), which is on the disk then. */
enum err db_copy_to(struct db *db, const char *path) MUST_CHECK;

/* What was done so far. Tests count by it. */
struct db_tally {
	unsigned long selects;	    /* that were begun */
	unsigned long transactions; /* outermost ones that were kept, to write */
	unsigned long again;	    /* those that another process has made to be done again */
};
struct db_tally db_tally(const struct db *db);
/* Tests alone: what says true makes the statement of a transaction fail as if another process had
 * been faster. NULL: none, as at first. */
void db_disturb(bool (*does)(const char *sql));

#endif
