/*
 * must: a condition without which a fuzz target or a helper of the tests cannot go on: says where
 * it failed and aborts, which is what a fuzzer and a sanitizer look for.
 */
#ifndef TWINKEY_TESTS_MUST_H
#define TWINKEY_TESTS_MUST_H

#include <stdbool.h>

void must(bool holds, const char *what, const char *file, int line);

#define MUST(condition) must((condition), #condition, __FILE__, __LINE__)

#endif
