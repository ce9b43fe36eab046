/*
 * module: a PKCS#11 module, loaded, and a session with one of its tokens. For token.c alone, which
 * with this one includes p11-kit's header; nothing of p11-kit is linked.
 *
 * Whose file is loaded decides what this process does. A module is loaded when it is a regular file
 * of root or of this user that nobody else can write to. It stays loaded: many a module does not
 * bear to be unloaded.
 *
 * One process at a time has a module: SoftHSM2 writes to a token at each login, and who looks at
 * that moment sees no token. The lock is on the module's file, so that it is one for all users; who
 * holds it for long is not waited for.
 */
#ifndef TWINKEY_OPERATOR_MODULE_H
#define TWINKEY_OPERATOR_MODULE_H

#define CRYPTOKI_GNU
#include <p11-kit/pkcs11.h>

#include "host/operator/keysource/uri.h"

struct cancel;

struct token_session {
	const struct ck_function_list *f;
	ck_slot_id_t slot;
	ck_session_handle_t session;
	struct ck_token_info info;
	char label[33]; /* of the token, for people */
	bool began, is_open;
	int lock; /* -1: none */
};

/*
 * Loads the module, finds the one token that the URI fits and opens a session (write: in which keys
 * are made). ERR_KEY_AWAY: no such module or token; ERR_DUPLICATE: more than one fits;
 * ERR_PERMISSION: the module is somebody else's. trouble_text() says all of it.
 */
enum err token_session_open(const struct pkcs11_uri *uri, bool write, struct cancel *cancel,
			    struct token_session *out) MUST_CHECK;
/* Ends the session, and with it the login. */
void token_session_close(struct token_session *s);

/* What a function of the module answered, as an error with words; ERR_OK for CKR_OK. */
enum err token_trouble(const struct token_session *s, const char *function, ck_rv_t rv) MUST_CHECK;

#endif
