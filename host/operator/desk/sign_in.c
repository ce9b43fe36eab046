#include "host/operator/desk/sign_in.h"

#include <argon2.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "host/operator/store/desk/accounts.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

/* OWASP's least for argon2id: a server of one thread waits for it. */
#define ARGON_PASSES 2
#define ARGON_KIB    19456
#define ARGON_LANES  1
#define SALT_LEN     16
#define HASH_LEN     32
/* Compared with when there is no such account: it takes as long. */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
			     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static enum err hash_password(const char *password, char hash[static ACCOUNT_HASH_MAX + 1])
{
	uint8_t salt[SALT_LEN];
	enum err e = random_bytes(salt, sizeof(salt));

	if (!e && argon2id_hash_encoded(ARGON_PASSES, ARGON_KIB, ARGON_LANES, password,
					strlen(password), salt, sizeof(salt), HASH_LEN, hash,
					ACCOUNT_HASH_MAX + 1) != ARGON2_OK)
		e = ERR_CRYPTO;
	return e;
}

struct hiring {
	const struct desk_hiring *asked;
	const struct secret *seed;
	char hash[ACCOUNT_HASH_MAX + 1];
};

static enum err take_hiring(void *ctx, struct account *a, bool is_new,
			    char evidence[static ACCOUNT_EVIDENCE_MAX])
{
	const struct hiring *h = ctx;
	char roles[ACCOUNT_ROLES_CAP];

	snprintf(a->hash, sizeof(a->hash), "%s", h->hash);
	memcpy(a->seed, h->seed->bytes, sizeof(a->seed));
	a->roles = h->asked->roles;
	a->wrong = 0;
	a->last_step = 0;
	account_roles_text(a->roles, roles);
	snprintf(evidence, ACCOUNT_EVIDENCE_MAX, "the account is %s: %s",
		 is_new ? "made" : "made anew", roles);
	return ERR_OK;
}

enum err desk_hire(struct operator_store *s, const struct desk_hiring *asked,
		   char uri[static DESK_URI_MAX])
{
	struct hiring h = {.asked = asked};
	struct secret *seed = NULL;
	const struct account_step step = {
		.name = asked->name, .now = asked->now, .take = take_hiring, .ctx = &h};
	size_t n = strlen(asked->password);
	enum err e = account_is_name(asked->name) ? ERR_OK : ERR_VALUE;

	if (!e && (n < DESK_PASSWORD_MIN || n > DESK_PASSWORD_MAX))
		e = ERR_LENGTH;
	if (!e)
		e = hash_password(asked->password, h.hash);
	if (!e)
		e = factor_new_seed(asked->name, &seed, uri);
	h.seed = seed;
	if (!e)
		e = account_step(s, &step);
	secret_free(&seed);
	return e;
}

static enum err take_dismissal(void *ctx, struct account *a, bool is_new,
			       char evidence[static ACCOUNT_EVIDENCE_MAX])
{
	(void)ctx;
	if (is_new || !*a->hash)
		return ERR_NOT_FOUND;
	a->hash[0] = 0;
	a->roles = 0;
	snprintf(evidence, ACCOUNT_EVIDENCE_MAX, "the account is taken away");
	return ERR_OK;
}

static enum err take_unlock(void *ctx, struct account *a, bool is_new,
			    char evidence[static ACCOUNT_EVIDENCE_MAX])
{
	(void)ctx;
	if (is_new || !*a->hash)
		return ERR_NOT_FOUND;
	a->wrong = 0;
	snprintf(evidence, ACCOUNT_EVIDENCE_MAX, "wrong sign-ins count from the beginning");
	return ERR_OK;
}

enum err desk_dismiss(struct operator_store *s, const char *name, int64_t now)
{
	return account_step(
		s, &(struct account_step){.name = name, .now = now, .take = take_dismissal});
}

enum err desk_unlock(struct operator_store *s, const char *name, int64_t now)
{
	return account_step(s,
			    &(struct account_step){.name = name, .now = now, .take = take_unlock});
}

struct signing {
	const struct desk_attempt *attempt;
	const char *hash; /* that the password was compared with */
	bool fits;
	unsigned *roles;
};

static enum err take_sign_in(void *ctx, struct account *a, bool is_new,
			     char evidence[static ACCOUNT_EVIDENCE_MAX])
{
	const struct signing *g = ctx;
	struct secret *seed;
	int64_t step;

	if (is_new || !*a->hash || strcmp(a->hash, g->hash) != 0)
		return ERR_FACTOR;
	if (account_is_locked(a))
		return ERR_REFUSED;
	seed = secret_copy(SLICE_OF(a->seed));
	if (!seed)
		return ERR_MEMORY;
	step = factor_find_step(seed, g->attempt->code, g->attempt->now);
	secret_free(&seed);
	if (g->fits && step > a->last_step) {
		a->last_step = step;
		a->wrong = 0;
		*g->roles = a->roles;
		snprintf(evidence, ACCOUNT_EVIDENCE_MAX, "signed in");
		return ERR_OK;
	}
	a->wrong++;
	snprintf(evidence, ACCOUNT_EVIDENCE_MAX, "a sign-in was refused, %u tries left%s",
		 ACCOUNT_TRIES_MAX - a->wrong, account_is_locked(a) ? ": locked" : "");
	return ERR_FACTOR;
}

enum err desk_sign_in(struct operator_store *s, const struct desk_attempt *a, unsigned *roles)
{
	struct account account = {.roles = 0};
	struct signing g = {.attempt = a, .hash = account.hash, .roles = roles};
	const struct account_step step = {
		.name = a->name, .now = a->now, .take = take_sign_in, .ctx = &g};
	enum err e = account_is_name(a->name) ? account_get(s, a->name, &account) : ERR_NOT_FOUND;
	const char *hash = !e && *account.hash ? account.hash : nobody;

	if (e && e != ERR_NOT_FOUND)
		return e;
	g.fits = strlen(a->password) <= DESK_PASSWORD_MAX &&
		 argon2id_verify(hash, a->password, strlen(a->password)) == ARGON2_OK;
	e = hash == nobody ? ERR_FACTOR : account_step(s, &step);
	secret_wipe(&account, sizeof(account));
	return e;
}
