#include "lib/auth/xor.h"

#include <string.h>

void xor_f2345(const uint8_t k[static XOR_KEY_LEN], const uint8_t rand[static 16],
	       struct xor_output *out)
{
	for (size_t i = 0; i < 16; i++)
		out->xdout[i] = k[i] ^ rand[i];
	for (size_t i = 0; i < 16; i++) {
		out->ck[i] = out->xdout[(i + 1) % 16];
		out->ik[i] = out->xdout[(i + 2) % 16];
	}
	memcpy(out->ak, out->xdout + 3, sizeof(out->ak));
}

void xor_gsm(const uint8_t k[static XOR_KEY_LEN], const uint8_t rand[static 16],
	     uint8_t sres[static 4], uint8_t kc[static 8])
{
	for (size_t i = 0; i < 4; i++)
		sres[i] = k[i] ^ rand[i];
	for (size_t i = 0; i < 8; i++)
		kc[i] = k[4 + i] ^ rand[4 + i];
}

void xor_f1(const uint8_t k[static XOR_KEY_LEN], const uint8_t rand[static 16],
	    const uint8_t sqn[static 6], const uint8_t amf[static 2], uint8_t mac[static 8])
{
	for (size_t i = 0; i < 8; i++)
		mac[i] = k[i] ^ rand[i] ^ (i < 6 ? sqn[i] : amf[i - 6]);
}
