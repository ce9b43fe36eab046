/*
 * token: an outer key that a token opens. The token's AES key never leaves it. What it gives is a
 * ticket: the outer key, encrypted by it (CKM_AES_GCM); the ticket is public, and stands in the key
 * file.
 *
 * A PIN is given once, and never again by itself. The last try of a PIN is not spent on one that
 * stands in a file.
 */
#ifndef TWINKEY_OPERATOR_TOKEN_H
#define TWINKEY_OPERATOR_TOKEN_H

#include "lib/base/bytes.h"

struct cancel;
struct pkcs11_uri;
struct secret;

#define KEY_TICKET_MAX 128

struct key_ticket {
	uint8_t octets[KEY_TICKET_MAX];
	size_t len; /* 0: the source needs none */
};

/* Asks a person for a PIN, which is appended; ERR_NOT_FOUND: there is nobody. */
typedef enum err token_ask(const char *prompt, struct wbuf *pin);

struct token_caller {
	token_ask *ask;	       /* NULL: nobody is asked */
	struct cancel *cancel; /* of a PIN's file that is a pipe */
};

/*
 * ERR_KEY_AWAY: no such module, token, key or PIN; ERR_DUPLICATE: more than one fits; ERR_REFUSED:
 * the PIN is wrong or locked, or the key is not of this use; ERR_PERMISSION; ERR_KEY: the ticket is
 * not of this key. trouble_text() says what to do.
 */
enum err token_close_ticket(const struct pkcs11_uri *uri, const struct token_caller *by,
			    const struct secret *outer, struct key_ticket *ticket) MUST_CHECK;
enum err token_open_ticket(const struct pkcs11_uri *uri, const struct token_caller *by,
			   const struct key_ticket *ticket, struct secret **outer) MUST_CHECK;
/* A new AES-256 key on the token, which cannot be taken out of it. ERR_EXISTS: it is there. */
enum err token_make_key(const struct pkcs11_uri *uri, const struct token_caller *by) MUST_CHECK;

#endif
