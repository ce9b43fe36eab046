/*
 * Power fails, or the disk is full, at any call that writes: the card is wholly before or wholly
 * behind the command (I4), SQN never goes back (I6), a PIN never regains a try.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card-emu/profile/record.h"
#include "card-emu/store/store.h"
#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "card-emu/profile/install.h"
#include "lib/uicc/apdu.h"
#include "lib/profile/build.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/support/fault.h"
#include "tests/unit/support/release_fixture.h"

#define JOURNAL_CAP (1u << 20)
#define EVERY_CALL  16u /* up to so many calls, each is struck; of more, some in the middle */

/* What a case does: what is on the disk before, what only in the card; under the fault; afterwards.
 */
struct work {
	void (*settle)(struct release_fixture *f); /* may be NULL */
	void (*prepare)(struct release_fixture *f);
	void (*act)(struct release_fixture *f);
	void (*check)(struct release_fixture *f, bool on_disk);
};

/* What act() left for check(). */
static struct {
	struct release_grant_bytes grant;
	enum kra_result result;
	struct aka_vector old, fresh;
	enum release_auth auth;
	uint16_t sw;
	uint8_t other_iccid[ICCID_LEN];
} done;

/* A variant of the folder: written through or not, the journal about to be rewritten or not. */
struct variant {
	bool sync, full;
};
static const struct variant variants[] = {{false, false}, {true, false}, {false, true}};

/* The command, and what the card does when its answer is out. */
static void act(struct release_fixture *f, const struct work *w)
{
	w->act(f);
	card_settle(f->card);
}

/* The calls that the work makes when nothing fails. */
static unsigned count_calls(struct release_fixture *f, const struct work *w)
{
	unsigned n;

	w->prepare(f);
	card_settle(f->card);
	fault_arm(FAULT_DEATH, UINT32_MAX, 0);
	act(f, w);
	n = fault_calls();
	fault_disarm();
	return n;
}

/* The folder that each round starts from. */
static unsigned set_up(struct release_fixture *f, const struct work *w, const struct variant *v,
		       struct wbuf *journal)
{
	f->options.sync = v->sync;
	release_fixture_reopen(f);
	if (w->settle)
		w->settle(f);
	if (v->full)
		fixture_fill_journal(f->card, f->dir, 128);
	fixture_load_journal(f->dir, journal);
	return count_calls(f, w);
}

static bool worth_it(unsigned nth, unsigned calls)
{
	return calls <= EVERY_CALL || nth <= 4 || nth > calls - 6 || nth % 11 == 0;
}

static void put_back(struct release_fixture *f, const struct wbuf *journal)
{
	card_close(&f->card);
	fixture_save_journal(f->dir, wbuf_slice(journal));
	release_fixture_reopen(f);
}

/* Cuts the power at every call, and in the middle of every write. */
static void cut_everywhere(struct release_fixture *f, const struct work *w)
{
	for (size_t v = 0; v < ARRAY_LEN(variants); v++) {
		struct wbuf journal = wbuf_grow(JOURNAL_CAP);
		unsigned calls;

		calls = set_up(f, w, &variants[v], &journal);
		CU_ASSERT(variants[v].full ? calls > EVERY_CALL : calls >= 1);
		for (unsigned nth = 1; nth <= calls; nth++) {
			for (size_t octets = 0; octets < 1000 && worth_it(nth, calls);
			     octets += calls > EVERY_CALL ? 333 : 13) {
				put_back(f, &journal);
				w->prepare(f);
				card_settle(f->card);
				fault_arm(FAULT_DEATH, nth, octets);
				act(f, w);
				CU_ASSERT(fault_disarm());
				release_fixture_reopen(f);
				w->check(f, true);
			}
		}
		put_back(f, &journal);
		wbuf_free(&journal);
	}
}

/* The disk has no room at the n-th call, for once or from there on; then there is room again. */
static void fill_everywhere(struct release_fixture *f, const struct work *w)
{
	static const enum fault_kind kinds[] = {FAULT_FULL, FAULT_NO_ROOM};

	for (size_t v = 0; v < ARRAY_LEN(variants); v++) {
		struct wbuf journal = wbuf_grow(JOURNAL_CAP);
		unsigned calls;

		calls = set_up(f, w, &variants[v], &journal);
		for (unsigned nth = 1; nth <= calls; nth++) {
			for (size_t k = 0; k < ARRAY_LEN(kinds) && worth_it(nth, calls); k++) {
				put_back(f, &journal);
				w->prepare(f);
				card_settle(f->card);
				fault_arm(kinds[k], nth, 0);
				act(f, w);
				fault_disarm();
				w->check(f, false); /* the same card goes on */
				release_fixture_reopen(f);
				w->check(f, true);
			}
		}
		put_back(f, &journal);
		wbuf_free(&journal);
	}
}

static void run(const struct work *w)
{
	struct release_fixture f;

	release_fixture_open(&f);
	cut_everywhere(&f, w);
	fill_everywhere(&f, w);
	release_fixture_close(&f);
}

/* A grant */

static void prepare_grant(struct release_fixture *f)
{
	release_fixture_fresh_grant(f, &done.grant);
}

static void act_grant(struct release_fixture *f)
{
	done.result =
		release_fixture_deliver(f, slice_make(done.grant.bytes, done.grant.len), NULL);
	CU_ASSERT(done.result == KRA_RESULT_OK || done.result == KRA_RESULT_MEMORY);
}

static uint8_t last_of_imsi(struct release_fixture *f)
{
	struct wbuf out = wbuf_grow(64);
	uint8_t last;

	CU_ASSERT_EQUAL(fixture_exchange(f->card, test_unhex("00a4080c047fff6f07"), &out), SW_OK);
	CU_ASSERT_EQUAL(fixture_exchange(f->card, test_unhex("00b0000009"), &out), SW_OK);
	last = slice_at(wbuf_slice(&out), 8);
	wbuf_free(&out);
	return last >> 4;
}

static void check_grant(struct release_fixture *f, bool on_disk)
{
	unsigned active;

	release_fixture_reset(f);
	active = release_fixture_active(f);
	CU_ASSERT(active == 1 || active == 2);
	CU_ASSERT_EQUAL(last_of_imsi(f), active); /* the files with the key */
	if (done.result == KRA_RESULT_OK)
		CU_ASSERT_EQUAL(active, 2);
	if (!on_disk && done.result != KRA_RESULT_OK)
		CU_ASSERT_EQUAL(active, 1);
	CU_ASSERT_EQUAL(
		release_fixture_deliver(f, slice_make(done.grant.bytes, done.grant.len), NULL),
		KRA_RESULT_NO_SESSION);
	if (active == 2) {
		CU_ASSERT_EQUAL(release_fixture_challenge(f), KRA_RESULT_ALREADY);
	} else if (on_disk) { /* it can be had again */
		CU_ASSERT_EQUAL(release_fixture_release(f), KRA_RESULT_OK);
		release_fixture_reset(f);
		CU_ASSERT_EQUAL(release_fixture_active(f), 2);
	}
}

static void grant(void)
{
	run(&(struct work){NULL, prepare_grant, act_grant, check_grant});
}

/* AUTHENTICATE */

static void settle_authenticate(struct release_fixture *f)
{
	done.old = release_fixture_vector(f, 1);
	CU_ASSERT_EQUAL(release_fixture_authenticate(f, &done.old, NULL), AUTH_ANSWERED);
}

static void prepare_authenticate(struct release_fixture *f)
{
	done.fresh = release_fixture_vector(f, 1);
}

static void act_authenticate(struct release_fixture *f)
{
	done.auth = release_fixture_authenticate(f, &done.fresh, &done.sw);
	CU_ASSERT(done.auth == AUTH_ANSWERED || done.sw == SW_MEMORY_PROBLEM);
}

static void check_authenticate(struct release_fixture *f, bool on_disk)
{
	enum release_auth again = release_fixture_authenticate(f, &done.fresh, NULL);

	(void)on_disk;
	if (done.auth == AUTH_ANSWERED)
		CU_ASSERT_EQUAL(again, AUTH_SYNC); /* answered once, never twice */
	CU_ASSERT(again == AUTH_ANSWERED || again == AUTH_SYNC);
	done.auth = AUTH_ANSWERED;
	CU_ASSERT_EQUAL(release_fixture_authenticate(f, &done.fresh, NULL), AUTH_SYNC);
	CU_ASSERT_EQUAL(release_fixture_authenticate(f, &done.old, NULL), AUTH_SYNC);
}

static void authenticate(void)
{
	run(&(struct work){settle_authenticate, prepare_authenticate, act_authenticate,
			   check_authenticate});
}

/* Enable: another profile takes the place of the enabled one, and two notifications are due. */

static void put_other_profile(struct release_fixture *f)
{
	static const uint8_t k[16] = {7};
	struct profile_spec spec = {.iccid = "8988211000000000025",
				    .imsi = "001010000000009",
				    .mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(k),
				    .opc = SLICE_OF(k)};
	struct profile_record r = {.state = PROFILE_DISABLED};
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX), config = wbuf_grow(256);
	struct store_txn *t = store_begin(card_store(f->card));

	ASSERT_ERR(profile_build(&spec, SLICE_EMPTY, &upp), ERR_OK);
	ASSERT_ERR(
		install_profile(&(struct install_place){t, 2, 0}, wbuf_slice(&upp), r.iccid, NULL),
		ERR_OK);
	profile_put(t, 2, &r);
	memcpy(done.other_iccid, r.iccid, sizeof(r.iccid));
	es8p_put_notification_config(&config, RSP_EVENT_ENABLE | RSP_EVENT_DISABLE,
				     slice_str("smdp.example.com"));
	for (unsigned n = 1; n <= 2; n++) {
		struct es8p_metadata m = {.iccid = n == 1 ? SLICE_OF(f->iccid) : SLICE_OF(r.iccid),
					  .service_provider = slice_str("Provider"),
					  .profile_name = slice_str("Name"),
					  .notification_config = wbuf_slice(&config)};
		char key[STORE_KEY_MAX + 1];
		struct wbuf meta = wbuf_grow(512);

		es8p_put_metadata(&meta, &m);
		snprintf(key, sizeof(key), STORE_KEY_META, n);
		store_put(t, key, wbuf_slice(&meta));
		ASSERT_ERR(wbuf_done(&meta), ERR_OK);
		wbuf_free(&meta);
	}
	ASSERT_ERR(store_commit(t), ERR_OK);
	wbuf_free(&upp);
	wbuf_free(&config);
}

static void prepare_enable(struct release_fixture *f)
{
	struct wbuf out = wbuf_grow(256);

	CU_ASSERT_EQUAL(fixture_exchange(f->card, test_unhex("0070000001"), &out), SW_OK);
	CU_ASSERT_EQUAL(fixture_exchange(f->card,
					 test_unhex("02a4040010a0000005591010ffffffff8900000100"),
					 &out),
			SW_OK);
	wbuf_free(&out);
}

static void act_enable(struct release_fixture *f)
{
	char hex[64] = "82e2910014bf3111a00c5a0a";
	struct wbuf out = wbuf_grow(64);

	ASSERT_ERR(hex_encode(SLICE_OF(done.other_iccid), hex + strlen(hex), 21), ERR_OK);
	strcat(hex, "810100");
	done.sw = fixture_exchange(f->card, test_unhex(hex), &out);
	CU_ASSERT(done.sw == SW_OK || done.sw == SW_MEMORY_PROBLEM);
	if (done.sw == SW_OK)
		ASSERT_OCTETS(wbuf_slice(&out), test_unhex("bf3103800100"), "enabled");
	wbuf_free(&out);
}

static void check_enable(struct release_fixture *f, bool on_disk)
{
	struct store *s = card_store(f->card);
	struct profile_record first = {0}, other = {0};
	bool moved;

	ASSERT_ERR(profile_load(s, 1, &first), ERR_OK);
	ASSERT_ERR(profile_load(s, 2, &other), ERR_OK);
	CU_ASSERT(first.state != other.state);
	moved = other.state == PROFILE_ENABLED;
	CU_ASSERT_EQUAL(fixture_notifications(f->card), moved ? 2 : 0);
	CU_ASSERT_EQUAL(card_profile(f->card), moved ? 2 : 1);
	if (done.sw == SW_OK)
		CU_ASSERT(moved);
	if (!on_disk && done.sw != SW_OK)
		CU_ASSERT_FALSE(moved);
}

static void enable(void)
{
	run(&(struct work){put_other_profile, prepare_enable, act_enable, check_enable});
}

/* The PIN: on the card of card_fixture.h */

#define VERIFY_RIGHT  "002000010831323334ffffffff"
#define VERIFY_WRONG  "002000010830303030ffffffff"
#define UNBLOCK_WRONG "002c00011030303030303030303434343434ffffff"

static unsigned tries(struct card *card, bool puk)
{
	const char *sw = fixture_send(card, puk ? "002c000100" : "0020000100");

	return strncmp(sw, "63c", 3) == 0 ? (unsigned)strtoul(sw + 3, NULL, 16) : 0;
}

/* One command with the power cut (or the disk full) at the n-th call, from a folder that is put
 * back; gives the tries that are left, and in *sw what the card said. False: nothing was struck. */
static bool pin_case(const char *dir, const struct wbuf *journal, const char *command,
		     enum fault_kind kind, unsigned nth, size_t octets, char sw[static 5],
		     unsigned *left)
{
	struct card *card;
	bool struck;

	fixture_save_journal(dir, wbuf_slice(journal));
	card = fixture_reopen(dir);
	fault_arm(kind, nth, octets);
	snprintf(sw, 5, "%s", fixture_send(card, command));
	struck = fault_disarm();
	card_close(&card);
	card = fixture_reopen(dir);
	*left = tries(card, strcmp(command, UNBLOCK_WRONG) == 0);
	card_close(&card);
	return struck;
}

static void pins(void)
{
	static const enum fault_kind kinds[] = {FAULT_DEATH, FAULT_FULL, FAULT_NO_ROOM};
	static const size_t octets[] = {0, 16, 50, 1000000};
	static const char *const commands[] = {VERIFY_WRONG, VERIFY_RIGHT, UNBLOCK_WRONG};
	struct wbuf journal = wbuf_grow(JOURNAL_CAP);
	const char *dir = NULL;
	struct card *card = fixture_card(FIXTURE_SIM, &dir);

	CU_ASSERT_STRING_EQUAL(fixture_send(card, VERIFY_WRONG), "63c2");
	CU_ASSERT_STRING_EQUAL(fixture_send(card, UNBLOCK_WRONG), "63c9");
	card_close(&card);
	fixture_load_journal(dir, &journal);
	for (size_t i = 0; i < 3 * ARRAY_LEN(kinds) * ARRAY_LEN(octets); i++) {
		const char *command = commands[i % 3];
		enum fault_kind kind = kinds[i / 3 % ARRAY_LEN(kinds)];
		size_t part = octets[i / 3 / ARRAY_LEN(kinds)];
		bool puk = i % 3 == 2, right = i % 3 == 1;
		unsigned before = puk ? 9 : 2, left;
		char sw[5];

		for (unsigned nth = 1; pin_case(dir, &journal, command, kind, nth, part, sw, &left);
		     nth++) {
			if (strncmp(sw, "63", 2) == 0) /* it was compared: that costs a try */
				CU_ASSERT_EQUAL(left, before - 1);
			if (strcmp(sw, "9000") == 0)
				CU_ASSERT_EQUAL(left, 3);
			CU_ASSERT(left == before || left == before - 1 || (right && left == 3));
			CU_ASSERT(right || left <= before);
			CU_ASSERT(nth < 8);
		}
		CU_ASSERT_EQUAL(left, right ? 3 : before - 1); /* nothing was struck */
	}
	wbuf_free(&journal);
}

/* The folder */

static void versions(void)
{
	struct release_fixture f;
	struct wbuf journal = wbuf_grow(JOURNAL_CAP), now = wbuf_grow(JOURNAL_CAP);

	release_fixture_open(&f);
	card_close(&f.card);
	fixture_load_journal(f.dir, &journal);
	for (unsigned version = 0; version < 256; version += 5) {
		uint8_t kept = journal.ptr[11];

		journal.ptr[11] = (uint8_t)version; /* the last octet of the format's number */
		fixture_save_journal(f.dir, wbuf_slice(&journal));
		ASSERT_ERR(card_open(&f.options, &f.card),
			   version == STORE_FORMAT ? ERR_OK : ERR_VERSION);
		card_close(&f.card);
		fixture_load_journal(f.dir, &now);
		ASSERT_OCTETS(wbuf_slice(&now), wbuf_slice(&journal), "the folder is left alone");
		journal.ptr[11] = kept;
	}
	CU_ASSERT(strlen(err_hint(ERR_VERSION)) > 0);
	CU_ASSERT(strlen(err_hint(ERR_LOCKED)) > 0);
	fixture_save_journal(f.dir, wbuf_slice(&journal));
	release_fixture_reopen(&f);
	release_fixture_still_releases(&f);
	wbuf_free(&journal);
	wbuf_free(&now);
	release_fixture_close(&f);
}

/* What a process of its own gets from card_open(). */
static int open_elsewhere(struct release_fixture *f)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		struct card *card = NULL;

		_exit((int)card_open(&f->options, &card));
	}
	CU_ASSERT(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void second_process(void)
{
	struct release_fixture f;
	struct release_grant_bytes g;
	struct fixture_before b;

	release_fixture_open(&f);
	release_fixture_fresh_grant(&f, &g);
	b = fixture_take(&f);
	for (unsigned i = 0; i < 3; i++)
		ASSERT_ERR(open_elsewhere(&f), ERR_LOCKED);
	CU_ASSERT_EQUAL(store_lock_holder(f.dir), (long)getpid());
	fixture_unchanged(&f, &b, "a second process");
	CU_ASSERT_EQUAL(release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
			KRA_RESULT_OK);
	card_close(&f.card);
	ASSERT_ERR(open_elsewhere(&f), ERR_OK); /* and dies with it open: no lock stays */
	release_fixture_reopen(&f);
	CU_ASSERT_EQUAL(release_fixture_active(&f), 2);
	release_fixture_close(&f);
}

TEST_SUITE(powercut, {"a grant", grant}, {"AUTHENTICATE", authenticate}, {"enable", enable},
	   {"PIN and PUK", pins}, {"a folder of another version", versions},
	   {"a second process", second_process})
