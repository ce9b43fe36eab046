/*
 * account: a person at the operator's desk, as a value: name, roles, how the password and the code
 * generator are checked, and what was tried. It holds secrets: who reads one wipes it.
 */
#ifndef TWINKEY_OPERATOR_ACCOUNT_H
#define TWINKEY_OPERATOR_ACCOUNT_H

#include <stdbool.h>

#include "lib/base/bytes.h"

#define ACCOUNT_NAME_MAX  32
#define ACCOUNT_HASH_MAX  160 /* of argon2id, as text */
#define ACCOUNT_SEED_LEN  20
#define ACCOUNT_TRIES_MAX 5   /* wrong sign-ins in a row */
#define ACCOUNT_MAX	  512 /* octets of an encoded one */

enum account_role {
	ROLE_VIEW = 1,	  /* sees subscribers, their states and logs */
	ROLE_APPROVE = 2, /* gives the call centre's word */
	ROLE_MANAGE = 4,  /* suspends and rotates */
};

struct account {
	char name[ACCOUNT_NAME_MAX + 1];
	char hash[ACCOUNT_HASH_MAX + 1]; /* "": it was taken away */
	uint8_t seed[ACCOUNT_SEED_LEN];
	unsigned roles, wrong;
	int64_t last_step; /* of the code generator: none up to it serves any more */
};

/* Small letters, digits, "-", "." and "_". */
bool account_is_name(const char *s);
/* "view,approve": ERR_VALUE. ROLE_VIEW belongs to all. */
enum err account_roles_parse(const char *text, unsigned *roles) MUST_CHECK;
#define ACCOUNT_ROLES_CAP 32
void account_roles_text(unsigned roles, char text[static ACCOUNT_ROLES_CAP]);
bool account_is_locked(const struct account *a);
void account_encode(const struct account *a, struct wbuf *out);
/* ERR_CORRUPT. */
enum err account_decode(struct slice octets, struct account *out) MUST_CHECK;

#endif
