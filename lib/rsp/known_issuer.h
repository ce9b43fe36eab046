/*
 * known issuer: the certificate issuers (CIs) that many eUICCs have, by the key identifiers that
 * EUICCInfo names; the numbers are public (SGP.26 2.3.2, the GSMA's list of CIs).
 */
#ifndef TWINKEY_RSP_KNOWN_ISSUER_H
#define TWINKEY_RSP_KNOWN_ISSUER_H

#include "lib/base/bytes.h"

struct known_issuer {
	uint8_t key_id[20];
	const char *name; /* "the GSMA's issuer" */
	bool is_test;
};

/* NULL: another one's. */
const struct known_issuer *known_issuer_of(struct slice key_id);

#endif
