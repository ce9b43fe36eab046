/*
 * store: the card's non-volatile memory.
 *
 * A map from short text keys to values, held in memory and in a folder. Changes are collected in a
 * transaction; store_commit() appends it as ONE authenticated, encrypted record to the journal with
 * one write(): after a crash the store holds the whole transaction or nothing of it. What the
 * process had not finished is dropped when the folder is opened; a journal that lacks a commit that
 * was finished, or holds another one in its place, is not opened (docs/adr/0016). The journal is
 * rewritten (new file, fsync, rename) when it has grown to a multiple of what lives in it.
 *
 * Durability: by default a commit survives the death of the process at any instant (the write has
 * reached the kernel); with STORE_SYNC it is on the disk before store_commit() returns, and
 * survives the crash of the machine.
 *
 * Secrets: the journal is encrypted whole (AES-256-GCM under a key derived from the storage key).
 * Values put by store_put_secret() stay sealed in memory as well, and are opened only by
 * store_get_secret(), into the secure heap.
 *
 * Folder (mode 0700, tool/sys/folder.h): "storage.key", "journal", "head" (where the journal ends),
 * "lock" (names the process that has it open; the lock itself is on the folder and on the journal).
 */
#ifndef TWINKEY_CARD_STORE_H
#define TWINKEY_CARD_STORE_H

#include "card-emu/store/limits.h"
#include "lib/base/bytes.h"

struct secret;

enum store_flags {
	STORE_CREATE = 1, /* the folder must not hold a store yet: ERR_EXISTS */
	STORE_SYNC = 2,	  /* fdatasync() at each commit */
	STORE_MEMORY = 4, /* nothing on disk: dir is ignored (tests, fuzzing) */
	/* Damage costs what is behind it, and no more; store_report() and trouble_text() tell. An
	 * anchor that is not there is made. */
	STORE_RECOVER = 8,
};

struct store_options {
	const char *dir;
	unsigned flags;
	/* A file outside the folder that tells where the journal ends, so that an older copy of the
	 * whole folder is known; NULL: none. STORE_CREATE makes it. */
	const char *anchor;
};

struct store;

/*
 * Opens (or creates) the store. ERR_NOT_FOUND: no store there, or no anchor; ERR_LOCKED: another
 * process has it; ERR_VERSION; ERR_CORRUPT: something that was committed is missing or changed;
 * ERR_PERMISSION: the folder is not safe; ERR_FULL. trouble_text() says more where there is more.
 */
enum err store_open_with(const struct store_options *o, struct store **out) MUST_CHECK;
/* The same without an anchor. */
enum err store_open(const char *dir, unsigned flags, struct store **out) MUST_CHECK;
void store_close(struct store **s);
/* What was found in the folder when it was opened. */
struct journal_report;
const struct journal_report *store_report(const struct store *s);
/* The process that holds the lock of this folder, 0 if unknown. */
long store_lock_holder(const char *dir);

/* Borrowed until the next commit. False when the key is not there (or holds a secret). */
bool store_get(const struct store *s, const char *key, struct slice *value);
/* A secret of its own for the caller. ERR_NOT_FOUND; ERR_MAC when it was tampered with. */
enum err store_get_secret(const struct store *s, const char *key, struct secret **out) MUST_CHECK;
bool store_has(const struct store *s, const char *key);
/*
 * Calls each() for every key that starts with prefix, in order of the keys, until it returns false.
 * value is empty for secrets. each() must not change the store.
 */
void store_each(const struct store *s, const char *prefix,
		bool (*each)(void *ctx, const char *key, struct slice value), void *ctx);

/*
 * A transaction. Reads do not see it before the commit. Failures are sticky and reported by
 * store_commit(). One transaction at a time: beginning a second one drops the first.
 */
struct store_txn;
struct store_txn *store_begin(struct store *s);
const struct store *store_of(const struct store_txn *t);
void store_put(struct store_txn *t, const char *key, struct slice value);
void store_put_secret(struct store_txn *t, const char *key, struct slice value);
void store_delete(struct store_txn *t, const char *key); /* absent keys are fine */
void store_delete_prefix(struct store_txn *t, const char *prefix);
/*
 * What is put into t from now on is volatile: it stands over what is kept under the same keys,
 * never reaches the folder, and is gone with store_forget(). Whoever puts such a key later changes
 * what stands over it, in whatever transaction; a deletion takes both.
 */
void store_volatile(struct store_txn *t);
/* store_put() of what is kept all the same, under what may stand over it. */
void store_put_kept(struct store_txn *t, const char *key, struct slice value);
/* Power off: nothing volatile is left. No transaction is open. */
void store_forget(struct store *s);
/* Octets of what has been put so far. */
size_t store_txn_octets(const struct store_txn *t);
/* On any failure (ERR_FULL, ERR_IO, ERR_MEMORY ...) the store, in memory and on disk, is as before.
 */
enum err store_commit(struct store_txn *t) MUST_CHECK;
/*
 * Writes what has time until the answer is out: where the journal ends. Without it that is done
 * before the next commit, and by store_close(); a process that is killed before loses nothing.
 */
void store_settle(struct store *s);
void store_rollback(struct store_txn *t);

/* Octets of live keys and values; the budget that free memory is computed from. */
size_t store_used(const struct store *s);

#endif
