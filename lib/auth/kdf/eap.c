#include "lib/auth/kdf/eap.h"

#include <string.h>

#include <openssl/evp.h>

#include "lib/auth/kdf/fips186.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

/* RFC 4186 7 and RFC 4187 7: in this order; what is left of the fourth block is nothing. */
#define SPREAD_LEN (16 + 16 + 2 * EAP_MSK_LEN)
/* ... and of a re-authentication, in whole blocks. */
#define SPREAD_AGAIN_LEN 140
/* RFC 9048 3.3: K_encr, K_aut, K_re, MSK, EMSK */
#define PRIME_LEN (16 + 32 + EAP_K_RE_LEN + 2 * EAP_MSK_LEN)

#define PARTS_MAX 5

static enum err sha1(const struct slice *parts, size_t n, uint8_t digest[static EAP_MK_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestInit_ex2(ctx, EVP_sha1(), NULL) == 1;

	for (size_t i = 0; good && i < n; i++)
		good = EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) == 1;
	good = good && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? ERR_OK : ERR_CRYPTO;
}

static void take_session(struct cursor *c, struct eap_session *out)
{
	memcpy(out->msk, cursor_take(c, EAP_MSK_LEN).ptr, EAP_MSK_LEN);
	memcpy(out->emsk, cursor_take(c, EAP_MSK_LEN).ptr, EAP_MSK_LEN);
}

/* The keys out of MK, whose parts these are. */
static enum err spread(const struct slice *parts, size_t n, struct eap_keys *out)
{
	uint8_t mk[EAP_MK_LEN], all[SPREAD_LEN];
	struct cursor c = cursor_of(SLICE_OF(all));
	enum err e = sha1(parts, n, mk);

	if (!e) {
		fips186_spread(mk, all, sizeof(all));
		*out = (struct eap_keys){.k_aut_len = 16};
		memcpy(out->mk, mk, sizeof(mk));
		memcpy(out->k_encr, cursor_take(&c, 16).ptr, 16);
		memcpy(out->k_aut, cursor_take(&c, 16).ptr, 16);
		take_session(&c, &out->session);
	}
	secret_wipe(mk, sizeof(mk));
	secret_wipe(all, sizeof(all));
	return e;
}

static struct slice put_u16(uint8_t out[static 2], uint16_t value)
{
	struct wbuf w = wbuf_init(out, 2);

	wbuf_u16(&w, value);
	return wbuf_slice(&w);
}

/* RFC 4186 7: MK = SHA1(Identity | n*Kc | NONCE_MT | Version List | Selected Version) */
enum err eap_sim_keys(const struct eap_sim *in, struct eap_keys *out)
{
	uint8_t selected[2];
	const struct slice parts[] = {in->identity, in->kc, in->nonce_mt, in->versions,
				      put_u16(selected, in->selected)};
	size_t triplets = in->kc.len / 8;

	if (in->kc.len % 8 || triplets < EAP_TRIPLETS_MIN || triplets > EAP_TRIPLETS_MAX ||
	    in->nonce_mt.len != EAP_NONCE_LEN || !in->versions.len || in->versions.len % 2)
		return ERR_LENGTH;
	return spread(parts, ARRAY_LEN(parts), out);
}

/* RFC 4187 7: MK = SHA1(Identity | IK | CK) */
enum err eap_aka_keys(struct slice identity, const struct kdf_pair *key, struct eap_keys *out)
{
	const struct slice parts[] = {identity, SLICE_OF(key->ik), SLICE_OF(key->ck)};

	return spread(parts, ARRAY_LEN(parts), out);
}

static enum err check_again(const struct eap_again *in)
{
	return in->nonce_s.len == EAP_NONCE_LEN ? ERR_OK : ERR_LENGTH;
}

/* RFC 4186 7: XKEY' = SHA1(Identity | counter | NONCE_S | MK) */
enum err eap_again_keys(const struct eap_again *in, const uint8_t mk[static EAP_MK_LEN],
			uint8_t *xkey, struct eap_session *out)
{
	uint8_t counter[2], seed[EAP_MK_LEN], all[SPREAD_AGAIN_LEN];
	const struct slice parts[] = {in->identity, put_u16(counter, in->counter), in->nonce_s,
				      slice_make(mk, EAP_MK_LEN)};
	struct cursor c = cursor_of(SLICE_OF(all));
	enum err e = check_again(in);

	if (!e)
		e = sha1(parts, ARRAY_LEN(parts), seed);
	if (!e) {
		fips186_spread(seed, all, sizeof(all));
		take_session(&c, out);
		if (xkey)
			memcpy(xkey, seed, sizeof(seed));
	}
	secret_wipe(seed, sizeof(seed));
	secret_wipe(all, sizeof(all));
	return e;
}

/*
 * RFC 9048 3.4: PRF'(K, S) = T1 | T2 ..., T1 = HMAC-SHA-256(K, S | 0x01), Tn = HMAC-SHA-256(K, Tn-1
 * | S | n). The parts of S are at most PARTS_MAX.
 */
static enum err prf_prime(struct slice key, const struct slice *s, size_t n, struct wbuf *out)
{
	uint8_t t[SHA256_LEN], number = 0;
	struct slice parts[PARTS_MAX + 2] = {SLICE_EMPTY};
	enum err e = n > PARTS_MAX ? ERR_LENGTH : ERR_OK;

	for (size_t i = 0; !e && i < n; i++)
		parts[1 + i] = s[i];
	parts[n + 1] = slice_make(&number, 1);
	while (!e && out->len < out->cap) {
		size_t room = out->cap - out->len;

		number++;
		e = hmac_sha256(key, parts, n + 2, t);
		if (!e)
			wbuf_put(out, slice_make(t, room < sizeof(t) ? room : sizeof(t)));
		parts[0] = SLICE_OF(t);
	}
	secret_wipe(t, sizeof(t));
	return e ? e : wbuf_done(out);
}

/* RFC 9048 3.3: MK = PRF'(IK' | CK', "EAP-AKA'" | Identity) */
enum err eap_aka_prime_keys(struct slice identity, const struct kdf_pair *prime,
			    struct eap_keys *out)
{
	const struct slice s[] = {slice_str("EAP-AKA'"), identity};
	uint8_t key[32], all[PRIME_LEN];
	struct wbuf w = wbuf_init(all, sizeof(all));
	struct cursor c = cursor_of(SLICE_OF(all));
	enum err e;

	memcpy(key, prime->ik, 16);
	memcpy(key + 16, prime->ck, 16);
	e = prf_prime(SLICE_OF(key), s, ARRAY_LEN(s), &w);
	if (!e) {
		*out = (struct eap_keys){.k_aut_len = 32};
		memcpy(out->k_encr, cursor_take(&c, 16).ptr, 16);
		memcpy(out->k_aut, cursor_take(&c, 32).ptr, 32);
		memcpy(out->k_re, cursor_take(&c, EAP_K_RE_LEN).ptr, EAP_K_RE_LEN);
		take_session(&c, &out->session);
	}
	secret_wipe(key, sizeof(key));
	secret_wipe(all, sizeof(all));
	return e;
}

/* RFC 9048 3.3: MK = PRF'(K_re, "EAP-AKA' re-auth" | Identity | counter | NONCE_S) */
enum err eap_aka_prime_again_keys(const struct eap_again *in,
				  const uint8_t k_re[static EAP_K_RE_LEN], struct eap_session *out)
{
	uint8_t counter[2], all[2 * EAP_MSK_LEN];
	const struct slice s[] = {slice_str("EAP-AKA' re-auth"), in->identity,
				  put_u16(counter, in->counter), in->nonce_s};
	struct wbuf w = wbuf_init(all, sizeof(all));
	struct cursor c = cursor_of(SLICE_OF(all));
	enum err e = check_again(in);

	if (!e)
		e = prf_prime(slice_make(k_re, EAP_K_RE_LEN), s, ARRAY_LEN(s), &w);
	if (!e)
		take_session(&c, out);
	secret_wipe(all, sizeof(all));
	return e;
}
