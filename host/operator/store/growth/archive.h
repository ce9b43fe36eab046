/*
 * archive: old entries of the log move to a file, and the chain stays provable.
 *
 * The file: lines of JSON, UTF-8. The first says what it is: {"what", "format": 1, "from", "to",
 * "before"}; then one for each entry from `from` to `to`: {"seq", "at", "subscriber", "event",
 * "state", "next", "actor", "evidence", "link"}; the last: {"entries", "seal"}. Numbers of time are
 * seconds since 1970; links (host/operator/audit/chain.h) and the seal, an HMAC under the store's
 * key over from, to, the link before and the last one, are hex.
 *
 * The file is whole, on the disk, under its name, before anything leaves the database; then one
 * transaction takes the entries out, sets the anchor and logs that. So a process that is ended
 * anywhere leaves them in one place or in both. In the database stay the last entry about each
 * subscriber, his last grant, and the last one about each setting and account: rows name them.
 */
#ifndef TWINKEY_OPERATOR_STORE_ARCHIVE_H
#define TWINKEY_OPERATOR_STORE_ARCHIVE_H

#include "lib/base/bytes.h"

struct cancel;
struct operator_store;

/* What is to go: all but the last `keep` entries, or those of before a moment. The last entry
 * always stays. */
struct archive_order {
	const char *path; /* not there yet; mode 0600 */
	bool by_time;
	int64_t before; /* seconds since 1970: by_time */
	int64_t keep;	/* else */
	int64_t now;
	struct cancel *cancel;
};
struct archive_done {
	int64_t from, to; /* entries that went; none when to is 0: then there is no file */
	int64_t kept;	  /* of these, still in the database too */
};
/* ERR_EXISTS: there is a file; ERR_CORRUPT: the log is not what was written. */
enum err operator_store_archive(struct operator_store *s, const struct archive_order *o,
				struct archive_done *done) MUST_CHECK;

/*
 * Whether the files, in any order, hold all entries up to the anchor, each as it was written.
 * *good: up to which entry they do. ERR_CORRUPT: a file is not what was written, or is of another
 * operator; ERR_NOT_FOUND: entries are in none of them; ERR_EXISTS: a file goes on past the anchor:
 * its entries are still in the database. trouble_of() says which.
 */
enum err operator_store_prove(struct operator_store *s, const char *const *paths, size_t n,
			      int64_t *good) MUST_CHECK;

#endif
