/*
 * An operator's folder that version 6 has left, tests/vectors/operator-folder-6.json: opened, it is
 * one of this version, and nothing of it is lost, wherever that is cut.
 */
#include "tests/unit/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

#include "host/operator/auc/auc.h"
#include "host/operator/release/release.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/told.h"
#include "host/operator/smdp/store/verify.h"
#include "host/operator/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/release/kra.h"
#include "tests/support/aka_key_of.h"
#include "lib/release/kra.h"
#include "tests/unit/support/sql_cut.h"
#include "tool/sys/file.h"
#include "tests/unit/support/tamper.h"

#define CUTS_MAX 600
#define OPENERS	 3

struct folder {
	json_t *made; /* the vectors */
	const json_t *facts;
	int64_t now;
	char dir[128];
};

static const char *path_of(const struct folder *f, const char *name)
{
	static char path[320];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

static sqlite3 *raw(const struct folder *f, const char *name)
{
	sqlite3 *db = NULL;

	CU_ASSERT_FATAL(sqlite3_open(path_of(f, name), &db) == SQLITE_OK);
	return db;
}

static void execute(const struct folder *f, const char *name, const char *sql)
{
	sqlite3 *db = raw(f, name);

	CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int number_in(const struct folder *f, const char *name, const char *sql)
{
	sqlite3 *db = raw(f, name);
	sqlite3_stmt *st = NULL;
	int n = -1;

	CU_ASSERT_FATAL(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK);
	if (sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void restore_database(const struct folder *f, const char *name)
{
	const json_t *lines = json_object_get(f->made, name);
	sqlite3 *db = raw(f, name);
	const json_t *line;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		if (sqlite3_exec(db, json_string_value(line), NULL, NULL, NULL) != SQLITE_OK) {
			fprintf(stderr, "\n%s: %s\n", json_string_value(line), sqlite3_errmsg(db));
			CU_FAIL("SQL");
		}
	}
	CU_ASSERT(i > 10);
	/* as the program keeps it */
	CU_ASSERT_EQUAL(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	CU_ASSERT_EQUAL(chmod(path_of(f, name), 0600), 0);
}

static void restore_file(const struct folder *f, const char *name, const char *hex)
{
	const struct utimbuf at = {f->now, f->now};

	ASSERT_ERR(file_write(path_of(f, name), test_unhex(hex), 0600, NULL), ERR_OK);
	CU_ASSERT_EQUAL(utime(path_of(f, name), &at), 0);
}

static const char *fact(const struct folder *f, const char *name)
{
	return json_string_value(json_object_get(f->facts, name));
}

static void restore(struct folder *f)
{
	const char *name;
	const json_t *value;

	f->made = test_vectors("operator-folder-6");
	f->facts = json_object_get(f->made, "facts");
	f->now = strtoll(fact(f, "now"), NULL, 10);
	snprintf(f->dir, sizeof(f->dir), "%s", test_dir());
	ASSERT_ERR(file_make_dir(path_of(f, "manager")), ERR_OK);
	ASSERT_ERR(file_make_dir(path_of(f, "release")), ERR_OK);
	json_object_foreach(json_object_get(f->made, "files"), name, value)
		restore_file(f, name, json_string_value(value));
	restore_database(f, "operator.db");
	restore_database(f, "manager/manager.db");
}

static struct operator_store *open_folder(const struct folder *f)
{
	struct operator_store *s = NULL;

	CU_ASSERT_FATAL(operator_store_open(f->dir, NULL, &s) == ERR_OK);
	return s;
}

static const struct {
	enum subscriber_state state;
	uint32_t key_id, spare_key_id;
	size_t k_len;
} want[] = {
	{STATE_RELEASED, 1, 0, 16},  {STATE_PROVISIONED, 1, 0, 32}, {STATE_ROTATING, 1, 2, 16},
	{STATE_SUSPENDED, 2, 1, 16}, {STATE_LIMITED, 1, 0, 16},	    {STATE_VERIFIED, 1, 0, 16},
};

/* Each octet of a key of subscriber n is n * 16 + what. */
static bool is_by_rule(const struct secret *key, size_t len, int n, int what)
{
	for (size_t i = 0; i < key->len; i++) {
		if (key->bytes[i] != n * 16 + what)
			return false;
	}
	return key->len == len;
}

static void check_keys(struct operator_store *s, int n)
{
	struct subscriber_keys now = {0}, spare = {0};
	const struct subscriber_keys *first = n == 4 ? &spare : &now; /* before the rotation */
	size_t len = want[n - 1].k_len;

	CU_ASSERT_FATAL(subscriber_keys_load(s, n, &now) == ERR_OK);
	if (want[n - 1].spare_key_id)
		CU_ASSERT_FATAL(subscriber_spare_keys_load(s, n, &spare) == ERR_OK);
	if (n > 1) { /* those of the first are random */
		CU_ASSERT(is_by_rule(now.k[0], len, n, 1) && is_by_rule(now.opc[0], len, n, 2));
		CU_ASSERT(is_by_rule(first->k[1], len, n, 3));
		CU_ASSERT(is_by_rule(first->opc[1], len, n, 4));
		CU_ASSERT(is_by_rule(first->s, 32, n, 5));
	}
	CU_ASSERT_EQUAL(now.shape[0].res_len, n == 2 ? 16 : 0);
	CU_ASSERT_EQUAL(now.shape[0].iterations, n == 2 ? 3 : 0);
	subscriber_keys_free(&now);
	subscriber_keys_free(&spare);
}

/* What is there whenever it was brought up. */
static void check_rows(const struct folder *f, struct operator_store *s)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	struct slice eid = test_unhex(fact(f, "eid")), nonce = test_unhex(fact(f, "nonce"));
	struct log_check check;

	ASSERT_ERR(log_verify(s, &check), ERR_OK);
	CU_ASSERT_EQUAL(check.good, 27);
	for (int n = 1; n <= (int)ARRAY_LEN(want); n++) {
		struct subscriber sub;

		ASSERT_ERR(subscriber_by_id(s, n, &sub), ERR_OK);
		CU_ASSERT_EQUAL(sub.state, want[n - 1].state);
		CU_ASSERT_EQUAL(sub.key_id, want[n - 1].key_id);
		CU_ASSERT_EQUAL(sub.spare_key_id, want[n - 1].spare_key_id);
		check_keys(s, n);
	}
	ASSERT_ERR(granted_challenge(s, &(struct granted){eid.ptr, nonce.ptr}, f->now, &w), ERR_OK);
	CU_ASSERT_EQUAL(access(path_of(f, "release"), F_OK), -1);
	wbuf_free(&w);
}

static void check_copy(const struct folder *f)
{
	struct stat st;

	CU_ASSERT_EQUAL(stat(path_of(f, "operator.db.before-6"), &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	CU_ASSERT_EQUAL(number_in(f, "operator.db.before-6", "PRAGMA user_version"), 6);
	CU_ASSERT_EQUAL(number_in(f, "operator.db.before-6",
				  "SELECT count(*) FROM subscriber WHERE length(k1) > 40"),
			6);
	CU_ASSERT_EQUAL(number_in(f, "operator.db.before-6", "SELECT max(seq) FROM log"), 27);
	CU_ASSERT_EQUAL(access(path_of(f, "operator.db.before-6.new"), F_OK), -1);
}

static void check_factors(const struct folder *f, struct operator_store *s)
{
	struct operator_policy policy;
	struct factor_status status;
	struct secret *seed = NULL;

	ASSERT_ERR(factor_status(s, 5, &status), ERR_OK);
	CU_ASSERT(status.enrolled && status.tries_left == FACTOR_TRIES_MAX - 1);
	CU_ASSERT_FATAL(factor_load_totp(s, 5, &seed) == ERR_OK);
	CU_ASSERT(is_by_rule(seed, 20, 5, 9));
	secret_free(&seed);
	ASSERT_ERR(operator_policy_get(s, &policy), ERR_OK);
	CU_ASSERT(policy.gsm_factor && !policy.first_asks);
	(void)f;
}

/* The numbers go on, and a challenge that was out is answered. */
static void check_auc(const struct folder *f, struct operator_store *s)
{
	struct sqn_array sqn = SQN_ARRAY_NEW;
	uint8_t auts[AKA_AUTS_LEN];
	struct subscription two;
	struct aka_result r;
	struct aka_key *key = NULL;
	struct auc_verdict v;
	struct slice rand = test_unhex(fact(f, "pending.rand"));
	struct slice autn = test_unhex(fact(f, "pending.autn"));

	CU_ASSERT_FATAL(subscription_open(s, "001010000000121", &two) == ERR_OK);
	CU_ASSERT(two.sqn == 77 && two.ind_bits == 0);
	subscription_close(&two);
	CU_ASSERT_FATAL(aka_key_of(s, 5, 1, &key) == ERR_OK);
	ASSERT_ERR(aka_usim_authenticate(key, &sqn, &(struct aka_challenge){rand.ptr, autn.ptr}, &r,
					 auts),
		   ERR_OK);
	ASSERT_ERR(auc_verify(s, fact(f, "pending"), slice_make(r.res, r.res_len), f->now + 1, &v),
		   ERR_OK);
	CU_ASSERT_EQUAL(v.after.state, STATE_LIMITED);
	ASSERT_ERR(auc_verify(s, fact(f, "pending"), slice_make(r.res, r.res_len), f->now + 1, &v),
		   ERR_NOT_FOUND);
	aka_key_free(&key);
}

/* The card's result of the grant, once; its nonce serves nobody again. */
static void check_release(const struct folder *f, struct operator_store *s)
{
	struct slice eid = test_unhex(fact(f, "eid")), nonce = test_unhex(fact(f, "nonce"));
	struct subscriber_event grant = {.kind = EVENT_GRANT,
					 .now = f->now + 1,
					 .eid = eid.ptr,
					 .nonce = nonce.ptr,
					 .key_id = 1};
	struct release_told told;

	ASSERT_ERR(release_result_take(s, test_unhex(fact(f, "outcome")), f->now + 1, &told),
		   ERR_OK);
	CU_ASSERT(told.result == KRA_RESULT_OK && told.after.id == 1);
	CU_ASSERT_EQUAL(told.after.second, SECOND_IN_CARD);
	ASSERT_ERR(release_result_take(s, test_unhex(fact(f, "outcome")), f->now + 1, &told),
		   ERR_NOT_FOUND);
	ASSERT_ERR(subscriber_event(s, 6, &grant, NULL), ERR_REPLAY);
	grant.nonce = NULL;
	ASSERT_ERR(subscriber_event(s, 6, &grant, NULL), ERR_OK);
}

static void take(struct operator_store *s, int64_t id, const struct subscriber_event *ev,
		 enum subscriber_state to)
{
	struct subscriber after;

	ASSERT_ERR(subscriber_event(s, id, ev, &after), ERR_OK);
	CU_ASSERT_EQUAL(after.state, to);
}

/* Rotations go on with the keys that they had. */
static void check_rotations(const struct folder *f, struct operator_store *s)
{
	const struct subscriber_event factor = {.kind = EVENT_FACTOR,
						.now = f->now + 1,
						.valid_s = 60},
				      grant = {.kind = EVENT_GRANT, .now = f->now + 2, .key_id = 2},
				      res2 = {.kind = EVENT_RES2, .now = f->now + 3, .key_id = 2},
				      resume = {.kind = EVENT_RESUME, .now = f->now + 1};
	struct wbuf w = wbuf_grow(256);
	struct subscriber_keys keys = {0};

	ASSERT_ERR(subscriber_reseal_get(s, 3, 2, &w), ERR_OK);
	CU_ASSERT(slice_is(wbuf_slice(&w), "a message made for the fixture"));
	take(s, 3, &factor, STATE_ROTATING);
	take(s, 3, &grant, STATE_RELEASED);
	take(s, 3, &res2, STATE_ACTIVE);
	CU_ASSERT_FATAL(subscriber_keys_load(s, 3, &keys) == ERR_OK);
	ASSERT_OCTETS(secret_slice(keys.s), test_unhex(fact(f, "spare3.s")), "the next S");
	ASSERT_OCTETS(secret_slice(keys.k[1]), test_unhex(fact(f, "spare3.k2")), "the next K2");
	subscriber_keys_free(&keys);
	take(s, 4, &resume, STATE_RECALLED);
	CU_ASSERT_FATAL(subscriber_keys_load(s, 4, &keys) == ERR_OK);
	CU_ASSERT(is_by_rule(keys.s, 32, 4, 5)); /* the set before is in force again */
	subscriber_keys_free(&keys);
	wbuf_free(&w);
}

/* The manager's folder, which lies in the operator's. */
static void check_manager(const struct folder *f)
{
	struct wbuf upp = wbuf_grow(1024);
	struct smdp_store *m = NULL;
	struct smdp_check check;
	struct smdp_profile p;
	struct smdp_session session;
	struct slice eid = test_unhex(fact(f, "eid"));
	uint8_t id[SMDP_TRANSACTION_LEN];
	uint32_t seq = 0;

	memset(id, 0xA1, sizeof(id));
	CU_ASSERT_FATAL(smdp_store_open(path_of(f, "manager"), NULL, &m) == ERR_OK);
	ASSERT_ERR(smdp_store_verify(m, &check), ERR_OK);
	ASSERT_ERR(smdp_profile_find(m, "FIXTURE-ONE", &p), ERR_OK);
	CU_ASSERT_EQUAL(p.state, SMDP_RELEASED);
	ASSERT_ERR(smdp_package_load(m, p.id, NULL, &upp), ERR_OK);
	CU_ASSERT(slice_is(wbuf_slice(&upp), "profile elements of the fixture"));
	ASSERT_ERR(smdp_session_get(m, SLICE_OF(id), &session), ERR_OK);
	CU_ASSERT(session.state == SMDP_SESSION_BOUND && session.profile == p.id);
	ASSERT_ERR(smdp_told_get(m, p.id, eid.ptr, &seq), ERR_OK);
	CU_ASSERT_EQUAL(seq, 7);
	smdp_store_close(&m);
	wbuf_free(&upp);
}

static void test_opened(void)
{
	struct folder f;
	struct operator_store *s;
	struct stat before, after;
	struct log_check check;

	if (!tamper_needs_files())
		return;
	restore(&f);
	s = open_folder(&f);
	check_rows(&f, s);
	check_copy(&f);
	operator_store_close(&s);
	CU_ASSERT_EQUAL(stat(path_of(&f, "operator.db.before-6"), &before), 0);
	s = open_folder(&f); /* nothing is to be brought up any more */
	CU_ASSERT_EQUAL(operator_store_tally(s).transactions, 0);
	CU_ASSERT_EQUAL(stat(path_of(&f, "operator.db.before-6"), &after), 0);
	CU_ASSERT_EQUAL(before.st_ino, after.st_ino);
	check_rows(&f, s);
	check_factors(&f, s);
	check_auc(&f, s);
	check_release(&f, s);
	check_rotations(&f, s);
	ASSERT_ERR(log_verify(s, &check), ERR_OK);
	operator_store_close(&s);
	CU_ASSERT_EQUAL(number_in(&f, "operator.db",
				  "SELECT count(*) FROM pragma_table_info("
				  "'subscriber') WHERE name IN ('k1', 'opc1',"
				  " 'k2', 'opc2', 'k2_spare', 'opc2_spare')"),
			0);
	check_manager(&f);
	json_decref(f.made);
}

static bool open_and_close(void *ctx)
{
	struct operator_store *s = NULL;
	enum err e = operator_store_open(ctx, NULL, &s);
	bool good = !e;

	if (e)
		fprintf(stderr, "\n%s\n", err_name(e));

	operator_store_close(&s);
	return good;
}

/* Old or new, and then new. */
static void test_cut(void)
{
	unsigned cuts = 0;

	if (!tamper_needs_files())
		return;
	for (unsigned nth = 1; nth <= CUTS_MAX; nth++) {
		struct operator_store *s;
		struct folder f;
		bool cut;
		int version;

		restore(&f);
		cut = sql_cut_at(nth, open_and_close, f.dir);
		version = number_in(&f, "operator.db", "PRAGMA user_version");
		CU_ASSERT(version >= 6);
		CU_ASSERT_EQUAL(number_in(&f, "operator.db", "SELECT count(*) FROM subscriber"), 6);
		if (version == 6)
			CU_ASSERT_EQUAL(access(path_of(&f, "release"), F_OK), 0);
		s = open_folder(&f);
		check_rows(&f, s);
		check_copy(&f);
		operator_store_close(&s);
		json_decref(f.made);
		cuts += cut;
		if (!cut)
			break;
	}
	CU_ASSERT(cuts > 20 && cuts < CUTS_MAX);
}

/* Cut between the copy and its name, and between the commit and the files' removal. */
static void test_cut_between(void)
{
	struct operator_store *s;
	struct folder f;
	const char *name;
	const json_t *value;

	if (!tamper_needs_files())
		return;
	restore(&f);
	restore_file(&f, "operator.db.before-6.new", "00");
	s = open_folder(&f);
	operator_store_close(&s);
	check_copy(&f);
	ASSERT_ERR(file_make_dir(path_of(&f, "release")), ERR_OK);
	json_object_foreach(json_object_get(f.made, "files"), name, value)
	{
		if (strncmp(name, "release/", 8) == 0)
			restore_file(&f, name, json_string_value(value));
	}
	s = open_folder(&f);
	check_rows(&f, s);
	operator_store_close(&s);
	CU_ASSERT_EQUAL(number_in(&f, "operator.db", "SELECT count(*) FROM awaited"), 1);
	json_decref(f.made);
}

/* Bringing it up makes nothing good that somebody else has written. */
static void test_edited(void)
{
	struct operator_store *s;
	struct log_check check;
	struct subscriber sub;
	struct folder f;

	if (!tamper_needs_files())
		return;
	restore(&f);
	execute(&f, "operator.db", "UPDATE subscriber SET second_until = 4102444800 WHERE id = 6");
	s = open_folder(&f);
	ASSERT_ERR(subscriber_by_id(s, 6, &sub), ERR_CORRUPT);
	ASSERT_ERR(subscriber_by_id(s, 5, &sub), ERR_OK);
	ASSERT_ERR(log_verify(s, &check), ERR_CORRUPT);
	CU_ASSERT(check.found == LOG_ROW && check.subscriber == 6 && check.good == 27);
	operator_store_close(&s);
	/* nor a challenge that awaits a result: the card's key is in it */
	execute(&f, "operator.db", "UPDATE awaited SET at = at + 1");
	s = open_folder(&f);
	ASSERT_ERR(release_result_take(s, test_unhex(fact(&f, "outcome")), f.now + 1,
				       &(struct release_told){0}),
		   ERR_CORRUPT);
	operator_store_close(&s);
	json_decref(f.made);
}

static void test_at_once(void)
{
	struct operator_store *s;
	struct folder f;

	if (!tamper_needs_files())
		return;
	restore(&f);
	for (int i = 0; i < OPENERS; i++) {
		if (fork() == 0)
			_exit(open_and_close(f.dir) ? 0 : 1);
	}
	for (int i = 0, status; i < OPENERS; i++)
		CU_ASSERT(wait(&status) > 0 && status == 0);
	s = open_folder(&f);
	check_rows(&f, s);
	operator_store_close(&s);
	check_copy(&f);
	json_decref(f.made);
}

TEST_SUITE(folder_6, {"nothing of it is lost", test_opened}, {"cut at every write", test_cut},
	   {"cut between two steps", test_cut_between}, {"one that was edited", test_edited},
	   {"opened by several at once", test_at_once})
