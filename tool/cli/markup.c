#include "tool/cli/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/cli/text.h"

static const char *reference_of(char c)
{
	switch (c) {
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '&': return "&amp;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

/* XML 1.0 2.2: the two characters at the end of the plane, in UTF-8 */
static bool is_no_character(const char *s)
{
	return strncmp(s, "\xEF\xBF\xBE", 3) == 0 || strncmp(s, "\xEF\xBF\xBF", 3) == 0;
}

void markup_put(struct wbuf *w, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		wbuf_fail(w, ERR_MEMORY);
		return;
	}
	wbuf_put(w, slice_make(text, (size_t)n));
	free(text);
}

void markup_text(struct wbuf *w, const char *s)
{
	char *clean = strdup(s);

	if (!clean) {
		wbuf_fail(w, ERR_MEMORY);
		return;
	}
	text_clean(clean);
	for (const char *p = clean; *p; p++) {
		const char *reference = reference_of(*p);

		if (reference) {
			wbuf_put(w, slice_str(reference));
		} else if (is_no_character(p)) {
			wbuf_u8(w, '?');
			p += 2;
		} else {
			wbuf_u8(w, (uint8_t)*p);
		}
	}
	free(clean);
}

void markup_element(struct wbuf *w, const char *element, const char *s)
{
	markup_put(w, "<%s>", element);
	markup_text(w, s);
	markup_put(w, "</%s>", element);
}

void markup_attribute(struct wbuf *w, const char *name, const char *s)
{
	markup_put(w, " %s=\"", name);
	markup_text(w, s);
	markup_put(w, "\"");
}
