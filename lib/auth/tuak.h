/*
 * tuak: the functions f1..f5* of 3GPP TS 35.231 with every length that it allows.
 */
#ifndef TWINKEY_AUTH_TUAK_H
#define TWINKEY_AUTH_TUAK_H

#include "lib/base/bytes.h"

#define TUAK_TOPC_LEN	    32
#define TUAK_OUT_MAX	    32
#define TUAK_ITERATIONS_MAX 255

struct tuak { /* secret but for the lengths */
	uint8_t k[32], topc[TUAK_TOPC_LEN];
	size_t k_len;	     /* octets: 16 or 32 */
	size_t mac_len;	     /* 8, 16, 32 */
	size_t res_len;	     /* 4, 8, 16, 32 */
	size_t ck_len;	     /* 16, 32 */
	size_t ik_len;	     /* 16, 32 */
	unsigned iterations; /* of Keccak-f[1600], from 1 */
};

struct tuak_output { /* secret but for mac_a, mac_s and res; each as long as struct tuak says */
	uint8_t mac_a[TUAK_OUT_MAX], mac_s[TUAK_OUT_MAX]; /* f1, f1* */
	uint8_t res[TUAK_OUT_MAX];			  /* f2 */
	uint8_t ck[TUAK_OUT_MAX], ik[TUAK_OUT_MAX];	  /* f3, f4 */
	uint8_t ak[6], ak_star[6];			  /* f5, f5* */
};

/* ERR_KEY: a length or a number that TS 35.231 doesn't know. */
enum err tuak_check(const struct tuak *t) MUST_CHECK;
/* TOPc from TOP under t->k (6.1); t->topc is not used. */
void tuak_topc(const struct tuak *t, const uint8_t top[static TUAK_TOPC_LEN],
	       uint8_t topc[static TUAK_TOPC_LEN]);
/* f1 and f1* for this RAND, SQN and AMF (6.2, 6.3). */
void tuak_f1(const struct tuak *t, const uint8_t rand[static 16], const uint8_t sqn[static 6],
	     const uint8_t amf[static 2], struct tuak_output *out);
/* f2, f3, f4, f5 and f5* for this RAND (6.4, 6.5). */
void tuak_f2345(const struct tuak *t, const uint8_t rand[static 16], struct tuak_output *out);

#endif
