/*
 * ec_private: what a file with a private key holds, taken apart in wiped memory.
 *
 * OpenSSL's decoders free copies of the key without wiping them, and try every format that they
 * know, which costs several times as much as the signature that the key is loaded for.
 * Formats: PKCS #8 (RFC 5208, RFC 5958) and ECPrivateKey (RFC 5915), in DER or PEM (RFC 7468; other
 * blocks before it, such as EC PARAMETERS, are passed over). Not: encrypted ones, other keys.
 */
#ifndef TWINKEY_CRYPTO_EC_PRIVATE_H
#define TWINKEY_CRYPTO_EC_PRIVATE_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/ec_curve.h"

struct slice;

/* RFC 5915 3: the optional members of ECPrivateKey */
enum ec_private_tag { EC_TAG_PARAMETERS = 0xA0, EC_TAG_PUBLIC_KEY = 0xA1 };

struct ec_private {
	enum ec_curve curve;
	uint8_t number[EC_NUMBER_LEN]; /* secret: wipe it */
	bool has_point;		       /* the file holds the public point too */
	uint8_t point[EC_POINT_LEN];
};

/* ERR_KEY: encoded has none of these formats, or the curve is another one. */
enum err ec_private_parse(struct slice encoded, struct ec_private *out) MUST_CHECK;

#endif
