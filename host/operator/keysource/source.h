/*
 * source: where the outer key comes from, under which the keys of the operator's stores are sealed.
 *
 *   file:PATH         a file that its owner alone can read
 *   env:NAME          a variable, which is taken out of the environment when it is read
 *   credential:NAME   of systemd (LoadCredential=, LoadCredentialEncrypted=)
 *   pkcs11:...        a key on a token (host/operator/keysource/uri.h)
 *
 * The text is public; it stands in the key files, and is what people are told.
 */
#ifndef TWINKEY_OPERATOR_SOURCE_H
#define TWINKEY_OPERATOR_SOURCE_H

#include "lib/base/bytes.h"

#define KEY_SOURCE_CAP	    512 /* octets of the text with its NUL */
#define KEY_SOURCE_NAME_CAP 160 /* what people are told */

enum key_source_kind { KEY_SOURCE_FILE, KEY_SOURCE_ENV, KEY_SOURCE_CREDENTIAL, KEY_SOURCE_PKCS11 };

struct key_source {
	enum key_source_kind kind;
	char text[KEY_SOURCE_CAP];
	size_t name_at; /* where in it the path or the name is */
};

/* A text of a key file: its path is a whole one. ERR_USAGE: trouble_text() says why. */
enum err key_source_parse(struct slice text, struct key_source *out) MUST_CHECK;
/* The same of what a person gave: a file's path is made a whole one. */
enum err key_source_given(const char *text, struct key_source *out) MUST_CHECK;
/* The path or name behind the colon. */
const char *key_source_rest(const struct key_source *s);
/* For sentences: without a URI's query, cut. Gives name. */
const char *key_source_name(const struct key_source *s, char name[static KEY_SOURCE_NAME_CAP]);

#endif
