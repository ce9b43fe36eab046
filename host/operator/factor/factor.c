#include "host/operator/factor/factor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <liboath/oath.h>

#include "lib/crypto/symmetric.h"

enum err factor_new_totp(const struct subscriber *sub, struct secret **out,
			 char uri[static FACTOR_URI_MAX])
{
	struct secret *seed = random_secret(FACTOR_SEED_LEN);
	char *base32 = NULL;
	size_t n = 0;
	enum err e = seed ? ERR_OK : ERR_MEMORY;

	if (!e && oath_base32_encode((const char *)seed->bytes, seed->len, &base32, &n) != OATH_OK)
		e = ERR_MEMORY;
	if (!e)
		snprintf(uri, FACTOR_URI_MAX, "otpauth://totp/Twinkey:%s?secret=%s&issuer=Twinkey",
			 sub->imsi[0], base32);
	if (base32)
		secret_wipe(base32, n);
	free(base32);
	if (e)
		secret_free(&seed);
	else
		*out = seed;
	return e;
}

/* The step that the code belongs to, near now; -1: none. */
static int64_t find_step(void *ctx, const struct secret *seed)
{
	const struct factor_code *code = ctx;
	int64_t step = code->now / FACTOR_STEP_S, found = -1;

	for (int64_t d = -FACTOR_WINDOW; d <= FACTOR_WINDOW; d++) {
		char want[FACTOR_DIGITS + 1];

		if (oath_hotp_generate((const char *)seed->bytes, seed->len, (uint64_t)(step + d),
				       FACTOR_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION,
				       want) == OATH_OK &&
		    secret_equal(slice_str(want), slice_str(code->text)))
			found = step + d;
		secret_wipe(want, sizeof(want));
	}
	return found;
}

enum err factor_approve_totp(struct operator_store *s, const struct subscriber *sub,
			     const struct factor_code *code, struct subscriber *after,
			     unsigned *tries_left)
{
	struct factor_code given = *code;
	const struct factor_attempt a = {.find = find_step,
					 .ctx = &given,
					 .window = FACTOR_WINDOW,
					 .event = {.kind = EVENT_FACTOR,
						   .actor = "user",
						   .evidence = "one-time code (TOTP)",
						   .now = given.now,
						   .valid_s = FACTOR_VALID_S}};

	return factor_attempt_totp(s, sub->id, &a, after, tries_left);
}

enum err factor_approve_agent(struct operator_store *s, const struct subscriber *sub,
			      const struct factor_word *word, struct subscriber *after)
{
	char actor[80];
	const struct subscriber_event ev = {.kind = EVENT_FACTOR,
					    .actor = actor,
					    .evidence = word->evidence,
					    .now = word->now,
					    .valid_s = FACTOR_VALID_S};

	if (!*word->agent || !*word->evidence)
		return ERR_VALUE;
	snprintf(actor, sizeof(actor), "agent %s", word->agent);
	return subscriber_event(s, sub->id, &ev, after);
}
