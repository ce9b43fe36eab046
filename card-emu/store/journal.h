/*
 * journal: the file behind the store: an append-only sequence of sealed records, and its head.
 *
 *   start   "TWKSTORE", format (u32), salt (16 octets)
 *   record  length (u32), its complement (u32), number (u64), session (8 octets), AES-256-GCM of
 * the text with its tag
 *
 * The key is derived from the storage key and the salt; the nonce is the session, which is drawn at
 * each opening, and the low half of the number, which only grows, also from one file to the next.
 * What is authenticated with the text is the record's own start and the tag of the record before:
 * the records are a chain. A journal that is rewritten gets a new salt. The first record is empty
 * and on the disk before the file has its name: it cannot be torn, and shows that the storage key
 * is the right one.
 *
 * After each record the head (card-emu/store/head.h) is written, and the anchor where there is one:
 * a journal may be ahead of them by what was written when the process died, and is never behind. A
 * place of a head that is half written goes with a journal that is ahead, or somebody did it.
 *
 * Format 1 had neither chain nor head nor session; it is read, and then rewritten.
 */
#ifndef TWINKEY_CARD_JOURNAL_H
#define TWINKEY_CARD_JOURNAL_H

#include "card-emu/store/head.h"
#include "lib/base/bytes.h"

#define JOURNAL_RECORD_MAX (8u * 1024 * 1024)
#define JOURNAL_HEADS	   2 /* the folder's, and the anchor */

struct journal;
struct journal_report;

/* Where a journal lies; the caller keeps it as long as the journal is open. */
struct journal_place {
	int dir; /* the folder */
	struct slice storage_key;
	bool sync;
	struct head *heads[JOURNAL_HEADS]; /* NULL: there is none */
};

/* What becomes of the records when a journal is opened. */
struct journal_reader {
	enum err (*replay)(void *ctx, struct slice text); /* gets each record's text, in order */
	void *ctx;
	bool recover; /* of a damaged journal, the good records in front of the damage are taken */
};

/*
 * Opens and locks the journal and replays its records. A record that the process was writing when
 * it died is cut off. ERR_CORRUPT: damaged; with recover no failure, and the caller rewrites the
 * journal. ERR_NOT_FOUND, ERR_LOCKED, ERR_VERSION.
 */
enum err journal_open(const struct journal_place *place, const struct journal_reader *reader,
		      struct journal_report *report, struct journal **out) MUST_CHECK;
/*
 * Makes the journal anew, atomically, with its heads: write() appends records to the new file
 * through the given journal. old: the one that is open, or NULL; it stays the caller's.
 */
enum err journal_rewrite(const struct journal_place *place, struct journal *old,
			 enum err (*write)(void *ctx, struct journal *fresh), void *ctx,
			 struct journal **out) MUST_CHECK;
/* Keeps the file as it is under another name (journal.damaged). */
enum err journal_keep_copy(const struct journal_place *place) MUST_CHECK;
/*
 * Appends one record with one write(); on failure the file is cut back to what it was. The head
 * follows with journal_settle(), at the latest before the next record: that has time until the
 * answer is sent.
 */
enum err journal_append(struct journal *j, struct slice text) MUST_CHECK;
enum err journal_settle(struct journal *j) MUST_CHECK;
size_t journal_size(const struct journal *j);
void journal_close(struct journal **j);

#endif
