#include "tests/unit/rsp_bench.h"

#include <stdio.h>
#include <string.h>

#include "lib/crypto/cert.h"
#include "lib/crypto/issue.h"
#include "tool/file.h"

#define OID_AKI	   "0603551d23"
#define OID_NUMBER "0603551d14"
#define OID_DP	   "0603551d1c"
#define OID_PARTS                                                                                  \
	"0607678112010200"                                                                         \
	"02"
#define OID_PART                                                                                   \
	"0607678112010200"                                                                         \
	"03"

struct list {
	uint64_t number;
	uint32_t parts, part; /* 0: no such extension */
	struct slice revoked[2];
	unsigned filler; /* further numbers */
	bool no_number, no_key_id, unknown_critical, known_critical;
};

static void put_extension(struct wbuf *w, const char *oid, bool critical, struct slice value)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	wbuf_put(w, test_unhex(oid));
	if (critical)
		tlv_put_bool(w, ASN1_BOOLEAN, true);
	tlv_put(w, ASN1_OCTET_STRING, value);
	tlv_close(w, mark);
}

static void put_number(struct wbuf *w, const char *oid, uint64_t v)
{
	uint8_t mem[16];
	struct wbuf n = wbuf_init(mem, sizeof(mem));

	tlv_put_uint(&n, ASN1_INTEGER, v);
	put_extension(w, oid, false, wbuf_slice(&n));
}

static void put_extensions(const struct bench *b, const struct list *l, struct wbuf *w)
{
	size_t outer = tlv_open(w, ASN1_CONTEXTC(0)), list = tlv_open(w, ASN1_SEQUENCE);
	uint8_t mem[32];
	struct wbuf id = wbuf_init(mem, sizeof(mem));
	size_t mark = tlv_open(&id, ASN1_SEQUENCE);

	tlv_put(&id, ASN1_CONTEXT(0), b->ci_key_id);
	tlv_close(&id, mark);
	if (!l->no_key_id)
		put_extension(w, OID_AKI, false, wbuf_slice(&id));
	if (!l->no_number)
		put_number(w, OID_NUMBER, l->number);
	if (l->parts)
		put_number(w, OID_PARTS, l->parts);
	if (l->part)
		put_number(w, OID_PART, l->part);
	if (l->known_critical)
		put_extension(w, OID_DP, true, test_unhex("3000"));
	if (l->unknown_critical)
		put_extension(w, "06032a0304", true, test_unhex("0500"));
	tlv_close(w, list);
	tlv_close(w, outer);
}

static void put_entry(struct wbuf *w, struct slice number)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE), in = tlv_open(w, ASN1_INTEGER);

	if (slice_at(number, 0) & 0x80)
		wbuf_u8(w, 0);
	wbuf_put(w, number);
	tlv_close(w, in);
	tlv_put_str(w, 0x17, "260101000000Z");
	tlv_close(w, mark);
}

/* The name of the CI that issued the certificate. */
static struct slice issuer_of(struct slice der)
{
	struct cursor c = cursor_of(der), whole = tlv_enter(&c, ASN1_SEQUENCE);
	struct cursor tbs = tlv_enter(&whole, ASN1_SEQUENCE);
	struct tlv t;

	for (int i = 0; i < 3; i++) /* version, serialNumber, algorithm */
		CU_ASSERT(tlv_next(&tbs, &t));
	return tlv_expect_raw(&tbs, ASN1_SEQUENCE);
}

static void make_list(const struct bench *b, const struct list *l, struct wbuf *out)
{
	struct wbuf w = wbuf_grow(1 << 17);
	size_t tbs = tlv_open(&w, ASN1_SEQUENCE), mark;

	tlv_put_uint(&w, ASN1_INTEGER, 1);
	wbuf_put(&w, test_unhex("300a06082a8648ce3d040302"));
	wbuf_put(&w, issuer_of(b->dpauth));
	tlv_put_str(&w, 0x17, "260101000000Z");
	tlv_put_str(&w, 0x17, "360101000000Z");
	mark = tlv_open(&w, ASN1_SEQUENCE);
	for (size_t i = 0; i < ARRAY_LEN(l->revoked) && l->revoked[i].len; i++)
		put_entry(&w, l->revoked[i]);
	for (unsigned i = 0; i < l->filler; i++) {
		uint8_t number[] = {0x7F, 1, 2, 3, 4, 5, 6, 7, (uint8_t)(i >> 8), (uint8_t)i};

		put_entry(&w, SLICE_OF(number));
	}
	tlv_close(&w, mark);
	put_extensions(b, l, &w);
	tlv_close(&w, tbs);
	ASSERT_ERR(issue_signed(wbuf_slice(&w), b->ci_key, out), ERR_OK);
	wbuf_free(&w);
}

/* Loads it: the error, 0 when it was taken; how many parts are missing. spoil: octet to change. */
static unsigned load(struct bench *b, const struct list *l, size_t *missing)
{
	struct wbuf crl = wbuf_grow(1 << 17), w = wbuf_grow(1 << 17);
	struct es10b_load_crl_response r = {0};
	struct cursor c;
	uint32_t part;

	make_list(b, l, &crl);
	es10b_put_load_crl(&w, wbuf_slice(&crl));
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(es10b_parse_load_crl_response(wbuf_slice(&b->answer), &r), ERR_OK);
	c = cursor_of(r.missing);
	if (missing) {
		*missing = 0;
		while (es10b_next_missing(&c, &part))
			++*missing;
		ASSERT_ERR(c.err, ERR_OK);
	}
	wbuf_free(&crl);
	wbuf_free(&w);
	return r.ok ? 0 : r.error;
}

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
		struct list l = {.number = 5, .known_critical = true};

		CU_ASSERT_EQUAL(load(&b, &l, NULL), 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		l = (struct list){.number = 6, .revoked = {number_of(b.dpauth)}};
		CU_ASSERT_EQUAL(load(&b, &l, NULL), 0);
		bench_restart(&b);
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_INVALID_CERTIFICATE);
		l = (struct list){.number = 7, .revoked = {test_unhex("7f"), number_of(b.dppb)}};
		CU_ASSERT_EQUAL(load(&b, &l, NULL), 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		/* an older list, and the same once more */
		l.number = 6;
		CU_ASSERT_EQUAL(load(&b, &l, NULL), ES10B_CRL_UNDEFINED);
		l = (struct list){.number = 7};
		CU_ASSERT_EQUAL(load(&b, &l, NULL), 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		l.number = 8;
		CU_ASSERT_EQUAL(load(&b, &l, NULL), 0);
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
		struct list l = {.number = 1, .revoked = {number_of(b.dpauth)}};

		CU_ASSERT_EQUAL(load(&b, &l, &missing), 0);
		CU_ASSERT_EQUAL(missing, 0);
		l = (struct list){.number = 2, .parts = 3, .part = 3};
		CU_ASSERT_EQUAL(load(&b, &l, &missing), 0);
		CU_ASSERT_EQUAL(missing, 2);
		CU_ASSERT_EQUAL(load(&b, &l, &missing), 0); /* twice is once */
		CU_ASSERT_EQUAL(missing, 2);
		l.parts = 4;
		CU_ASSERT_EQUAL(load(&b, &l, NULL), ES10B_CRL_INVALID_FORMAT);
		CU_ASSERT_EQUAL(bench_authenticate(&b), ES10B_AUTHENTICATE_INVALID_CERTIFICATE);
		l = (struct list){
			.number = 2, .parts = 3, .part = 1, .revoked = {number_of(b.dppb)}};
		CU_ASSERT_EQUAL(load(&b, &l, &missing), 0);
		CU_ASSERT_EQUAL(missing, 1);
		l = (struct list){.number = 2, .parts = 3, .part = 2};
		CU_ASSERT_EQUAL(load(&b, &l, &missing), 0);
		CU_ASSERT_EQUAL(missing, 0);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), ES10B_DOWNLOAD_INVALID_CERTIFICATE);
		l = (struct list){.number = 3, .parts = 65, .part = 65};
		CU_ASSERT_EQUAL(load(&b, &l, NULL), ES10B_CRL_NO_MEMORY);
	}
	bench_close(&b);
}

static void test_refused(void)
{
	static const struct {
		struct list list;
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
		struct list l = {.number = 1};
		struct ec_key *right = b.ci_key;
		struct slice id = b.ci_key_id;

		b.ci_key = b.pb_key;
		CU_ASSERT_EQUAL(load(&b, &l, NULL), ES10B_CRL_INVALID_SIGNATURE);
		b.ci_key = right;
		b.ci_key_id = test_unhex("0102030405060708090a0b0c0d0e0f1011121314");
		CU_ASSERT_EQUAL(load(&b, &l, NULL), ES10B_CRL_NO_KEY);
		b.ci_key_id = id;
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			CU_ASSERT_EQUAL(load(&b, &rows[i].list, NULL), rows[i].want);
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
		struct list l = {.number = 3, .revoked = {number_of(b.dpauth)}};

		make_list(&b, &l, &w);
		snprintf(path, sizeof(path), "%s/crl", dir);
		ASSERT_ERR(file_write(path, wbuf_slice(&w), 0600), ERR_OK);
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
