#include "lib/crypto/ec.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>

#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/crypto/ec_private.h"
#include "lib/crypto/ec_public.h"
#include "lib/crypto/failure.h"
#include "lib/crypto/symmetric.h"

#define DER_SIG_MAX 80

struct ec_key {
	EVP_PKEY *pkey;
	EVP_PKEY_CTX **signer; /* *signer: made for the first signature */
	enum ec_curve curve;
	uint8_t point[EC_POINT_LEN];
};

/* Wraps a key pair of OpenSSL; takes pkey over on success. */
static enum err ec_key_adopt(EVP_PKEY *pkey, struct ec_key **out)
{
	struct ec_key *k;
	char group[32];
	size_t n = 0;
	enum ec_curve curve;

	if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1)
		return crypto_failure(ERR_KEY);
	if (!ec_curve_from_group(group, &curve))
		return ERR_KEY;
	k = OPENSSL_zalloc(sizeof(*k));
	if (!k)
		return ERR_MEMORY;
	k->signer = OPENSSL_zalloc(sizeof(EVP_PKEY_CTX *));
	if (!k->signer) {
		OPENSSL_free(k);
		return ERR_MEMORY;
	}
	k->curve = curve;
	EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
				       OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
	if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, k->point,
					    sizeof(k->point), &n) != 1 ||
	    n != EC_POINT_LEN) {
		OPENSSL_free(k->signer);
		OPENSSL_free(k);
		return crypto_failure(ERR_KEY);
	}
	k->pkey = pkey;
	*out = k;
	return ERR_OK;
}

enum err ec_key_generate(enum ec_curve curve, struct ec_key **out)
{
	EVP_PKEY_CTX *ctx = ec_public_generator(curve);
	EVP_PKEY *pkey = NULL;
	enum err e;

	if (!ctx || EVP_PKEY_generate(ctx, &pkey) != 1)
		return crypto_failure(ERR_CRYPTO);
	e = ec_key_adopt(pkey, out);
	if (e)
		EVP_PKEY_free(pkey);
	return e;
}

/* The public point of d, where the file does not have it. */
static bool compute_point(struct ec_private *k, const BIGNUM *d)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(ec_curve_group(k->curve)));
	EC_POINT *p = group ? EC_POINT_new(group) : NULL;
	BN_CTX *ctx = BN_CTX_secure_new();

	k->has_point = p && ctx && EC_POINT_mul(group, p, d, NULL, NULL, ctx) == 1 &&
		       EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, k->point,
					  sizeof(k->point), ctx) == sizeof(k->point);
	BN_CTX_free(ctx);
	EC_POINT_free(p);
	EC_GROUP_free(group);
	return k->has_point;
}

static EVP_PKEY *make_pair(const struct ec_private *k, BIGNUM *d)
{
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (b && ctx &&
	    OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, ec_curve_group(k->curve),
					    0) &&
	    OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, k->point, EC_POINT_LEN) &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, d))
		params = OSSL_PARAM_BLD_to_param(b);
	if (!params || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params); /* clears the secure part */
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

enum err ec_key_load(struct slice encoded, struct ec_key **out)
{
	BIGNUM *d = BN_secure_new();
	struct ec_private k;
	EVP_PKEY *pkey = NULL;
	enum err e = ec_private_parse(encoded, &k);

	if (e) {
		BN_free(d);
		return e;
	}
	ERR_clear_error(); /* crypto_failure() looks at what failed */
	if (d && BN_bin2bn(k.number, sizeof(k.number), d) && (k.has_point || compute_point(&k, d)))
		pkey = make_pair(&k, d);
	e = pkey ? ec_key_adopt(pkey, out) : crypto_failure(ERR_KEY);
	if (e)
		EVP_PKEY_free(pkey);
	BN_clear_free(d);
	secret_wipe(&k, sizeof(k));
	return e;
}

/* PKCS #8 (RFC 5958) around ECPrivateKey (RFC 5915), as OpenSSL writes it. */
static void put_pkcs8(struct wbuf *w, const struct ec_key *key,
		      const uint8_t number[static EC_NUMBER_LEN])
{
	size_t whole = tlv_open(w, ASN1_SEQUENCE), part, inner, bits;

	tlv_put_uint(w, ASN1_INTEGER, 0);
	part = tlv_open(w, ASN1_SEQUENCE);
	tlv_put(w, ASN1_OID, ec_public_key_oid());
	tlv_put(w, ASN1_OID, ec_curve_oid(key->curve));
	tlv_close(w, part);
	part = tlv_open(w, ASN1_OCTET_STRING);
	inner = tlv_open(w, ASN1_SEQUENCE);
	tlv_put_uint(w, ASN1_INTEGER, 1);
	tlv_put(w, ASN1_OCTET_STRING, slice_make(number, EC_NUMBER_LEN));
	bits = tlv_open(w, EC_TAG_PUBLIC_KEY);
	tlv_put_header(w, ASN1_BIT_STRING, 1 + EC_POINT_LEN);
	wbuf_u8(w, 0);
	wbuf_put(w, ec_key_point(key));
	tlv_close(w, bits);
	tlv_close(w, inner);
	tlv_close(w, part);
	tlv_close(w, whole);
}

enum err ec_key_save(const struct ec_key *key, struct wbuf *out)
{
	uint8_t number[EC_NUMBER_LEN];
	BIGNUM *d = BN_secure_new();
	bool good = d && EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
		    BN_bn2binpad(d, number, sizeof(number)) == EC_NUMBER_LEN;

	if (good)
		put_pkcs8(out, key, number);
	secret_wipe(number, sizeof(number));
	BN_clear_free(d);
	return good ? wbuf_done(out) : crypto_failure(ERR_CRYPTO);
}

void ec_key_free(struct ec_key **key)
{
	if (!*key)
		return;
	EVP_PKEY_CTX_free(*(*key)->signer);
	OPENSSL_free((*key)->signer);
	EVP_PKEY_free((*key)->pkey); /* clears the private number */
	OPENSSL_free(*key);
	*key = NULL;
}

enum ec_curve ec_key_curve(const struct ec_key *key)
{
	return key->curve;
}

struct slice ec_key_point(const struct ec_key *key)
{
	return SLICE_OF(key->point);
}

enum err ec_point_check(enum ec_curve curve, struct slice point)
{
	const struct ec_public *key;

	return ec_public_get(curve, point, &key);
}

/* ECDSA-Sig-Value (RFC 3279) to r || s. */
static enum err signature_to_raw(struct slice der, uint8_t raw[static EC_SIGNATURE_LEN])
{
	const unsigned char *p = der.ptr;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.len);
	enum err e = ERR_CRYPTO;

	if (sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, EC_NUMBER_LEN) == EC_NUMBER_LEN &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + EC_NUMBER_LEN, EC_NUMBER_LEN) ==
		    EC_NUMBER_LEN)
		e = ERR_OK;
	ECDSA_SIG_free(sig);
	return e;
}

static int signature_to_der(struct slice raw, unsigned char der[static DER_SIG_MAX])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw.ptr, EC_NUMBER_LEN, NULL);
	BIGNUM *s =
		BN_bin2bn(slice_sub(raw, EC_NUMBER_LEN, EC_NUMBER_LEN).ptr, EC_NUMBER_LEN, NULL);
	unsigned char *p = der;
	int n = -1;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL; /* sig owns them now */
		n = i2d_ECDSA_SIG(sig, NULL) <= DER_SIG_MAX ? i2d_ECDSA_SIG(sig, &p) : -1;
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return n;
}

static EVP_PKEY_CTX *signer_of(const struct ec_key *key)
{
	EVP_PKEY_CTX *ctx = *key->signer;

	if (ctx)
		return ctx;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (!ctx || EVP_PKEY_sign_init(ctx) != 1) {
		EVP_PKEY_CTX_free(ctx);
		return NULL;
	}
	*key->signer = ctx;
	return ctx;
}

enum err ec_sign(const struct ec_key *key, const struct slice *parts, size_t n,
		 uint8_t signature[static EC_SIGNATURE_LEN])
{
	uint8_t digest[SHA256_LEN], raw[EC_SIGNATURE_LEN];
	unsigned char der[DER_SIG_MAX];
	size_t der_len = sizeof(der);
	EVP_PKEY_CTX *ctx = signer_of(key);
	enum err e = sha256(parts, n, digest);

	if (!e && (!ctx || EVP_PKEY_sign(ctx, der, &der_len, digest, sizeof(digest)) != 1))
		e = ERR_CRYPTO;
	if (!e)
		e = signature_to_raw(slice_make(der, der_len), raw);
	if (!e)
		memcpy(signature, raw, sizeof(raw));
	return e ? crypto_failure(e) : ERR_OK;
}

enum err ec_verify(enum ec_curve curve, struct slice point, const struct slice *parts, size_t n,
		   struct slice signature)
{
	unsigned char der[DER_SIG_MAX];
	uint8_t digest[SHA256_LEN];
	const struct ec_public *key;
	int der_len, answer = -1;
	enum err e;

	if (signature.len != EC_SIGNATURE_LEN)
		return ERR_SIGNATURE;
	e = ec_public_get(curve, point, &key);
	if (e)
		return e;
	/* EVP_DigestVerify() says 0, "it does not fit", also when memory is out */
	e = sha256(parts, n, digest);
	der_len = signature_to_der(signature, der);
	if (!e && der_len > 0)
		answer = EVP_PKEY_verify(key->verifier, der, (size_t)der_len, digest,
					 sizeof(digest));
	if (answer == 1)
		return ERR_OK;
	return crypto_failure(answer == 0 ? ERR_SIGNATURE : e ? e : ERR_CRYPTO);
}

enum err ec_agree(const struct ec_key *key, struct slice peer_point, struct secret **out)
{
	const struct ec_public *peer;
	EVP_PKEY_CTX *ctx = NULL;
	struct secret *s = NULL;
	size_t n = EC_SECRET_LEN;
	enum err e = ec_public_get(key->curve, peer_point, &peer);

	if (e)
		return e;
	s = secret_new(EC_SECRET_LEN);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (!s)
		e = ERR_MEMORY;
	else if (!ctx || EVP_PKEY_derive_init(ctx) != 1 ||
		 /* the point is checked; the cofactor of both curves is 1 */
		 EVP_PKEY_derive_set_peer_ex(ctx, peer->pkey, 0) != 1 ||
		 EVP_PKEY_derive(ctx, s->bytes, &n) != 1 || n != EC_SECRET_LEN)
		e = crypto_failure(ERR_CRYPTO);
	EVP_PKEY_CTX_free(ctx);
	if (e)
		secret_free(&s);
	else
		*out = s;
	return e;
}

void ec_put_spki(struct wbuf *w, enum ec_curve curve, struct slice point)
{
	size_t whole = tlv_open(w, ASN1_SEQUENCE);
	size_t inner = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, ASN1_OID, ec_public_key_oid());
	tlv_put(w, ASN1_OID, ec_curve_oid(curve));
	tlv_close(w, inner);
	inner = tlv_open(w, ASN1_BIT_STRING);
	wbuf_u8(w, 0); /* no unused bits */
	wbuf_put(w, point);
	tlv_close(w, inner);
	tlv_close(w, whole);
}

enum err ec_parse_spki(struct slice der, enum ec_curve *curve, struct slice *point)
{
	struct cursor c = cursor_of(der);
	struct cursor whole = tlv_enter(&c, ASN1_SEQUENCE);
	struct cursor algorithm = tlv_enter(&whole, ASN1_SEQUENCE);
	struct slice type = tlv_expect(&algorithm, ASN1_OID);
	struct slice group = tlv_expect(&algorithm, ASN1_OID);
	struct cursor bits;
	struct slice p;
	enum ec_curve found;
	enum err e;

	tlv_leave(&whole, &algorithm);
	bits = cursor_of(tlv_expect(&whole, ASN1_BIT_STRING));
	tlv_leave(&c, &whole);
	e = cursor_done(&c);
	if (e)
		return e;
	if (cursor_u8(&bits) != 0 || bits.err)
		return ERR_ENCODING;
	p = cursor_take_rest(&bits);
	if (!slice_equal(type, ec_public_key_oid()) || !ec_curve_from_oid(group, &found))
		return ERR_UNSUPPORTED;
	e = ec_point_check(found, p);
	if (e)
		return e;
	*curve = found;
	*point = p;
	return ERR_OK;
}
