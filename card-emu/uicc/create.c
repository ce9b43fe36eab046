#include <stdio.h>
#include <time.h>

#include "card-emu/card.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "card-emu/uicc/base.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/cert.h"

static size_t count_cis(const struct card_identity *id)
{
	size_t n = 0;

	while (n < ARRAY_LEN(id->ci_certs) && id->ci_certs[n].len)
		n++;
	return n;
}

/* The key in one form, whatever form it came in. */
static enum err put_key(struct store_txn *t, struct slice encoded)
{
	struct wbuf pkcs8 = wbuf_grow(SECRET_MAX);
	struct ec_key *key = NULL;
	enum err e = ec_key_load(encoded, &key);

	if (!e)
		e = ec_key_save(key, &pkcs8);
	if (!e)
		store_put_secret(t, STORE_KEY_SK, wbuf_slice(&pkcs8));
	ec_key_free(&key);
	wbuf_free(&pkcs8);
	return e;
}

static enum err put_identity(struct store_txn *t, const struct card_identity *id)
{
	char key[STORE_KEY_MAX + 1];

	store_put(t, STORE_KEY_CERT, id->euicc_cert);
	store_put(t, STORE_KEY_EUM, id->eum_cert);
	for (unsigned i = 0; i < count_cis(id); i++) {
		snprintf(key, sizeof(key), STORE_KEY_CI, i);
		store_put(t, key, id->ci_certs[i]);
	}
	return put_key(t, id->euicc_key);
}

enum err card_create(const struct card_options *o, const struct card_identity *id)
{
	int64_t now = o->now ? o->now(o->now_ctx) : (int64_t)time(NULL);
	bool certified = id->euicc_cert.len != 0;
	struct store *store = NULL;
	struct store_txn *t;
	enum err e = ERR_OK;

	if (certified)
		e = rsp_cert_check_euicc(id->euicc_cert, id->euicc_key, id->eum_cert, id->ci_certs,
					 count_cis(id), SLICE_OF(id->eid), now);
	if (!e)
		e = store_open(o->dir, STORE_CREATE | (o->sync ? STORE_SYNC : 0u), &store);
	if (e)
		return e;
	t = store_begin(store);
	store_put(t, STORE_KEY_EID, SLICE_OF(id->eid));
	if (certified)
		e = put_identity(t, id);
	if (!e)
		e = base_put_euicc(t);
	if (!e)
		e = store_commit(t);
	store_close(&store);
	return e;
}
