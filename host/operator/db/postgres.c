#include "host/operator/db/postgres.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/db/driver.h"
#include "host/operator/db/pg_link.h"
#include "host/operator/db/pg_query.h"

/* A struct db_connection is a struct pg_link, a struct db_query a struct pg_query. */
static struct pg_link *own(const struct db_connection *c)
{
	return (struct pg_link *)(uintptr_t)c;
}

static struct pg_query *query(const struct db_query *q)
{
	return (struct pg_query *)(uintptr_t)q;
}

static enum err pg_execute(struct db_connection *c, const char *sql)
{
	return pg_link_run(own(c), sql);
}

/* Who waits for whom is the server's to settle; its limits are those of the connection. */
static void pg_set_patience(struct db_connection *c, bool waits, struct cancel *cancel)
{
	(void)waits;
	own(c)->cancel = cancel;
}

static bool pg_is_open(const struct db_connection *c)
{
	return pg_link_is_inside(own(c));
}

static bool pg_is_broken(const struct db_connection *c)
{
	return own(c)->broken;
}

static enum err pg_prepare(struct db_connection *c, const char *sql, struct db_query **out)
{
	struct pg_query *q = NULL;
	enum err e = pg_query_make(own(c), sql, &q);

	*out = (struct db_query *)(void *)q;
	return e;
}

static void pg_finish(struct db_query *q)
{
	pg_query_free(query(q));
}

static void pg_stream(struct db_query *q)
{
	query(q)->streams = query(q)->kind == PG_SELECT;
}

static bool pg_is_select(const struct db_query *q)
{
	return query(q)->kind == PG_SELECT;
}

static enum err pg_bind_int(struct db_query *q, int at, int64_t v)
{
	uint8_t octets[8];
	struct wbuf w = wbuf_init(octets, sizeof(octets));

	wbuf_uint(&w, (uint64_t)v, sizeof(octets));
	return pg_query_bind(query(q), at, PG_INT8, SLICE_OF(octets));
}

static enum err pg_bind_text(struct db_query *q, int at, const char *text)
{
	return text ? pg_query_bind(query(q), at, PG_TEXT, slice_str(text)) : ERR_OK;
}

static enum err pg_bind_bytes(struct db_query *q, int at, struct slice v)
{
	return pg_query_bind(query(q), at, PG_BYTEA, v);
}

static enum err pg_step(struct db_query *q)
{
	return pg_query_step(query(q));
}

static int64_t pg_changed(const struct db_query *q)
{
	return strtoll(PQcmdTuples(query(q)->rows), NULL, 10);
}

static void pg_reset(struct db_query *q)
{
	pg_query_reset(query(q));
}

static int pg_columns(const struct db_query *q)
{
	return PQnfields(query(q)->rows);
}

static const char *pg_column(const struct db_query *q, int at)
{
	return PQfname(query(q)->rows, at);
}

static struct slice value_at(const struct db_query *q, int at)
{
	const struct pg_query *p = query(q);

	if (!p->rows || p->row < 0 || p->row >= PQntuples(p->rows) ||
	    PQgetisnull(p->rows, p->row, at))
		return SLICE_EMPTY;
	return slice_make(PQgetvalue(p->rows, p->row, at),
			  (size_t)PQgetlength(p->rows, p->row, at));
}

/* What is none of ours passes through, so that no HMAC matches. */
static enum db_type pg_type(const struct db_query *q, int at)
{
	const struct pg_query *p = query(q);

	if (!value_at(q, at).ptr)
		return DB_NULL;
	switch (PQftype(p->rows, at)) {
	case PG_BOOL:
	case PG_INT2:
	case PG_INT4:
	case PG_INT8: return DB_INTEGER;
	case PG_NAME:
	case PG_VARCHAR:
	case PG_TEXT: return DB_TEXT;
	case PG_BYTEA: return DB_BYTES;
	default: return (enum db_type)2;
	}
}

static int64_t pg_integer(const struct db_query *q, int at)
{
	struct cursor c = cursor_of(value_at(q, at));
	size_t n = cursor_left(&c);

	if (pg_type(q, at) != DB_INTEGER)
		return 0;
	switch (n) {
	case 8: return (int64_t)cursor_uint(&c, n);
	case 4: return (int32_t)cursor_u32(&c);
	case 2: return (int16_t)cursor_u16(&c);
	default: return cursor_u8(&c);
	}
}

static struct slice pg_bytes(const struct db_query *q, int at)
{
	return value_at(q, at);
}

/* libpq ends each value with a NUL. */
static const char *pg_string(const struct db_query *q, int at)
{
	return (const char *)value_at(q, at).ptr;
}

static enum err one_number(struct db_connection *c, const char *sql, int64_t *out)
{
	struct db_query *q = NULL;
	enum err e = pg_prepare(c, sql, &q);

	*out = 0;
	if (!e)
		e = pg_step(q);
	if (!e)
		*out = pg_integer(q, 0);
	pg_finish(q);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The namespace is made with the store: two processes may do it at once. Who may make none uses
 * what is there. */
static enum err make_namespace(struct pg_link *l)
{
	char sql[PG_NAMESPACE_CAP + 40];
	int64_t is_there = 0;
	enum err e = one_number((struct db_connection *)(void *)l, "SELECT count(current_schema())",
				&is_there);

	if (e || is_there)
		return e;
	snprintf(sql, sizeof(sql), "CREATE SCHEMA IF NOT EXISTS %s", l->space);
	e = pg_link_run(l, sql);
	return e == ERR_EXISTS ? pg_link_run(l, sql) : e;
}

static enum err pg_open(const struct db_place *place, struct db_connection **out)
{
	struct pg_link *l = calloc(1, sizeof(*l));
	enum err e = l ? pg_link_open(l, place) : ERR_MEMORY;

	*out = (struct db_connection *)(void *)l;
	return !e && place->create ? make_namespace(l) : e;
}

static void pg_close(struct db_connection *c)
{
	if (!c)
		return;
	pg_link_close(own(c));
	free(c);
}

static enum err pg_version(struct db_connection *c, int *version)
{
	int64_t n = 0;
	enum err e = one_number(c,
				"SELECT count(*) FROM information_schema.tables WHERE"
				" table_schema = current_schema() AND table_name = 'version'",
				&n);

	if (!e && n)
		e = one_number(c, "SELECT number FROM version WHERE id = 1", &n);
	if (!e)
		*version = (int)n;
	return e;
}

static enum err pg_set_version(struct db_connection *c, int version)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "CREATE TABLE IF NOT EXISTS version (id BIGINT PRIMARY KEY, number BIGINT NOT "
		 "NULL);"
		 "INSERT INTO version (id, number) VALUES (1, %d) ON CONFLICT (id) DO UPDATE SET"
		 " number = excluded.number",
		 version);
	return pg_execute(c, sql);
}

/* All that others must hear of at once is in the log. */
static enum err pg_revision(struct db_connection *c, int64_t *number)
{
	return one_number(c, "SELECT coalesce(max(seq), 0) FROM log", number);
}

/* No version before has been in PostgreSQL: nothing asks. */
static enum err pg_highest(struct db_connection *c, const char *table, int64_t *number)
{
	(void)c, (void)table, (void)number;
	return ERR_UNSUPPORTED;
}

/* Another process may keep the same at once: the first one's copy is kept. */
static enum err pg_keep(struct db_connection *c, int version)
{
	char sql[512], names[32][PG_NAME_CAP];
	const char *space = own(c)->space;
	struct db_query *q = NULL;
	size_t n = 0;
	enum err e = pg_prepare(c,
				"SELECT CAST(table_name AS TEXT) FROM information_schema.tables"
				" WHERE table_schema = current_schema()",
				&q);

	while (!e && n < ARRAY_LEN(names) && (e = pg_step(q)) == ERR_OK)
		snprintf(names[n++], sizeof(names[0]), "%s", pg_string(q, 0));
	pg_finish(q);
	if (e != ERR_NOT_FOUND)
		return e ? e : ERR_SPACE;
	snprintf(sql, sizeof(sql), "BEGIN; CREATE SCHEMA %s_before_%d", space, version);
	e = pg_execute(c, sql);
	for (size_t i = 0; !e && i < n; i++) {
		snprintf(sql, sizeof(sql), "CREATE TABLE %s_before_%d.%s AS TABLE %s.%s", space,
			 version, names[i], space, names[i]);
		e = pg_execute(c, sql);
	}
	if (!e)
		return pg_execute(c, "COMMIT");
	(void)!pg_execute(c, "ROLLBACK");
	return e == ERR_EXISTS ? ERR_OK : e;
}

/* Each connection bears the namespace's name. Who comes later meets db_hold(). The transaction that
 * leaves waits for the other store's copy. */
static enum err pg_alone(struct db_connection *c)
{
	int64_t others = 0;
	enum err e =
		one_number(c,
			   "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
			   " AND datname = current_database()"
			   " AND application_name = current_setting('application_name')",
			   &others);

	if (!e && others)
		e = ERR_LOCKED;
	return e ? e : pg_execute(c, "SET idle_in_transaction_session_timeout = 0");
}

/* Of each column whose numbers the database gives. */
static enum err pg_count_on(struct db_connection *c)
{
	char sql[512];
	struct db_query *q = NULL;
	int64_t ignored;
	enum err e = pg_prepare(c,
				"SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM"
				" information_schema.columns WHERE table_schema = current_schema()"
				" AND is_identity = 'YES'",
				&q);

	while (!e && (e = pg_step(q)) == ERR_OK) {
		const char *table = pg_string(q, 0), *column = pg_string(q, 1);

		snprintf(sql, sizeof(sql),
			 "SELECT setval(pg_get_serial_sequence('%s', '%s'),"
			 " coalesce((SELECT max(%s) FROM %s), 0) + 1, false)",
			 table, column, column, table);
		e = one_number(c, sql, &ignored);
	}
	pg_finish(q);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err pg_hold(struct db_connection *c, const char *const *tables)
{
	enum err e = ERR_OK;

	for (; !e && *tables; tables++) {
		char sql[PG_NAME_CAP + 40];

		snprintf(sql, sizeof(sql), "LOCK TABLE %s IN EXCLUSIVE MODE NOWAIT", *tables);
		e = pg_execute(c, sql);
	}
	return e;
}

/* Those of the folder, whichever this connection has. */
static const char *const spaces[] = {DB_OPERATOR, DB_MANAGER};

/* Who still has one open finds no table any more. */
static enum err pg_retire(struct db_connection *c, int64_t when)
{
	const struct pg_link *l = own(c);
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < ARRAY_LEN(spaces); i++) {
		char sql[3 * PG_NAMESPACE_CAP + 80];

		snprintf(sql, sizeof(sql), "ALTER SCHEMA %s_%s RENAME TO %s_%s_moved_%" PRId64,
			 l->folder, spaces[i], l->folder, spaces[i], when);
		e = pg_execute(c, sql);
	}
	return e;
}

/* By one statement: it may be happening. */
static enum err pg_find_retired(struct db_connection *c, int64_t when)
{
	char sql[1024];
	const char *folder = own(c)->folder;
	int64_t n = 0;
	enum err e;

	snprintf(sql, sizeof(sql),
		 "SELECT coalesce(sum(CASE WHEN nspname IN ('%s_%s', '%s_%s') THEN 1 ELSE 10 END), "
		 "0)"
		 " FROM pg_catalog.pg_namespace WHERE nspname IN"
		 " ('%s_%s', '%s_%s', '%s_%s_moved_%" PRId64 "', '%s_%s_moved_%" PRId64 "')",
		 folder, spaces[0], folder, spaces[1], folder, spaces[0], folder, spaces[1], folder,
		 spaces[0], when, folder, spaces[1], when);
	e = one_number(c, sql, &n);
	if (e || n / 10 == ARRAY_LEN(spaces))
		return e;
	return n == ARRAY_LEN(spaces) ? ERR_EXISTS : ERR_NOT_FOUND;
}

static enum err pg_copy_to(struct db_connection *c, const char *path)
{
	(void)c, (void)path;
	return ERR_UNSUPPORTED;
}

const struct db_driver db_postgres = {
	.open = pg_open,
	.close = pg_close,
	.set_patience = pg_set_patience,
	.execute = pg_execute,
	.begin = {[DB_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		  [DB_WRITE] = "BEGIN ISOLATION LEVEL SERIALIZABLE"},
	.is_open = pg_is_open,
	.is_broken = pg_is_broken,
	.prepare = pg_prepare,
	.finish = pg_finish,
	.stream = pg_stream,
	.is_select = pg_is_select,
	.bind_int = pg_bind_int,
	.bind_text = pg_bind_text,
	.bind_bytes = pg_bind_bytes,
	.step = pg_step,
	.changed = pg_changed,
	.reset = pg_reset,
	.columns = pg_columns,
	.column = pg_column,
	.type = pg_type,
	.integer = pg_integer,
	.bytes = pg_bytes,
	.string = pg_string,
	.version = pg_version,
	.set_version = pg_set_version,
	.revision = pg_revision,
	.highest = pg_highest,
	.keep = pg_keep,
	.alone = pg_alone,
	.count_on = pg_count_on,
	.is_server = true,
	.hold = pg_hold,
	.retire = pg_retire,
	.find_retired = pg_find_retired,
	.copy_to = pg_copy_to,
};
