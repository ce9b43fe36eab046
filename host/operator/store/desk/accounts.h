/*
 * accounts: the people at the operator's desk. An account is sealed for the log's last entry about
 * it, so that one of before, put back, does not open; each change is an entry.
 */
#ifndef TWINKEY_OPERATOR_STORE_ACCOUNTS_H
#define TWINKEY_OPERATOR_STORE_ACCOUNTS_H

#include "host/operator/policy/account.h"

struct operator_store;

/* ERR_NOT_FOUND; ERR_CORRUPT. */
enum err account_get(struct operator_store *s, const char *name, struct account *out) MUST_CHECK;
/*
 * One step in one transaction: take() judges and changes the account, which has its name alone
 * where there is none (*is_new); what it gives is the step's result once that is kept. evidence
 * "": nothing happened, and nothing is kept.
 */
#define ACCOUNT_EVIDENCE_MAX 120
struct account_step {
	const char *name;
	int64_t now;
	enum err (*take)(void *ctx, struct account *a, bool is_new,
			 char evidence[static ACCOUNT_EVIDENCE_MAX]);
	void *ctx;
};
enum err account_step(struct operator_store *s, const struct account_step *step) MUST_CHECK;
/* In the order of their names. */
enum err account_each(struct operator_store *s, bool (*each)(void *ctx, const struct account *a),
		      void *ctx) MUST_CHECK;

#endif
