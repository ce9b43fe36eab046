#include "lib/trace/search/needles.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "lib/trace/search/search.h"

#define SALT_LEN   16
#define FIELDS	   3 /* kind, name, value */
#define HASH_PARTS 3 /* length, salt, hash */
#define NUMBER_MAX 5 /* digits */

struct needles {
	struct wbuf list; /* of struct needle */
};

/* What a value of the kind is when it does not say; PINs and ADM codes are digits. */
static const struct {
	const char *name;
	size_t least; /* octets */
	bool code, may_be_code;
} kinds[] = {
	[NEEDLE_K] = {"K", 8, false, false},	 [NEEDLE_OPC] = {"OPc", 8, false, false},
	[NEEDLE_S] = {"S", 8, false, false},	 [NEEDLE_PIN] = {"PIN", 4, true, true},
	[NEEDLE_PUK] = {"PUK", 4, true, true},	 [NEEDLE_ADM] = {"ADM", 4, false, true},
	[NEEDLE_SCP] = {"SCP", 8, false, false}, [NEEDLE_OTA] = {"OTA", 8, false, false},
	[NEEDLE_ANY] = {"any", 4, false, false},
};

/* A line, taken apart. */
struct line {
	struct needle needle;
	bool hashed;
	enum search_kind kind; /* not of a hash */
	struct wbuf value;     /* not of a hash */
	struct search_hash hash;
	uint8_t salt[SEARCH_SALT_MAX];
	uint8_t room[SEARCH_VALUE_MAX];
};

const char *needle_kind_name(enum needle_kind kind)
{
	return kinds[kind].name;
}

static bool is_gap(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes what stands up to one of these octets off the front of s, and that octet. */
static struct slice take_up_to(struct slice *s, bool (*is_end)(uint8_t c))
{
	size_t n = 0;
	struct slice field;

	while (n < s->len && !is_end(slice_at(*s, n)))
		n++;
	field = slice_sub(*s, 0, n);
	*s = slice_sub(*s, n + 1, s->len);
	return field;
}

static struct slice take_word(struct slice *s)
{
	while (s->len && is_gap(slice_at(*s, 0)))
		*s = slice_sub(*s, 1, s->len);
	return take_up_to(s, is_gap);
}

static bool is_colon(uint8_t c)
{
	return c == ':';
}

static bool take_prefix(struct slice *s, const char *prefix)
{
	if (!slice_starts(*s, slice_str(prefix)))
		return false;
	*s = slice_sub(*s, strlen(prefix), s->len);
	return true;
}

static bool only_digits(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!isdigit(slice_at(s, i)))
			return false;
	}
	return s.len > 0;
}

static bool read_hex(struct slice hex, struct wbuf *out)
{
	char text[2 * SEARCH_VALUE_MAX + 1];
	bool good = hex.len % 2 == 0 && !slice_text(hex, text, sizeof(text)) &&
		    strspn(text, "0123456789abcdefABCDEF") == hex.len && !hex_decode(text, out);

	secret_wipe(text, sizeof(text));
	return good;
}

static const char *take_hash(struct line *l, struct slice text, bool digits)
{
	struct slice len = take_up_to(&text, is_colon), salt = take_up_to(&text, is_colon);
	struct wbuf salt_out = wbuf_init(l->salt, sizeof(l->salt));
	struct wbuf hash_out = wbuf_init(l->hash.hash, sizeof(l->hash.hash));

	if (!only_digits(len) || len.len > NUMBER_MAX || !read_hex(salt, &salt_out) ||
	    !read_hex(text, &hash_out) || hash_out.len != SHA256_LEN)
		return "a hash is sha256:LENGTH:SALT:HASH, salt and hash in hex";
	l->hashed = true;
	l->hash.digits = digits;
	for (size_t i = 0; i < len.len; i++)
		l->hash.len = 10 * l->hash.len + slice_at(len, i) - '0';
	l->hash.salt = wbuf_slice(&salt_out);
	if (l->hash.len < (digits ? SEARCH_CODE_MIN : kinds[l->needle.kind].least) ||
	    l->hash.len > SEARCH_HASHED_LEN)
		return "the value's length is none that is searched";
	return NULL;
}

static const char *take_digits(struct line *l, struct slice text)
{
	l->kind = text.len <= SEARCH_CODE_MAX ? SEARCH_CODE : SEARCH_DIGITS;
	wbuf_put(&l->value, text);
	if (!only_digits(text))
		return "digits are wanted there";
	return text.len < SEARCH_CODE_MIN || l->value.err ? "it has too few or too many digits"
							  : NULL;
}

static const char *take_octets(struct line *l, struct slice text)
{
	l->kind = SEARCH_OCTETS;
	if (!read_hex(text, &l->value))
		return "hex is wanted there";
	return l->value.len < kinds[l->needle.kind].least ? "the value is too short for its kind"
							  : NULL;
}

static const char *take_value(struct line *l, struct slice text)
{
	if (take_prefix(&text, "sha256:"))
		return take_hash(l, text, false);
	if (take_prefix(&text, "sha256-digits:"))
		return take_hash(l, text, true);
	if (take_prefix(&text, "hex:"))
		return take_octets(l, text);
	if (take_prefix(&text, "digits:"))
		return take_digits(l, text);
	if (take_prefix(&text, "text:")) {
		l->kind = SEARCH_TEXT;
		wbuf_put(&l->value, text);
		return text.len < SEARCH_TEXT_MIN || l->value.err ? "a text has 6 to 256 letters"
								  : NULL;
	}
	if (kinds[l->needle.kind].code ||
	    (kinds[l->needle.kind].may_be_code && only_digits(text) && text.len <= SEARCH_CODE_MAX))
		return take_digits(l, text);
	return take_octets(l, text);
}

static const char *take_kind_and_name(struct line *l, struct slice kind, struct slice name)
{
	size_t i = 0;

	while (i < ARRAY_LEN(kinds) && !slice_is(kind, kinds[i].name))
		i++;
	if (i == ARRAY_LEN(kinds))
		return "the kind is none of K, OPc, S, PIN, PUK, ADM, SCP, OTA, any";
	l->needle.kind = (enum needle_kind)i;
	if (!name.len || slice_text(name, l->needle.name, sizeof(l->needle.name)))
		return "the name is missing or too long";
	for (const char *c = l->needle.name; *c; c++) {
		if (*c < '!' || *c > '~')
			return "a name has letters, digits and signs of ASCII";
	}
	return NULL;
}

/* *empty: there is nothing in it. */
static const char *read_line(struct line *l, struct slice text, bool *empty)
{
	struct slice words[FIELDS], rest = text;
	const char *why;

	for (size_t i = 0; i < FIELDS; i++)
		words[i] = take_word(&rest);
	*empty = !words[0].len || slice_at(words[0], 0) == '#';
	if (*empty)
		return NULL;
	l->value = wbuf_init(l->room, sizeof(l->room));
	why = take_kind_and_name(l, words[0], words[1]);
	if (why)
		return why;
	rest = take_word(&rest);
	if (!words[2].len || (rest.len && slice_at(rest, 0) != '#'))
		return "a line has a kind, a name and a value";
	why = take_value(l, words[2]);
	l->needle.hashed = l->hashed;
	return why;
}

/* Who gets each line: adds it to a search, or writes its hash. */
struct taker {
	enum err (*take)(struct taker *t, struct line *l);
	struct search *search;
	struct needles *needles;
	struct wbuf *out;
};

static bool is_line_end(uint8_t c)
{
	return c == '\n';
}

static enum err each_line(struct slice text, struct taker *t, struct needles_fault *fault)
{
	enum err e = ERR_OK;

	*fault = (struct needles_fault){0};
	while (!e && text.len) {
		struct slice line = take_up_to(&text, is_line_end);
		struct line l = {0};
		bool empty;

		fault->line++;
		fault->why = read_line(&l, line, &empty);
		if (fault->why)
			e = ERR_VALUE;
		else if (!empty)
			e = t->take(t, &l);
		if (e == ERR_VALUE && !fault->why)
			fault->why = "the value is so plain that it stands everywhere";
		if ((e == ERR_FULL || e == ERR_SPACE) && !fault->why)
			fault->why = "there are too many values";
		secret_wipe(&l, sizeof(l));
	}
	return e == ERR_FULL || e == ERR_LENGTH ? ERR_VALUE : e;
}

static enum err add_line(struct taker *t, struct line *l)
{
	const unsigned number = needles_count(t->needles);
	const struct search_value v = {number, l->kind, wbuf_slice(&l->value)};
	enum err e;

	if (number == NEEDLES_MAX)
		return ERR_FULL;
	l->hash.needle = number;
	e = l->hashed ? search_add_hash(t->search, &l->hash) : search_add(t->search, &v);
	if (!e)
		wbuf_put(&t->needles->list, slice_make(&l->needle, sizeof(l->needle)));
	return e ? e : t->needles->list.err;
}

enum err needles_read(struct slice text, struct search *s, struct needles **out,
		      struct needles_fault *fault)
{
	struct needles *n = calloc(1, sizeof(*n));
	struct taker t = {.take = add_line, .search = s, .needles = n};
	enum err e;

	*fault = (struct needles_fault){0};
	if (!n)
		return ERR_MEMORY;
	n->list = wbuf_grow(NEEDLES_MAX * sizeof(struct needle));
	e = each_line(text, &t, fault);
	if (e)
		needles_close(&n);
	else
		*out = n;
	return e;
}

unsigned needles_count(const struct needles *n)
{
	return (unsigned)(n->list.len / sizeof(struct needle));
}

const struct needle *needles_at(const struct needles *n, unsigned i)
{
	return (const struct needle *)(const void *)n->list.ptr + i;
}

void needles_close(struct needles **n)
{
	if (*n)
		wbuf_free(&(*n)->list);
	free(*n);
	*n = NULL;
}

static void put_hex_text(struct wbuf *w, struct slice octets)
{
	char hex[2 * SEARCH_SALT_MAX + 1];

	wbuf_fail(w, hex_encode(octets, hex, sizeof(hex)));
	wbuf_put(w, slice_str(hex));
}

static enum err hash_value(struct line *l)
{
	const struct slice salt = slice_make(l->salt, SALT_LEN);
	const struct slice parts[] = {salt, wbuf_slice(&l->value)};
	enum err e = random_bytes(l->salt, SALT_LEN);

	if (l->value.len > SEARCH_HASHED_LEN)
		return ERR_VALUE;
	l->hash.digits = l->kind == SEARCH_CODE || l->kind == SEARCH_DIGITS;
	l->hash.len = l->value.len;
	l->hash.salt = salt;
	return e ? e : sha256(parts, ARRAY_LEN(parts), l->hash.hash);
}

static enum err write_hashed(struct taker *t, struct line *l)
{
	enum err e = l->hashed ? ERR_OK : hash_value(l);
	char head[NEEDLE_NAME_MAX + 64];

	if (e)
		return e;
	snprintf(head, sizeof(head), "%s %s %s:%zu:", kinds[l->needle.kind].name, l->needle.name,
		 l->hash.digits ? "sha256-digits" : "sha256", l->hash.len);
	wbuf_put(t->out, slice_str(head));
	put_hex_text(t->out, l->hash.salt);
	wbuf_u8(t->out, ':');
	put_hex_text(t->out, SLICE_OF(l->hash.hash));
	wbuf_u8(t->out, '\n');
	return t->out->err;
}

enum err needles_hash(struct slice text, struct wbuf *out, struct needles_fault *fault)
{
	struct taker t = {.take = write_hashed, .out = out};

	return each_line(text, &t, fault);
}
