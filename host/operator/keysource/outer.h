/*
 * outer: the outer key, 32 octets, from wherever it comes.
 *
 * A process asks each source once, and keeps what it got, in memory of a secret's, to its end: a
 * variable is gone after that, a PIN is not asked for twice, and the key of the store is in the
 * same memory anyway. For one thread.
 */
#ifndef TWINKEY_OPERATOR_OUTER_H
#define TWINKEY_OPERATOR_OUTER_H

#include "host/operator/keysource/source.h"
#include "host/operator/keysource/token.h"

#define OUTER_KEY_LEN 32

/*
 * The outer key that the ticket is for; out is a copy. ERR_KEY_AWAY: it is not there; ERR_KEY: it
 * is none, or (of a token) not that of the ticket; further errors: host/operator/keysource/token.h.
 */
enum err outer_key_get(const struct key_source *s, const struct key_ticket *ticket,
		       struct cancel *cancel, struct secret **out) MUST_CHECK;
/* One for a new key file, with its ticket. */
enum err outer_key_new(const struct key_source *s, struct cancel *cancel, struct key_ticket *ticket,
		       struct secret **out) MUST_CHECK;
/*
 * Makes what the source names: a file (hex, mode 0600), a key on a token. ERR_EXISTS;
 * ERR_UNSUPPORTED: others make those of the environment and of systemd.
 */
enum err outer_key_make(const struct key_source *s, struct cancel *cancel) MUST_CHECK;

/* Who is asked for PINs from now on; NULL, as at first: nobody. */
void outer_key_ask_by(token_ask *ask);
/* What is kept is wiped. */
void outer_key_forget(void);

#endif
