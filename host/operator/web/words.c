#include "host/operator/web/words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/cli/text.h"

#define BLANKS	   " \t"
#define WEIGHT_ONE 1000 /* of RFC 9110 12.4.2, in thousandths */
#define RANGES_MAX 32	/* of a header; what follows is not read */

static const char *const names[WORD_COUNT] = {
#define WORD(name, en, de) #name,
#include "host/operator/web/words.def"
#undef WORD
};

static const struct language built_in[] = {
	{"en",
	 {
#define WORD(name, en, de) en,
#include "host/operator/web/words.def"
#undef WORD
	 },
	 NULL},
	{"de",
	 {
#define WORD(name, en, de) de,
#include "host/operator/web/words.def"
#undef WORD
	 },
	 NULL},
};

void words_begin(struct words *w)
{
	*w = (struct words){.count = ARRAY_LEN(built_in)};
	memcpy(w->language, built_in, sizeof(built_in));
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->language[i].text);
	w->count = 0;
}

static bool is_tag(const char *tag)
{
	size_t n = strlen(tag);

	if (n < 2 || n >= WORDS_TAG_CAP || tag[0] == '-' || tag[n - 1] == '-')
		return false;
	for (const char *c = tag; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-')
			return false;
	return true;
}

static struct language *find_language(struct words *w, const char *tag)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcasecmp(w->language[i].tag, tag) == 0)
			return &w->language[i];
	return NULL;
}

static int find_word(const char *name)
{
	for (int i = 0; i < WORD_COUNT; i++)
		if (strcasecmp(names[i], name) == 0)
			return i;
	return -1;
}

static char *strip(char *s)
{
	size_t n;

	s += strspn(s, BLANKS);
	n = strlen(s);
	while (n && strchr(BLANKS "\r", s[n - 1]))
		s[--n] = 0;
	return s;
}

static bool is_harmless(const char *s)
{
	size_t n = strlen(s);
	char *copy = malloc(n + 1);
	bool same = false;

	if (copy) {
		memcpy(copy, s, n + 1);
		text_clean_line(copy);
		same = memcmp(copy, s, n + 1) == 0;
	}
	free(copy);
	return same;
}

static enum err take_word_line(struct language *l, char *line, bool given[static WORD_COUNT])
{
	char *equals;
	int at;

	line = strip(line);
	if (!*line || *line == '#')
		return ERR_OK;
	equals = strchr(line, '=');
	if (!equals || !is_harmless(line))
		return ERR_ENCODING;
	*equals = 0;
	at = find_word(strip(line));
	if (at < 0)
		return ERR_NOT_FOUND;
	if (given[at])
		return ERR_DUPLICATE;
	given[at] = true;
	l->word[at] = strip(equals + 1);
	return *l->word[at] ? ERR_OK : ERR_ENCODING;
}

static enum err take_lines(struct language *l, unsigned *number)
{
	bool given[WORD_COUNT] = {false};
	enum err e = ERR_OK;

	*number = 0;
	for (char *at = l->text; !e && at && *at;) {
		char *end = strchr(at, '\n');

		if (end)
			*end = 0;
		++*number;
		e = take_word_line(l, at, given);
		at = end ? end + 1 : NULL;
	}
	return e;
}

enum err words_add(struct words *w, const char *tag, struct slice text, unsigned *line)
{
	struct language *there = find_language(w, tag);
	struct language l = there ? *there : w->language[0];
	enum err e = is_tag(tag) ? ERR_OK : ERR_VALUE;

	*line = 0;
	if (!e && !there && w->count == WORDS_LANGUAGES_MAX)
		e = ERR_FULL;
	if (!e && there && there->text)
		e = ERR_EXISTS;
	if (e)
		return e;
	snprintf(l.tag, sizeof(l.tag), "%s", there ? there->tag : tag);
	l.text = malloc(text.len + 1);
	if (!l.text)
		return ERR_MEMORY;
	e = slice_text(text, l.text, text.len + 1);
	if (!e)
		e = take_lines(&l, line);
	if (e) {
		free(l.text);
		return e;
	}
	if (there)
		*there = l;
	else
		w->language[w->count++] = l;
	return ERR_OK;
}

/* A language range and its weight; what is no weight weighs nothing. */
struct range {
	char tag[WORDS_TAG_CAP];
	unsigned weight;
};

static unsigned parse_weight(const char *s)
{
	unsigned weight = 0, place = WEIGHT_ONE;

	s += strspn(s, BLANKS);
	if (strncasecmp(s, "q=", 2) != 0)
		return 0;
	s += 2;
	if (*s == '1')
		return WEIGHT_ONE;
	if (*s++ != '0' || *s++ != '.')
		return 0;
	for (; isdigit((unsigned char)*s) && place > 1; s++) {
		place /= 10;
		weight += place * (unsigned)(*s - '0');
	}
	return weight;
}

/* Reads the range at *at, and goes behind it. */
static void take_range(const char **at, struct range *r)
{
	size_t n, tag;

	*at += strspn(*at, BLANKS ",");
	n = strcspn(*at, ",");
	tag = strcspn(*at, ",;" BLANKS);
	r->tag[0] = 0;
	r->weight =
		tag < n && memchr(*at, ';', n) ? parse_weight(strchr(*at, ';') + 1) : WEIGHT_ONE;
	if (tag < sizeof(r->tag)) {
		memcpy(r->tag, *at, tag);
		r->tag[tag] = 0;
	}
	*at += n;
}

static const struct language *for_tag(const struct words *w, const char *tag)
{
	size_t first = strcspn(tag, "-");

	if (strcmp(tag, "*") == 0)
		return &w->language[0];
	for (size_t i = 0; i < w->count; i++)
		if (strcasecmp(w->language[i].tag, tag) == 0)
			return &w->language[i];
	for (size_t i = 0; i < w->count; i++)
		if (first && strlen(w->language[i].tag) == first &&
		    strncasecmp(w->language[i].tag, tag, first) == 0)
			return &w->language[i];
	return NULL;
}

const struct language *words_for(const struct words *w, const char *accepted)
{
	const struct language *best = &w->language[0];
	unsigned weight = 0;

	for (int i = 0; accepted && *accepted && i < RANGES_MAX; i++) {
		const struct language *l;
		struct range r;

		take_range(&accepted, &r);
		l = r.weight > weight ? for_tag(w, r.tag) : NULL;
		if (l) {
			best = l;
			weight = r.weight;
		}
	}
	return best;
}
