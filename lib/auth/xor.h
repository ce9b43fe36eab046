/*
 * xor: the test algorithm of 3GPP TS 34.108 8.1.2. No secret is safe with it: for test networks.
 */
#ifndef TWINKEY_AUTH_XOR_H
#define TWINKEY_AUTH_XOR_H

#include "lib/base/bytes.h"

#define XOR_KEY_LEN 16

struct xor_output {
	uint8_t xdout[16]; /* RES is its beginning */
	uint8_t ck[16], ik[16];
	uint8_t ak[6]; /* also for resynchronisation */
};

/* 8.1.2.1: XDOUT, f3, f4, f5 */
void xor_f2345(const uint8_t k[static XOR_KEY_LEN], const uint8_t rand[static 16],
	       struct xor_output *out);
/* The form that a SIM without a USIM has: SRES and Kc stand one behind the other in XDOUT. */
void xor_gsm(const uint8_t k[static XOR_KEY_LEN], const uint8_t rand[static 16],
	     uint8_t sres[static 4], uint8_t kc[static 8]);
/* f1 (and f1*) */
void xor_f1(const uint8_t k[static XOR_KEY_LEN], const uint8_t rand[static 16],
	    const uint8_t sqn[static 6], const uint8_t amf[static 2], uint8_t mac[static 8]);

#endif
