/*
 * pki: a test PKI in the form of SGP.26, as files of a folder.
 *
 * Below FOLDER/pki: CI, EUM, eUICC, DPauth, DPpb, DPtls with CERT_*_NIST.der (or _BRP) and SK_*.pem
 * (PKCS#8, mode 0600), named as in SGP.26; CertificateIssuer holds the CI's certificates again,
 * where SM-DP+ programs look for them.
 */
#ifndef TWINKEY_TOOL_PKI_H
#define TWINKEY_TOOL_PKI_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/pki.h"

/*
 * Makes the PKI for one curve below dir/pki (made if needed). smdp_address: for TLS; NULL: the
 * card's side alone (CI, EUM, eUICC), which pki_complete() may add to later.
 */
enum err pki_create(const char *dir, enum ec_curve curve, const uint8_t eid[static 16],
		    const char *smdp_address) MUST_CHECK;
/* Writes what the PKI has. */
enum err pki_write(const char *dir, const struct pki *p) MUST_CHECK;
struct cancel; /* the folder that is taken over may hold pipes: tool/sys/file.h */
/*
 * Takes the certificates and keys over that a folder in the form of SGP.26 has, for either curve.
 * ERR_NOT_FOUND: it has none. *open_to_others: others can read or change one of the keys there.
 */
enum err pki_import(const char *from, const char *dir, struct cancel *cancel,
		    bool *open_to_others) MUST_CHECK;
enum err pki_import_curve(const char *from, const char *dir, enum ec_curve curve,
			  struct cancel *cancel, bool *open_to_others) MUST_CHECK;
/* What pki_complete() found of a subscription manager's certificates, by part. */
struct pki_health {
	int64_t ended[PKI_PARTS]; /* when one that has run out did so; 0: it has not */
	bool renewed[PKI_PARTS];  /* that one was issued anew */
};
/*
 * Issues the certificates of a subscription manager that the PKI below dir lacks, or that have run
 * out by now, where it has its CI's certificate and key; nothing otherwise. ERR_KEY: one lacks and
 * the CI's key is another one's.
 */
enum err pki_complete(const char *dir, enum ec_curve curve, const char *smdp_address, int64_t now,
		      struct pki_health *health) MUST_CHECK;
/* A certificate (DER) appended to out, a key. ERR_NOT_FOUND when this curve was not made. */
enum err pki_cert(const char *dir, enum pki_part part, enum ec_curve curve,
		  struct wbuf *out) MUST_CHECK;
enum err pki_key(const char *dir, enum pki_part part, enum ec_curve curve,
		 struct ec_key **out) MUST_CHECK;

/* The same as PEM text, appended to out, for a TLS library; the key's is a secret. */
enum err pki_cert_pem(const char *dir, enum pki_part part, enum ec_curve curve,
		      struct wbuf *out) MUST_CHECK;
enum err pki_key_pem(const char *dir, enum pki_part part, enum ec_curve curve,
		     struct wbuf *out) MUST_CHECK;

/* A private key in a file of its own: PKCS#8 PEM, mode 0600. */
enum err pki_key_write(const char *path, const struct ec_key *key) MUST_CHECK;
enum err pki_key_read(const char *path, struct ec_key **out) MUST_CHECK;

#endif
