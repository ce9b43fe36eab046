/*
 * provider: the word of who runs modules, by machine: a batch of them in one call. The operator has
 * said whose each is; of another one's a provider learns nothing.
 */
#ifndef TWINKEY_OPERATOR_PROVIDER_H
#define TWINKEY_OPERATOR_PROVIDER_H

#include "host/operator/policy/book.h"

struct operator_store;

#define PROVIDER_MODULES_MAX  256 /* of a batch */
#define PROVIDER_EVIDENCE_MAX 100

/* Letters, digits, "-", "_" and ".", up to BOOK_WORD_MAX: names of providers, keys of batches. */
bool provider_is_word(const char *s);
/* Whose module it is; "": nobody's any more. ERR_VALUE. */
enum err provider_enroll(struct operator_store *s, int64_t id, const char *provider,
			 int64_t now) MUST_CHECK;

struct provider_module {
	const char *imsi, *evidence;
	const char
		*result; /* "approved", "part", "unknown", "wrong-state", "locked", "not-wanted" */
};
struct provider_batch {
	const char *provider, *key;
	struct provider_module *module;
	size_t count;
	int64_t now;
};
/*
 * Approves those that can be; inside the caller's transaction. ERR_UNSUPPORTED: the policy does not
 * want this factor. After an error nothing of the batch is to be kept.
 */
enum err provider_approve(struct operator_store *s, struct provider_batch *b) MUST_CHECK;

#endif
