/* What somebody does who has the operator's database and no key: it is found, and not acted on. */
#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/support/authority.h"

static void edit(const struct authority *l, const char *sql)
{
	if (tamper_has_files())
		tamper(l->dir, TAMPER_OPERATOR,
		       "DROP TRIGGER IF EXISTS log_keep; DROP TRIGGER IF EXISTS log_stay");
	tamper(l->dir, TAMPER_OPERATOR, sql);
}

/* Both factors are there, and a code generator with a wrong code. */
static void prepare(struct authority *l)
{
	struct secret *seed = NULL;
	char uri[FACTOR_URI_MAX];
	unsigned left;

	authority_open(l);
	ASSERT_ERR(factor_new_totp(&l->sub, &seed, uri), ERR_OK);
	ASSERT_ERR(factor_put_totp(l->store, l->sub.id, seed), ERR_OK);
	secret_free(&seed);
	authority_take(l, EVENT_RES1, l->now);
	ASSERT_ERR(factor_approve_totp(l->store, &l->sub, &(struct factor_code){"wrong!", l->now},
				       &l->sub, &left),
		   ERR_FACTOR);
	(void)authority_challenge(l, AUTHORITY_KEY_ID);
}

static const struct {
	const char *sql;
	enum log_finding found;
} rows[] = {
	{"UPDATE subscriber SET state = 3", LOG_PARTED},
	{"UPDATE subscriber SET state = 5", LOG_PARTED},
	{"UPDATE subscriber SET second_until = 4102444800", LOG_ROW},
	{"UPDATE subscriber SET first_at = second_from + 1", LOG_ROW},
	{"UPDATE subscriber SET eid = zeroblob(16)", LOG_ROW},
	{"UPDATE subscriber SET eid = NULL, bound_by = 0", LOG_ROW},
	{"UPDATE subscriber SET bound_by = 1", LOG_ROW},
	{"UPDATE subscriber SET key_id = 2", LOG_ROW},
	{"UPDATE subscriber SET granted_key_id = 1", LOG_ROW},
	{"UPDATE subscriber SET second = 1", LOG_ROW},
	{"UPDATE subscriber SET wrong = 0, wrong_at = 1", LOG_ROW},
	{"UPDATE subscriber SET totp_revision = 0", LOG_ROW},
	{"UPDATE subscriber SET imsi1 = '001010000000009'", LOG_ROW},
	{"UPDATE subscriber SET iccid = x'98881201000000002000'", LOG_ROW},
	{"UPDATE subscriber SET mac = NULL", LOG_ROW},
	{"UPDATE subscriber SET key1 = key2", LOG_ROW},
	{"UPDATE subscriber SET key2 = zeroblob(44)", LOG_ROW},
	{"UPDATE subscriber SET s = key2", LOG_ROW},
	{"UPDATE subscriber SET key2_spare = key2", LOG_ROW},
	{"UPDATE subscriber SET reseal = x'BF7300'", LOG_ROW},
	{"UPDATE subscriber SET sqn1 = sqn1 + 1", LOG_ROW},
	{"UPDATE subscriber SET sqn2 = 281474976710655", LOG_ROW},
	{"UPDATE subscriber SET name = 'x'", LOG_ROW},
	{"UPDATE subscriber SET alg1 = alg1 + 1", LOG_ROW},
	{"UPDATE totp SET failures = 0", LOG_FACTOR},
	{"UPDATE totp SET used = x'0000000000000001'", LOG_FACTOR},
	{"UPDATE totp SET revision = revision - 1", LOG_FACTOR},
	{"DELETE FROM totp", LOG_FACTOR},
	{"PRAGMA foreign_keys = OFF; DELETE FROM subscriber", LOG_GONE},
};

/* Each edit is found by the check; no grant goes out, no code is judged, nothing is approved. */
static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subscriber after;
		struct authority l;
		struct log_check c;
		unsigned left;
		enum err e;

		prepare(&l);
		ASSERT_ERR(log_verify(l.store, &c), ERR_OK);
		CU_ASSERT_EQUAL(c.good, 3);
		edit(&l, rows[i].sql);
		ASSERT_ERR(log_verify(l.store, &c), ERR_CORRUPT);
		if (c.found != rows[i].found)
			fprintf(stderr, "\n%s: found %d\n", rows[i].sql, (int)c.found);
		CU_ASSERT_EQUAL(c.found, rows[i].found);
		CU_ASSERT_EQUAL(c.good, 3);
		CU_ASSERT_EQUAL(c.subscriber, 1);
		CU_ASSERT_STRING_EQUAL(c.by_log, c.found == LOG_GONE ? "" : "LIMITED");
		e = factor_approve_totp(l.store, &l.sub, &(struct factor_code){"wrong!", l.now},
					&after, &left);
		CU_ASSERT(e == ERR_CORRUPT || e == ERR_NOT_FOUND);
		if (c.found != LOG_FACTOR)
			ASSERT_ERR(factor_approve_agent(
					   l.store, &l.sub,
					   &(struct factor_word){"a", "b", l.now, false}, &after),
				   c.found == LOG_GONE ? ERR_NOT_FOUND : ERR_CORRUPT);
		CU_ASSERT_NOT_EQUAL(authority_issue(&l, l.now), ERR_OK);
		CU_ASSERT_EQUAL(l.grant.len, 0);
		authority_close(&l);
	}
}

/* A row as it was before, with its own proof, does not come back: the log went on. */
static void test_older_row(void)
{
	struct authority l;
	struct log_check c;

	prepare(&l);
	authority_take(&l, EVENT_FACTOR, l.now);
	edit(&l, "CREATE TABLE kept AS SELECT * FROM subscriber");
	authority_take(&l, EVENT_SUSPEND, l.now);
	edit(&l, "UPDATE subscriber SET (state, first_at, second_from, second_until, log_seq, mac)"
		 " = (SELECT state, first_at, second_from, second_until, log_seq, mac FROM kept)");
	ASSERT_ERR(authority_issue(&l, l.now), ERR_CORRUPT);
	ASSERT_ERR(log_verify(l.store, &c), ERR_CORRUPT);
	CU_ASSERT_EQUAL(c.found, LOG_PARTED);
	CU_ASSERT_STRING_EQUAL(c.by_log, "SUSPENDED");
	CU_ASSERT_STRING_EQUAL(c.by_row, "VERIFIED");
	/* nor with the log's last entry taken out */
	edit(&l, "DELETE FROM log WHERE event = 'suspend'; UPDATE sqlite_sequence SET seq ="
		 " (SELECT max(seq) FROM log) WHERE name = 'log'");
	CU_ASSERT_EQUAL(authority_issue(&l, l.now), ERR_CORRUPT);
	ASSERT_ERR(log_verify(l.store, &c), ERR_CORRUPT);
	CU_ASSERT_EQUAL(c.found, LOG_CHANGED);
	authority_close(&l);
}

/* The settings are in the log's head. */
static void test_policy(void)
{
	struct operator_policy p;
	struct authority l;
	struct log_check c;

	authority_open(&l);
	edit(&l, "UPDATE log_head SET flags = 3");
	ASSERT_ERR(operator_policy_get(l.store, &p), ERR_CORRUPT);
	ASSERT_ERR(log_verify(l.store, &c), ERR_CORRUPT);
	CU_ASSERT_EQUAL(c.found, LOG_CHANGED);
	authority_close(&l);
}

/* Nobody is taken out without a trace, not even who has no entry in the log; and an AuC goes on. */
static void test_unused(void)
{
	struct subscriber_keys keys = {.s = random_secret(32)};
	struct subscriber sub = {.key_id = 1, .imsi = {"001010000000011", "001010000000012"}};
	struct authority l;
	struct log_check c;

	authority_open(&l);
	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
		sub.algorithm[i] = AKA_MILENAGE;
	}
	ASSERT_ERR(subscriber_add(l.store, &sub, &keys), ERR_OK);
	ASSERT_ERR(operator_policy_set(l.store, &(struct operator_policy){.gsm_factor = true},
				       "test", l.now),
		   ERR_OK);
	ASSERT_ERR(log_verify(l.store, &c), ERR_OK);
	edit(&l, "DELETE FROM subscriber WHERE id = 2;"
		 "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'subscriber'");
	ASSERT_ERR(log_verify(l.store, &c), ERR_CORRUPT);
	CU_ASSERT_EQUAL(c.found, LOG_GONE);
	CU_ASSERT_EQUAL(c.subscriber, 2);
	CU_ASSERT_EQUAL(c.entry, 0);
	subscriber_keys_free(&keys);
	authority_close(&l);
}

/* A trigger that somebody has put in changes nothing of what is written after it. */
static void test_trigger(void)
{
	struct authority l;
	struct log_check c;

	prepare(&l);
	edit(&l, "CREATE TRIGGER mine AFTER UPDATE ON subscriber BEGIN"
		 " UPDATE subscriber SET eid = zeroblob(16), second_until = 4102444800; END");
	authority_take(&l, EVENT_FACTOR, l.now);
	ASSERT_OCTETS(SLICE_OF(l.sub.eid), SLICE_OF(authority_eid), "EID");
	ASSERT_ERR(subscriber_by_id(l.store, l.sub.id, &l.sub), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(l.sub.eid), SLICE_OF(authority_eid), "EID");
	CU_ASSERT(l.sub.second_factor_until < 4102444800);
	ASSERT_ERR(log_verify(l.store, &c), ERR_OK);
	authority_close(&l);
}

/* Nor are rows taken as they are because the file calls itself older than it is. */
static void test_downgrade(void)
{
	static const char *const older[] = {
		"UPDATE subscriber SET eid = zeroblob(16); PRAGMA user_version = 5",
		"UPDATE subscriber SET eid = zeroblob(16); PRAGMA user_version = 2",
		"PRAGMA user_version = 0",
	};

	for (size_t i = 0; i < ARRAY_LEN(older); i++) {
		struct operator_store *s = NULL;
		struct authority l;

		authority_open(&l);
		edit(&l, older[i]);
		CU_ASSERT_NOT_EQUAL(operator_store_open(l.dir, NULL, &s), ERR_OK);
		CU_ASSERT_PTR_NULL(s);
		authority_close(&l);
	}
}

TEST_SUITE(edited, {"rows edited by SQL", test_rows}, {"an older row put back", test_older_row},
	   {"settings edited by SQL", test_policy}, {"who has no entry yet", test_unused},
	   {"a trigger put in", test_trigger}, {"called older than it is", test_downgrade})
