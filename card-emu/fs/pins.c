#include "card-emu/fs/pins.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"

#define PIN_STORED_LEN (8 + 2 + 1 + 1 + 8 + 2 + 1)

enum pin_flag { PIN_IS_ENABLED = 1, PIN_NO_CHANGE = 2, PIN_NO_DISABLE = 4 };

static void pin_key(char key[static STORE_KEY_MAX + 1], unsigned n, const char *df, uint8_t ref)
{
	if (*df)
		snprintf(key, STORE_KEY_MAX + 1, STORE_KEY_PIN_LOCAL, n, ref, df);
	else
		snprintf(key, STORE_KEY_MAX + 1, STORE_KEY_PIN, n, ref);
}

enum err pin_load_in(const struct store *s, unsigned n, const char *df, uint8_t ref,
		     struct pin_record *out)
{
	char key[STORE_KEY_MAX + 1];
	struct secret *stored = NULL;
	struct pin_record r = {0};
	uint8_t flags;
	struct cursor c;
	enum err e;

	pin_key(key, n, df, ref);
	e = store_get_secret(s, key, &stored);
	if (e)
		return e;
	c = cursor_of(secret_slice(stored));
	cursor_copy(&c, r.value, sizeof(r.value));
	r.tries = cursor_u8(&c);
	r.tries_max = cursor_u8(&c);
	flags = cursor_u8(&c);
	r.enabled = flags & PIN_IS_ENABLED;
	r.no_change = flags & PIN_NO_CHANGE;
	r.no_disable = flags & PIN_NO_DISABLE;
	r.has_puk = cursor_u8(&c) != 0;
	cursor_copy(&c, r.puk, sizeof(r.puk));
	r.puk_tries = cursor_u8(&c);
	r.puk_tries_max = cursor_u8(&c);
	if (cursor_left(&c))
		r.alternative = cursor_u8(&c);
	e = cursor_done(&c);
	if (!e)
		*out = r;
	secret_wipe(&r, sizeof(r));
	secret_free(&stored);
	return e ? ERR_CORRUPT : ERR_OK;
}

enum err pin_put_in(struct store_txn *t, unsigned n, const char *df, uint8_t ref,
		    const struct pin_record *r)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t mem[PIN_STORED_LEN];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	enum err e;

	pin_key(key, n, df, ref);
	wbuf_put(&w, SLICE_OF(r->value));
	wbuf_u8(&w, r->tries);
	wbuf_u8(&w, r->tries_max);
	wbuf_u8(&w,
		(uint8_t)((r->enabled ? PIN_IS_ENABLED : 0) | (r->no_change ? PIN_NO_CHANGE : 0) |
			  (r->no_disable ? PIN_NO_DISABLE : 0)));
	wbuf_u8(&w, r->has_puk);
	wbuf_put(&w, SLICE_OF(r->puk));
	wbuf_u8(&w, r->puk_tries);
	wbuf_u8(&w, r->puk_tries_max);
	if (r->alternative)
		wbuf_u8(&w, r->alternative);
	e = wbuf_done(&w);
	if (!e)
		store_put_secret(t, key, wbuf_slice(&w));
	secret_wipe(mem, sizeof(mem));
	return e;
}

enum err pin_load(const struct store *s, unsigned n, uint8_t ref, struct pin_record *out)
{
	return pin_load_in(s, n, "", ref, out);
}

void pin_share(struct store_txn *t, unsigned n, const char *df, const char *with)
{
	char key[STORE_KEY_MAX + 1];

	snprintf(key, sizeof(key), STORE_KEY_PIN_SHARED, n, df);
	store_put(t, key, slice_str(with));
}

/* The DF whose PINs df has: itself, or the one that it shares them with. */
static void follow_share(const struct store *s, unsigned n, char df[static FS_PATH_MAX])
{
	char key[STORE_KEY_MAX + 1];
	struct slice with;

	snprintf(key, sizeof(key), STORE_KEY_PIN_SHARED, n, df);
	if (store_get(s, key, &with) && slice_text(with, df, FS_PATH_MAX))
		df[0] = 0;
}

bool pin_home(const struct store *s, unsigned n, const char *path, uint8_t ref,
	      char df[static FS_PATH_MAX])
{
	char key[STORE_KEY_MAX + 1];

	df[0] = 0;
	if (!(ref & PIN_LOCAL)) {
		pin_key(key, n, df, ref);
		return store_has(s, key);
	}
	for (size_t len = strlen(path); len >= 4; len -= 4) {
		memcpy(df, path, len);
		df[len] = 0;
		follow_share(s, n, df);
		pin_key(key, n, df, ref);
		if (*df && store_has(s, key))
			return true;
	}
	df[0] = 0;
	return false;
}
