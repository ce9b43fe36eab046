#include "host/operator/keysource/outer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/keysource/credential.h"
#include "host/operator/keysource/uri.h"
#include "lib/base/base64.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define CONTENT_MAX 256
#define HEX_CAP	    (2 * OUTER_KEY_LEN + 2) /* with a line's end and a NUL */
#define KEPT_MAX    4

static struct {
	token_ask *ask;
	struct kept {
		char text[KEY_SOURCE_CAP];
		struct key_ticket ticket;
		struct secret *key;
	} kept[KEPT_MAX];
	size_t next; /* the one that the next replaces */
} process;

static enum err refuse_content(const struct key_source *s)
{
	char name[KEY_SOURCE_NAME_CAP];

	return trouble_set(ERR_KEY,
			   "what %s has is no key: it wants 32 octets%s as 64 hex digits or base64",
			   key_source_name(s, name), s->kind == KEY_SOURCE_ENV ? "" : ", raw or");
}

/* Exactly 32 octets are raw; text may end with a line's end. */
static enum err decode_content(const struct key_source *s, struct slice content,
			       struct secret **out)
{
	char text[CONTENT_MAX + 1];
	struct secret *key = secret_new(OUTER_KEY_LEN);
	struct wbuf w;
	enum err e = ERR_OK;
	size_t n = content.len;

	if (!key)
		return ERR_MEMORY;
	w = wbuf_init(key->bytes, key->len);
	while (n && strchr("\r\n", content.ptr[n - 1]))
		n--;
	if (content.len == OUTER_KEY_LEN && s->kind != KEY_SOURCE_ENV)
		wbuf_put(&w, content);
	else if (n == 2 * OUTER_KEY_LEN &&
		 !slice_text(slice_sub(content, 0, n), text, sizeof(text)))
		e = hex_decode(text, &w);
	else
		e = n < 2 * OUTER_KEY_LEN ? base64_decode(slice_sub(content, 0, n), &w) : ERR_KEY;
	secret_wipe(text, sizeof(text));
	if (e || wbuf_done(&w) || w.len != OUTER_KEY_LEN || slice_is_zero(secret_slice(key))) {
		secret_free(&key);
		return refuse_content(s);
	}
	*out = key;
	return ERR_OK;
}

/* The octets themselves are wiped: /proc/PID/environ is them, whatever unsetenv() does. */
static enum err take_variable(const char *name, struct wbuf *out)
{
	char *value = getenv(name);

	if (!value)
		return trouble_set(ERR_KEY_AWAY,
				   "the variable %s, which should have the key, is not set", name);
	wbuf_put(out, slice_str(value));
	secret_wipe(value, strlen(value));
	unsetenv(name);
	return out->err ? trouble_set(ERR_KEY, "the variable %s is too long for a key", name)
			: ERR_OK;
}

static enum err read_content(const struct key_source *s, struct cancel *cancel, struct wbuf *out)
{
	const char *rest = key_source_rest(s);

	switch (s->kind) {
	case KEY_SOURCE_FILE: return key_text_file(rest, cancel, out);
	case KEY_SOURCE_ENV: return take_variable(rest, out);
	case KEY_SOURCE_CREDENTIAL: return key_text_credential(rest, cancel, out);
	case KEY_SOURCE_PKCS11: break;
	}
	return ERR_UNSUPPORTED;
}

static enum err read_plain(const struct key_source *s, struct cancel *cancel, struct secret **out)
{
	uint8_t octets[CONTENT_MAX];
	struct wbuf content = wbuf_init(octets, sizeof(octets));
	enum err e = read_content(s, cancel, &content);

	if (!e)
		e = decode_content(s, wbuf_slice(&content), out);
	secret_wipe(octets, sizeof(octets));
	return e;
}

static enum err parse_uri(const struct key_source *s, struct pkcs11_uri *uri)
{
	const char *why;

	return pkcs11_uri_parse(slice_str(s->text), uri, &why);
}

static enum err open_token(const struct key_source *s, const struct key_ticket *ticket,
			   struct cancel *cancel, struct secret **out)
{
	const struct token_caller by = {.ask = process.ask, .cancel = cancel};
	struct pkcs11_uri uri;
	enum err e = parse_uri(s, &uri);

	return e ? e : token_open_ticket(&uri, &by, ticket, out);
}

static void keep_outer(const struct key_source *s, const struct key_ticket *ticket,
		       const struct secret *key)
{
	struct kept *k = &process.kept[process.next];

	secret_free(&k->key);
	memcpy(k->text, s->text, sizeof(k->text));
	k->ticket = *ticket;
	k->key = secret_copy(secret_slice(key)); /* NULL: it is asked for again */
	process.next = (process.next + 1) % KEPT_MAX;
}

static bool is_kept(const struct kept *k, const struct key_source *s, const struct key_ticket *t)
{
	return k->key && strcmp(k->text, s->text) == 0 &&
	       slice_equal(slice_make(k->ticket.octets, k->ticket.len),
			   slice_make(t->octets, t->len));
}

enum err outer_key_get(const struct key_source *s, const struct key_ticket *ticket,
		       struct cancel *cancel, struct secret **out)
{
	struct secret *key = NULL;
	enum err e;

	for (size_t i = 0; i < KEPT_MAX && !key; i++) {
		if (!is_kept(&process.kept[i], s, ticket))
			continue;
		key = secret_copy(secret_slice(process.kept[i].key));
		if (!key)
			return ERR_MEMORY;
		*out = key;
		return ERR_OK;
	}
	e = s->kind == KEY_SOURCE_PKCS11 ? open_token(s, ticket, cancel, &key)
					 : read_plain(s, cancel, &key);
	if (e)
		return e;
	keep_outer(s, ticket, key);
	*out = key;
	return ERR_OK;
}

enum err outer_key_new(const struct key_source *s, struct cancel *cancel, struct key_ticket *ticket,
		       struct secret **out)
{
	const struct token_caller by = {.ask = process.ask, .cancel = cancel};
	struct key_ticket t = {.len = 0};
	struct pkcs11_uri uri;
	struct secret *key;
	enum err e;

	if (s->kind != KEY_SOURCE_PKCS11) {
		*ticket = t;
		return outer_key_get(s, ticket, cancel, out);
	}
	key = random_secret(OUTER_KEY_LEN);
	e = key ? parse_uri(s, &uri) : ERR_MEMORY;
	if (!e)
		e = token_close_ticket(&uri, &by, key, &t);
	if (e) {
		secret_free(&key);
		return e;
	}
	keep_outer(s, &t, key);
	*ticket = t;
	*out = key;
	return ERR_OK;
}

static enum err make_file(const char *path, struct cancel *cancel)
{
	struct secret *key = random_secret(OUTER_KEY_LEN);
	char line[HEX_CAP];
	enum err e = key ? hex_encode(secret_slice(key), line, sizeof(line)) : ERR_MEMORY;

	if (!e) {
		line[2 * OUTER_KEY_LEN] = '\n';
		e = file_create(path, slice_make(line, 2 * OUTER_KEY_LEN + 1), 0600, cancel);
	}
	secret_wipe(line, sizeof(line));
	secret_free(&key);
	return e;
}

enum err outer_key_make(const struct key_source *s, struct cancel *cancel)
{
	const struct token_caller by = {.ask = process.ask, .cancel = cancel};
	struct pkcs11_uri uri;
	enum err e;

	if (s->kind == KEY_SOURCE_FILE)
		return make_file(key_source_rest(s), cancel);
	if (s->kind != KEY_SOURCE_PKCS11)
		return ERR_UNSUPPORTED;
	e = parse_uri(s, &uri);
	return e ? e : token_make_key(&uri, &by);
}

void outer_key_ask_by(token_ask *ask)
{
	process.ask = ask;
}

void outer_key_forget(void)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		secret_free(&process.kept[i].key);
}
