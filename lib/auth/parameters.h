/*
 * parameters: what a subscription's authentication is made of: algorithm, key, lengths.
 */
#ifndef TWINKEY_AUTH_PARAMETERS_H
#define TWINKEY_AUTH_PARAMETERS_H

#include "lib/base/bytes.h"

#define AKA_RAND_LEN	16
#define AKA_AUTN_LEN	16
#define AKA_AUTS_LEN	14
#define AKA_SQN_LEN	6
#define AKA_AMF_LEN	2
#define AKA_RES_MAX	16
#define AKA_RES_DEFAULT 8
#define GSM_SRES_LEN	4
#define GSM_KC_LEN	8

enum aka_algorithm { AKA_MILENAGE = 1, AKA_TUAK = 2, AKA_XOR = 3 };

/* Where a subscription differs from the defaults of its algorithm; zeroed: nowhere. */
struct aka_shape {
	size_t res_len;	     /* octets */
	unsigned iterations; /* TUAK: of Keccak */
	bool has_ind_bits;
	unsigned ind_bits; /* of SQN (lib/auth/sqn.h) */
};
unsigned aka_ind_bits(const struct aka_shape *s);

struct aka_parameters { /* what is empty or 0 has the algorithm's default */
	enum aka_algorithm algorithm;
	struct slice k, opc; /* secret; opc: OPc, TOPc (TUAK), ignored by the test algorithm */
	size_t res_len;	     /* octets: TUAK 4, 8, 16; test algorithm 4 to 16; MILENAGE always 8 */
	unsigned iterations; /* TUAK: of Keccak */
	/* MILENAGE, TS 35.206 4.1: r1..r5 in bits (5 octets), c1..c5 (80 octets) */
	struct slice rotations, constants;
};

struct aka_parameters aka_parameters_of(enum aka_algorithm algorithm, struct slice k,
					struct slice opc, const struct aka_shape *shape);

#endif
