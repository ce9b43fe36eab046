#include "host/operator/db/sql.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/secret.h"
#include "tool/sys/wait.h"

#define BUSY_PAUSE_MS 20
#define ROW_MAX	      (320u * 1024) /* octets of a row that is authenticated */

enum err sql_err(int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return ERR_OK;
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
	default: return ERR_IO;
	}
}

enum err sql_open(const char *path, int flags, sqlite3 **db)
{
	static const int off[] = {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
				  SQLITE_DBCONFIG_TRUSTED_SCHEMA};
	int code = sqlite3_open_v2(path, db, flags, NULL);

	for (size_t i = 0; code == SQLITE_OK && i < ARRAY_LEN(off); i++)
		code = sqlite3_db_config(*db, off[i], 0, NULL);
	return sql_err(code);
}

enum err sql_execute(sqlite3 *db, const char *sql)
{
	int code = sqlite3_exec(db, sql, NULL, NULL, NULL);

	/* The index of the write-ahead log finds no room: SQLite calls that an I/O error. */
	if (code == SQLITE_IOERR && sqlite3_system_errno(db) == ENOSPC)
		return ERR_FULL;
	return sql_err(code);
}

/* count: how often it was called for this lock. */
static int on_busy(void *ctx, int count)
{
	static _Thread_local struct wait w;

	if (!count)
		w = wait_begin(ctx, "another process, which has the operator's database");
	return !wait_pause(&w, BUSY_PAUSE_MS) && wait_now_ms() - w.since_ms < SQL_PATIENCE_MS;
}

void sql_patience(sqlite3 *db, bool waits, struct cancel *cancel)
{
	sqlite3_busy_handler(db, waits ? on_busy : NULL, cancel);
}

void sql_bind_slice(sqlite3_stmt *st, int at, struct slice v)
{
	sqlite3_bind_blob(st, at, v.len ? (const void *)v.ptr : "", (int)v.len, SQLITE_TRANSIENT);
}

struct slice sql_column(sqlite3_stmt *st, int at)
{
	const void *p = sqlite3_column_blob(st, at);

	return slice_make(p, p ? (size_t)sqlite3_column_bytes(st, at) : 0);
}

void sql_text(sqlite3_stmt *st, int at, char *dst, size_t cap)
{
	const unsigned char *t = sqlite3_column_text(st, at);

	snprintf(dst, cap, "%s", t ? (const char *)t : "");
}

static void put_column(struct wbuf *w, sqlite3_stmt *st, int at)
{
	int type = sqlite3_column_type(st, at);
	struct slice value = SLICE_EMPTY;

	wbuf_u8(w, (uint8_t)type);
	if (type == SQLITE_INTEGER) {
		wbuf_uint(w, (uint64_t)sqlite3_column_int64(st, at), 8);
		return;
	}
	if (type != SQLITE_NULL)
		value = sql_column(st, at);
	wbuf_u32(w, (uint32_t)value.len);
	wbuf_put(w, value);
}

enum err sql_row_mac(struct slice key, const char *label, sqlite3_stmt *st, int columns,
		     uint8_t mac[static SHA256_LEN])
{
	struct wbuf w = wbuf_grow(ROW_MAX);
	struct slice all;
	enum err e;

	wbuf_put(&w, slice_str(label));
	for (int i = 0; i < columns; i++)
		put_column(&w, st, i);
	all = wbuf_slice(&w);
	e = wbuf_done(&w);
	if (!e)
		e = hmac_sha256(key, &all, 1, mac);
	wbuf_free(&w);
	return e;
}

enum err sql_row_check(struct slice key, const char *label, sqlite3_stmt *st, int columns)
{
	uint8_t mac[SHA256_LEN];
	enum err e = sql_row_mac(key, label, st, columns, mac);

	if (e)
		return e;
	return secret_equal(sql_column(st, columns), SLICE_OF(mac)) ? ERR_OK : ERR_CORRUPT;
}
