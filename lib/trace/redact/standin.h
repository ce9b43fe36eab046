/*
 * standin: what stands in the place of a value. It has the same length, and under one key one value
 * always has the same (HMAC-SHA-256); who lacks the key learns nothing of it but its length.
 *
 * Check digits that were right are right: ICCID and IMEI (Luhn, ITU-T E.118, TS 23.003 B), EID
 * (ISO 7064 mod 97-10, SGP.02 4.1). Network codes become 999-xx (for private use, ITU-T E.212),
 * also in IMSIs. Texts keep their signs, and letters and digits where they are; keys are FF. Points
 * of a curve are points of it.
 */
#ifndef TWINKEY_TRACE_REDACT_STANDIN_H
#define TWINKEY_TRACE_REDACT_STANDIN_H

#include "lib/base/bytes.h"

#define STANDIN_KEY_LEN	  32
#define STANDIN_VALUE_MAX 256

enum standin_as {
	STANDIN_OCTETS,	 /* anything */
	STANDIN_INTEGER, /* octets of a DER INTEGER: the first stays, so that it is one */
	STANDIN_POINT,	 /* of a curve, uncompressed */
	STANDIN_SECRET,	 /* FF */
	STANDIN_TEXT,
	STANDIN_BCD,	/* half octets up to 9; others stay */
	STANDIN_DIGITS, /* ASCII, as all below */
	STANDIN_IMSI,
	STANDIN_ICCID,
	STANDIN_EID,
	STANDIN_IMEI,
	STANDIN_PLMN, /* three octets (TS 24.008 10.5.1.3) */
	STANDIN_AREA, /* a PLMN, and octets behind it */
};

struct standin_maker {
	struct slice key;
	bool keeps_network; /* network codes stay, also in IMSIs, and the issuer's in ICCIDs */
};

/* Puts value.len octets into out. round: another one each. ERR_LENGTH, ERR_CRYPTO. */
enum err standin_make(const struct standin_maker *m, enum standin_as as, struct slice value,
		      unsigned round, uint8_t out[static STANDIN_VALUE_MAX]) MUST_CHECK;

#endif
