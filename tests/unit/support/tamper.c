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

static bool is_of_sqlite(const char *sql)
{
	for (size_t i = 0; i < ARRAY_LEN(of_sqlite); i++)
		if (strstr(sql, of_sqlite[i]))
			return true;
	return false;
}

/* x'0a' is '\x0a' there, zeroblob(n) is n octets of '00', a version is a row. */
static void translate(const char *sql, char *out, size_t cap)
{
	int version, n = 0;

	if (sscanf(sql, " PRAGMA user_version = %d", &version) == 1) {
		snprintf(out, cap, "UPDATE version SET number = %d", version);
		return;
	}
	while (*sql && (size_t)n + 40 < cap) {
		if (sql[0] == 'x' && sql[1] == '\'' && (!n || out[n - 1] != '\'')) {
			n += snprintf(out + n, cap - (size_t)n, "'\\x");
			sql += 2;
		} else if (strncmp(sql, "zeroblob(", 9) == 0) {
			const char *end = strchr(sql, ')');

			end += strncmp(sql + 9, "length(", 7) == 0;
			n += snprintf(out + n, cap - (size_t)n, "decode(repeat('00', %.*s), 'hex')",
				      (int)(end - sql - 9), sql + 9);
			sql = end + 1;
		} else {
			out[n++] = *sql++;
		}
	}
	out[n] = 0;
}

static void execute(struct db *db, const char *sql)
{
	enum err e = db_execute(db, sql);

	if (e)
		fprintf(stderr, "\n%s: %s\n", sql, err_text(e));
	ASSERT_ERR(e, ERR_OK);
}

/* One statement after the other; those about SQLite itself are left out. */
static bool execute_there(struct db *db, const char *sql)
{
	char *all = strdup(sql), *save = NULL, theirs[2048];
	bool any = false;

	CU_ASSERT_FATAL(all != NULL);
	for (char *one = strtok_r(all, ";", &save); one; one = strtok_r(NULL, ";", &save)) {
		translate(one, theirs, sizeof(theirs));
		if (is_of_sqlite(theirs))
			continue;
		execute(db, theirs);
		any = true;
	}
	free(all);
	return any;
}

bool tamper(const char *dir, enum tamper_store store, const char *sql)
{
	struct db *db;
	bool done = true;

	if (!tamper_has_files() && strstr(sql, "TRIGGER"))
		return false;
	db = open_it(dir, store);
	if (tamper_has_files())
		execute(db, sql);
	else
		done = execute_there(db, sql);
	db_close(&db);
	return done;
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
