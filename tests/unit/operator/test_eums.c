/* EUMs that are known, and how long */
#include "tests/unit/test.h"

#include <time.h>

#include "host/operator/pki/eums.h"
#include "tool/pki/pki.h"

struct fixture {
	struct wbuf ci, eum;
	struct slice cis[1];
	struct cert ci_cert, eum_cert;
	struct eums eums;
	int64_t now; /* both are valid */
};

static void setup(struct fixture *f)
{
	const char *dir = test_dir();
	uint8_t eid[16];

	*f = (struct fixture){.ci = wbuf_grow(4096), .eum = wbuf_grow(4096)};
	ASSERT_ERR(pki_parse_eid(PKI_EID_TEST, eid), ERR_OK);
	ASSERT_ERR(pki_create(dir, EC_P256, eid, "localhost"), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_CI, EC_P256, &f->ci), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUM, EC_P256, &f->eum), ERR_OK);
	f->cis[0] = wbuf_slice(&f->ci);
	ASSERT_ERR(cert_parse(f->cis[0], &f->ci_cert), ERR_OK);
	ASSERT_ERR(cert_parse(wbuf_slice(&f->eum), &f->eum_cert), ERR_OK);
	f->now = (int64_t)time(NULL);
}

static void teardown(struct fixture *f)
{
	wbuf_free(&f->ci);
	wbuf_free(&f->eum);
}

static enum err check(struct fixture *f, int64_t now, const struct eum **out)
{
	return eums_check(&f->eums, wbuf_slice(&f->eum),
			  &(struct rsp_trust){f->cis, ARRAY_LEN(f->cis), now}, out);
}

static void test_known(void)
{
	const struct eum *first, *again;
	struct fixture f;
	int64_t now;

	setup(&f);
	now = f.now;
	CU_ASSERT_FATAL(check(&f, now, &first) == ERR_OK);
	CU_ASSERT_EQUAL(first->ci, 0);
	CU_ASSERT(slice_equal(cert_key_id(&first->cert), cert_key_id(&f.eum_cert)));
	ASSERT_ERR(check(&f, now, &again), ERR_OK);
	CU_ASSERT_PTR_EQUAL(first, again); /* it was not checked anew */
	/* one octet of its signature is another: it is another certificate, and not good */
	f.eum.ptr[f.eum.len - 1] ^= 1;
	CU_ASSERT_NOT_EQUAL(check(&f, now, &again), ERR_OK);
	teardown(&f);
}

/* Known or not: outside the time of its certificate, or of its CI's, it is not good. */
static void test_time(void)
{
	const struct eum *out;
	struct fixture f;
	int64_t until;

	setup(&f);
	until = f.eum_cert.not_after < f.ci_cert.not_after ? f.eum_cert.not_after
							   : f.ci_cert.not_after;
	ASSERT_ERR(check(&f, until, &out), ERR_OK);
	CU_ASSERT_EQUAL(out->until, until);
	ASSERT_ERR(check(&f, until + 1, &out), ERR_CERT_EXPIRED);
	ASSERT_ERR(check(&f, f.eum_cert.not_before - 1, &out), ERR_CERT_EXPIRED);
	/* as if the CI's ended before the EUM's */
	f.eums.known[0].until = f.now;
	ASSERT_ERR(check(&f, f.ci_cert.not_after + 1, &out), ERR_CERT_EXPIRED);
	teardown(&f);
}

/* More of them than there is room for: the oldest is forgotten, and is checked anew. */
static void test_many(void)
{
	const struct eum *out;
	struct fixture f;

	setup(&f);
	ASSERT_ERR(check(&f, f.now, &out), ERR_OK);
	for (size_t i = 0; i < EUMS_MAX; i++) {
		f.eums.known[f.eums.next].digest[0] ^= 1; /* none that anybody asks for */
		ASSERT_ERR(check(&f, f.now, &out), ERR_OK);
	}
	CU_ASSERT(f.eums.next < EUMS_MAX);
	teardown(&f);
}

TEST_SUITE(eums, {"one that is known", test_known}, {"its time", test_time},
	   {"more than there is room for", test_many})
