/* smdp_store: the subscription manager's folder. */
#include "host/operator/smdp/store/change.h"
#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/verify.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tests/support/stock.h"

#define LOAD_MAX (2 * SMDP_UPP_MAX)
#define MANY	 96 /* packages of the full length: more than SQLite keeps in memory */

static const uint8_t iccid[10] = {0x98, 0x88, 1};
static const uint8_t other_iccid[10] = {0x98, 0x88, 2};

static const char *path_of(const char *dir, const char *name)
{
	static char path[160];

	ASSERT_ERR(path_join(dir, name, path, sizeof(path)), ERR_OK);
	return path;
}

static struct smdp_store *open_at(const char *dir)
{
	struct smdp_store *s = NULL;

	CU_ASSERT_FATAL(smdp_store_open(dir, NULL, &s) == ERR_OK);
	return s;
}

static enum err add(struct smdp_store *s, const uint8_t *which, const char *id)
{
	return stock_profile(s, which, id, slice_str("metadata"), slice_str("elements"));
}

static void test_profiles(void)
{
	const char *dir = test_dir();
	struct smdp_store *s = open_at(dir);
	struct wbuf metadata = wbuf_grow(LOAD_MAX), upp = wbuf_grow(LOAD_MAX);
	static const struct smdp_change bound = {.event = SMDP_BIND};
	static const uint8_t eid[16] = {0x89};
	struct smdp_profile p;
	struct stat st;
	char id[SMDP_MATCHING_ID_MAX + 2];

	ASSERT_ERR(add(s, iccid, "A"), ERR_OK);
	ASSERT_ERR(add(s, iccid, "B"), ERR_EXISTS);
	ASSERT_ERR(add(s, other_iccid, "A"), ERR_EXISTS);
	ASSERT_ERR(add(s, other_iccid, ""), ERR_LENGTH);
	memset(id, 'x', sizeof(id));
	id[sizeof(id) - 1] = 0;
	ASSERT_ERR(add(s, other_iccid, id), ERR_LENGTH);
	ASSERT_ERR(stock_profile(s, other_iccid, "B", slice_str("m"), SLICE_EMPTY), ERR_LENGTH);
	wbuf_fill(&upp, 7, SMDP_UPP_MAX + 1);
	ASSERT_ERR(stock_profile(s, other_iccid, "B", slice_str("m"), wbuf_slice(&upp)),
		   ERR_LENGTH);
	wbuf_cut(&upp, SMDP_UPP_MAX);
	ASSERT_ERR(stock_profile(s, other_iccid, "B", slice_str("m"), wbuf_slice(&upp)), ERR_OK);
	ASSERT_ERR(smdp_profile_find(s, "C", &p), ERR_NOT_FOUND);
	smdp_store_close(&s);
	s = open_at(dir);
	ASSERT_ERR(smdp_profile_find(s, "A", &p), ERR_OK);
	CU_ASSERT_EQUAL(p.state, SMDP_RELEASED);
	ASSERT_OCTETS(SLICE_OF(p.iccid), SLICE_OF(iccid), "ICCID");
	memcpy(p.eid, eid, sizeof(p.eid));
	ASSERT_ERR(smdp_profile_change(s, &p, &bound), ERR_OK);
	ASSERT_ERR(smdp_profile_find(s, "A", &p), ERR_OK);
	CU_ASSERT_EQUAL(p.state, SMDP_DOWNLOADED);
	ASSERT_OCTETS(SLICE_OF(p.eid), SLICE_OF(eid), "EID");
	wbuf_reset(&upp);
	ASSERT_ERR(smdp_package_load(s, p.id, &metadata, &upp), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&upp), slice_str("elements"), "elements");
	ASSERT_OCTETS(wbuf_slice(&metadata), slice_str("metadata"), "metadata");
	ASSERT_ERR(smdp_package_load(s, 99, NULL, &upp), ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(stat(path_of(dir, "manager.key"), &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	smdp_store_close(&s);
	wbuf_free(&metadata);
	wbuf_free(&upp);
}

static void execute(const char *dir, const char *sql)
{
	tamper(dir, TAMPER_MANAGER, sql);
}

static enum err load(struct smdp_store *s, const char *id)
{
	struct wbuf upp = wbuf_grow(LOAD_MAX);
	struct smdp_profile p;
	enum err e = smdp_profile_find(s, id, &p);

	if (!e)
		e = smdp_package_load(s, p.id, NULL, &upp);
	CU_ASSERT(e == ERR_OK || upp.len == 0);
	wbuf_free(&upp);
	return e;
}

/* What another hand did to the folder: found out, never taken for a package. */
static void test_tampering(void)
{
	const char *dir = test_dir();
	struct smdp_store *s = open_at(dir);
	static const uint8_t short_key[31] = {0};

	ASSERT_ERR(add(s, iccid, "A"), ERR_OK);
	ASSERT_ERR(add(s, other_iccid, "B"), ERR_OK);
	smdp_store_close(&s);
	/* the package of one profile in the row of another: the ICCID is authenticated */
	execute(dir, "UPDATE package SET upp = (SELECT upp FROM package WHERE profile = 1)"
		     " WHERE profile = 2");
	s = open_at(dir);
	ASSERT_ERR(load(s, "A"), ERR_OK);
	ASSERT_ERR(load(s, "B"), ERR_CORRUPT);
	smdp_store_close(&s);
	execute(dir, "UPDATE package SET upp = x'00' WHERE profile = 1");
	s = open_at(dir);
	ASSERT_ERR(load(s, "A"), ERR_CORRUPT);
	smdp_store_close(&s);
	execute(dir, "UPDATE profile SET iccid = x'01' WHERE matching_id = 'A'");
	s = open_at(dir);
	ASSERT_ERR(load(s, "A"), ERR_CORRUPT);
	smdp_store_close(&s);
	ASSERT_ERR(file_write(path_of(dir, "manager.key"), SLICE_OF(short_key), 0600, NULL),
		   ERR_OK);
	ASSERT_ERR(smdp_store_open(dir, NULL, &s), ERR_CORRUPT);
	CU_ASSERT_EQUAL(unlink(path_of(dir, "manager.key")), 0);
	ASSERT_ERR(smdp_store_open(dir, NULL, &s), ERR_CORRUPT); /* no new key over old packages */
	CU_ASSERT_NOT_EQUAL(access(path_of(dir, "manager.key"), F_OK), 0);
}

#define RACERS 3
#define RACES  20

/* A process of its own that opens the folder when the gate does and puts a profile into it. */
static pid_t race(const char *dir, const int gate[2], uint8_t number)
{
	pid_t child = fork();
	struct smdp_store *s = NULL;
	uint8_t which[10] = {0x98, number}, c;
	char id[2] = {(char)('A' + number), 0};

	if (child)
		return child;
	close(gate[1]);
	if (read(gate[0], &c, 1) == 0 && smdp_store_open(dir, NULL, &s) == ERR_OK &&
	    add(s, which, id) == ERR_OK) {
		smdp_store_close(&s);
		_exit(0);
	}
	_exit(1);
}

/* Who opens a folder that is not there yet at the same instant gets one key and one inventory. */
static void test_made_at_once(void)
{
	char dir[128];
	int gate[2], status;
	pid_t racers[RACERS];

	for (int n = 0; n < RACES; n++) {
		struct smdp_store *s;
		int64_t good;

		ASSERT_ERR(path_join(test_dir(), "manager", dir, sizeof(dir)), ERR_OK);
		CU_ASSERT_FATAL(pipe(gate) == 0);
		for (uint8_t i = 0; i < RACERS; i++)
			racers[i] = race(dir, gate, i);
		close(gate[0]);
		close(gate[1]); /* it opens */
		for (int i = 0; i < RACERS; i++) {
			CU_ASSERT_EQUAL(waitpid(racers[i], &status, 0), racers[i]);
			CU_ASSERT_EQUAL(status, 0);
		}
		s = open_at(dir);
		for (uint8_t i = 0; i < RACERS; i++)
			ASSERT_ERR(load(s, (const char[]){(char)('A' + i), 0}), ERR_OK);
		ASSERT_ERR(stock_verify(s, &good), ERR_OK);
		smdp_store_close(&s);
	}
}

static void test_other_versions(void)
{
	const char *dir = test_dir(), *junk = test_dir();
	struct smdp_store *s = open_at(dir);

	smdp_store_close(&s);
	execute(dir, "PRAGMA user_version = 99");
	ASSERT_ERR(smdp_store_open(dir, NULL, &s), ERR_VERSION);
	if (!tamper_needs_files())
		return;
	s = open_at(junk);
	smdp_store_close(&s);
	ASSERT_ERR(file_write(path_of(junk, "manager.db"),
			      slice_str("this is no database, whoever wrote it here"), 0600, NULL),
		   ERR_OK);
	ASSERT_ERR(smdp_store_open(junk, NULL, &s), ERR_CORRUPT);
	ASSERT_ERR(smdp_store_open("/nonexistent/manager", NULL, &s), ERR_NOT_FOUND);
}

static void test_sessions(void)
{
	const char *dir = test_dir();
	struct smdp_store *s = open_at(dir);
	struct smdp_session a = {.state = SMDP_SESSION_INITIATED,
				 .curve = EC_P256,
				 .created = 1000},
			    b = a, got;

	a.transaction_id[0] = 1;
	b.transaction_id[0] = 2;
	b.created = 2000;
	b.state = SMDP_SESSION_AUTHENTICATED;
	ASSERT_ERR(smdp_session_put(s, &a, 0), ERR_OK);
	a.state = SMDP_SESSION_BOUND;
	a.profile = 5;
	memset(a.euicc_point, 4, sizeof(a.euicc_point));
	ASSERT_ERR(smdp_session_put(s, &a, 0), ERR_OK); /* in its place */
	ASSERT_ERR(smdp_session_get(s, SLICE_OF(a.transaction_id), &got), ERR_OK);
	CU_ASSERT_EQUAL(got.state, SMDP_SESSION_BOUND);
	CU_ASSERT_EQUAL(got.profile, 5);
	CU_ASSERT_EQUAL(got.created, 1000);
	ASSERT_OCTETS(SLICE_OF(got.euicc_point), SLICE_OF(a.euicc_point), "point");
	ASSERT_ERR(smdp_session_get(s, SLICE_OF(b.transaction_id), &got), ERR_NOT_FOUND);
	ASSERT_ERR(smdp_session_get(s, SLICE_EMPTY, &got), ERR_NOT_FOUND);
	ASSERT_ERR(smdp_session_put(s, &b, 1001), ERR_OK); /* a began before that */
	ASSERT_ERR(smdp_session_get(s, SLICE_OF(a.transaction_id), &got), ERR_NOT_FOUND);
	ASSERT_ERR(smdp_session_get(s, SLICE_OF(b.transaction_id), &got), ERR_OK);
	smdp_store_close(&s);
	execute(dir, "UPDATE session SET point = x'04'");
	s = open_at(dir);
	ASSERT_ERR(smdp_session_get(s, SLICE_OF(b.transaction_id), &got), ERR_CORRUPT);
	smdp_store_close(&s);
}

static enum err find(struct smdp_store *s, const char *id)
{
	struct smdp_profile p;

	return smdp_profile_find(s, id, &p);
}

/* Many changes wait for the disk once: nobody sees them before, and each stands for itself. */
static void test_gathering(void)
{
	const char *dir = test_dir();
	struct smdp_store *s = open_at(dir), *other = open_at(dir);

	smdp_store_gather(s);
	ASSERT_ERR(smdp_store_settle(s, ERR_OK), ERR_OK); /* nothing to do */
	ASSERT_ERR(add(s, iccid, "A"), ERR_OK);
	ASSERT_ERR(add(s, other_iccid, "A"), ERR_EXISTS); /* takes back its own row alone */
	ASSERT_ERR(add(s, other_iccid, "B"), ERR_OK);
	ASSERT_ERR(smdp_store_begin(s), ERR_OK);
	ASSERT_ERR(smdp_profile_log(s, &(struct smdp_log_entry){.event = "lost"}), ERR_OK);
	ASSERT_ERR(smdp_store_end(s, ERR_REFUSED), ERR_REFUSED);
	ASSERT_ERR(find(s, "A"), ERR_OK);
	ASSERT_ERR(find(other, "A"), ERR_NOT_FOUND);
	ASSERT_ERR(smdp_store_settle(s, ERR_OK), ERR_OK);
	ASSERT_ERR(find(other, "A"), ERR_OK);
	ASSERT_ERR(find(other, "B"), ERR_OK);
	ASSERT_ERR(stock_verify(other, &(int64_t){0}), ERR_OK);
	ASSERT_ERR(add(other, (const uint8_t[10]){1}, "C"), ERR_OK); /* no lock is left */
	ASSERT_ERR(add(s, (const uint8_t[10]){2}, "D"), ERR_OK);
	smdp_store_close(&s); /* never settled: as if the power had been cut */
	ASSERT_ERR(find(other, "C"), ERR_OK);
	ASSERT_ERR(find(other, "D"), ERR_NOT_FOUND);
	smdp_store_close(&other);
}

/* Packages until one does not fit, or all. */
static enum err add_many(struct smdp_store *s)
{
	struct wbuf upp = wbuf_grow(SMDP_UPP_MAX);
	char id[8];
	enum err e = ERR_OK;

	wbuf_fill(&upp, 7, SMDP_UPP_MAX);
	for (uint8_t i = 0; i < MANY && !e; i++) {
		snprintf(id, sizeof(id), "M-%u", i);
		e = stock_profile(s, (const uint8_t[10]){9, i}, id, slice_str("metadata"),
				  wbuf_slice(&upp));
	}
	wbuf_free(&upp);
	return e;
}

/* A full disk, whether it shows at the end or before: all that was gathered is lost, and said so.
 */
static void test_gathered_on_full_disk(void)
{
	struct rlimit was, tight;
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	const char *dir = test_dir();
	struct smdp_store *s = open_at(dir);
	struct stat st;

	if (!tamper_needs_files())
		return;
	ASSERT_ERR(add(s, iccid, "A"), ERR_OK);
	smdp_store_gather(s);
	CU_ASSERT_EQUAL(stat(path_of(dir, "manager.db-wal"), &st), 0);
	CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &was), 0);
	for (int early = 0; early <= 1; early++) {
		tight = (struct rlimit){(rlim_t)st.st_size, was.rlim_max};
		ASSERT_ERR(add(s, other_iccid, "B"), ERR_OK);
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &tight), 0);
		if (early) {
			CU_ASSERT_NOT_EQUAL(add_many(s), ERR_OK);
			CU_ASSERT_NOT_EQUAL(add(s, (const uint8_t[10]){2}, "C"), ERR_OK);
		}
		CU_ASSERT_NOT_EQUAL(smdp_store_settle(s, ERR_OK), ERR_OK);
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &was), 0);
		ASSERT_ERR(find(s, "A"), ERR_OK);
		ASSERT_ERR(find(s, "B"), ERR_NOT_FOUND);
		ASSERT_ERR(find(s, "C"), ERR_NOT_FOUND);
		ASSERT_ERR(find(s, "M-0"), ERR_NOT_FOUND);
	}
	ASSERT_ERR(add(s, other_iccid, "B"), ERR_OK); /* there is room again */
	ASSERT_ERR(smdp_store_settle(s, ERR_OK), ERR_OK);
	smdp_store_close(&s);
	s = open_at(dir);
	ASSERT_ERR(find(s, "B"), ERR_OK);
	smdp_store_close(&s);
	signal(SIGXFSZ, handler);
}

TEST_SUITE(smdp_store, {"profiles", test_profiles}, {"tampered packages and keys", test_tampering},
	   {"made by several at once", test_made_at_once},
	   {"another version, no database", test_other_versions}, {"sessions", test_sessions},
	   {"changes gathered", test_gathering},
	   {"gathered on a full disk", test_gathered_on_full_disk})
