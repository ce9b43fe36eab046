#include "lib/crypto/symmetric.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "lib/base/bytes.h"
#include "lib/base/secret.h"
#include "lib/crypto/failure.h"

#define WRAP_PLAIN_MAX 4096

enum aes_mode { MODE_CBC, MODE_GCM, MODE_WRAP_PAD };

/* EVP's name for AES in a mode with a key of this length, NULL for a wrong length. */
static const char *aes_name(enum aes_mode mode, size_t key_len)
{
	static const char *const names[][3] = {
		[MODE_CBC] = {"AES-128-CBC", "AES-192-CBC", "AES-256-CBC"},
		[MODE_GCM] = {"AES-128-GCM", "AES-192-GCM", "AES-256-GCM"},
		[MODE_WRAP_PAD] = {"AES-128-WRAP-PAD", "AES-192-WRAP-PAD", "AES-256-WRAP-PAD"},
	};

	if (key_len != 16 && key_len != 24 && key_len != 32)
		return NULL;
	return names[mode][key_len / 8 - 2];
}

/* A context with the cipher and the key set; the IV comes later. */
static enum err cipher_open(enum aes_mode mode, struct slice key, bool encrypt,
			    EVP_CIPHER_CTX **out)
{
	const char *name = aes_name(mode, key.len);
	EVP_CIPHER *cipher = name ? EVP_CIPHER_fetch(NULL, name, NULL) : NULL;
	EVP_CIPHER_CTX *ctx;
	enum err e = ERR_CRYPTO;

	if (!name)
		return ERR_KEY;
	ctx = cipher ? EVP_CIPHER_CTX_new() : NULL;
	if (ctx && mode == MODE_WRAP_PAD)
		EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (ctx && EVP_CipherInit_ex2(ctx, cipher, key.ptr, NULL, encrypt, NULL) == 1 &&
	    (mode != MODE_CBC || EVP_CIPHER_CTX_set_padding(ctx, 0) == 1))
		e = ERR_OK;
	EVP_CIPHER_free(cipher);
	if (e)
		EVP_CIPHER_CTX_free(ctx);
	else
		*out = ctx;
	return e ? crypto_failure(e) : ERR_OK;
}

struct cbc {
	EVP_CIPHER_CTX *encrypt, *decrypt;
};

enum err cbc_new(struct slice key, struct cbc **out)
{
	struct cbc *c = OPENSSL_zalloc(sizeof(*c));
	enum err e = c ? cipher_open(MODE_CBC, key, true, &c->encrypt) : ERR_MEMORY;

	if (!e)
		e = cipher_open(MODE_CBC, key, false, &c->decrypt);
	if (e)
		cbc_free(&c);
	else
		*out = c;
	return e;
}

void cbc_free(struct cbc **c)
{
	if (!*c)
		return;
	EVP_CIPHER_CTX_free((*c)->encrypt); /* wipes the key schedule */
	EVP_CIPHER_CTX_free((*c)->decrypt);
	OPENSSL_free(*c);
	*c = NULL;
}

static enum err cbc_pass(EVP_CIPHER_CTX *ctx, const uint8_t *iv, struct slice in, uint8_t *out)
{
	int n = 0;

	if (in.len % AES_BLOCK || in.len > INT_MAX)
		return ERR_LENGTH;
	if (EVP_CipherInit_ex2(ctx, NULL, NULL, iv, -1, NULL) != 1 ||
	    (in.len && EVP_CipherUpdate(ctx, out, &n, in.ptr, (int)in.len) != 1) ||
	    (size_t)n != in.len)
		return crypto_failure(ERR_CRYPTO);
	return ERR_OK;
}

enum err cbc_encrypt(struct cbc *c, const uint8_t iv[static AES_BLOCK], struct slice in,
		     uint8_t *out)
{
	return cbc_pass(c->encrypt, iv, in, out);
}

enum err cbc_decrypt(struct cbc *c, const uint8_t iv[static AES_BLOCK], struct slice in,
		     uint8_t *out)
{
	return cbc_pass(c->decrypt, iv, in, out);
}

/* A MAC of EVP with its key. param: the cipher or digest that the MAC is built on. */
static EVP_MAC_CTX *mac_open(const char *mac_name, const char *param, const char *value,
			     struct slice key)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(param, (void *)(uintptr_t)value, strlen(value)),
		OSSL_PARAM_END,
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, mac_name, NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	if (ctx && EVP_MAC_init(ctx, key.ptr, key.len, params) != 1) {
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_MAC_free(mac);
	return ctx;
}

static enum err mac_sum(EVP_MAC_CTX *ctx, const struct slice *parts, size_t n, uint8_t *out,
			size_t out_len)
{
	uint8_t full[EVP_MAX_MD_SIZE];
	size_t got = 0;
	bool good = ctx != NULL;

	for (size_t i = 0; good && i < n; i++)
		good = EVP_MAC_update(ctx, parts[i].ptr, parts[i].len) == 1;
	good = good && EVP_MAC_final(ctx, full, &got, sizeof(full)) == 1 && got == out_len;
	if (good)
		memcpy(out, full, out_len);
	OPENSSL_cleanse(full, sizeof(full));
	return good ? ERR_OK : crypto_failure(ERR_CRYPTO);
}

struct cmac {
	EVP_MAC_CTX *ctx;
};

enum err cmac_new(struct slice key, struct cmac **out)
{
	const char *name = aes_name(MODE_CBC, key.len);
	struct cmac *m;

	if (!name)
		return ERR_KEY;
	m = OPENSSL_zalloc(sizeof(*m));
	if (!m)
		return ERR_MEMORY;
	m->ctx = mac_open("CMAC", OSSL_MAC_PARAM_CIPHER, name, key);
	if (!m->ctx) {
		cmac_free(&m);
		return crypto_failure(ERR_CRYPTO);
	}
	*out = m;
	return ERR_OK;
}

void cmac_free(struct cmac **m)
{
	if (!*m)
		return;
	EVP_MAC_CTX_free((*m)->ctx);
	OPENSSL_free(*m);
	*m = NULL;
}

enum err cmac_sum(struct cmac *m, const struct slice *parts, size_t n,
		  uint8_t mac[static AES_BLOCK])
{
	/* starts again with the key that is set */
	if (EVP_MAC_init(m->ctx, NULL, 0, NULL) != 1)
		return crypto_failure(ERR_CRYPTO);
	return mac_sum(m->ctx, parts, n, mac, AES_BLOCK);
}

enum err hmac_sha256(struct slice key, const struct slice *parts, size_t n,
		     uint8_t mac[static SHA256_LEN])
{
	static const uint8_t none;
	EVP_MAC_CTX *ctx;
	enum err e;

	if (!key.ptr) /* EVP takes a NULL key for "the one that is set" */
		key = slice_make(&none, 0);
	ctx = mac_open("HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256", key);
	e = mac_sum(ctx, parts, n, mac, SHA256_LEN);
	EVP_MAC_CTX_free(ctx);
	return e;
}

struct hmac {
	EVP_MAC_CTX *ctx;
};

struct hmac *hmac_new(struct slice key)
{
	struct hmac *m = OPENSSL_zalloc(sizeof(*m));

	if (!m)
		return NULL;
	m->ctx = mac_open("HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256", key);
	if (!m->ctx)
		hmac_free(&m);
	return m;
}

void hmac_free(struct hmac **m)
{
	if (!*m)
		return;
	EVP_MAC_CTX_free((*m)->ctx); /* wipes the key */
	OPENSSL_free(*m);
	*m = NULL;
}

enum err hmac_sum(struct hmac *m, const struct slice *parts, size_t n,
		  uint8_t mac[static SHA256_LEN])
{
	/* starts again with the key that is set */
	if (EVP_MAC_init(m->ctx, NULL, 0, NULL) != 1)
		return crypto_failure(ERR_CRYPTO);
	return mac_sum(m->ctx, parts, n, mac, SHA256_LEN);
}

struct gcm {
	EVP_CIPHER_CTX *seal, *open;
};

struct gcm *gcm_new(struct slice key)
{
	struct gcm *g = OPENSSL_zalloc(sizeof(*g));

	if (!g)
		return NULL;
	if (cipher_open(MODE_GCM, key, true, &g->seal) ||
	    cipher_open(MODE_GCM, key, false, &g->open))
		gcm_free(&g);
	return g;
}

void gcm_free(struct gcm **g)
{
	if (!*g)
		return;
	EVP_CIPHER_CTX_free((*g)->seal); /* wipes the key schedule */
	EVP_CIPHER_CTX_free((*g)->open);
	OPENSSL_free(*g);
	*g = NULL;
}

enum err gcm_seal(struct gcm *g, const uint8_t nonce[static GCM_NONCE_LEN], struct slice aad,
		  struct slice plain, struct wbuf *out)
{
	size_t start = out->len;
	uint8_t *p;
	int n = 0, end = 0;

	if (plain.len > INT_MAX - GCM_TAG_LEN || aad.len > INT_MAX)
		return ERR_LENGTH;
	p = wbuf_reserve(out, plain.len + GCM_TAG_LEN);
	if (!p)
		return wbuf_done(out);
	if (EVP_EncryptInit_ex2(g->seal, NULL, NULL, nonce, NULL) == 1 &&
	    (!aad.len || EVP_EncryptUpdate(g->seal, NULL, &n, aad.ptr, (int)aad.len) == 1) &&
	    (!plain.len || EVP_EncryptUpdate(g->seal, p, &n, plain.ptr, (int)plain.len) == 1) &&
	    EVP_EncryptFinal_ex(g->seal, p + plain.len, &end) == 1 &&
	    EVP_CIPHER_CTX_ctrl(g->seal, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_LEN, p + plain.len) == 1)
		return ERR_OK;
	wbuf_cut(out, start);
	return crypto_failure(ERR_CRYPTO);
}

enum err gcm_open(struct gcm *g, const uint8_t nonce[static GCM_NONCE_LEN], struct slice aad,
		  struct slice sealed, struct wbuf *out)
{
	size_t start = out->len, len;
	uint8_t tag[GCM_TAG_LEN];
	uint8_t *p;
	int n = 0, end = 0;

	if (sealed.len < GCM_TAG_LEN)
		return ERR_TRUNCATED;
	if (sealed.len > INT_MAX || aad.len > INT_MAX)
		return ERR_LENGTH;
	len = sealed.len - GCM_TAG_LEN;
	memcpy(tag, slice_sub(sealed, len, GCM_TAG_LEN).ptr, GCM_TAG_LEN);
	p = wbuf_reserve(out, len ? len : 1); /* room for EVP even when there is no text */
	if (!p)
		return wbuf_done(out);
	if (EVP_DecryptInit_ex2(g->open, NULL, NULL, nonce, NULL) == 1 &&
	    (!aad.len || EVP_DecryptUpdate(g->open, NULL, &n, aad.ptr, (int)aad.len) == 1) &&
	    (!len || EVP_DecryptUpdate(g->open, p, &n, sealed.ptr, (int)len) == 1) &&
	    EVP_CIPHER_CTX_ctrl(g->open, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_LEN, tag) == 1 &&
	    EVP_DecryptFinal_ex(g->open, p + len, &end) == 1) {
		wbuf_cut(out, start + len);
		return ERR_OK;
	}
	wbuf_cut(out, start);
	return crypto_failure(ERR_MAC);
}

/* Why gcm_new() gave none. */
static enum err no_gcm(struct slice key)
{
	return aes_name(MODE_GCM, key.len) ? ERR_MEMORY : ERR_KEY;
}

enum err aes_gcm_seal(struct slice key, const uint8_t nonce[static GCM_NONCE_LEN], struct slice aad,
		      struct slice plain, struct wbuf *out)
{
	struct gcm *g = gcm_new(key);
	enum err e = g ? gcm_seal(g, nonce, aad, plain, out) : no_gcm(key);

	gcm_free(&g);
	return e;
}

enum err aes_gcm_open(struct slice key, const uint8_t nonce[static GCM_NONCE_LEN], struct slice aad,
		      struct slice sealed, struct wbuf *out)
{
	struct gcm *g = gcm_new(key);
	enum err e = g ? gcm_open(g, nonce, aad, sealed, out) : no_gcm(key);

	gcm_free(&g);
	return e;
}

/* RFC 5649, both ways; room holds what EVP writes at the most. */
static enum err key_wrap(struct slice key, struct slice in, struct wbuf *out, bool wrap)
{
	size_t start = out->len;
	EVP_CIPHER_CTX *ctx;
	uint8_t *p;
	enum err e;
	int n = 0, end = 0;

	if (key.len != 32)
		return ERR_KEY;
	e = cipher_open(MODE_WRAP_PAD, key, wrap, &ctx);
	if (e)
		return e;
	p = wbuf_reserve(out, in.len + 2 * AES_BLOCK);
	if (!p)
		e = wbuf_done(out);
	else if (EVP_CipherUpdate(ctx, p, &n, in.ptr, (int)in.len) != 1 || n <= 0 ||
		 EVP_CipherFinal_ex(ctx, p + n, &end) != 1)
		e = crypto_failure(wrap ? ERR_CRYPTO : ERR_MAC);
	wbuf_cut(out, e ? start : start + (size_t)n + (size_t)end);
	EVP_CIPHER_CTX_free(ctx);
	return e;
}

enum err aes_key_wrap(struct slice key, struct slice plain, struct wbuf *out)
{
	if (plain.len == 0 || plain.len > WRAP_PLAIN_MAX)
		return ERR_LENGTH;
	return key_wrap(key, plain, out, true);
}

enum err aes_key_unwrap(struct slice key, struct slice wrapped, struct wbuf *out)
{
	if (wrapped.len < 16 || wrapped.len % 8 || wrapped.len > WRAP_PLAIN_MAX + 8)
		return ERR_LENGTH;
	return key_wrap(key, wrapped, out, false);
}

static struct {
	pthread_once_t guard;
	const EVP_MD *method;
} sha256_once = {.guard = PTHREAD_ONCE_INIT};

/* Given EVP_sha256(), OpenSSL looks for a provider at each digest. */
static void fetch_sha256(void)
{
	sha256_once.method = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!sha256_once.method)
		sha256_once.method = EVP_sha256();
}

enum err sha256(const struct slice *parts, size_t n, uint8_t digest[static SHA256_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	pthread_once(&sha256_once.guard, fetch_sha256);
	good = ctx && EVP_DigestInit_ex2(ctx, sha256_once.method, NULL) == 1;
	for (size_t i = 0; good && i < n; i++)
		good = EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) == 1;
	good = good && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? ERR_OK : crypto_failure(ERR_CRYPTO);
}

/* ANSI X9.63 5.6.3: the digests of secret, counter (from 1) and info, one after the other. */
enum err x963_kdf_sha256(struct slice shared_secret, struct slice shared_info, uint8_t *out,
			 size_t out_len)
{
	uint8_t number[4], digest[SHA256_LEN];
	struct slice parts[] = {shared_secret, SLICE_OF(number), shared_info};
	enum err e = ERR_OK;

	for (uint32_t i = 1; out_len && !e; i++) {
		struct wbuf counter = wbuf_init(number, sizeof(number));
		size_t n = out_len < sizeof(digest) ? out_len : sizeof(digest);

		wbuf_u32(&counter, i);
		e = sha256(parts, ARRAY_LEN(parts), digest);
		if (!e)
			memcpy(out, digest, n);
		out += n;
		out_len -= n;
	}
	secret_wipe(digest, sizeof(digest));
	return e;
}

enum err random_bytes(uint8_t *out, size_t n)
{
	return RAND_bytes_ex(NULL, out, n, 0) == 1 ? ERR_OK : crypto_failure(ERR_CRYPTO);
}

struct secret *random_secret(size_t n)
{
	struct secret *s = secret_new(n);

	if (s && RAND_priv_bytes_ex(NULL, s->bytes, n, 0) != 1)
		secret_free(&s);
	return s;
}
