#include "lib/auth/gsm.h"

#include <string.h>

#include "lib/auth/kdf/kdf.h"
#include "lib/base/secret.h"

void gsm_c2_sres(struct slice res, uint8_t sres[static 4])
{
	memset(sres, 0, 4);
	for (size_t i = 0; i < res.len && i < 16; i++)
		sres[i % 4] ^= res.ptr[i];
}

void gsm_c3_kc(const uint8_t ck[static 16], const uint8_t ik[static 16], uint8_t kc[static 8])
{
	for (size_t i = 0; i < 8; i++)
		kc[i] = ck[i] ^ ck[i + 8] ^ ik[i] ^ ik[i + 8];
}

void gsm_c4_ck(const uint8_t kc[static 8], uint8_t ck[static 16])
{
	memcpy(ck, kc, 8);
	memcpy(ck + 8, kc, 8);
}

void gsm_c5_ik(const uint8_t kc[static 8], uint8_t ik[static 16])
{
	for (size_t i = 0; i < 4; i++)
		ik[i] = ik[12 + i] = kc[i] ^ kc[4 + i];
	memcpy(ik + 4, kc, 8);
}

/* The first 16 octets of what is derived without parameters. */
enum err gsm_kc128(const uint8_t ck[static 16], const uint8_t ik[static 16],
		   uint8_t kc128[static 16])
{
	struct kdf_pair key;
	uint8_t whole[KDF_LEN];
	enum err e;

	memcpy(key.ck, ck, sizeof(key.ck));
	memcpy(key.ik, ik, sizeof(key.ik));
	e = kdf_derive_of(&key, KDF_FC_KC128, NULL, 0, whole);
	if (!e)
		memcpy(kc128, whole, 16);
	secret_wipe(&key, sizeof(key));
	secret_wipe(whole, sizeof(whole));
	return e;
}
