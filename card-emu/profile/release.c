#include "card-emu/profile/release.h"

#include <stdio.h>

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/bytes.h"

void release_load(const struct store *s, unsigned n, struct release_record *out)
{
	char key[STORE_KEY_MAX + 1];
	struct slice stored;
	struct cursor c;

	*out = (struct release_record){.active = 1};
	snprintf(key, sizeof(key), STORE_KEY_KRA, n);
	if (!store_get(s, key, &stored))
		return;
	c = cursor_of(stored);
	out->active = cursor_u8(&c);
	out->key_id = cursor_u32(&c);
}

typedef void put(struct store_txn *t, const char *key, struct slice value);

static void put_by(put *by, struct store_txn *t, unsigned n, const struct release_record *r)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t mem[5];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	snprintf(key, sizeof(key), STORE_KEY_KRA, n);
	wbuf_u8(&w, r->active);
	wbuf_u32(&w, r->key_id);
	by(t, key, wbuf_slice(&w));
}

void release_put(struct store_txn *t, unsigned n, const struct release_record *r)
{
	put_by(store_put, t, n, r);
}

void release_put_kept(struct store_txn *t, unsigned n, const struct release_record *r)
{
	put_by(store_put_kept, t, n, r);
}
