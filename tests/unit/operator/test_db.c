/* The seam to the database, by what every driver must do. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/operator/db/db.h"

#define COUNT "SELECT count(*) FROM thing"

static const char *path_of(const char *dir, const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static struct db *open_at(const char *dir)
{
	struct db *db = NULL;

	CU_ASSERT_FATAL(db_open(&(struct db_place){.path = path_of(dir, "x.db"), .create = true},
				&db) == ERR_OK);
	return db;
}

static int64_t number(struct db *db, const char *sql)
{
	struct db_statement *st;
	int64_t n = -1;

	CU_ASSERT_FATAL(db_prepare(db, sql, &st) == ERR_OK);
	if (db_row(st) == ERR_OK)
		n = db_int(st, 0);
	db_done(st);
	return n;
}

static enum err put(struct db *db, int64_t n, const char *name)
{
	struct db_statement *st;
	enum err e = db_prepare(db, "INSERT INTO thing (n, name) VALUES (?1, ?2)", &st);

	if (e)
		return e;
	db_bind_int(st, 1, n);
	db_bind_text(st, 2, name);
	return db_run(st);
}

static struct db *with_table(const char *dir)
{
	struct db *db = open_at(dir);

	ASSERT_ERR(db_execute(db, "CREATE TABLE thing (id INTEGER PRIMARY KEY AUTOINCREMENT,"
				  " n INTEGER NOT NULL UNIQUE, name TEXT, data BLOB)"),
		   ERR_OK);
	return db;
}

static void test_statements(void)
{
	static const uint8_t octets[] = {1, 0, 2};
	struct db *db = with_table(test_dir());
	struct db_statement *st, *again;
	uint8_t got[3];
	char text[4];
	int64_t changed = 0;

	ASSERT_ERR(db_prepare(db, "INSERT INTO thing (n, name, data) VALUES (?, ?, ?) RETURNING id",
			      &st),
		   ERR_OK);
	db_bind_int(st, 1, INT64_MIN);
	db_bind_text(st, 2, "a name");
	db_bind_bytes(st, 3, SLICE_OF(octets));
	ASSERT_ERR(db_row(st), ERR_OK);
	CU_ASSERT_EQUAL(db_int(st, 0), 1);
	db_done(st);
	ASSERT_ERR(put(db, 7, "x"), ERR_OK);
	ASSERT_ERR(put(db, 7, "y"), ERR_EXISTS);
	ASSERT_ERR(db_prepare(db, "SELECT n, name, data, NULL FROM thing ORDER BY id", &st),
		   ERR_OK);
	ASSERT_ERR(db_row(st), ERR_OK);
	CU_ASSERT_EQUAL(db_columns(st), 4);
	CU_ASSERT(db_type(st, 0) == DB_INTEGER && db_int(st, 0) == INT64_MIN);
	CU_ASSERT(db_type(st, 1) == DB_TEXT && !strcmp(db_string(st, 1), "a name"));
	db_text(st, 1, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "a n");
	CU_ASSERT_EQUAL(db_type(st, 2), DB_BYTES);
	ASSERT_ERR(db_copy(st, 2, got, sizeof(got)), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(got), SLICE_OF(octets), "octets");
	ASSERT_ERR(db_copy(st, 2, got, 2), ERR_CORRUPT);
	CU_ASSERT(db_type(st, 3) == DB_NULL && !db_string(st, 3) && !db_bytes(st, 3).len);
	/* while one is in use the same text gives another */
	ASSERT_ERR(db_prepare(db, "SELECT n, name, data, NULL FROM thing ORDER BY id", &again),
		   ERR_OK);
	ASSERT_ERR(db_row(st), ERR_OK);
	CU_ASSERT_EQUAL(db_int(st, 0), 7);
	ASSERT_ERR(db_row(again), ERR_OK);
	CU_ASSERT_EQUAL(db_int(again, 0), INT64_MIN);
	ASSERT_ERR(db_row(st), ERR_NOT_FOUND);
	db_done(st);
	db_done(again);
	db_done(NULL);
	ASSERT_ERR(db_prepare(db, "UPDATE thing SET name = NULL", &st), ERR_OK);
	ASSERT_ERR(db_run_counted(st, &changed), ERR_OK);
	CU_ASSERT_EQUAL(changed, 2);
	/* a parameter that is not there is told, not left out */
	ASSERT_ERR(db_prepare(db, "UPDATE thing SET n = ?1 WHERE id = 1", &st), ERR_OK);
	db_bind_int(st, 1, 3);
	db_bind_int(st, 2, 4);
	CU_ASSERT_NOT_EQUAL(db_run(st), ERR_OK);
	CU_ASSERT_EQUAL(number(db, "SELECT n FROM thing WHERE id = 1"), INT64_MIN);
	CU_ASSERT_NOT_EQUAL(db_prepare(db, "no SQL", &st), ERR_OK);
	db_close(&db);
}

static void test_transactions(void)
{
	struct db *db = with_table(test_dir());
	struct db_tally before = db_tally(db);

	ASSERT_ERR(db_begin(db, DB_WRITE), ERR_OK);
	ASSERT_ERR(put(db, 1, "a"), ERR_OK);
	ASSERT_ERR(db_begin(db, DB_WRITE), ERR_OK); /* a part of it */
	ASSERT_ERR(put(db, 2, "b"), ERR_OK);
	ASSERT_ERR(db_end(db, ERR_OK), ERR_OK);
	CU_ASSERT_TRUE(db_is_open(db));
	ASSERT_ERR(db_end(db, ERR_OK), ERR_OK);
	CU_ASSERT_FALSE(db_is_open(db));
	CU_ASSERT_EQUAL(number(db, COUNT), 2);
	CU_ASSERT_EQUAL(db_tally(db).transactions - before.transactions, 1);
	/* what a part could not do, the whole has not done */
	ASSERT_ERR(db_begin(db, DB_WRITE), ERR_OK);
	ASSERT_ERR(put(db, 3, "c"), ERR_OK);
	ASSERT_ERR(db_begin(db, DB_WRITE), ERR_OK);
	ASSERT_ERR(db_end(db, ERR_REFUSED), ERR_REFUSED);
	ASSERT_ERR(db_end(db, ERR_OK), ERR_IO);
	CU_ASSERT_EQUAL(number(db, COUNT), 2);
	/* a part that is taken back alone */
	ASSERT_ERR(db_begin(db, DB_WRITE), ERR_OK);
	ASSERT_ERR(put(db, 3, "c"), ERR_OK);
	ASSERT_ERR(db_part_begin(db), ERR_OK);
	ASSERT_ERR(put(db, 4, "d"), ERR_OK);
	ASSERT_ERR(db_part_end(db, ERR_REFUSED), ERR_REFUSED);
	ASSERT_ERR(db_part_begin(db), ERR_OK);
	ASSERT_ERR(put(db, 5, "e"), ERR_OK);
	ASSERT_ERR(db_part_end(db, ERR_OK), ERR_OK);
	ASSERT_ERR(db_end(db, ERR_OK), ERR_OK);
	CU_ASSERT_EQUAL(number(db, "SELECT sum(n) FROM thing"), 1 + 2 + 3 + 5);
	db_close(&db);
}

/* Two connections: who is in a hurry does not wait, once; who reads waits for nobody. */
static void test_lock(void)
{
	const char *dir = test_dir();
	struct db *db = with_table(dir), *other = open_at(dir);

	ASSERT_ERR(db_begin(db, DB_WRITE), ERR_OK);
	ASSERT_ERR(put(db, 1, "a"), ERR_OK);
	db_hurry(other);
	ASSERT_ERR(db_begin(other, DB_WRITE), ERR_LOCKED);
	ASSERT_ERR(db_begin(other, DB_READ), ERR_OK);
	CU_ASSERT_EQUAL(number(other, COUNT), 0);
	ASSERT_ERR(db_end(db, ERR_OK), ERR_OK);
	CU_ASSERT_EQUAL(number(other, COUNT), 0); /* as of one moment */
	ASSERT_ERR(db_end(other, ERR_OK), ERR_OK);
	CU_ASSERT_EQUAL(number(other, COUNT), 1);
	ASSERT_ERR(db_begin(other, DB_WRITE), ERR_OK);
	ASSERT_ERR(db_end(other, ERR_OK), ERR_OK);
	db_close(&other);
	db_close(&db);
}

static enum err second(void *store)
{
	return db_execute(store, "ALTER TABLE thing ADD COLUMN more INTEGER");
}

static enum err third(void *store)
{
	return db_execute(store, "INSERT INTO thing (n, more) VALUES (9, 9)");
}

static enum err broken(void *store)
{
	enum err e = db_execute(store, "DELETE FROM thing");

	return e ? e : ERR_CORRUPT;
}

static enum err (*const to_3[])(void *store) = {second, third, NULL};
static enum err (*const to_4[])(void *store) = {second, third, broken, NULL};

static void test_schema(void)
{
	static const char make[] = "CREATE TABLE thing (id INTEGER PRIMARY KEY AUTOINCREMENT,"
				   " n INTEGER NOT NULL)";
	const struct db_schema one = {.make = make, .made = 1, .oldest = 1, .steps = to_3},
			       two = {.make = make, .made = 1, .oldest = 1, .steps = to_4};
	const char *dir = test_dir();
	struct db *db = open_at(dir);
	int version = -1;

	CU_ASSERT_EQUAL(db_schema_version(&one), 3);
	ASSERT_ERR(db_version(db, &version), ERR_OK);
	CU_ASSERT_EQUAL(version, 0);
	ASSERT_ERR(db_raise(db, &one, db), ERR_VERSION);
	ASSERT_ERR(db_make(db, &two, db), ERR_CORRUPT); /* all of it or nothing */
	ASSERT_ERR(db_version(db, &version), ERR_OK);
	CU_ASSERT_EQUAL(version, 0);
	ASSERT_ERR(db_make(db, &one, db), ERR_OK);
	ASSERT_ERR(db_version(db, &version), ERR_OK);
	CU_ASSERT_EQUAL(version, 3);
	CU_ASSERT_EQUAL(number(db, "SELECT more FROM thing"), 9);
	ASSERT_ERR(db_raise(db, &one, db), ERR_OK); /* nothing to do */
	ASSERT_ERR(db_raise(db, &two, db), ERR_CORRUPT);
	CU_ASSERT_EQUAL(number(db, COUNT), 1);
	ASSERT_ERR(db_execute(db, "DELETE FROM thing"), ERR_OK);
	{
		int64_t highest = 0;

		ASSERT_ERR(db_highest(db, "thing", &highest), ERR_OK);
		CU_ASSERT_EQUAL(highest, 1);
		ASSERT_ERR(db_highest(db, "nothing", &highest), ERR_OK);
		CU_ASSERT_EQUAL(highest, 0);
	}
	db_close(&db);
}

static void test_copy(void)
{
	const char *dir = test_dir();
	struct db *db = with_table(dir), *copy = NULL;
	struct stat st;

	ASSERT_ERR(put(db, 5, "a"), ERR_OK);
	ASSERT_ERR(db_copy_to(db, path_of(dir, "copy.db")), ERR_OK);
	ASSERT_ERR(db_copy_to(db, path_of(dir, "copy.db")), ERR_EXISTS);
	CU_ASSERT(stat(path_of(dir, "copy.db"), &st) == 0 && (st.st_mode & 07777) == 0600);
	ASSERT_ERR(put(db, 6, "b"), ERR_OK);
	CU_ASSERT_FATAL(db_open(&(struct db_place){.path = path_of(dir, "copy.db")}, &copy) ==
			ERR_OK);
	CU_ASSERT_EQUAL(number(copy, "SELECT sum(n) FROM thing"), 5);
	db_close(&copy);
	ASSERT_ERR(db_open(&(struct db_place){.path = path_of(dir, "none.db")}, &copy),
		   ERR_PERMISSION);
	db_close(&db);
}

static enum err put_whole(struct db *db, int64_t n, enum err inside)
{
	enum err e = db_begin(db, DB_WRITE);

	if (e)
		return e;
	e = put(db, n, "x");
	return db_end(db, e ? e : inside);
}

/* Many transactions are one, of which nobody sees anything before it is settled. */
static void test_gathering(void)
{
	const char *dir = test_dir();
	struct db *db = with_table(dir), *other = open_at(dir);

	db_gather(db);
	ASSERT_ERR(db_settle(db, ERR_OK), ERR_OK); /* nothing to do */
	ASSERT_ERR(put_whole(db, 1, ERR_OK), ERR_OK);
	ASSERT_ERR(put_whole(db, 2, ERR_REFUSED), ERR_REFUSED); /* taken back alone */
	ASSERT_ERR(put_whole(db, 1, ERR_OK), ERR_EXISTS);
	ASSERT_ERR(put_whole(db, 3, ERR_OK), ERR_OK);
	ASSERT_ERR(db_begin(db, DB_READ), ERR_OK);
	CU_ASSERT_EQUAL(number(db, COUNT), 2);
	ASSERT_ERR(db_end(db, ERR_OK), ERR_OK);
	CU_ASSERT_EQUAL(number(other, COUNT), 0);
	CU_ASSERT_EQUAL(db_tally(db).transactions, 0);
	ASSERT_ERR(db_settle(db, ERR_OK), ERR_OK);
	CU_ASSERT_EQUAL(number(other, COUNT), 2);
	CU_ASSERT_EQUAL(db_tally(db).transactions, 1);

	/* all is taken back, when somebody else could not keep his part of it */
	ASSERT_ERR(put_whole(db, 4, ERR_OK), ERR_OK);
	ASSERT_ERR(db_settle(db, ERR_FULL), ERR_FULL);
	CU_ASSERT_EQUAL(number(db, COUNT), 2);

	/* it does not wait for another one that writes, also after a transaction in a hurry */
	db_hurry(db);
	ASSERT_ERR(put_whole(db, 5, ERR_OK), ERR_OK);
	ASSERT_ERR(db_settle(db, ERR_OK), ERR_OK);
	ASSERT_ERR(db_begin(other, DB_WRITE), ERR_OK);
	ASSERT_ERR(put_whole(db, 6, ERR_OK), ERR_LOCKED);
	ASSERT_ERR(db_end(other, ERR_OK), ERR_OK);
	ASSERT_ERR(put_whole(db, 6, ERR_OK), ERR_OK);
	ASSERT_ERR(db_settle(db, ERR_OK), ERR_OK);
	CU_ASSERT_EQUAL(number(other, COUNT), 4);
	db_close(&db);
	db_close(&other);
}

TEST_SUITE(db, {"statements and values", test_statements},
	   {"transactions and their parts", test_transactions}, {"another process", test_lock},
	   {"a schema and its steps", test_schema}, {"a copy", test_copy},
	   {"many as one", test_gathering})
