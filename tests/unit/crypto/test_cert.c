/* certificates: chains, roles, validity, each octet */
#include "tests/unit/test.h"

#include <stdio.h>

#include "lib/rsp/cert.h"

#define NOW	   1780000000 /* May 2026: every test certificate but those for TLS is valid */
#define LONG_AFTER INT64_C(9000000000)

struct pki { /* one test PKI and curve: files under the test-data folder's rsp/ */
	const char *dir, *ci, *eum, *euicc, *euicc_key, *dpauth, *dppb;
};

static const struct pki pkis[] = {
	{"sgp26", "CI/CERT_CI_ECDSA_NIST.der", "EUM/CERT_EUM_SIG_NIST.der",
	 "eUICC/CERT_EUICC_SIG_NIST.der", "eUICC/SK_EUICC_SIG_NIST.pem",
	 "DPauth/CERT_S_SM_DPauth_ECDSA_NIST.der", "DPpb/CERT_S_SM_DPpb_ECDSA_NIST.der"},
	{"pki-fresh", "CertificateIssuer/CERT_CI_ECDSA_NIST.der", "EUM/CERT_EUM_ECDSA_NIST.der",
	 "eUICC/CERT_EUICC_ECDSA_NIST.der", "eUICC/SK_EUICC_ECDSA_NIST.pem",
	 "DPauth/CERT_S_SM_DPauth_ECDSA_NIST.der", "DPpb/CERT_S_SM_DPpb_ECDSA_NIST.der"},
	{"pki-fresh", "CertificateIssuer/CERT_CI_ECDSA_BRP.der", "EUM/CERT_EUM_ECDSA_BRP.der",
	 "eUICC/CERT_EUICC_ECDSA_BRP.der", "eUICC/SK_EUICC_ECDSA_BRP.pem",
	 "DPauth/CERT_S_SM_DPauth_ECDSA_BRP.der", "DPpb/CERT_S_SM_DPpb_ECDSA_BRP.der"},
};

static struct slice pki_file(const struct pki *p, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "rsp/%s/%s", p->dir, name);
	return test_shared(path);
}

static void test_chains(void)
{
	for (size_t i = 0; i < ARRAY_LEN(pkis); i++) {
		const struct pki *p = &pkis[i];
		struct slice ci = pki_file(p, p->ci), euicc = pki_file(p, p->euicc);
		struct slice eum = pki_file(p, p->eum), key = pki_file(p, p->euicc_key);
		struct slice eid = test_unhex("89049032123451234512345678901235");
		struct cert c, leaf;
		uint8_t named[16];

		if (!ci.len)
			return;
		ASSERT_ERR(rsp_cert_check_ci(ci, NOW, &c), ERR_OK);
		ASSERT_ERR(rsp_cert_check_chain(euicc, eum, &(struct rsp_trust){&ci, 1, NOW}, &leaf,
						NULL),
			   ERR_OK);
		ASSERT_ERR(rsp_cert_eid(&leaf, named), ERR_OK);
		ASSERT_ERR(rsp_cert_check_identity(
				   &(struct rsp_euicc_identity){euicc, eum, key, SLICE_OF(named)},
				   &(struct rsp_trust){&ci, 1, NOW}, NULL),
			   ERR_OK);
		if (i == 0)
			ASSERT_OCTETS(SLICE_OF(named), eid, "EID");
		eid = test_unhex("89049032000000000000000000000000");
		ASSERT_ERR(
			rsp_cert_check_identity(&(struct rsp_euicc_identity){euicc, eum, key, eid},
						&(struct rsp_trust){&ci, 1, NOW}, NULL),
			ERR_CERT);
		ASSERT_ERR(
			rsp_cert_check_dp(pki_file(p, p->dpauth), RSP_ROLE_DP_AUTH, &c, NOW, &leaf),
			ERR_OK);
		CU_ASSERT(cert_rid(&leaf).len > 0);
		ASSERT_ERR(rsp_cert_check_dp(pki_file(p, p->dppb), RSP_ROLE_DP_PB, &c, NOW, &leaf),
			   ERR_OK);
	}
}

static void test_refused(void)
{
	for (size_t i = 0; i < ARRAY_LEN(pkis); i++) {
		const struct pki *p = &pkis[i], *other = &pkis[(i + 1) % ARRAY_LEN(pkis)];
		struct slice ci = pki_file(p, p->ci), foreign = pki_file(other, other->ci);
		struct slice euicc = pki_file(p, p->euicc), eum = pki_file(p, p->eum);
		struct slice dp = pki_file(p, p->dpauth);
		struct cert c, f, leaf;

		if (!ci.len)
			return;
		ASSERT_ERR(rsp_cert_check_ci(ci, NOW, &c), ERR_OK);
		ASSERT_ERR(rsp_cert_check_ci(foreign, NOW, &f), ERR_OK);
		ASSERT_ERR(rsp_cert_check_ci(dp, NOW, &leaf), ERR_CERT);
		ASSERT_ERR(rsp_cert_check_dp(dp, RSP_ROLE_DP_PB, &c, NOW, &leaf), ERR_CERT);
		ASSERT_ERR(rsp_cert_check_dp(dp, RSP_ROLE_DP_AUTH, &f, NOW, &leaf),
			   ERR_CERT_UNTRUSTED);
		ASSERT_ERR(rsp_cert_check_dp(dp, RSP_ROLE_DP_AUTH, &c, 0, &leaf), ERR_CERT_EXPIRED);
		ASSERT_ERR(rsp_cert_check_dp(dp, RSP_ROLE_DP_AUTH, &c, LONG_AFTER, &leaf),
			   ERR_CERT_EXPIRED);
		/* of no use for another reason too: that it has expired is said first */
		ASSERT_ERR(rsp_cert_check_dp(dp, RSP_ROLE_DP_PB, &c, LONG_AFTER, &leaf),
			   ERR_CERT_EXPIRED);
		/* SGP.22 4.5.2.1: an EUM's certificate names its CI, or is none */
		CU_ASSERT_EQUAL(c.authority_id_len, 0);
		ASSERT_ERR(rsp_cert_check_chain(euicc, ci, &(struct rsp_trust){&ci, 1, NOW}, NULL,
						NULL),
			   ERR_CERT);
		ASSERT_ERR(rsp_cert_check_chain(euicc, eum, &(struct rsp_trust){&foreign, 1, NOW},
						NULL, NULL),
			   ERR_CERT_UNTRUSTED);
		ASSERT_ERR(rsp_cert_check_chain(euicc, eum, &(struct rsp_trust){&ci, 0, NOW}, NULL,
						NULL),
			   ERR_CERT_UNTRUSTED);
		ASSERT_ERR(rsp_cert_check_chain(euicc, eum, &(struct rsp_trust){&ci, 1, LONG_AFTER},
						NULL, NULL),
			   ERR_CERT_EXPIRED);
		/* The leaf of another chain under this one's EUM, and the EUM as a leaf. */
		CU_ASSERT_NOT_EQUAL(rsp_cert_check_chain(pki_file(other, other->euicc), eum,
							 &(struct rsp_trust){&ci, 1, NOW}, NULL,
							 NULL),
				    ERR_OK);
		CU_ASSERT_NOT_EQUAL(rsp_cert_check_chain(eum, eum, &(struct rsp_trust){&ci, 1, NOW},
							 NULL, NULL),
				    ERR_OK);
		CU_ASSERT_NOT_EQUAL(
			rsp_cert_check_chain(dp, eum, &(struct rsp_trust){&ci, 1, NOW}, NULL, NULL),
			ERR_OK);
	}
}

/* One bit anywhere in a certificate, or a cut, and it is refused. */
static void test_bits(void)
{
	const struct pki *p = &pkis[0];
	struct slice ci = pki_file(p, p->ci), dp = pki_file(p, p->dpauth);
	struct wbuf w = wbuf_grow(4096);
	struct cert c, leaf;

	if (!ci.len)
		return;
	ASSERT_ERR(rsp_cert_check_ci(ci, NOW, &c), ERR_OK);
	wbuf_put(&w, dp);
	for (size_t i = 0; i < dp.len; i++) {
		w.ptr[i] ^= (uint8_t)(1 << i % 8);
		CU_ASSERT_NOT_EQUAL(
			rsp_cert_check_dp(wbuf_slice(&w), RSP_ROLE_DP_AUTH, &c, NOW, &leaf),
			ERR_OK);
		w.ptr[i] ^= (uint8_t)(1 << i % 8);
		CU_ASSERT_NOT_EQUAL(cert_parse(slice_sub(dp, 0, i), &leaf), ERR_OK);
	}
	wbuf_free(&w);
}

TEST_SUITE(cert, {"chains of both curves", test_chains},
	   {"foreign, expired, wrong role", test_refused}, {"each octet counts", test_bits})
