/*
 * ec: elliptic-curve keys, ECDSA with SHA-256 and ECDH (SGP.22 2.6.7; BSI TR-03111).
 *
 * Every point that comes from outside is checked to lie on the curve and not to be infinity
 * (ERR_POINT).
 */
#ifndef TWINKEY_CRYPTO_EC_H
#define TWINKEY_CRYPTO_EC_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/ec_curve.h"

struct secret;
struct slice;
struct wbuf;

struct ec_key; /* a private key, with its public point; for one thread at a time */

enum err ec_key_generate(enum ec_curve curve, struct ec_key **out) MUST_CHECK;
/* PEM or DER, PKCS#8 or SEC 1. ERR_KEY: not a key of one of the two curves. */
enum err ec_key_load(struct slice encoded, struct ec_key **out) MUST_CHECK;
/* PKCS#8 DER, appended to out (a secret: let out own wiped memory). */
enum err ec_key_save(const struct ec_key *key, struct wbuf *out) MUST_CHECK;
void ec_key_free(struct ec_key **key);
enum ec_curve ec_key_curve(const struct ec_key *key);
/* Borrowed from the key: EC_POINT_LEN octets. */
struct slice ec_key_point(const struct ec_key *key);

/* Signature over SHA-256 of the concatenated parts. */
enum err ec_sign(const struct ec_key *key, const struct slice *parts, size_t n,
		 uint8_t signature[static EC_SIGNATURE_LEN]) MUST_CHECK;
/* ERR_SIGNATURE when it does not fit; ERR_POINT when the public key is none. */
enum err ec_verify(enum ec_curve curve, struct slice point, const struct slice *parts, size_t n,
		   struct slice signature) MUST_CHECK;
/* ECDH: the X coordinate, EC_SECRET_LEN octets in *out. */
enum err ec_agree(const struct ec_key *key, struct slice peer_point,
		  struct secret **out) MUST_CHECK;
/* ERR_OK when the point lies on the curve. */
enum err ec_point_check(enum ec_curve curve, struct slice point) MUST_CHECK;

/* A SubjectPublicKeyInfo (RFC 5480) of a point, and a point out of one. */
void ec_put_spki(struct wbuf *w, enum ec_curve curve, struct slice point);
enum err ec_parse_spki(struct slice der, enum ec_curve *curve, struct slice *point) MUST_CHECK;

#endif
