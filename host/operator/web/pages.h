/*
 * pages: the portal's pages as HTML, out of what is known of the module. No script; one form a
 * kind of factor.
 */
#ifndef TWINKEY_OPERATOR_WEB_PAGES_H
#define TWINKEY_OPERATOR_WEB_PAGES_H

#include "host/operator/web/view.h"
#include "host/operator/web/words.h"

/* Where forms go. */
#define PAGES_PATH_STATE   "/"
#define PAGES_PATH_TOTP	   "/totp"
#define PAGES_PATH_SEND	   "/send"
#define PAGES_PATH_SENT	   "/sent"
#define PAGES_PATH_PASSKEY "/passkey"
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
	const char *token; /* for forms */
	struct pages_error error;
};

/* Where the module stands, what comes next, and the forms. */
void pages_state(const struct pages_ask *ask, struct wbuf *out);
/* A page that is about no module: a head, a text, and a way back when there is one. */
struct pages_plain {
	enum word head, text;
	bool back;
};
void pages_plain(const struct language *l, const struct pages_plain *plain, struct wbuf *out);
/* The stylesheet. */
extern const char pages_style[];

#endif
