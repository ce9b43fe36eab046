#include "host/operator/smdp/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "host/operator/smdp/store/sql.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/folder.h"
#include "tool/sys/wait.h"

#define SCHEMA_VERSION 9
#define LOCK_PAUSE_MS  2

#define PROFILE_TABLE                                                                              \
	"CREATE TABLE profile (id INTEGER PRIMARY KEY AUTOINCREMENT, iccid BLOB NOT NULL UNIQUE,"  \
	" type TEXT NOT NULL, state INTEGER NOT NULL, matching_id TEXT UNIQUE,"                    \
	" eid BLOB NOT NULL, linked INTEGER NOT NULL, code BLOB, code_tries INTEGER NOT NULL,"     \
	" code_tries_max INTEGER NOT NULL, downloads INTEGER NOT NULL,"                            \
	" downloads_max INTEGER NOT NULL, ordered INTEGER NOT NULL, expires INTEGER NOT NULL,"     \
	" revision INTEGER NOT NULL, binding BLOB);"
/* Apart, because a change of an order would write a package of its row anew. */
#define PACKAGE_TABLE                                                                              \
	"CREATE TABLE package (profile INTEGER PRIMARY KEY, metadata BLOB NOT NULL,"               \
	" upp BLOB NOT NULL);"
/* 0: none, or not known */
#define SERVICES_COLUMN "ALTER TABLE package ADD COLUMN services INTEGER NOT NULL DEFAULT 0;"
#define SESSION_COLUMNS                                                                            \
	"(id BLOB PRIMARY KEY, state INTEGER NOT NULL, curve INTEGER NOT NULL,"                    \
	" euicc_curve INTEGER NOT NULL, challenge BLOB NOT NULL, created INTEGER NOT NULL,"        \
	" profile INTEGER NOT NULL, eid BLOB NOT NULL, point BLOB NOT NULL,"                       \
	" signature BLOB NOT NULL, otpk BLOB NOT NULL)"
#define SESSION_TABLE "CREATE TABLE session " SESSION_COLUMNS " WITHOUT ROWID;"
#define LOG_TABLE                                                                                  \
	"CREATE TABLE log (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"            \
	" iccid TEXT NOT NULL, event TEXT NOT NULL, from_state TEXT NOT NULL,"                     \
	" to_state TEXT NOT NULL, actor TEXT NOT NULL, evidence TEXT NOT NULL,"                    \
	" link BLOB NOT NULL);"
#define NOTIFICATION_TABLE                                                                         \
	"CREATE TABLE notification (eid BLOB NOT NULL, seq INTEGER NOT NULL,"                      \
	" digest BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (eid, seq, digest)) WITHOUT "     \
	"ROWID;"
#define TOLD_TABLE                                                                                 \
	"CREATE TABLE told (profile INTEGER NOT NULL, eid BLOB NOT NULL, seq INTEGER NOT NULL,"    \
	" PRIMARY KEY (profile, eid)) WITHOUT ROWID;"
/* Each index holds only the rows that are looked up by it: a binding touches none of profile. */
#define INDEXES                                                                                    \
	"CREATE INDEX profile_eid ON profile (eid) WHERE linked AND matching_id IS NULL;"          \
	"CREATE INDEX profile_state ON profile (type) WHERE state = " SMDP_AVAILABLE_SQL ";"       \
	"CREATE INDEX session_created ON session (created);"

static const char schema[] = "BEGIN IMMEDIATE;" PROFILE_TABLE PACKAGE_TABLE SESSION_TABLE LOG_TABLE
	NOTIFICATION_TABLE INDEXES SERVICES_COLUMN TOLD_TABLE "PRAGMA user_version = 6; COMMIT;";

/* Version 1 had one order for each profile, open at once; its sessions end. */
static const char from_1[] =
	"BEGIN IMMEDIATE; ALTER TABLE profile RENAME TO old; DROP TABLE session;" PROFILE_TABLE
		PACKAGE_TABLE SESSION_TABLE LOG_TABLE NOTIFICATION_TABLE
	"INSERT INTO profile (id, iccid, type, state, matching_id, eid, linked, code_tries,"
	" code_tries_max, downloads, downloads_max, ordered, expires, revision)"
	" SELECT id, iccid, '', CASE state WHEN 1 THEN 5 WHEN 2 THEN 6 WHEN 3 THEN 7 ELSE 5 END,"
	" matching_id, eid, 0, 0, 3, 0, 10, 0, 0, 1 FROM old;"
	"INSERT INTO package SELECT id, metadata, upp FROM old; DROP TABLE old;" INDEXES
		SERVICES_COLUMN "PRAGMA user_version = 5; COMMIT;";

/* Version 2 had the packages in the rows of their orders. */
static const char from_2[] =
	"BEGIN IMMEDIATE;" PACKAGE_TABLE
	"INSERT INTO package SELECT id, metadata, upp FROM profile;"
	"ALTER TABLE profile DROP COLUMN metadata; ALTER TABLE profile DROP COLUMN upp;"
	"PRAGMA user_version = 3; COMMIT;";

/* Version 3 indexed all rows, and sessions twice. */
static const char from_3[] = "BEGIN IMMEDIATE; ALTER TABLE session RENAME TO old;"
			     "DROP INDEX session_created;" SESSION_TABLE
			     "INSERT INTO session SELECT * FROM old; DROP TABLE old;"
			     "DROP INDEX profile_eid; DROP INDEX profile_state;" INDEXES
			     "PRAGMA user_version = 4; COMMIT;";

/* Version 4 did not know what a package demands of the eUICC. */
static const char from_4[] = "BEGIN IMMEDIATE;" SERVICES_COLUMN "PRAGMA user_version = 5; COMMIT;";

/* Version 5 only logged what an eUICC told of its profiles. */
static const char from_5[] = "BEGIN IMMEDIATE;" TOLD_TABLE "PRAGMA user_version = 6; COMMIT;";

/* Version 6 did not authenticate the end of its log; the head is made by old_chain_adopt(). */
static const char from_6[] = "BEGIN IMMEDIATE;" OLD_CHAIN_HEAD_TABLE "PRAGMA user_version = 7;";

/* Version 7 did not authenticate rows; the macs are made by those who write the rows. */
static const char from_7[] =
	"BEGIN IMMEDIATE; CREATE INDEX log_of ON log (iccid, seq);"
	"ALTER TABLE profile ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE profile ADD COLUMN mac BLOB; ALTER TABLE package ADD COLUMN mac BLOB;"
	"ALTER TABLE session ADD COLUMN mac BLOB;"
	"UPDATE profile SET log_seq = coalesce((SELECT max(seq) FROM log WHERE log.iccid ="
	" lower(hex(profile.iccid))), 0); PRAGMA user_version = 8;";

enum err manager_execute(struct smdp_store *s, const char *sql)
{
	return sql_execute(s->db, sql);
}

enum err manager_prepare(struct smdp_store *s, const char *sql, sqlite3_stmt **out)
{
	enum err e;

	for (size_t i = 0; i < s->statement_count; i++) {
		if (s->statements[i].sql == sql && !sqlite3_stmt_busy(s->statements[i].st)) {
			*out = s->statements[i].st;
			return ERR_OK;
		}
	}
	if (s->statement_count == MANAGER_STATEMENTS_MAX)
		return ERR_MEMORY;
	e = sql_err(sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL));
	if (!e)
		s->statements[s->statement_count++] = (struct manager_statement){sql, *out};
	return e;
}

void manager_done(sqlite3_stmt *st)
{
	sqlite3_reset(st);
	if (st)
		sqlite3_clear_bindings(st); /* what was bound may have been secret */
}

enum err manager_run(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	manager_done(st);
	return sql_err(code);
}

enum err manager_row(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	return code == SQLITE_ROW ? ERR_OK : code == SQLITE_DONE ? ERR_NOT_FOUND : sql_err(code);
}

enum err manager_copy(sqlite3_stmt *st, int at, uint8_t *dst, size_t n)
{
	return slice_copy(sql_column(st, at), dst, n) ? ERR_CORRUPT : ERR_OK;
}

void manager_bind_text(sqlite3_stmt *st, int at, const char *text)
{
	sqlite3_bind_text(st, at, text, -1, SQLITE_TRANSIENT);
}

enum err manager_seal(struct smdp_store *s, struct slice aad, struct slice plain, struct wbuf *out)
{
	uint8_t nonce[GCM_NONCE_LEN];
	enum err e = random_bytes(nonce, sizeof(nonce));

	wbuf_put(out, SLICE_OF(nonce));
	return e ? e : gcm_seal(s->seal, nonce, aad, plain, out);
}

enum err manager_open(struct smdp_store *s, struct slice aad, struct slice sealed, struct wbuf *out)
{
	enum err e;

	if (sealed.len < GCM_NONCE_LEN + GCM_TAG_LEN)
		return ERR_CORRUPT;
	e = gcm_open(s->seal, sealed.ptr, aad, slice_sub(sealed, GCM_NONCE_LEN, sealed.len), out);
	return e == ERR_MAC ? ERR_CORRUPT : e;
}

static enum err load_key(struct smdp_store *s, const char *path, bool create)
{
	enum err e = create ? key_file_make(path, &s->own) : key_file_read(path, &s->own);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	s->seal = gcm_new(secret_slice(s->own.key));
	return s->seal ? manager_log_begin(s) : ERR_MEMORY;
}

static enum err close_transaction(struct smdp_store *s, enum err e);

static enum err to_version_7(struct smdp_store *s)
{
	enum err e = manager_execute(s, from_6);

	return close_transaction(s, e ? e : old_chain_adopt(&s->log));
}

static enum err to_version_8(struct smdp_store *s)
{
	enum err e = manager_execute(s, from_7);

	if (!e)
		e = manager_packages_adopt(s);
	return close_transaction(s, e ? e : manager_sessions_adopt(s));
}

/* Version 8 did not authenticate what an eUICC has told of a profile. */
static enum err to_version_9(struct smdp_store *s)
{
	enum err e = manager_execute(s, "BEGIN IMMEDIATE; PRAGMA user_version = 9;");

	return close_transaction(s, e ? e : manager_profiles_adopt(s));
}

static enum err check_version(struct smdp_store *s)
{
	sqlite3_stmt *st = NULL;
	enum err e = manager_prepare(s, "PRAGMA user_version", &st);
	int version = 0;

	if (!e)
		e = manager_row(st);
	if (!e)
		version = sqlite3_column_int(st, 0);
	manager_done(st);
	if (!e && version < s->own.version)
		e = ERR_CORRUPT; /* it was brought up before: somebody has set it back */
	if (!e && version == 0)	 /* new, or its making was cut short */
		e = manager_execute(s, schema);
	else if (!e && version == 1)
		e = manager_execute(s, from_1);
	else if (!e && (version < 0 || version > SCHEMA_VERSION))
		e = ERR_VERSION;
	if (!e && version == 2)
		e = manager_execute(s, from_2);
	if (!e && (version == 2 || version == 3))
		e = manager_execute(s, from_3);
	if (!e && version >= 2 && version <= 4)
		e = manager_execute(s, from_4);
	if (!e && version >= 1 && version <= 5)
		e = manager_execute(s, from_5);
	if (!e && version < 7)
		e = to_version_7(s);
	if (!e && version < 8)
		e = to_version_8(s);
	if (!e && version < SCHEMA_VERSION)
		e = to_version_9(s);
	return e ? e : manager_execute(s, "CREATE TEMP TABLE fresh " SESSION_COLUMNS);
}

/* Who makes the folder's files, or brings them up to date, does it alone. */
static enum err lock_folder(const char *dir, struct cancel *cancel, int *fd)
{
	struct wait w = wait_begin(cancel, "another process, which has the manager's folder");
	static const struct folder_part parts[] = {
		{"manager.db", FOLDER_SECRET},	   {"manager.db-wal", FOLDER_SECRET},
		{"manager.db-shm", FOLDER_SECRET}, {"manager.db-journal", FOLDER_SECRET},
		{"manager.key", FOLDER_SECRET},
	};
	enum err e = folder_check(dir, parts, ARRAY_LEN(parts), fd);

	if (e)
		return e;
	for (int waited = 0; flock(*fd, LOCK_EX | LOCK_NB); waited += LOCK_PAUSE_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return errno_err(errno);
		if (waited >= SQL_PATIENCE_MS)
			return ERR_LOCKED;
		e = wait_pause(&w, LOCK_PAUSE_MS);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err smdp_store_open(const char *dir, struct cancel *cancel, struct smdp_store **out)
{
	struct smdp_store *s = calloc(1, sizeof(*s));
	char db[PATH_CAP], key[PATH_CAP];
	int lock = -1;
	enum err e = s ? path_join(dir, "manager.db", db, sizeof(db)) : ERR_MEMORY;

	if (s)
		s->cancel = cancel;
	if (!e)
		e = path_join(dir, "manager.key", key, sizeof(key));
	if (!e)
		e = file_make_dir(dir);
	if (!e)
		e = lock_folder(dir, cancel, &lock);
	if (!e)
		e = load_key(s, key, access(db, F_OK) != 0 && access(key, F_OK) != 0);
	if (!e)
		e = folder_make_database(db);
	if (!e)
		e = sql_open(db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &s->db);
	if (!e) {
		sql_patience(s->db, true, s->cancel);
		e = manager_execute(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				       "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;");
	}
	if (!e)
		e = check_version(s);
	if (!e)
		e = key_file_tell(key, &s->own, SCHEMA_VERSION);
	if (lock >= 0)
		close(lock);
	if (e)
		smdp_store_close(&s);
	else
		*out = s;
	return e;
}

void smdp_store_close(struct smdp_store **s)
{
	if (!*s)
		return;
	for (size_t i = 0; i < (*s)->statement_count; i++)
		sqlite3_finalize((*s)->statements[i].st);
	gcm_free(&(*s)->seal);
	secret_free(&(*s)->own.key);
	secret_free(&(*s)->head_key);
	sqlite3_close((*s)->db);
	free(*s);
	*s = NULL;
}

static enum err run_once(struct smdp_store *s, const char *sql)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, sql, &st);

	return e ? e : manager_run(st);
}

static bool is_open(const struct smdp_store *s)
{
	return !sqlite3_get_autocommit(s->db);
}

/* A full disk or an error of it makes SQLite take back the whole transaction. */
static bool is_lost(const struct smdp_store *s)
{
	return s->gathered && !is_open(s);
}

/* Ends the transaction: e, or why what was done in it could not be kept. */
static enum err close_transaction(struct smdp_store *s, enum err e)
{
	enum err undone;

	if (!e)
		e = run_once(s, "COMMIT");
	if (e && is_open(s)) {
		undone = manager_execute(s, "ROLLBACK");
		e = undone ? undone : e;
	}
	return e;
}

/* The same for a part of what is gathered. */
static enum err close_part(struct smdp_store *s, enum err e)
{
	enum err undone = ERR_OK;

	if (is_lost(s))
		return e ? e : ERR_IO;
	if (e)
		undone = run_once(s, "ROLLBACK TO part");
	if (!undone)
		undone = run_once(s, "RELEASE part");
	if (undone) /* what belongs to the part can not be told from the rest */
		return close_transaction(s, undone);
	return e;
}

enum err smdp_store_begin(struct smdp_store *s)
{
	enum err e = ERR_OK;

	if (s->depth == 0) {
		if (is_lost(s))
			return ERR_IO;
		if (!is_open(s))
			e = run_once(s, "BEGIN IMMEDIATE");
		if (!e && s->gathers) {
			s->gathered = true;
			e = run_once(s, "SAVEPOINT part");
		}
		s->failed = false;
	}
	if (!e)
		s->depth++;
	return e;
}

enum err smdp_store_end(struct smdp_store *s, enum err e)
{
	if (e)
		s->failed = true;
	if (--s->depth)
		return e;
	if (s->failed && !e) /* something inside was not kept */
		e = ERR_IO;
	return s->gathers ? close_part(s, e) : close_transaction(s, e);
}

void smdp_store_gather(struct smdp_store *s)
{
	s->gathers = true;
	sql_patience(s->db, false, s->cancel);
}

enum err smdp_store_settle(struct smdp_store *s)
{
	enum err e = ERR_OK;

	if (is_lost(s))
		e = ERR_IO;
	else if (s->gathered)
		e = close_transaction(s, ERR_OK);
	s->gathered = false;
	return e;
}
