/*
 * issue: X.509 certificates in the form of SGP.22 4.5.2.1 and SGP.26: for test PKIs.
 */
#ifndef TWINKEY_RSP_ISSUE_H
#define TWINKEY_RSP_ISSUE_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec_curve.h"
#include "lib/rsp/cert.h"

struct ec_key;

struct issue_request {
	enum rsp_role role;
	const char *organization, *common_name;
	const char *serial_number;     /* eUICC: the EID in digits; else NULL */
	const char *permitted_serial;  /* EUM: what EIDs begin with */
	const char *dns_name;	       /* TLS */
	struct slice registered_id;    /* value of an OID: CI, EUM, DPauth, DPpb; may be empty */
	int64_t not_before, not_after; /* seconds since 1970 */
	enum ec_curve curve;	       /* of the subject's key */
	struct slice point;
	struct slice issuer_cert; /* DER; empty: self-signed (CI) */
	const struct ec_key *issuer_key;
};

/* Appends the certificate (DER). The serial number is random, the subject key identifier by RFC
 * 7093. */
enum err issue_certificate(const struct issue_request *r, struct wbuf *out) MUST_CHECK;

/* SIGNED { tbs } of RFC 5280 (a certificate, a CRL), appended: tbs is the whole TBS sequence. */
enum err issue_signed(struct slice tbs, const struct ec_key *key, struct wbuf *out) MUST_CHECK;

#endif
