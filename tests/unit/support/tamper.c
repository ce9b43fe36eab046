#include "tests/unit/support/tamper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/db/db.h"
#include "host/operator/db/place.h"
#include "tests/unit/test.h"

static const struct {
	const char *file, *space;
} stores[] = {{"operator.db", "operator"}, {"manager.db", "manager"}};

/* What only SQLite has. */
static const char *const of_sqlite[] = {"sqlite_", "TRIGGER", "PRAGMA", "AS TEXT", "CREATE VIEW"};

bool tamper_has_files(void)
{
	const char *database = getenv("TWINKEY_TEST_DATABASE");

	return !database || !*database;
}

bool tamper_needs_files(void)
{
	if (!tamper_has_files())
		printf("(left out over this database) ");
	return tamper_has_files();
}

static struct db *open_it(const char *dir, enum tamper_store store)
{
	char where[DB_PLACE_CAP];
	struct db *db = NULL;

	CU_ASSERT_FATAL(db_place_find(dir, stores[store].file, where) == ERR_OK);
	CU_ASSERT_FATAL(db_open(&(struct db_place){.path = where, .space = stores[store].space},
				&db) == ERR_OK);
	return db;
}

/* x'0a' is '\x0a' there. */
static char *translate(const char *sql)
{
	char *out = malloc(2 * strlen(sql) + 1), *p = out;

	CU_ASSERT_FATAL(out != NULL);
	while (*sql) {
		if (sql[0] == 'x' && sql[1] == '\'') {
			memcpy(p, "'\\x", 3);
			p += 3;
			sql += 2;
		} else {
			*p++ = *sql++;
		}
	}
	*p = 0;
	return out;
}

/* The version of a schema, alone. */
static const char *own_version(const char *sql, char own[static 80])
{
	int version;

	if (tamper_has_files() || sscanf(sql, "PRAGMA user_version = %d", &version) != 1)
		return sql;
	snprintf(own, 80, "UPDATE version SET number = %d", version);
	return own;
}

bool tamper(const char *dir, enum tamper_store store, const char *sql)
{
	char own[80];
	char *theirs = NULL;
	struct db *db;
	enum err e;

	sql = own_version(sql, own);
	for (size_t i = 0; !tamper_has_files() && i < ARRAY_LEN(of_sqlite); i++)
		if (strstr(sql, of_sqlite[i]))
			return false;
	db = open_it(dir, store);
	if (!tamper_has_files())
		theirs = translate(sql);
	e = db_execute(db, theirs ? theirs : sql);
	if (e)
		fprintf(stderr, "\n%s: %s\n", sql, err_text(e));
	ASSERT_ERR(e, ERR_OK);
	db_close(&db);
	free(theirs);
	return true;
}

int64_t tamper_number(const char *dir, enum tamper_store store, const char *sql)
{
	struct db *db = open_it(dir, store);
	struct db_statement *st = NULL;
	int64_t n = -1;

	CU_ASSERT_FATAL(db_prepare(db, sql, &st) == ERR_OK);
	if (db_row(st) == ERR_OK)
		n = db_int(st, 0);
	db_done(st);
	db_close(&db);
	return n;
}

static void dump_table(struct db *db, const char *name, struct wbuf *w)
{
	static char texts[64][160]; /* a statement is known by its address */
	static unsigned next;
	char *sql = texts[next++ % ARRAY_LEN(texts)];
	struct db_statement *st = NULL;

	snprintf(sql, sizeof(texts[0]), "SELECT * FROM %s ORDER BY 1, 2", name);
	wbuf_put(w, slice_str(name));
	CU_ASSERT_FATAL(db_prepare(db, sql, &st) == ERR_OK);
	while (db_row(st) == ERR_OK) {
		for (int i = 0; i < db_columns(st); i++) {
			wbuf_u8(w, (uint8_t)db_type(st, i));
			if (db_type(st, i) == DB_INTEGER)
				wbuf_uint(w, (uint64_t)db_int(st, i), 8);
			else
				wbuf_put(w, db_bytes(st, i));
		}
	}
	db_done(st);
}

void tamper_dump(const char *dir, enum tamper_store store, struct wbuf *w)
{
	struct db *db = open_it(dir, store);
	struct db_statement *st = NULL;

	CU_ASSERT_FATAL(db_prepare(db,
				   tamper_has_files()
					   ? "SELECT name FROM sqlite_master WHERE type = 'table'"
					     " ORDER BY name"
					   : "SELECT CAST(table_name AS TEXT) FROM"
					     " information_schema.tables WHERE table_name NOT IN "
					     "('fresh', 'version') AND table_schema ="
					     " current_schema() ORDER BY 1",
				   &st) == ERR_OK);
	while (db_row(st) == ERR_OK)
		dump_table(db, db_string(st, 0), w);
	db_done(st);
	db_close(&db);
}
