#include "lib/auth/milenage.h"

#include <pthread.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/crypto/failure.h"
#include "lib/base/secret.h"

#define BLOCK	16

#define OUTPUTS 5

/* OUT1 to OUT5 with other constants than the standard's */
struct constants {
	uint8_t r[OUTPUTS]; /* bits */
	uint8_t c[OUTPUTS][BLOCK];
};

struct milenage {
	EVP_CIPHER_CTX *ctx;
	uint8_t opc[BLOCK];
	bool custom;
	struct constants constants;
	struct {			  /* wiped after each use, at once */
		uint8_t temp[BLOCK];	  /* E[RAND xor OPc]K */
		uint8_t twice[2 * BLOCK]; /* a block to rotate, two times in a row */
		uint8_t in[5 * BLOCK];	  /* the inputs of OUT2..OUT5 and OUT1 */
		uint8_t out[5 * BLOCK];
	} work;
};

/* TS 35.206 4.1: rotation in octets and constant of OUT2, OUT3, OUT4, OUT5 */
static const struct {
	uint8_t rotate, constant;
} steps[4] = {{0, 1}, {4, 2}, {8, 4}, {12, 8}};

static struct {
	pthread_once_t guard;
	const EVP_CIPHER *aes;
} cipher_once = {.guard = PTHREAD_ONCE_INIT};

static void fetch_cipher(void)
{
	cipher_once.aes = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	if (!cipher_once.aes)
		cipher_once.aes = EVP_aes_128_ecb();
}

struct milenage *milenage_new(void)
{
	struct milenage *m = secret_object_new(sizeof(*m));

	if (!m)
		return NULL;
	pthread_once(&cipher_once.guard, fetch_cipher);
	m->ctx = EVP_CIPHER_CTX_new();
	if (!m->ctx || EVP_EncryptInit_ex2(m->ctx, cipher_once.aes, NULL, NULL, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(m->ctx, 0) != 1)
		milenage_free(&m);
	return m;
}

void milenage_free(struct milenage **m)
{
	if (!*m)
		return;
	EVP_CIPHER_CTX_free((*m)->ctx); /* wipes the key schedule */
	secret_object_free(*m, sizeof(**m));
	*m = NULL;
}

static enum err set_schedule(struct milenage *m, const uint8_t *k)
{
	return EVP_EncryptInit_ex2(m->ctx, NULL, k, NULL, NULL) == 1 ? ERR_OK
								     : crypto_failure(ERR_CRYPTO);
}

static enum err encrypt(struct milenage *m, const uint8_t *in, uint8_t *out, int len)
{
	int n;

	return EVP_EncryptUpdate(m->ctx, out, &n, in, len) == 1 && n == len
		       ? ERR_OK
		       : crypto_failure(ERR_CRYPTO);
}

enum err milenage_set_key(struct milenage *m, const uint8_t k[static 16],
			  const uint8_t opc[static 16])
{
	memcpy(m->opc, opc, BLOCK);
	return set_schedule(m, k);
}

/* TS 35.206 4.1 */
static const struct constants standard = {
	.r = {64, 0, 32, 64, 96},
	.c = {{0}, {[BLOCK - 1] = 1}, {[BLOCK - 1] = 2}, {[BLOCK - 1] = 4}, {[BLOCK - 1] = 8}},
};

static bool pairs_differ(const struct constants *k)
{
	for (size_t i = 0; i < OUTPUTS; i++) {
		for (size_t j = 0; j < i; j++) {
			if (k->r[i] == k->r[j] && memcmp(k->c[i], k->c[j], BLOCK) == 0)
				return false;
		}
	}
	return true;
}

enum err milenage_set_constants(struct milenage *m, struct slice rotations, struct slice constants)
{
	struct constants k = standard;

	if ((rotations.len && slice_copy(rotations, k.r, sizeof(k.r))) ||
	    (constants.len && slice_copy(constants, k.c[0], sizeof(k.c))))
		return ERR_KEY;
	for (size_t i = 0; i < OUTPUTS; i++) {
		if (k.r[i] > 127)
			return ERR_KEY;
	}
	if (!pairs_differ(&k))
		return ERR_KEY;
	m->constants = k;
	m->custom = memcmp(&k, &standard, sizeof(k)) != 0;
	return ERR_OK;
}

/* By words: the compiler cannot know that the blocks do not overlap. dst may be a or b. */
static void xor_block(uint8_t *dst, const uint8_t *a, const uint8_t *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, BLOCK);
	memcpy(y, b, BLOCK);
	x[0] ^= y[0];
	x[1] ^= y[1];
	memcpy(dst, x, BLOCK);
}

enum err milenage_opc(struct milenage *m, const uint8_t k[static 16], const uint8_t op[static 16],
		      uint8_t opc[static 16])
{
	enum err e = set_schedule(m, k);

	if (!e)
		e = encrypt(m, op, m->work.temp, BLOCK);
	if (!e)
		xor_block(opc, m->work.temp, op);
	return e;
}

static enum err make_temp(struct milenage *m, const uint8_t *rand)
{
	xor_block(m->work.in, rand, m->opc);
	return encrypt(m, m->work.in, m->work.temp, BLOCK);
}

/* dst = a block, rotated by r bits towards the most significant; twice holds it two times */
static void rotate_block(uint8_t *dst, const uint8_t *twice, unsigned r)
{
	const uint8_t *from = twice + r / 8;
	unsigned bits = r % 8;

	for (size_t i = 0; i < BLOCK; i++)
		dst[i] = (uint8_t)(from[i] << bits | from[i + 1] >> (8 - bits));
}

/* The cipher inputs of OUT2..OUT5: rot(TEMP xor OPc, r) xor c */
static void prepare_f2345(struct milenage *m)
{
	uint8_t *twice = m->work.twice;

	xor_block(twice, m->work.temp, m->opc);
	memcpy(twice + BLOCK, twice, BLOCK);
	for (size_t s = 0; s < 4; s++) {
		uint8_t *in = m->work.in + s * BLOCK;

		if (m->custom) {
			rotate_block(in, twice, m->constants.r[s + 1]);
			xor_block(in, in, m->constants.c[s + 1]);
		} else {
			memcpy(in, twice + steps[s].rotate, BLOCK);
			in[BLOCK - 1] ^= steps[s].constant;
		}
	}
}

/* The same for other constants: TEMP xor rot(IN1 xor OPc, r1) xor c1 */
static void prepare_f1_custom(struct milenage *m, uint8_t *in)
{
	uint8_t *twice = m->work.twice;

	xor_block(twice, in, m->opc);
	memcpy(twice + BLOCK, twice, BLOCK);
	rotate_block(in, twice, m->constants.r[0]);
	xor_block(in, in, m->constants.c[0]);
	xor_block(in, in, m->work.temp);
}

/* The cipher input of OUT1: TEMP xor rot(IN1 xor OPc, 64 bits); both halves of IN1 are alike. */
static void prepare_f1(struct milenage *m, const uint8_t *sqn, const uint8_t *amf, uint8_t *in)
{
	uint8_t *twice = m->work.twice;

	memcpy(in, sqn, 6);
	memcpy(in + 6, amf, 2);
	memcpy(in + 8, sqn, 6);
	memcpy(in + 14, amf, 2);
	if (m->custom) {
		prepare_f1_custom(m, in);
		return;
	}
	memcpy(twice, m->opc, BLOCK);
	memcpy(twice + BLOCK, m->opc, BLOCK);
	xor_block(in, in, twice + 8);
	xor_block(in, in, m->work.temp);
}

static void take_f2345(struct milenage *m, struct milenage_output *out)
{
	for (size_t s = 0; s < 4; s++)
		xor_block(m->work.out + s * BLOCK, m->work.out + s * BLOCK, m->opc);
	memcpy(out->ak, m->work.out, 6);
	memcpy(out->res, m->work.out + 8, 8);
	memcpy(out->ck, m->work.out + BLOCK, BLOCK);
	memcpy(out->ik, m->work.out + 2 * BLOCK, BLOCK);
	memcpy(out->ak_star, m->work.out + 3 * BLOCK, 6);
}

static void take_f1(struct milenage *m, uint8_t *block, struct milenage_output *out)
{
	xor_block(block, block, m->opc);
	memcpy(out->mac_a, block, 8);
	memcpy(out->mac_s, block + 8, 8);
}

enum err milenage_f2345(struct milenage *m, const uint8_t rand[static 16],
			struct milenage_output *out)
{
	enum err e = make_temp(m, rand);

	if (!e) {
		prepare_f2345(m);
		e = encrypt(m, m->work.in, m->work.out, 4 * BLOCK);
	}
	if (!e)
		take_f2345(m, out);
	secret_wipe(&m->work, sizeof(m->work));
	return e;
}

enum err milenage_f1(struct milenage *m, const uint8_t rand[static 16], const uint8_t sqn[static 6],
		     const uint8_t amf[static 2], struct milenage_output *out)
{
	enum err e = make_temp(m, rand);

	if (!e) {
		prepare_f1(m, sqn, amf, m->work.in);
		e = encrypt(m, m->work.in, m->work.out, BLOCK);
	}
	if (!e)
		take_f1(m, m->work.out, out);
	secret_wipe(&m->work, sizeof(m->work));
	return e;
}

enum err milenage_all(struct milenage *m, const uint8_t rand[static 16],
		      const uint8_t sqn[static 6], const uint8_t amf[static 2],
		      struct milenage_output *out)
{
	enum err e = make_temp(m, rand);

	if (!e) {
		prepare_f2345(m);
		prepare_f1(m, sqn, amf, m->work.in + (size_t)4 * BLOCK);
		e = encrypt(m, m->work.in, m->work.out, 5 * BLOCK);
	}
	if (!e) {
		take_f2345(m, out);
		take_f1(m, m->work.out + (size_t)4 * BLOCK, out);
	}
	secret_wipe(&m->work, sizeof(m->work));
	return e;
}
