/*
 * html: text into a page. What is not a literal of ours goes through html_text(), whatever it is.
 */
#ifndef TWINKEY_OPERATOR_WEB_HTML_H
#define TWINKEY_OPERATOR_WEB_HTML_H

#include "lib/base/bytes.h"

/* A literal, as it is. */
void html_put(struct wbuf *w, const char *literal);
/* A text in an element or a quoted attribute: markup is text, control characters and what is no
 * UTF-8 are "?". */
void html_text(struct wbuf *w, const char *text);
/* The same, with value in the place of "{}". */
void html_fill(struct wbuf *w, const char *text, const char *value);

#endif
