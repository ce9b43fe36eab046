/*
 * page: what our pages of HTML share: the frame around them, and small pieces. A page is one file,
 * without scripts, and asks nothing of anywhere; a browser is told so (Content-Security-Policy).
 */
#ifndef TWINKEY_TOOL_PAGE_H
#define TWINKEY_TOOL_PAGE_H

#include "lib/base/bytes.h"

struct page_head {
	const char *kind;     /* of page: "Card test" */
	const char *subject;  /* what it is about; from outside, as the notes */
	const char *notes[4]; /* about the subject; ended by NULL */
	const char *style;    /* rules of this kind of page, behind those of all; "" */
};

/* Up to and with <main>. */
void page_begin(struct wbuf *w, const struct page_head *head);
void page_end(struct wbuf *w, const char *footer);

const char *page_noun(size_t n, const char *one, const char *many);
/* A cell of a table; class: "n" of a number, "hex" of octets, "detail" of what is said softly */
void page_cell(struct wbuf *w, const char *class, const char *text);
/* A row of a table of class "card": a label and a text; nothing where there is no text. */
void page_fact(struct wbuf *w, const char *label, const char *text, bool hex);
/* The same in a list of terms. */
void page_term(struct wbuf *w, const char *term, const char *text);

#endif
