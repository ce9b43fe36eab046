/*
 * verify: whether a store is what was written to it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_VERIFY_H
#define TWINKEY_OPERATOR_SMDP_STORE_VERIFY_H

#include "lib/base/bytes.h"

struct smdp_store;

struct smdp_check {
	int64_t good; /* entries that are as they were written, from the first one on */
	enum smdp_finding {
		SMDP_LOG_INTACT,
		SMDP_LOG_CHANGED,     /* after these one was changed, put in or taken out */
		SMDP_ROW_CHANGED,     /* a profile's row, or its order's secrets, were written by
				       * somebody else */
		SMDP_PACKAGE_CHANGED, /* its package was */
		SMDP_SESSION_CHANGED, /* a session was */
		SMDP_PARTED,	      /* its state is another than the log's last word of it */
		SMDP_GONE,	      /* the log speaks of it, and it is not there */
	} found;
	char iccid[21];		     /* that it was found at, hex, as in EF.ICCID */
	int64_t entry;		     /* the last one about it; 0: none */
	char by_log[16], by_row[16]; /* its state */
};
/*
 * The log, and whether each profile is what its log says. ERR_CORRUPT tells by `found` what is
 * not.
 */
enum err smdp_store_verify(struct smdp_store *s, struct smdp_check *out) MUST_CHECK;

#endif
