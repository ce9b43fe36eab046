#include "card-emu/core/signer.h"

#include <stdio.h>

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/crypto/cert.h"
#include "lib/crypto/ec.h"

/* The first signer's keys have no number. */
static void key_of(char key[static STORE_KEY_MAX + 1], const char *base, unsigned i)
{
	if (i)
		snprintf(key, STORE_KEY_MAX + 1, "%s/%u", base, i);
	else
		snprintf(key, STORE_KEY_MAX + 1, "%s", base);
}

enum err signer_put(struct store_txn *t, unsigned i, const struct card_signer *s)
{
	char name[STORE_KEY_MAX + 1];
	struct wbuf pkcs8 = wbuf_grow(SECRET_MAX);
	struct ec_key *key = NULL;
	enum err e = ec_key_load(s->euicc_key, &key);

	if (!e)
		e = ec_key_save(key, &pkcs8);
	if (!e) {
		key_of(name, STORE_KEY_SK, i);
		store_put_secret(t, name, wbuf_slice(&pkcs8));
		key_of(name, STORE_KEY_CERT, i);
		store_put(t, name, s->euicc_cert);
		key_of(name, STORE_KEY_EUM, i);
		store_put(t, name, s->eum_cert);
	}
	ec_key_free(&key);
	wbuf_free(&pkcs8);
	return e;
}

bool signer_certs(const struct store *s, unsigned i, struct signer_certs *out)
{
	char name[STORE_KEY_MAX + 1];
	struct signer_certs c = {0};

	key_of(name, STORE_KEY_CERT, i);
	if (!store_get(s, name, &c.euicc))
		return false;
	key_of(name, STORE_KEY_EUM, i);
	if (!store_get(s, name, &c.eum))
		return false;
	*out = c;
	return true;
}

enum err signer_ci(const struct store *s, unsigned i, struct wbuf *out)
{
	struct signer_certs c;
	struct cert eum;
	enum err e = signer_certs(s, i, &c) ? cert_parse(c.eum, &eum) : ERR_NOT_FOUND;

	if (!e)
		wbuf_put(out, cert_authority_id(&eum));
	return e ? e : wbuf_done(out);
}

bool signer_find(const struct store *s, struct slice ci_key_id, unsigned *i)
{
	for (unsigned n = 0; n < CARD_SIGNERS_MAX; n++) {
		uint8_t mem[CERT_KEY_ID_MAX];
		struct wbuf id = wbuf_init(mem, sizeof(mem));

		if (signer_ci(s, n, &id) || !slice_equal(wbuf_slice(&id), ci_key_id))
			continue;
		*i = n;
		return true;
	}
	return false;
}

enum err signer_key(const struct store *s, unsigned i, struct ec_key **out)
{
	char name[STORE_KEY_MAX + 1];
	struct secret *der = NULL;
	enum err e;

	key_of(name, STORE_KEY_SK, i);
	e = store_get_secret(s, name, &der);
	if (!e)
		e = ec_key_load(secret_slice(der), out);
	secret_free(&der);
	return e;
}

enum err signer_sign(const struct store *s, unsigned i, const struct slice *parts, size_t n,
		     uint8_t signature[static EC_SIGNATURE_LEN])
{
	struct ec_key *key = NULL;
	enum err e = signer_key(s, i, &key);

	if (!e)
		e = ec_sign(key, parts, n, signature);
	ec_key_free(&key);
	return e;
}
