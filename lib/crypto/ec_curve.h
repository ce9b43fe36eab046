/*
 * ec_curve: the two curves of SGP.22 2.6.7, their names and lengths.
 *
 * Points are uncompressed: 04 || X || Y, 65 octets. Signatures are raw r || s, 64 octets.
 */
#ifndef TWINKEY_CRYPTO_EC_CURVE_H
#define TWINKEY_CRYPTO_EC_CURVE_H

#include <stdbool.h>

#define EC_POINT_LEN	 65
#define EC_SIGNATURE_LEN 64
#define EC_SECRET_LEN	 32
#define EC_NUMBER_LEN	 32 /* of a private number, a coordinate, r, s */

struct slice;

enum ec_curve { EC_P256 = 1, EC_BP256R1 };

/* The curve's object identifier, as the value of a DER OID; and back (false: another curve). */
struct slice ec_curve_oid(enum ec_curve curve);
bool ec_curve_from_oid(struct slice oid, enum ec_curve *curve);
/* OpenSSL's name of the curve's group; and back (false: another curve). */
const char *ec_curve_group(enum ec_curve curve);
bool ec_curve_from_group(const char *group, enum ec_curve *curve);
/* id-ecPublicKey (RFC 5480 2.1.1), as the value of a DER OID. */
struct slice ec_public_key_oid(void);

#endif
