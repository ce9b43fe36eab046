/*
 * digest: SHA-256 of what comes in pieces, such as a file that is read. What is there as a whole:
 * sha256() (symmetric.h).
 */
#ifndef TWINKEY_DIGEST_H
#define TWINKEY_DIGEST_H

#include "lib/crypto/symmetric.h"

struct digest;

/* NULL: out of memory, or OpenSSL has no SHA-256. */
struct digest *digest_open(void);
/* Failure is sticky, and comes out at the end. */
void digest_take(struct digest *d, struct slice part);
/* Once. ERR_CRYPTO. */
enum err digest_end(struct digest *d, uint8_t out[static SHA256_LEN]) MUST_CHECK;
void digest_close(struct digest **d);

#endif
