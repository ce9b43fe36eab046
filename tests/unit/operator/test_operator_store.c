/* the operator's store: subscribers, events, factors, log */
#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/operator/store/store.h"

#define K1  "00112233445566778899aabbccddeeff"
#define K2  "f0e1d2c3b4a5968778695a4b3c2d1e0f"
#define OPC "63bfa50ee6523365ff14c1f45f88737d"

static const struct {
	enum subscriber_state from;
	enum subscriber_event_kind event;
} forbidden[] = {
	{STATE_PROVISIONED, EVENT_FACTOR}, {STATE_PROVISIONED, EVENT_GRANT},
	{STATE_PROVISIONED, EVENT_RES2},   {STATE_LIMITED, EVENT_GRANT},
	{STATE_LIMITED, EVENT_RES2},	   {STATE_VERIFIED, EVENT_RES2},
	{STATE_RELEASED, EVENT_GRANT},	   {STATE_RELEASED, EVENT_RES1},
	{STATE_ACTIVE, EVENT_GRANT},	   {STATE_ACTIVE, EVENT_RES1},
	{STATE_SUSPENDED, EVENT_GRANT},	   {STATE_SUSPENDED, EVENT_RES1},
	{STATE_SUSPENDED, EVENT_RES2},	   {STATE_ROTATING, EVENT_RES1},
};

static void test_state_table(void)
{
	bool reached[STATE_RECALLED + 1] = {[STATE_PROVISIONED] = true};
	enum subscriber_state to;
	unsigned edges = 0;

	for (int round = 0; round < 8; round++) {
		for (int s = STATE_PROVISIONED; s <= STATE_RECALLED; s++) {
			for (int k = EVENT_RES1; reached[s] && k <= EVENT_RECALL; k++) {
				if (state_next((enum subscriber_state)s,
					       (enum subscriber_event_kind)k, &to) == ERR_OK)
					reached[to] = true;
			}
		}
	}
	for (int s = STATE_PROVISIONED; s <= STATE_RECALLED; s++) {
		CU_ASSERT_TRUE(reached[s]);
		CU_ASSERT_TRUE(strlen(state_name((enum subscriber_state)s)) > 1);
		/* never both keys at once */
		CU_ASSERT_FALSE(state_allows_sub((enum subscriber_state)s, 1) &&
				state_allows_sub((enum subscriber_state)s, 2));
		for (int k = EVENT_RES1; k <= EVENT_RECALL; k++)
			edges += state_next((enum subscriber_state)s, (enum subscriber_event_kind)k,
					    &to) == ERR_OK;
	}
	CU_ASSERT_EQUAL(edges, 31);
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		ASSERT_ERR(state_next(forbidden[i].from, forbidden[i].event, &to), ERR_WRONG_STATE);
	CU_ASSERT_FALSE(state_allows_sub(STATE_PROVISIONED, 2));
	CU_ASSERT_FALSE(state_allows_sub(STATE_VERIFIED, 2));
	CU_ASSERT_FALSE(state_allows_sub(STATE_RELEASED, 1));
	CU_ASSERT_STRING_EQUAL(state_access(STATE_LIMITED, 1), "limited");
	CU_ASSERT_STRING_EQUAL(state_access(STATE_ACTIVE, 2), "full");
	CU_ASSERT_STRING_EQUAL(state_access(STATE_ACTIVE, 1), "none");
	/* who attached with K1 before the grant hands over the card's answer to it */
	CU_ASSERT_STRING_EQUAL(state_access(STATE_RELEASED, 1), "limited");
	CU_ASSERT_STRING_EQUAL(state_access(STATE_PROVISIONED, 2), "none");
	CU_ASSERT_STRING_EQUAL(state_access(STATE_SUSPENDED, 1), "none");
	CU_ASSERT_STRING_EQUAL(state_access((enum subscriber_state)0, 1), "none");
	CU_ASSERT_STRING_EQUAL(state_access(STATE_ACTIVE, 3), "none");
}

static struct subscriber add_one(struct operator_store *s)
{
	struct subscriber sub = {.name = "A",
				 .imsi = {"001010000000001", "001010000000002"},
				 .algorithm = {AKA_MILENAGE, AKA_MILENAGE},
				 .key_id = 1};
	struct subscriber_keys keys = {
		.k = {secret_copy(test_unhex(K1)), secret_copy(test_unhex(K2))},
		.opc = {secret_copy(test_unhex(OPC)), secret_copy(test_unhex(OPC))},
		.s = secret_copy(test_unhex(K1 K2))};

	memset(sub.iccid, 0x98, sizeof(sub.iccid));
	ASSERT_ERR(subscriber_add(s, &sub, &keys), ERR_OK);
	ASSERT_ERR(subscriber_add(s,
				  &(struct subscriber){.imsi = {"001010000000001", "1"},
						       .algorithm = {AKA_MILENAGE, AKA_MILENAGE}},
				  &keys),
		   ERR_EXISTS);
	subscriber_keys_free(&keys);
	return sub;
}

static bool file_holds(const char *path, struct slice needle)
{
	static uint8_t data[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(data, 1, sizeof(data), f) : 0;

	if (f)
		fclose(f);
	for (size_t i = 0; i + needle.len <= n; i++) {
		if (memcmp(data + i, needle.ptr, needle.len) == 0)
			return true;
	}
	return false;
}

static bool holds(const struct wbuf *w, struct slice needle)
{
	return memmem(w->ptr, w->len, needle.ptr, needle.len) != NULL;
}

static void test_secrets_at_rest(void)
{
	struct wbuf rows = wbuf_grow(1u << 20);
	const char *dir = test_dir();
	struct operator_store *s = NULL;
	struct subscriber_keys keys;
	struct subscriber sub, got;
	char path[128];
	int which = 0;

	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
	sub = add_one(s);
	ASSERT_ERR(subscriber_by_imsi(s, "001010000000002", &got, &which), ERR_OK);
	CU_ASSERT_EQUAL(got.id, sub.id);
	CU_ASSERT_EQUAL(which, 2);
	ASSERT_ERR(subscriber_keys_load(s, sub.id, &keys), ERR_OK);
	ASSERT_OCTETS(secret_slice(keys.k[1]), test_unhex(K2), "K2");
	ASSERT_OCTETS(secret_slice(keys.s), test_unhex(K1 K2), "S");
	subscriber_keys_free(&keys);
	for (int i = 0; i < 2 && tamper_has_files(); i++) {
		snprintf(path, sizeof(path), "%s/operator.db%s", dir, i ? "-wal" : "");
		CU_ASSERT_FALSE(file_holds(path, test_unhex(K1)));
		CU_ASSERT_FALSE(file_holds(path, test_unhex(K2)));
		CU_ASSERT_FALSE(file_holds(path, test_unhex(OPC)));
	}
	tamper_dump(dir, TAMPER_OPERATOR, &rows);
	CU_ASSERT_FALSE(holds(&rows, test_unhex(K1)));
	CU_ASSERT_FALSE(holds(&rows, test_unhex(K2)));
	CU_ASSERT_FALSE(holds(&rows, test_unhex(OPC)));
	CU_ASSERT_TRUE(holds(&rows, slice_str("001010000000001"))); /* the search does find */
	wbuf_free(&rows);
	operator_store_close(&s);
	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_EXISTS);
	ASSERT_ERR(operator_store_open("/nowhere/at/all", NULL, &s), ERR_NOT_FOUND);
}

/* A K of 256 bits is TUAK's alone, and its TOPc has 256 bits in either case. */
static void test_lengths_of_keys(void)
{
	static const struct {
		enum aka_algorithm algorithm[2];
		size_t k[2], opc[2];
		enum err e;
	} rows[] = {
		{{AKA_MILENAGE, AKA_TUAK}, {16, 32}, {16, 32}, ERR_OK},
		{{AKA_TUAK, AKA_MILENAGE}, {32, 16}, {32, 16}, ERR_OK},
		{{AKA_TUAK, AKA_TUAK}, {32, 16}, {32, 32}, ERR_OK},
		{{AKA_MILENAGE, AKA_MILENAGE}, {32, 16}, {16, 16}, ERR_KEY},
		{{AKA_MILENAGE, AKA_MILENAGE}, {16, 32}, {16, 16}, ERR_KEY},
		{{AKA_MILENAGE, AKA_MILENAGE}, {16, 16}, {16, 32}, ERR_KEY},
		{{AKA_TUAK, AKA_TUAK}, {16, 32}, {32, 16}, ERR_KEY},
		{{AKA_TUAK, AKA_TUAK}, {24, 32}, {32, 32}, ERR_KEY},
	};
	struct operator_store *s = NULL;

	ASSERT_ERR(operator_store_create(test_dir(), NULL, &s), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subscriber sub = {.key_id = 1}, got;
		struct subscriber_keys keys = {.s = random_secret(SEALING_KEY_LEN)}, back = {0};

		for (int n = 0; n < 2; n++) {
			sub.algorithm[n] = rows[i].algorithm[n];
			keys.k[n] = random_secret(rows[i].k[n]);
			keys.opc[n] = random_secret(rows[i].opc[n]);
			snprintf(sub.imsi[n], sizeof(sub.imsi[n]), "00101000000%u00%u",
				 (unsigned)i % 10, (unsigned)n % 10);
		}
		sub.iccid[9] = (uint8_t)i;
		ASSERT_ERR(subscriber_add(s, &sub, &keys), rows[i].e);
		if (rows[i].e) {
			ASSERT_ERR(subscriber_by_imsi(s, sub.imsi[0], &got, NULL), ERR_NOT_FOUND);
		} else {
			ASSERT_ERR(subscriber_keys_load(s, sub.id, &back), ERR_OK);
			for (int n = 0; n < 2; n++)
				CU_ASSERT_TRUE(secret_equal(secret_slice(back.k[n]),
							    secret_slice(keys.k[n])));
		}
		subscriber_keys_free(&back);
		subscriber_keys_free(&keys);
	}
	operator_store_close(&s);
}

/* An IMSI is one subscriber's, in whichever of the two places; of one subscriber both may be the
 * same. */
static void test_identities(void)
{
	static const struct {
		const char *imsi[2];
		struct subscriber_modes modes;
		enum err e;
	} rows[] = {
		{{"001010000000011", "001010000000011"}, {.derived = 0}, ERR_OK},
		{{"001010000000012", "001010000000013"}, {.derived = 0}, ERR_OK},
		{{"001010000000013", "001010000000014"}, {.derived = 0}, ERR_EXISTS},
		{{"001010000000014", "001010000000012"}, {.derived = 0}, ERR_EXISTS},
		{{"001010000000011", "001010000000015"}, {.derived = 0}, ERR_EXISTS},
		{{"001010000000016", "001010000000016"}, {.in_memory = true}, ERR_UNSUPPORTED},
		{{"001010000000016", "001010000000016"}, {.keep_first = true}, ERR_UNSUPPORTED},
		{{"001010000000016", "001010000000017"}, {.keep_first = true}, ERR_OK},
	};
	struct subscriber_keys keys = {
		.k = {secret_copy(test_unhex(K1)), secret_copy(test_unhex(K2))},
		.opc = {secret_copy(test_unhex(OPC)), secret_copy(test_unhex(OPC))},
		.s = secret_copy(test_unhex(K1 K2))};
	struct operator_store *s = NULL;
	struct subscriber got;
	int which = 0;

	ASSERT_ERR(operator_store_create(test_dir(), NULL, &s), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subscriber sub = {
			.key_id = 1,
			.algorithm = {AKA_MILENAGE, AKA_MILENAGE},
			.modes = rows[i].modes,
			.msisdn = {"+49170", "12"},
			.networks = {{.preferred_count = 1}, {.forbidden_count = 2}}};

		for (int n = 0; n < 2; n++)
			snprintf(sub.imsi[n], sizeof(sub.imsi[n]), "%s", rows[i].imsi[n]);
		sub.iccid[9] = (uint8_t)i;
		ASSERT_ERR(subscriber_add(s, &sub, &keys), rows[i].e);
		if (rows[i].e)
			continue;
		ASSERT_ERR(subscriber_by_imsi(s, rows[i].imsi[1], &got, &which), ERR_OK);
		CU_ASSERT_EQUAL(which, i ? 2 : 1); /* one of both: the one that is served */
		CU_ASSERT_EQUAL(memcmp(&got.modes, &sub.modes, sizeof(sub.modes)), 0);
		CU_ASSERT_EQUAL(memcmp(got.networks, sub.networks, sizeof(sub.networks)), 0);
		CU_ASSERT_STRING_EQUAL(got.msisdn[0], "+49170");
		CU_ASSERT_STRING_EQUAL(got.msisdn[1], "12");
	}
	subscriber_keys_free(&keys);
	operator_store_close(&s);
}

enum { TAKERS = 3, TAKES = 60 };

/* Several processes take numbers at once: none is given out twice. */
static void test_sqn_processes(void)
{
	const char *dir = test_dir();
	struct operator_store *s = NULL;
	struct subscriber sub;
	static uint64_t all[TAKERS * TAKES];
	size_t n = 0;
	int p[2];

	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
	sub = add_one(s);
	operator_store_close(&s);
	CU_ASSERT_EQUAL_FATAL(pipe(p), 0);
	for (int i = 0; i < TAKERS; i++) {
		if (fork() == 0) {
			bool good = operator_store_open(dir, NULL, &s) == ERR_OK;

			for (int k = 0; good && k < TAKES; k++) {
				struct sqn_challenge c = {.now = 1};
				struct subscription sn;

				good = subscription_open(s, sub.imsi[0], &sn) == ERR_OK &&
				       subscription_sqn_take(s, &sn, &c) == ERR_OK &&
				       write(p[1], &sn.sqn, sizeof(sn.sqn)) == sizeof(sn.sqn);
				subscription_close(&sn);
			}
			_exit(good ? 0 : 1);
		}
	}
	close(p[1]);
	while (n < ARRAY_LEN(all) && read(p[0], &all[n], sizeof(all[n])) == sizeof(all[n])) {
		for (size_t i = 0; i < n; i++)
			CU_ASSERT_NOT_EQUAL(all[i], all[n]);
		n++;
	}
	close(p[0]);
	for (int i = 0, status; i < TAKERS; i++)
		CU_ASSERT(wait(&status) > 0 && status == 0);
	CU_ASSERT_EQUAL(n, ARRAY_LEN(all));
}

/* What belongs to a challenge: once, for its subscription, for a time (TS 33.102 6.3.5, adr 0014)
 */
static void test_sqn_challenges(void)
{
	struct operator_store *s = NULL;
	struct subscriber sub;
	struct subscription one, other;
	struct sqn_challenge a = {.now = 1000}, b = {.now = 1000}, c;

	ASSERT_ERR(operator_store_create(test_dir(), NULL, &s), ERR_OK);
	sub = add_one(s);
	CU_ASSERT_FATAL(subscription_open(s, sub.imsi[0], &one) == ERR_OK);
	ASSERT_ERR(subscription_open(s, sub.imsi[1], &other), ERR_WRONG_STATE); /* not yet */
	ASSERT_ERR(subscription_sqn_take(s, &one, &a), ERR_OK);
	CU_ASSERT_EQUAL(one.sqn, 0x21);
	ASSERT_ERR(subscription_sqn_take(s, &one, &b), ERR_OK);
	a.now = 999; /* the clock went back */
	ASSERT_ERR(subscription_resync(s, &one, &a, 1000), ERR_EXPIRED);
	a.now = 1001 + SQN_CHALLENGE_VALID_S;
	ASSERT_ERR(subscription_resync(s, &one, &a, 1000), ERR_EXPIRED);
	a.now--;
	ASSERT_ERR(subscription_resync(s, &one, &a, 1000), ERR_OK);
	ASSERT_ERR(subscription_resync(s, &one, &a, 1000), ERR_NOT_FOUND); /* it serves once */
	ASSERT_ERR(subscription_resync(s, &one, &b, 0x3c0), ERR_OK);	   /* of before: not back */
	ASSERT_ERR(subscription_sqn_take(s, &one, &a), ERR_OK);
	CU_ASSERT_EQUAL(one.sqn, 32 << 5); /* SEQ 31, IND 8 were the card's */
	c = a;
	for (unsigned i = 0; i < 300; i++)
		ASSERT_ERR(subscription_sqn_take(s, &one, &b), ERR_OK);
	c.rand[3] ^= 1;
	ASSERT_ERR(subscription_resync(s, &one, &c, 0), ERR_NOT_FOUND);	    /* none of ours */
	ASSERT_ERR(subscription_resync(s, &one, &b, one.sqn - 32), ERR_OK); /* the last one */
	ASSERT_ERR(subscription_resync(s, &one, &a, 0), ERR_NOT_FOUND); /* one after it was heard */
	ASSERT_ERR(subscription_sqn_take(s, &one, &a), ERR_OK);
	ASSERT_ERR(subscription_sqn_take(s, &one, &b), ERR_OK);
	ASSERT_ERR(subscription_resync(s, &one, &a, 0), ERR_OK); /* down */
	CU_ASSERT_EQUAL(one.sqn, 0);
	ASSERT_ERR(subscription_resync(s, &one, &b, 0), ERR_NOT_FOUND); /* not twice */
	/* that of another subscription */
	ASSERT_ERR(subscription_sqn_take(s, &one, &a), ERR_OK);
	one.sub = 2;
	ASSERT_ERR(subscription_resync(s, &one, &a, 0), ERR_WRONG_STATE);
	one.sub = 1;
	ASSERT_ERR(subscription_resync(s, &one, &a, 0), ERR_OK);
	subscription_close(&one);
	operator_store_close(&s);
}

/* I6: whoever has read a row that somebody else has written since takes the number after his. */
static void test_sqn_read_before(void)
{
	const char *dir = test_dir();
	struct operator_store *s = NULL, *again = NULL;
	struct subscription first, second;
	struct sqn_challenge a = {.now = 1}, b = {.now = 1};
	struct subscriber_event suspend = {.kind = EVENT_SUSPEND, .now = 1};
	struct subscriber sub;

	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
	sub = add_one(s);
	CU_ASSERT_FATAL(operator_store_open(dir, NULL, &again) == ERR_OK);
	CU_ASSERT_FATAL(subscription_open(s, sub.imsi[0], &first) == ERR_OK);
	CU_ASSERT_FATAL(subscription_open(again, sub.imsi[0], &second) == ERR_OK);
	ASSERT_ERR(subscription_sqn_take(s, &first, &a), ERR_OK);
	ASSERT_ERR(subscription_sqn_take(again, &second, &b), ERR_OK);
	CU_ASSERT(second.sqn > first.sqn);
	ASSERT_ERR(subscription_resync(s, &first, &b, second.sqn), ERR_OK); /* both are known */
	ASSERT_ERR(subscription_sqn_take(s, &first, &a), ERR_OK);
	CU_ASSERT(first.sqn > second.sqn);
	ASSERT_ERR(subscriber_event(s, sub.id, &suspend, NULL), ERR_OK);
	ASSERT_ERR(subscription_sqn_take(again, &second, &b), ERR_WRONG_STATE);
	ASSERT_ERR(subscriber_by_id(s, sub.id, &sub), ERR_OK); /* the row is good */
	subscription_close(&first);
	subscription_close(&second);
	operator_store_close(&again);
	operator_store_close(&s);
}

static void test_events_and_log(void)
{
	struct operator_store *s = NULL;
	struct subscriber sub, after;
	uint8_t eid[16] = {0x89};
	struct subscriber_event grant = {.kind = EVENT_GRANT, .now = 30, .eid = eid};

	ASSERT_ERR(operator_store_create(test_dir(), NULL, &s), ERR_OK);
	sub = add_one(s);
	ASSERT_ERR(subscriber_event(s, sub.id, &grant, &after), ERR_WRONG_STATE);
	ASSERT_ERR(subscriber_event(s, sub.id,
				    &(struct subscriber_event){.kind = EVENT_RES1, .now = 10},
				    &after),
		   ERR_OK);
	CU_ASSERT_EQUAL(after.first_factor_at, 10);
	ASSERT_ERR(subscriber_event(s, sub.id,
				    &(struct subscriber_event){.kind = EVENT_FACTOR,
							       .now = 20,
							       .valid_s = 100,
							       .actor = "agent",
							       .evidence = "passport"},
				    &after),
		   ERR_OK);
	CU_ASSERT_EQUAL(after.second_factor_until, 120);
	ASSERT_ERR(subscriber_event(s, sub.id, &grant, &after), ERR_OK);
	CU_ASSERT_EQUAL(after.state, STATE_RELEASED);
	CU_ASSERT_EQUAL(after.first_factor_at + after.second_factor_until, 0);
	CU_ASSERT_TRUE(after.has_eid);
	operator_store_close(&s);
}

static void test_pending_and_totp(void)
{
	struct operator_store *s = NULL;
	struct subscriber sub;
	struct auc_pending p = {.sub = 1, .res_len = 8, .expires = 100}, got;
	struct secret *seed = secret_copy(test_unhex("0102030405060708090a")), *back = NULL;
	char id[33], other[33];

	ASSERT_ERR(operator_store_create(test_dir(), NULL, &s), ERR_OK);
	sub = add_one(s);
	p.subscriber = sub.id;
	memset(p.res, 0x77, 8);
	ASSERT_ERR(auc_pending_put(s, &p, id), ERR_OK);
	ASSERT_ERR(auc_pending_put(s, &p, other), ERR_OK);
	ASSERT_ERR(auc_pending_take(s, id, 50, &got), ERR_OK);
	ASSERT_OCTETS(slice_make(got.res, got.res_len), slice_make(p.res, 8), "RES");
	ASSERT_ERR(auc_pending_take(s, id, 50, &got), ERR_NOT_FOUND); /* it serves once */
	ASSERT_ERR(auc_pending_take(s, other, 101, &got), ERR_EXPIRED);
	ASSERT_ERR(factor_load_totp(s, sub.id, &back), ERR_NOT_FOUND);
	ASSERT_ERR(factor_put_totp(s, sub.id, seed), ERR_OK);
	ASSERT_ERR(factor_load_totp(s, sub.id, &back), ERR_OK);
	CU_ASSERT_TRUE(secret_equal(secret_slice(back), secret_slice(seed)));
	secret_free(&back);
	secret_free(&seed);
	operator_store_close(&s);
}

/* What somebody does who has the database file and no key. */
static bool edit(const char *dir, const char *sql)
{
	if (tamper_has_files())
		tamper(dir, TAMPER_OPERATOR,
		       "DROP TRIGGER IF EXISTS log_keep; DROP TRIGGER IF EXISTS log_stay");
	return tamper(dir, TAMPER_OPERATOR, sql);
}

static void test_log_chain(void)
{
	static const struct {
		const char *sql;
		int64_t good;
		bool end; /* it does not end where it did: nothing is added to it any more */
	} cases[] = {
		{"UPDATE log SET evidence = 'none' WHERE seq = 3", 2, false},
		{"UPDATE log SET at = at + 1 WHERE seq = 1", 0, false},
		{"UPDATE log SET actor = 'ab', evidence = 'c' WHERE seq = 2", 1, false},
		{"UPDATE log SET evidence = CAST(x'626300ff' AS TEXT) WHERE seq = 2", 1, false},
		{"DELETE FROM log WHERE seq = 2", 1, false},
		{"DELETE FROM log WHERE seq = 4", 3, true},
		{"DELETE FROM log WHERE seq > 2; UPDATE sqlite_sequence SET seq = 2"
		 " WHERE name = 'log'",
		 2, true},
		{"DELETE FROM log; DELETE FROM sqlite_sequence WHERE name = 'log'", 0, true},
		{"DELETE FROM log", 0, true},
		{"DELETE FROM log_head", 4, true},
		{"DELETE FROM log WHERE seq = 4; UPDATE log_head SET seq = 3, link ="
		 " (SELECT link FROM log WHERE seq = 3)",
		 3, true},
		{"INSERT INTO log SELECT 5, at, subscriber, event, from_state, to_state, actor,"
		 " evidence, link, prior FROM log WHERE seq = 4",
		 4, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *dir = test_dir();
		struct operator_store *s = NULL;
		struct subscriber sub;
		struct log_check check;

		ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
		sub = add_one(s);
		ASSERT_ERR(log_verify(s, &check), ERR_OK);
		CU_ASSERT_EQUAL(check.good, 0);
		for (int k = 0; k < 4; k++)
			ASSERT_ERR(subscriber_event(s, sub.id,
						    &(struct subscriber_event){.kind = EVENT_RES1,
									       .now = k,
									       .actor = "a",
									       .evidence = "bc"},
						    NULL),
				   ERR_OK);
		ASSERT_ERR(log_verify(s, &check), ERR_OK);
		CU_ASSERT_EQUAL(check.good, 4);
		if (!edit(dir, cases[i].sql)) {
			operator_store_close(&s);
			continue;
		}
		ASSERT_ERR(log_verify(s, &check), ERR_CORRUPT);
		CU_ASSERT_EQUAL(check.good, cases[i].good);
		CU_ASSERT_EQUAL(check.found, LOG_CHANGED);
		ASSERT_ERR(subscriber_event(s, sub.id,
					    &(struct subscriber_event){.kind = EVENT_RES1}, NULL),
			   cases[i].end ? ERR_CORRUPT : ERR_OK);
		operator_store_close(&s);
	}
}

static void test_other_version(void)
{
	const char *dir = test_dir();
	struct operator_store *s = NULL;

	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
	operator_store_close(&s);
	edit(dir, "PRAGMA user_version = 99");
	ASSERT_ERR(operator_store_open(dir, NULL, &s), ERR_VERSION);
	CU_ASSERT_PTR_NULL(s);
}

TEST_SUITE(operator_store, {"the table of states", test_state_table},
	   {"keys of 128 and of 256 bits", test_lengths_of_keys},
	   {"whose an IMSI is", test_identities},
	   {"secrets are sealed at rest", test_secrets_at_rest},
	   {"SQN under several processes", test_sqn_processes},
	   {"a challenge and its number", test_sqn_challenges},
	   {"a number of a row that was read before", test_sqn_read_before},
	   {"events and the log", test_events_and_log},
	   {"a log that was changed shows", test_log_chain},
	   {"a store of another version", test_other_version},
	   {"challenges and second factors", test_pending_and_totp})
