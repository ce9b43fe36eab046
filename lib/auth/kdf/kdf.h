/*
 * kdf: the key derivation of 3GPP TS 33.220 B.2, on which those of EPS (eps.h), 5G (nr.h), EAP-AKA'
 * (eap.h) and of GSM with 128 bits (lib/auth/gsm.h) stand.
 *
 * KDF(key, FC, P0, P1 ...) = HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 ...), L in 2 octets. Keys
 * come and go as octets in the caller's memory, who wipes them. What is derived is 32 octets;
 * where a standard takes less of it, the function says which.
 */
#ifndef TWINKEY_AUTH_KDF_H
#define TWINKEY_AUTH_KDF_H

#include "lib/base/bytes.h"

#define KDF_LEN		   32
#define KDF_PARAMETERS_MAX 3

/* What a derivation is for: its FC octet. */
enum kdf_fc {
	KDF_FC_KASME = 0x10,	   /* TS 33.401 A.2 */
	KDF_FC_KENB = 0x11,	   /* A.3 */
	KDF_FC_NH = 0x12,	   /* A.4 */
	KDF_FC_EPS_KEY = 0x15,	   /* A.7 */
	KDF_FC_CK_IK_PRIME = 0x20, /* TS 33.402 A.2, TS 33.501 A.3 */
	KDF_FC_KC128 = 0x32,	   /* TS 33.102 B.5 */
	KDF_FC_NR_KEY = 0x69,	   /* TS 33.501 A.8 */
	KDF_FC_KAUSF = 0x6A,	   /* A.2 */
	KDF_FC_RES_STAR = 0x6B,	   /* A.4 */
	KDF_FC_KSEAF = 0x6C,	   /* A.6 */
	KDF_FC_KAMF = 0x6D,	   /* A.7 */
	KDF_FC_KGNB = 0x6E,	   /* A.9 */
};

/* CK and IK, or CK' and IK'; secret. */
struct kdf_pair {
	uint8_t ck[16], ik[16];
};

/* ERR_LENGTH: more than KDF_PARAMETERS_MAX parameters, or one of more than 65535 octets. */
enum err kdf_derive(struct slice key, enum kdf_fc fc, const struct slice *parameters, size_t n,
		    uint8_t out[static KDF_LEN]) MUST_CHECK;
/* The same with CK || IK for the key. */
enum err kdf_derive_of(const struct kdf_pair *key, enum kdf_fc fc, const struct slice *parameters,
		       size_t n, uint8_t out[static KDF_LEN]) MUST_CHECK;
/* CK' and IK' for an access network; sqn_ak: SQN xor AK, the beginning of AUTN. */
enum err kdf_prime(const struct kdf_pair *key, struct slice network_name,
		   const uint8_t sqn_ak[static 6], struct kdf_pair *out) MUST_CHECK;

#endif
