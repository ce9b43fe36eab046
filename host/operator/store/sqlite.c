#include "host/operator/store/sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/pki/private.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"

#define SCHEMA_VERSION 6
#define SCHEMA_FIRST   2 /* what it is brought up from */
#define PATH_CAP       4096

/* Version 2; what came since is below, for a new store as for an old one. */
static const char schema[] =
	"CREATE TABLE subscriber ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, iccid BLOB NOT NULL UNIQUE,"
	" imsi1 TEXT NOT NULL UNIQUE, imsi2 TEXT NOT NULL UNIQUE, alg1 INTEGER NOT NULL,"
	" alg2 INTEGER NOT NULL, eid BLOB, key_id INTEGER NOT NULL, state INTEGER NOT NULL,"
	" first_at INTEGER NOT NULL DEFAULT 0, second_until INTEGER NOT NULL DEFAULT 0,"
	" k1 BLOB NOT NULL, opc1 BLOB NOT NULL, k2 BLOB NOT NULL, opc2 BLOB NOT NULL,"
	" s BLOB NOT NULL, sqn1 INTEGER NOT NULL DEFAULT 0, sqn2 INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE nonce (eid BLOB NOT NULL, nonce BLOB NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (eid, nonce));"
	"CREATE TABLE pending (id TEXT PRIMARY KEY, subscriber INTEGER NOT NULL REFERENCES"
	" subscriber(id), sub INTEGER NOT NULL, gsm INTEGER NOT NULL, rand BLOB NOT NULL,"
	" res BLOB NOT NULL, expires INTEGER NOT NULL);"
	"CREATE TABLE totp (subscriber INTEGER PRIMARY KEY REFERENCES subscriber(id),"
	" seed BLOB NOT NULL, last_step INTEGER NOT NULL DEFAULT 0,"
	" failures INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE log (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
	" subscriber INTEGER NOT NULL, event TEXT NOT NULL, from_state TEXT NOT NULL,"
	" to_state TEXT NOT NULL, actor TEXT NOT NULL, evidence TEXT NOT NULL,"
	" link BLOB NOT NULL);"
	"CREATE TRIGGER log_keep BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'log'); END;"
	"CREATE TRIGGER log_stay BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'log'); END;";

/*
 * Version 3: rotation of the second key. In version 2 a rotation raised the keyId, and no more: it
 * is set back to that of the keys. Which card is on its second key, and which one has a second
 * profile, the log knows. Challenges live for a minute and are asked for again.
 */
static const char schema_3[] =
	"ALTER TABLE subscriber ADD COLUMN spare_key_id INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN k2_spare BLOB;"
	"ALTER TABLE subscriber ADD COLUMN opc2_spare BLOB;"
	"ALTER TABLE subscriber ADD COLUMN s_spare BLOB;"
	"ALTER TABLE subscriber ADD COLUMN reseal BLOB;"
	"ALTER TABLE subscriber ADD COLUMN granted_key_id INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN second INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE pending ADD COLUMN key_id INTEGER NOT NULL DEFAULT 0;"
	"DELETE FROM pending;"
	"UPDATE subscriber SET key_id = key_id - (SELECT count(*) FROM log"
	" WHERE log.subscriber = subscriber.id AND event = 'rotate');"
	"UPDATE subscriber SET granted_key_id = key_id WHERE EXISTS (SELECT 1 FROM log"
	" WHERE log.subscriber = subscriber.id AND event = 'grant');"
	"UPDATE subscriber SET second = 1 WHERE 'res2' = (SELECT event FROM log"
	" WHERE log.subscriber = subscriber.id AND event IN ('res1', 'res2')"
	" ORDER BY seq DESC LIMIT 1);"
	"UPDATE subscriber SET second = 2 WHERE (SELECT evidence FROM log"
	" WHERE log.subscriber = subscriber.id AND event = 'grant'"
	" ORDER BY seq DESC LIMIT 1) LIKE 'code of the second profile %';"
	"PRAGMA user_version = 3;";

/*
 * Version 4: rows and the log's end are authenticated, approvals and challenges begin at a moment,
 * wrong answers are counted, and who said which eUICC it is stands beside the EID: until then the
 * first release did. What was approved lasted ten minutes.
 */
static const char schema_4[] = OLD_CHAIN_HEAD_TABLE
	"CREATE INDEX log_of ON log (subscriber, seq);"
	"ALTER TABLE subscriber ADD COLUMN second_from INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN bound_by INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN wrong INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN wrong_at INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN totp_revision INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN mac BLOB;"
	"UPDATE subscriber SET bound_by = 1 WHERE eid IS NOT NULL;"
	"UPDATE subscriber SET second_from = second_until - 600 WHERE second_until > 600;"
	"ALTER TABLE totp RENAME TO old_totp;"
	"CREATE TABLE totp (subscriber INTEGER PRIMARY KEY REFERENCES subscriber(id),"
	" revision INTEGER NOT NULL, failures INTEGER NOT NULL, used BLOB NOT NULL,"
	" seed BLOB NOT NULL, mac BLOB NOT NULL);"
	"ALTER TABLE pending ADD COLUMN made INTEGER NOT NULL DEFAULT 0;"
	"DELETE FROM pending;"
	"UPDATE subscriber SET log_seq = coalesce((SELECT max(seq) FROM log"
	" WHERE log.subscriber = subscriber.id), 0);"
	"PRAGMA user_version = 4;";

/* Version 5: which number went with which challenge, and what a key has but its algorithm. */
static const char schema_5[] =
	"CREATE TABLE shape (subscriber INTEGER NOT NULL REFERENCES subscriber(id),"
	" sub INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (subscriber, sub));"
	"CREATE TABLE issued (n INTEGER PRIMARY KEY AUTOINCREMENT, subscriber INTEGER NOT NULL"
	" REFERENCES subscriber(id), sub INTEGER NOT NULL, rand BLOB NOT NULL, sqn INTEGER NOT"
	" NULL, at INTEGER NOT NULL);"
	"CREATE INDEX issued_of ON issued (subscriber, sub, n);"
	"PRAGMA user_version = 5;";

enum err sql_exec(struct operator_store *s, const char *sql)
{
	return sql_execute(s->db, sql);
}

enum err sql_begin(struct operator_store *s)
{
	enum err e = sql_exec(s, "BEGIN IMMEDIATE");

	if (!e && s->hurried) {
		s->hurried = false;
		sql_patience(s->db, true, s->cancel);
	}
	return e;
}

void operator_store_hurry(struct operator_store *s)
{
	s->hurried = true;
	sql_patience(s->db, false, s->cancel);
}

enum err sql_begin_read(struct operator_store *s)
{
	return sql_exec(s, "BEGIN");
}

enum err sql_end(struct operator_store *s, enum err e)
{
	if (!e)
		e = sql_exec(s, "COMMIT");
	if (e && !sqlite3_get_autocommit(s->db))
		(void)!sql_exec(s, "ROLLBACK");
	return e;
}

enum err sql_prepare(struct operator_store *s, const char *sql, sqlite3_stmt **out)
{
	return sql_err(sqlite3_prepare_v2(s->db, sql, -1, out, NULL));
}

enum err sql_run(struct operator_store *s, sqlite3_stmt *st, int *changes)
{
	int code = sqlite3_step(st);

	if (changes)
		*changes = sqlite3_changes(s->db);
	sqlite3_finalize(st);
	return sql_err(code);
}

enum err sql_row(struct operator_store *s, sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	(void)s;
	return code == SQLITE_ROW ? ERR_OK : code == SQLITE_DONE ? ERR_NOT_FOUND : sql_err(code);
}

enum err sql_seal(struct operator_store *s, const char *label, struct slice plain, struct wbuf *out)
{
	uint8_t nonce[GCM_NONCE_LEN];
	enum err e = random_bytes(nonce, sizeof(nonce));

	if (e)
		return e;
	wbuf_put(out, SLICE_OF(nonce));
	return gcm_seal(s->seal, nonce, slice_str(label), plain, out);
}

enum err sql_unseal(struct operator_store *s, const char *label, struct slice sealed,
		    struct secret **out)
{
	struct secret *plain;
	struct wbuf w;
	enum err e;

	if (sealed.len <= GCM_NONCE_LEN + GCM_TAG_LEN)
		return ERR_CORRUPT;
	plain = secret_new(sealed.len - GCM_NONCE_LEN - GCM_TAG_LEN);
	if (!plain)
		return ERR_MEMORY;
	w = wbuf_init(plain->bytes, plain->len);
	e = gcm_open(s->seal, sealed.ptr, slice_str(label),
		     slice_sub(sealed, GCM_NONCE_LEN, sealed.len), &w);
	if (e)
		secret_free(&plain);
	else
		*out = plain;
	return e == ERR_MAC ? ERR_CORRUPT : e;
}

static enum err read_version(struct operator_store *s, int *version)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "PRAGMA user_version", &st);

	if (!e)
		e = sql_row(s, st);
	if (!e)
		*version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return e;
}

static enum err to_version_3(struct operator_store *s)
{
	return sql_exec(s, schema_3);
}

static enum err to_version_4(struct operator_store *s)
{
	enum err e = sql_exec(s, schema_4);

	if (!e)
		e = old_chain_adopt(&s->log);
	if (!e)
		e = sql_totp_adopt(s);
	return e ? e : sql_exec(s, "DROP TABLE old_totp");
}

static enum err to_version_5(struct operator_store *s)
{
	return sql_exec(s, schema_5);
}

/* Version 6: all of a row is authenticated, keys and numbers too, and how many rows there are. */
static enum err to_version_6(struct operator_store *s)
{
	enum err e = sql_subscribers_adopt(s);

	return e ? e : sql_exec(s, "PRAGMA user_version = 6");
}

/* How a store of each version becomes one of the next. */
static enum err (*const raise[])(struct operator_store *s) = {to_version_3, to_version_4,
							      to_version_5, to_version_6};
_Static_assert(SCHEMA_FIRST + ARRAY_LEN(raise) == SCHEMA_VERSION, "a step for each version");

static enum err raise_from(struct operator_store *s, int version)
{
	enum err e = ERR_OK;

	while (!e && version >= SCHEMA_FIRST && version < SCHEMA_VERSION)
		e = raise[version++ - SCHEMA_FIRST](s);
	return e;
}

/* A store of a version before is brought up; two processes may find it at once. */
static enum err check_version(struct operator_store *s)
{
	int version = 0;
	enum err e = read_version(s, &version);

	if (!e && version < s->own.version)
		return ERR_CORRUPT; /* it was brought up before: somebody has set it back */
	if (!e && version >= SCHEMA_FIRST && version < SCHEMA_VERSION) {
		e = sql_begin(s);
		if (e)
			return e;
		e = read_version(s, &version);
		if (!e)
			e = raise_from(s, version);
		e = sql_end(s, e);
		if (!e)
			e = read_version(s, &version);
	}
	return e ? e : version == SCHEMA_VERSION ? ERR_OK : ERR_VERSION;
}

static enum err make_schema(struct operator_store *s)
{
	enum err e = sql_begin(s);

	if (e)
		return e;
	e = sql_exec(s, schema);
	if (!e)
		e = raise_from(s, SCHEMA_FIRST);
	return sql_end(s, e);
}

static enum err load_key(struct operator_store *s, const char *path, bool create)
{
	enum err e = create ? key_file_make(path, &s->own) : key_file_read(path, &s->own);

	if (e)
		return e;
	s->seal = gcm_new(secret_slice(s->own.key));
	s->row_key = old_chain_head_key(secret_slice(s->own.key));
	sql_log_begin(s);
	return s->seal && s->row_key ? ERR_OK : ERR_MEMORY;
}

static enum err open_store(const char *dir, bool create, struct cancel *cancel,
			   struct operator_store **out)
{
	struct operator_store *s = calloc(1, sizeof(*s));
	char db[PATH_CAP], key[PATH_CAP];
	int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
	enum err e = s ? file_join(dir, "operator.db", db, sizeof(db)) : ERR_MEMORY;

	if (s)
		s->cancel = cancel;
	if (!e)
		e = file_join(dir, "store.key", key, sizeof(key));
	if (!e && create && access(db, F_OK) == 0)
		e = ERR_EXISTS;
	if (!e && create)
		e = file_make_dir(dir);
	if (!e)
		e = operator_folder_check(dir);
	if (!e && !create && access(db, F_OK) != 0)
		e = ERR_NOT_FOUND;
	if (!e)
		e = load_key(s, key, create);
	if (!e && create)
		e = folder_make_database(db);
	if (!e)
		e = sql_open(db, flags, &s->db);
	if (!e) {
		sql_patience(s->db, true, s->cancel);
		e = sql_exec(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				"PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;");
	}
	if (!e)
		e = create ? make_schema(s) : check_version(s);
	if (!e)
		e = key_file_tell(key, &s->own, SCHEMA_VERSION);
	if (e)
		operator_store_close(&s);
	else
		*out = s;
	return e;
}

enum err operator_store_create(const char *dir, struct cancel *cancel, struct operator_store **out)
{
	return open_store(dir, true, cancel, out);
}

enum err operator_store_open(const char *dir, struct cancel *cancel, struct operator_store **out)
{
	return open_store(dir, false, cancel, out);
}

void operator_store_close(struct operator_store **s)
{
	if (!*s)
		return;
	sqlite3_close((*s)->db);
	gcm_free(&(*s)->seal);
	secret_free(&(*s)->own.key);
	secret_free(&(*s)->row_key);
	free(*s);
	*s = NULL;
}
