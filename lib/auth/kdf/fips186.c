#include "lib/auth/kdf/fips186.h"

#include <assert.h>
#include <string.h>

#include "lib/base/secret.h"

#define WORDS	    5
#define BLOCK_WORDS 16
#define ROUNDS	    80

static uint32_t rotl(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t round_function(unsigned t, const uint32_t v[static WORDS])
{
	switch (t / 20) {
	case 0: return ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5A827999;
	case 1: return (v[1] ^ v[2] ^ v[3]) + 0x6ED9EBA1;
	case 2: return ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8F1BBCDC;
	default: return (v[1] ^ v[2] ^ v[3]) + 0xCA62C1D6;
	}
}

/*
 * Appendix 3.3: G(t, c) is SHA-1's compression (FIPS 180) of one block, c and zeros, from its own
 * initial value. It is no SHA-1 of anything, for there is no padding: OpenSSL has no call for it.
 */
static void g(const uint32_t c[static WORDS], uint32_t out[static WORDS])
{
	static const uint32_t initial[WORDS] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476,
						0xC3D2E1F0};
	uint32_t w[ROUNDS] = {0}, v[WORDS];

	memcpy(w, c, WORDS * sizeof(*c));
	for (size_t t = BLOCK_WORDS; t < ROUNDS; t++)
		w[t] = rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	memcpy(v, initial, sizeof(v));
	for (unsigned t = 0; t < ROUNDS; t++) {
		uint32_t next = rotl(v[0], 5) + round_function(t, v) + v[4] + w[t];

		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotl(v[1], 30);
		v[1] = v[0];
		v[0] = next;
	}
	for (size_t i = 0; i < WORDS; i++)
		out[i] = v[i] + initial[i];
	secret_wipe(w, sizeof(w));
	secret_wipe(v, sizeof(v));
}

/* XKEY = (1 + XKEY + x) mod 2^160; word 0 is the highest. */
static void add_to_key(uint32_t key[static WORDS], const uint32_t x[static WORDS])
{
	uint64_t carry = 1;

	for (size_t i = WORDS; i-- > 0;) {
		carry += (uint64_t)key[i] + x[i];
		key[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

void fips186_spread(const uint8_t seed[static FIPS186_SEED_LEN], uint8_t *out, size_t n)
{
	struct cursor c = cursor_of(slice_make(seed, FIPS186_SEED_LEN));
	struct wbuf w = wbuf_init(out, n);
	uint32_t key[WORDS], x[WORDS];

	assert(n % FIPS186_BLOCK_LEN == 0);
	for (size_t i = 0; i < WORDS; i++)
		key[i] = (uint32_t)cursor_uint(&c, 4);
	for (size_t done = 0; done < n; done += FIPS186_BLOCK_LEN) {
		g(key, x);
		for (size_t i = 0; i < WORDS; i++)
			wbuf_u32(&w, x[i]);
		add_to_key(key, x);
	}
	secret_wipe(key, sizeof(key));
	secret_wipe(x, sizeof(x));
}
