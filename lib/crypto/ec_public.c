#include "lib/crypto/ec_public.h"

#include <pthread.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "lib/base/bytes.h"
#include "lib/crypto/failure.h"

#define KEPT 6 /* of each curve: CI, EUM, eUICC, two of the manager, a one-time key */

struct kept {
	struct ec_public key;
	bool fits; /* key is that of point */
	uint8_t point[EC_POINT_LEN];
	uint64_t used; /* when, by the count of calls */
};

/* Of one thread, freed at its end. */
struct ec_thread {
	struct kept kept[EC_BP256R1 + 1][KEPT];
	EVP_PKEY_CTX *generators[EC_BP256R1 + 1];
	uint64_t calls;
};

/* The key under which each thread keeps its own; made once. */
static struct {
	pthread_once_t guard;
	pthread_key_t key;
	bool made;
} threads_once = {.guard = PTHREAD_ONCE_INIT};

static void free_thread(void *p)
{
	struct ec_thread *t = p;

	for (enum ec_curve c = EC_P256; c <= EC_BP256R1; c++) {
		for (size_t i = 0; i < KEPT; i++) {
			EVP_PKEY_CTX_free(t->kept[c][i].key.verifier);
			EVP_PKEY_free(t->kept[c][i].key.pkey);
		}
		EVP_PKEY_CTX_free(t->generators[c]);
	}
	OPENSSL_free(t);
}

static void make_key(void)
{
	threads_once.made = pthread_key_create(&threads_once.key, free_thread) == 0;
}

static struct ec_thread *this_thread(void)
{
	struct ec_thread *t;

	pthread_once(&threads_once.guard, make_key);
	if (!threads_once.made)
		return NULL;
	t = pthread_getspecific(threads_once.key);
	if (t)
		return t;
	t = OPENSSL_zalloc(sizeof(*t));
	if (t && pthread_setspecific(threads_once.key, t) != 0) {
		OPENSSL_free(t);
		return NULL;
	}
	return t;
}

static struct kept *find_kept(struct kept *kept, struct slice point)
{
	for (size_t i = 0; i < KEPT; i++) {
		struct kept *k = &kept[i];

		if (k->fits && slice_equal(point, SLICE_OF(k->point)))
			return k;
	}
	return NULL;
}

static struct kept *oldest(struct kept *kept)
{
	struct kept *k = &kept[0];

	for (size_t i = 1; i < KEPT; i++)
		if (kept[i].used < k->used)
			k = &kept[i];
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
	struct ec_thread *t = this_thread();
	struct kept *k;

	if (point.len != EC_POINT_LEN || slice_at(point, 0) != 4)
		return ERR_POINT;
	if (!t)
		return ERR_MEMORY;
	k = find_kept(t->kept[curve], point);
	if (!k) {
		k = oldest(t->kept[curve]);
		ERR_clear_error();
		k->fits = false;
		if (!set(k, curve, point))
			return crypto_point_failure();
		k->fits = true;
		memcpy(k->point, point.ptr, EC_POINT_LEN);
	}
	k->used = ++t->calls;
	*out = &k->key;
	return ERR_OK;
}

EVP_PKEY_CTX *ec_public_generator(enum ec_curve curve)
{
	struct ec_thread *t = this_thread();
	EVP_PKEY_CTX *ctx = t ? t->generators[curve] : NULL;

	if (!t || ctx)
		return ctx;
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (!ctx || EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_group_name(ctx, ec_curve_group(curve)) != 1) {
		EVP_PKEY_CTX_free(ctx);
		return NULL;
	}
	t->generators[curve] = ctx;
	return ctx;
}
