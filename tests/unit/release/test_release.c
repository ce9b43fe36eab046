/* the messages of the release: made, parsed, changed */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/sealed.h"
#include "lib/release/grant.h"

static struct kra_binding binding(void)
{
	struct kra_binding b = {.key_id = 7};

	memset(b.eid, 0x89, sizeof(b.eid));
	memset(b.iccid, 0x98, sizeof(b.iccid));
	memset(b.nonce, 0x42, sizeof(b.nonce));
	return b;
}

static bool same_binding(const struct kra_binding *a, const struct kra_binding *b)
{
	return a->key_id == b->key_id && slice_equal(SLICE_OF(a->eid), SLICE_OF(b->eid)) &&
	       slice_equal(SLICE_OF(a->iccid), SLICE_OF(b->iccid)) &&
	       slice_equal(SLICE_OF(a->nonce), SLICE_OF(b->nonce));
}

static void test_status(void)
{
	struct kra_status s = {.has_iccid = true,
			       .key_id = UINT32_MAX,
			       .state = KRA_STATE_SEALED,
			       .active = 1},
			  got;
	struct wbuf w = wbuf_grow(1000);

	kra_put_status(&w, &s);
	ASSERT_ERR(kra_parse_status(wbuf_slice(&w), &got), ERR_OK);
	CU_ASSERT_EQUAL(got.key_id, s.key_id);
	CU_ASSERT_EQUAL(got.state, s.state);
	CU_ASSERT_EQUAL(got.active, 1);
	for (size_t n = 0; n < w.len; n++)
		CU_ASSERT_NOT_EQUAL(kra_parse_status(slice_sub(wbuf_slice(&w), 0, n), &got),
				    ERR_OK);
	wbuf_u8(&w, 0);
	ASSERT_ERR(kra_parse_status(wbuf_slice(&w), &got), ERR_TRAILING);
	wbuf_free(&w);
}

static void test_challenge(void)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	struct ec_key *sk = NULL, *ot = NULL;
	struct kra_binding b = binding();
	struct kra_challenge ch, put;
	struct slice cert = test_unhex("300401020304"), eum = test_unhex("3000");
	enum kra_result error = KRA_RESULT_OK;

	ASSERT_ERR(ec_key_generate(EC_BP256R1, &sk), ERR_OK);
	ASSERT_ERR(ec_key_generate(EC_P256, &ot), ERR_OK);
	put = (struct kra_challenge){
		.binding = b, .card_otpk = ec_key_point(ot), .euicc_cert = cert, .eum_cert = eum};
	ASSERT_ERR(kra_put_challenge(&w, &put, sk), ERR_OK);
	ASSERT_ERR(kra_parse_challenge(wbuf_slice(&w), &ch, &error), ERR_OK);
	CU_ASSERT_TRUE(same_binding(&ch.binding, &b));
	ASSERT_OCTETS(ch.euicc_cert, cert, "CERT.EUICC");
	ASSERT_OCTETS(ch.eum_cert, eum, "CERT.EUM");
	ASSERT_ERR(ec_verify(EC_BP256R1, ec_key_point(sk), &ch.signed_part, 1, ch.signature),
		   ERR_OK);
	for (size_t n = 0; n < w.len; n++)
		CU_ASSERT_NOT_EQUAL(kra_parse_challenge(slice_sub(wbuf_slice(&w), 0, n), &ch, NULL),
				    ERR_OK);
	wbuf_reset(&w);
	kra_put_error(&w, KRA_TAG_CHALLENGE, KRA_RESULT_ALREADY);
	ASSERT_ERR(kra_parse_challenge(wbuf_slice(&w), &ch, &error), ERR_REFUSED);
	CU_ASSERT_EQUAL(error, KRA_RESULT_ALREADY);
	wbuf_free(&w);
	ec_key_free(&sk);
	ec_key_free(&ot);
}

/* A changed bit anywhere in a grant is refused: by the parser, by the signature, or by the KEK. */
static void test_grant_bits(void)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	struct ec_key *release = NULL, *ot = NULL;
	struct secret *s = random_secret(GRANT_S_LEN), *back = NULL;
	struct kra_binding b = binding();
	struct grant g;

	ASSERT_ERR(ec_key_generate(EC_P256, &release), ERR_OK);
	ASSERT_ERR(ec_key_generate(EC_P256, &ot), ERR_OK);
	ASSERT_ERR(grant_build(&w, &b, ec_key_point(ot), s, release), ERR_OK);
	ASSERT_ERR(grant_parse(wbuf_slice(&w), &g), ERR_OK);
	CU_ASSERT_TRUE(same_binding(&g.binding, &b));
	ASSERT_ERR(grant_open(&g, ot, &back), ERR_OK);
	CU_ASSERT_TRUE(secret_equal(secret_slice(back), secret_slice(s)));
	secret_free(&back);
	for (size_t bit = 0; bit < 8 * w.len; bit++) {
		enum err parsed, verified = ERR_OK, opened = ERR_OK;

		w.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		parsed = grant_parse(wbuf_slice(&w), &g);
		if (!parsed) {
			verified = ec_verify(EC_P256, ec_key_point(release), &g.signed_part, 1,
					     g.signature);
			opened = grant_open(&g, ot, &back);
			/* inside the signed part both locks hold; in the signature only the first
			 */
			CU_ASSERT(verified != ERR_OK);
			CU_ASSERT(opened != ERR_OK || g.signature.ptr <= w.ptr + bit / 8);
			secret_free(&back);
		}
		w.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ASSERT_ERR(grant_open(&g, release, &back), ERR_MAC); /* another card's key */
	secret_free(&s);
	ec_key_free(&release);
	ec_key_free(&ot);
	wbuf_free(&w);
}

static void test_outcome_and_reseal(void)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	struct ec_key *key = NULL;
	struct kra_binding b = binding();
	struct kra_outcome o;
	struct kra_reseal r;
	enum kra_result result;
	struct slice sealed = test_unhex("3003020101");

	ASSERT_ERR(ec_key_generate(EC_P256, &key), ERR_OK);
	ASSERT_ERR(kra_put_outcome(&w, &b, KRA_RESULT_BAD_POINT, key), ERR_OK);
	ASSERT_ERR(kra_parse_outcome(wbuf_slice(&w), &o), ERR_OK);
	CU_ASSERT_EQUAL(o.result, KRA_RESULT_BAD_POINT);
	CU_ASSERT_TRUE(same_binding(&o.binding, &b));
	ASSERT_ERR(ec_verify(EC_P256, ec_key_point(key), &o.signed_part, 1, o.signature), ERR_OK);
	wbuf_reset(&w);
	ASSERT_ERR(kra_put_reseal(&w, sealed, key), ERR_OK);
	ASSERT_ERR(kra_parse_reseal(wbuf_slice(&w), &r), ERR_OK);
	ASSERT_OCTETS(r.sealed, sealed, "SealedElements");
	ASSERT_ERR(ec_verify(EC_P256, ec_key_point(key), &r.sealed, 1, r.signature), ERR_OK);
	wbuf_reset(&w);
	kra_put_reseal_result(&w, KRA_RESULT_WRONG_KEY_ID);
	ASSERT_ERR(kra_parse_reseal_result(wbuf_slice(&w), &result), ERR_OK);
	CU_ASSERT_EQUAL(result, KRA_RESULT_WRONG_KEY_ID);
	for (int i = 0; i <= KRA_RESULT_UNSUPPORTED; i++)
		CU_ASSERT_STRING_NOT_EQUAL(kra_result_text((enum kra_result)i), "unknown result");
	ec_key_free(&key);
	wbuf_free(&w);
}

/* ANSI X9.63 by hand: SHA-256(Z, counter 1, SharedInfo), of which K2 is the beginning. */
static void by_hand(const struct grant *g, const struct ec_key *own, struct slice kdf,
		    uint8_t out[static SHA256_LEN])
{
	static const uint8_t counter[] = {0, 0, 0, 1};
	uint8_t head[] = {0x06, (uint8_t)kdf.len};
	struct secret *z = NULL;

	ASSERT_ERR(ec_agree(own, g->operator_otpk, &z), ERR_OK);
	ASSERT_ERR(sha256((struct slice[]){secret_slice(z), SLICE_OF(counter), SLICE_OF(head), kdf,
					   g->shared_info},
			  5, out),
		   ERR_OK);
	secret_free(&z);
}

/* Derived mode: K2 is what docs/protocol.md says, of either length; and no grant of one mode is one
 * of the other. */
static void test_derived(void)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	struct ec_key *release = NULL, *ot = NULL;
	struct secret *s = random_secret(GRANT_S_LEN), *k2 = NULL, *back = NULL;
	struct kra_challenge c = {.binding = binding()};
	struct grant_derived d = {NULL, NULL};
	uint8_t digest[SHA256_LEN];
	struct grant g;

	ASSERT_ERR(ec_key_generate(EC_P256, &release), ERR_OK);
	ASSERT_ERR(ec_key_generate(EC_P256, &ot), ERR_OK);
	c.card_otpk = ec_key_point(ot);
	for (size_t octets = 16; octets <= 32; octets += 16) {
		const struct grant_elements elements = {.from = {.kdf = sealed_kdf(octets),
								 .octets = octets,
								 .sealed = slice_str("sealed")},
							.plain = slice_str("elements")};

		wbuf_reset(&w);
		ASSERT_ERR(grant_build_derived(&w, &c, &elements, release, &k2), ERR_OK);
		ASSERT_ERR(grant_parse(wbuf_slice(&w), &g), ERR_OK);
		CU_ASSERT_TRUE(same_binding(&g.binding, &c.binding));
		ASSERT_ERR(grant_open_derived(&g, ot, &elements.from, &d), ERR_OK);
		ASSERT_OCTETS(secret_slice(d.elements), elements.plain, "elements");
		by_hand(&g, ot, elements.from.kdf, digest);
		ASSERT_OCTETS(secret_slice(d.k2), slice_make(digest, octets), "the card's K2");
		ASSERT_OCTETS(secret_slice(k2), slice_make(digest, octets), "the operator's K2");
		ASSERT_ERR(grant_open(&g, ot, &back), ERR_UNSUPPORTED);
		for (size_t n = 0; n < w.len; n++)
			CU_ASSERT_NOT_EQUAL(grant_parse(slice_sub(wbuf_slice(&w), 0, n), &g),
					    ERR_OK);
		grant_derived_free(&d);
		secret_free(&k2);
	}
	wbuf_reset(&w);
	ASSERT_ERR(grant_build(&w, &c.binding, c.card_otpk, s, release), ERR_OK);
	ASSERT_ERR(grant_parse(wbuf_slice(&w), &g), ERR_OK);
	ASSERT_ERR(grant_open_derived(
			   &g, ot, &(struct grant_derivation){.kdf = sealed_kdf(16), .octets = 16},
			   &d),
		   ERR_UNSUPPORTED);
	secret_free(&s);
	ec_key_free(&release);
	ec_key_free(&ot);
	wbuf_free(&w);
}

TEST_SUITE(release, {"status", test_status}, {"challenge", test_challenge},
	   {"grant: derived mode", test_derived}, {"grant: every bit matters", test_grant_bits},
	   {"outcome and reseal", test_outcome_and_reseal})
