/*
 * leak: looks for a secret's octets in whatever was written down: as they are, in hex of either
 * case, and in base64 at each of the three places that the octets may have in a group.
 *
 * In base64 the characters that depend on the octets beside the secret are left out, so that what
 * stands around it does not matter.
 */
#ifndef TWINKEY_TESTS_LEAK_H
#define TWINKEY_TESTS_LEAK_H

#include "lib/base/bytes.h"

enum leak_form {
	LEAK_RAW,
	LEAK_HEX_LOWER,
	LEAK_HEX_UPPER,
	LEAK_BASE64_0,
	LEAK_BASE64_1,
	LEAK_BASE64_2,
	LEAK_FORMS
};

const char *leak_form_name(enum leak_form form);
/* Appends the secret in one form: what is looked for. ERR_LENGTH: it is shorter than 8 octets. */
enum err leak_put(struct wbuf *w, struct slice secret, enum leak_form form) MUST_CHECK;
/* Whether the text holds the secret in some form; *form tells which, if it is not NULL. */
bool leak_found(struct slice text, struct slice secret, enum leak_form *form);

#endif
