/*
 * rsp cert: which certificate SGP.22 accepts in which role (SGP.22 4.5.2).
 *
 * X509_verify_cert() is not used: it refuses GSMA's own test certificates, because SGP.22's name
 * constraint on serialNumber is a prefix of the EID and not what RFC 5280 means. Everything else
 * that RFC 5280 asks of such a chain is checked here: signatures, names, key identifiers, validity,
 * key usage, basic constraints, policies.
 */
#ifndef TWINKEY_RSP_CERT_H
#define TWINKEY_RSP_CERT_H

#include "lib/crypto/cert.h"

/* id-rspRole (SGP.22 4.5.2.1.1) */
enum rsp_role {
	RSP_ROLE_CI,
	RSP_ROLE_EUICC,
	RSP_ROLE_EUM,
	RSP_ROLE_DP_TLS,
	RSP_ROLE_DP_AUTH,
	RSP_ROLE_DP_PB,
	RSP_ROLE_DS_TLS,
	RSP_ROLE_DS_AUTH,
	RSP_ROLE_COUNT
};
/* The value of the policy's OID. */
struct slice rsp_role_oid(enum rsp_role role);

/*
 * ERR_CERT_EXPIRED: outside its validity at now; ERR_CERT_UNTRUSTED: issued by another;
 * ERR_SIGNATURE; ERR_CERT: wrong policy, usage, CA flag or name for this role, or one of these
 * extensions is not critical.
 */
enum err rsp_cert_check_ci(struct slice ci, int64_t now, struct cert *out) MUST_CHECK;
/* A leaf directly under the CI, of a SM-DP+ or SM-DS. Also ERR_NOT_FOUND: all is well but it does
 * not name its owner's OID. */
enum err rsp_cert_check_dp(struct slice der, enum rsp_role role, const struct cert *ci, int64_t now,
			   struct cert *out) MUST_CHECK;
/* The CIs that one trusts, in DER (empty ones are passed over), and the time. */
struct rsp_trust {
	const struct slice *cis;
	size_t count;
	int64_t now; /* seconds since 1970 */
};
/*
 * An EUM certificate under the CI that its authorityKeyIdentifier names; ci_index (which of them)
 * is optional. ERR_CERT_UNTRUSTED: none of them.
 */
enum err rsp_cert_check_eum(struct slice eum, const struct rsp_trust *trust, struct cert *out,
			    size_t *ci_index) MUST_CHECK;
/* An eUICC certificate under an EUM's that was checked before. */
enum err rsp_cert_check_under_eum(struct slice euicc, const struct cert *eum, int64_t now,
				  struct cert *out) MUST_CHECK;
/* EUM under CI, eUICC under EUM, the EID within the EUM's permitted serial numbers. out_euicc and
 * ci_index are optional. */
enum err rsp_cert_check_chain(struct slice euicc, struct slice eum, const struct rsp_trust *trust,
			      struct cert *out_euicc, size_t *ci_index) MUST_CHECK;
/* What an eUICC signs with: its certificates and its key. */
struct rsp_euicc_identity {
	struct slice euicc_cert, eum_cert; /* DER */
	struct slice key;		   /* secret; DER or PEM */
	struct slice eid;		   /* 16 octets */
};
/* As above, and the key is the certificate's, the EID its subject; ci_index is optional. */
enum err rsp_cert_check_identity(const struct rsp_euicc_identity *id, const struct rsp_trust *trust,
				 size_t *ci_index) MUST_CHECK;
/* The EID that an eUICC certificate names: ERR_CERT when it names none. */
enum err rsp_cert_eid(const struct cert *euicc, uint8_t eid[static 16]) MUST_CHECK;

#endif
