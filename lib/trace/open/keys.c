#include "lib/trace/open/keys.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/trace/keys/keys.h"

#define FIELDS_MAX 6
#define LINE_CAP   1024
#define ROWS_STEP  16
#define NO_KEY	   "-"
#define ANY_ID	   "*"

struct trace_keys {
	struct key_row *rows;
	size_t count, cap;
};

/* How a line of each kind looks. */
static const struct form {
	const char *why;
	size_t ids, keys, needed; /* fields of each; how many keys there must be */
	size_t least, most;	  /* octets of a key */
} forms[] = {
	[KEY_SCP02] = {"scp02 KVN ENC MAC [DEK]: keys of 16 octets", 1, 3, 2, 16, 16},
	[KEY_SCP03] = {"scp03 KVN ENC MAC [DEK]: keys of 16, 24 or 32 octets", 1, 3, 2, 16, 32},
	[KEY_SCP80] = {"scp80 KIC KID KIC-KEY KID-KEY: keys of 8 to 32 octets, or -", 2, 2, 2, 8,
		       32},
	[KEY_BSP] = {"bsp TRANSACTION-ID ENC MAC MCV: 16 octets each", 1, 3, 3, 16, 16},
	[KEY_BSP_OTSK] = {"bsp-otsk TRANSACTION-ID PRIVATE-KEY EID: the key in DER, an EID of 16 "
			  "octets",
			  1, 2, 2, 16, 256},
};

static const char *const kind_words[] = {OPEN_KEY_WORDS};
_Static_assert(ARRAY_LEN(kind_words) == ARRAY_LEN(forms), "each kind has a word");

static enum err add_key(const struct form *f, const char *text, struct secret **out)
{
	size_t n = strlen(text) / 2;
	enum err e;

	if (strcmp(text, NO_KEY) == 0 && f == &forms[KEY_SCP80])
		return ERR_OK;
	if (strlen(text) % 2 || n < f->least || n > f->most)
		return ERR_VALUE;
	*out = secret_new(n);
	if (!*out)
		return ERR_MEMORY;
	e = hex_decode_exact(text, (*out)->bytes, n);
	return e == ERR_MEMORY ? e : e ? ERR_VALUE : ERR_OK;
}

/* An id may be in several fields (KIc, KID). */
static enum err add_id(const struct form *f, const char *text, struct key_row *row)
{
	size_t n = strlen(text) / 2;
	bool is_octet = f != &forms[KEY_BSP] && f != &forms[KEY_BSP_OTSK];

	if (strcmp(text, ANY_ID) == 0 && is_octet && f->ids == 1) {
		row->any = true;
		return ERR_OK;
	}
	if (strlen(text) % 2 || !n || n > KEYS_ID_MAX - row->id_len || (is_octet && n != 1) ||
	    hex_decode_exact(text, row->id + row->id_len, n))
		return ERR_VALUE;
	row->id_len += n;
	return ERR_OK;
}

static void wipe_row(struct key_row *row)
{
	for (size_t i = 0; i < KEYS_PARTS; i++)
		secret_free(&row->parts[i]);
}

static enum err read_row(const struct form *f, char *const *fields, size_t count,
			 struct key_row *row)
{
	enum err e = ERR_OK;

	if (count < f->ids + f->needed || count > f->ids + f->keys)
		return ERR_VALUE;
	for (size_t i = 0; i < f->ids && !e; i++)
		e = add_id(f, fields[i], row);
	for (size_t i = f->ids; i < count && !e; i++)
		e = add_key(f, fields[i], &row->parts[i - f->ids]);
	return e;
}

static enum err add_row(struct trace_keys *keys, const struct key_row *row)
{
	if (keys->count == keys->cap) {
		struct key_row *more = realloc(keys->rows, (keys->cap + ROWS_STEP) * sizeof(*more));

		if (!more)
			return ERR_MEMORY;
		keys->rows = more;
		keys->cap += ROWS_STEP;
	}
	keys->rows[keys->count++] = *row;
	return ERR_OK;
}

static enum err take_keys(struct trace_keys *keys, char *line, struct keys_error *why)
{
	char *fields[FIELDS_MAX], *rest = line, *one;
	size_t count = 0;

	line[strcspn(line, "#")] = 0;
	while ((one = strsep(&rest, " \t\r")) != NULL) {
		if (*one && count < FIELDS_MAX)
			fields[count++] = one;
	}
	if (!count || card_keys_knows(slice_str(fields[0])))
		return ERR_OK;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct key_row row = {.kind = (enum key_kind)i};
		enum err e;

		if (strcmp(kind_words[i], fields[0]) != 0)
			continue;
		e = read_row(&forms[i], fields + 1, count - 1, &row);
		if (!e)
			e = add_row(keys, &row);
		if (e)
			wipe_row(&row);
		why->why = forms[i].why;
		return e;
	}
	why->why = "a line begins with scp02, scp03, scp80, bsp or bsp-otsk";
	return ERR_VALUE;
}

enum err keys_parse(struct slice text, struct trace_keys **out, struct keys_error *why)
{
	struct trace_keys *keys = calloc(1, sizeof(*keys));
	enum err e = keys ? ERR_OK : ERR_MEMORY;
	char line[LINE_CAP];
	size_t at = 0;

	for (why->line = 1; !e && at < text.len; why->line++) {
		size_t n = 0;

		while (at + n < text.len && slice_at(text, at + n) != '\n')
			n++;
		why->why = "the line is too long, or no text";
		e = slice_text(slice_sub(text, at, n), line, sizeof(line)) ? ERR_VALUE : ERR_OK;
		if (!e)
			e = take_keys(keys, line, why);
		if (e)
			break;
		at += n + 1;
	}
	secret_wipe(line, sizeof(line));
	if (e)
		keys_free(&keys);
	else
		*out = keys;
	return e;
}

const struct key_row *keys_next(const struct trace_keys *keys, enum key_kind kind, struct slice id,
				const struct key_row *after)
{
	size_t i = after ? (size_t)(after - keys->rows) + 1 : 0;

	for (; i < keys->count; i++) {
		const struct key_row *row = &keys->rows[i];

		if (row->kind == kind &&
		    (row->any || slice_equal(slice_make(row->id, row->id_len), id)))
			return row;
	}
	return NULL;
}

void keys_free(struct trace_keys **keys)
{
	struct trace_keys *mine = *keys;

	*keys = NULL;
	for (size_t i = 0; mine && i < mine->count; i++)
		wipe_row(&mine->rows[i]);
	if (mine)
		free(mine->rows);
	free(mine);
}
