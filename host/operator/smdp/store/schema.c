#include "host/operator/smdp/store/schema.h"

#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile_row.h"
#include "host/operator/smdp/store/session.h"

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
#define SESSION_FIELDS                                                                             \
	" state INTEGER NOT NULL, curve INTEGER NOT NULL, euicc_curve INTEGER NOT NULL,"           \
	" challenge BLOB NOT NULL, created INTEGER NOT NULL, profile INTEGER NOT NULL,"            \
	" eid BLOB NOT NULL, point BLOB NOT NULL, signature BLOB NOT NULL, otpk BLOB NOT NULL"
#define SESSION_TABLE "CREATE TABLE session (id BLOB PRIMARY KEY," SESSION_FIELDS ") WITHOUT ROWID;"
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
#define PROFILE_EID_INDEX                                                                          \
	"CREATE INDEX profile_eid ON profile (eid) WHERE linked <> 0 AND matching_id IS NULL;"
#define PROFILE_INDEXES                                                                            \
	PROFILE_EID_INDEX                                                                          \
	"CREATE INDEX profile_state ON profile (type) WHERE state = " PROFILE_AVAILABLE_SQL ";"    \
	"CREATE INDEX session_created ON session (created);"

/* Version 6; what came since is below, for a new store as for an old one. */
static const char schema[] = PROFILE_TABLE PACKAGE_TABLE SESSION_TABLE LOG_TABLE NOTIFICATION_TABLE
	PROFILE_INDEXES SERVICES_COLUMN TOLD_TABLE;

/*
 * Version 2: version 1 had one order for each profile, open at once; its sessions end. The packages
 * were in the rows of their orders.
 */
static const char schema_2[] =
	"ALTER TABLE profile RENAME TO old; DROP TABLE session;" PROFILE_TABLE
	"ALTER TABLE profile ADD COLUMN metadata BLOB; ALTER TABLE profile ADD COLUMN upp "
	"BLOB;" SESSION_TABLE LOG_TABLE NOTIFICATION_TABLE
	"INSERT INTO profile (id, iccid, type, state, matching_id, eid, linked, code_tries,"
	" code_tries_max, downloads, downloads_max, ordered, expires, revision, metadata, upp)"
	" SELECT id, iccid, '', CASE state WHEN 1 THEN 5 WHEN 2 THEN 6 WHEN 3 THEN 7 ELSE 5 END,"
	" matching_id, eid, 0, 0, 3, 0, 10, 0, 0, 1, metadata, upp FROM old;"
	"DROP TABLE old;" PROFILE_INDEXES;

/* Version 3: packages have a table. */
static const char schema_3[] = PACKAGE_TABLE
	"INSERT INTO package SELECT id, metadata, upp FROM profile;"
	"ALTER TABLE profile DROP COLUMN metadata; ALTER TABLE profile DROP COLUMN upp;";

/* Version 4: not all rows are indexed any more, nor sessions twice. */
static const char schema_4[] =
	"ALTER TABLE session RENAME TO old; DROP INDEX session_created;" SESSION_TABLE
	"INSERT INTO session SELECT * FROM old; DROP TABLE old;"
	"DROP INDEX profile_eid; DROP INDEX profile_state;" PROFILE_INDEXES;

/* Version 5: what a package demands of the eUICC is known. */
static const char schema_5[] = SERVICES_COLUMN;

/* Version 6: what an eUICC tells of its profiles is more than logged. */
static const char schema_6[] = TOLD_TABLE;

/* Version 8: rows are authenticated. */
static const char schema_8[] =
	"CREATE INDEX log_of ON log (iccid, seq);"
	"ALTER TABLE profile ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE profile ADD COLUMN mac BLOB; ALTER TABLE package ADD COLUMN mac BLOB;"
	"ALTER TABLE session ADD COLUMN mac BLOB;"
	"UPDATE profile SET log_seq = coalesce((SELECT max(seq) FROM log WHERE log.iccid ="
	" lower(hex(profile.iccid))), 0);";

static enum err run(void *store, const char *sql)
{
	return db_execute(((struct smdp_store *)store)->db, sql);
}

static enum err to_version_2(void *store)
{
	return run(store, schema_2);
}

static enum err to_version_3(void *store)
{
	return run(store, schema_3);
}

static enum err to_version_4(void *store)
{
	return run(store, schema_4);
}

static enum err to_version_5(void *store)
{
	return run(store, schema_5);
}

static enum err to_version_6(void *store)
{
	return run(store, schema_6);
}

/* Version 7: the end of the log is authenticated. */
static enum err to_version_7(void *store)
{
	struct smdp_store *s = store;
	enum err e = run(s, CHAIN_HEAD_TABLE);

	return e ? e : chain_adopt(&s->log);
}

static enum err to_version_8(void *store)
{
	enum err e = run(store, schema_8);

	if (!e)
		e = smdp_package_adopt(store);
	return e ? e : smdp_sessions_adopt(store);
}

/* Version 9: what an eUICC has told of a profile is authenticated with its row. */
static enum err to_version_9(void *store)
{
	return smdp_profile_row_each(store, smdp_profile_row_prove);
}

/* Version 10: what is true is a number in one database, and none in another. */
static const char schema_10[] = "DROP INDEX profile_eid;" PROFILE_EID_INDEX;

static enum err to_version_10(void *store)
{
	return run(store, schema_10);
}

static enum err (*const steps[])(void *store) = {
	to_version_2, to_version_3, to_version_4, to_version_5,	 to_version_6,
	to_version_7, to_version_8, to_version_9, to_version_10, NULL};

/* Version 10 in PostgreSQL, the first there. Sessions that are fresh are of all processes. */
#define PG_SESSION_FIELDS                                                                          \
	" state BIGINT NOT NULL, curve BIGINT NOT NULL, euicc_curve BIGINT NOT NULL,"              \
	" challenge BYTEA NOT NULL, created BIGINT NOT NULL, profile BIGINT NOT NULL,"             \
	" eid BYTEA NOT NULL, point BYTEA NOT NULL, signature BYTEA NOT NULL, otpk BYTEA NOT NULL"
static const char schema_postgres[] =
	"CREATE TABLE profile (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
	" iccid BYTEA NOT NULL UNIQUE, type TEXT NOT NULL, state BIGINT NOT NULL,"
	" matching_id TEXT UNIQUE, eid BYTEA NOT NULL, linked BIGINT NOT NULL, code BYTEA,"
	" code_tries BIGINT NOT NULL, code_tries_max BIGINT NOT NULL, downloads BIGINT NOT NULL,"
	" downloads_max BIGINT NOT NULL, ordered BIGINT NOT NULL, expires BIGINT NOT NULL,"
	" revision BIGINT NOT NULL, binding BYTEA, log_seq BIGINT NOT NULL DEFAULT 0, mac BYTEA);"
	"CREATE TABLE package (profile BIGINT PRIMARY KEY, metadata BYTEA NOT NULL,"
	" upp BYTEA NOT NULL, services BIGINT NOT NULL DEFAULT 0, mac BYTEA);"
	"CREATE TABLE session (id BYTEA PRIMARY KEY," PG_SESSION_FIELDS ", mac BYTEA);"
	"CREATE TABLE fresh (n BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
	" id BYTEA NOT NULL UNIQUE," PG_SESSION_FIELDS ", mac BYTEA);"
	"CREATE INDEX fresh_created ON fresh (created);"
	"CREATE TABLE log (seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, iccid TEXT NOT NULL,"
	" event TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,"
	" actor TEXT NOT NULL, evidence TEXT NOT NULL, link BYTEA NOT NULL);"
	"CREATE INDEX log_of ON log (iccid, seq);"
	"CREATE TABLE log_head (id BIGINT PRIMARY KEY CHECK (id = 1), seq BIGINT NOT NULL,"
	" link BYTEA NOT NULL, flags BIGINT NOT NULL, mac BYTEA NOT NULL);"
	"CREATE TABLE notification (eid BYTEA NOT NULL, seq BIGINT NOT NULL,"
	" digest BYTEA NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (eid, seq, digest));"
	"CREATE TABLE told (profile BIGINT NOT NULL, eid BYTEA NOT NULL, seq BIGINT NOT NULL,"
	" PRIMARY KEY (profile, eid));" PROFILE_INDEXES;

static enum err begin_manager(void *store)
{
	const struct smdp_store *s = store;
	enum err e = keyring_mark(s->keyring, s->db);

	return e ? e : chain_begin(&s->log);
}

static const char *const tables[] = {"profile",	 "package",	 "session", "log",
				     "log_head", "notification", "told",    NULL};

/* n: in the order in which they came. */
const struct db_schema smdp_schema = {
	.make = schema,
	.made = 6,
	.oldest = 1,
	.steps = steps,
	.postgres = schema_postgres,
	.server = 10,
	.begin = begin_manager,
	.tables = tables,
	.passing = "CREATE TEMP TABLE fresh (n INTEGER PRIMARY KEY, id BLOB NOT NULL "
		   "UNIQUE," SESSION_FIELDS ", mac BLOB)"};

int smdp_schema_version(void)
{
	return db_schema_version(&smdp_schema);
}

enum err smdp_schema_apply(struct smdp_store *s)
{
	int version = 0;
	enum err e = db_version(s->db, &version);

	if (!e && version < keyring_version(s->keyring))
		e = ERR_CORRUPT;
	if (!e && version && version < smdp_schema_version()) {
		e = db_keep(s->db, version);
		e = e == ERR_UNSUPPORTED ? ERR_OK : e;
	}
	if (!e)
		e = version ? db_raise(s->db, &smdp_schema, s) : db_make(s->db, &smdp_schema, s);
	return e ? e : db_make_passing(s->db, &smdp_schema);
}
