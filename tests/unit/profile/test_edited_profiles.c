/* What somebody does who has the manager's database and no key: it is found, and not acted on. */
#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/verify.h"
#include "tests/unit/support/desk.h"
#include "tool/sys/path.h"

static void edit(const struct desk *d, const char *sql)
{
	tamper(d->manager, TAMPER_MANAGER, sql);
}

#define FIRST " WHERE matching_id = '" DESK_MATCHING_ID "'"

static const struct {
	const char *sql;
	enum smdp_finding found;
} rows[] = {
	{"UPDATE profile SET state = 7" FIRST, SMDP_PARTED},
	{"UPDATE profile SET state = 5" FIRST, SMDP_PARTED},
	{"UPDATE profile SET eid = x'89049032123451234512345678901332'" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET eid = zeroblob(16)" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET linked = 1" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET type = 'gold'" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET code = x'00'" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET code_tries_max = 99" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET downloads = 0" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET downloads_max = 99" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET ordered = 0" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET expires = expires + 1" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET revision = 1" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET binding = NULL" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET log_seq = 1" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET mac = NULL" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET mac = (SELECT mac FROM profile WHERE matching_id <> "
	 "'" DESK_MATCHING_ID "')" FIRST,
	 SMDP_ROW_CHANGED},
};

/* Each edit of the profile's row is found by the check, and nobody is given the profile. */
static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct smdp_profile p;
		struct smdp_check c;
		struct desk d;
		int64_t entries;

		desk_open(&d);
		desk_bind(&d);
		ASSERT_ERR(smdp_store_verify(d.store, &c), ERR_OK);
		CU_ASSERT_EQUAL(c.found, SMDP_LOG_INTACT);
		entries = c.good;
		edit(&d, rows[i].sql);
		ASSERT_ERR(smdp_store_verify(d.store, &c), ERR_CORRUPT);
		if (c.found != rows[i].found)
			fprintf(stderr, "\n%s: found %d\n", rows[i].sql, (int)c.found);
		CU_ASSERT_EQUAL(c.found, rows[i].found);
		CU_ASSERT_EQUAL(c.good, entries);
		CU_ASSERT_STRING_EQUAL(c.by_log, "Downloaded");
		ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_CORRUPT);
		ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[0], &p), ERR_CORRUPT);
		desk_close(&d);
	}
}

static const struct {
	const char *sql;
	enum smdp_finding found;
} others[] = {
	{"UPDATE profile SET matching_id = 'MINE'" FIRST, SMDP_ROW_CHANGED},
	{"UPDATE profile SET iccid = x'98881201000000009999'" FIRST, SMDP_ROW_CHANGED},
	{"DELETE FROM profile" FIRST, SMDP_GONE},
	{"UPDATE package SET metadata = x'BF2500' WHERE profile = 1", SMDP_PACKAGE_CHANGED},
	{"UPDATE package SET services = 7 WHERE profile = 1", SMDP_PACKAGE_CHANGED},
	{"UPDATE package SET upp = zeroblob(length(upp)) WHERE profile = 1", SMDP_PACKAGE_CHANGED},
	{"DELETE FROM package WHERE profile = 1", SMDP_PACKAGE_CHANGED},
	{"UPDATE session SET state = 2", SMDP_SESSION_CHANGED},
	{"UPDATE session SET eid = zeroblob(16)", SMDP_SESSION_CHANGED},
	{"UPDATE session SET profile = 2", SMDP_SESSION_CHANGED},
	{"INSERT INTO profile SELECT 99, x'98881201000000009999', type, state, 'MINE', eid, linked,"
	 " code, code_tries, code_tries_max, downloads, downloads_max, ordered, expires, revision,"
	 " binding, log_seq, mac FROM profile" FIRST,
	 SMDP_ROW_CHANGED},
};

static void test_others(void)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct smdp_profile p;
		struct smdp_check c;
		struct desk d;

		desk_open(&d);
		desk_bind(&d);
		edit(&d, others[i].sql);
		ASSERT_ERR(smdp_store_verify(d.store, &c), ERR_CORRUPT);
		if (c.found != others[i].found)
			fprintf(stderr, "\n%s: found %d\n", others[i].sql, (int)c.found);
		CU_ASSERT_EQUAL(c.found, others[i].found);
		CU_ASSERT_NOT_EQUAL(smdp_profile_find(d.store, "MINE", &p), ERR_OK);
		desk_close(&d);
	}
}

/* What an eUICC has told last: an older notification of it would count again. */
static void test_told(void)
{
	static const char *const edits[] = {
		"UPDATE told SET seq = 99", "DELETE FROM told",
		"INSERT INTO told SELECT profile, zeroblob(16), 1 FROM told"};

	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct smdp_profile p;
		struct smdp_check c;
		struct desk d;

		desk_open(&d);
		desk_bind(&d);
		ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
		ASSERT_ERR(smdp_store_verify(d.store, &c), ERR_OK);
		edit(&d, edits[i]);
		ASSERT_ERR(smdp_store_verify(d.store, &c), ERR_CORRUPT);
		CU_ASSERT_EQUAL(c.found, SMDP_ROW_CHANGED);
		ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[0], &p), ERR_CORRUPT);
		desk_close(&d);
	}
}

/* A row as it was before, with its own proof, does not come back: the log went on. */
static void test_older_row(void)
{
	struct smdp_profile p;
	struct smdp_check c;
	struct desk d;

	desk_open(&d);
	desk_bind(&d);
	edit(&d, "CREATE TABLE kept AS SELECT * FROM profile");
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
	ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[0], &p), ERR_OK);
	CU_ASSERT_EQUAL(p.state, SMDP_INSTALLED);
	edit(&d, "DELETE FROM profile; INSERT INTO profile SELECT * FROM kept");
	ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[0], &p), ERR_CORRUPT);
	ASSERT_ERR(smdp_store_verify(d.store, &c), ERR_CORRUPT);
	CU_ASSERT_EQUAL(c.found, SMDP_PARTED);
	CU_ASSERT_STRING_EQUAL(c.by_row, "Downloaded");
	CU_ASSERT_STRING_EQUAL(c.by_log, "Installed");
	desk_close(&d);
}

/* A trigger that somebody has put in changes nothing of what is written after it. */
static void test_trigger(void)
{
	static const uint8_t nobody[16];
	struct smdp_profile p;
	struct desk d;

	desk_open(&d);
	edit(&d, "CREATE TRIGGER mine AFTER UPDATE ON profile BEGIN"
		 " UPDATE profile SET eid = zeroblob(16), downloads_max = 99; END");
	desk_bind(&d);
	ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[0], &p), ERR_OK);
	CU_ASSERT_NOT_EQUAL(memcmp(p.eid, nobody, sizeof(nobody)), 0);
	CU_ASSERT_EQUAL(p.downloads_max, SMDP_DOWNLOADS_MAX);
	desk_close(&d);
}

/* Nor are rows taken as they are because the file calls itself older than it is, or is empty. */
static void test_downgrade(void)
{
	static const char *const older[] = {
		"UPDATE profile SET eid = zeroblob(16); DROP INDEX log_of;"
		"ALTER TABLE profile DROP COLUMN log_seq; ALTER TABLE profile DROP COLUMN mac;"
		"ALTER TABLE package DROP COLUMN mac; ALTER TABLE session DROP COLUMN mac;"
		"PRAGMA user_version = 7",
		"DROP TABLE profile; DROP TABLE package; DROP TABLE session; DROP TABLE log;"
		"DROP TABLE notification; DROP TABLE told; DROP TABLE log_head;"
		"PRAGMA user_version = 0",
	};

	for (size_t i = 0; i < ARRAY_LEN(older); i++) {
		struct smdp_store *s = NULL;
		struct desk d;

		desk_open(&d);
		edit(&d, older[i]);
		ASSERT_ERR(smdp_store_open(d.manager, NULL, &s), ERR_CORRUPT);
		CU_ASSERT_PTR_NULL(s);
		desk_close(&d);
	}
}

TEST_SUITE(edited_profiles, {"rows of profiles edited by SQL", test_rows},
	   {"packages, sessions, rows that come and go", test_others},
	   {"what eUICCs told", test_told}, {"an older row put back", test_older_row},
	   {"a trigger put in", test_trigger}, {"called older than it is", test_downgrade})
