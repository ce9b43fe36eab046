/*
 * schema: the tables of the manager's store, and how those of a version before are brought up to
 * this one. Only the store includes it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_SCHEMA_H
#define TWINKEY_OPERATOR_SMDP_STORE_SCHEMA_H

#include "lib/base/err.h"

struct db_schema;
struct smdp_store;

extern const struct db_schema smdp_schema;

/*
 * Makes the tables where there are none, and brings old ones up to date; what lives in memory is
 * made in any case. ERR_VERSION: they are of a later version; ERR_CORRUPT: they are of an older one
 * than the key file knows of: somebody has set them back.
 */
enum err smdp_schema_apply(struct smdp_store *s) MUST_CHECK;
/* The version that the tables have then. */
int smdp_schema_version(void);

#endif
