/*
 * nr: the keys of 5G, 3GPP TS 33.501 Annex A. All but RES* and HRES* are secret: the caller wipes
 * them.
 *
 * network: the serving network's name, as octets ("5G:mnc001.mcc001.3gppnetwork.org"); sqn_ak: SQN
 * xor AK, the beginning of AUTN.
 */
#ifndef TWINKEY_AUTH_NR_H
#define TWINKEY_AUTH_NR_H

#include "lib/auth/kdf/eps.h"

#define NR_RES_STAR_LEN 16

/* A.2: of 5G AKA. (In EAP-AKA' KAUSF is the first half of EMSK: F.) */
enum err nr_kausf(const struct kdf_pair *key, struct slice network, const uint8_t sqn_ak[static 6],
		  uint8_t kausf[static KDF_LEN]) MUST_CHECK;
/* A.4: RES* of the terminal, XRES* of the AuC. rand: 16 octets; res: 4 to 16. */
enum err nr_res_star(const struct kdf_pair *key, struct slice network, struct slice rand,
		     struct slice res, uint8_t res_star[static NR_RES_STAR_LEN]) MUST_CHECK;
/* A.5: HRES* and HXRES*. */
enum err nr_hres_star(const uint8_t rand[static 16], const uint8_t res_star[static NR_RES_STAR_LEN],
		      uint8_t hres_star[static NR_RES_STAR_LEN]) MUST_CHECK;
/* A.6 */
enum err nr_kseaf(const uint8_t kausf[static KDF_LEN], struct slice network,
		  uint8_t kseaf[static KDF_LEN]) MUST_CHECK;
/* A.7. supi: of an IMSI its digits; abba: 2 octets or more. */
enum err nr_kamf(const uint8_t kseaf[static KDF_LEN], struct slice supi, struct slice abba,
		 uint8_t kamf[static KDF_LEN]) MUST_CHECK;
/* A.8, under KAMF or KgNB; as eps_key(). */
enum err nr_key(const uint8_t key[static KDF_LEN], enum kdf_use use, uint8_t algorithm,
		uint8_t out[static KDF_LEN]) MUST_CHECK;
/* A.9: KgNB (and KN3IWF). nas_count: of the uplink. */
enum nr_access { NR_ACCESS_3GPP = 1, NR_ACCESS_OTHER = 2 };
enum err nr_kgnb(const uint8_t kamf[static KDF_LEN], uint32_t nas_count, enum nr_access access,
		 uint8_t kgnb[static KDF_LEN]) MUST_CHECK;

#endif
