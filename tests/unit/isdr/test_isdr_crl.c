/* LoadCRL, and what a revoked certificate refuses (SGP.22 5.7.12) */
#include "tests/unit/support/rsp_crl.h"

#include <stdio.h>
#include <string.h>

#include "lib/crypto/cert.h"
#include "tool/sys/file.h"

static struct slice number_of(struct slice der)
{
	static uint8_t mem[2][CERT_NUMBER_MAX];
	static unsigned turn;
	struct cert c;

	ASSERT_ERR(cert_parse(der, &c), ERR_OK);
	turn ^= 1;
	memcpy(mem[turn], c.number, c.number_len);
	return slice_make(mem[turn], c.number_len);
}

/* SGP.22 4.6.2: who is named is refused, until a newer list names him no longer. */
static void test_revoked(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		struct bench_crl l = {.number = 5, .known_critical = true};

		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		l = (struct bench_crl){.number = 6, .revoked = {number_of(b.dpauth)}};
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), 0);
		bench_restart(&b);
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_INVALID_CERTIFICATE);
		l = (struct bench_crl){.number = 7,
				       .revoked = {test_unhex("7f"), number_of(b.dppb)}};
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		/* an older list, and the same once more */
		l.number = 6;
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), ES10B_CRL_UNDEFINED);
		l = (struct bench_crl){.number = 7};
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		l.number = 8;
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), 0);
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
}

/* A list in parts is in force part by part; the one before holds until the last came. */
static void test_parts(void)
{
	struct bench b;
	size_t missing;

	if (bench_open(&b, BENCH_FRESH_BRP)) {
		struct bench_crl l = {.number = 1, .revoked = {number_of(b.dpauth)}};

		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, &missing), 0);
		CU_ASSERT_EQUAL(missing, 0);
		l = (struct bench_crl){.number = 2, .parts = 3, .part = 3};
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, &missing), 0);
		CU_ASSERT_EQUAL(missing, 2);
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, &missing), 0); /* twice is once */
		CU_ASSERT_EQUAL(missing, 2);
		l.parts = 4;
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), ES10B_CRL_INVALID_FORMAT);
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_INVALID_CERTIFICATE);
		l = (struct bench_crl){
			.number = 2, .parts = 3, .part = 1, .revoked = {number_of(b.dppb)}};
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, &missing), 0);
		CU_ASSERT_EQUAL(missing, 1);
		l = (struct bench_crl){.number = 2, .parts = 3, .part = 2};
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, &missing), 0);
		CU_ASSERT_EQUAL(missing, 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		l = (struct bench_crl){.number = 3, .parts = 65, .part = 65};
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), ES10B_CRL_NO_MEMORY);
	}
	bench_close(&b);
}

static void test_refused(void)
{
	static const struct {
		struct bench_crl crl;
		unsigned want;
	} rows[] = {
		{{.number = 1, .no_number = true}, ES10B_CRL_INVALID_FORMAT},
		{{.number = 1, .no_key_id = true}, ES10B_CRL_INVALID_FORMAT},
		{{.number = 1, .unknown_critical = true}, ES10B_CRL_INVALID_FORMAT},
		{{.number = 1, .parts = 2, .part = 3}, ES10B_CRL_INVALID_FORMAT},
		{{.number = 1, .filler = 1600}, ES10B_CRL_NO_MEMORY},
		{{.number = 1, .filler = 1200}, 0},
	};
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		struct bench_crl l = {.number = 1};
		struct ec_key *right = b.ci_key;
		struct slice id = b.ci_key_id;

		b.ci_key = b.pb_key;
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), ES10B_CRL_INVALID_SIGNATURE);
		b.ci_key = right;
		b.ci_key_id = test_unhex("0102030405060708090a0b0c0d0e0f1011121314");
		CU_ASSERT_EQUAL(bench_load_crl(&b, &l, NULL), ES10B_CRL_NO_KEY);
		b.ci_key_id = id;
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			CU_ASSERT_EQUAL(bench_load_crl(&b, &rows[i].crl, NULL), rows[i].want);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf3500"), SW_WRONG_DATA);
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf35023000"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3503810102"), "empty list");
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
}

/* What the tests load is a CRL to OpenSSL as well. */
static void test_openssl(void)
{
	const char *dir = test_dir();
	char path[256], command[1024];
	struct wbuf w = wbuf_grow(8192);
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		const struct crl_issuer ca = {b.ci_key_id, b.dpauth, b.ci_key};
		struct bench_crl l = {.number = 3, .revoked = {number_of(b.dpauth)}};

		crl_make(&ca, &l, &w);
		snprintf(path, sizeof(path), "%s/crl", dir);
		ASSERT_ERR(file_write(path, wbuf_slice(&w), 0600, NULL), ERR_OK);
		snprintf(command, sizeof(command),
			 "openssl crl -inform der -in %s -noout -CAfile "
			 "\"${TWINKEY_SHARED:-../shared}\"/rsp/pki-fresh/CertificateIssuer/"
			 "CERT_CI_ECDSA_NIST.pem 2>&1 | grep -q 'verify OK'",
			 path);
		CU_ASSERT_EQUAL(system(command), 0);
	}
	bench_close(&b);
	wbuf_free(&w);
}

TEST_SUITE(isdr_crl, {"who is revoked is refused", test_revoked}, {"a list in parts", test_parts},
	   {"lists refused", test_refused}, {"OpenSSL reads the same list", test_openssl})
