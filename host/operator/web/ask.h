/*
 * ask: what a page is made of, and where its forms go.
 */
#ifndef TWINKEY_OPERATOR_WEB_ASK_H
#define TWINKEY_OPERATOR_WEB_ASK_H

#include "host/operator/policy/wanted.h"
#include "host/operator/web/words.h"

struct view;

/* Where forms go. */
#define PAGES_PATH_STATE   "/"
#define PAGES_PATH_TOTP	   "/totp"
#define PAGES_PATH_SEND	   "/send"
#define PAGES_PATH_SENT	   "/sent"
#define PAGES_PATH_PASSKEY "/passkey"
#define PAGES_PATH_NEW_KEY "/passkey/new"
#define PAGES_PATH_STYLE   "/style.css"
#define PAGES_PATH_CAPTIVE "/captive"
#define PAGES_CODE	   "code" /* the field */

/* What went wrong with the form before; kind FACTOR_KINDS: with none in particular. */
struct pages_error {
	enum word word; /* WORD_COUNT: nothing did */
	enum factor_kind kind;
	unsigned number; /* in the place of {} */
};
#define PAGES_NO_ERROR ((struct pages_error){WORD_COUNT, FACTOR_KINDS, 0})

struct pages_ask {
	const struct language *language;
	const struct view *view;
	const char *token;     /* for forms */
	const char *passkeys;  /* the name that they are for; NULL: there are none */
	const char *challenge; /* for them, in base64 */
	struct pages_error error;
};

#endif
