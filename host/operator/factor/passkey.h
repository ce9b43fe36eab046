/*
 * passkey: WebAuthn (Level 2) as a second factor: credentials of the user's, ES256, that sign a
 * challenge for the portal's name. libfido2 reads and verifies what browsers send.
 *
 * A challenge is made out of a secret, the browser's session and the revision of the subscriber's
 * book, which grows with every use: it serves once, and nobody keeps it.
 */
#ifndef TWINKEY_OPERATOR_PASSKEY_H
#define TWINKEY_OPERATOR_PASSKEY_H

#include "host/operator/policy/book.h"

struct operator_store;
struct subscriber;

#define PASSKEY_CHALLENGE_LEN 32
#define PASSKEY_NAME_MAX      253

/* What a browser has sent; borrowed. */
struct passkey_answer {
	struct slice id;	/* of the credential */
	struct slice client;	/* clientDataJSON */
	struct slice data;	/* authenticatorData */
	struct slice signature; /* of an assertion */
};

/* What it must be about. */
struct passkey_wanted {
	const char *name; /* relying party: the portal's */
	uint8_t challenge[PASSKEY_CHALLENGE_LEN];
	uint32_t revision; /* of the book that the challenge was made for */
	int64_t now;
};

/*
 * Reads a new credential, whose attestation nobody asks for. ERR_SIGNATURE: it is for another
 * challenge, place or purpose, or nobody was present; ERR_ENCODING; ERR_UNSUPPORTED: not ES256.
 */
enum err passkey_read(const struct passkey_wanted *w, const struct passkey_answer *a,
		      struct book_passkey *out) MUST_CHECK;
/* Whether this credential has signed; *counter: what it counts then. ERR_SIGNATURE: not, or for
 * another challenge, place or purpose, or its counter went back. */
enum err passkey_verify(const struct passkey_wanted *w, const struct passkey_answer *a,
			const struct book_passkey *key, uint32_t *counter) MUST_CHECK;

/*
 * Keeps a new one: for who is approved at this moment (ERR_WRONG_STATE: nobody else). ERR_EXISTS;
 * ERR_FULL; ERR_EXPIRED: the challenge has served; and as passkey_read().
 */
enum err passkey_enroll(struct operator_store *s, int64_t id, const struct passkey_wanted *w,
			const struct passkey_answer *a) MUST_CHECK;
/* Takes all away. */
enum err passkey_forget(struct operator_store *s, int64_t id, int64_t now) MUST_CHECK;
/* Checks and approves. ERR_FACTOR: it is none of the subscriber's, or not good (*tries_left);
 * ERR_EXPIRED, ERR_REFUSED: locked, ERR_NOT_FOUND: none is enrolled. */
struct passkey_attempt {
	const struct passkey_wanted *wanted;
	const struct passkey_answer *answer;
	unsigned tries_left;
};
enum err passkey_approve(struct operator_store *s, int64_t id, struct passkey_attempt *attempt,
			 struct subscriber *after) MUST_CHECK;

#endif
