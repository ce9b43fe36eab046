/* the recorder's key, and traces that are sealed while they are written */
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/crypto/ec.h"
#include "lib/trace/seal/seal.h"
#include "tests/support/sealed.h"
#include "tests/unit/support/fault.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/trace/seal_key.h"
#include "tool/trace/trace.h"

#define FILE_CAP  (1u << 20)
#define EXCHANGES 300

static void name_file(const char *name, char path[static 128])
{
	ASSERT_ERR(path_join(test_dir(), name, path, 128), ERR_OK);
}

static struct slice read_all(const char *path, struct wbuf *w)
{
	*w = wbuf_grow(FILE_CAP);
	ASSERT_ERR(file_read(path, NULL, w), ERR_OK);
	return wbuf_slice(w);
}

static bool holds(struct slice all, struct slice part)
{
	return memmem(all.ptr, all.len, part.ptr, part.len) != NULL;
}

static void test_key(void)
{
	struct ec_key *key = NULL, *again = NULL, *other = NULL;
	struct wbuf w = wbuf_grow(4096);
	char path[128];
	struct stat st;
	bool made;

	name_file("key", path);
	ASSERT_ERR(seal_key_open(path, NULL, &key, &made), ERR_OK);
	CU_ASSERT_TRUE(made);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	ASSERT_ERR(seal_key_open(path, NULL, &again, &made), ERR_OK);
	CU_ASSERT_FALSE(made);
	ASSERT_OCTETS(ec_key_point(key), ec_key_point(again), "the key that was kept");
	CU_ASSERT_EQUAL(chmod(path, 0640), 0);
	ASSERT_ERR(seal_key_open(path, NULL, &other, &made), ERR_PERMISSION);
	ASSERT_ERR(seal_key_open("/proc/no/such/folder/key", NULL, &other, &made), ERR_NOT_FOUND);
	name_file("words", path);
	ASSERT_ERR(file_write(path, slice_str("no key"), 0600, NULL), ERR_OK);
	ASSERT_ERR(seal_key_open(path, NULL, &other, &made), ERR_KEY);
	name_file("brainpool", path);
	ASSERT_ERR(ec_key_generate(EC_BP256R1, &other), ERR_OK);
	ASSERT_ERR(ec_key_save(other, &w), ERR_OK);
	ASSERT_ERR(file_write(path, wbuf_slice(&w), 0600, NULL), ERR_OK);
	ec_key_free(&other);
	ASSERT_ERR(seal_key_open(path, NULL, &other, &made), ERR_KEY);
	CU_ASSERT_PTR_NULL(other);
	wbuf_free(&w);
	ec_key_free(&key);
	ec_key_free(&again);
}

/* Whatever fails while it is made, there is the whole file or none, and none is left beside it. */
static void test_key_faults(void)
{
	char path[128];
	struct ec_key *key;
	struct stat st;
	bool struck = true, made;

	name_file("key", path);
	for (unsigned n = 1; struck; n++) {
		enum err e;

		key = NULL;
		fault_arm(FAULT_FULL, n, 0);
		e = seal_key_open(path, NULL, &key, &made);
		struck = fault_disarm();
		CU_ASSERT_EQUAL(e == ERR_OK, key != NULL);
		ec_key_free(&key);
		if (stat(path, &st) == 0) {
			CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
			ASSERT_ERR(seal_key_open(path, NULL, &key, &made), ERR_OK);
			CU_ASSERT_FALSE(made);
			ec_key_free(&key);
			unlink(path);
		} else {
			CU_ASSERT_NOT_EQUAL(e, ERR_OK);
		}
		ASSERT_ERR(file_each(test_dir(), "key.", "", NULL, NULL), ERR_NOT_FOUND);
	}
}

/* A file that is there is never replaced. */
static void test_create(void)
{
	struct wbuf w;
	char path[128], link_path[128];

	name_file("file", path);
	name_file("link", link_path);
	ASSERT_ERR(file_create(path, slice_str("one"), 0640, NULL), ERR_OK);
	ASSERT_ERR(file_create(path, slice_str("two"), 0640, NULL), ERR_EXISTS);
	CU_ASSERT_EQUAL(symlink(path, link_path), 0);
	ASSERT_ERR(file_create(link_path, slice_str("three"), 0640, NULL), ERR_EXISTS);
	CU_ASSERT_TRUE(slice_is(read_all(path, &w), "one"));
	wbuf_free(&w);
}

struct reader {
	struct trace *trace;
	uint8_t number;
};

static void *record(void *ctx)
{
	const struct reader *r = ctx;

	for (uint8_t i = 0; i < EXCHANGES % 256; i++) {
		const uint8_t command[] = {0, 0xB0, r->number, i, 0}, answer[] = {i, 0x90, 0};

		trace_exchange(r->trace, SLICE_OF(command), SLICE_OF(answer));
	}
	return NULL;
}

static struct ec_key *open_key(const char *path)
{
	struct ec_key *key = NULL;
	bool made;

	CU_ASSERT_EQUAL_FATAL(seal_key_open(path, NULL, &key, &made), ERR_OK);
	return key;
}

/* The order in the file is that of the chain, whoever writes; nothing of the key is in it. */
static void test_two_threads(void)
{
	struct reader one = {.number = 1}, two = {.number = 2};
	struct sealed_outcome o;
	struct wbuf w, key_file;
	char path[128], key[128];
	struct slice all;
	pthread_t thread;

	name_file("key", key);
	name_file("two", path);
	ASSERT_ERR(trace_create(&(struct trace_target){.path = path, .seal = open_key(key)}, "one",
				&one.trace),
		   ERR_OK);
	ASSERT_ERR(trace_join(one.trace, "two", &two.trace), ERR_OK);
	CU_ASSERT_EQUAL(pthread_create(&thread, NULL, record, &two), 0);
	record(&one);
	pthread_join(thread, NULL);
	ASSERT_ERR(trace_close(&one.trace), ERR_OK);
	ASSERT_ERR(trace_close(&two.trace), ERR_OK);
	all = read_all(path, &w);
	sealed_verify(all, 777, &o);
	CU_ASSERT_TRUE(sealed_is_whole(&o));
	/* section, two interfaces, exchanges; signatures at 1, 65 and so on, and the last */
	CU_ASSERT_EQUAL(o.verdict.records, 3 + 2 * (EXCHANGES % 256) + 2 + 1);
	/* PKCS #8 of P-256 (RFC 5208, RFC 5915): the private number is octets 36 to 67 */
	CU_ASSERT_FALSE(holds(all, slice_sub(read_all(key, &key_file), 36, 32)));
	wbuf_free(&key_file);
	wbuf_free(&w);
}

/* A disk that is full: the trace fails, and what is there is a sealed one that is not closed. */
static void test_full_disk(void)
{
	char path[128], key[128];
	bool struck = true;

	name_file("key", key);
	name_file("full", path);
	for (unsigned n = 1; struck; n++) {
		struct trace_target target = {.path = path, .seal = open_key(key)};
		struct reader r = {.number = 1};
		struct sealed_outcome o;
		struct wbuf w;
		enum err e;

		unlink(path);
		fault_arm(n % 2 ? FAULT_NO_ROOM : FAULT_FULL, n, 0);
		e = trace_create(&target, "full", &r.trace);
		if (!e) {
			record(&r);
			e = trace_close(&r.trace);
		}
		struck = fault_disarm();
		ASSERT_ERR(e, struck ? ERR_FULL : ERR_OK);
		sealed_verify(read_all(path, &w), 1 << 16, &o);
		CU_ASSERT_EQUAL(o.verdict.faults, 0);
		CU_ASSERT_EQUAL(o.verdict.closed, !struck);
		CU_ASSERT_EQUAL(o.verdict.records, struck ? n - 1 : o.verdict.last + 1);
		wbuf_free(&w);
	}
}

/* Memory that is out is a failure of the trace, and never leaves a record without a seal. */
static void test_no_memory(void)
{
	static const uint8_t command[] = {0, 0xB0, 0, 0, 0}, answer[] = {1, 2, 0x90, 0};
	char path[128], key[128];
	bool struck = true;

	name_file("key", key);
	name_file("memory", path);
	for (unsigned n = 1; struck; n++) {
		struct trace_target target = {.path = path, .seal = open_key(key)};
		struct trace *t = NULL;
		struct sealed_outcome o;
		struct wbuf w;
		enum err e;

		unlink(path);
		fault_arm(FAULT_MEMORY, n, 0);
		e = trace_create(&target, "memory", &t);
		if (!e) {
			for (int i = 0; i < 4; i++)
				trace_exchange(t, SLICE_OF(command), SLICE_OF(answer));
			e = trace_close(&t);
		}
		struck = fault_disarm();
		CU_ASSERT_TRUE(struck || e == ERR_OK); /* OpenSSL can do without some */
		if (access(path, F_OK) == 0) {
			sealed_verify(read_all(path, &w), 1 << 16, &o);
			CU_ASSERT_EQUAL(o.verdict.faults, 0);
			CU_ASSERT_EQUAL(o.verdict.closed, e == ERR_OK);
			/* section, signature, interface, four exchanges, signature */
			CU_ASSERT_TRUE(e || o.verdict.records == 8);
			wbuf_free(&w);
		}
	}
}

TEST_SUITE(sealing, {"the key: made once, kept, for its owner alone", test_key},
	   {"the key: whole or not at all", test_key_faults},
	   {"a new file replaces none", test_create},
	   {"two readers, two threads, one chain", test_two_threads},
	   {"a full disk", test_full_disk}, {"no memory", test_no_memory})
