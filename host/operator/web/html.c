#include "host/operator/web/html.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "tool/cli/text.h"

static const struct {
	char character;
	const char *entity;
} entities[] = {
	{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"},
};

void html_put(struct wbuf *w, const char *literal)
{
	wbuf_put(w, slice_str(literal));
}

static void put_character(struct wbuf *w, char c)
{
	for (size_t i = 0; i < ARRAY_LEN(entities); i++) {
		if (entities[i].character == c) {
			html_put(w, entities[i].entity);
			return;
		}
	}
	wbuf_u8(w, (uint8_t)c);
}

/* n octets of text. */
static void put_clean(struct wbuf *w, const char *text, size_t n)
{
	char *copy = malloc(n + 1);

	if (!copy) {
		wbuf_fail(w, ERR_MEMORY);
		return;
	}
	memcpy(copy, text, n);
	copy[n] = 0;
	text_clean_line(copy);
	for (const char *c = copy; *c; c++)
		put_character(w, *c);
	secret_wipe(copy, n);
	free(copy);
}

void html_text(struct wbuf *w, const char *text)
{
	put_clean(w, text, strlen(text));
}

void html_fill(struct wbuf *w, const char *text, const char *value)
{
	const char *place = strstr(text, "{}");

	if (!place) {
		html_text(w, text);
		return;
	}
	put_clean(w, text, (size_t)(place - text));
	html_text(w, value);
	html_text(w, place + 2);
}
