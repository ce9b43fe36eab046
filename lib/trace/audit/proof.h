/*
 * proof: certificates taken apart and signatures verified, for rules: what was found out last is
 * remembered with the octets that it was found out from, for the same ones come again and again,
 * and a proof takes as long as a hundred exchanges. For lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_PROOF_H
#define TWINKEY_TRACE_AUDIT_PROOF_H

#include "lib/crypto/cert.h"

#define PROOF_CERTS	 6
#define PROOF_SIGNATURES 16
#define PROOF_OCTETS	 1536 /* what is longer is not remembered */

/* Zeros at the beginning. */
struct proofs {
	struct proof_cert {
		size_t len; /* 0: free */
		uint8_t der[PROOF_OCTETS];
		enum err err;
		struct cert cert;
	} certs[PROOF_CERTS];
	struct proof_cert long_one;
	struct proof_signature {
		size_t len, second; /* 0: free; of the second part */
		bool holds;
		uint8_t octets[PROOF_OCTETS]; /* key, signature, what is signed */
	} signatures[PROOF_SIGNATURES];
	unsigned next_cert, next_signature;
};

/* *out stays until the certificates after it have taken its place; errors of cert_parse(). */
enum err proof_cert(struct proofs *p, struct slice der, const struct cert **out) MUST_CHECK;

struct proof_key {
	enum ec_curve curve;
	struct slice point;
};
/* False where the signature over the parts, up to three, is not by this key; true also where that
 * cannot be said. */
bool proof_holds(struct proofs *p, const struct proof_key *key, const struct slice *parts, size_t n,
		 struct slice signature);
/* As cert_check_signature(). */
bool proof_is_issued(struct proofs *p, const struct cert *subject, const struct cert *issuer);

#endif
