/*
 * wanted: the kinds of second factors, and which of them a release wants: one of some, or all of
 * them.
 */
#ifndef TWINKEY_OPERATOR_WANTED_H
#define TWINKEY_OPERATOR_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum factor_kind {
	FACTOR_TOTP,	 /* a one-time code of the user's generator */
	FACTOR_SENT,	 /* a code that was sent to the user's address */
	FACTOR_AGENT,	 /* the word of a person at the call centre */
	FACTOR_IDENTITY, /* a document that was seen */
	FACTOR_PROVIDER, /* the word of the modules' provider, by its API */
	FACTOR_PASSKEY,	 /* WebAuthn */
	FACTOR_KINDS
};
#define FACTOR_BIT(kind) (1u << (kind))
#define FACTOR_ALL_KINDS (FACTOR_BIT(FACTOR_KINDS) - 1)

/* "totp", "sent", "agent", "identity", "provider", "passkey"; "?" for none. */
const char *factor_kind_name(enum factor_kind kind);

/* What a release wants. A policy that nobody has set: one of all kinds. */
struct factor_wants {
	bool all;	/* all of kinds; else one of them */
	bool four_eyes; /* the word of the call centre is that of two people */
	unsigned kinds; /* FACTOR_BIT of each, at least one */
};
#define FACTOR_WANTS_ONE ((struct factor_wants){.kinds = FACTOR_ALL_KINDS})

/* "one-of:totp,sent", "all-of:totp,passkey", "one-of:any". ERR_VALUE: it is none; *out is kept. */
enum err factor_wants_parse(const char *text, struct factor_wants *out) MUST_CHECK;
#define FACTOR_WANTS_CAP 80
void factor_wants_text(const struct factor_wants *w, char text[static FACTOR_WANTS_CAP]);

/* A kind that was passed holds from one moment to another; until 0: it was not. */
struct factor_passed {
	int64_t from, until;
};
/*
 * Whether what was passed is what is wanted, at this moment; *until: how long it is. A kind that is
 * not wanted counts for nothing.
 */
bool factor_wants_met(const struct factor_wants *w, const struct factor_passed passed[FACTOR_KINDS],
		      int64_t now, int64_t *until);
/* Kinds that are wanted, and were not passed at this moment; 0 when it is met. */
unsigned factor_wants_missing(const struct factor_wants *w,
			      const struct factor_passed passed[FACTOR_KINDS], int64_t now);

#endif
