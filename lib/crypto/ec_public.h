/*
 * ec_public: OpenSSL's objects of the public keys that were used last.
 *
 * To set one up costs more than what it is set up for, and the same few keys come again and again:
 * those of CI and EUM, and that of the peer several times in one session. Each thread keeps a
 * handful until its end, the one that was not used for longest makes room. They are public; none
 * holds a secret.
 */
#ifndef TWINKEY_CRYPTO_EC_PUBLIC_H
#define TWINKEY_CRYPTO_EC_PUBLIC_H

#include <openssl/evp.h>

#include "lib/base/err.h"
#include "lib/crypto/ec_curve.h"

struct slice;

struct ec_public {
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *verifier; /* initialised: takes digest and DER signature */
};

/*
 * The key of a point, which is checked to lie on the curve (ERR_POINT). Borrowed from the thread
 * until the next call.
 */
enum err ec_public_get(enum ec_curve curve, struct slice point,
		       const struct ec_public **out) MUST_CHECK;
/*
 * The thread's context for key pairs of the curve, NULL when it can't be made: OpenSSL keeps the
 * group in it, whose making costs more than a key.
 */
EVP_PKEY_CTX *ec_public_generator(enum ec_curve curve);

#endif
