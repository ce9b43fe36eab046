/* schema: the tables of the operator's store, and how those of a version before are brought up */
#include "host/operator/store/schema/adopt.h"
#include "host/operator/store/own.h"
#include "host/operator/store/schema/postgres.h"

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
 * Version 3: rotation of the second key. In version 2 a rotation raised the keyId and made no keys:
 * the keyId is set back. The log tells which card is on its second key, and which one has a second
 * profile. Challenges live for a minute; whoever needs one asks again.
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
	" ORDER BY seq DESC LIMIT 1) LIKE 'code of the second profile %';";

/*
 * Version 4: rows and the log's end are authenticated, approvals and challenges begin at a moment,
 * wrong answers are counted, and who said which eUICC it is stands beside the EID: until then the
 * first release did. What was approved lasted ten minutes.
 */
static const char schema_4[] = CHAIN_HEAD_TABLE
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
	" WHERE log.subscriber = subscriber.id), 0);";

/* Version 5: which number went with which challenge, and what a key has but its algorithm. */
static const char schema_5[] =
	"CREATE TABLE shape (subscriber INTEGER NOT NULL REFERENCES subscriber(id),"
	" sub INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (subscriber, sub));"
	"CREATE TABLE issued (n INTEGER PRIMARY KEY AUTOINCREMENT, subscriber INTEGER NOT NULL"
	" REFERENCES subscriber(id), sub INTEGER NOT NULL, rand BLOB NOT NULL, sqn INTEGER NOT"
	" NULL, at INTEGER NOT NULL);"
	"CREATE INDEX issued_of ON issued (subscriber, sub, n);";

/*
 * Version 7: K, OPc and shape of a subscription are one sealed value, and what awaits a card's
 * result is in the database.
 */
static const char schema_7[] =
	"ALTER TABLE subscriber ADD COLUMN key1 BLOB; ALTER TABLE subscriber ADD COLUMN key2 BLOB;"
	"ALTER TABLE subscriber ADD COLUMN key2_spare BLOB;"
	"CREATE TABLE awaited (eid BLOB NOT NULL, nonce BLOB NOT NULL, iccid BLOB NOT NULL,"
	" at INTEGER NOT NULL, challenge BLOB NOT NULL, mac BLOB NOT NULL,"
	" PRIMARY KEY (eid, nonce));";
static const char schema_7_after[] =
	"ALTER TABLE subscriber DROP COLUMN k1; ALTER TABLE subscriber DROP COLUMN opc1;"
	"ALTER TABLE subscriber DROP COLUMN k2; ALTER TABLE subscriber DROP COLUMN opc2;"
	"ALTER TABLE subscriber DROP COLUMN k2_spare; ALTER TABLE subscriber DROP COLUMN "
	"opc2_spare;"
	"DROP TABLE shape;";

/* Version 8: second factors beside the code generator, a row a subscriber, and what is wanted. */
static const char schema_8[] =
	"ALTER TABLE subscriber ADD COLUMN book_revision INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE book (subscriber INTEGER PRIMARY KEY REFERENCES subscriber(id),"
	" revision INTEGER NOT NULL, value BLOB NOT NULL);"
	"CREATE TABLE wants (id INTEGER PRIMARY KEY, value BLOB NOT NULL);"
	"CREATE TABLE batch (provider TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,"
	" value BLOB NOT NULL, PRIMARY KEY (provider, name));"
	"CREATE TABLE desk (name TEXT PRIMARY KEY, value BLOB NOT NULL);";

/* Version 9: in which modes a second subscription is released, and what belongs to each one. */
static const char schema_9[] =
	"ALTER TABLE subscriber ADD COLUMN derived INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN in_memory INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN keep_first INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN msisdn1 TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE subscriber ADD COLUMN msisdn2 TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE subscriber ADD COLUMN networks1 BLOB;"
	"ALTER TABLE subscriber ADD COLUMN networks2 BLOB;";

/* Version 10: a challenge tells its number itself (docs/adr/0062). */
static const char schema_10[] =
	"ALTER TABLE subscriber ADD COLUMN heard1 INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE subscriber ADD COLUMN heard2 INTEGER NOT NULL DEFAULT 0;"
	"DROP TABLE issued;";

/* Version 11: entries of the log can leave for a file (host/operator/audit/chain.h). */
static const char schema_11[] = CHAIN_ANCHOR_TABLE "ALTER TABLE log ADD COLUMN prior BLOB;";

static enum err to_version_3(void *store)
{
	struct operator_store *s = store;

	return db_execute(s->db, schema_3);
}

static enum err to_version_4(void *store)
{
	struct operator_store *s = store;
	enum err e = db_execute(s->db, schema_4);

	if (!e)
		e = chain_adopt(&s->log);
	if (!e)
		e = adopt_factors(s);
	return e ? e : db_execute(s->db, "DROP TABLE old_totp");
}

static enum err to_version_5(void *store)
{
	struct operator_store *s = store;

	return db_execute(s->db, schema_5);
}

/* Version 6: all of a row is authenticated, keys and numbers too, and how many rows there are. */
static enum err to_version_6(void *store)
{
	return adopt_rows(store);
}

static enum err to_version_7(void *store)
{
	struct operator_store *s = store;
	enum err e = db_execute(s->db, schema_7);

	if (!e)
		e = adopt_keys(s);
	if (!e)
		e = adopt_awaited(s);
	return e ? e : db_execute(s->db, schema_7_after);
}

static enum err to_version_8(void *store)
{
	const struct operator_store *s = store;

	return db_execute(s->db, schema_8);
}

static enum err to_version_9(void *store)
{
	struct operator_store *s = store;
	enum err e = db_execute(s->db, schema_9);

	return e ? e : adopt_modes(s);
}

static enum err to_version_10(void *store)
{
	struct operator_store *s = store;
	enum err e = db_execute(s->db, schema_10);

	return e ? e : adopt_heard(s);
}

static enum err to_version_11(void *store)
{
	const struct operator_store *s = store;

	return db_execute(s->db, schema_11);
}

static enum err (*const steps[])(void *store) = {
	to_version_3, to_version_4, to_version_5,  to_version_6,  to_version_7,
	to_version_8, to_version_9, to_version_10, to_version_11, NULL};

static enum err begin_store(void *store)
{
	const struct operator_store *s = store;
	enum err e = keyring_mark(s->keyring, s->db);

	return e ? e : chain_begin(&s->log);
}

/* Who is referred to comes first. */
static const char *const tables[] = {"subscriber", "nonce",	 "pending", "totp", "log",
				     "log_head",   "log_anchor", "awaited", "book", "wants",
				     "batch",	   "desk",	 NULL};

const struct db_schema store_schema = {.make = schema,
				       .made = 2,
				       .oldest = 2,
				       .steps = steps,
				       .postgres = store_schema_postgres,
				       .server = 11,
				       .begin = begin_store,
				       .tables = tables};
