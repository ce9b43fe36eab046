#include "lib/trace/keys/keys.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX (2 + CARD_KEY_VALUES)
#define VALUE_MAX 64 /* octets */

/* A kind of key: its word, and how many octets each of its values may have. */
static const struct row {
	const char *word;
	const char *form; /* what is wrong with a line that is not like this */
	uint8_t lengths[CARD_KEY_VALUES][2];
} rows[] = {
	[CARD_KEY_MILENAGE] = {"milenage",
			       "it is not 'milenage NAME K OPc', both of 32 digits in hex",
			       {{16, 16}, {16, 16}}},
	[CARD_KEY_TUAK] = {"tuak",
			   "it is not 'tuak NAME K TOPc', of 32 or 64 and of 64 digits in hex",
			   {{16, 32}, {32, 32}}},
	[CARD_KEY_XOR] = {"xor", "it is not 'xor NAME K', of 32 digits in hex", {{16, 16}}},
};

bool card_keys_knows(struct slice word)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (slice_is(word, rows[i].word))
			return true;
	}
	return false;
}

/* Kinds of lib/trace/open, which may stand in the same file */
static bool is_of_another(struct slice word)
{
	static const char *const words[] = {OPEN_KEY_WORDS};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (slice_is(word, words[i]))
			return true;
	}
	return false;
}

struct card_keys {
	size_t count;
	struct card_key keys[CARD_KEYS_MAX];
};

size_t card_keys_count(const struct card_keys *keys)
{
	return keys ? keys->count : 0;
}

const struct card_key *card_keys_at(const struct card_keys *keys, size_t i)
{
	return &keys->keys[i];
}

void card_keys_free(struct card_keys **keys)
{
	struct card_keys *mine = *keys;

	*keys = NULL;
	for (size_t i = 0; mine && i < CARD_KEYS_MAX; i++) {
		for (size_t v = 0; v < CARD_KEY_VALUES; v++)
			secret_free(&mine->keys[i].values[v]);
	}
	free(mine);
}

static bool is_space(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r';
}

/* The words of a line; WORDS_MAX + 1: more than any kind has. */
static size_t keys_split(struct slice line, struct slice words[static WORDS_MAX])
{
	size_t n = 0;

	for (size_t at = 0; at < line.len;) {
		size_t from = at;

		while (at < line.len && !is_space(slice_at(line, at)))
			at++;
		if (at > from && n == WORDS_MAX)
			return n + 1;
		if (at > from)
			words[n++] = slice_sub(line, from, at - from);
		at++;
	}
	return n;
}

static enum err keys_take_value(struct slice word, const uint8_t lengths[static 2],
				struct secret **out)
{
	char text[2 * VALUE_MAX + 1];
	uint8_t octets[VALUE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = slice_text(word, text, sizeof(text));

	if (!e)
		e = hex_decode(text, &w);
	if (!e && w.len != lengths[0] && w.len != lengths[1])
		e = ERR_LENGTH;
	if (!e) {
		*out = secret_copy(wbuf_slice(&w));
		e = *out ? ERR_OK : ERR_MEMORY;
	}
	secret_wipe(text, sizeof(text));
	secret_wipe(octets, sizeof(octets));
	return e;
}

static enum err keys_take_line(struct card_keys *keys, struct slice line, const char **why)
{
	struct slice words[WORDS_MAX];
	size_t count = keys_split(line, words), kind = 0, values = 0;
	struct card_key *key;
	enum err e;

	if (!count || slice_at(words[0], 0) == '#' || is_of_another(words[0]))
		return ERR_OK;
	*why = "there are too many keys";
	if (keys->count == CARD_KEYS_MAX)
		return ERR_VALUE;
	while (kind < ARRAY_LEN(rows) && !slice_is(words[0], rows[kind].word))
		kind++;
	*why = "it begins with no kind of key that there is";
	if (kind == ARRAY_LEN(rows))
		return ERR_VALUE;
	key = &keys->keys[keys->count];
	while (values < CARD_KEY_VALUES && rows[kind].lengths[values][0])
		values++;
	*why = rows[kind].form;
	if (count != 2 + values || slice_text(words[1], key->name, sizeof(key->name)))
		return ERR_VALUE;
	for (size_t i = 0; i < values; i++) {
		e = keys_take_value(words[2 + i], rows[kind].lengths[i], &key->values[i]);
		if (e)
			return e == ERR_MEMORY ? e : ERR_VALUE;
	}
	key->kind = (enum card_key_kind)kind;
	keys->count++;
	return ERR_OK;
}

enum err card_keys_parse(struct slice text, struct card_keys **out, struct card_keys_error *error)
{
	struct card_keys *keys = calloc(1, sizeof(*keys));
	enum err e = keys ? ERR_OK : ERR_MEMORY;

	*error = (struct card_keys_error){.why = "memory is out"};
	while (!e && text.len) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		size_t len = end ? (size_t)(end - text.ptr) : text.len;

		error->line++;
		e = keys_take_line(keys, slice_sub(text, 0, len), &error->why);
		text = slice_sub(text, len + 1, text.len);
	}
	if (e)
		card_keys_free(&keys);
	else
		*out = keys;
	return e;
}
