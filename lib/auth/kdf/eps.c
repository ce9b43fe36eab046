#include "lib/auth/kdf/eps.h"

enum err eps_kasme(const struct kdf_pair *key, const uint8_t plmn[static EPS_PLMN_LEN],
		   const uint8_t sqn_ak[static 6], uint8_t kasme[static KDF_LEN])
{
	const struct slice parameters[] = {slice_make(plmn, EPS_PLMN_LEN), slice_make(sqn_ak, 6)};

	return kdf_derive_of(key, KDF_FC_KASME, parameters, ARRAY_LEN(parameters), kasme);
}

enum err eps_kenb(const uint8_t kasme[static KDF_LEN], uint32_t nas_count,
		  uint8_t kenb[static KDF_LEN])
{
	uint8_t number[4];
	const struct slice parameter = SLICE_OF(number);
	struct wbuf w = wbuf_init(number, sizeof(number));

	wbuf_u32(&w, nas_count);
	return kdf_derive(slice_make(kasme, KDF_LEN), KDF_FC_KENB, &parameter, 1, kenb);
}

enum err eps_nh(const uint8_t kasme[static KDF_LEN], const uint8_t sync[static KDF_LEN],
		uint8_t nh[static KDF_LEN])
{
	const struct slice parameter = slice_make(sync, KDF_LEN);

	return kdf_derive(slice_make(kasme, KDF_LEN), KDF_FC_NH, &parameter, 1, nh);
}

enum err eps_key(const uint8_t key[static KDF_LEN], enum kdf_use use, uint8_t algorithm,
		 uint8_t out[static KDF_LEN])
{
	const uint8_t type = (uint8_t)use;
	const struct slice parameters[] = {slice_make(&type, 1), slice_make(&algorithm, 1)};

	return kdf_derive(slice_make(key, KDF_LEN), KDF_FC_EPS_KEY, parameters,
			  ARRAY_LEN(parameters), out);
}
