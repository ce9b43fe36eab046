#include "lib/crypto/digest.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "lib/base/bytes.h"
#include "lib/crypto/failure.h"

struct digest {
	EVP_MD_CTX *ctx;
	bool failed;
};

struct digest *digest_open(void)
{
	struct digest *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx || EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1)
		digest_close(&d);
	return d;
}

void digest_take(struct digest *d, struct slice part)
{
	if (EVP_DigestUpdate(d->ctx, part.ptr, part.len) != 1)
		d->failed = true;
}

enum err digest_end(struct digest *d, uint8_t out[static SHA256_LEN])
{
	if (EVP_DigestFinal_ex(d->ctx, out, NULL) != 1 || d->failed)
		return crypto_failure(ERR_CRYPTO);
	return ERR_OK;
}

void digest_close(struct digest **d)
{
	struct digest *mine = *d;

	*d = NULL;
	if (!mine)
		return;
	EVP_MD_CTX_free(mine->ctx);
	free(mine);
}
