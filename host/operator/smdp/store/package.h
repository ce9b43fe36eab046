/*
 * package: the packages of the inventory: metadata, and the profile elements, sealed.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_PACKAGE_H
#define TWINKEY_OPERATOR_SMDP_STORE_PACKAGE_H

#include "lib/base/bytes.h"

struct inventory_needs;
struct smdp_store;

/* Appends BF25 and the elements; either may be NULL. The elements are secret (K1). */
enum err smdp_package_load(struct smdp_store *s, int64_t profile, struct wbuf *metadata,
			   struct wbuf *upp) MUST_CHECK;
enum err smdp_package_needs(struct smdp_store *s, int64_t profile,
			    struct inventory_needs *out) MUST_CHECK;

/* For the store alone, inside a transaction: the package of a new profile. */
enum err smdp_package_insert(struct smdp_store *s, int64_t profile, struct slice iccid,
			     struct slice metadata, struct slice upp) MUST_CHECK;
/* Authenticates the packages that a version before took. */
enum err smdp_package_adopt(struct smdp_store *s) MUST_CHECK;
/* ERR_CORRUPT: the package is not what was written, or is gone. */
enum err smdp_package_check(struct smdp_store *s, int64_t profile) MUST_CHECK;

#endif
