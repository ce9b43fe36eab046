#include "host/operator/audit/keyring.h"

#include <stdlib.h>

#include "host/operator/pki/key_file.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/path.h"

struct keyring {
	char path[PATH_CAP];
	struct key_file own;
	struct secret *row_key;
	struct gcm *gcm;
	struct cbc *block;
	unsigned long unsealed;
};
_Static_assert(KEYRING_SEALED_MORE == GCM_NONCE_LEN + GCM_TAG_LEN, "nonce and tag");

static struct secret *derive_key(struct slice store_key, const char *use)
{
	const struct slice purpose = slice_str(use);
	struct secret *key = secret_new(SHA256_LEN);

	if (key && hmac_sha256(store_key, &purpose, 1, key->bytes))
		secret_free(&key);
	return key;
}

static enum err make_block(struct keyring *k)
{
	struct secret *key = derive_key(secret_slice(k->own.key), "twinkey: challenges");
	enum err e = key ? cbc_new(secret_slice(key), &k->block) : ERR_MEMORY;

	secret_free(&key);
	return e;
}

enum err keyring_open(const char *path, bool make, struct keyring **out)
{
	struct keyring *k = calloc(1, sizeof(*k));
	enum err e = k ? slice_text(slice_str(path), k->path, sizeof(k->path)) : ERR_MEMORY;

	if (!e)
		e = make ? key_file_make(path, &k->own) : key_file_read(path, &k->own);
	if (!e) {
		k->row_key =
			derive_key(secret_slice(k->own.key), "twinkey: heads of logs, and rows");
		k->gcm = gcm_new(secret_slice(k->own.key));
		e = k->row_key && k->gcm ? make_block(k) : ERR_MEMORY;
	}
	if (e)
		keyring_close(&k);
	else
		*out = k;
	return e;
}

void keyring_close(struct keyring **k)
{
	if (!*k)
		return;
	gcm_free(&(*k)->gcm);
	cbc_free(&(*k)->block);
	secret_free(&(*k)->row_key);
	secret_free(&(*k)->own.key);
	free(*k);
	*k = NULL;
}

int keyring_version(const struct keyring *k)
{
	return k->own.version;
}

enum err keyring_tell(struct keyring *k, int version)
{
	return key_file_tell(k->path, &k->own, version);
}

struct slice keyring_log_key(const struct keyring *k)
{
	return secret_slice(k->own.key);
}

struct slice keyring_row_key(const struct keyring *k)
{
	return secret_slice(k->row_key);
}

enum err keyring_seal(struct keyring *k, struct slice label, struct slice plain, struct wbuf *out)
{
	uint8_t nonce[GCM_NONCE_LEN];
	enum err e = random_bytes(nonce, sizeof(nonce));

	if (e)
		return e;
	wbuf_put(out, SLICE_OF(nonce));
	return gcm_seal(k->gcm, nonce, label, plain, out);
}

enum err keyring_unseal(struct keyring *k, struct slice label, struct slice sealed,
			struct wbuf *out)
{
	enum err e;

	if (sealed.len < KEYRING_SEALED_MORE)
		return ERR_CORRUPT;
	k->unsealed++;
	e = gcm_open(k->gcm, sealed.ptr, label, slice_sub(sealed, GCM_NONCE_LEN, sealed.len), out);
	return e == ERR_MAC ? ERR_CORRUPT : e;
}

enum err keyring_unseal_secret(struct keyring *k, struct slice label, struct slice sealed,
			       struct secret **out)
{
	struct secret *plain;
	struct wbuf w;
	enum err e;

	if (sealed.len <= KEYRING_SEALED_MORE)
		return ERR_CORRUPT;
	plain = secret_new(sealed.len - KEYRING_SEALED_MORE);
	if (!plain)
		return ERR_MEMORY;
	w = wbuf_init(plain->bytes, plain->len);
	e = keyring_unseal(k, label, sealed, &w);
	if (e)
		secret_free(&plain);
	else
		*out = plain;
	return e;
}

static const uint8_t no_iv[AES_BLOCK];

enum err keyring_hide(struct keyring *k, const uint8_t plain[static AES_BLOCK],
		      uint8_t hidden[static AES_BLOCK])
{
	return cbc_encrypt(k->block, no_iv, slice_make(plain, AES_BLOCK), hidden);
}

enum err keyring_show(struct keyring *k, const uint8_t hidden[static AES_BLOCK],
		      uint8_t plain[static AES_BLOCK])
{
	return cbc_decrypt(k->block, no_iv, slice_make(hidden, AES_BLOCK), plain);
}

unsigned long keyring_unsealed(const struct keyring *k)
{
	return k->unsealed;
}
