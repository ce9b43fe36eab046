/*
 * words: what the pages say, in the language that a browser asks for. English and German are built
 * in (words.def); a text file adds a language, or changes one.
 */
#ifndef TWINKEY_OPERATOR_WEB_WORDS_H
#define TWINKEY_OPERATOR_WEB_WORDS_H

#include "lib/base/bytes.h"

enum word {
#define WORD(name, en, de) WORD_##name,
#include "host/operator/web/words.def"
#undef WORD
	WORD_COUNT
};

#define WORDS_TAG_CAP	    16
#define WORDS_LANGUAGES_MAX 32
#define WORDS_FILE_MAX	    65536

struct language {
	char tag[WORDS_TAG_CAP]; /* RFC 5646: "en", "pt-BR" */
	const char *word[WORD_COUNT];
	char *text; /* of a file; NULL: built in */
};

struct words {
	struct language language[WORDS_LANGUAGES_MAX]; /* the first is the one for who asks none */
	size_t count;
};

void words_begin(struct words *w);
void words_free(struct words *w);
/*
 * Adds a language out of lines NAME = TEXT; empty lines and those that begin with "#" are nothing.
 * What is not named stays English, or, of a language that is there, as it was. ERR_VALUE: no tag;
 * ERR_ENCODING: *line is no such line, or its text no UTF-8, ERR_NOT_FOUND: no such name,
 * ERR_DUPLICATE: it stands twice; ERR_FULL. After an error nothing is added.
 */
enum err words_add(struct words *w, const char *tag, struct slice text, unsigned *line) MUST_CHECK;
/* By an Accept-Language header (RFC 9110 12.5.4; NULL is allowed): the language with the highest
 * weight, by its whole tag or by its first part. */
const struct language *words_for(const struct words *w, const char *accepted);

#endif
