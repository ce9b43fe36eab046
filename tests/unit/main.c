/* main: runs the suites that registered themselves. Usage: unit-tests [SUITE ...] */
#include "tests/unit/test.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/db/db.h"
#include "host/operator/db/place.h"
#include "lib/base/secret.h"
#include "tests/support/scratch.h"
#include "tests/unit/support/fault.h"
#include "tool/sys/file.h"

#define SUITES_MAX 512

static struct {
	const char *name;
	const struct test_case *cases;
	size_t n;
} suites[SUITES_MAX];
static size_t suite_count;

static struct wbuf kept[16384];
static size_t kept_count;
static char dirs[128][64];
static size_t dir_count;
static unsigned dir_made; /* in all */
static bool
	lacks_data; /* the present case wanted a file of the test-data folder that is not there */
static unsigned without_data; /* cases of that kind */

void test_register(const char *suite, const struct test_case *cases, size_t n)
{
	if (suite_count == SUITES_MAX) {
		fputs("more suites than SUITES_MAX\n", stderr);
		abort();
	}
	suites[suite_count].name = suite;
	suites[suite_count].cases = cases;
	suites[suite_count++].n = n;
}

static struct wbuf *keep(size_t limit)
{
	if (kept_count == ARRAY_LEN(kept)) {
		fprintf(stderr, "a test case keeps too many buffers\n");
		abort();
	}
	kept[kept_count] = wbuf_grow(limit);
	return &kept[kept_count++];
}

static void after_each(void)
{
	lacks_data = false;
	while (kept_count)
		wbuf_free(&kept[--kept_count]);
	while (dir_count)
		file_remove_tree(dirs[--dir_count]);
}

static void read_whole(const char *path, struct wbuf *w)
{
	FILE *f = fopen(path, "rb");
	uint8_t chunk[4096];
	size_t n;

	if (!f) {
		wbuf_fail(w, ERR_NOT_FOUND);
		return;
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		wbuf_put(w, slice_make(chunk, n));
	fclose(f);
}

json_t *test_vectors(const char *name)
{
	char path[256];
	json_error_t error;
	json_t *j;

	snprintf(path, sizeof(path), "tests/vectors/%s.json", name);
	j = json_load_file(path, 0, &error);
	if (!j) {
		fprintf(stderr, "%s: %s (run from the top folder)\n", path, error.text);
		abort();
	}
	return j;
}

struct slice test_unhex(const char *hex)
{
	struct wbuf *w = keep(1 << 20);

	if (hex_decode(hex, w)) {
		fprintf(stderr, "not hex: %s\n", hex);
		abort();
	}
	return wbuf_slice(w);
}

struct slice test_hex(const json_t *v, const char *key)
{
	const char *hex = json_string_value(json_object_get(v, key));

	if (!hex) {
		fprintf(stderr, "the vector has no \"%s\"\n", key);
		abort();
	}
	return test_unhex(hex);
}

struct slice test_shared(const char *path)
{
	const char *base = getenv("TWINKEY_SHARED");
	char full[512];
	struct wbuf *w = keep(16 << 20);

	snprintf(full, sizeof(full), "%s/%s", base && *base ? base : "../shared", path);
	read_whole(full, w);
	if (w->err && !lacks_data) {
		printf("(skipped, at least in part: the test-data folder has no %s) ", path);
		lacks_data = true;
		without_data++;
	}
	return wbuf_slice(w);
}

/* The stores of a folder are in that database, each folder's in namespaces of its own. */
static void put_into_database(const char *dir, unsigned n)
{
	const char *database = getenv("TWINKEY_TEST_DATABASE");
	char place[DB_PLACE_CAP];

	if (!database || !*database)
		return;
	snprintf(place, sizeof(place), "%s#t%ld_%u", database, (long)getpid(), n);
	if (db_place_tell(dir, place))
		abort();
}

const char *test_dir(void)
{
	char *d = dirs[dir_count];

	if (dir_count == ARRAY_LEN(dirs))
		abort();
	scratch_make(NULL, "test", d, sizeof(dirs[0]));
	put_into_database(d, ++dir_made);
	dir_count++;
	return d;
}

void test_octets(struct slice got, struct slice want, const char *what, const char *file, int line)
{
	bool same = slice_equal(got, want);

	if (!same) {
		fprintf(stderr, "\n%s: got  ", what);
		for (size_t i = 0; i < got.len; i++)
			fprintf(stderr, "%02x", got.ptr[i]);
		fprintf(stderr, "\n%s: want ", what);
		for (size_t i = 0; i < want.len; i++)
			fprintf(stderr, "%02x", want.ptr[i]);
		fprintf(stderr, "\n");
	}
	CU_assertImplementation(same, (unsigned)line, what, file, "", CU_FALSE);
}

static unsigned long races;

/* Who counts statements or looks at single ones, and who holds a store by hand. */
static bool counts(const char *suite, const char *test)
{
	return strcmp(suite, "db") == 0 || strcmp(suite, "http_crowd") == 0 ||
	       strcmp(test, "what a vector costs") == 0;
}

/* One statement of eight, of those in a transaction, finds that another process was faster. */
static bool races_now(const char *sql)
{
	(void)sql;
	if (counts(CU_get_current_suite()->pName, CU_get_current_test()->pName))
		return false;
	races = races * 6364136223846793005u + 1442695040888963407u;
	return races >> 61 == 0;
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return argc == 1;
}

int main(int argc, char **argv)
{
	unsigned failures;

	if (getenv("TWINKEY_TEST_RACES")) {
		races = strtoul(getenv("TWINKEY_TEST_RACES"), NULL, 10);
		db_disturb(races_now);
	}
	fault_start();
	secret_heap_start(1 << 20);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	for (size_t i = 0; i < suite_count; i++) {
		CU_pSuite s;

		if (!wanted(suites[i].name, argc, argv))
			continue;
		s = CU_add_suite_with_setup_and_teardown(suites[i].name, NULL, NULL, NULL,
							 after_each);
		for (size_t k = 0; s && k < suites[i].n; k++)
			CU_add_test(s, suites[i].cases[k].name, suites[i].cases[k].run);
	}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	if (CU_basic_run_tests() != CUE_SUCCESS)
		return 1;
	failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
	if (CU_get_number_of_tests_run() == 0) {
		fprintf(stderr, "no such suite\n");
		failures = 1;
	}
	if (without_data)
		printf("%u cases were skipped, at least in part: the test-data folder lacks "
		       "files\n",
		       without_data);
	CU_cleanup_registry();
	return failures ? 1 : 0;
}
