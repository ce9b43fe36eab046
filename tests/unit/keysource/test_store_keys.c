/* the key files of both stores: sealed, moved, put in the clear, and cut at every step of that */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <fcntl.h>
#include <unistd.h>

#include "host/operator/keysource/outer.h"
#include "host/operator/pki/key_file.h"
#include "host/operator/pki/store_keys.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "tests/unit/support/fault.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define HEX_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX_B "100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define STEPS 2000

struct fixture {
	char dir[256], a[256], b[256]; /* the folder; files of outer keys */
	struct key_source from_a, from_b;
};

static enum err open_stores(const struct fixture *f)
{
	struct operator_store *s = NULL;
	struct smdp_store *m = NULL;
	char manager[300];
	enum err e;

	outer_key_forget();
	snprintf(manager, sizeof(manager), "%s/manager", f->dir);
	e = operator_store_open(f->dir, NULL, &s);
	operator_store_close(&s);
	if (!e)
		e = smdp_store_open(manager, NULL, &m);
	smdp_store_close(&m);
	return e;
}

static enum err make_stores(const struct fixture *f)
{
	struct operator_store *s = NULL;
	struct smdp_store *m = NULL;
	char manager[300];
	enum err e = operator_store_create(f->dir, NULL, &s);

	snprintf(manager, sizeof(manager), "%s/manager", f->dir);
	operator_store_close(&s);
	if (!e)
		e = smdp_store_open(manager, NULL, &m);
	smdp_store_close(&m);
	return e;
}

static void begin(struct fixture *f)
{
	char text[300];

	snprintf(f->dir, sizeof(f->dir), "%s/op", test_dir());
	snprintf(f->a, sizeof(f->a), "%s/a", test_dir());
	snprintf(f->b, sizeof(f->b), "%s/b", test_dir());
	ASSERT_ERR(file_make_dir(f->dir), ERR_OK);
	ASSERT_ERR(file_write(f->a, slice_str(HEX_A), 0600, NULL), ERR_OK);
	ASSERT_ERR(file_write(f->b, slice_str(HEX_B), 0600, NULL), ERR_OK);
	snprintf(text, sizeof(text), "file:%s", f->a);
	ASSERT_ERR(key_source_given(text, &f->from_a), ERR_OK);
	snprintf(text, sizeof(text), "file:%s", f->b);
	ASSERT_ERR(key_source_given(text, &f->from_b), ERR_OK);
}

/* Both from this source; NULL: both in the clear. */
static bool both_are(const struct fixture *f, const struct key_source *source)
{
	struct store_key_state s[STORE_KEYS];
	bool so = true;

	store_keys_look(f->dir, s);
	for (enum store_key k = 0; k < STORE_KEYS; k++) {
		ASSERT_ERR(s[k].err, ERR_OK);
		so = so && s[k].sealed == (source != NULL) &&
		     (!source || strcmp(s[k].source.text, source->text) == 0);
	}
	return so;
}

static void test_whole_way(void)
{
	struct fixture f;

	begin(&f);
	ASSERT_ERR(make_stores(&f), ERR_OK);
	CU_ASSERT(both_are(&f, NULL));
	ASSERT_ERR(store_keys_seal(f.dir, &f.from_a, NULL, NULL), ERR_OK);
	CU_ASSERT(both_are(&f, &f.from_a));
	ASSERT_ERR(open_stores(&f), ERR_OK);
	ASSERT_ERR(store_keys_seal(f.dir, &f.from_b, NULL, NULL), ERR_OK);
	CU_ASSERT(both_are(&f, &f.from_b));
	CU_ASSERT_EQUAL(unlink(f.a), 0); /* it is not needed any more */
	ASSERT_ERR(open_stores(&f), ERR_OK);
	ASSERT_ERR(store_keys_seal(f.dir, NULL, NULL, NULL), ERR_OK);
	CU_ASSERT(both_are(&f, NULL));
	CU_ASSERT_EQUAL(unlink(f.b), 0);
	ASSERT_ERR(open_stores(&f), ERR_OK);
	outer_key_forget();
}

static void test_made_sealed(void)
{
	struct wbuf file = wbuf_grow(1024);
	struct fixture f;
	char path[300];

	begin(&f);
	ASSERT_ERR(store_keys_make(f.dir, &f.from_a, NULL), ERR_OK);
	ASSERT_ERR(make_stores(&f), ERR_OK);
	CU_ASSERT(both_are(&f, &f.from_a));
	snprintf(path, sizeof(path), "%s/store.key", f.dir);
	ASSERT_ERR(file_read(path, NULL, &file), ERR_OK);
	CU_ASSERT(file.len > 100);
	ASSERT_ERR(open_stores(&f), ERR_OK);
	wbuf_free(&file);
	outer_key_forget();
}

/* What does not fit is told, changes nothing, and is no damage. */
static void test_wrong_key(void)
{
	struct fixture f;

	begin(&f);
	ASSERT_ERR(make_stores(&f), ERR_OK);
	ASSERT_ERR(store_keys_seal(f.dir, &f.from_a, NULL, NULL), ERR_OK);
	ASSERT_ERR(file_write(f.a, slice_str(HEX_B), 0600, NULL), ERR_OK);
	ASSERT_ERR(open_stores(&f), ERR_KEY);
	CU_ASSERT_PTR_NOT_NULL(strstr(trouble_of(ERR_KEY), f.from_a.text));
	CU_ASSERT_PTR_NOT_NULL(strstr(trouble_of(ERR_KEY), "is not the one that this folder"));
	outer_key_forget();
	ASSERT_ERR(store_keys_seal(f.dir, NULL, NULL, NULL), ERR_KEY);
	CU_ASSERT(both_are(&f, &f.from_a));
	CU_ASSERT_EQUAL(unlink(f.a), 0);
	ASSERT_ERR(open_stores(&f), ERR_KEY_AWAY);
	/* it is elsewhere now */
	ASSERT_ERR(file_write(f.b, slice_str(HEX_A), 0600, NULL), ERR_OK);
	outer_key_forget();
	ASSERT_ERR(store_keys_seal(f.dir, &f.from_b, &f.from_b, NULL), ERR_OK);
	ASSERT_ERR(open_stores(&f), ERR_OK);
	outer_key_forget();
}

/* A sealed file that was cut to the length of a clear one is none. */
static void test_cut_file(void)
{
	struct fixture f;
	char path[300];

	begin(&f);
	ASSERT_ERR(make_stores(&f), ERR_OK);
	ASSERT_ERR(store_keys_seal(f.dir, &f.from_a, NULL, NULL), ERR_OK);
	snprintf(path, sizeof(path), "%s/store.key", f.dir);
	for (off_t n = 140; n >= 0; n--) {
		struct store_key_state s[STORE_KEYS];

		CU_ASSERT_EQUAL(truncate(path, n), 0);
		ASSERT_ERR(open_stores(&f), ERR_CORRUPT);
		store_keys_look(f.dir, s);
		ASSERT_ERR(s[STORE_KEY_OPERATOR].err, ERR_CORRUPT);
	}
	outer_key_forget();
}

/* The version that a sealed file tells is sealed, and told anew when the folder is brought up. */
static void test_version(void)
{
	struct key_file k = {.version = 0};
	struct fixture f;
	char path[300];
	int version;

	begin(&f);
	ASSERT_ERR(make_stores(&f), ERR_OK);
	ASSERT_ERR(store_keys_seal(f.dir, &f.from_a, NULL, NULL), ERR_OK);
	snprintf(path, sizeof(path), "%s/store.key", f.dir);
	outer_key_forget();
	ASSERT_ERR(key_file_read(path, NULL, &k), ERR_OK);
	version = k.version;
	CU_ASSERT(version > 0);
	ASSERT_ERR(key_file_tell(path, &k, version + 1), ERR_OK);
	key_file_free(&k);
	CU_ASSERT(both_are(&f, &f.from_a));
	outer_key_forget();
	ASSERT_ERR(key_file_read(path, NULL, &k), ERR_OK);
	CU_ASSERT_EQUAL(k.version, version + 1);
	key_file_free(&k);
	ASSERT_ERR(open_stores(&f), ERR_CORRUPT); /* the database is older than that */
	outer_key_forget();
}

static void test_two_at_once(void)
{
	struct fixture f;
	int fd;

	begin(&f);
	ASSERT_ERR(make_stores(&f), ERR_OK);
	fd = open(f.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_EQUAL(flock(fd, LOCK_EX | LOCK_NB), 0);
	ASSERT_ERR(store_keys_seal(f.dir, &f.from_a, NULL, NULL), ERR_LOCKED);
	CU_ASSERT(both_are(&f, NULL));
	close(fd);
}

/* Each system call of the change is the last one: both files open, each as it says. */
static void cut_each_step(const struct fixture *f, const struct key_source *from,
			  const struct key_source *to, enum fault_kind kind)
{
	unsigned step = 1;

	for (bool struck = true; struck && step < STEPS; step++) {
		ASSERT_ERR(store_keys_seal(f->dir, from, NULL, NULL), ERR_OK);
		outer_key_forget();
		fault_arm(kind, step, 1);
		(void)!store_keys_seal(f->dir, to, NULL, NULL);
		struck = fault_disarm();
		ASSERT_ERR(open_stores(f), ERR_OK);
		outer_key_forget();
		ASSERT_ERR(store_keys_seal(f->dir, to, NULL, NULL), ERR_OK); /* given again */
		CU_ASSERT(both_are(f, to));
	}
	CU_ASSERT(step > 6 && step < STEPS);
}

static void test_cuts(void)
{
	struct fixture f;

	begin(&f);
	ASSERT_ERR(make_stores(&f), ERR_OK);
	cut_each_step(&f, NULL, &f.from_a, FAULT_DEATH);
	cut_each_step(&f, &f.from_a, &f.from_b, FAULT_DEATH);
	cut_each_step(&f, &f.from_b, NULL, FAULT_DEATH);
	cut_each_step(&f, &f.from_a, &f.from_b, FAULT_FULL);
	cut_each_step(&f, &f.from_a, &f.from_b, FAULT_MEMORY);
	outer_key_forget();
}

TEST_SUITE(store_keys, {"sealed, moved, put in the clear", test_whole_way},
	   {"made sealed", test_made_sealed}, {"a key that does not fit", test_wrong_key},
	   {"a sealed file is cut", test_cut_file}, {"the version is sealed, too", test_version},
	   {"somebody else is at it", test_two_at_once}, {"cut at every step", test_cuts})
