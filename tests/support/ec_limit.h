/*
 * ec_limit: what OpenSSL itself needs for some operations on an elliptic curve, with contexts that
 * are made before, as `openssl speed` has them: the yardstick of those who need more than these.
 */
#ifndef TWINKEY_TESTS_EC_LIMIT_H
#define TWINKEY_TESTS_EC_LIMIT_H

#include "lib/crypto/ec.h"

struct ec_limit { /* beside one key generation and one ECDH */
	int signatures, verifications;
};

/* Seconds of this process for one round, as a mean of so many. What fails ends the program. */
double ec_limit_measure(enum ec_curve curve, const struct ec_limit *of, int rounds);
/* Seconds of a processor that this process has had. */
double ec_limit_now(void);

#endif
