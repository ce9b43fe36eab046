/*
 * fips186: the pseudo-random number generator of FIPS 186-2, change notice 1, algorithm 1, with the
 * function G out of SHA-1 and without optional input: as EAP-SIM and EAP-AKA spread their master
 * key (RFC 4186 Appendix B, RFC 4187 Appendix A).
 */
#ifndef TWINKEY_AUTH_FIPS186_H
#define TWINKEY_AUTH_FIPS186_H

#include "lib/base/bytes.h"

#define FIPS186_SEED_LEN  20
#define FIPS186_BLOCK_LEN 20

/* n octets into out, whole blocks; secret: the caller wipes them. */
void fips186_spread(const uint8_t seed[static FIPS186_SEED_LEN], uint8_t *out, size_t n);

#endif
