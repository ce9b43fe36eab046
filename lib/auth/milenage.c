#include "lib/auth/milenage.h"

#include <string.h>

#include <openssl/evp.h>

#include "lib/secret.h"

#define BLOCK 16

struct milenage {
	EVP_CIPHER_CTX *ctx;
	uint8_t opc[BLOCK];
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

struct milenage *milenage_new(void)
{
	EVP_CIPHER *aes = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	struct milenage *m = aes ? secret_object_new(sizeof(*m)) : NULL;

	if (m) {
		m->ctx = EVP_CIPHER_CTX_new();
		if (!m->ctx || EVP_EncryptInit_ex2(m->ctx, aes, NULL, NULL, NULL) != 1 ||
		    EVP_CIPHER_CTX_set_padding(m->ctx, 0) != 1)
			milenage_free(&m);
	}
	EVP_CIPHER_free(aes);
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
	return EVP_EncryptInit_ex2(m->ctx, NULL, k, NULL, NULL) == 1 ? ERR_OK : ERR_CRYPTO;
}

static enum err encrypt(struct milenage *m, const uint8_t *in, uint8_t *out, int len)
{
	int n;

	return EVP_EncryptUpdate(m->ctx, out, &n, in, len) == 1 && n == len ? ERR_OK : ERR_CRYPTO;
}

enum err milenage_set_key(struct milenage *m, const uint8_t k[static 16],
			  const uint8_t opc[static 16])
{
	memcpy(m->opc, opc, BLOCK);
	return set_schedule(m, k);
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

/* The cipher inputs of OUT2..OUT5: rot(TEMP xor OPc, r) xor c */
static void prepare_f2345(struct milenage *m)
{
	uint8_t *twice = m->work.twice;

	xor_block(twice, m->work.temp, m->opc);
	memcpy(twice + BLOCK, twice, BLOCK);
	for (size_t s = 0; s < 4; s++) {
		uint8_t *in = m->work.in + s * BLOCK;

		memcpy(in, twice + steps[s].rotate, BLOCK);
		in[BLOCK - 1] ^= steps[s].constant;
	}
}

/* The cipher input of OUT1: TEMP xor rot(IN1 xor OPc, 64 bits); both halves of IN1 are alike. */
static void prepare_f1(struct milenage *m, const uint8_t *sqn, const uint8_t *amf, uint8_t *in)
{
	uint8_t *twice = m->work.twice;

	memcpy(twice, m->opc, BLOCK);
	memcpy(twice + BLOCK, m->opc, BLOCK);
	memcpy(in, sqn, 6);
	memcpy(in + 6, amf, 2);
	memcpy(in + 8, sqn, 6);
	memcpy(in + 14, amf, 2);
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
