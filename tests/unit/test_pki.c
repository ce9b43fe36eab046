#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/operator/pki.h"
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
	int64_t now = (int64_t)time(NULL);

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
		ASSERT_ERR(rsp_cert_check_chain(c[PKI_EUICC], c[PKI_EUM], &c[PKI_CI], 1, now, NULL,
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

TEST_SUITE(pki, {"certificates that SGP.22 accepts", test_made_pki},
	   {"the release key", test_release_key})
