#include "lib/auth/suci.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/base/secret.h"

#define KEY_LEN	       32
#define COMPRESSED_LEN 33
#define MAC_LEN	       8

/* TS 33.501 C.3.4: what the key derivation gives, in this order */
struct derived {
	uint8_t enc[16], icb[16], mac[32];
};

static enum err count_mode(const struct derived *d, struct slice in, struct wbuf *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *to = wbuf_reserve(out, in.len);
	int n = 0;
	bool good = ctx && to &&
		    EVP_EncryptInit_ex2(ctx, EVP_aes_128_ctr(), d->enc, d->icb, NULL) == 1 &&
		    EVP_EncryptUpdate(ctx, to, &n, in.ptr, (int)in.len) == 1 && n == (int)in.len;

	EVP_CIPHER_CTX_free(ctx);
	return good ? ERR_OK : ERR_CRYPTO;
}

/* C.3.2: ephemeral public key, ciphertext, MAC */
static enum err seal(struct slice shared, struct slice public, struct slice input, struct wbuf *out)
{
	struct derived d;
	uint8_t mac[SHA256_LEN];
	struct slice text;
	size_t at;
	enum err e = x963_kdf_sha256(shared, public, (uint8_t *)&d, sizeof(d));

	wbuf_put(out, public);
	at = out->len;
	if (!e)
		e = count_mode(&d, input, out);
	text = slice_sub(wbuf_slice(out), at, input.len);
	if (!e)
		e = hmac_sha256(SLICE_OF(d.mac), &text, 1, mac);
	if (!e)
		wbuf_put(out, slice_make(mac, MAC_LEN));
	secret_wipe(&d, sizeof(d));
	return e ? e : wbuf_done(out);
}

static enum err profile_a(struct slice home_key, struct slice ephemeral, struct slice input,
			  struct wbuf *out)
{
	uint8_t private[KEY_LEN], public[KEY_LEN], shared[KEY_LEN];
	size_t n = KEY_LEN, m = KEY_LEN;
	EVP_PKEY *mine = NULL, *theirs = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	enum err e = ERR_OK;

	if (home_key.len != KEY_LEN)
		return ERR_POINT;
	if (slice_copy(ephemeral, private, sizeof(private)))
		e = random_bytes(private, sizeof(private));
	if (!e) {
		mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private, KEY_LEN);
		theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, home_key.ptr, KEY_LEN);
		ctx = mine ? EVP_PKEY_CTX_new(mine, NULL) : NULL;
		if (!ctx || !theirs || EVP_PKEY_get_raw_public_key(mine, public, &m) != 1 ||
		    EVP_PKEY_derive_init(ctx) != 1)
			e = ERR_CRYPTO;
		else if (EVP_PKEY_derive_set_peer(ctx, theirs) != 1 ||
			 EVP_PKEY_derive(ctx, shared, &n) != 1 || n != KEY_LEN)
			e = ERR_POINT; /* of small order: the shared secret is no secret */
	}
	if (!e)
		e = seal(SLICE_OF(shared), SLICE_OF(public), input, out);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(mine);
	secret_wipe(private, sizeof(private));
	secret_wipe(shared, sizeof(shared));
	return e;
}

/* A point in whatever form, uncompressed */
static enum err expand_point(struct slice in, uint8_t out[static EC_POINT_LEN])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	enum err e = ERR_CRYPTO;

	if (point)
		e = EC_POINT_oct2point(group, point, in.ptr, in.len, NULL) == 1 &&
				    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
						       out, EC_POINT_LEN, NULL) == EC_POINT_LEN
			    ? ERR_OK
			    : ERR_POINT;
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return e;
}

/* SEC 1 C.4: ECPrivateKey with the curve's name */
static enum err load_scalar(struct slice scalar, struct ec_key **out)
{
	static const uint8_t head[] = {0x30, 0x31, 0x02, 0x01, 0x01, 0x04, KEY_LEN};
	static const uint8_t curve[] = {0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86,
					0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
	uint8_t der[sizeof(head) + KEY_LEN + sizeof(curve)];
	struct wbuf w = wbuf_init(der, sizeof(der));
	enum err e;

	wbuf_put(&w, SLICE_OF(head));
	wbuf_put(&w, scalar);
	wbuf_put(&w, SLICE_OF(curve));
	e = ec_key_load(wbuf_slice(&w), out);
	secret_wipe(der, sizeof(der));
	return e;
}

static enum err profile_b(struct slice home_key, struct slice ephemeral, struct slice input,
			  struct wbuf *out)
{
	uint8_t peer[EC_POINT_LEN], public[COMPRESSED_LEN];
	struct ec_key *key = NULL;
	struct secret *shared = NULL;
	enum err e = home_key.len == COMPRESSED_LEN || home_key.len == EC_POINT_LEN
			     ? expand_point(home_key, peer)
			     : ERR_POINT;

	if (!e)
		e = ephemeral.len ? load_scalar(ephemeral, &key) : ec_key_generate(EC_P256, &key);
	if (!e)
		e = ec_agree(key, SLICE_OF(peer), &shared);
	if (!e) {
		struct slice point = ec_key_point(key);

		public[0] = 2 + (slice_at(point, EC_POINT_LEN - 1) & 1);
		memcpy(public + 1, slice_sub(point, 1, KEY_LEN).ptr, KEY_LEN);
		e = seal(secret_slice(shared), SLICE_OF(public), input, out);
	}
	secret_free(&shared);
	ec_key_free(&key);
	return e;
}

enum err suci_conceal(enum suci_scheme scheme, struct slice home_key, struct slice ephemeral,
		      struct slice input, struct wbuf *out)
{
	switch (scheme) {
	case SUCI_NULL: wbuf_put(out, input); return wbuf_done(out);
	case SUCI_PROFILE_A: return profile_a(home_key, ephemeral, input, out);
	case SUCI_PROFILE_B: return profile_b(home_key, ephemeral, input, out);
	default: return ERR_UNSUPPORTED;
	}
}
