#include "lib/crypto/ec_public.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "lib/crypto/failure.h"

#define KEPT 6 /* of each curve: CI, EUM, eUICC, two of the manager, a one-time key */

struct kept {
	struct ec_public key;
	bool fits; /* key is that of point */
	uint8_t point[EC_POINT_LEN];
	uint64_t used; /* when, by the count of calls */
};

static _Thread_local struct kept kept[EC_BP256R1 + 1][KEPT];
static _Thread_local uint64_t calls;

static struct kept *find(enum ec_curve curve, struct slice point)
{
	for (size_t i = 0; i < KEPT; i++) {
		struct kept *k = &kept[curve][i];

		if (k->fits && slice_equal(point, SLICE_OF(k->point)))
			return k;
	}
	return NULL;
}

static struct kept *oldest(enum ec_curve curve)
{
	struct kept *k = &kept[curve][0];

	for (size_t i = 1; i < KEPT; i++)
		if (kept[curve][i].used < k->used)
			k = &kept[curve][i];
	return k;
}

static bool make(struct kept *k, enum ec_curve curve, struct slice point)
{
	const char *group = ec_curve_group(curve);
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (void *)(uintptr_t)group,
				       strlen(group)),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.ptr,
					point.len),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL), *verifier = NULL;
	EVP_PKEY *pkey = NULL;
	bool good = ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
		    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1;

	EVP_PKEY_CTX_free(ctx);
	if (good)
		verifier = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (!verifier || EVP_PKEY_verify_init(verifier) != 1) {
		EVP_PKEY_CTX_free(verifier);
		EVP_PKEY_free(pkey);
		return false;
	}
	k->key = (struct ec_public){pkey, verifier};
	return true;
}

/*
 * Both ways in refuse what is no point: coordinates not below the prime, or off the curve. Infinity
 * has no uncompressed form.
 */
static bool set(struct kept *k, enum ec_curve curve, struct slice point)
{
	if (!k->key.pkey)
		return make(k, curve, point);
	return EVP_PKEY_set1_encoded_public_key(k->key.pkey, point.ptr, point.len) == 1;
}

enum err ec_public_get(enum ec_curve curve, struct slice point, const struct ec_public **out)
{
	struct kept *k;

	if (point.len != EC_POINT_LEN || slice_at(point, 0) != 4)
		return ERR_POINT;
	k = find(curve, point);
	if (!k) {
		k = oldest(curve);
		ERR_clear_error();
		k->fits = false;
		if (!set(k, curve, point))
			return crypto_point_failure();
		k->fits = true;
		memcpy(k->point, point.ptr, EC_POINT_LEN);
	}
	k->used = ++calls;
	*out = &k->key;
	return ERR_OK;
}
