/*
 * log: the log of the subscription manager. Entries are never changed, each is tied to the one
 * before under the store's key.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_LOG_H
#define TWINKEY_OPERATOR_SMDP_STORE_LOG_H

#include "lib/base/bytes.h"

struct smdp_store;

struct smdp_log_entry {
	int64_t seq, at;
	char iccid[21]; /* hex, as in EF.ICCID; "" when no profile is concerned */
	char event[32], from[16], to[16], actor[64], evidence[256];
};
enum err smdp_log_each(struct smdp_store *s,
		       bool (*each)(void *ctx, const struct smdp_log_entry *e),
		       void *ctx) MUST_CHECK;

/* For the store alone: the log of an open store with its key. */
void smdp_log_begin(struct smdp_store *s);
/* An entry of it, inside the caller's transaction; sets entry->seq. */
enum err smdp_log_append(struct smdp_store *s, struct smdp_log_entry *entry) MUST_CHECK;

#endif
