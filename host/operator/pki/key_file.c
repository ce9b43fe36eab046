#include "host/operator/pki/key_file.h"

#include <stdlib.h>

#include "host/operator/keysource/outer.h"
#include "host/operator/keysource/wrapped.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define KEY_LEN	 32
#define FILE_LEN (KEY_LEN + 1) /* with the version; without in files of older versions */
_Static_assert(FILE_LEN == WRAPPED_CONTENT, "what is sealed is what is clear otherwise");

static struct wrapped *copy_seal(const struct wrapped *seal)
{
	struct wrapped *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = *seal;
	return copy;
}

void key_file_free(struct key_file *k)
{
	secret_free(&k->key);
	free(k->seal);
	k->seal = NULL;
}

/* outer.key NULL: in the clear. */
static enum err write_file(const char *path, const struct key_file *k, const struct wrapped *seal,
			   struct slice outer)
{
	struct wbuf content = wbuf_grow(FILE_LEN), file = wbuf_grow(WRAPPED_MAX);
	enum err e;

	wbuf_put(&content, secret_slice(k->key));
	wbuf_u8(&content, (uint8_t)k->version);
	e = wbuf_done(&content);
	if (!e && seal)
		e = wrapped_put(seal, outer, wbuf_slice(&content), &file);
	if (!e)
		e = file_replace(path, wbuf_slice(seal ? &file : &content), 0600, NULL);
	wbuf_free(&content);
	wbuf_free(&file);
	return e;
}

enum err key_file_seal(const char *path, const struct key_file *k,
		       const struct key_file_outer *outer)
{
	return write_file(path, k, outer ? outer->seal : NULL,
			  secret_slice(outer ? outer->key : NULL));
}

enum err key_file_make(const char *path, const struct key_file_outer *outer, struct key_file *out)
{
	struct key_file k = {.key = random_secret(KEY_LEN)};
	enum err e = k.key ? ERR_OK : ERR_MEMORY;

	if (!e && outer) {
		k.seal = copy_seal(outer->seal);
		e = k.seal ? ERR_OK : ERR_MEMORY;
	}
	if (!e)
		e = key_file_seal(path, &k, outer);
	if (e)
		key_file_free(&k);
	else
		*out = k;
	return e;
}

static enum err take_content(struct slice content, struct key_file *k)
{
	if (content.len != KEY_LEN && content.len != FILE_LEN)
		return ERR_CORRUPT;
	k->version = slice_at(content, KEY_LEN);
	k->key = secret_copy(slice_sub(content, 0, KEY_LEN));
	return k->key ? ERR_OK : ERR_MEMORY;
}

static enum err say_other_key(const struct key_source *s)
{
	char name[KEY_SOURCE_NAME_CAP];

	return trouble_set(ERR_KEY,
			   "the key from %s is not the one that this folder was sealed with: give "
			   "the right one back, or name its place by: twinkey-operator key seal "
			   "--from",
			   key_source_name(s, name));
}

static enum err open_sealed(struct slice file, const struct key_source *from, struct cancel *cancel,
			    struct key_file *k)
{
	struct wbuf content = wbuf_grow(FILE_LEN);
	struct secret *outer = NULL;
	struct wrapped w;
	enum err e = wrapped_parse(file, &w);

	if (!e)
		e = outer_key_get(from ? from : &w.source, &w.ticket, cancel, &outer);
	else if (e == ERR_CORRUPT)
		e = trouble_set(e, "the sealed key file is damaged: restore it from a copy");
	if (!e)
		e = wrapped_open(file, secret_slice(outer), &content);
	if (e == ERR_KEY && !*trouble_of(e))
		e = say_other_key(from ? from : &w.source);
	if (!e)
		e = take_content(wbuf_slice(&content), k);
	if (!e) {
		k->seal = copy_seal(&w);
		e = k->seal ? ERR_OK : ERR_MEMORY;
	}
	secret_free(&outer);
	wbuf_free(&content);
	return e;
}

/* What it holds, clear or sealed, in memory that is wiped. */
static enum err read_key_file(const char *path, struct wbuf *all)
{
	enum err e;

	trouble_forget();
	e = file_read(path, NULL, all);
	return e == ERR_SPACE ? ERR_CORRUPT : e;
}

enum err key_file_read_from(const char *path, const struct key_source *from, struct cancel *cancel,
			    struct key_file *out)
{
	struct wbuf all = wbuf_grow(WRAPPED_MAX);
	struct key_file k = {.version = 0};
	enum err e = read_key_file(path, &all);

	if (!e)
		e = wrapped_is(wbuf_slice(&all)) ? open_sealed(wbuf_slice(&all), from, cancel, &k)
						 : take_content(wbuf_slice(&all), &k);
	wbuf_free(&all);
	if (e)
		key_file_free(&k);
	else
		*out = k;
	return e;
}

enum err key_file_read(const char *path, struct cancel *cancel, struct key_file *out)
{
	return key_file_read_from(path, NULL, cancel, out);
}

enum err key_file_tell(const char *path, struct key_file *k, int version)
{
	struct key_file told = *k;
	struct secret *outer = NULL;
	enum err e = ERR_OK;

	if (k->version == version)
		return ERR_OK;
	told.version = version;
	if (k->seal) /* which the process has kept */
		e = outer_key_get(&k->seal->source, &k->seal->ticket, NULL, &outer);
	if (!e)
		e = write_file(path, &told, k->seal, secret_slice(outer));
	if (!e)
		k->version = version;
	secret_free(&outer);
	return e;
}

enum err key_file_look(const char *path, bool *sealed, struct key_source *source)
{
	struct wbuf all = wbuf_grow(WRAPPED_MAX);
	struct wrapped w = {.ticket = {.len = 0}};
	enum err e = read_key_file(path, &all);

	*sealed = !e && wrapped_is(wbuf_slice(&all));
	if (*sealed)
		e = wrapped_parse(wbuf_slice(&all), &w);
	else if (!e && all.len != KEY_LEN && all.len != FILE_LEN)
		e = ERR_CORRUPT;
	if (!e && *sealed)
		*source = w.source;
	wbuf_free(&all);
	return e;
}

enum err key_file_outer_get(const struct key_source *source, struct cancel *cancel,
			    struct key_file_outer *out)
{
	struct wrapped w = {.source = *source};
	struct key_file_outer o = {.key = NULL};
	enum err e = outer_key_new(source, cancel, &w.ticket, &o.key);

	if (!e) {
		o.seal = copy_seal(&w);
		e = o.seal ? ERR_OK : ERR_MEMORY;
	}
	if (e)
		key_file_outer_free(&o);
	else
		*out = o;
	return e;
}

void key_file_outer_free(struct key_file_outer *o)
{
	secret_free(&o->key);
	free(o->seal);
	o->seal = NULL;
}
