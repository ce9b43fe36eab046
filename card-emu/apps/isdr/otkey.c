#include "card-emu/apps/isdr/otkey.h"

#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/crypto/ec.h"

#define SLOTS 4

/* What is stored: OID's length and OID, PKCS#8. The key, when it is rid's and has this point. */
static enum err load_one_time(struct card *card, unsigned slot, struct slice rid,
			      struct slice point, struct ec_key **out)
{
	char name[STORE_KEY_MAX + 1];
	struct secret *stored = NULL;
	struct ec_key *key = NULL;
	struct cursor c;
	enum err e;

	isdr_key(name, STORE_KEY_OT, slot);
	e = store_get_secret(card_store(card), name, &stored);
	if (e)
		return e;
	c = cursor_of(secret_slice(stored));
	if (!slice_equal(cursor_take(&c, cursor_u8(&c)), rid))
		e = ERR_NOT_FOUND;
	if (!e)
		e = ec_key_load(cursor_take_rest(&c), &key);
	if (!e && !slice_equal(ec_key_point(key), point))
		e = ERR_NOT_FOUND;
	if (e)
		ec_key_free(&key);
	else
		*out = key;
	secret_free(&stored);
	return e;
}

/* Puts the key into the slot whose turn it is. */
static enum err keep_one_time(struct card *card, struct slice rid, const struct ec_key *key,
			      unsigned *slot)
{
	char name[STORE_KEY_MAX + 1];
	struct wbuf w = wbuf_grow(SECRET_MAX);
	unsigned n = slice_at(isdr_stored(card, STORE_KEY_OT_NEXT), 0) % SLOTS;
	uint8_t next = (uint8_t)((n + 1) % SLOTS);
	struct store_txn *t;
	enum err e;

	wbuf_u8(&w, (uint8_t)rid.len);
	wbuf_put(&w, rid);
	e = ec_key_save(key, &w);
	if (!e)
		e = wbuf_done(&w);
	if (!e) {
		t = store_begin(card_store(card));
		isdr_key(name, STORE_KEY_OT, n);
		store_put_secret(t, name, wbuf_slice(&w));
		store_put(t, STORE_KEY_OT_NEXT, slice_make(&next, 1));
		e = store_commit(t);
	}
	wbuf_free(&w);
	if (!e)
		*slot = n + 1;
	return e;
}

enum err isdr_otkey_take(struct card *card, struct isdr *s, struct slice point)
{
	struct slice rid = cert_rid(&s->dp_pb);
	enum err e;

	ec_key_free(&s->otsk);
	s->otslot = 0;
	for (unsigned i = 0; point.len && i < SLOTS; i++) {
		if (load_one_time(card, i, rid, point, &s->otsk) == ERR_OK) {
			s->otslot = i + 1;
			return ERR_OK;
		}
	}
	e = ec_key_generate(s->dp_pb.curve, &s->otsk);
	return e ? e : keep_one_time(card, rid, s->otsk, &s->otslot);
}

void isdr_otkey_drop(struct store_txn *t, const struct isdr *s)
{
	char name[STORE_KEY_MAX + 1];

	if (!s->otslot)
		return;
	isdr_key(name, STORE_KEY_OT, s->otslot - 1);
	store_delete(t, name);
}
