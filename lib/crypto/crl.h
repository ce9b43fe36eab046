/*
 * crl: certificate revocation lists in the form of SGP.22 4.6.2 (RFC 5280 5): v2, signed by a CI,
 * whole or in parts.
 */
#ifndef TWINKEY_CRYPTO_CRL_H
#define TWINKEY_CRYPTO_CRL_H

#include "lib/base/bytes.h"

struct crl { /* slices borrow from the DER */
	struct slice der;
	struct slice issuer;		  /* Name */
	int64_t this_update, next_update; /* seconds since 1970; next_update 0: not told */
	struct slice authority_id;	  /* key identifier of the CI */
	uint64_t number;		  /* grows with every issue */
	uint32_t parts, part;		  /* part 1 to parts; 1 of 1 when the list is whole */
	struct slice entries;		  /* contents of revokedCertificates: crl_next() */
};

/*
 * ERR_UNSUPPORTED: a critical extension that is not known; ERR_TAG, ERR_VALUE and others: this is
 * not a CRL with key identifier and number. The signature is checked by cert_check_signed().
 */
enum err crl_parse(struct slice der, struct crl *out) MUST_CHECK;
/* The next revoked certificate's serialNumber, without leading zeros; false at the end. */
bool crl_next(struct cursor *entries, struct slice *number);

#endif
