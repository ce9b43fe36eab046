/*
 * fs: the file system of a profile, kept file by file in the store.
 *
 * The key of a file is STORE_PREFIX_FILES and its path (card-emu/fs/path.h).
 * Profile number 0 is the eUICC's own minimal file system, seen while no profile is enabled.
 *
 * A link (TS 102 222 6.3.2.2.2, C7) has a place, identifiers and access rules of its own; what it
 * holds is that of the file that it names. A DF that is a link shows the files of another DF.
 * ETSI TS 102 221 clauses 8, 11.1.1; 3GPP TS 31.102 4.
 */
#ifndef TWINKEY_CARD_FS_H
#define TWINKEY_CARD_FS_H

#include "card-emu/fs/path.h"
#include "lib/base/bytes.h"
#include "lib/uicc/fcp.h"

struct store;
struct store_txn;

struct fs_file {
	uint16_t fid;
	enum uicc_structure kind;
	uint8_t descriptor;  /* the whole file descriptor byte, e.g. 41, 42, 46, 78 */
	uint8_t lcsi;	     /* life cycle status: 05 activated, 04 deactivated */
	uint8_t sfi;	     /* 0: none; else 1..30 */
	uint16_t record_len; /* 0 unless linear or cyclic */
	uint8_t records;
	struct slice security;	 /* one TLV: 8B, 8C or AB, as the FCP shows it; may be empty */
	struct slice aid;	 /* ADF only */
	struct slice pin_status; /* value of C6 (DF, ADF); may be empty */
	struct slice content;	 /* EF only */
	uint8_t special;	 /* special file information, TS 102 222 table 5 */
	uint16_t max_size;	 /* BER-TLV: octets that the content may have */
	char link[FS_PATH_MAX];	 /* the path of what this file shows, "" */
};

/* The stored form, and back. ERR_CORRUPT. content of a decoded file borrows from stored. */
enum err fs_encode(const struct fs_file *f, struct wbuf *out) MUST_CHECK;
enum err fs_decode(struct slice stored, struct fs_file *out) MUST_CHECK;

/*
 * Reads file path of profile n; borrowed until the next commit. ERR_NOT_FOUND. Of a link: what it
 * shows, with its own identifiers, state and rules.
 */
enum err fs_load(const struct store *s, unsigned n, const char *path,
		 struct fs_file *out) MUST_CHECK;
/* The path without DFs that are links: where the file (or DF) really lies. */
enum err fs_canonical(const struct store *s, unsigned n, const char *path,
		      char out[static FS_PATH_MAX]) MUST_CHECK;
/* A new content for the file that was loaded from path: it goes where the content lies. */
enum err fs_put_content(struct store_txn *t, unsigned n, const char *path, const struct fs_file *f,
			struct slice content) MUST_CHECK;
/* Puts the file into the transaction. */
enum err fs_put(struct store_txn *t, unsigned n, const char *path,
		const struct fs_file *f) MUST_CHECK;

#endif
