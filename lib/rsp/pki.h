/*
 * pki: a test PKI in the form of SGP.26, in memory: who is in it and who certifies whom. As files:
 * tool/pki.
 */
#ifndef TWINKEY_RSP_PKI_H
#define TWINKEY_RSP_PKI_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec_curve.h"

struct ec_key;

#define PKI_CERT_MAX 8192 /* octets of a certificate */

#define PKI_EID_TEST "89049032123451234512345678901235" /* of SGP.26's test eUICC */

enum pki_part { PKI_CI, PKI_EUM, PKI_EUICC, PKI_DP_AUTH, PKI_DP_PB, PKI_DP_TLS, PKI_PARTS };

/* Of one curve. pki_init() first, pki_free() last. */
struct pki {
	enum ec_curve curve;
	struct wbuf certs[PKI_PARTS];	/* DER; empty: not there */
	struct ec_key *keys[PKI_PARTS]; /* NULL: not there */
};

/* What the certificates say. */
struct pki_names {
	const char *eid; /* 32 digits: the eUICC's; their first 8 are the EUM's. NULL: neither is
			    issued */
	const char *smdp_address; /* for TLS; NULL when PKI_DP_TLS is not issued */
	int64_t now;		  /* they are valid from a day before it, for 30 years */
};

void pki_init(struct pki *p, enum ec_curve curve);
/* A new key for the part, and its certificate; its issuer's have to be there. */
enum err pki_issue(struct pki *p, enum pki_part part, const struct pki_names *names) MUST_CHECK;
/* Wipes the keys. */
void pki_free(struct pki *p);

/* 32 decimal digits; ERR_ENCODING. */
enum err pki_parse_eid(const char *digits, uint8_t eid[static 16]) MUST_CHECK;
/* A random EID of the test EUM, with the check digits of SGP.29. */
enum err pki_random_eid(uint8_t eid[static 16]) MUST_CHECK;

#endif
