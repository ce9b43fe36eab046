/*
 * store: what the subscription manager keeps: profile packages, download sessions, its log.
 *
 * A folder of its own (mode 0700) with "manager.db" and "manager.key" (0600). Packages,
 * confirmation codes (hashed) and one-time keys are sealed under that key (AES-256-GCM). A package
 * carries the second subscription only in its sealed form: neither S nor K2 can be here, for no
 * header that names them is included. What is not sealed in a row is authenticated, and a profile's
 * row belongs to the last entry of the log about it (docs/adr/0026): ERR_CORRUPT of any function
 * here is also a row that somebody else has written, and nothing is done with that.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_H
#define TWINKEY_OPERATOR_SMDP_STORE_H

#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

struct cancel;
struct chain_stand; /* host/operator/audit/chain.h */
struct db_move;	    /* host/operator/db/copy.h */
struct smdp_store;

/*
 * Opens the folder; makes it when it is not there. A store of the version before is brought up to
 * this one. Several processes may do so at once. cancel, borrowed, ends the waits for them.
 * ERR_VERSION, ERR_CORRUPT, ERR_PERMISSION, ERR_LOCKED.
 */
enum err smdp_store_open(const char *dir, struct cancel *cancel,
			 struct smdp_store **out) MUST_CHECK;
void smdp_store_close(struct smdp_store **s);
/*
 * What happens between them happens wholly or not at all; they nest. smdp_store_end() gives e, or
 * why what was done could not be kept.
 */
enum err smdp_store_begin(struct smdp_store *s) MUST_CHECK;
enum err smdp_store_end(struct smdp_store *s, enum err e) MUST_CHECK;
/* The same as a statement, which is done again when another process was faster: DB_TRANSACTION of
 * host/operator/db/db.h. */
#define SMDP_TRANSACTION(s, e)                                                                     \
	for (bool more_ = true; more_ && !((e) = smdp_store_begin(s));                             \
	     more_ = smdp_store_end_or_again(s, &(e)))
bool smdp_store_end_or_again(struct smdp_store *s, enum err *e);
/* The database as it stands, in a new file (0600) that is on the disk then. */
enum err smdp_store_copy_to(struct smdp_store *s, const char *path) MUST_CHECK;
enum err smdp_store_head(struct smdp_store *s, struct chain_stand *out) MUST_CHECK;
/* A move to another database, as host/operator/store/store.h has it. */
enum err smdp_store_leave(struct smdp_store *s) MUST_CHECK;
enum err smdp_store_copy(struct smdp_store *s, const struct db_move *m) MUST_CHECK;
/* Many requests wait for the disk once: db_gather(), db_settle() (host/operator/db/db.h). */
void smdp_store_gather(struct smdp_store *s);
enum err smdp_store_settle(struct smdp_store *s, enum err e) MUST_CHECK;

#endif
