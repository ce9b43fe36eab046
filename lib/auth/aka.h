/*
 * aka: one subscription's authentication, for the card (USIM) and for the network (AuC).
 *
 * 3GPP TS 33.102 6.3 and Annex C; TS 31.102 7.1.2 for the card's order of checks: MAC first, then
 * the sequence number. All arrays have their standard sizes; RES may be 4 to 16 octets.
 */
#ifndef TWINKEY_AUTH_AKA_H
#define TWINKEY_AUTH_AKA_H

#include "lib/auth/parameters.h"

struct sqn_array;

/* The key of a subscription, ready to compute with. Lives in the secure heap. */
struct aka_key;

/* ERR_KEY: a length or number that the algorithm doesn't know; ERR_UNSUPPORTED. */
enum err aka_key_make(const struct aka_parameters *p, struct aka_key **out) MUST_CHECK;
/* The same with the defaults. k: 16 octets (TUAK also 32); opc: 16 octets (TOPc 32). */
enum err aka_key_new(enum aka_algorithm algorithm, struct slice k, struct slice opc,
		     struct aka_key **out) MUST_CHECK;
void aka_key_free(struct aka_key **key);
/* OPc of Milenage from OP: 16 octets into opc. */
enum err aka_milenage_opc(struct slice k, struct slice op, uint8_t opc[static 16]) MUST_CHECK;
/* TOPc of TUAK from TOP: K of 16 or 32 octets, 32 octets into topc. iterations 0: 1 */
enum err aka_tuak_topc(struct slice k, struct slice top, unsigned iterations,
		       uint8_t topc[static 32]) MUST_CHECK;

struct aka_result { /* secret but for res: wipe with secret_wipe() */
	size_t res_len;
	uint8_t res[AKA_RES_MAX];
	uint8_t ck[16], ik[16];
	uint8_t kc[GSM_KC_LEN]; /* c3 */
};

struct aka_vector { /* an authentication vector (quintuplet) of the AuC */
	uint8_t rand[AKA_RAND_LEN], autn[AKA_AUTN_LEN];
	struct aka_result expected;
};

/* What the network sends, borrowed: RAND and AUTN of their standard lengths. */
struct aka_challenge {
	const uint8_t *rand, *autn;
};

/*
 * The card's side of the 3G context. ERR_OK: result is filled and sqn has accepted the number
 * (commit it before answering). ERR_MAC: nothing else changed. ERR_SYNC: auts is filled, sqn
 * unchanged.
 */
enum err aka_usim_authenticate(struct aka_key *key, struct sqn_array *sqn,
			       const struct aka_challenge *challenge, struct aka_result *result,
			       uint8_t auts[static AKA_AUTS_LEN]) MUST_CHECK;
/* What the key says of a challenge that somebody else gave and answered. */
struct aka_insight { /* secret: wipe with secret_wipe() */
	bool mac_right;
	uint64_t sqn; /* SQN xor AK, and AK taken off */
	struct aka_result result;
};
enum err aka_examine(struct aka_key *key, const struct aka_challenge *challenge,
		     struct aka_insight *out) MUST_CHECK;
/* GSM context: SRES (c2) and Kc (c3). */
enum err aka_gsm_authenticate(struct aka_key *key, const uint8_t rand[static AKA_RAND_LEN],
			      uint8_t sres[static GSM_SRES_LEN],
			      uint8_t kc[static GSM_KC_LEN]) MUST_CHECK;

/* The AuC's side: the vector for this RAND, SQN (48 bits) and AMF. */
enum err aka_auc_vector(struct aka_key *key, const uint8_t rand[static AKA_RAND_LEN], uint64_t sqn,
			const uint8_t amf[static AKA_AMF_LEN], struct aka_vector *out) MUST_CHECK;
/* Checks AUTS (AMF* 0000, TS 33.102 6.3.5) and gives SQN_MS. ERR_MAC when it is not genuine. */
enum err aka_auc_resync(struct aka_key *key, const uint8_t rand[static AKA_RAND_LEN],
			const uint8_t auts[static AKA_AUTS_LEN], uint64_t *sqn_ms) MUST_CHECK;

#endif
