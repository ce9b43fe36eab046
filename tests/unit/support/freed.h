/*
 * freed: looks for secrets in every block of memory that is given back, by whoever: our code,
 * OpenSSL, jansson, SQLite, libc. Under the sanitizers, which have an allocator of their own,
 * nothing is looked at (freed_can_see() is false).
 */
#ifndef TWINKEY_TESTS_FREED_H
#define TWINKEY_TESTS_FREED_H

#include "lib/base/bytes.h"

bool freed_can_see(void);
/* From now on looks for it too, in each form of tests/unit/support/leak.h. */
void freed_watch(const char *name, struct slice secret);
/* Ends it; how many blocks held one. The first were told on standard error. */
unsigned freed_found(void);

#endif
