/*
 * What SGP.22 4.5.2 says of certificates, field by field: one changed at a time, signed again.
 */
#include "card-emu/store/store.h"
#include "tests/unit/support/rsp_bench.h"

#include <stdio.h>

#include "card-emu/core/app.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/cert.h"

#define FRESH	  "rsp/pki-fresh/"
#define NO_CHANGE "0603551d0f"

static const struct server_row {
	const char *what, *find, *put;
	unsigned want;
} server_rows[] = {
	{"nothing", NO_CHANGE, NO_CHANGE, 0},
	{"the role of a SM-DS", "67811201020104", "67811201020107", 0},
	{"the role of CERT.DPpb", "67811201020104", "67811201020105",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"the role of TLS", "67811201020104", "67811201020103",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"another policy", "67811201020104", "67811201030104",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"policies not critical", "0603551d200101ff", "0603551d20010100",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"usage keyCertSign", "040403020780", "040403020204",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"usage keyAgreement", "040403020780", "040403020308",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"usage digitalSignature and keyCertSign", "040403020780", "040403020284",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"usage not critical", "0603551d0f0101ff", "0603551d0f010100",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"an unknown critical extension", "0603551d0f0101ff", "0603551d7f0101ff",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"no subjectKeyIdentifier", "0603551d0e", "0603551d7e",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"no authorityKeyIdentifier", "0603551d23", "0603551d7e",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"another authorityKeyIdentifier", "3016801465", "3016801466",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"another issuer's name", "124672657368", "124672657367",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"not valid yet", "170d323430313031", "170d323930313031",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"not valid any more", "180f3230353430313031", "180f3230323430313032",
	 ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
	{"another curve", "2a8648ce3d030107", "2a8648ce3d030106",
	 ES10B_AUTHENTICATE_UNSUPPORTED_CURVE},
	{"no registeredID", "300588038837", "300582038837", ES10B_AUTHENTICATE_INVALID_OID},
	{"no subjectAltName", "0603551d11", "0603551d7e", ES10B_AUTHENTICATE_INVALID_OID},
};

static void test_server(void)
{
	for (size_t i = 0; i < ARRAY_LEN(server_rows); i++) {
		const struct server_row *row = &server_rows[i];
		struct wbuf w = wbuf_grow(2048);
		struct bench b;
		unsigned got;

		if (bench_open(&b, BENCH_FRESH_NIST)) {
			b.dpauth = bench_forge(&b, b.dpauth, row->find, row->put, &w);
			got = bench_authenticate(&b);
			if (got != row->want)
				printf("\n    %s: %u instead of %u ", row->what, got, row->want);
			CU_ASSERT_EQUAL(got, row->want);
		}
		bench_close(&b);
		wbuf_free(&w);
	}
}

static const struct ci_row {
	const char *what, *find, *put;
	bool good;
} ci_rows[] = {
	{"nothing", NO_CHANGE, NO_CHANGE, true},
	{"not valid yet", "170d323430313031", "170d323930313031", false},
	{"not valid any more", "180f3230353430313031", "180f3230323430313032", false},
	{"the role of an EUM", "67811201020100", "67811201020102", false},
	{"policies not critical", "0603551d200101ff", "0603551d20010100", false},
	{"usage digitalSignature", "040403020106", "040403020780", false},
	{"usage not critical", "0603551d0f0101ff", "0603551d0f010100", false},
	{"no CA", "040530030101ff", "04053003010100", false},
	{"basic constraints not critical", "0603551d130101ff", "0603551d13010100", false},
};

/* The CI's own certificate, which the card holds: it issues nothing when it is no CI's, or ended.
 */
static void test_ci(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ci_rows); i++) {
		const struct ci_row *row = &ci_rows[i];
		struct wbuf w = wbuf_grow(2048);
		struct bench b;
		unsigned got;

		if (bench_open(&b, BENCH_FRESH_NIST)) {
			struct slice ci =
				bench_forge(&b, b.identity.ci_certs[0], row->find, row->put, &w);
			struct store_txn *t = store_begin(card_store(b.card));

			store_put(t, "euicc/ci/0", ci);
			ASSERT_ERR(store_commit(t), ERR_OK);
			got = bench_authenticate(&b);
			if (got != (row->good ? 0 : ES10B_AUTHENTICATE_INVALID_CERTIFICATE))
				printf("\n    CI, %s: %u ", row->what, got);
			CU_ASSERT_EQUAL(got,
					row->good ? 0 : ES10B_AUTHENTICATE_INVALID_CERTIFICATE);
		}
		bench_close(&b);
		wbuf_free(&w);
	}
}

/* A PrepareDownload that is refused leaves nothing of the one before it, nor of its own. */
static void test_refused_pair(void)
{
	struct wbuf w = wbuf_grow(2048);
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), 0);
		bench_bind(&b);
		b.dppb = bench_forge(&b, b.dppb,
				     "30058803883"
				     "70a",
				     "30058803883"
				     "70b",
				     &w);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		CU_ASSERT_EQUAL(bench_load(&b), BENCH_AT_LOAD);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
	}
	bench_close(&b);
	wbuf_free(&w);
}

/* SGP.22 5.7.5: CERT.DPpb is the same SM-DP+'s, under the same CI; a SM-DS binds no profile. */
static void test_pair(void)
{
	struct wbuf w = wbuf_grow(2048);
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		struct slice right = b.dppb;

		b.dppb = bench_forge(&b, right,
				     "30058803883"
				     "70a",
				     "30058803883"
				     "70b",
				     &w);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		b.dppb = test_shared(FRESH "DPpb/CERT_S_SM_DPpb_ECDSA_BRP.der");
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		b.dppb = right; /* the session is still there */
		CU_ASSERT_EQUAL(bench_prepare(&b), 0);
		b.dpauth = bench_forge(&b, b.dpauth, "67811201020104", "67811201020107", &w);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_NO_SESSION);
	}
	bench_close(&b);
	wbuf_free(&w);
}

static const struct chain_row {
	const char *what;
	bool eum; /* the EUM's certificate is changed, else the eUICC's */
	const char *find, *put;
	enum err want;
} chain_rows[] = {
	{"nothing", false, NO_CHANGE, NO_CHANGE, ERR_OK},
	{"an EID that the EUM may not give", false, "3839303439303332", "3839303439303333",
	 ERR_CERT},
	{"a shorter EID", false, "2038393034", "1f38393034", ERR_ENCODING},
	{"another organisation", false, "20546573742045554d3129", "20546573742045554e3129",
	 ERR_CERT},
	{"the eUICC in the role of an EUM", false, "67811201020101", "67811201020102", ERR_CERT},
	{"usage of a CA", false, "040403020780", "040403020204", ERR_CERT},
	{"nothing", true, NO_CHANGE, NO_CHANGE, ERR_OK},
	{"an EUM for other EIDs", true, "13083839303439303332", "13083839303439303333", ERR_CERT},
	{"an EUM without a constraint", true, "0603551d1e0101ff", "0603551d7e010100", ERR_CERT},
	{"an EUM with EIDs that are excluded", true, "0603551d1e0101ff04343032a0",
	 "0603551d1e0101ff04343032a1", ERR_UNSUPPORTED},
	{"an EUM whose constraint is no DER", true, "0603551d1e0101ff04343032a0",
	 "0603551d1e0101ff04343033a0", ERR_ENCODING},
	{"an EUM that is no CA", true, "30060101ff020100", "3006010100020100", ERR_CERT},
	{"an EUM above further CAs", true, "30060101ff020100", "30060101ff020101", ERR_CERT},
	{"basic constraints not critical", true, "0603551d130101ff", "0603551d13010100", ERR_CERT},
	{"an EUM in the role of an eUICC", true, "67811201020102", "67811201020101", ERR_CERT},
	{"an EUM that may not sign certificates", true, "040403020204", "040403020780", ERR_CERT},
};

/* CERT.EUM and CERT.EUICC, which card_create() checks */
static void test_chain(void)
{
	struct wbuf w = wbuf_grow(2048);
	struct ec_key *eum_key = NULL;
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		ASSERT_ERR(ec_key_load(test_shared(FRESH "EUM/SK_EUM_ECDSA_NIST.pem"), &eum_key),
			   ERR_OK);
		for (size_t i = 0; i < ARRAY_LEN(chain_rows); i++) {
			const struct chain_row *row = &chain_rows[i];
			struct slice euicc = b.identity.signers[0].euicc_cert;
			struct slice eum = b.identity.signers[0].eum_cert;
			struct ec_key *ci_key = b.ci_key;
			enum err e;

			if (row->eum) {
				eum = bench_forge(&b, eum, row->find, row->put, &w);
			} else {
				b.ci_key = eum_key;
				euicc = bench_forge(&b, euicc, row->find, row->put, &w);
				b.ci_key = ci_key;
			}
			e = rsp_cert_check_chain(
				euicc, eum, &(struct rsp_trust){b.identity.ci_certs, 2, BENCH_NOW},
				NULL, NULL);
			if (e != row->want)
				printf("\n    %s: %s ", row->what, err_name(e));
			ASSERT_ERR(e, row->want);
		}
	}
	ec_key_free(&eum_key);
	bench_close(&b);
	wbuf_free(&w);
}

TEST_SUITE(isdr_certs, {"a server's certificate, field by field", test_server},
	   {"the CI's certificate, field by field", test_ci},
	   {"CERT.DPauth and CERT.DPpb belong together", test_pair},
	   {"a refused PrepareDownload leaves nothing", test_refused_pair},
	   {"the eUICC's chain, field by field", test_chain})
