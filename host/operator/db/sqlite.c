#include "host/operator/db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pthread.h>
#include <sqlite3.h>

#include "host/operator/db/driver.h"
#include "tool/sys/errno.h"
#include "tool/sys/wait.h"

#define BUSY_PAUSE_MS 20

/* A struct db_connection is a sqlite3, a struct db_query a sqlite3_stmt. */
static sqlite3 *own(const struct db_connection *c)
{
	return (sqlite3 *)(uintptr_t)c;
}

static sqlite3_stmt *query(const struct db_query *q)
{
	return (sqlite3_stmt *)(uintptr_t)q;
}

static enum err sqlite_err(sqlite3 *db, int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW: return ERR_OK;
	case SQLITE_DONE: return ERR_NOT_FOUND;
	case SQLITE_FULL: return ERR_FULL;
	case SQLITE_NOMEM: return ERR_MEMORY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return ERR_LOCKED;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN: return ERR_PERMISSION;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return ERR_CORRUPT;
	case SQLITE_CONSTRAINT: return ERR_EXISTS;
	case SQLITE_IOERR:
		/* the index of the write-ahead log finds no room: SQLite calls that an I/O error */
		return db && sqlite3_system_errno(db) == ENOSPC ? ERR_FULL : ERR_IO;
	default: return ERR_IO;
	}
}

/* count: how often it was called for this lock. */
static int on_busy(void *ctx, int count)
{
	static _Thread_local struct wait w;

	if (!count)
		w = wait_begin(ctx, "another process, which has the operator's database");
	return !wait_pause(&w, BUSY_PAUSE_MS) && wait_now_ms() - w.since_ms < DB_PATIENCE_MS;
}

static void sqlite_set_patience(struct db_connection *c, bool waits, struct cancel *cancel)
{
	sqlite3_busy_handler(own(c), waits ? on_busy : NULL, cancel);
}

static enum err sqlite_execute(struct db_connection *c, const char *sql)
{
	return sqlite_err(own(c), sqlite3_exec(own(c), sql, NULL, NULL, NULL));
}

/* encode(bytes, 'hex') of PostgreSQL: two lower-case digits an octet. */
static void sql_encode(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	const uint8_t *p = sqlite3_value_blob(v[0]);
	size_t len = (size_t)sqlite3_value_bytes(v[0]);
	char *hex;

	(void)n;
	if (sqlite3_value_type(v[0]) == SQLITE_NULL)
		return;
	hex = sqlite3_malloc64(2 * len + 1);
	if (!hex) {
		sqlite3_result_error_nomem(ctx);
		return;
	}
	hex_encode(slice_make(p, p ? len : 0), hex, 2 * len + 1);
	sqlite3_result_text(ctx, hex, -1, sqlite3_free);
}

/* string_agg(text, separator) of PostgreSQL: in the order of the rows; of none NULL. */
static void sql_join_step(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	sqlite3_str **all = sqlite3_aggregate_context(ctx, sizeof(sqlite3_str *));

	(void)n;
	if (!all || sqlite3_value_type(v[0]) == SQLITE_NULL)
		return;
	if (!*all)
		*all = sqlite3_str_new(sqlite3_context_db_handle(ctx));
	else
		sqlite3_str_appendall(*all, (const char *)sqlite3_value_text(v[1]));
	sqlite3_str_append(*all, (const char *)sqlite3_value_text(v[0]), sqlite3_value_bytes(v[0]));
}

static void sql_join_end(sqlite3_context *ctx)
{
	sqlite3_str **all = sqlite3_aggregate_context(ctx, 0);
	int code;

	if (!all || !*all)
		return;
	code = sqlite3_str_errcode(*all);
	if (code)
		sqlite3_free(sqlite3_str_finish(*all));
	else
		sqlite3_result_text(ctx, sqlite3_str_finish(*all), -1, sqlite3_free);
	if (code)
		sqlite3_result_error_code(ctx, code);
}

/* What the common subset has and SQLite has not. */
static int add_functions(sqlite3 *db)
{
	static const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	int code = sqlite3_create_function(db, "encode", 2, flags, NULL, sql_encode, NULL, NULL);

	return code ? code
		    : sqlite3_create_function(db, "string_agg", 2, flags, NULL, NULL, sql_join_step,
					      sql_join_end);
}

/* Nobody asks how much memory there is in use: no lock around each piece of it. */
static void count_no_memory(void)
{
	(void)!sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum err sqlite_open(const struct db_place *place, struct db_connection **out)
{
	static const int off[] = {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
				  SQLITE_DBCONFIG_TRUSTED_SCHEMA};
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	/* one thread uses it (db.h): no lock around each value of a row */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		    (place->create ? SQLITE_OPEN_CREATE : 0);
	sqlite3 *db = NULL;
	int code;

	pthread_once(&once, count_no_memory);
	code = sqlite3_open_v2(place->path, &db, flags, NULL);
	for (size_t i = 0; code == SQLITE_OK && i < ARRAY_LEN(off); i++)
		code = sqlite3_db_config(db, off[i], 0, NULL);
	if (code == SQLITE_OK)
		code = add_functions(db);
	*out = (struct db_connection *)(void *)db;
	if (code != SQLITE_OK)
		return sqlite_err(db, code);
	sqlite_set_patience(*out, true, place->cancel);
	/* the write-ahead log is moved into the file when it has 16 MiB, not 4: a row that is
	 * written often is moved less often */
	return sqlite_execute(*out, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				    "PRAGMA wal_autocheckpoint = 4000;"
				    "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
				    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;");
}

static void sqlite_close(struct db_connection *c)
{
	sqlite3_close(own(c));
}

static bool sqlite_is_open(const struct db_connection *c)
{
	return !sqlite3_get_autocommit(own(c));
}

/* Who writes has the whole database to himself. */
static bool sqlite_is_broken(const struct db_connection *c)
{
	(void)c;
	return false;
}

static enum err sqlite_prepare(struct db_connection *c, const char *sql, struct db_query **out)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v3(own(c), sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);

	*out = (struct db_query *)(void *)st;
	return sqlite_err(own(c), code);
}

static void sqlite_finish(struct db_query *q)
{
	sqlite3_finalize(query(q));
}

/* So they come anyway. */
static void sqlite_stream(struct db_query *q)
{
	(void)q;
}

static bool sqlite_is_select(const struct db_query *q)
{
	/* BEGIN, COMMIT and their like read nothing */
	return sqlite3_stmt_readonly(query(q)) && sqlite3_column_count(query(q)) > 0;
}

static enum err sqlite_bind_int(struct db_query *q, int at, int64_t v)
{
	return sqlite_err(NULL, sqlite3_bind_int64(query(q), at, v));
}

static enum err sqlite_bind_text(struct db_query *q, int at, const char *text)
{
	return sqlite_err(NULL, sqlite3_bind_text(query(q), at, text, -1, SQLITE_TRANSIENT));
}

static enum err sqlite_bind_bytes(struct db_query *q, int at, struct slice v)
{
	const void *p = v.len ? (const void *)v.ptr : "";

	return sqlite_err(NULL, sqlite3_bind_blob64(query(q), at, p, v.len, SQLITE_TRANSIENT));
}

static enum err sqlite_step(struct db_query *q)
{
	return sqlite_err(sqlite3_db_handle(query(q)), sqlite3_step(query(q)));
}

static int64_t sqlite_changed(const struct db_query *q)
{
	return sqlite3_changes(sqlite3_db_handle(query(q)));
}

static void sqlite_reset(struct db_query *q)
{
	sqlite3_reset(query(q));
	sqlite3_clear_bindings(query(q)); /* what was bound may have been secret */
}

static int sqlite_columns(const struct db_query *q)
{
	return sqlite3_column_count(query(q));
}

static const char *sqlite_column(const struct db_query *q, int at)
{
	return sqlite3_column_name(query(q), at);
}

/* A number with a fraction (SQLITE_FLOAT) is none of ours: its type passes through, so that no HMAC
 * matches. */
_Static_assert(DB_INTEGER == SQLITE_INTEGER && DB_TEXT == SQLITE_TEXT && DB_BYTES == SQLITE_BLOB &&
		       DB_NULL == SQLITE_NULL,
	       "types as they are on the disk");
static enum db_type sqlite_type(const struct db_query *q, int at)
{
	return (enum db_type)sqlite3_column_type(query(q), at);
}

static int64_t sqlite_integer(const struct db_query *q, int at)
{
	return sqlite3_column_int64(query(q), at);
}

static struct slice sqlite_bytes(const struct db_query *q, int at)
{
	const void *p = sqlite3_column_blob(query(q), at);

	return slice_make(p, p ? (size_t)sqlite3_column_bytes(query(q), at) : 0);
}

static const char *sqlite_string(const struct db_query *q, int at)
{
	return (const char *)sqlite3_column_text(query(q), at);
}

/* The first column of the one row of sql; 0: there is none. */
static enum err one_number(struct db_connection *c, const char *sql, const char *text, int64_t *out)
{
	struct db_query *q = NULL;
	enum err e = sqlite_prepare(c, sql, &q);

	*out = 0;
	if (!e && text)
		e = sqlite_bind_text(q, 1, text);
	if (!e)
		e = sqlite_step(q);
	if (!e)
		*out = sqlite_integer(q, 0);
	sqlite_finish(q);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err sqlite_version(struct db_connection *c, int *version)
{
	int64_t n;
	enum err e = one_number(c, "PRAGMA user_version", NULL, &n);

	if (!e)
		*version = (int)n;
	return e;
}

static enum err sqlite_revision(struct db_connection *c, int64_t *number)
{
	return one_number(c, "PRAGMA data_version", NULL, number);
}

static enum err sqlite_set_version(struct db_connection *c, int version)
{
	char sql[40];

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
	return sqlite_execute(c, sql);
}

static enum err sqlite_highest(struct db_connection *c, const char *table, int64_t *number)
{
	return one_number(c, "SELECT max(seq) FROM sqlite_sequence WHERE name = ?", table, number);
}

static enum err sqlite_keep(struct db_connection *c, int version)
{
	(void)c, (void)version;
	return ERR_UNSUPPORTED;
}

/* The write-ahead log ends only when nobody else has the file open; who opens it wants one, and
 * finds it locked. */
static enum err sqlite_alone(struct db_connection *c)
{
	struct db_query *q = NULL;
	enum err e = sqlite_prepare(c, "PRAGMA journal_mode = DELETE", &q);

	if (!e)
		e = sqlite_step(q);
	if (!e && strcmp(sqlite_string(q, 0), "delete") != 0)
		e = ERR_LOCKED;
	sqlite_finish(q);
	return e;
}

/* sqlite_sequence has seen the highest one. */
static enum err sqlite_count_on(struct db_connection *c)
{
	(void)c;
	return ERR_OK;
}

/* VACUUM INTO fills a file that is there and empty, and leaves its mode alone. */
static enum err sqlite_copy_to(struct db_connection *c, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct db_query *q = NULL;
	enum err e = fd < 0 ? errno_err(errno) : sqlite_prepare(c, "VACUUM INTO ?", &q);

	if (!e)
		e = sqlite_bind_text(q, 1, path);
	if (!e)
		e = sqlite_step(q);
	sqlite_finish(q);
	if (e == ERR_NOT_FOUND)
		e = fsync(fd) ? errno_err(errno) : ERR_OK;
	if (fd >= 0 && close(fd) && !e)
		e = errno_err(errno);
	return e;
}

const struct db_driver db_sqlite = {
	.open = sqlite_open,
	.close = sqlite_close,
	.set_patience = sqlite_set_patience,
	.execute = sqlite_execute,
	.begin = {[DB_READ] = "BEGIN", [DB_WRITE] = "BEGIN IMMEDIATE"},
	.is_open = sqlite_is_open,
	.is_broken = sqlite_is_broken,
	.prepare = sqlite_prepare,
	.finish = sqlite_finish,
	.stream = sqlite_stream,
	.is_select = sqlite_is_select,
	.bind_int = sqlite_bind_int,
	.bind_text = sqlite_bind_text,
	.bind_bytes = sqlite_bind_bytes,
	.step = sqlite_step,
	.changed = sqlite_changed,
	.reset = sqlite_reset,
	.columns = sqlite_columns,
	.column = sqlite_column,
	.type = sqlite_type,
	.integer = sqlite_integer,
	.bytes = sqlite_bytes,
	.string = sqlite_string,
	.version = sqlite_version,
	.set_version = sqlite_set_version,
	.revision = sqlite_revision,
	.highest = sqlite_highest,
	.keep = sqlite_keep,
	.alone = sqlite_alone,
	.count_on = sqlite_count_on,
	.copy_to = sqlite_copy_to,
};
