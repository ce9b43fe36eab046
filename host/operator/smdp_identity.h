/*
 * smdp_identity: who the subscription manager is on one curve, and the binding of packages.
 */
#ifndef TWINKEY_OPERATOR_SMDP_IDENTITY_H
#define TWINKEY_OPERATOR_SMDP_IDENTITY_H

#include "lib/crypto/cert.h"

struct smdp_identity {
	struct wbuf ci_der, auth_der, pb_der;
	struct cert ci, auth, pb;
	struct ec_key *auth_key, *pb_key;
};

/* From the PKI below dir (tool/pki.h). ERR_NOT_FOUND: this curve was not made. */
enum err smdp_identity_load(struct smdp_identity *id, const char *dir, enum ec_curve curve,
			    int64_t now) MUST_CHECK;
void smdp_identity_free(struct smdp_identity *id);

struct smdp_binding {
	struct slice transaction_id, eid, euicc_otpk;
	struct slice metadata, upp; /* BF25; profile elements */
};
/* Appends BF36, bound for one eUICC by fresh keys (SGP.22 2.5.4, 5.6.2). */
enum err smdp_bind(const struct smdp_identity *id, const struct smdp_binding *b,
		   struct wbuf *out) MUST_CHECK;

#endif
