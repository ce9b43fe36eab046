/* AES, CMAC, GCM, key wrap, KDF, ECDSA and ECDH against vectors */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"

/* NIST SP 800-38A F.2.1, first two blocks */
static void test_cbc(void)
{
	struct slice key = test_unhex("2b7e151628aed2a6abf7158809cf4f3c");
	struct slice iv = test_unhex("000102030405060708090a0b0c0d0e0f");
	struct slice plain = test_unhex("6bc1bee22e409f96e93d7e117393172a"
					"ae2d8a571e03ac9c9eb76fac45af8e51");
	struct slice want = test_unhex("7649abac8119b246cee98e9b12e9197d"
				       "5086cb9b507219ee95db113a917678b2");
	uint8_t out[32];
	struct cbc *cbc = NULL;

	ASSERT_ERR(cbc_new(slice_sub(key, 0, 15), &cbc), ERR_KEY);
	CU_ASSERT_FATAL(cbc_new(key, &cbc) == ERR_OK);
	for (int i = 0; i < 2; i++) { /* each time from the IV */
		ASSERT_ERR(cbc_encrypt(cbc, iv.ptr, plain, out), ERR_OK);
		ASSERT_OCTETS(SLICE_OF(out), want, "CBC");
		ASSERT_ERR(cbc_decrypt(cbc, iv.ptr, SLICE_OF(out), out), ERR_OK);
		ASSERT_OCTETS(SLICE_OF(out), plain, "CBC back, in place");
		ASSERT_ERR(cbc_encrypt(cbc, iv.ptr, slice_sub(plain, 0, 17), out), ERR_LENGTH);
	}
	cbc_free(&cbc);
}

/* RFC 4493 section 4, examples 1 to 3, the third one in parts */
static void test_cmac(void)
{
	struct slice key = test_unhex("2b7e151628aed2a6abf7158809cf4f3c");
	struct slice m =
		test_unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
			   "30c81c46a35ce411");
	struct slice parts[2] = {slice_sub(m, 0, 7), slice_sub(m, 7, 33)};
	uint8_t mac[AES_BLOCK];
	struct cmac *cmac = NULL;

	ASSERT_ERR(cmac_new(slice_sub(key, 0, 15), &cmac), ERR_KEY);
	CU_ASSERT_FATAL(cmac_new(key, &cmac) == ERR_OK);
	for (int i = 0; i < 2; i++) { /* each time from the start */
		ASSERT_ERR(cmac_sum(cmac, NULL, 0, mac), ERR_OK);
		ASSERT_OCTETS(SLICE_OF(mac), test_unhex("bb1d6929e95937287fa37d129b756746"),
			      "empty");
		ASSERT_ERR(cmac_sum(cmac, parts, 2, mac), ERR_OK);
		ASSERT_OCTETS(SLICE_OF(mac), test_unhex("dfa66747de9ae63030ca32611497c827"),
			      "40 octets");
	}
	cmac_free(&cmac);
}

/* GCM specification (McGrew, Viega), test case 16 */
static void test_gcm(void)
{
	struct slice key =
		test_unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
	struct slice nonce = test_unhex("cafebabefacedbaddecaf888");
	struct slice aad = test_unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
	struct slice plain =
		test_unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
			   "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
	struct slice want =
		test_unhex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
			   "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
			   "76fc6ece0f4e1768cddf8853bb2d551b");
	struct wbuf sealed = wbuf_grow(1000), opened = wbuf_grow(1000);

	ASSERT_ERR(aes_gcm_seal(key, nonce.ptr, aad, plain, &sealed), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&sealed), want, "GCM");
	ASSERT_ERR(aes_gcm_open(key, nonce.ptr, aad, want, &opened), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&opened), plain, "GCM back");
	for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
		sealed.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		wbuf_reset(&opened);
		ASSERT_ERR(aes_gcm_open(key, nonce.ptr, aad, wbuf_slice(&sealed), &opened),
			   ERR_MAC);
		CU_ASSERT_EQUAL(opened.len, 0);
		sealed.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ASSERT_ERR(aes_gcm_open(key, nonce.ptr, aad, slice_sub(want, 0, 15), &opened),
		   ERR_TRUNCATED);
	wbuf_free(&sealed);
	wbuf_free(&opened);
}

/* RFC 5649 section 6 uses a 192-bit key; ours are 256 bits: round trips, and every bit matters */
static void test_key_wrap(void)
{
	struct slice key =
		test_unhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	static const size_t lengths[] = {1, 7, 8, 9, 16, 31, 32, 33};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct wbuf plain = wbuf_grow(100), wrapped = wbuf_grow(200), back = wbuf_grow(100);

		wbuf_fill(&plain, 0x5A, lengths[i]);
		ASSERT_ERR(aes_key_wrap(key, wbuf_slice(&plain), &wrapped), ERR_OK);
		CU_ASSERT_EQUAL(wrapped.len, (lengths[i] + 7) / 8 * 8 + 8);
		ASSERT_ERR(aes_key_unwrap(key, wbuf_slice(&wrapped), &back), ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&back), wbuf_slice(&plain), "unwrapped");
		for (size_t bit = 0; bit < 8 * wrapped.len; bit++) {
			wrapped.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
			wbuf_reset(&back);
			ASSERT_ERR(aes_key_unwrap(key, wbuf_slice(&wrapped), &back), ERR_MAC);
			CU_ASSERT_EQUAL(back.len, 0);
			wrapped.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		wbuf_free(&plain);
		wbuf_free(&wrapped);
		wbuf_free(&back);
	}
}

static void test_ec_signatures(void)
{
	struct slice parts[2] = {slice_str("two "), slice_str("parts")};
	struct slice whole = slice_str("two parts");

	for (enum ec_curve curve = EC_P256; curve <= EC_BP256R1; curve++) {
		struct ec_key *key = NULL, *again = NULL;
		struct wbuf der = wbuf_grow(1000);
		uint8_t sig[EC_SIGNATURE_LEN];

		ASSERT_ERR(ec_key_generate(curve, &key), ERR_OK);
		ASSERT_ERR(ec_key_save(key, &der), ERR_OK);
		ASSERT_ERR(ec_key_load(wbuf_slice(&der), &again), ERR_OK);
		CU_ASSERT_EQUAL(ec_key_curve(again), curve);
		ASSERT_ERR(ec_sign(again, parts, 2, sig), ERR_OK);
		ASSERT_ERR(ec_verify(curve, ec_key_point(key), &whole, 1, SLICE_OF(sig)), ERR_OK);
		for (size_t bit = 0; bit < 8 * sizeof(sig); bit += 5) {
			sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
			ASSERT_ERR(ec_verify(curve, ec_key_point(key), &whole, 1, SLICE_OF(sig)),
				   ERR_SIGNATURE);
			sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		ASSERT_ERR(ec_verify(curve, ec_key_point(key), &whole, 1,
				     slice_sub(SLICE_OF(sig), 0, 63)),
			   ERR_SIGNATURE);
		memset(sig, 0, sizeof(sig)); /* r = s = 0 is no signature */
		ASSERT_ERR(ec_verify(curve, ec_key_point(key), &whole, 1, SLICE_OF(sig)),
			   ERR_SIGNATURE);
		wbuf_u8(&der, 0);
		ec_key_free(&again);
		ASSERT_ERR(ec_key_load(wbuf_slice(&der), &again), ERR_KEY);
		ec_key_free(&key);
		wbuf_free(&der);
	}
}

static struct slice pkcs8(const char *number, const char *point)
{
	char hex[512];

	snprintf(hex, sizeof(hex),
		 "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420%s"
		 "a144034200%s",
		 number, point);
	return test_unhex(hex);
}

/* RFC 6979 A.2.5: key pair; each form in which it may come, and what is none */
static void test_ec_key_forms(void)
{
	static const char x[] = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
	static const char u[] = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
				"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
	struct slice whole = pkcs8(x, u), sample = slice_str("sample");
	struct slice sec1 = slice_sub(whole, 29, whole.len); /* has no curve of its own */
	char other[sizeof(u)];
	struct wbuf der = wbuf_grow(1000);
	struct ec_key *key = NULL;
	uint8_t sig[EC_SIGNATURE_LEN];

	ASSERT_ERR(ec_key_load(whole, &key), ERR_OK);
	ASSERT_OCTETS(ec_key_point(key), test_unhex(u), "point");
	ASSERT_ERR(ec_sign(key, &sample, 1, sig), ERR_OK);
	ASSERT_ERR(ec_verify(EC_P256, test_unhex(u), &sample, 1, SLICE_OF(sig)), ERR_OK);
	ASSERT_ERR(ec_key_save(key, &der), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&der), whole, "the form that is written");
	ec_key_free(&key);
	for (size_t n = 0; n < whole.len; n++)
		ASSERT_ERR(ec_key_load(slice_sub(whole, 0, n), &key), ERR_KEY);
	memcpy(other, u, sizeof(u)); /* off the curve */
	other[129] ^= 1;
	ASSERT_ERR(ec_key_load(pkcs8(x, other), &key), ERR_KEY);
	ASSERT_ERR(ec_key_load(sec1, &key), ERR_KEY);
	/* without the point (RFC 5915: it is optional) */
	wbuf_reset(&der);
	wbuf_put(&der, test_unhex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201"
				  "010420"));
	wbuf_put(&der, test_unhex(x));
	ASSERT_ERR(ec_key_load(wbuf_slice(&der), &key), ERR_OK);
	ASSERT_OCTETS(ec_key_point(key), test_unhex(u), "the point, computed");
	ec_key_free(&key);
	wbuf_free(&der);
}

/* RFC 6979 A.2.5, SHA-256, message "sample": a signature made elsewhere */
static void test_ec_known(void)
{
	struct slice point =
		test_unhex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
			   "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
	struct slice sig =
		test_unhex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
			   "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
	struct slice sample = slice_str("sample");

	ASSERT_ERR(ec_verify(EC_P256, point, &sample, 1, sig), ERR_OK);
	ASSERT_ERR(ec_verify(EC_BP256R1, point, &sample, 1, sig), ERR_POINT);
}

static void test_ec_agreement_and_points(void)
{
	struct ec_key *a = NULL, *b = NULL;
	struct secret *ab = NULL, *ba = NULL;
	uint8_t point[EC_POINT_LEN];

	ASSERT_ERR(ec_key_generate(EC_P256, &a), ERR_OK);
	ASSERT_ERR(ec_key_generate(EC_P256, &b), ERR_OK);
	ASSERT_ERR(ec_agree(a, ec_key_point(b), &ab), ERR_OK);
	ASSERT_ERR(ec_agree(b, ec_key_point(a), &ba), ERR_OK);
	CU_ASSERT_TRUE(secret_equal(secret_slice(ab), secret_slice(ba)));
	secret_free(&ab);
	for (size_t bit = 0; bit < 8 * EC_POINT_LEN; bit++) {
		ASSERT_ERR(slice_copy(ec_key_point(b), point, sizeof(point)), ERR_OK);
		point[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ASSERT_ERR(ec_agree(a, SLICE_OF(point), &ab), ERR_POINT);
		CU_ASSERT_PTR_NULL(ab);
	}
	ASSERT_ERR(ec_point_check(EC_P256, test_unhex("00")), ERR_POINT); /* infinity */
	ASSERT_ERR(ec_point_check(EC_BP256R1, ec_key_point(a)), ERR_POINT);
	secret_free(&ba);
	ec_key_free(&a);
	ec_key_free(&b);
}

/* More public keys in turn than are kept, with points off the curve between them. */
static void test_ec_many_keys(void)
{
	enum { KEYS = 20 };
	struct ec_key *keys[KEYS];
	uint8_t sig[KEYS][EC_SIGNATURE_LEN], off[EC_POINT_LEN];
	struct slice text = slice_str("text");

	for (unsigned i = 0; i < KEYS; i++) {
		ASSERT_ERR(ec_key_generate(i % 3 ? EC_P256 : EC_BP256R1, &keys[i]), ERR_OK);
		ASSERT_ERR(ec_sign(keys[i], &text, 1, sig[i]), ERR_OK);
	}
	for (unsigned i = 0; i < 10 * KEYS; i++) {
		unsigned n = i * 7 % (i < 5 * KEYS ? KEYS : 5);
		enum ec_curve curve = ec_key_curve(keys[n]);

		ASSERT_ERR(slice_copy(ec_key_point(keys[n]), off, sizeof(off)), ERR_OK);
		off[40] ^= 1;
		ASSERT_ERR(ec_verify(curve, SLICE_OF(off), &text, 1, SLICE_OF(sig[n])), ERR_POINT);
		ASSERT_ERR(ec_verify(curve, ec_key_point(keys[n]), &text, 1, SLICE_OF(sig[n])),
			   ERR_OK);
		ASSERT_ERR(ec_verify(curve, ec_key_point(keys[n]), &text, 1,
				     SLICE_OF(sig[(n + 1) % KEYS])),
			   ERR_SIGNATURE);
		ASSERT_ERR(ec_verify(curve, SLICE_OF(off), &text, 1, SLICE_OF(sig[n])), ERR_POINT);
	}
	for (unsigned i = 0; i < KEYS; i++)
		ec_key_free(&keys[i]);
}

static void test_ec_spki(void)
{
	for (enum ec_curve curve = EC_P256; curve <= EC_BP256R1; curve++) {
		struct ec_key *key = NULL;
		struct wbuf w = wbuf_grow(200);
		struct slice point;
		enum ec_curve got;

		ASSERT_ERR(ec_key_generate(curve, &key), ERR_OK);
		ec_put_spki(&w, curve, ec_key_point(key));
		ASSERT_ERR(ec_parse_spki(wbuf_slice(&w), &got, &point), ERR_OK);
		CU_ASSERT_EQUAL(got, curve);
		ASSERT_OCTETS(point, ec_key_point(key), "point");
		for (size_t n = 0; n < w.len; n++)
			CU_ASSERT_NOT_EQUAL(
				ec_parse_spki(slice_sub(wbuf_slice(&w), 0, n), &got, &point),
				ERR_OK);
		wbuf_free(&w);
		ec_key_free(&key);
	}
}

/* ANSI X9.63 KDF, SHA-256: NIST CAVS vector without and with shared info */
static void test_x963(void)
{
	uint8_t out[16];

	ASSERT_ERR(x963_kdf_sha256(test_unhex("96c05619d56c328ab95fe84b18264b08725b85e33fd34f08"),
				   SLICE_EMPTY, out, sizeof(out)),
		   ERR_OK);
	ASSERT_OCTETS(SLICE_OF(out), test_unhex("443024c3dae66b95e6f5670601558f71"), "X9.63");
}

TEST_SUITE(crypto, {"AES-CBC", test_cbc}, {"AES-CMAC", test_cmac}, {"AES-GCM", test_gcm},
	   {"key wrap", test_key_wrap}, {"ECDSA on both curves", test_ec_signatures},
	   {"forms of a private key", test_ec_key_forms},
	   {"ECDSA, a known signature", test_ec_known},
	   {"ECDH and points off the curve", test_ec_agreement_and_points},
	   {"ECDSA, many keys in turn", test_ec_many_keys}, {"SubjectPublicKeyInfo", test_ec_spki},
	   {"X9.63 KDF", test_x963})
