/*
 * eums: EUMs whose certificates have been checked: that is not done again with each of their
 * eUICCs. Whether one was revoked since is for the caller (revoked.h).
 */
#ifndef TWINKEY_OPERATOR_EUMS_H
#define TWINKEY_OPERATOR_EUMS_H

#include "lib/crypto/symmetric.h"
#include "lib/rsp/cert.h"

#define EUMS_MAX 8 /* the oldest gives way */

struct eum {
	uint8_t digest[SHA256_LEN]; /* of the DER */
	size_t ci;		    /* which of the CIs it is under */
	int64_t from, until;	    /* the certificate and its CI's are valid; seconds since 1970 */
	struct cert cert;	    /* its DER is not kept */
	bool used;
};
struct eums { /* zeros: none yet */
	struct eum known[EUMS_MAX];
	size_t next;
};

/*
 * The EUM of this certificate, under one of the CIs, which are the same ones at each call. Errors
 * of rsp_cert_check_eum(). *out is good until the next call.
 */
enum err eums_check(struct eums *all, struct slice der, const struct rsp_trust *trust,
		    const struct eum **out) MUST_CHECK;

#endif
