/*
 * euicc: who an eUICC is, by its certificates (SGP.22 4.5.2). The functions of ES9+ alone include
 * it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_EUICC_H
#define TWINKEY_OPERATOR_SMDP_EUICC_H

#include "lib/base/bytes.h"

struct cert;
struct smdp_call;
struct smdp_identity;

struct smdp_chain {
	struct slice euicc, eum;	   /* certificates, DER */
	const struct smdp_identity *under; /* whose CI they must be under; NULL: any of ours */
};
/* Refused: the certificates are not good, or not now. out borrows from chain->euicc. */
enum err smdp_euicc_check(struct smdp_call *call, const struct smdp_chain *chain,
			  struct cert *out) MUST_CHECK;

#define SMDP_ACTOR_LEN 40
/* The EID in hex, as the log's actor. */
void smdp_euicc_actor(const uint8_t eid[static 16], char text[static SMDP_ACTOR_LEN]);

#endif
