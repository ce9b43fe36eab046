#include "lib/crypto/des.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "lib/base/bytes.h"
#include "lib/crypto/failure.h"

/* Three keys, whatever there are: DES is the same key three times, which the default provider of
 * OpenSSL 3 still does. */
static enum err three_keys(struct slice key, uint8_t out[static DES_KEYS_MAX])
{
	if (key.len != DES_BLOCK && key.len != DES_TWO_KEYS && key.len != DES_KEYS_MAX)
		return ERR_KEY;
	for (size_t i = 0; i < DES_KEYS_MAX; i++)
		out[i] = slice_at(key, i % key.len);
	return ERR_OK;
}

enum err des_cbc(const struct des_run *run, struct slice in, uint8_t *out)
{
	uint8_t keys[DES_KEYS_MAX];
	EVP_CIPHER_CTX *ctx = NULL;
	enum err e = three_keys(*run->key, keys);
	int n;

	if (!e && (in.len % DES_BLOCK || in.len > INT_MAX))
		e = ERR_LENGTH;
	if (!e) {
		ctx = EVP_CIPHER_CTX_new();
		e = ctx &&
				    EVP_CipherInit_ex(ctx, EVP_des_ede3_cbc(), NULL, keys, run->iv,
						      run->encrypt) == 1 &&
				    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
				    EVP_CipherUpdate(ctx, out, &n, in.ptr, (int)in.len) == 1
			    ? ERR_OK
			    : crypto_failure(ERR_CRYPTO);
	}
	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(keys, sizeof(keys));
	return e;
}
