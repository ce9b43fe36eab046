/*
 * test: what the unit tests share. A suite is a file tests/unit/ROOM/test_NAME.c that ends with
 *
 *	TEST_SUITE(name, {"what holds", test_function}, ...)
 *
 * and is found by the linker: there is no list to keep.
 */
#ifndef TWINKEY_TESTS_TEST_H
#define TWINKEY_TESTS_TEST_H

#include <CUnit/CUnit.h>
#include <jansson.h>
#include <stdlib.h>

#include "lib/base/bytes.h"

struct test_case {
	const char *name;
	void (*run)(void);
};

void test_register(const char *suite, const struct test_case *cases, size_t n);

#define TEST_SUITE(suite, ...)                                                                     \
	static const struct test_case suite##_cases[] = {__VA_ARGS__};                             \
	__attribute__((constructor)) static void suite##_register(void)                            \
	{                                                                                          \
		test_register(#suite, suite##_cases, ARRAY_LEN(suite##_cases));                    \
	}

/* tests/vectors/NAME.json, loaded; aborts with a message when it is not there. Free by json_decref.
 */
json_t *test_vectors(const char *name);
/* The hex string v[key] decoded into memory that lives until the test case ends. */
struct slice test_hex(const json_t *v, const char *key);
struct slice test_unhex(const char *hex);
/* A file of the test-data folder (TWINKEY_SHARED, default ../shared), or an empty slice and a
 * message. */
struct slice test_shared(const char *path);
/* An empty folder of its own, removed when the test case ends. */
const char *test_dir(void);

/* Compares octets and prints both in hex when they differ. */
void test_octets(struct slice got, struct slice want, const char *what, const char *file, int line);
#define ASSERT_OCTETS(got, want, what) test_octets(got, want, what, __FILE__, __LINE__)
#define ASSERT_ERR(got, want)	       CU_ASSERT_EQUAL((int)(got), (int)(want))

#endif
