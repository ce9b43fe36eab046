/*
 * sign_in: who works at the operator's desk: a password (argon2id) and a code of a generator
 * (TOTP), both judged in one step. Which of them was wrong is not told; five wrong ones in a row
 * lock the account until it is unlocked.
 */
#ifndef TWINKEY_OPERATOR_DESK_SIGN_IN_H
#define TWINKEY_OPERATOR_DESK_SIGN_IN_H

#include "host/operator/policy/account.h"

struct operator_store;

#define DESK_PASSWORD_MIN 12
#define DESK_PASSWORD_MAX 128
#define DESK_URI_MAX	  256

struct desk_hiring {
	const char *name, *password; /* the latter a secret */
	unsigned roles;
	int64_t now;
};
/* Adds the account, or gives it a new password, generator and roles. uri gets the otpauth:// form
 * of the generator, a secret for its owner. ERR_VALUE: no name; ERR_LENGTH: of the password. */
enum err desk_hire(struct operator_store *s, const struct desk_hiring *h,
		   char uri[static DESK_URI_MAX]) MUST_CHECK;
/* ERR_NOT_FOUND: there is no such account. */
enum err desk_dismiss(struct operator_store *s, const char *name, int64_t now) MUST_CHECK;
enum err desk_unlock(struct operator_store *s, const char *name, int64_t now) MUST_CHECK;

struct desk_attempt {
	const char *name, *password, *code; /* of strangers */
	int64_t now;
};
/* ERR_FACTOR: one of them is wrong, or there is no such account; ERR_REFUSED: it is locked. */
enum err desk_sign_in(struct operator_store *s, const struct desk_attempt *a,
		      unsigned *roles) MUST_CHECK;

#endif
