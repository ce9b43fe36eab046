/*
 * chain: a log whose entries are tied to one another, for the operator's store and the manager's.
 *
 * Each entry has a link, an HMAC-SHA256 under the store's key over the link before and every field.
 * A head beside the log, authenticated too, says how many there are and the last one's link. So an
 * entry that was changed, put in or taken out shows, at the end as in the middle. Who has the key,
 * or puts an older copy of the whole database back, is not found out.
 *
 * Entries that are old can leave for a file (host/operator/store/growth/archive.h). An anchor, in
 * the table "log_anchor" and authenticated, says which was the last to go, and its link: the chain
 * goes on from there. Of the entries up to it some may stay, each with the link before its own
 * ("prior"), so that it proves itself.
 *
 * The table is "log" with the columns seq (1, 2, 3 ...), at, numbers, texts, link. The caller holds
 * the transaction. A store says only what its entries are (struct chain_kind).
 */
#ifndef TWINKEY_OPERATOR_CHAIN_H
#define TWINKEY_OPERATOR_CHAIN_H

#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

struct db;
struct db_statement;
struct keyring;

#define CHAIN_TEXTS_MAX 6

/* Both databases take these names of types. */
#define CHAIN_ANCHOR_TABLE                                                                         \
	"CREATE TABLE log_anchor (id BIGINT PRIMARY KEY CHECK (id = 1), seq BIGINT NOT NULL,"      \
	" link BYTEA NOT NULL, mac BYTEA NOT NULL);"
#define CHAIN_HEAD_TABLE                                                                           \
	"CREATE TABLE IF NOT EXISTS log_head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER " \
	"NOT NULL,"                                                                                \
	" link BLOB NOT NULL, flags INTEGER NOT NULL, mac BLOB NOT NULL);"

struct chain_kind {	    /* SQL: literals, each known by its address */
	const char *label;  /* hashed before the rest; "" for nothing */
	const char *select; /* seq, at, fields, link; for a walk (struct db_walk) by seq */
	const char *insert; /* the same */
	const char *kept; /* seq, at, fields, link, prior of those up to ?1; NULL: none ever goes */
	bool numbered;	  /* the first field is a number */
	unsigned texts;	  /* how many fields follow */
};

struct chain { /* borrowed from a store */
	const struct chain_kind *kind;
	struct db *db;
	struct keyring *keyring;
};

struct chain_entry {
	int64_t seq, at, number;
	const char *text[CHAIN_TEXTS_MAX];
};

struct chain_head {
	int64_t seq; /* of the last entry; 0: there is none */
	uint8_t link[SHA256_LEN];
	uint32_t flags; /* the store's own; authenticated with the rest */
};

/* What a copy is known by: its schema's version, and the end of its log. */
struct chain_stand {
	int schema;
	int64_t entries;	  /* the last one's seq */
	uint8_t link[SHA256_LEN]; /* and its link */
};

/* Makes the head of a new log. */
enum err chain_begin(const struct chain *c) MUST_CHECK;
/* Makes the head of a log that was kept without one. */
enum err chain_adopt(const struct chain *c) MUST_CHECK;
/* ERR_CORRUPT: the head is not what was written, or the log does not end where it says. */
enum err chain_head(const struct chain *c, struct chain_head *out) MUST_CHECK;
/* In a transaction of its own (DB_READ). Errors as chain_head(). */
enum err chain_stand(const struct chain *c, struct chain_stand *out) MUST_CHECK;
enum err chain_set_flags(const struct chain *c, uint32_t flags) MUST_CHECK;
/* Sets e->seq. ERR_CORRUPT as chain_head(): nothing is added to a log that was cut. */
enum err chain_append(const struct chain *c, struct chain_entry *e) MUST_CHECK;
/* The row of kind->select that st stands on; its texts are valid until the next row. ERR_CORRUPT:
 * a field is not of its type. */
enum err chain_read(const struct chain *c, const struct db_statement *st,
		    struct chain_entry *e) MUST_CHECK;
/* The last entry that has gone; all zeros: none has. */
enum err chain_anchor(const struct chain *c, struct chain_head *out) MUST_CHECK;
enum err chain_set_anchor(const struct chain *c, const struct chain_head *anchor) MUST_CHECK;
/* The link of an entry whose seq is set, behind this one. */
enum err chain_link(const struct chain *c, const uint8_t before[static SHA256_LEN],
		    const struct chain_entry *e, uint8_t link[static SHA256_LEN]) MUST_CHECK;
/*
 * *good: how many entries, from the first on (those that have gone count), are as they were
 * written. ERR_CORRUPT: after these one is not, or the log does not end there.
 */
enum err chain_verify(const struct chain *c, int64_t *good) MUST_CHECK;

#endif
