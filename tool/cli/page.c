#include "tool/cli/page.h"

#include "tool/cli/markup.h"
#include "tool/cli/style.h"

void page_begin(struct wbuf *w, const struct page_head *head)
{
	markup_put(w,
		   "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		   "style-src 'unsafe-inline'\">\n<title>%s: ",
		   head->kind);
	markup_text(w, head->subject);
	markup_put(w, "</title>\n<style>\n");
	wbuf_put(w, slice_str(style_sheet));
	wbuf_put(w, slice_str(head->style));
	markup_put(w, "</style>\n</head>\n<body>\n<header>\n<p class=\"soft\">%s</p>\n<h1>",
		   head->kind);
	markup_text(w, head->subject);
	markup_put(w, "</h1>\n<p class=\"soft\">");
	for (size_t i = 0; i < ARRAY_LEN(head->notes) && head->notes[i]; i++) {
		markup_put(w, "%s", i ? " \xC2\xB7 " : "");
		markup_text(w, head->notes[i]);
	}
	markup_put(w, "</p>\n</header>\n<main>\n");
}

void page_end(struct wbuf *w, const char *footer)
{
	markup_put(w, "</main>\n<footer>");
	markup_text(w, footer);
	markup_put(w, "</footer>\n</body>\n</html>\n");
}

const char *page_noun(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

void page_cell(struct wbuf *w, const char *class, const char *text)
{
	markup_put(w, "<td class=\"%s\">", class);
	markup_text(w, text);
	markup_put(w, "</td>");
}

void page_fact(struct wbuf *w, const char *label, const char *text, bool hex)
{
	if (!*text)
		return;
	markup_put(w, "<tr><th scope=\"row\">");
	markup_text(w, label);
	markup_put(w, "</th>");
	page_cell(w, hex ? "hex" : "", text);
	markup_put(w, "</tr>\n");
}

void page_term(struct wbuf *w, const char *term, const char *text)
{
	if (!*text)
		return;
	markup_element(w, "dt", term);
	markup_element(w, "dd", text);
}
