/*
 * pki: a test PKI in the form of SGP.26, and the operator's release key: files of the operator's
 * folder.
 *
 * Below FOLDER/pki: CI, EUM, eUICC, DPauth, DPpb, DPtls with CERT_*_NIST.der (or _BRP) and SK_*.pem
 * (PKCS#8, mode 0600), named as in SGP.26; CertificateIssuer holds the CI's certificates again,
 * where SM-DP+ programs look for them. Beside it: release.key (PKCS#8 PEM, 0600) and release.pub
 * (SubjectPublicKeyInfo, DER).
 */
#ifndef TWINKEY_OPERATOR_PKI_H
#define TWINKEY_OPERATOR_PKI_H

#include "lib/bytes.h"
#include "lib/crypto/ec.h"

#define PKI_CIS_MAX 8

enum pki_part { PKI_CI, PKI_EUM, PKI_EUICC, PKI_DP_AUTH, PKI_DP_PB, PKI_DP_TLS, PKI_PARTS };

/* Makes the PKI for one curve below dir/pki (made if needed). eid: 16 octets; smdp_address: for
 * TLS. */
enum err pki_create(const char *dir, enum ec_curve curve, const uint8_t eid[static 16],
		    const char *smdp_address) MUST_CHECK;
/*
 * Takes the certificates and keys over that a folder in the form of SGP.26 has, for either curve.
 * ERR_NOT_FOUND: it has none.
 */
enum err pki_import(const char *from, const char *dir) MUST_CHECK;
/* A certificate (DER) appended to out, a key. ERR_NOT_FOUND when this curve was not made. */
enum err pki_cert(const char *dir, enum pki_part part, enum ec_curve curve,
		  struct wbuf *out) MUST_CHECK;
enum err pki_key(const char *dir, enum pki_part part, enum ec_curve curve,
		 struct ec_key **out) MUST_CHECK;

/* The release key (P-256): made once, then loaded. */
enum err release_key_create(const char *dir) MUST_CHECK;
enum err release_key_load(const char *dir, struct ec_key **out) MUST_CHECK;

#endif
