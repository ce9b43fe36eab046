/*
 * certificate: what in a certificate (RFC 5280) tells whose it is: its serial number, public key,
 * signature, key identifier, the host it is for, and the EID in its subject (SGP.22 4.5.2.1).
 *
 * The identifier of its issuer's key is none of it: that of a CI is public, and says which CI.
 */
#ifndef TWINKEY_TRACE_REDACT_CERTIFICATE_H
#define TWINKEY_TRACE_REDACT_CERTIFICATE_H

#include "lib/base/bytes.h"

enum certificate_is {
	CERTIFICATE_NUMBER, /* the octets of an INTEGER */
	CERTIFICATE_POINT,  /* of a curve, uncompressed */
	CERTIFICATE_OCTETS,
	CERTIFICATE_EID,  /* 32 digits */
	CERTIFICATE_HOST, /* a name of a host */
};

struct certificate_part {
	enum certificate_is is;
	struct slice octets;
};

struct certificate_sink {
	void (*take)(void *ctx, const struct certificate_part *p);
	void *ctx;
};

/* der: a certificate, or what is in it; what is no DER has no parts. */
void certificate_parts(struct slice der, const struct certificate_sink *sink);

#endif
