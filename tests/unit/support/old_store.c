#include "tests/unit/support/old_store.h"

#include <sqlite3.h>
#include <stdio.h>

#include "host/operator/audit/keyring.h"
#include "host/operator/store/store.h"
#include "lib/base/secret.h"
#include "tests/unit/test.h"

#define SUBSCRIBERS_MAX 8

static const char columns_6[] =
	"DROP TABLE log_anchor; ALTER TABLE log DROP COLUMN prior; DROP TABLE book; DROP TABLE "
	"wants; DROP TABLE batch; DROP TABLE desk; ALTER TABLE "
	"subscriber DROP COLUMN "
	"book_revision;"
	"DROP TABLE awaited;"
	"ALTER TABLE subscriber DROP COLUMN heard1; ALTER TABLE subscriber DROP COLUMN heard2;"
	"CREATE TABLE issued (n INTEGER PRIMARY KEY AUTOINCREMENT, subscriber INTEGER NOT NULL"
	" REFERENCES subscriber(id), sub INTEGER NOT NULL, rand BLOB NOT NULL, sqn INTEGER NOT"
	" NULL, at INTEGER NOT NULL);"
	"ALTER TABLE subscriber DROP COLUMN derived; ALTER TABLE subscriber DROP COLUMN in_memory;"
	"ALTER TABLE subscriber DROP COLUMN keep_first; ALTER TABLE subscriber DROP COLUMN msisdn1;"
	"ALTER TABLE subscriber DROP COLUMN msisdn2; ALTER TABLE subscriber DROP COLUMN networks1;"
	"ALTER TABLE subscriber DROP COLUMN networks2;"
	"CREATE TABLE shape (subscriber INTEGER NOT NULL REFERENCES subscriber(id),"
	" sub INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (subscriber, sub));"
	"ALTER TABLE subscriber DROP COLUMN key1; ALTER TABLE subscriber DROP COLUMN key2;"
	"ALTER TABLE subscriber DROP COLUMN key2_spare;"
	"ALTER TABLE subscriber ADD COLUMN k1 BLOB; ALTER TABLE subscriber ADD COLUMN opc1 BLOB;"
	"ALTER TABLE subscriber ADD COLUMN k2 BLOB; ALTER TABLE subscriber ADD COLUMN opc2 BLOB;"
	"ALTER TABLE subscriber ADD COLUMN k2_spare BLOB;"
	"ALTER TABLE subscriber ADD COLUMN opc2_spare BLOB; PRAGMA user_version = 6;";

struct old_subscriber {
	struct subscriber row;
	struct subscriber_keys keys, spare;
};

struct old {
	struct operator_store *s;
	struct old_subscriber subscribers[SUBSCRIBERS_MAX];
	size_t count;
};

static bool collect(void *ctx, const struct subscriber *sub)
{
	struct old *old = ctx;
	struct old_subscriber *o = &old->subscribers[old->count++];

	CU_ASSERT_FATAL(old->count <= SUBSCRIBERS_MAX);
	o->row = *sub;
	CU_ASSERT_FATAL(subscriber_keys_load(old->s, sub->id, &o->keys) == ERR_OK);
	if (sub->spare_key_id)
		CU_ASSERT_FATAL(subscriber_spare_keys_load(old->s, sub->id, &o->spare) == ERR_OK);
	return true;
}

struct place {
	sqlite3 *db;
	struct keyring *keyring;
	const struct subscriber *row;
};

static void put(const struct place *p, const char *column, const struct secret *key)
{
	uint8_t mem[128];
	struct wbuf sealed = wbuf_init(mem, sizeof(mem));
	char label[64], sql[96];
	sqlite3_stmt *st = NULL;

	if (!key)
		return;
	snprintf(label, sizeof(label), "subscriber/%s/%s", p->row->imsi[0], column);
	snprintf(sql, sizeof(sql), "UPDATE subscriber SET %s = ? WHERE id = ?", column);
	ASSERT_ERR(keyring_seal(p->keyring, slice_str(label), secret_slice(key), &sealed), ERR_OK);
	CU_ASSERT_FATAL(sqlite3_prepare_v2(p->db, sql, -1, &st, NULL) == SQLITE_OK);
	sqlite3_bind_blob(st, 1, sealed.ptr, (int)sealed.len, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, p->row->id);
	CU_ASSERT_EQUAL(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
}

void old_store_version_6(const char *dir)
{
	struct old old = {.count = 0};
	struct place p = {.db = NULL};
	char path[160];

	CU_ASSERT_FATAL(operator_store_open(dir, NULL, &old.s) == ERR_OK);
	ASSERT_ERR(subscriber_each(old.s, collect, &old), ERR_OK);
	operator_store_close(&old.s);
	snprintf(path, sizeof(path), "%s/store.key", dir);
	CU_ASSERT_FATAL(keyring_open(path, false, &p.keyring) == ERR_OK);
	snprintf(path, sizeof(path), "%s/operator.db", dir);
	CU_ASSERT_FATAL(sqlite3_open(path, &p.db) == SQLITE_OK);
	CU_ASSERT_FATAL(sqlite3_exec(p.db, columns_6, NULL, NULL, NULL) == SQLITE_OK);
	for (size_t i = 0; i < old.count; i++) {
		struct old_subscriber *o = &old.subscribers[i];

		p.row = &o->row;
		put(&p, "k1", o->keys.k[0]);
		put(&p, "opc1", o->keys.opc[0]);
		put(&p, "k2", o->keys.k[1]);
		put(&p, "opc2", o->keys.opc[1]);
		put(&p, "s", o->keys.s);
		put(&p, "k2_spare", o->spare.k[1]);
		put(&p, "opc2_spare", o->spare.opc[1]);
		put(&p, "s_spare", o->spare.s);
		subscriber_keys_free(&o->keys);
		subscriber_keys_free(&o->spare);
	}
	sqlite3_close(p.db);
	keyring_close(&p.keyring);
}
