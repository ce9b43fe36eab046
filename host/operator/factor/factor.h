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

/* A new seed of a code generator; uri gets the otpauth:// form of it, named label, a secret. */
enum err factor_new_seed(const char *label, struct secret **out,
			 char uri[static FACTOR_URI_MAX]) MUST_CHECK;
/* The step of time that the code belongs to, near now; -1: none. */
int64_t factor_find_step(const struct secret *seed, const char *code, int64_t now);
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
/*
 * An agent has seen evidence: FACTOR_AGENT, or of a document that was shown FACTOR_IDENTITY.
 * ERR_VALUE: agent or evidence is empty, or the agent's name too long. Where the policy wants four
 * eyes, the first word of FACTOR_AGENT is noted and approves nothing; that of another agent within
 * FACTOR_VALID_S does.
 */
struct factor_word {
	const char *agent, *evidence;
	int64_t now;
	bool document; /* it is FACTOR_IDENTITY */
};
enum err factor_approve_agent(struct operator_store *s, const struct subscriber *sub,
			      const struct factor_word *word, struct subscriber *after) MUST_CHECK;

/* What a release of this subscriber wants from now on; NULL: what the operator's policy says. A
 * change is an entry of the log. */
enum err factor_want(struct operator_store *s, int64_t id, const struct factor_wants *wants,
		     int64_t now) MUST_CHECK;

/*
 * What the log says of a document: its kind ("passport" and others) and the reference under which
 * the check is kept elsewhere, never its number. ERR_NOT_FOUND: no such kind; ERR_VALUE: no
 * reference, or too long.
 */
#define FACTOR_EVIDENCE_MAX  200
#define FACTOR_REFERENCE_MAX 64
enum err factor_document(const char *kind, const char *reference,
			 char evidence[static FACTOR_EVIDENCE_MAX]) MUST_CHECK;

#endif
