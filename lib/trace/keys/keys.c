#include "lib/trace/keys/keys.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"

#define WORDS_MAX 6
#define VALUE_MAX 256 /* octets */
#define LIST_STEP 16
#define NO_KEY	  "-"
#define ANY_ID	  "*"

/* How a line of each kind looks: its word; ids, or a NAME; values. */
static const struct form {
	const char *word, *line;
	size_t ids, id_max; /* how many, of how many octets; 0: a NAME */
	size_t optional;    /* values at the end that may be missing */
	bool may_lack;	    /* a value may be NO_KEY */
	struct {
		size_t least, most, step; /* octets */
	} values[KEYS_PARTS];
} forms[] = {
	[KEY_MILENAGE] = {.word = "milenage",
			  .line = "milenage NAME K OPc: 16 octets each",
			  .values = {{16, 16, 1}, {16, 16, 1}}},
	[KEY_TUAK] = {.word = "tuak",
		      .line = "tuak NAME K TOPc: 16 or 32 octets, and 32",
		      .values = {{16, 32, 16}, {32, 32, 1}}},
	[KEY_XOR] = {.word = "xor", .line = "xor NAME K: 16 octets", .values = {{16, 16, 1}}},
	[KEY_SCP02] = {.word = "scp02",
		       .line = "scp02 KVN ENC MAC [DEK]: keys of 16 octets",
		       .ids = 1,
		       .id_max = 1,
		       .optional = 1,
		       .values = {{16, 16, 1}, {16, 16, 1}, {16, 16, 1}}},
	[KEY_SCP03] = {.word = "scp03",
		       .line = "scp03 KVN ENC MAC [DEK]: keys of 16, 24 or 32 octets",
		       .ids = 1,
		       .id_max = 1,
		       .optional = 1,
		       .values = {{16, 32, 8}, {16, 32, 8}, {16, 32, 8}}},
	[KEY_SCP80] = {.word = "scp80",
		       .line = "scp80 KIC KID KIC-KEY KID-KEY: keys of 8, 16, 24 or 32 octets, or "
			       "-",
		       .ids = 2,
		       .id_max = 1,
		       .may_lack = true,
		       .values = {{8, 32, 8}, {8, 32, 8}}},
	[KEY_BSP] = {.word = "bsp",
		     .line = "bsp TRANSACTION-ID ENC MAC MCV: 16 octets each",
		     .ids = 1,
		     .id_max = KEYS_ID_MAX,
		     .values = {{16, 16, 1}, {16, 16, 1}, {16, 16, 1}}},
	[KEY_BSP_OTSK] = {.word = "bsp-otsk",
			  .line = "bsp-otsk TRANSACTION-ID PRIVATE-KEY EID: the key in DER, an EID "
				  "of 16 octets",
			  .ids = 1,
			  .id_max = KEYS_ID_MAX,
			  .values = {{16, VALUE_MAX, 1}, {16, 16, 1}}},
};

struct list {
	struct key_row *rows;
	size_t count, cap;
};

struct trace_keys {
	struct list cards, others;
};

static void wipe_row(struct key_row *row)
{
	for (size_t i = 0; i < KEYS_PARTS; i++)
		secret_free(&row->parts[i]);
}

static enum err list_add(struct list *l, const struct key_row *row)
{
	if (l->count == l->cap) {
		struct key_row *more = realloc(l->rows, (l->cap + LIST_STEP) * sizeof(*more));

		if (!more)
			return ERR_MEMORY;
		l->rows = more;
		l->cap += LIST_STEP;
	}
	l->rows[l->count++] = *row;
	return ERR_OK;
}

static void list_free(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		wipe_row(&l->rows[i]);
	free(l->rows);
}

static bool is_space(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r';
}

/* The words of a line; WORDS_MAX + 1: more than any kind has. */
static size_t keys_split(struct slice line, struct slice words[static WORDS_MAX])
{
	size_t n = 0;

	for (size_t at = 0; at < line.len; at++) {
		size_t from = at;

		while (at < line.len && !is_space(slice_at(line, at)))
			at++;
		if (at > from && n == WORDS_MAX)
			return n + 1;
		if (at > from)
			words[n++] = slice_sub(line, from, at - from);
	}
	return n;
}

static enum err keys_unhex(struct slice word, struct wbuf *out)
{
	char text[2 * VALUE_MAX + 1];
	enum err e = slice_text(word, text, sizeof(text));

	if (!e)
		e = hex_decode(text, out);
	secret_wipe(text, sizeof(text));
	return e;
}

/* A NAME, or one of the ids, which stand in row->id one behind the other. */
static enum err take_id(const struct form *f, struct slice word, struct key_row *row)
{
	struct wbuf id = wbuf_init(row->id + row->id_len, f->id_max);
	enum err e;

	if (!f->ids)
		return slice_text(word, row->name, sizeof(row->name)) ? ERR_VALUE : ERR_OK;
	row->any = f->ids == 1 && f->id_max == 1 && slice_is(word, ANY_ID);
	e = row->any ? ERR_OK : keys_unhex(word, &id);
	row->id_len += id.len;
	return e || (!row->any && !id.len) ? ERR_VALUE : ERR_OK;
}

static enum err keys_value(const struct form *f, size_t i, struct slice word, struct secret **out)
{
	uint8_t octets[VALUE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e;

	if (f->may_lack && slice_is(word, NO_KEY))
		return ERR_OK;
	e = keys_unhex(word, &w);
	if (e || w.len < f->values[i].least || w.len > f->values[i].most ||
	    (w.len - f->values[i].least) % f->values[i].step)
		e = ERR_VALUE;
	*out = e ? NULL : secret_copy(wbuf_slice(&w));
	secret_wipe(octets, sizeof(octets));
	return e || *out ? e : ERR_MEMORY;
}

static enum err take_words(const struct form *f, const struct slice *words, size_t count,
			   struct key_row *row)
{
	size_t ids = f->ids ? f->ids : 1, values = 0;
	enum err e = ERR_OK;

	while (values < KEYS_PARTS && f->values[values].most)
		values++;
	if (count < ids + values - f->optional || count > ids + values)
		return ERR_VALUE;
	for (size_t i = 0; i < ids && !e; i++)
		e = take_id(f, words[i], row);
	for (size_t i = ids; i < count && !e; i++)
		e = keys_value(f, i - ids, words[i], &row->parts[i - ids]);
	return e;
}

static enum err take_keys(struct trace_keys *keys, struct slice line, const char **why)
{
	struct slice words[WORDS_MAX];
	size_t count = keys_split(line, words), kind = 0;
	struct key_row row = {0};
	enum err e;

	if (!count)
		return ERR_OK;
	while (kind < ARRAY_LEN(forms) && !slice_is(words[0], forms[kind].word))
		kind++;
	*why = "it begins with no kind of key that there is";
	if (kind == ARRAY_LEN(forms))
		return ERR_VALUE;
	*why = forms[kind].line;
	row.kind = (enum key_kind)kind;
	e = count > WORDS_MAX ? ERR_VALUE : take_words(&forms[kind], words + 1, count - 1, &row);
	if (!e)
		e = list_add(forms[kind].ids ? &keys->others : &keys->cards, &row);
	if (e)
		wipe_row(&row);
	return e;
}

/* Up to the first of these octets, or all of it */
static struct slice until(struct slice text, char octet)
{
	const uint8_t *end = text.len ? memchr(text.ptr, octet, text.len) : NULL;

	return end ? slice_sub(text, 0, (size_t)(end - text.ptr)) : text;
}

enum err keys_parse(struct slice text, struct trace_keys **out, struct keys_error *error)
{
	struct trace_keys *keys = calloc(1, sizeof(*keys));
	enum err e = keys ? ERR_OK : ERR_MEMORY;

	*error = (struct keys_error){.why = "memory is out"};
	while (!e && text.len) {
		struct slice line = until(text, '\n');

		error->line++;
		e = take_keys(keys, until(line, '#'), &error->why);
		text = slice_sub(text, line.len + 1, text.len);
	}
	if (e)
		keys_free(&keys);
	else
		*out = keys;
	return e;
}

const struct key_row *keys_next(const struct trace_keys *keys, enum key_kind kind, struct slice id,
				const struct key_row *after)
{
	const struct list *l = &keys->others;
	size_t i = after ? (size_t)(after - l->rows) + 1 : 0;

	for (; i < l->count; i++) {
		const struct key_row *row = &l->rows[i];

		if (row->kind == kind &&
		    (row->any || slice_equal(slice_make(row->id, row->id_len), id)))
			return row;
	}
	return NULL;
}

size_t keys_card_count(const struct trace_keys *keys)
{
	return keys ? keys->cards.count : 0;
}

const struct key_row *keys_card_at(const struct trace_keys *keys, size_t i)
{
	return &keys->cards.rows[i];
}

void keys_free(struct trace_keys **keys)
{
	struct trace_keys *mine = *keys;

	*keys = NULL;
	if (!mine)
		return;
	list_free(&mine->cards);
	list_free(&mine->others);
	free(mine);
}
