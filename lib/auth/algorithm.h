/*
 * algorithm: the algorithms f1..f5* behind lib/auth/aka.h, one row each. For lib/auth only.
 */
#ifndef TWINKEY_AUTH_ALGORITHM_H
#define TWINKEY_AUTH_ALGORITHM_H

#include "lib/auth/parameters.h"
#include "lib/auth/tuak.h"
#include "lib/auth/xor.h"

#define AKA_MAC_LEN 8 /* TS 33.102 6.3.2: what AUTN and AUTS have room for */

struct milenage;

struct aka_output { /* secret but for the MACs and res */
	uint8_t mac_a[AKA_MAC_LEN], mac_s[AKA_MAC_LEN];
	size_t res_len;
	uint8_t res[AKA_RES_MAX];
	uint8_t ck[16], ik[16];
	uint8_t ak[AKA_SQN_LEN], ak_star[AKA_SQN_LEN];
};

struct aka_key {
	const struct aka_functions *functions;
	struct milenage *milenage;
	struct tuak tuak;
	uint8_t xor_k[XOR_KEY_LEN];
	size_t xor_res_len;
};

struct aka_functions {
	enum aka_algorithm algorithm;
	const char *name, *clause;
	bool checks_sqn; /* false: only AMF FFFF asks for resynchronisation */
	enum err (*open)(struct aka_key *key, const struct aka_parameters *p);
	enum err (*f2345)(struct aka_key *key, const uint8_t *rand, struct aka_output *out);
	enum err (*f1)(struct aka_key *key, const uint8_t *rand, const uint8_t *sqn,
		       const uint8_t *amf, struct aka_output *out);
	/* Both, where SQN is known beforehand. */
	enum err (*all)(struct aka_key *key, const uint8_t *rand, const uint8_t *sqn,
			const uint8_t *amf, struct aka_output *out);
};

/* NULL: no such algorithm. */
const struct aka_functions *aka_functions_of(enum aka_algorithm algorithm);

#endif
