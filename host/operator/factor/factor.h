/*
 * factor: the second factor: a time-based one-time password (RFC 6238) or an agent's word.
 */
#ifndef TWINKEY_OPERATOR_FACTOR_H
#define TWINKEY_OPERATOR_FACTOR_H

#include "host/operator/store/store.h"

#define FACTOR_SEED_LEN 20
#define FACTOR_STEP_S	30
#define FACTOR_WINDOW	1 /* steps before and after the present one */
#define FACTOR_DIGITS	6
#define FACTOR_VALID_S	600
#define FACTOR_URI_MAX	256

/*
 * A new seed for the subscriber, not stored yet (factor_put_totp()): the user is to have it first.
 * uri gets the otpauth:// form of it, a secret for the user.
 */
enum err factor_new_totp(const struct subscriber *sub, struct secret **out,
			 char uri[static FACTOR_URI_MAX]) MUST_CHECK;
/*
 * Checks a code and approves. ERR_FACTOR: wrong code (*tries_left says how many remain);
 * ERR_REPLAY: the code was used; ERR_REFUSED: locked; ERR_NOT_FOUND: not enrolled; ERR_WRONG_STATE.
 */
struct factor_code {
	const char *text;
	int64_t now;
};
enum err factor_approve_totp(struct operator_store *s, const struct subscriber *sub,
			     const struct factor_code *code, struct subscriber *after,
			     unsigned *tries_left) MUST_CHECK;
/* An agent has seen evidence. ERR_VALUE: agent or evidence is empty. */
struct factor_word {
	const char *agent, *evidence;
	int64_t now;
};
enum err factor_approve_agent(struct operator_store *s, const struct subscriber *sub,
			      const struct factor_word *word, struct subscriber *after) MUST_CHECK;

#endif
