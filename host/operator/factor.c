#include "host/operator/factor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <liboath/oath.h>

#include "lib/crypto/symmetric.h"

enum err factor_enroll_totp(struct operator_store *s, const struct subscriber *sub,
			    char uri[static FACTOR_URI_MAX])
{
	struct secret *seed = random_secret(FACTOR_SEED_LEN);
	char *base32 = NULL;
	size_t n = 0;
	enum err e = seed ? ERR_OK : ERR_MEMORY;

	if (!e && oath_base32_encode((const char *)seed->bytes, seed->len, &base32, &n) != OATH_OK)
		e = ERR_MEMORY;
	if (!e)
		e = factor_put_totp(s, sub->id, seed);
	if (!e)
		snprintf(uri, FACTOR_URI_MAX, "otpauth://totp/Twinkey:%s?secret=%s&issuer=Twinkey",
			 sub->imsi[0], base32);
	if (base32)
		secret_wipe(base32, n);
	free(base32);
	secret_free(&seed);
	return e;
}

/* The step that the code belongs to, near now; -1: none. */
static int64_t find_step(const struct secret *seed, const char *code, int64_t now)
{
	int64_t step = now / FACTOR_STEP_S;

	for (int64_t d = -FACTOR_WINDOW; d <= FACTOR_WINDOW; d++) {
		char want[FACTOR_DIGITS + 1];
		bool same = false;

		if (oath_hotp_generate((const char *)seed->bytes, seed->len, (uint64_t)(step + d),
				       FACTOR_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION,
				       want) == OATH_OK)
			same = secret_equal(slice_str(want), slice_str(code));
		secret_wipe(want, sizeof(want));
		if (same)
			return step + d;
	}
	return -1;
}

static enum err approve(struct operator_store *s, const struct subscriber *sub, const char *actor,
			const char *evidence, int64_t now, struct subscriber *after)
{
	struct subscriber_event ev = {.kind = EVENT_FACTOR,
				      .actor = actor,
				      .evidence = evidence,
				      .now = now,
				      .valid_s = FACTOR_VALID_S};

	return subscriber_event(s, sub->id, &ev, after);
}

enum err factor_approve_totp(struct operator_store *s, const struct subscriber *sub,
			     const char *code, int64_t now, struct subscriber *after,
			     unsigned *tries_left)
{
	enum subscriber_state to;
	struct secret *seed = NULL;
	int64_t last = 0, step;
	enum err e;

	/* A code is not used up in a state that could not take it. */
	e = state_next(sub->state, EVENT_FACTOR, &to);
	if (!e)
		e = factor_get_totp(s, sub->id, &seed, &last);
	if (e)
		return e;
	step = find_step(seed, code, now);
	secret_free(&seed);
	if (step < 0) {
		e = factor_failed(s, sub->id, tries_left);
		return e ? e : ERR_FACTOR;
	}
	e = factor_use_totp(s, sub->id, step);
	return e ? e : approve(s, sub, "user", "one-time code (TOTP)", now, after);
}

enum err factor_approve_agent(struct operator_store *s, const struct subscriber *sub,
			      const char *agent, const char *evidence, int64_t now,
			      struct subscriber *after)
{
	char actor[80];

	if (!*agent || !*evidence)
		return ERR_VALUE;
	snprintf(actor, sizeof(actor), "agent %s", agent);
	return approve(s, sub, actor, evidence, now, after);
}
