/*
 * eps: the keys of EPS (4G), 3GPP TS 33.401 Annex A. All are secret: the caller wipes them.
 */
#ifndef TWINKEY_AUTH_EPS_H
#define TWINKEY_AUTH_EPS_H

#include "lib/auth/kdf/kdf.h"

#define EPS_PLMN_LEN 3

/* A.2. plmn: the serving network, MCC and MNC as TS 24.008 10.5.1.13 codes them. */
enum err eps_kasme(const struct kdf_pair *key, const uint8_t plmn[static EPS_PLMN_LEN],
		   const uint8_t sqn_ak[static 6], uint8_t kasme[static KDF_LEN]) MUST_CHECK;
/* A.3; nas_count: of the uplink. */
enum err eps_kenb(const uint8_t kasme[static KDF_LEN], uint32_t nas_count,
		  uint8_t kenb[static KDF_LEN]) MUST_CHECK;
/* A.4; sync: the KeNB, or the NH before. */
enum err eps_nh(const uint8_t kasme[static KDF_LEN], const uint8_t sync[static KDF_LEN],
		uint8_t nh[static KDF_LEN]) MUST_CHECK;

/* A.7 and TS 33.501 A.8: what an algorithm's key is for. */
enum kdf_use {
	KDF_USE_NAS_ENC = 1,
	KDF_USE_NAS_INT = 2,
	KDF_USE_RRC_ENC = 3,
	KDF_USE_RRC_INT = 4,
	KDF_USE_UP_ENC = 5,
	KDF_USE_UP_INT = 6,
};
/* A.7, under KASME or KeNB; algorithm: its identity, 0 to 15. An algorithm of 128 bits takes the
 * last 16 octets. */
enum err eps_key(const uint8_t key[static KDF_LEN], enum kdf_use use, uint8_t algorithm,
		 uint8_t out[static KDF_LEN]) MUST_CHECK;

#endif
