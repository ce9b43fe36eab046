#include "host/operator/exchange/sqlite.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/operator/exchange/field.h"
#include "tool/sys/path.h"

#define WAIT_MS 5000

static enum err error_of(int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return ERR_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return ERR_LOCKED;
	case SQLITE_NOMEM: return ERR_MEMORY;
	case SQLITE_PERM:
	case SQLITE_AUTH: return ERR_PERMISSION;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_ERROR: return ERR_CORRUPT; /* a column of its schema is missing */
	default: return ERR_IO;
	}
}

/* Another program works with it, or left something of it in a file beside it. */
static bool has_more(const char *path)
{
	static const char *const beside[] = {"-wal", "-journal"};
	char name[PATH_CAP];
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
		int n = snprintf(name, sizeof(name), "%s%s", path, beside[i]);

		if (n > 0 && (size_t)n < sizeof(name) && stat(name, &st) == 0 && st.st_size > 0)
			return true;
	}
	return false;
}

/* path as a URI: what has a meaning there is written as its number. */
static enum err uri_of(const char *path, char *uri, size_t cap)
{
	struct wbuf w = wbuf_init((uint8_t *)uri, cap);

	wbuf_put(&w, slice_str("file:"));
	for (const char *c = path; *c; c++) {
		char number[4];

		if (strchr("%?#", *c)) {
			snprintf(number, sizeof(number), "%%%02X", (unsigned char)*c);
			wbuf_put(&w, slice_str(number));
		} else {
			wbuf_u8(&w, (uint8_t)*c);
		}
	}
	if (!has_more(path))
		wbuf_put(&w, slice_str("?immutable=1"));
	wbuf_u8(&w, 0);
	return wbuf_done(&w) ? ERR_LONG_NAME : ERR_OK;
}

/* SQLite takes a last page that is cut as one that ends in zeros. */
static bool has_whole_pages(sqlite3 *db, const char *path)
{
	sqlite3_stmt *st = NULL;
	struct stat file;
	sqlite3_int64 size = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA page_size", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		size = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return size && stat(path, &file) == 0 && file.st_size % size == 0;
}

static bool is_whole(sqlite3 *db, int *code)
{
	sqlite3_stmt *st = NULL;
	bool whole = false;

	*code = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &st, NULL);
	if (*code == SQLITE_OK && (*code = sqlite3_step(st)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		whole = text && strcmp(text, "ok") == 0;
		*code = SQLITE_CORRUPT;
	}
	sqlite3_finalize(st);
	return whole;
}

enum err exchange_sqlite_open(const char *path, sqlite3 **out)
{
	char uri[3 * PATH_CAP];
	sqlite3 *db = NULL;
	enum err e = uri_of(path, uri, sizeof(uri));
	int code = SQLITE_OK;

	if (!e)
		code = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	if (!e && code == SQLITE_OK) {
		/* views and triggers of theirs do nothing here */
		sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_busy_timeout(db, WAIT_MS);
	}
	if (!e && (code != SQLITE_OK || !is_whole(db, &code)))
		e = error_of(code);
	if (!e && !has_whole_pages(db, path))
		e = ERR_CORRUPT;
	if (e)
		sqlite3_close(db);
	else
		*out = db;
	return e;
}

void exchange_sqlite_close(sqlite3 **db)
{
	sqlite3_close(*db);
	*db = NULL;
}

bool exchange_sqlite_has(sqlite3 *db, const char *table, const char *column)
{
	sqlite3_stmt *st = NULL;
	bool has = false;

	if (sqlite3_prepare_v2(db, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", -1, &st,
			       NULL) == SQLITE_OK) {
		sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, column, -1, SQLITE_STATIC);
		has = sqlite3_step(st) == SQLITE_ROW;
	}
	sqlite3_finalize(st);
	return has;
}

int64_t exchange_sqlite_version(sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	int64_t version = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return version;
}

bool exchange_sqlite_is(const struct exchange_input *in, const char *table)
{
	const struct slice magic = SLICE_OF(EXCHANGE_SQLITE_MAGIC);
	sqlite3 *db = NULL;
	bool is;

	if (!slice_starts(in->text, magic) || exchange_sqlite_open(in->path, &db))
		return false;
	is = exchange_sqlite_has(db, table, "imsi") || exchange_sqlite_has(db, table, "k");
	exchange_sqlite_close(&db);
	return is;
}

enum err exchange_sqlite_each(sqlite3 *db, const char *sql, struct exchange_list *l,
			      void (*each)(const struct exchange_row *row))
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(st);
		if (code != SQLITE_ROW)
			break;
		each(&(struct exchange_row){l, (unsigned)sqlite3_column_int64(st, 0), st});
		if (l->err || (l->faults && l->count == EXCHANGE_ROWS_MAX)) {
			code = SQLITE_DONE;
			break;
		}
	}
	sqlite3_finalize(st);
	return l->err ? l->err : error_of(code);
}

struct field exchange_sqlite_field(const struct exchange_row *row, int column, const char *name)
{
	const void *text = sqlite3_column_text(row->st, column);
	int n = sqlite3_column_bytes(row->st, column);

	return (struct field){row->list, row->number, name,
			      slice_make(text, text && n > 0 ? (size_t)n : 0)};
}
