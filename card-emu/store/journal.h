/*
 * journal: the file behind the store: an append-only sequence of sealed records.
 *
 *   head    "TWKSTORE", format (u32), salt (16 octets)
 *   record  length (u32), its complement (u32), number (u64), AES-256-GCM of the text with its tag
 *
 * The key is derived from the storage key and the salt; the nonce is the record's number, which
 * only grows; head and number are authenticated. A journal that is rewritten gets a new salt. The
 * first record is empty and on the disk before the file has its name: it cannot be torn, and shows
 * that the storage key is the right one.
 */
#ifndef TWINKEY_CARD_JOURNAL_H
#define TWINKEY_CARD_JOURNAL_H

#include "lib/bytes.h"

#define JOURNAL_RECORD_MAX (8u * 1024 * 1024)

struct journal;

/*
 * Gives each record's text to replay() in order. *torn: the end of the file is an unfinished
 * record; nothing may be appended then (its number has been used), the caller rewrites the journal.
 */
enum err journal_open(const char *path, struct slice storage_key, bool sync,
		      enum err (*replay)(void *ctx, struct slice text), void *ctx, bool *torn,
		      struct journal **out) MUST_CHECK;
/* Makes path anew, atomically: write() appends records to the new file through the given journal.
 */
enum err journal_rewrite(const char *path, struct slice storage_key, bool sync,
			 enum err (*write)(void *ctx, struct journal *fresh), void *ctx,
			 struct journal **out) MUST_CHECK;
/* Appends one record with one write(); on failure the file is cut back to what it was. */
enum err journal_append(struct journal *j, struct slice text) MUST_CHECK;
size_t journal_size(const struct journal *j);
void journal_close(struct journal **j);

#endif
