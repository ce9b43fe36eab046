/*
 * proof: certificates taken apart and signatures verified, for rules: what was found out last is
 * remembered, for the same ones come again and again, and a proof takes as long as a thousand
 * exchanges. For lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_PROOF_H
#define TWINKEY_TRACE_AUDIT_PROOF_H

#include "lib/crypto/cert.h"

#define PROOF_CERTS	 6
#define PROOF_SIGNATURES 16
#define PROOF_DIGEST	 16

/* Zeros at the beginning. */
struct proofs {
	struct {
		bool is_there;
		uint8_t digest[PROOF_DIGEST];
		enum err err;
		struct cert cert;
	} certs[PROOF_CERTS];
	struct {
		bool is_there, holds;
		uint8_t digest[PROOF_DIGEST];
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
