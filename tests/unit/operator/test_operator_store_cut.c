/* The operator's store: brought up from the version before, and cut at every write. */
#include "tests/unit/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/store/store.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/support/old_store.h"
#include "tests/unit/support/sql_cut.h"
#include "tests/unit/support/tamper.h"

#define CUTS_MAX 400

/* What versions 5 and 4 have beside version 3. */
static const char to_version_3[] =
	"DROP TABLE shape; DROP TABLE issued;"
	"DROP TABLE log_head; DROP INDEX log_of; ALTER TABLE pending DROP COLUMN made;"
	"ALTER TABLE subscriber DROP COLUMN second_from;"
	"ALTER TABLE subscriber DROP COLUMN bound_by;"
	"ALTER TABLE subscriber DROP COLUMN wrong;"
	"ALTER TABLE subscriber DROP COLUMN wrong_at;"
	"ALTER TABLE subscriber DROP COLUMN totp_revision;"
	"ALTER TABLE subscriber DROP COLUMN log_seq; ALTER TABLE subscriber DROP COLUMN mac;"
	"CREATE TABLE was (subscriber INTEGER PRIMARY KEY REFERENCES subscriber(id),"
	" seed BLOB NOT NULL, last_step INTEGER NOT NULL DEFAULT 0,"
	" failures INTEGER NOT NULL DEFAULT 0);"
	"INSERT INTO was SELECT subscriber, seed, 1000, 3 FROM totp;"
	"DROP TABLE totp; ALTER TABLE was RENAME TO totp;"
	"PRAGMA user_version = 3;";

/* What version 3 has beside version 2. */
static const char to_version_2[] = "ALTER TABLE subscriber DROP COLUMN spare_key_id;"
				   "ALTER TABLE subscriber DROP COLUMN granted_key_id;"
				   "ALTER TABLE subscriber DROP COLUMN k2_spare;"
				   "ALTER TABLE subscriber DROP COLUMN opc2_spare;"
				   "ALTER TABLE subscriber DROP COLUMN s_spare;"
				   "ALTER TABLE subscriber DROP COLUMN reseal;"
				   "ALTER TABLE subscriber DROP COLUMN second;"
				   "ALTER TABLE pending DROP COLUMN key_id;"
				   "PRAGMA user_version = 2;";

struct place {
	const char *dir;
	int64_t id;
	struct subscriber_keys keys; /* as they were made */
	enum subscriber_event_kind kind;
};

static void make_keys(struct subscriber_keys *k)
{
	*k = (struct subscriber_keys){.s = random_secret(32)};
	for (int i = 0; i < 2; i++) {
		k->k[i] = random_secret(16);
		k->opc[i] = random_secret(16);
	}
}

static enum err take(struct operator_store *s, int64_t id, enum subscriber_event_kind kind,
		     const char *evidence)
{
	const struct subscriber_event ev = {
		.kind = kind, .actor = "test", .evidence = evidence, .now = 1, .valid_s = 600};

	return subscriber_event(s, id, &ev, NULL);
}

static int64_t add(struct operator_store *s, unsigned n, const struct subscriber_keys *keys)
{
	struct subscriber sub = {.algorithm = {AKA_MILENAGE, AKA_MILENAGE}, .key_id = 1};

	memset(sub.iccid, (int)n, sizeof(sub.iccid));
	for (unsigned i = 0; i < 2; i++)
		snprintf(sub.imsi[i], sizeof(sub.imsi[i]), "0010100000000%u%u", i + 1, n);
	ASSERT_ERR(subscriber_add(s, &sub, keys), ERR_OK);
	return sub.id;
}

/* The edges to a state, in order; 0 ends them. */
static void walk(struct operator_store *s, int64_t id, const enum subscriber_event_kind *way,
		 const char *evidence)
{
	for (; *way; way++)
		ASSERT_ERR(take(s, id, *way, evidence), ERR_OK);
}

static const enum subscriber_event_kind to_active[] = {EVENT_RES1, EVENT_FACTOR, EVENT_GRANT,
						       EVENT_RES2, 0};

static void execute(const char *dir, const char *sql)
{
	char path[128];
	sqlite3 *db = NULL;

	if (strstr(sql, "user_version")) { /* the key of an older version's folder tells none */
		snprintf(path, sizeof(path), "%s/store.key", dir);
		CU_ASSERT_EQUAL(truncate(path, 32), 0);
	}
	snprintf(path, sizeof(path), "%s/operator.db", dir);
	CU_ASSERT_EQUAL(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "\n%s\n", sqlite3_errmsg(db));
		CU_FAIL("SQL");
	}
	sqlite3_close(db);
}

static const struct {
	enum subscriber_event_kind way[8];
	const char *evidence;
	unsigned raised; /* how far version 2 raised the keyId */
	enum subscriber_state state;
	enum subscriber_second second;
	uint32_t granted;
} old[] = {
	{{0}, "", 0, STATE_PROVISIONED, SECOND_SEALED, 0},
	{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT}, "", 0, STATE_RELEASED, SECOND_SEALED, 1},
	{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT, EVENT_RES2},
	 "",
	 0,
	 STATE_ACTIVE,
	 SECOND_IN_CARD,
	 1},
	{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT, EVENT_RES2},
	 "code of the second profile 1, keyId 1",
	 0,
	 STATE_ACTIVE,
	 SECOND_AS_PROFILE,
	 1},
	{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT, EVENT_RES2, EVENT_ROTATE},
	 "",
	 1,
	 STATE_ROTATING,
	 SECOND_IN_CARD,
	 1},
	{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT, EVENT_RES2, EVENT_ROTATE, EVENT_SUSPEND},
	 "",
	 1,
	 STATE_SUSPENDED,
	 SECOND_IN_CARD,
	 1},
};

/* A store as version 2 left it, with a subscriber of each kind; its keys. */
static void make_old(const char *dir, struct subscriber_keys keys[])
{
	struct operator_store *s = NULL;

	CU_ASSERT_FATAL(operator_store_create(dir, NULL, &s) == ERR_OK);
	for (unsigned i = 0; i < ARRAY_LEN(old); i++) {
		make_keys(&keys[i]);
		walk(s, add(s, i, &keys[i]), old[i].way, old[i].evidence);
	}
	operator_store_close(&s);
	old_store_version_6(dir);
	execute(dir, to_version_3);
	execute(dir, to_version_2);
	for (unsigned i = 0; i < ARRAY_LEN(old); i++) {
		char sql[128];

		snprintf(sql, sizeof(sql), "UPDATE subscriber SET key_id = %u WHERE id = %u",
			 1 + old[i].raised, i + 1);
		execute(dir, sql);
	}
}

static void same_keys(struct operator_store *s, int64_t id, const struct subscriber_keys *want)
{
	struct subscriber_keys got = {0};

	CU_ASSERT_FATAL(subscriber_keys_load(s, id, &got) == ERR_OK);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_TRUE(secret_equal(secret_slice(got.k[i]), secret_slice(want->k[i])));
		CU_ASSERT_TRUE(secret_equal(secret_slice(got.opc[i]), secret_slice(want->opc[i])));
	}
	CU_ASSERT_TRUE(secret_equal(secret_slice(got.s), secret_slice(want->s)));
	subscriber_keys_free(&got);
}

static void check_brought_up(const char *dir, struct subscriber_keys keys[])
{
	struct operator_store *s = NULL;
	struct log_check check;

	CU_ASSERT_FATAL(operator_store_open(dir, NULL, &s) == ERR_OK);
	for (unsigned i = 0; i < ARRAY_LEN(old); i++) {
		struct subscriber sub;

		ASSERT_ERR(subscriber_by_id(s, i + 1, &sub), ERR_OK);
		CU_ASSERT_EQUAL(sub.state, old[i].state);
		CU_ASSERT_EQUAL(sub.key_id, 1);
		CU_ASSERT_EQUAL(sub.spare_key_id, 0);
		CU_ASSERT_EQUAL(sub.second, old[i].second);
		CU_ASSERT_EQUAL(sub.granted_key_id, old[i].granted);
		same_keys(s, sub.id, &keys[i]);
	}
	ASSERT_ERR(log_verify(s, &check), ERR_OK);
	operator_store_close(&s);
}

static void free_keys(struct subscriber_keys keys[])
{
	for (unsigned i = 0; i < ARRAY_LEN(old); i++)
		subscriber_keys_free(&keys[i]);
}

/* A rotation that version 2 began gets its keys when it is asked for, and keeps them. */
static void test_version_2(void)
{
	struct subscriber_keys keys[ARRAY_LEN(old)], next = {0}, again = {0};
	const char *dir = test_dir();
	struct operator_store *s = NULL;
	struct subscriber sub;

	if (!tamper_needs_files())
		return;
	make_old(dir, keys);
	check_brought_up(dir, keys);
	check_brought_up(dir, keys);
	CU_ASSERT_FATAL(operator_store_open(dir, NULL, &s) == ERR_OK);
	ASSERT_ERR(subscriber_next_key(s, 1, &sub), ERR_WRONG_STATE);
	ASSERT_ERR(subscriber_spare_keys_load(s, 5, &next), ERR_NOT_FOUND);
	ASSERT_ERR(subscriber_next_key(s, 5, &sub), ERR_OK);
	CU_ASSERT_EQUAL(sub.spare_key_id, 2);
	CU_ASSERT_FATAL(subscriber_spare_keys_load(s, 5, &next) == ERR_OK);
	ASSERT_ERR(subscriber_next_key(s, 5, &sub), ERR_OK);
	CU_ASSERT_FATAL(subscriber_spare_keys_load(s, 5, &again) == ERR_OK);
	CU_ASSERT_TRUE(secret_equal(secret_slice(next.s), secret_slice(again.s)));
	ASSERT_ERR(take(s, 4, EVENT_ROTATE, ""), ERR_UNSUPPORTED); /* two profiles */
	ASSERT_ERR(take(s, 6, EVENT_RESUME, ""), ERR_OK);
	ASSERT_ERR(subscriber_by_id(s, 6, &sub), ERR_OK);
	CU_ASSERT_EQUAL(sub.state, STATE_RECALLED);
	CU_ASSERT_EQUAL(sub.spare_key_id, 2);
	operator_store_close(&s);
	subscriber_keys_free(&next);
	subscriber_keys_free(&again);
	free_keys(keys);
}

/* A store of version 3: who has a first release is bound by it, tries and the used step stay. */
static void test_version_3(void)
{
	static const uint8_t eid[16] = {0x89, 0x04};
	struct subscriber_event grant = {.kind = EVENT_GRANT, .now = 1, .eid = eid};
	struct subscriber_keys keys;
	const char *dir = test_dir();
	struct operator_store *s = NULL;
	struct factor_status factor;
	struct operator_policy policy = {.first_asks = true};
	struct log_check check;
	struct subscriber sub;
	struct secret *seed = random_secret(20);
	int64_t id;

	if (!tamper_needs_files())
		return;
	make_keys(&keys);
	CU_ASSERT_FATAL(operator_store_create(dir, NULL, &s) == ERR_OK);
	id = add(s, 1, &keys);
	ASSERT_ERR(factor_put_totp(s, id, seed), ERR_OK);
	walk(s, id, to_active, "");
	id = add(s, 2, &keys);
	walk(s, id, (const enum subscriber_event_kind[]){EVENT_RES1, EVENT_FACTOR, 0}, "");
	ASSERT_ERR(subscriber_event(s, id, &grant, NULL), ERR_OK);
	operator_store_close(&s);
	old_store_version_6(dir);
	execute(dir, to_version_3);
	for (int i = 0; i < 2; i++) { /* brought up, and opened again */
		CU_ASSERT_FATAL(operator_store_open(dir, NULL, &s) == ERR_OK);
		ASSERT_ERR(subscriber_by_id(s, id, &sub), ERR_OK);
		CU_ASSERT(sub.has_eid && sub.bound_by == BOUND_BY_GRANT);
		ASSERT_OCTETS(SLICE_OF(sub.eid), SLICE_OF(eid), "EID");
		ASSERT_ERR(subscriber_by_id(s, 1, &sub), ERR_OK);
		CU_ASSERT(!sub.has_eid && sub.bound_by == BOUND_BY_NOBODY);
		ASSERT_ERR(factor_status(s, 1, &factor), ERR_OK);
		CU_ASSERT(factor.enrolled && factor.tries_left == FACTOR_TRIES_MAX - 3);
		ASSERT_ERR(operator_policy_get(s, &policy), ERR_OK);
		CU_ASSERT(!policy.first_asks && !policy.gsm_factor);
		ASSERT_ERR(log_verify(s, &check), ERR_OK);
		CU_ASSERT_EQUAL(check.good, 7);
		operator_store_close(&s);
	}
	subscriber_keys_free(&keys);
	secret_free(&seed);
}

/* A log whose end was cut under the version before is not made good by bringing it up. */
static void test_version_3_edited(void)
{
	static const struct {
		const char *sql;
		int64_t good;
		enum log_finding found;
	} rows[] = {
		{"DROP TRIGGER log_stay; DELETE FROM log WHERE seq = 4", 3, LOG_CHANGED},
		{"DROP TRIGGER log_keep; UPDATE log SET evidence = 'x' WHERE seq = 2", 1,
		 LOG_CHANGED},
		{"UPDATE subscriber SET state = 2", 4, LOG_PARTED},
	};

	if (!tamper_needs_files())
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subscriber_keys keys;
		const char *dir = test_dir();
		struct operator_store *s = NULL;
		struct log_check check;

		make_keys(&keys);
		CU_ASSERT_FATAL(operator_store_create(dir, NULL, &s) == ERR_OK);
		walk(s, add(s, 1, &keys), to_active, "");
		operator_store_close(&s);
		old_store_version_6(dir);
		execute(dir, to_version_3);
		execute(dir, rows[i].sql);
		CU_ASSERT_FATAL(operator_store_open(dir, NULL, &s) == ERR_OK);
		ASSERT_ERR(log_verify(s, &check), ERR_CORRUPT);
		CU_ASSERT_EQUAL(check.good, rows[i].good);
		CU_ASSERT_EQUAL(check.found, rows[i].found);
		operator_store_close(&s);
		subscriber_keys_free(&keys);
	}
}

static bool open_and_close(void *ctx)
{
	struct operator_store *s = NULL;
	bool good = operator_store_open(ctx, NULL, &s) == ERR_OK;

	operator_store_close(&s);
	return good;
}

static void test_version_2_cut(void)
{
	unsigned cuts = 0;

	if (!tamper_needs_files())
		return;
	for (unsigned nth = 1; nth <= CUTS_MAX; nth++) {
		struct subscriber_keys keys[ARRAY_LEN(old)];
		char dir[128];
		bool cut;

		snprintf(dir, sizeof(dir), "%s", test_dir());
		make_old(dir, keys);
		cut = sql_cut_at(nth, open_and_close, dir);
		check_brought_up(dir, keys);
		free_keys(keys);
		cuts += cut;
		if (!cut)
			break;
	}
	CU_ASSERT(cuts > 3 && cuts < CUTS_MAX);
}

static bool take_one(void *ctx)
{
	const struct place *p = ctx;
	struct operator_store *s = NULL;
	bool good =
		operator_store_open(p->dir, NULL, &s) == ERR_OK && !take(s, p->id, p->kind, "cut");

	operator_store_close(&s);
	return good;
}

static unsigned log_length(struct operator_store *s)
{
	struct log_check check;

	ASSERT_ERR(log_verify(s, &check), ERR_OK);
	return (unsigned)check.good;
}

/* Before or after, never between: the state, both sets of keys and the log. */
static bool check_cut(const struct place *p, const struct subscriber *before, unsigned entries)
{
	struct subscriber_keys spare = {0};
	struct operator_store *s = NULL;
	struct subscriber now;
	bool done;

	CU_ASSERT_FATAL(operator_store_open(p->dir, NULL, &s) == ERR_OK);
	ASSERT_ERR(subscriber_by_id(s, p->id, &now), ERR_OK);
	done = log_length(s) == entries + 1;
	CU_ASSERT(done || log_length(s) == entries);
	CU_ASSERT_EQUAL(done, now.state != before->state);
	if (!done)
		CU_ASSERT(now.key_id == before->key_id && now.spare_key_id == before->spare_key_id);
	if (now.key_id == 1)
		same_keys(s, p->id, &p->keys);
	ASSERT_ERR(subscriber_spare_keys_load(s, p->id, &spare),
		   now.spare_key_id ? ERR_OK : ERR_NOT_FOUND);
	if (spare.s)
		CU_ASSERT_EQUAL(secret_equal(secret_slice(spare.s), secret_slice(p->keys.s)),
				now.spare_key_id == 1);
	subscriber_keys_free(&spare);
	operator_store_close(&s);
	return done;
}

/* One edge cut at its nth write; whether it was. */
static bool cut_edge(const enum subscriber_event_kind *way, enum subscriber_event_kind kind,
		     unsigned nth)
{
	struct place p = {.dir = test_dir(), .kind = kind};
	struct operator_store *s = NULL;
	struct subscriber before;
	unsigned entries;
	bool cut;

	make_keys(&p.keys);
	CU_ASSERT_FATAL(operator_store_create(p.dir, NULL, &s) == ERR_OK);
	p.id = add(s, 1, &p.keys);
	walk(s, p.id, to_active, "");
	walk(s, p.id, way, "");
	ASSERT_ERR(subscriber_by_id(s, p.id, &before), ERR_OK);
	entries = log_length(s);
	operator_store_close(&s);
	cut = sql_cut_at(nth, take_one, &p);
	if (!check_cut(&p, &before, entries))
		CU_ASSERT_TRUE(cut && take_one(&p));
	CU_ASSERT_TRUE(check_cut(&p, &before, entries));
	subscriber_keys_free(&p.keys);
	return cut;
}

static void test_edges_cut(void)
{
	static const struct {
		enum subscriber_event_kind way[6], kind;
	} rows[] = {
		{{0}, EVENT_ROTATE},
		{{EVENT_ROTATE, EVENT_RES2, EVENT_FACTOR}, EVENT_GRANT},
		{{EVENT_ROTATE, EVENT_RES2, EVENT_FACTOR, EVENT_GRANT}, EVENT_RES2},
		{{EVENT_ROTATE, EVENT_RES2, EVENT_FACTOR, EVENT_GRANT}, EVENT_RESULT_FAILED},
		{{EVENT_ROTATE, EVENT_RES2, EVENT_FACTOR, EVENT_GRANT, EVENT_SUSPEND},
		 EVENT_RESUME},
	};

	if (!tamper_needs_files())
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned nth = 1;

		while (nth < CUTS_MAX && cut_edge(rows[i].way, rows[i].kind, nth))
			nth++;
		CU_ASSERT(nth > 3 && nth < CUTS_MAX);
	}
}

TEST_SUITE(operator_store_cut, {"a store of version 3", test_version_3},
	   {"one that was edited before", test_version_3_edited},
	   {"a store of version 2", test_version_2},
	   {"its bringing up, cut at every write", test_version_2_cut},
	   {"edges of a rotation, cut at every write", test_edges_cut})
