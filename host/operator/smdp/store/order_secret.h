/*
 * order_secret: the two sealed columns of an order, confirmation code and binding. Only the store
 * includes it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_ORDER_SECRET_H
#define TWINKEY_OPERATOR_SMDP_STORE_ORDER_SECRET_H

#include "lib/base/bytes.h"

struct db_statement;
struct smdp_profile;
struct smdp_store;

enum smdp_order_secret { SMDP_SECRET_CODE, SMDP_SECRET_BINDING };
#define SMDP_SECRET_MAX	   1024

#define SMDP_SECRET_FORGET slice_make("", 0)
/* SLICE_EMPTY: it is left as it is. */
enum err smdp_order_secret_put(struct smdp_store *s, const struct smdp_profile *p,
			       enum smdp_order_secret what, struct slice plain) MUST_CHECK;
/* Appended to out. ERR_NOT_FOUND: there is none. */
enum err smdp_order_secret_get(struct smdp_store *s, int64_t profile, enum smdp_order_secret what,
			       struct wbuf *out) MUST_CHECK;
/* Of the row of PROFILE_COLUMNS that st stands on: ERR_CORRUPT, one cannot be opened. */
enum err smdp_order_secret_check(struct smdp_store *s, const struct db_statement *st) MUST_CHECK;

#endif
