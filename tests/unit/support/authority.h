/*
 * authority: a release authority with one subscriber, and what a card of its PKI signs.
 */
#ifndef TWINKEY_TESTS_AUTHORITY_H
#define TWINKEY_TESTS_AUTHORITY_H

#include "host/operator/release/release.h"
#include "lib/release/kra.h"
#include "tool/pki/pki.h"

#define AUTHORITY_KEY_ID 1 /* of the subscriber's keys at first */

struct authority {
	struct operator_store *store;
	struct release_authority *authority;
	struct subscriber sub;
	struct ec_key *sk, *one_time;
	struct wbuf cert, eum, challenge, grant;
	int64_t now;
	char dir[128];
};

extern const uint8_t authority_eid[16]; /* of the card */

/* The operator has named the card's eUICC; open_unbound(): nobody has. */
void authority_open(struct authority *l);
void authority_open_unbound(struct authority *l);
void authority_close(struct authority *l);
/* The subscriber takes this edge; l->sub is the subscriber then. */
void authority_take(struct authority *l, enum subscriber_event_kind kind, int64_t at);
/* The card's challenge for a sealed part of this keyId is in l->challenge. */
struct kra_binding authority_challenge(struct authority *l, uint32_t key_id);
/* The operator's answer to it, in l->grant. */
enum err authority_issue(struct authority *l, int64_t now);

/* What the operator makes of the card's result; l->sub is the subscriber then. */
enum err authority_result(struct authority *l, struct slice message, int64_t now, unsigned *result);

#endif
