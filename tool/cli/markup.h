/*
 * markup: XML and HTML, written piece by piece. What comes from outside goes through markup_text()
 * or markup_attribute(), and cannot become markup.
 */
#ifndef TWINKEY_TOOL_MARKUP_H
#define TWINKEY_TOOL_MARKUP_H

#include "lib/base/bytes.h"

/* As it stands: tags of the program's own. A printf format; numbers are what its arguments are for.
 */
void markup_put(struct wbuf *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * A text between tags or in quotes: < > & " ' become references. What XML 1.0 has no place for
 * (control characters, no UTF-8, FFFE and FFFF), and what changes the direction of a text, becomes
 * "?"; line ends and tabs stay.
 */
void markup_text(struct wbuf *w, const char *s);
/* <element>s</element> */
void markup_element(struct wbuf *w, const char *element, const char *s);
/* " name="s"" behind the name of a tag, or behind another one */
void markup_attribute(struct wbuf *w, const char *name, const char *s);

#endif
