/*
 * book: what is kept of a subscriber's second factors beside the code generator (TOTP), as one
 * value: what is enrolled, what was tried, what was passed. The store keeps it sealed, in one row
 * a subscriber; nothing here reads a clock or keeps anything.
 *
 * A code that was sent serves once, until its end, for so many tries; wrong ones in a row lock the
 * kind until the operator unlocks it, whoever asks for new codes between them.
 */
#ifndef TWINKEY_OPERATOR_BOOK_H
#define TWINKEY_OPERATOR_BOOK_H

#include "host/operator/policy/wanted.h"
#include "lib/base/bytes.h"

#define BOOK_MAX	    8192 /* octets of an encoded book */
#define BOOK_ADDRESS_MAX    128	 /* characters */
#define BOOK_WORD_MAX	    64
#define BOOK_SALT_LEN	    16
#define BOOK_HASH_LEN	    32
#define BOOK_PASSKEYS_MAX   4
#define BOOK_CREDENTIAL_MAX 255
#define BOOK_POINT_LEN	    64 /* X and Y on P-256 */
#define BOOK_TRIES_MAX	    5  /* wrong ones in a row, of a kind */

#define SENT_DIGITS	    6
#define SENT_TRIES	    3	/* of one code */
#define SENT_VALID_S	    600 /* of one code */
#define SENT_AGAIN_S	    30	/* between two codes */
#define SENT_WINDOW_S	    3600
#define SENT_WINDOW_MAX	    5 /* codes in that time */

struct book_sent {
	char address[BOOK_ADDRESS_MAX + 1]; /* "": not enrolled */
	uint8_t salt[BOOK_SALT_LEN], hash[BOOK_HASH_LEN];
	int64_t made, until; /* until 0: no code waits */
	unsigned tries;	     /* wrong ones of this code */
	int64_t window;	     /* since when codes are counted */
	unsigned count;
};

struct book_passkey {
	uint8_t id[BOOK_CREDENTIAL_MAX];
	size_t id_len; /* 0: none */
	uint8_t point[BOOK_POINT_LEN];
	uint32_t counter; /* of signatures; 0: the key counts none */
};

struct book {
	struct factor_passed passed[FACTOR_KINDS];
	unsigned wrong[FACTOR_KINDS]; /* in a row; TOTP has its own */
	bool locked;		      /* by a person: no kind is judged */
	struct book_sent sent;
	struct book_passkey passkey[BOOK_PASSKEYS_MAX];
	char first_agent[BOOK_WORD_MAX + 1]; /* of four eyes; "": nobody has spoken */
	int64_t first_agent_at;
	char provider[BOOK_WORD_MAX + 1]; /* whose module it is; "": nobody's */
	bool has_wants;			  /* what his release wants; else what the operator's do */
	struct factor_wants wants;
};

/* ERR_CORRUPT: it is none. */
enum err book_decode(struct slice octets, struct book *out) MUST_CHECK;
void book_encode(const struct book *b, struct wbuf *out);

/* No more tries of this kind until it is unlocked. */
bool book_is_locked(const struct book *b, enum factor_kind kind);
unsigned book_tries_left(const struct book *b, enum factor_kind kind);
/* A wrong one more. True: it was the last try. */
bool book_fail(struct book *b, enum factor_kind kind);
void book_unlock(struct book *b);
/* What was passed counts no more, and what waits serves no more. */
void book_forget(struct book *b);

/*
 * A code is to be sent now: ERR_TRIES (*wait_s: until when not), ERR_REFUSED: locked;
 * ERR_NOT_FOUND: no address. Else the caller makes it, and sets salt and hash.
 */
enum err book_sent_begin(struct book *b, int64_t now, int64_t *wait_s) MUST_CHECK;
/* ERR_EXPIRED: no code waits (any more); ERR_REFUSED: locked. */
enum err book_sent_waits(const struct book *b, int64_t now) MUST_CHECK;
/* What the code's comparison gave. A good one is used up; so is one after its last try. */
void book_sent_end(struct book *b, bool good);

#endif
