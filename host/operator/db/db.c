#include "host/operator/db/db.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/db/driver.h"
#include "host/operator/db/place.h"
#include "host/operator/db/postgres.h"
#include "host/operator/db/sqlite.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/wait.h"

#define STATEMENTS_MAX 160 /* more than twice what a store has */
#define PIECE_ROWS     500
#define RACE_PAUSE_MS  16 /* at most, before a transaction is done again */

struct db_statement {
	struct db *db;
	const char *sql;
	struct db_query *q;
	bool in_use, begun;
	char *own;    /* its text, of one that is not kept; one without text is free */
	enum err err; /* the first failure of a binding */
};

struct db {
	const struct db_driver *driver;
	struct db_connection *c;
	struct cancel *cancel;
	struct db_statement statements[STATEMENTS_MAX];
	size_t count;
	unsigned depth; /* of db_begin() */
	enum db_access access;
	bool failed; /* a part of the transaction */
	bool hurried;
	bool gathers;  /* db_end() leaves the transaction to db_settle() */
	bool gathered; /* there is something to settle */
	bool is_part;  /* of it the transaction is one that can be taken back alone */
	/* why the transaction can only be taken back: ERR_LOCKED: another process was faster; or
	 * the connection is lost */
	enum err broken;
	struct wait race; /* since when it is done again; what is NULL: it is not */
	struct db_tally tally;
};

static bool (*disturbs)(const char *sql);

void db_disturb(bool (*does)(const char *sql))
{
	disturbs = does;
}

enum err db_open(const struct db_place *place, struct db **out)
{
	struct db *db = calloc(1, sizeof(*db));
	enum err e;

	if (!db)
		return ERR_MEMORY;
	db->driver = db_place_is_server(place->path) ? &db_postgres : &db_sqlite;
	db->cancel = place->cancel;
	e = db->driver->open(place, &db->c);
	if (e)
		db_close(&db);
	else
		*out = db;
	return e;
}

void db_close(struct db **db)
{
	if (!*db)
		return;
	for (size_t i = 0; i < (*db)->count; i++) {
		if ((*db)->statements[i].q)
			(*db)->driver->finish((*db)->statements[i].q);
		free((*db)->statements[i].own);
	}
	(*db)->driver->close((*db)->c);
	free(*db);
	*db = NULL;
}

bool db_is_open(const struct db *db)
{
	return db->driver->is_open(db->c);
}

void db_set_patience(struct db *db, bool waits)
{
	db->hurried = false;
	db->driver->set_patience(db->c, waits, db->cancel);
}

void db_hurry(struct db *db)
{
	db->hurried = true;
	db->driver->set_patience(db->c, false, db->cancel);
}

static enum err run_once(struct db *db, const char *sql)
{
	struct db_statement *st;
	enum err e = db_prepare(db, sql, &st);

	return e ? e : db_run(st);
}

static enum err why_broken(const struct db *db)
{
	return db->broken ? db->broken : ERR_IO;
}

/* What was gathered is the transaction that this one is a part of. */
static enum err begin_part(struct db *db)
{
	if (!db_is_open(db)) /* a full disk or an error of it took back all of it */
		return why_broken(db);
	return db_part_begin(db);
}

static enum err begin_outermost(struct db *db, enum db_access wanted)
{
	enum db_access access = wanted == DB_READ ? DB_READ : DB_WRITE;
	enum err e = ERR_OK;

	if (!db->gathered) {
		db->broken = ERR_OK;
		e = run_once(db, db->driver->begin[access]);
	}
	if (db->hurried && access == DB_WRITE)
		db_set_patience(db, !db->gathers);
	if (e)
		db->race.what = NULL; /* it is not done again any more */
	if (e)
		return e;
	if (db->gathers && access == DB_WRITE)
		db->gathered = true;
	/* where one statement fails there is nothing to be taken back */
	db->is_part = db->gathered && wanted != DB_WRITE_ONE;
	if (db->is_part)
		return begin_part(db);
	return db->gathered && !db_is_open(db) ? why_broken(db) : ERR_OK;
}

enum err db_begin(struct db *db, enum db_access access)
{
	enum err e;

	if (db->depth) {
		assert(access == DB_READ || db->access != DB_READ);
		db->depth++;
		return ERR_OK;
	}
	e = begin_outermost(db, access);
	if (e)
		return e;
	db->depth = 1;
	db->access = access;
	db->failed = false;
	return ERR_OK;
}

/* Whatever comes of it, the transaction is over. */
static enum err end_outermost(struct db *db, enum err e)
{
	if (!e)
		e = db->broken;
	if (!e)
		e = run_once(db, "COMMIT");
	if (!e && db->access != DB_READ)
		db->tally.transactions++;
	if (e && db_is_open(db)) {
		enum err undone = db->driver->execute(db->c, "ROLLBACK");

		e = undone ? undone : e;
	}
	return e;
}

/* The transaction that is over was one that another process made fail, and there is patience. */
static bool goes_again(struct db *db)
{
	unsigned most = RACE_PAUSE_MS;
	uint8_t random;

	if (!db->race.what)
		db->race = wait_begin(db->cancel, "other processes, which write to the database");
	if (wait_now_ms() - db->race.since_ms >= DB_PATIENCE_MS ||
	    random_bytes(&random, sizeof(random)))
		return false;
	db->tally.again++;
	return !wait_pause(&db->race, random % most);
}

bool db_end_or_again(struct db *db, enum err *e)
{
	bool outermost = db->depth == 1 && !db->gathered, again;

	*e = db_end(db, *e);
	if (!outermost)
		return false;
	again = *e == ERR_LOCKED && db->broken == ERR_LOCKED && goes_again(db);
	if (!again)
		db->race.what = NULL;
	return again;
}

enum err db_end(struct db *db, enum err e)
{
	assert(db->depth);
	if (db->broken)
		e = db->broken; /* whatever was found in it */
	if (e)
		db->failed = true;
	if (--db->depth)
		return e;
	if (!e && db->failed)
		e = why_broken(db); /* a part of it was not kept */
	if (db->is_part)
		return db_part_end(db, e);
	return db->gathered ? e : end_outermost(db, e);
}

void db_gather(struct db *db)
{
	db->gathers = true;
	db_set_patience(db, false);
}

enum err db_settle(struct db *db, enum err e)
{
	assert(!db->depth);
	if (!db->gathered)
		return e;
	db->gathered = false;
	if (!e && !db_is_open(db))
		e = why_broken(db);
	db->access = DB_WRITE;
	return end_outermost(db, e);
}

enum err db_part_begin(struct db *db)
{
	return run_once(db, "SAVEPOINT part");
}

enum err db_part_end(struct db *db, enum err e)
{
	enum err undone = ERR_OK;

	if (!db_is_open(db))
		return e ? e : why_broken(db);
	if (e)
		undone = run_once(db, "ROLLBACK TO SAVEPOINT part");
	if (!undone)
		undone = run_once(db, "RELEASE SAVEPOINT part");
	if (!undone)
		return e;
	if (db_is_open(db)) /* what belongs to the part cannot be told from the rest */
		(void)!db->driver->execute(db->c, "ROLLBACK");
	return undone;
}

static struct db_statement *take(struct db_statement *st)
{
	st->in_use = true;
	st->begun = false;
	st->err = ERR_OK;
	return st;
}

static struct db_statement *find_free(struct db *db)
{
	for (size_t i = 0; i < db->count; i++)
		if (!db->statements[i].sql)
			return &db->statements[i];
	return db->count < STATEMENTS_MAX ? &db->statements[db->count] : NULL;
}

/* In a free place. own: what sql is, if it is to be freed with the statement; or NULL. */
static enum err prepare_new(struct db *db, const char *sql, char *own, struct db_statement **out)
{
	struct db_statement *st = find_free(db);
	enum err e;

	if (!st)
		return ERR_MEMORY;
	*st = (struct db_statement){.db = db};
	e = db->driver->prepare(db->c, sql, &st->q);
	if (e)
		return e;
	st->sql = sql;
	st->own = own;
	if (st == &db->statements[db->count])
		db->count++;
	*out = take(st);
	return ERR_OK;
}

enum err db_prepare(struct db *db, const char *sql, struct db_statement **out)
{
	*out = NULL;
	for (size_t i = 0; i < db->count; i++) {
		struct db_statement *st = &db->statements[i];

		if (st->sql == sql && !st->in_use) {
			*out = take(st);
			return ERR_OK;
		}
	}
	return prepare_new(db, sql, NULL, out);
}

enum err db_prepare_once(struct db *db, const char *sql, struct db_statement **out)
{
	char *own = strdup(sql);
	enum err e = own ? prepare_new(db, own, own, out) : ERR_MEMORY;

	if (e) {
		*out = NULL;
		free(own);
		return e;
	}
	db->driver->stream((*out)->q);
	return ERR_OK;
}

static void note_failure(struct db_statement *st, enum err e)
{
	if (!st->err)
		st->err = e;
}

void db_bind_int(struct db_statement *st, int at, int64_t v)
{
	note_failure(st, st->db->driver->bind_int(st->q, at, v));
}

void db_bind_text(struct db_statement *st, int at, const char *text)
{
	note_failure(st, st->db->driver->bind_text(st->q, at, text));
}

void db_bind_bytes(struct db_statement *st, int at, struct slice v)
{
	note_failure(st, st->db->driver->bind_bytes(st->q, at, v));
}

/* What is left of a transaction that is broken gives nothing but that; one that was lost is not
 * gone on with outside of it. */
static enum err allow_within(const struct db *db, bool inside)
{
	bool within = inside || db->depth || db->gathered;

	return within && (db->broken || !inside) ? why_broken(db) : ERR_OK;
}

static enum err note_broken(struct db *db, bool inside, enum err e)
{
	if (inside && e && db->driver->is_broken(db->c))
		db->broken = e;
	return e;
}

static enum err step_within(struct db *db, struct db_statement *st)
{
	bool inside = db_is_open(db);
	enum err e;

	if (inside && !db->broken && disturbs && disturbs(st->sql))
		db->broken = ERR_LOCKED;
	e = allow_within(db, inside);
	return e ? e : note_broken(db, inside, db->driver->step(st->q));
}

enum err db_row(struct db_statement *st)
{
	struct db *db = st->db;

	if (st->err)
		return st->err;
	if (!st->begun)
		db->tally.selects += db->driver->is_select(st->q);
	st->begun = true;
	return step_within(db, st);
}

enum err db_run_counted(struct db_statement *st, int64_t *changed)
{
	enum err e = db_row(st);

	if (e == ERR_NOT_FOUND)
		e = ERR_OK;
	if (!e)
		*changed = st->db->driver->changed(st->q);
	db_done(st);
	return e;
}

enum err db_run(struct db_statement *st)
{
	int64_t changed;

	return db_run_counted(st, &changed);
}

enum err db_run_on(struct db_statement *st)
{
	enum err e = db_row(st);

	st->db->driver->reset(st->q);
	st->begun = false;
	st->err = ERR_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

void db_done(struct db_statement *st)
{
	if (!st)
		return;
	st->db->driver->reset(st->q);
	st->in_use = false;
	if (st->own) {
		st->db->driver->finish(st->q);
		free(st->own);
		*st = (struct db_statement){.db = st->db};
	}
}

static enum err begin_piece(struct db_walk *w)
{
	enum err e = db_prepare(w->db, w->sql, &w->row);

	if (e)
		return e;
	w->rows = 0;
	db_bind_int(w->row, 1, w->after);
	db_bind_int(w->row, 2, PIECE_ROWS);
	if (w->has_of)
		db_bind_int(w->row, 3, w->of);
	return ERR_OK;
}

enum err db_walk_row(struct db_walk *w)
{
	enum err e = w->row ? ERR_OK : begin_piece(w);

	if (!e)
		e = db_row(w->row);
	if (e == ERR_NOT_FOUND && w->rows == PIECE_ROWS) {
		db_walk_end(w);
		e = begin_piece(w);
		if (!e)
			e = db_row(w->row);
	}
	if (!e) {
		w->after = db_int(w->row, 0);
		w->rows++;
	}
	return e;
}

void db_walk_end(struct db_walk *w)
{
	db_done(w->row);
	w->row = NULL;
}

enum err db_execute(struct db *db, const char *sql)
{
	bool inside = db_is_open(db);
	enum err e = allow_within(db, inside);

	return e ? e : note_broken(db, inside, db->driver->execute(db->c, sql));
}

int db_columns(const struct db_statement *st)
{
	return st->db->driver->columns(st->q);
}

const char *db_column(const struct db_statement *st, int at)
{
	return st->db->driver->column(st->q, at);
}

enum db_type db_type(const struct db_statement *st, int at)
{
	return st->db->driver->type(st->q, at);
}

int64_t db_int(const struct db_statement *st, int at)
{
	return st->db->driver->integer(st->q, at);
}

struct slice db_bytes(const struct db_statement *st, int at)
{
	return st->db->driver->bytes(st->q, at);
}

const char *db_string(const struct db_statement *st, int at)
{
	return st->db->driver->string(st->q, at);
}

void db_text(const struct db_statement *st, int at, char *dst, size_t cap)
{
	const char *text = db_string(st, at);
	size_t n = text ? strnlen(text, cap - 1) : 0;

	if (n)
		memcpy(dst, text, n);
	dst[n] = 0;
}

enum err db_copy(const struct db_statement *st, int at, uint8_t *dst, size_t n)
{
	return slice_copy(db_bytes(st, at), dst, n) ? ERR_CORRUPT : ERR_OK;
}

int db_schema_version(const struct db_schema *schema)
{
	int version = schema->oldest;

	for (enum err (*const *step)(void *) = schema->steps; *step; step++)
		version++;
	return version;
}

enum err db_version(struct db *db, int *version)
{
	bool inside = db_is_open(db);

	return note_broken(db, inside, db->driver->version(db->c, version));
}

/* Inside a transaction. */
static enum err raise_from(struct db *db, const struct db_schema *schema, int version, void *store)
{
	enum err e = ERR_OK;

	for (int i = version - schema->oldest; !e && schema->steps[i]; i++) {
		e = schema->steps[i](store);
		version++;
	}
	return e ? e : db->driver->set_version(db->c, version);
}

static enum err make_schema(struct db *db, const struct db_schema *schema, void *store)
{
	enum err e;

	if (!db->driver->is_server) {
		e = db_execute(db, schema->make);
		return e ? e : raise_from(db, schema, schema->made, store);
	}
	e = schema->postgres ? db_execute(db, schema->postgres) : ERR_UNSUPPORTED;
	if (!e)
		e = db->driver->set_version(db->c, db_schema_version(schema));
	return e ? e : schema->begin(store);
}

/* Another process may have been here. */
enum err db_make(struct db *db, const struct db_schema *schema, void *store)
{
	int version = 0;
	enum err e;

	DB_TRANSACTION (db, DB_WRITE, e) {
		e = db_version(db, &version);
		if (!e)
			e = version ? ERR_EXISTS : make_schema(db, schema, store);
	}
	return e;
}

enum err db_raise(struct db *db, const struct db_schema *schema, void *store)
{
	int last = db_schema_version(schema), version = 0;
	enum err e = db_version(db, &version);

	if (e || version == last)
		return e;
	DB_TRANSACTION (db, DB_WRITE, e) {
		e = db_version(db, &version); /* another process may have been here */
		if (!e && db->driver->is_server && version < schema->server)
			e = ERR_VERSION;
		if (!e && (version < schema->oldest || version > last))
			e = ERR_VERSION;
		if (!e && version < last)
			e = raise_from(db, schema, version, store);
	}
	return e;
}

enum err db_make_passing(struct db *db, const struct db_schema *schema)
{
	return schema->passing && !db->driver->is_server ? db_execute(db, schema->passing) : ERR_OK;
}

enum err db_revision(struct db *db, int64_t *number)
{
	bool inside = db_is_open(db);

	return note_broken(db, inside, db->driver->revision(db->c, number));
}

enum err db_highest(struct db *db, const char *table, int64_t *number)
{
	return db->driver->highest(db->c, table, number);
}

enum err db_keep(struct db *db, int version)
{
	return db->driver->keep(db->c, version);
}

enum err db_alone(struct db *db)
{
	return db->driver->alone(db->c);
}

/* The driver's own word, which the seam does not follow statement by statement. */
static enum err ask_server(struct db *db, enum err e)
{
	return note_broken(db, true, e);
}

enum err db_hold(struct db *db, const struct db_schema *schema)
{
	return db->driver->is_server ? ask_server(db, db->driver->hold(db->c, schema->tables))
				     : ERR_OK;
}

enum err db_count_on(struct db *db)
{
	return db->driver->count_on(db->c);
}

enum err db_retire(struct db *db, int64_t when)
{
	return db->driver->is_server ? ask_server(db, db->driver->retire(db->c, when))
				     : ERR_UNSUPPORTED;
}

enum err db_find_retired(struct db *db, int64_t when)
{
	return db->driver->is_server ? db->driver->find_retired(db->c, when) : ERR_UNSUPPORTED;
}

enum err db_copy_to(struct db *db, const char *path)
{
	return db->driver->copy_to(db->c, path);
}

struct db_tally db_tally(const struct db *db)
{
	return db->tally;
}
