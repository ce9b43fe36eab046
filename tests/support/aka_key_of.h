/*
 * aka_key_of: the key of a subscription whatever the subscriber's state, for tests that play the
 * card.
 */
#ifndef TWINKEY_TESTS_AKA_KEY_OF_H
#define TWINKEY_TESTS_AKA_KEY_OF_H

#include <stdint.h>

#include "lib/base/err.h"

struct aka_key;
struct operator_store;

/* sub: 1 or 2. */
enum err aka_key_of(struct operator_store *s, int64_t id, int sub, struct aka_key **out) MUST_CHECK;

#endif
