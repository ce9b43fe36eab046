#include "lib/auth/kdf/kdf.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

enum err kdf_derive(struct slice key, enum kdf_fc fc, const struct slice *parameters, size_t n,
		    uint8_t out[static KDF_LEN])
{
	const uint8_t code = (uint8_t)fc;
	uint8_t lens[KDF_PARAMETERS_MAX][2];
	struct slice parts[1 + 2 * KDF_PARAMETERS_MAX] = {{&code, 1}};

	if (n > KDF_PARAMETERS_MAX)
		return ERR_LENGTH;
	for (size_t i = 0; i < n; i++) {
		struct wbuf len = wbuf_init(lens[i], sizeof(lens[i]));

		if (parameters[i].len > UINT16_MAX)
			return ERR_LENGTH;
		wbuf_u16(&len, (uint16_t)parameters[i].len);
		parts[1 + 2 * i] = parameters[i];
		parts[2 + 2 * i] = SLICE_OF(lens[i]);
	}
	return hmac_sha256(key, parts, 1 + 2 * n, out);
}

enum err kdf_derive_of(const struct kdf_pair *key, enum kdf_fc fc, const struct slice *parameters,
		       size_t n, uint8_t out[static KDF_LEN])
{
	uint8_t both[32];
	enum err e;

	memcpy(both, key->ck, 16);
	memcpy(both + 16, key->ik, 16);
	e = kdf_derive(SLICE_OF(both), fc, parameters, n, out);
	secret_wipe(both, sizeof(both));
	return e;
}

enum err kdf_prime(const struct kdf_pair *key, struct slice network_name,
		   const uint8_t sqn_ak[static 6], struct kdf_pair *out)
{
	const struct slice parameters[] = {network_name, slice_make(sqn_ak, 6)};
	uint8_t both[KDF_LEN];
	enum err e =
		kdf_derive_of(key, KDF_FC_CK_IK_PRIME, parameters, ARRAY_LEN(parameters), both);

	if (!e) {
		memcpy(out->ck, both, 16);
		memcpy(out->ik, both + 16, 16);
	}
	secret_wipe(both, sizeof(both));
	return e;
}
