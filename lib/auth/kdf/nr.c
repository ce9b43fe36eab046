#include "lib/auth/kdf/nr.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

enum err nr_kausf(const struct kdf_pair *key, struct slice network, const uint8_t sqn_ak[static 6],
		  uint8_t kausf[static KDF_LEN])
{
	const struct slice parameters[] = {network, slice_make(sqn_ak, 6)};

	return kdf_derive_of(key, KDF_FC_KAUSF, parameters, ARRAY_LEN(parameters), kausf);
}

/* A.4, A.5: the last 16 octets of what was derived */
static void take_end(const uint8_t in[static KDF_LEN], uint8_t out[static NR_RES_STAR_LEN])
{
	memcpy(out, in + KDF_LEN - NR_RES_STAR_LEN, NR_RES_STAR_LEN);
}

enum err nr_res_star(const struct kdf_pair *key, struct slice network, struct slice rand,
		     struct slice res, uint8_t res_star[static NR_RES_STAR_LEN])
{
	const struct slice parameters[] = {network, rand, res};
	uint8_t whole[KDF_LEN];
	enum err e = kdf_derive_of(key, KDF_FC_RES_STAR, parameters, ARRAY_LEN(parameters), whole);

	if (!e)
		take_end(whole, res_star);
	secret_wipe(whole, sizeof(whole));
	return e;
}

enum err nr_hres_star(const uint8_t rand[static 16], const uint8_t res_star[static NR_RES_STAR_LEN],
		      uint8_t hres_star[static NR_RES_STAR_LEN])
{
	const struct slice parts[] = {slice_make(rand, 16), slice_make(res_star, NR_RES_STAR_LEN)};
	uint8_t whole[SHA256_LEN];
	enum err e = sha256(parts, ARRAY_LEN(parts), whole);

	if (!e)
		take_end(whole, hres_star);
	return e;
}

enum err nr_kseaf(const uint8_t kausf[static KDF_LEN], struct slice network,
		  uint8_t kseaf[static KDF_LEN])
{
	return kdf_derive(slice_make(kausf, KDF_LEN), KDF_FC_KSEAF, &network, 1, kseaf);
}

enum err nr_kamf(const uint8_t kseaf[static KDF_LEN], struct slice supi, struct slice abba,
		 uint8_t kamf[static KDF_LEN])
{
	const struct slice parameters[] = {supi, abba};

	return kdf_derive(slice_make(kseaf, KDF_LEN), KDF_FC_KAMF, parameters,
			  ARRAY_LEN(parameters), kamf);
}

enum err nr_key(const uint8_t key[static KDF_LEN], enum kdf_use use, uint8_t algorithm,
		uint8_t out[static KDF_LEN])
{
	const uint8_t type = (uint8_t)use;
	const struct slice parameters[] = {slice_make(&type, 1), slice_make(&algorithm, 1)};

	return kdf_derive(slice_make(key, KDF_LEN), KDF_FC_NR_KEY, parameters,
			  ARRAY_LEN(parameters), out);
}

enum err nr_kgnb(const uint8_t kamf[static KDF_LEN], uint32_t nas_count, enum nr_access access,
		 uint8_t kgnb[static KDF_LEN])
{
	const uint8_t type = (uint8_t)access;
	uint8_t number[4];
	const struct slice parameters[] = {SLICE_OF(number), slice_make(&type, 1)};
	struct wbuf w = wbuf_init(number, sizeof(number));

	wbuf_u32(&w, nas_count);
	return kdf_derive(slice_make(kamf, KDF_LEN), KDF_FC_KGNB, parameters, ARRAY_LEN(parameters),
			  kgnb);
}
