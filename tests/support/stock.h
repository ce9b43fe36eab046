/*
 * stock: a profile in the manager's inventory that may be downloaded at once; whether the log is
 * what was written.
 */
#ifndef TWINKEY_TESTS_STOCK_H
#define TWINKEY_TESTS_STOCK_H

#include "lib/base/bytes.h"

struct smdp_store;

/* es2p_add_profile(), by "operator", now. */
enum err stock_profile(struct smdp_store *s, const uint8_t iccid[static 10],
		       const char *matching_id, struct slice metadata, struct slice upp) MUST_CHECK;
/* smdp_store_verify(): how many entries of the log are good. */
enum err stock_verify(struct smdp_store *s, int64_t *good) MUST_CHECK;

#endif
