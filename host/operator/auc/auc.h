/*
 * auc: the authentication centre: vectors, their check, resynchronisation (3GPP TS 33.102 6.3).
 *
 * It fails closed: subscription 2 gets no vector before its key was released, subscription 1 none
 * after that. now: seconds since 1970.
 */
#ifndef TWINKEY_OPERATOR_AUC_H
#define TWINKEY_OPERATOR_AUC_H

#include "lib/auth/aka.h"
#include "host/operator/store/store.h"

#define AUC_CHALLENGE_VALID_S 60

/* A whole vector for an EAP server (hlr_auc_gw), with the separation bit: it does EAP-AKA' too, and
 * says not which (TS 33.402). What other network elements get: av.h. Wipe it. */
enum err auc_quintuplet(struct operator_store *s, const char *imsi, int64_t now,
			struct aka_vector *out) MUST_CHECK;
/* SRES and Kc for a fresh RAND (GSM). */
struct auc_triplet {
	uint8_t rand[AKA_RAND_LEN], sres[GSM_SRES_LEN], kc[GSM_KC_LEN];
};
enum err auc_triplet(struct operator_store *s, const char *imsi,
		     struct auc_triplet *out) MUST_CHECK;
/*
 * SQN_MS out of AUTS; the next vector is one that the card takes. ERR_MAC: AUTS is not genuine;
 * ERR_NOT_FOUND, ERR_EXPIRED, ERR_SYNC: as subscription_resync().
 */
struct auc_auts {
	uint8_t rand[AKA_RAND_LEN], auts[AKA_AUTS_LEN];
};
enum err auc_resync(struct operator_store *s, const char *imsi, const struct auc_auts *a,
		    int64_t now) MUST_CHECK;

/* A challenge for a terminal, which never sees the expected answer. */
struct auc_challenge {
	char id[33];
	uint8_t rand[AKA_RAND_LEN], autn[AKA_AUTN_LEN];
	bool gsm; /* autn is not used */
};
/* ERR_TRIES: a GSM challenge while its answer would not be judged. */
enum err auc_challenge(struct operator_store *s, const char *imsi, bool gsm, int64_t now,
		       struct auc_challenge *out) MUST_CHECK;

struct auc_verdict {
	int sub;
	const char *access;
	struct subscriber after;
};
/*
 * Takes the challenge out, judges the answer and counts it. ERR_REFUSED: RES is wrong; ERR_TRIES:
 * too many were (host/operator/policy/attempts.h): one that can be guessed is not judged for a
 * while, and its challenge stays. A GSM answer is no first factor of a release unless the policy
 * says so.
 */
enum err auc_verify(struct operator_store *s, const char *id, struct slice res, int64_t now,
		    struct auc_verdict *out) MUST_CHECK;
/* Takes the challenge out; its subscriber is resynchronised. */
enum err auc_resync_challenge(struct operator_store *s, const char *id, struct slice auts,
			      int64_t now) MUST_CHECK;

#endif
