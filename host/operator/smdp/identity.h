/*
 * identity: who the subscription manager is on one curve (SGP.22 4.5.2): the CI, and what signs
 * for it under the CI: DPauth and DPpb.
 */
#ifndef TWINKEY_OPERATOR_SMDP_IDENTITY_H
#define TWINKEY_OPERATOR_SMDP_IDENTITY_H

#include "lib/crypto/cert.h"

struct smdp_role { /* certificate and key of one role */
	struct wbuf der;
	struct cert cert; /* borrows from der */
	struct ec_key *key;
};
struct smdp_identity {
	struct wbuf ci_der;
	struct cert ci; /* borrows from ci_der */
	struct smdp_role auth, pb;
};

/* From the PKI below dir (tool/pki/pki.h). ERR_NOT_FOUND: this curve was not made. */
enum err smdp_identity_load(struct smdp_identity *id, const char *dir, enum ec_curve curve,
			    int64_t now) MUST_CHECK;
void smdp_identity_free(struct smdp_identity *id);
/* Appends 5F37, the signature over content and before. */
enum err smdp_role_sign(const struct smdp_role *r, struct slice content, struct slice before,
			uint8_t signature[static EC_SIGNATURE_LEN], struct wbuf *out) MUST_CHECK;

#endif
