#include "tests/support/ec_limit.h"

#include <time.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "tests/support/must.h"

struct contexts {
	EVP_PKEY *own, *peer;
	EVP_PKEY_CTX *sign, *verify, *derive, *generate;
};

double ec_limit_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void begin(struct contexts *c, enum ec_curve curve)
{
	const char *name = curve == EC_P256 ? "P-256" : "brainpoolP256r1";

	c->own = EVP_EC_gen(name);
	c->peer = EVP_EC_gen(name);
	c->sign = EVP_PKEY_CTX_new(c->own, NULL);
	c->verify = EVP_PKEY_CTX_new(c->own, NULL);
	c->derive = EVP_PKEY_CTX_new(c->own, NULL);
	c->generate = EVP_PKEY_CTX_new(c->own, NULL);
	MUST(c->own && c->peer && c->sign && c->verify && c->derive && c->generate);
	MUST(EVP_PKEY_sign_init(c->sign) == 1 && EVP_PKEY_verify_init(c->verify) == 1);
	MUST(EVP_PKEY_derive_init(c->derive) == 1);
	MUST(EVP_PKEY_derive_set_peer(c->derive, c->peer) == 1);
}

static void end(struct contexts *c)
{
	EVP_PKEY_CTX_free(c->sign);
	EVP_PKEY_CTX_free(c->verify);
	EVP_PKEY_CTX_free(c->derive);
	EVP_PKEY_CTX_free(c->generate);
	EVP_PKEY_free(c->own);
	EVP_PKEY_free(c->peer);
}

static void once(const struct contexts *c, const struct ec_limit *of)
{
	uint8_t digest[32] = {1}, signature[80], secret[32];
	size_t len = 0, secret_len = sizeof(secret);
	EVP_PKEY *one_time = NULL;

	for (int i = 0; i < of->signatures; i++) {
		len = sizeof(signature);
		MUST(EVP_PKEY_sign(c->sign, signature, &len, digest, sizeof(digest)) == 1);
	}
	for (int i = 0; i < of->verifications; i++)
		MUST(EVP_PKEY_verify(c->verify, signature, len, digest, sizeof(digest)) == 1);
	MUST(EVP_PKEY_keygen_init(c->generate) == 1);
	MUST(EVP_PKEY_generate(c->generate, &one_time) == 1);
	EVP_PKEY_free(one_time);
	MUST(EVP_PKEY_derive(c->derive, secret, &secret_len) == 1);
}

double ec_limit_measure(enum ec_curve curve, const struct ec_limit *of, int rounds)
{
	struct contexts c;
	double start;

	begin(&c, curve);
	start = ec_limit_now();
	for (int i = 0; i < rounds; i++)
		once(&c, of);
	start = (ec_limit_now() - start) / rounds;
	end(&c);
	return start;
}
