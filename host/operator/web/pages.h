/*
 * pages: the portal's pages as HTML, out of what is known of the module. No script; one form a
 * kind of factor.
 */
#ifndef TWINKEY_OPERATOR_WEB_PAGES_H
#define TWINKEY_OPERATOR_WEB_PAGES_H

#include "host/operator/web/ask.h"

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
