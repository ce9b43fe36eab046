/*
 * desk_pages: the pages of the desk as HTML.
 */
#ifndef TWINKEY_OPERATOR_WEB_DESK_PAGES_H
#define TWINKEY_OPERATOR_WEB_DESK_PAGES_H

#include "host/operator/policy/wanted.h"
#include "host/operator/web/words.h"

struct operator_store;
struct subscriber;

struct desk_page {
	const struct language *language;
	const char *token; /* for forms; of who is not signed in, too */
	const char *name;  /* who is signed in; NULL: nobody */
	unsigned roles;
	enum word said;		      /* WORD_COUNT: nothing */
	bool bad;		      /* what is said is an error */
	const char *imsi;	      /* as it was asked for */
	const struct subscriber *sub; /* NULL: none is looked at */
	struct factor_wants wants;
	int64_t now;
};
/* store: for the log of sub. */
enum err desk_page_put(const struct desk_page *p, struct operator_store *store,
		       struct wbuf *out) MUST_CHECK;

#endif
