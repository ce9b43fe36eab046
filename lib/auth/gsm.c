#include "lib/auth/gsm.h"

#include <string.h>

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
