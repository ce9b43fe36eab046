/*
 * sent: a code that is sent to an address of the user: made here, carried by a command of the
 * operator's (courier.h), given back by the user.
 *
 * Six digits, once, ten minutes, three tries a code; five wrong ones in a row lock the kind until
 * the operator unlocks it. Five codes an hour at most (host/operator/policy/book.h). At rest there
 * is a salted hash, sealed.
 */
#ifndef TWINKEY_OPERATOR_SENT_H
#define TWINKEY_OPERATOR_SENT_H

#include "host/operator/policy/book.h"

struct factor_code;
struct operator_store;
struct subscriber;

/* Where codes go: a number, a mail address; printable ASCII without blanks. "": nowhere any more.
 * ERR_VALUE. */
enum err sent_enroll(struct operator_store *s, int64_t id, const char *address,
		     int64_t now) MUST_CHECK;

struct sent_code { /* secret; to be wiped */
	char digits[SENT_DIGITS + 1];
	char address[BOOK_ADDRESS_MAX + 1];
	int64_t wait_s; /* with ERR_TRIES: after so long there is another one */
};
/*
 * A new code; one before it serves no more. ERR_NOT_FOUND: no address; ERR_TRIES; ERR_REFUSED:
 * locked; ERR_UNSUPPORTED: the policy does not want it; ERR_WRONG_STATE.
 */
enum err sent_make(struct operator_store *s, int64_t id, int64_t now,
		   struct sent_code *out) MUST_CHECK;
/* A code could not be carried: it serves no more, and why is in the log. */
enum err sent_lost(struct operator_store *s, int64_t id, int64_t now, const char *why) MUST_CHECK;
/* Checks a code and approves. ERR_FACTOR: wrong (*tries_left of the kind); ERR_EXPIRED: no code
 * waits; and as sent_make(). */
enum err sent_approve(struct operator_store *s, int64_t id, const struct factor_code *code,
		      struct subscriber *after, unsigned *tries_left) MUST_CHECK;

#define SENT_MASKED_CAP 16
/* The end of an address, for pages and logs: "...678". */
void sent_mask(const char *address, char masked[static SENT_MASKED_CAP]);

#endif
