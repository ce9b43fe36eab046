#include "lib/profile/networks.h"

#include <string.h>

#define WORD_MAX 16
#define LINE_MAX 120
#define FILLER	 0xF

/* TS 31.102 4.2.5: two octets of access technologies */
static const struct access {
	const char *name;
	uint16_t bits;
} accesses[] = {{"gsm", 0x0080}, {"utran", 0x8000}, {"eutran", 0x4000}, {"ngran", 0x0800}};

bool networks_are_none(const struct networks *n)
{
	return !n->preferred_count && !n->forbidden_count;
}

/* TS 24.008 10.5.1.13: MCC 2 | MCC 1, MNC 3 | MCC 3, MNC 2 | MNC 1. False: not 5 or 6 digits. */
static bool take_plmn(const char *digits, uint8_t out[static 3])
{
	size_t n = strlen(digits);
	uint8_t d[6];

	if ((n != 5 && n != 6) || strspn(digits, "0123456789") != n)
		return false;
	for (size_t i = 0; i < 6; i++)
		d[i] = (uint8_t)(i < n ? digits[i] - '0' : FILLER);
	out[0] = (uint8_t)(d[1] << 4 | d[0]);
	out[1] = (uint8_t)(d[5] << 4 | d[2]);
	out[2] = (uint8_t)(d[4] << 4 | d[3]);
	return true;
}

/* The next word of a line; "" at its end. False: it is too long. */
static bool next_word(struct cursor *line, char word[static WORD_MAX])
{
	size_t n = 0;

	while (cursor_left(line)) {
		uint8_t c = cursor_u8(line);
		bool blank = c == ' ' || c == '\t' || c == '\r';

		if (blank && n)
			break;
		if (blank)
			continue;
		if (n == WORD_MAX - 1)
			return false;
		word[n++] = (char)c;
	}
	word[n] = 0;
	return true;
}

static const char *take_accesses(struct cursor *line, uint16_t *bits)
{
	uint16_t all = 0, given = 0;
	char word[WORD_MAX];

	for (size_t i = 0; i < ARRAY_LEN(accesses); i++)
		all |= accesses[i].bits;
	for (;;) {
		size_t i = 0;

		if (!next_word(line, word))
			return "has a word that is too long";
		if (!*word)
			break;
		while (i < ARRAY_LEN(accesses) && strcmp(word, accesses[i].name) != 0)
			i++;
		if (i == ARRAY_LEN(accesses))
			return "names an access that is none of gsm, utran, eutran, ngran";
		given |= accesses[i].bits;
	}
	*bits = given ? given : all;
	return NULL;
}

static const char *add_preferred(struct networks *n, const uint8_t plmn[static 3], uint16_t bits)
{
	uint8_t *entry;

	if (n->preferred_count == NETWORKS_PREFERRED_MAX)
		return "is one preferred network more than the 16 that there is room for";
	entry = n->preferred[n->preferred_count++];
	memcpy(entry, plmn, 3);
	entry[3] = (uint8_t)(bits >> 8);
	entry[4] = (uint8_t)bits;
	return NULL;
}

static const char *add_forbidden(struct networks *n, const uint8_t plmn[static 3])
{
	if (n->forbidden_count == NETWORKS_FORBIDDEN_MAX)
		return "is one forbidden network more than the 4 that there is room for";
	memcpy(n->forbidden[n->forbidden_count++], plmn, 3);
	return NULL;
}

struct reading {
	struct networks *out; /* two */
	int only;	      /* 0: both; 1, 2 */
};

static const char *take_network(struct reading *r, bool preferred, struct cursor *line)
{
	char word[WORD_MAX];
	uint8_t plmn[3];
	uint16_t bits = 0;
	const char *why = NULL;

	if (!next_word(line, word) || !take_plmn(word, plmn))
		return "needs a network of 5 or 6 digits, MCC and MNC";
	if (preferred)
		why = take_accesses(line, &bits);
	else if (!next_word(line, word) || *word)
		why = "has more than a network";
	for (int i = 0; !why && i < 2; i++) {
		if (r->only && r->only != i + 1)
			continue;
		why = preferred ? add_preferred(&r->out[i], plmn, bits)
				: add_forbidden(&r->out[i], plmn);
	}
	return why;
}

static const char *take_network_line(struct reading *r, struct slice text)
{
	struct cursor line = cursor_of(text);
	char word[WORD_MAX];

	if (!next_word(&line, word))
		return "has a word that is too long";
	if (!*word || *word == '#')
		return NULL;
	if (strcmp(word, "[1]") == 0 || strcmp(word, "[2]") == 0) {
		r->only = word[1] - '0';
		return NULL;
	}
	if (strcmp(word, "preferred") == 0 || strcmp(word, "forbidden") == 0)
		return take_network(r, *word == 'p', &line);
	return "begins with none of preferred, forbidden, [1], [2]";
}

enum err networks_parse(struct slice text, struct networks out[static 2],
			struct networks_error *error)
{
	struct networks got[2] = {{.preferred_count = 0}, {.preferred_count = 0}};
	struct reading r = {.out = got};

	*error = (struct networks_error){.line = 0};
	while (text.len) {
		size_t end = 0;

		while (end < text.len && slice_at(text, end) != '\n')
			end++;
		error->line++;
		error->why = take_network_line(&r, slice_sub(text, 0, end));
		if (error->why)
			return ERR_VALUE;
		text = slice_sub(text, end + 1, text.len);
	}
	memcpy(out, got, sizeof(got));
	return ERR_OK;
}

void networks_put_preferred(struct wbuf *w, const struct networks *n)
{
	static const uint8_t none[] = {0xFF, 0xFF, 0xFF, 0, 0};

	for (size_t i = 0; i < NETWORKS_PREFERRED_MAX; i++)
		wbuf_put(w, i < n->preferred_count ? SLICE_OF(n->preferred[i]) : SLICE_OF(none));
}

void networks_put_forbidden(struct wbuf *w, const struct networks *n)
{
	static const uint8_t none[] = {0xFF, 0xFF, 0xFF};

	for (size_t i = 0; i < NETWORKS_FORBIDDEN_MAX; i++)
		wbuf_put(w, i < n->forbidden_count ? SLICE_OF(n->forbidden[i]) : SLICE_OF(none));
}

void networks_save(struct wbuf *w, const struct networks *n)
{
	wbuf_u8(w, n->preferred_count);
	wbuf_u8(w, n->forbidden_count);
	for (size_t i = 0; i < n->preferred_count; i++)
		wbuf_put(w, SLICE_OF(n->preferred[i]));
	for (size_t i = 0; i < n->forbidden_count; i++)
		wbuf_put(w, SLICE_OF(n->forbidden[i]));
}

enum err networks_load(struct slice saved, struct networks *out)
{
	struct networks n = {.preferred_count = 0};
	struct cursor c = cursor_of(saved);

	if (saved.len) {
		n.preferred_count = cursor_u8(&c);
		n.forbidden_count = cursor_u8(&c);
	}
	if (n.preferred_count > NETWORKS_PREFERRED_MAX ||
	    n.forbidden_count > NETWORKS_FORBIDDEN_MAX)
		return ERR_CORRUPT;
	for (size_t i = 0; i < n.preferred_count; i++)
		if (slice_copy(cursor_take(&c, 5), n.preferred[i], 5))
			return ERR_CORRUPT;
	for (size_t i = 0; i < n.forbidden_count; i++)
		if (slice_copy(cursor_take(&c, 3), n.forbidden[i], 3))
			return ERR_CORRUPT;
	if (cursor_done(&c))
		return ERR_CORRUPT;
	*out = n;
	return ERR_OK;
}
