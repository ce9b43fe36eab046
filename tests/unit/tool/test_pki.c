/* a test PKI as files: made, completed, damaged */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <time.h>

#include "host/operator/pki/release_key.h"
#include "tool/pki/pki.h"
#include "lib/rsp/cert.h"

static const uint8_t eid[16] = {0x89, 0x04, 0x90, 0x32, 0x12, 0x34, 0x51, 0x23,
				0x45, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x35};

static struct slice load(const char *dir, enum pki_part part, enum ec_curve curve, struct wbuf *w)
{
	*w = wbuf_grow(8192);
	ASSERT_ERR(pki_cert(dir, part, curve, w), ERR_OK);
	return wbuf_slice(w);
}

static void test_made_pki(void)
{
	const char *dir = test_dir();
	int64_t now = (int64_t)time(NULL) + 5; /* when all certificates are made */

	for (enum ec_curve curve = EC_P256; curve <= EC_BP256R1; curve++) {
		struct wbuf w[PKI_PARTS];
		struct slice c[PKI_PARTS];
		struct cert ci, other;
		struct ec_key *key = NULL;
		char command[256];

		ASSERT_ERR(pki_create(dir, curve, eid, "dp.example.com"), ERR_OK);
		for (int i = 0; i < PKI_PARTS; i++)
			c[i] = load(dir, (enum pki_part)i, curve, &w[i]);
		ASSERT_ERR(rsp_cert_check_ci(c[PKI_CI], now, &ci), ERR_OK);
		ASSERT_ERR(rsp_cert_check_chain(c[PKI_EUICC], c[PKI_EUM],
						&(struct rsp_trust){&c[PKI_CI], 1, now}, NULL,
						NULL),
			   ERR_OK);
		ASSERT_ERR(rsp_cert_check_dp(c[PKI_DP_AUTH], RSP_ROLE_DP_AUTH, &ci, now, &other),
			   ERR_OK);
		ASSERT_ERR(rsp_cert_check_dp(c[PKI_DP_PB], RSP_ROLE_DP_PB, &ci, now, &other),
			   ERR_OK);
		ASSERT_ERR(rsp_cert_check_dp(c[PKI_DP_TLS], RSP_ROLE_DP_TLS, &ci, now, &other),
			   ERR_OK);
		CU_ASSERT_NOT_EQUAL(
			rsp_cert_check_dp(c[PKI_DP_PB], RSP_ROLE_DP_AUTH, &ci, now, &other),
			ERR_OK);
		ASSERT_ERR(rsp_cert_check_dp(c[PKI_DP_PB], RSP_ROLE_DP_PB, &ci,
					     now + INT64_C(86400) * 365 * 31, &other),
			   ERR_CERT_EXPIRED);
		ASSERT_ERR(pki_key(dir, PKI_EUICC, curve, &key), ERR_OK);
		ASSERT_ERR(cert_parse(c[PKI_EUICC], &other), ERR_OK);
		ASSERT_OCTETS(ec_key_point(key), cert_point(&other), "key of the certificate");
		snprintf(command, sizeof(command),
			 "openssl x509 -inform der -noout -text -in "
			 "%s/pki/EUM/CERT_EUM_ECDSA_%s.der | grep -q 'serialNumber = 89049032'",
			 dir, curve == EC_P256 ? "NIST" : "BRP");
		CU_ASSERT_EQUAL(system(command), 0);
		ec_key_free(&key);
		for (int i = 0; i < PKI_PARTS; i++)
			wbuf_free(&w[i]);
	}
}

static void test_release_key(void)
{
	const char *dir = test_dir();
	struct ec_key *key = NULL;

	ASSERT_ERR(release_key_load(dir, &key), ERR_NOT_FOUND);
	ASSERT_ERR(release_key_create(dir), ERR_OK);
	ASSERT_ERR(release_key_load(dir, &key), ERR_OK);
	CU_ASSERT_EQUAL(ec_key_curve(key), EC_P256);
	ec_key_free(&key);
}

/* The card's side alone first, the subscription manager's under the same CI later. */
static void test_completed_pki(void)
{
	const char *dir = test_dir(), *other = test_dir();
	int64_t now = (int64_t)time(NULL) + 5; /* when all certificates are made */
	struct pki_health health;
	char path[256], pki[256];
	bool open = false;
	struct wbuf w = wbuf_grow(8192), again = wbuf_grow(8192), ci_der = wbuf_grow(8192);
	struct cert ci, dp;
	struct stat st;

	ASSERT_ERR(pki_create(dir, EC_P256, eid, NULL), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_DP_AUTH, EC_P256, &w), ERR_NOT_FOUND);
	snprintf(path, sizeof(path), "%s/pki/CI/SK_CI_ECDSA_NIST.pem", dir);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	snprintf(pki, sizeof(pki), "%s/pki", dir);
	ASSERT_ERR(pki_import(pki, other, NULL, &open), ERR_OK);
	CU_ASSERT_FALSE(open);
	ASSERT_ERR(pki_complete(other, EC_P256, "dp.example.com", now, &health), ERR_OK);
	ASSERT_ERR(pki_complete(other, EC_BP256R1, "dp.example.com", now, &health),
		   ERR_OK); /* no CI there */
	ASSERT_ERR(pki_cert(other, PKI_DP_TLS, EC_BP256R1, &w), ERR_NOT_FOUND);
	wbuf_reset(&w);
	ASSERT_ERR(pki_cert(dir, PKI_CI, EC_P256, &ci_der), ERR_OK);
	ASSERT_ERR(rsp_cert_check_ci(wbuf_slice(&ci_der), now, &ci), ERR_OK);
	ASSERT_ERR(pki_cert(other, PKI_DP_AUTH, EC_P256, &w), ERR_OK);
	ASSERT_ERR(rsp_cert_check_dp(wbuf_slice(&w), RSP_ROLE_DP_AUTH, &ci, now, &dp), ERR_OK);
	/* what is there stays as it is */
	ASSERT_ERR(pki_complete(other, EC_P256, "dp.example.com", now, &health), ERR_OK);
	ASSERT_ERR(pki_cert(other, PKI_DP_AUTH, EC_P256, &again), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&again), wbuf_slice(&w), "DPauth");
	wbuf_free(&w);
	wbuf_free(&again);
	wbuf_free(&ci_der);
}

/* What has run out is issued anew where the CI's key is there, and told where it is not. */
static void test_expired(void)
{
	const char *dir = test_dir();
	int64_t later = (int64_t)time(NULL) + INT64_C(100) * 366 * 86400;
	struct wbuf before = wbuf_grow(8192), after = wbuf_grow(8192);
	struct pki_health health;
	char path[256];

	ASSERT_ERR(pki_create(dir, EC_P256, eid, "dp.example.com"), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_DP_TLS, EC_P256, &before), ERR_OK);
	ASSERT_ERR(pki_complete(dir, EC_P256, "dp.example.com", later, &health), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_DP_TLS, EC_P256, &after), ERR_OK);
	CU_ASSERT(health.renewed[PKI_DP_TLS] && health.ended[PKI_DP_TLS]);
	CU_ASSERT(!slice_equal(wbuf_slice(&before), wbuf_slice(&after)));
	snprintf(path, sizeof(path), "%s/pki/CI/SK_CI_ECDSA_NIST.pem", dir);
	CU_ASSERT_EQUAL(unlink(path), 0);
	ASSERT_ERR(pki_complete(dir, EC_P256, "dp.example.com", later, &health), ERR_OK);
	wbuf_reset(&before);
	ASSERT_ERR(pki_cert(dir, PKI_DP_TLS, EC_P256, &before), ERR_OK);
	CU_ASSERT(!health.renewed[PKI_DP_TLS] && health.ended[PKI_DP_TLS]);
	ASSERT_OCTETS(wbuf_slice(&before), wbuf_slice(&after), "what can't be issued stays");
	wbuf_free(&before);
	wbuf_free(&after);
}

/* A PKI of both curves is taken over for one alone: the manager has no certificate of the other. */
static void test_one_curve(void)
{
	static const enum ec_curve curves[] = {EC_P256, EC_BP256R1};
	const char *dir = test_dir();
	struct wbuf w = wbuf_grow(8192);
	char pki[256];
	bool open;

	snprintf(pki, sizeof(pki), "%s/pki", dir);
	ASSERT_ERR(pki_create(dir, EC_P256, eid, NULL), ERR_OK);
	ASSERT_ERR(pki_import_curve(pki, test_dir(), EC_BP256R1, NULL, &open), ERR_NOT_FOUND);
	ASSERT_ERR(pki_create(dir, EC_BP256R1, eid, NULL), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		const char *other = test_dir();

		ASSERT_ERR(pki_import_curve(pki, other, curves[i], NULL, &open), ERR_OK);
		for (size_t n = 0; n < ARRAY_LEN(curves); n++)
			ASSERT_ERR(pki_cert(other, PKI_CI, curves[n], &w),
				   n == i ? ERR_OK : ERR_NOT_FOUND);
	}
	wbuf_free(&w);
}

static void test_foreign_ci_key(void)
{
	int64_t now = (int64_t)time(NULL) + 5; /* when all certificates are made */
	struct pki_health health;
	const char *dir = test_dir();
	struct ec_key *key = NULL;
	char path[256];

	ASSERT_ERR(pki_create(dir, EC_P256, eid, NULL), ERR_OK);
	snprintf(path, sizeof(path), "%s/pki/CI/SK_CI_ECDSA_NIST.pem", dir);
	ASSERT_ERR(ec_key_generate(EC_P256, &key), ERR_OK);
	ASSERT_ERR(pki_key_write(path, key), ERR_OK);
	ASSERT_ERR(pki_complete(dir, EC_P256, "dp.example.com", now, &health), ERR_KEY);
	ec_key_free(&key);
}

static void test_eids(void)
{
	static const char *const bad[] = {
		"", "8904903212345123451234567890123", "890490321234512345123456789012355",
		"8904903212345123451234567890123a", "89 49032123451234512345678901235"};
	uint8_t a[16], b[16];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ASSERT_ERR(pki_parse_eid(bad[i], a), ERR_ENCODING);
	ASSERT_ERR(pki_parse_eid(PKI_EID_TEST, a), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(a), SLICE_OF(eid), "EID");
	for (int i = 0; i < 200; i++) {
		char digits[33];
		unsigned rest = 0;

		ASSERT_ERR(pki_random_eid(a), ERR_OK);
		ASSERT_ERR(pki_random_eid(b), ERR_OK);
		CU_ASSERT(memcmp(a, b, sizeof(a)) != 0);
		ASSERT_ERR(hex_encode(SLICE_OF(a), digits, sizeof(digits)), ERR_OK);
		CU_ASSERT_EQUAL(strspn(digits, "0123456789"), 32);
		for (const char *c = digits; *c; c++)
			rest = (rest * 10 + (unsigned)(*c - '0')) % 97;
		CU_ASSERT_EQUAL(rest, 1); /* SGP.29: the check digits */
	}
}

TEST_SUITE(pki, {"certificates that SGP.22 accepts", test_made_pki},
	   {"a card's PKI, completed by an operator", test_completed_pki},
	   {"what has run out", test_expired}, {"one curve taken over", test_one_curve},
	   {"the key of another CI", test_foreign_ci_key}, {"EIDs", test_eids},
	   {"the release key", test_release_key})
