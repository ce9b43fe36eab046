/*
 * ec_public: OpenSSL's objects of the public keys that were used last.
 *
 * Making such an object costs more than the verification that it is made for, and few keys come
 * again and again: those of CI and EUM, and the peer's several times in a session. Each thread
 * keeps a handful until it ends; a new key takes the place of the one that was unused for longest.
 * All of them are public keys.
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
