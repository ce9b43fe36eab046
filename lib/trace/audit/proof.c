#include "lib/trace/audit/proof.h"

#include <string.h>

#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"

#define PARTS 5

enum err proof_cert(struct proofs *p, struct slice der, const struct cert **out)
{
	uint8_t digest[SHA256_LEN];
	unsigned i;
	enum err e = sha256(&der, 1, digest);

	if (e)
		return e;
	for (i = 0; i < PROOF_CERTS; i++) {
		if (p->certs[i].is_there && memcmp(p->certs[i].digest, digest, PROOF_DIGEST) == 0)
			break;
	}
	if (i == PROOF_CERTS) {
		i = p->next_cert++ % PROOF_CERTS;
		p->certs[i].is_there = true;
		memcpy(p->certs[i].digest, digest, PROOF_DIGEST);
		p->certs[i].err = cert_parse(der, &p->certs[i].cert);
	}
	if (p->certs[i].err)
		return p->certs[i].err;
	p->certs[i].cert.der = der; /* it borrows: from the exchange at hand */
	*out = &p->certs[i].cert;
	return ERR_OK;
}

/* What is remembered under the digest. */
static bool find_proof(const struct proofs *p, const uint8_t *digest, bool *holds)
{
	for (unsigned i = 0; i < PROOF_SIGNATURES; i++) {
		if (p->signatures[i].is_there &&
		    memcmp(p->signatures[i].digest, digest, PROOF_DIGEST) == 0) {
			*holds = p->signatures[i].holds;
			return true;
		}
	}
	return false;
}

static bool keep_proof(struct proofs *p, const uint8_t *digest, bool holds)
{
	unsigned i = p->next_signature++ % PROOF_SIGNATURES;

	p->signatures[i].is_there = true;
	p->signatures[i].holds = holds;
	memcpy(p->signatures[i].digest, digest, PROOF_DIGEST);
	return holds;
}

bool proof_holds(struct proofs *p, const struct proof_key *key, const struct slice *parts, size_t n,
		 struct slice signature)
{
	struct slice all[PARTS] = {key->point, signature};
	uint8_t digest[SHA256_LEN];
	bool holds;

	for (size_t i = 0; i < n && i + 2 < PARTS; i++)
		all[i + 2] = parts[i];
	if (sha256(all, n + 2 < PARTS ? n + 2 : PARTS, digest))
		return true;
	if (find_proof(p, digest, &holds))
		return holds;
	return keep_proof(p, digest,
			  ec_verify(key->curve, key->point, parts, n, signature) != ERR_SIGNATURE);
}

bool proof_is_issued(struct proofs *p, const struct cert *subject, const struct cert *issuer)
{
	const struct slice all[2] = {subject->der, issuer->der};
	uint8_t digest[SHA256_LEN];
	bool holds;

	if (sha256(all, 2, digest))
		return true;
	if (find_proof(p, digest, &holds))
		return holds;
	return keep_proof(p, digest, cert_check_signature(subject, issuer) == ERR_OK);
}
