/*
 * own: what the parts of the operator's store share. Nobody else includes it.
 *
 * What is declared here is done inside the caller's transaction.
 */
#ifndef TWINKEY_OPERATOR_STORE_OWN_H
#define TWINKEY_OPERATOR_STORE_OWN_H

#include "host/operator/audit/chain.h"
#include "host/operator/audit/keyring.h"
#include "host/operator/audit/row.h"
#include "host/operator/db/db.h"
#include "host/operator/policy/book.h"
#include "host/operator/store/store.h"
#include "tool/sys/path.h"

struct decision;

struct operator_store {
	char dir[PATH_CAP];
	struct db *db;
	struct keyring *keyring;
	struct chain log;
	struct {
		uint8_t octets[64];
		size_t left;
	} chance;	       /* of challenges that are still to be made */
	int64_t forgot_before; /* awaited challenges from before then are gone */
	struct {
		bool known;
		int64_t at;
		struct operator_policy is;
	} lately; /* the settings, for policy_lately() */
};

extern const struct db_schema store_schema;

/*
 * Keys, sealed for their place. A subscription's is K with OPc and shape, one value, so that the
 * AuC unseals one; the labels of the second set have its keyId, so that the two sets change places
 * as they are.
 */
enum key_part { KEY_FIRST, KEY_SECOND, KEY_SEALING, KEY_PARTS };
#define KEY_SEALED_MAX 128
struct sealed_keys {
	uint8_t mem[KEY_PARTS][KEY_SEALED_MAX];
	struct wbuf part[KEY_PARTS];
};
struct key_place {
	const char *imsi1; /* it never changes: it names the row before it has an id */
	enum key_part part;
	uint32_t key_id; /* of the second set */
};
/* Those of the set that there are from part `from` on. ERR_KEY: one is missing. */
enum err keys_seal(struct operator_store *s, const struct key_place *from,
		   const struct subscriber_keys *keys, struct sealed_keys *out) MUST_CHECK;
/* The key of subscription 1 or 2, ready to compute with. */
enum err keys_open_aka(struct operator_store *s, const struct key_place *p, struct slice sealed,
		       enum aka_algorithm algorithm, struct subscription *out) MUST_CHECK;
/* The K2 that both sides have derived takes its place in the set that a grant releases now. What
 * was asked of the K2 before it is forgotten. */
enum err keys_put_derived(struct operator_store *s, const struct subscriber *row,
			  const struct secret *k2) MUST_CHECK;
/* What a decision does to the two sets; the key ids in the row are the decision's. */
enum err keys_make_next(struct operator_store *s, const struct subscriber *row) MUST_CHECK;
enum err keys_swap(struct operator_store *s, const struct subscriber *row) MUST_CHECK;
enum err keys_drop_spare(struct operator_store *s, const struct subscriber *row) MUST_CHECK;

/*
 * A subscriber's row, with the log's last word of it: in one statement, for another process may
 * write between two. All columns before the HMAC are authenticated.
 */
#define SUBSCRIBER_COLUMNS                                                                         \
	"id, name, iccid, imsi1, imsi2, alg1, alg2, eid, key_id, state, first_at, second_until,"   \
	" spare_key_id, granted_key_id, second, second_from, bound_by, wrong, wrong_at,"           \
	" totp_revision, log_seq, key1, key2, s, key2_spare, s_spare, reseal, derived,"            \
	" in_memory, keep_first, msisdn1, msisdn2, networks1, networks2, book_revision,"           \
	" heard1, heard2, sqn1, sqn2, mac,"                                                        \
	" (SELECT max(seq) FROM log WHERE log.subscriber = subscriber.id),"                        \
	" (SELECT to_state FROM log WHERE seq = log_seq)"
#define SUBSCRIBER_BY_IMSI /* ?1: either IMSI; whose is the first one is found by one look */      \
	"SELECT " SUBSCRIBER_COLUMNS " FROM subscriber WHERE imsi1 = ?1 UNION ALL"                 \
	" SELECT " SUBSCRIBER_COLUMNS " FROM subscriber WHERE imsi2 = ?1"
enum {
	COLUMN_KEY1 = 21,
	COLUMN_KEY2,
	COLUMN_DERIVED = 27,
	COLUMN_IN_MEMORY,
	COLUMN_KEEP_FIRST,
	COLUMN_MSISDN1,
	COLUMN_MSISDN2,
	COLUMN_NETWORKS1,
	COLUMN_NETWORKS2,
	COLUMN_BOOK,
	COLUMN_HEARD1, /* the numbers are the last four that are authenticated */
	COLUMN_HEARD2,
	COLUMN_SQN1,
	COLUMN_SQN2,
	COLUMN_MAC
};
#define SUBSCRIBER_LABEL "subscriber 10"
/* The row that st stands on; image (may be NULL) gets what the HMAC is over. ERR_CORRUPT: it is not
 * what was written, after the last entry of the log about it; out is set all the same. */
enum err subscriber_take(struct operator_store *s, const struct db_statement *st,
			 struct wbuf *image, struct subscriber *out) MUST_CHECK;
/* Writes what changes of a row; the row is authenticated as a whole. */
enum err subscriber_write(struct operator_store *s, const struct subscriber *row) MUST_CHECK;
/* Authenticates the row as it stands; in the transaction that has found it good and changed it. */
enum err subscriber_prove(struct operator_store *s, int64_t id) MUST_CHECK;

/* A second factor as a version before had it; revision is set in the subscriber's row. */
struct totp_old {
	int64_t subscriber, last_step;
	unsigned failures;
	struct slice seed; /* sealed */
};
enum err totp_adopt(struct operator_store *s, const struct totp_old *old,
		    uint32_t *revision) MUST_CHECK;
/* No code up to this step serves any more, where there is a generator; the caller writes row. */
enum err totp_use_up(struct operator_store *s, struct subscriber *row, int64_t step) MUST_CHECK;
/* ERR_CORRUPT: the second factor's row is another than the subscriber's row names. */
enum err totp_check(struct operator_store *s, const struct subscriber *row) MUST_CHECK;

/* Wrong codes count from the beginning, where there is a generator; the caller writes row. */
enum err totp_unlock(struct operator_store *s, struct subscriber *row) MUST_CHECK;

/* The other factors' row (policy/book.h); an empty book when there is none. ERR_CORRUPT: it is
 * another than the subscriber's row names. Writing sets row->book_revision; the caller writes row.
 */
enum err book_read(struct operator_store *s, const struct subscriber *row,
		   struct book *out) MUST_CHECK;
enum err book_write(struct operator_store *s, struct subscriber *row,
		    const struct book *b) MUST_CHECK;
/* What was passed of a release that is over counts for no other one. */
enum err book_end_release(struct operator_store *s, struct subscriber *row) MUST_CHECK;
/* What a release wants of the subscriber of this book. */
enum err wants_read(struct operator_store *s, const struct book *b,
		    struct factor_wants *out) MUST_CHECK;
/*
 * A factor was passed: ev (EVENT_FACTOR) is taken when all is passed that is wanted, else it is a
 * part, and noted. b is changed and written. ERR_UNSUPPORTED: the kind is not wanted.
 */
struct factor_pass {
	enum factor_kind kind;
	const struct subscriber_event *event;
};
enum err factor_take_pass(struct operator_store *s, struct subscriber *row, struct book *b,
			  const struct factor_pass *pass) MUST_CHECK;

/*
 * The RAND of a challenge with the number that sn has: made, and read again from an AUTS for it.
 * ERR_NOT_FOUND: it is none of this subscription's, or of the number before it went down, or an
 * AUTS for it or for one after it was taken; ERR_EXPIRED.
 */
enum err challenge_make(struct operator_store *s, const struct subscription *sn,
			struct sqn_challenge *c) MUST_CHECK;
enum err challenge_read(struct operator_store *s, const struct subscription *sn,
			const struct sqn_challenge *c, uint64_t *sqn) MUST_CHECK;
/* What is kept of an AUTS for the challenge with the number refused, after which it is last. */
uint64_t challenge_heard(const struct subscription *sn, uint64_t refused, uint64_t last);

/* ERR_REPLAY when this nonce of this card was used before. */
enum err nonce_use(struct operator_store *s, const struct subscriber_event *grant) MUST_CHECK;
/* The challenge of a grant awaits the card's result; those of grants before it do so no more. */
struct awaited {
	const uint8_t *eid, *nonce, *iccid; /* 16, 16, 10 octets */
	struct slice challenge;
	int64_t at;
};
enum err awaited_put(struct operator_store *s, const struct awaited *a) MUST_CHECK;
enum err awaited_forget(struct operator_store *s, const struct awaited *last) MUST_CHECK;
/* ERR_NOT_FOUND: it awaits nothing. */
enum err awaited_end(struct operator_store *s, const uint8_t *eid, const uint8_t *nonce) MUST_CHECK;

/* The operator's settings. */
enum err policy_read(struct operator_store *s, struct operator_policy *out) MUST_CHECK;
/* As they were when this second of now was first asked about: another process's change comes a
 * second late, and a vector costs no look at the log's head. */
enum err policy_lately(struct operator_store *s, int64_t now,
		       struct operator_policy *out) MUST_CHECK;
/* An event: what policy decides, nonce, keys, log and row. */
enum err event_take(struct operator_store *s, struct subscriber *row,
		    const struct subscriber_event *ev) MUST_CHECK;
/* A decision, kept: keys, log and row. */
enum err event_keep(struct operator_store *s, struct decision *d, enum subscriber_state from,
		    const struct subscriber_event *ev) MUST_CHECK;

/* Appends a decision to the log; its row's log_seq is set. */
enum err log_put(struct operator_store *s, struct decision *d, enum subscriber_state from,
		 const struct subscriber_event *ev) MUST_CHECK;
/* An entry that is of no subscriber. */
enum err log_note(struct operator_store *s, const struct subscriber_event *ev) MUST_CHECK;
/* How many subscribers there are, by the rows and by the log's head; the latter is written. */
enum err members_are(struct operator_store *s, uint32_t *rows, uint32_t *head) MUST_CHECK;
/* By the head alone. */
uint32_t members_told(const struct chain_head *h);
enum err members_count(struct operator_store *s) MUST_CHECK;
/* One more. ERR_FULL: the head counts to 16,777,215. */
enum err members_add(struct operator_store *s) MUST_CHECK;
void log_begin(struct operator_store *s);

#endif
