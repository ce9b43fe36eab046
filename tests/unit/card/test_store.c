/* the store: transactions, secrets, limits, reopening */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "card-emu/store/store.h"
#include "tests/unit/support/fault.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

#define JOURNAL_MAX (1024 * 1024)

static struct store *must_open(const char *dir, unsigned flags)
{
	struct store *s = NULL;

	ASSERT_ERR(store_open(dir, flags, &s), ERR_OK);
	if (!s)
		abort();
	return s;
}

static enum err put(struct store *s, const char *key, const char *value)
{
	struct store_txn *t = store_begin(s);

	store_put(t, key, slice_str(value));
	return store_commit(t);
}

static bool holds(const struct store *s, const char *key, const char *value)
{
	struct slice got;

	return store_get(s, key, &got) && slice_is(got, value);
}

static const char *state_path(const char *dir, const char *name)
{
	static char path[512];

	ASSERT_ERR(path_join(dir, name, path, sizeof(path)), ERR_OK);
	return path;
}

static struct wbuf read_state(const char *dir, const char *name)
{
	struct wbuf w = wbuf_grow(JOURNAL_MAX);

	ASSERT_ERR(file_read(state_path(dir, name), NULL, &w), ERR_OK);
	return w;
}

static struct wbuf read_journal(const char *dir)
{
	return read_state(dir, "journal");
}

static void write_journal(const char *dir, struct slice content)
{
	ASSERT_ERR(file_write(state_path(dir, "journal"), content, 0600, NULL), ERR_OK);
}

static bool count(void *ctx, const char *key, struct slice value)
{
	(void)key, (void)value;
	++*(unsigned *)ctx;
	return true;
}

static void persists(void)
{
	const char *dir = test_dir();
	struct store *s = must_open(dir, STORE_CREATE);
	struct store_txn *t = store_begin(s);
	struct secret *secret = NULL;
	struct slice got;
	struct stat st;
	unsigned n = 0;

	store_put(t, "a/1", slice_str("one"));
	store_put(t, "a/2", slice_str("two"));
	store_put(t, "b", SLICE_EMPTY);
	store_put_secret(t, "k", slice_str("very secret key"));
	CU_ASSERT_FALSE(store_has(s, "a/1")); /* not before the commit */
	ASSERT_ERR(store_commit(t), ERR_OK);
	store_close(&s);
	CU_ASSERT_PTR_NULL(s);
	s = must_open(dir, 0);
	CU_ASSERT(holds(s, "a/1", "one"));
	CU_ASSERT(holds(s, "a/2", "two"));
	CU_ASSERT(store_get(s, "b", &got) && got.len == 0);
	CU_ASSERT_FALSE(store_get(s, "k", &got));
	ASSERT_ERR(store_get_secret(s, "k", &secret), ERR_OK);
	ASSERT_OCTETS(secret_slice(secret), slice_str("very secret key"), "secret");
	secret_free(&secret);
	ASSERT_ERR(store_get_secret(s, "a/1", &secret), ERR_NOT_FOUND);
	store_each(s, "a/", count, &n);
	CU_ASSERT_EQUAL(n, 2);
	t = store_begin(s);
	store_delete_prefix(t, "a/");
	store_delete(t, "nothing");
	ASSERT_ERR(store_commit(t), ERR_OK);
	CU_ASSERT_FALSE(store_has(s, "a/1"));
	t = store_begin(s);
	store_put(t, "b", slice_str("rolled back"));
	store_rollback(t);
	ASSERT_ERR(store_commit(t), ERR_WRONG_STATE);
	CU_ASSERT(store_get(s, "b", &got) && got.len == 0);
	store_close(&s);
	CU_ASSERT_EQUAL(stat(state_path(dir, "journal"), &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
}

static void one_process(void)
{
	const char *dir = test_dir();
	struct store *s = NULL, *second = NULL;

	ASSERT_ERR(store_open(dir, 0, &s), ERR_NOT_FOUND);
	ASSERT_ERR(store_open("/nonexistent/folder", 0, &s), ERR_NOT_FOUND);
	s = must_open(dir, STORE_CREATE);
	ASSERT_ERR(store_open(dir, 0, &second), ERR_LOCKED);
	CU_ASSERT_EQUAL(store_lock_holder(dir), (long)getpid());
	store_close(&s);
	ASSERT_ERR(store_open(dir, STORE_CREATE, &second), ERR_EXISTS);
	s = must_open(dir, 0);
	store_close(&s);
}

/* Without the key that belongs to it the journal cannot be read: told, and left as it is, however
 * many records there are. */
static void storage_key(void)
{
	static const uint8_t key[33] = {1};

	for (unsigned records = 0; records < 3; records++) {
		const char *dir = test_dir();
		struct store *s = must_open(dir, STORE_CREATE);
		struct wbuf before, now;
		char path[512];

		for (unsigned i = 0; i < records; i++)
			ASSERT_ERR(put(s, "k", "v"), ERR_OK);
		before = read_journal(dir);
		store_close(&s);
		ASSERT_ERR(path_join(dir, "storage.key", path, sizeof(path)), ERR_OK);
		for (size_t n = 0; n <= sizeof(key); n++) {
			ASSERT_ERR(file_write(path, slice_make(key, n), 0600, NULL), ERR_OK);
			ASSERT_ERR(store_open(dir, 0, &s), ERR_CORRUPT);
			store_close(&s);
		}
		CU_ASSERT_EQUAL(unlink(path), 0);
		ASSERT_ERR(store_open(dir, 0, &s), ERR_CORRUPT);
		ASSERT_ERR(store_open(dir, STORE_CREATE, &s), ERR_EXISTS);
		now = read_journal(dir);
		ASSERT_OCTETS(wbuf_slice(&now), wbuf_slice(&before), "journal");
		wbuf_free(&before);
		wbuf_free(&now);
	}
}

static void limits(void)
{
	static uint8_t big[STORE_VALUE_MAX + 1];
	char key[STORE_KEY_MAX + 2];
	struct store *s = must_open(NULL, STORE_MEMORY);
	struct store_txn *t = store_begin(s);

	store_put(t, "k", slice_make(big, STORE_VALUE_MAX));
	ASSERT_ERR(store_commit(t), ERR_OK);
	t = store_begin(s);
	store_put(t, "k2", SLICE_OF(big));
	store_put(t, "k3", SLICE_EMPTY);
	ASSERT_ERR(store_commit(t), ERR_SPACE);
	CU_ASSERT_FALSE(store_has(s, "k3"));
	memset(key, 'x', sizeof(key));
	key[STORE_KEY_MAX + 1] = 0;
	t = store_begin(s);
	store_put(t, key, SLICE_EMPTY);
	ASSERT_ERR(store_commit(t), ERR_SPACE);
	store_close(&s);
}

/* Whatever of a record is in the file that the process was writing when it died, the head not yet
 * written: the state is the one before it, and goes on. */
static void torn_tail(void)
{
	const char *dir = test_dir();
	struct store *s = must_open(dir, STORE_CREATE);
	struct wbuf first, second, head;

	ASSERT_ERR(put(s, "k", "before"), ERR_OK);
	first = read_journal(dir);
	head = read_state(dir, "head");
	ASSERT_ERR(put(s, "k", "after"), ERR_OK);
	store_close(&s);
	second = read_journal(dir);
	for (size_t n = first.len; n <= second.len; n++) {
		write_journal(dir, slice_sub(wbuf_slice(&second), 0, n));
		ASSERT_ERR(file_write(state_path(dir, "head"), wbuf_slice(&head), 0600, NULL),
			   ERR_OK);
		s = must_open(dir, 0);
		CU_ASSERT(holds(s, "k", n == second.len ? "after" : "before"));
		ASSERT_ERR(put(s, "more", "x"), ERR_OK);
		store_close(&s);
		s = must_open(dir, 0);
		CU_ASSERT(holds(s, "more", "x"));
		store_close(&s);
	}
	wbuf_free(&first);
	wbuf_free(&second);
	wbuf_free(&head);
}

/* A head that is cut, or an octet that is changed before the last record, is told. */
static void damage(void)
{
	const char *dir = test_dir();
	struct store *s = must_open(dir, STORE_CREATE);
	struct wbuf first, all;
	size_t head;

	first = read_journal(dir);
	head = first.len;
	wbuf_free(&first);
	ASSERT_ERR(put(s, "k", "one"), ERR_OK);
	first = read_journal(dir);
	ASSERT_ERR(put(s, "k", "two"), ERR_OK);
	store_close(&s);
	all = read_journal(dir);
	for (size_t i = 0; i < first.len; i++) {
		enum err want = i >= 8 && i < 12 ? ERR_VERSION : ERR_CORRUPT;

		all.ptr[i] ^= 0x10;
		write_journal(dir, wbuf_slice(&all));
		all.ptr[i] ^= 0x10;
		ASSERT_ERR(store_open(dir, 0, &s), want);
	}
	for (size_t n = 0; n < head; n++) {
		write_journal(dir, slice_sub(wbuf_slice(&all), 0, n));
		ASSERT_ERR(store_open(dir, 0, &s), ERR_CORRUPT);
	}
	write_journal(dir, wbuf_slice(&all));
	s = must_open(dir, 0);
	CU_ASSERT(holds(s, "k", "two"));
	store_close(&s);
	wbuf_free(&first);
	wbuf_free(&all);
}

/* A disk that is full, or takes only a part, changes nothing; with room again work goes on. */
static void full_disk(void)
{
	const char *dir = test_dir();
	struct store *s = must_open(dir, STORE_CREATE);

	ASSERT_ERR(put(s, "k", "0"), ERR_OK);
	for (size_t octets = 0; octets < 40; octets++) { /* the record is longer */
		char now[16], last[16];

		snprintf(last, sizeof(last), "%zu", octets);
		snprintf(now, sizeof(now), "%zu", octets + 1);
		fault_arm(octets ? FAULT_SHORT : FAULT_FULL, 1, octets);
		ASSERT_ERR(put(s, "k", "lost"), ERR_FULL);
		CU_ASSERT(fault_disarm());
		CU_ASSERT(holds(s, "k", last));
		ASSERT_ERR(put(s, "k", now), ERR_OK);
		store_close(&s);
		s = must_open(dir, 0);
		CU_ASSERT(holds(s, "k", now));
	}
	store_close(&s);
}

/* Power fails at any call, and in the middle of any write: all of the commit, or nothing. */
static void power_cut(void)
{
	const char *dir = test_dir();
	struct store *s = must_open(dir, STORE_CREATE | STORE_SYNC);
	bool struck = true;

	ASSERT_ERR(put(s, "a", "old"), ERR_OK);
	ASSERT_ERR(put(s, "b", "old"), ERR_OK);
	for (unsigned nth = 1; struck; nth++) {
		for (size_t octets = 0; octets < 96; octets += 5) {
			struct store_txn *t;
			enum err e;

			ASSERT_ERR(put(s, "b", "old"), ERR_OK);
			ASSERT_ERR(put(s, "a", "old"), ERR_OK);
			fault_arm(FAULT_DEATH, nth, octets);
			t = store_begin(s);
			store_put(t, "a", slice_str("new"));
			store_put(t, "b", slice_str("new"));
			e = store_commit(t);
			struck = fault_disarm();
			store_close(&s);
			s = must_open(dir, 0);
			CU_ASSERT(holds(s, "a", "old") ? holds(s, "b", "old")
						       : holds(s, "b", "new"));
			if (!e)
				CU_ASSERT(holds(s, "a", "new"));
			store_close(&s);
			s = must_open(dir, STORE_SYNC);
		}
	}
	store_close(&s);
}

/* The journal is rewritten now and then; cut off at any point of that, nothing is lost. */
static void compaction(void)
{
	static uint8_t bulk[20000];
	const char *dir = test_dir();
	struct store *s = must_open(dir, STORE_CREATE);
	size_t largest = 0;

	for (unsigned i = 0; i < 200; i++) {
		struct store_txn *t = store_begin(s);
		struct stat st;
		char round[16];
		enum err e;

		snprintf(round, sizeof(round), "%u", i);
		store_put(t, "bulk", SLICE_OF(bulk));
		store_put(t, "round", slice_str(round));
		store_settle(s);
		fault_arm(i % 3 ? FAULT_DEATH : FAULT_FULL, 2 + i % 7, i % 2 ? 7 : 0);
		e = store_commit(t);
		fault_disarm();
		ASSERT_ERR(e, ERR_OK); /* the first call, the commit's own write, has worked */
		CU_ASSERT(holds(s, "round", round));
		if (i % 5 == 0) {
			store_close(&s);
			s = must_open(dir, 0);
			CU_ASSERT(holds(s, "round", round));
		}
		if (i % 10 == 9)
			ASSERT_ERR(put(s, "calm", round), ERR_OK);
		if (stat(state_path(dir, "journal"), &st) == 0 && (size_t)st.st_size > largest)
			largest = (size_t)st.st_size;
	}
	CU_ASSERT(largest < 1024 * 1024);
	store_close(&s);
	s = must_open(dir, 0);
	CU_ASSERT(holds(s, "round", "199"));
	store_close(&s);
}

/* The same text, committed again, never looks the same; none of it is on the disk in clear. */
static void sealed(void)
{
	const char *dir = test_dir();
	struct store *s = must_open(dir, STORE_CREATE);
	const char *text = "a text that is long enough to be found";
	struct wbuf head = read_journal(dir), all;
	size_t found = 0, record, text_at = 24; /* behind length, complement, number, session */

	ASSERT_ERR(put(s, "k", text), ERR_OK);
	ASSERT_ERR(put(s, "k", text), ERR_OK);
	store_close(&s);
	all = read_journal(dir);
	for (size_t i = 0; i + 8 <= all.len; i++)
		found += memcmp(all.ptr + i, text, 8) == 0;
	CU_ASSERT_EQUAL(found, 0);
	record = (all.len - head.len) / 2;
	CU_ASSERT_FALSE(slice_equal(slice_sub(wbuf_slice(&all), head.len + text_at, 32),
				    slice_sub(wbuf_slice(&all), head.len + record + text_at, 32)));
	wbuf_free(&head);
	wbuf_free(&all);
}

static bool list_key(void *ctx, const char *key, struct slice value)
{
	struct wbuf *w = ctx;

	wbuf_put(w, slice_str(key));
	wbuf_u8(w, '=');
	wbuf_put(w, value);
	wbuf_u8(w, ' ');
	return true;
}

static void lists(const struct store *s, const char *want)
{
	uint8_t mem[256];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	store_each(s, "", list_key, &w);
	ASSERT_OCTETS(wbuf_slice(&w), slice_str(want), want);
}

/* What is volatile stands over what is kept, until it is forgotten, and never reaches the folder.
 */
static void volatile_values(void)
{
	const char *dir = test_dir();
	struct store *s = must_open(dir, STORE_CREATE);
	struct wbuf before, after;
	struct secret *got = NULL;
	struct store_txn *t;

	ASSERT_ERR(put(s, "a", "1"), ERR_OK);
	ASSERT_ERR(put(s, "c", "1"), ERR_OK);
	before = read_journal(dir);
	t = store_begin(s);
	store_volatile(t);
	store_put(t, "a", slice_str("2"));
	store_put(t, "b", slice_str("2"));
	store_put_secret(t, "d", slice_str("secret"));
	ASSERT_ERR(store_commit(t), ERR_OK);
	after = read_journal(dir);
	ASSERT_OCTETS(wbuf_slice(&after), wbuf_slice(&before), "the journal");
	lists(s, "a=2 b=2 c=1 d= ");
	ASSERT_ERR(store_get_secret(s, "d", &got), ERR_OK);
	secret_free(&got);
	ASSERT_ERR(put(s, "b", "3"), ERR_OK); /* whoever it is */
	t = store_begin(s);
	store_put_kept(t, "a", slice_str("9"));
	store_put(t, "c", slice_str("4"));
	ASSERT_ERR(store_commit(t), ERR_OK);
	lists(s, "a=2 b=3 c=4 d= ");
	t = store_begin(s);
	store_delete(t, "c");
	store_rollback(t);
	store_forget(s);
	lists(s, "a=9 c=4 ");
	t = store_begin(s);
	store_volatile(t);
	store_put(t, "a", slice_str("5"));
	store_put(t, "x", slice_str("5"));
	ASSERT_ERR(store_commit(t), ERR_OK);
	t = store_begin(s);
	store_delete_prefix(t, "a");
	ASSERT_ERR(store_commit(t), ERR_OK); /* takes both */
	lists(s, "c=4 x=5 ");
	store_close(&s);
	s = must_open(dir, 0);
	lists(s, "c=4 ");
	store_close(&s);
	wbuf_free(&before);
	wbuf_free(&after);
}

TEST_SUITE(store, {"a commit persists", persists}, {"what is volatile", volatile_values},
	   {"one process at a time", one_process}, {"the storage key", storage_key},
	   {"limits", limits}, {"a torn tail is dropped", torn_tail}, {"damage is told", damage},
	   {"a full disk changes nothing", full_disk}, {"power cut at any call", power_cut},
	   {"the journal is rewritten safely", compaction}, {"nothing in clear", sealed})
