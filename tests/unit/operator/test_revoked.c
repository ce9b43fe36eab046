/* revoked: lists of revoked certificates at the operator, and what the manager makes of them. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "lib/crypto/cert.h"
#include "host/operator/pki/revoked.h"
#include "host/operator/smdp/store/store.h"
#include "tests/unit/support/desk.h"
#include "tests/unit/support/rsp_crl.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/pki/pki.h"

#define LIST_MAX (64u * 1024)
#define LONG_AGO "100101000000Z"
#define NOT_YET	 "490101000000Z"

struct court { /* a desk, and its CI with the list that it makes */
	struct desk d;
	struct wbuf ci_der, list;
	struct cert ci, eum, dpauth;
	struct wbuf dpauth_der;
	struct ec_key *key;
	struct crl_issuer issuer;
};

static void court_open(struct court *c)
{
	memset(c, 0, sizeof(*c));
	desk_open(&c->d);
	c->ci_der = wbuf_grow(LIST_MAX);
	c->dpauth_der = wbuf_grow(LIST_MAX);
	c->list = wbuf_grow(LIST_MAX);
	ASSERT_ERR(pki_cert(c->d.dir, PKI_CI, EC_P256, &c->ci_der), ERR_OK);
	ASSERT_ERR(pki_cert(c->d.dir, PKI_DP_AUTH, EC_P256, &c->dpauth_der), ERR_OK);
	CU_ASSERT_FATAL(pki_key(c->d.dir, PKI_CI, EC_P256, &c->key) == ERR_OK);
	ASSERT_ERR(cert_parse(wbuf_slice(&c->ci_der), &c->ci), ERR_OK);
	ASSERT_ERR(cert_parse(wbuf_slice(&c->dpauth_der), &c->dpauth), ERR_OK);
	ASSERT_ERR(cert_parse(wbuf_slice(&c->d.p.eum), &c->eum), ERR_OK);
	c->issuer = (struct crl_issuer){cert_key_id(&c->ci), wbuf_slice(&c->d.p.eum), c->key};
}

static void court_close(struct court *c)
{
	desk_close(&c->d);
	wbuf_free(&c->ci_der);
	wbuf_free(&c->dpauth_der);
	wbuf_free(&c->list);
	ec_key_free(&c->key);
}

static struct slice make_list(struct court *c, struct bench_crl l)
{
	if (!l.this_update)
		l.this_update = LONG_AGO;
	if (!l.next_update)
		l.next_update = NOT_YET;
	wbuf_reset(&c->list);
	crl_make(&c->issuer, &l, &c->list);
	return wbuf_slice(&c->list);
}

static enum err add(struct court *c, const struct bench_crl *l)
{
	struct revoked_list told;

	return revoked_add(c->d.dir, make_list(c, *l), c->d.now, &told);
}

static enum err count(void *ctx, const struct revoked_list *l)
{
	ASSERT_ERR(l->err, ERR_OK);
	++*(unsigned *)ctx;
	return ERR_OK;
}

static unsigned lists(const struct court *c)
{
	unsigned n = 0;

	ASSERT_ERR(revoked_lists(c->d.dir, count, &n), ERR_OK);
	return n;
}

static void authenticates(struct court *c)
{
	desk_authenticate(&c->d);
	desk_expect_profile(&c->d, SMDP_RELEASED);
	desk_remember(&c->d);
}

static void is_refused(struct court *c, const char *what)
{
	desk_initiate(&c->d);
	desk_expect_fault(&c->d, ES9P_AUTHENTICATE_CLIENT, "8.1.2", "6.1", what);
	peer_notification(&c->d.p, &c->d.message);
	desk_expect_fault(&c->d, ES9P_HANDLE_NOTIFICATION, "8.1.2", "6.1", what);
}

/* An EUM that was accepted before, and is remembered, is refused once a list names it. */
static void test_revoked_eum(void)
{
	static const uint8_t other[] = {0x7F, 1};
	struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	struct bench_crl l = {.number = 1, .revoked = {SLICE_OF(other)}};
	struct court c;
	char path[160];

	court_open(&c);
	authenticates(&c);
	ASSERT_ERR(add(&c, &l), ERR_OK);
	authenticates(&c); /* another certificate's number */
	ASSERT_ERR(path_join(c.d.dir, "pki/CRL", path, sizeof(path)), ERR_OK);
	CU_ASSERT_EQUAL(utimensat(AT_FDCWD, path, old, 0), 0);
	authenticates(&c); /* the folder is as it was for long */
	l = (struct bench_crl){.number = 2, .revoked = {SLICE_OF(other), cert_number(&c.eum)}};
	ASSERT_ERR(add(&c, &l), ERR_OK);
	CU_ASSERT_EQUAL(lists(&c), 1); /* in the place of the older one */
	is_refused(&c, "a revoked EUM");
	smdp_close(&c.d.smdp);
	smdp_store_close(&c.d.store);
	desk_open_store(&c.d);
	is_refused(&c, "a revoked EUM, after a restart");
	l = (struct bench_crl){.number = 3, .revoked = {SLICE_OF(other)}};
	ASSERT_ERR(add(&c, &l), ERR_OK);
	authenticates(&c); /* the CI has thought better of it */
	court_close(&c);
}

/* What is revoked stays so until all parts of the next list have come. */
static void test_parts(void)
{
	struct bench_crl l = {.number = 4};
	struct court c;
	char path[160];

	court_open(&c);
	l.revoked[0] = cert_number(&c.eum);
	ASSERT_ERR(add(&c, &l), ERR_OK);
	l = (struct bench_crl){.number = 5, .parts = 2, .part = 2};
	ASSERT_ERR(add(&c, &l), ERR_OK);
	ASSERT_ERR(add(&c, &l), ERR_OK); /* the same once more */
	CU_ASSERT_EQUAL(lists(&c), 2);
	ASSERT_ERR(path_join(c.d.dir, "pki/CRL/copy.crl", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_write(path, make_list(&c, l), 0600, NULL), ERR_OK);
	ASSERT_ERR(add(&c, &l), ERR_OK); /* a copy of a part is not the other one */
	CU_ASSERT_EQUAL(lists(&c), 3);
	is_refused(&c, "a revoked EUM, part 2 of the next list is here");
	l.part = 1;
	ASSERT_ERR(add(&c, &l), ERR_OK);
	CU_ASSERT_EQUAL(lists(&c), 3);
	authenticates(&c);
	l = (struct bench_crl){.number = 4, .revoked = {cert_number(&c.eum)}};
	ASSERT_ERR(add(&c, &l), ERR_REPLAY); /* an old list takes nothing back */
	authenticates(&c);
	court_close(&c);
}

static void test_wrong_lists(void)
{
	static const uint8_t other_id[20] = {1};
	struct revoked_list told;
	struct crl_issuer issuer;
	struct ec_key *foreign = NULL;
	struct slice good;
	struct bench_crl l = {.number = 1};
	struct court c;

	court_open(&c);
	desk_remember(&c.d);
	issuer = c.issuer;
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &foreign) == ERR_OK);
	l.revoked[0] = cert_number(&c.eum);
	c.issuer.key = foreign;
	ASSERT_ERR(add(&c, &l), ERR_SIGNATURE);
	c.issuer = issuer;
	c.issuer.key_id = SLICE_OF(other_id);
	ASSERT_ERR(add(&c, &l), ERR_CERT_UNTRUSTED);
	c.issuer = issuer;
	c.issuer.issued = wbuf_slice(&c.d.p.cert); /* the name of the EUM, the key of the CI */
	ASSERT_ERR(add(&c, &l), ERR_CERT_UNTRUSTED);
	c.issuer = issuer;
	l.this_update = NOT_YET;
	ASSERT_ERR(add(&c, &l), ERR_EXPIRED);
	l.this_update = NULL;
	l.next_update = LONG_AGO;
	ASSERT_ERR(add(&c, &l), ERR_EXPIRED);
	l.next_update = "4901010000"; /* no time */
	ASSERT_ERR(add(&c, &l), ERR_ENCODING);
	l.next_update = NULL;
	l.no_number = true;
	ASSERT_ERR(add(&c, &l), ERR_TAG);
	l.no_number = false;
	good = make_list(&c, l);
	for (size_t n = 0; n < good.len; n++)
		CU_ASSERT_NOT_EQUAL(revoked_add(c.d.dir, slice_sub(good, 0, n), c.d.now, &told),
				    ERR_OK);
	CU_ASSERT_EQUAL(lists(&c), 0);
	authenticates(&c);
	ec_key_free(&foreign);
	court_close(&c);
}

/* A file that was put there by hand and is no good list: nobody gets in on half of the truth. */
static void test_bad_file(void)
{
	struct court c;
	struct smdp *again = NULL;
	json_t *answer = NULL;
	char path[160];

	court_open(&c);
	ASSERT_ERR(add(&c, &(struct bench_crl){.number = 1}), ERR_OK);
	ASSERT_ERR(path_join(c.d.dir, "pki/CRL/x.crl", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_write(path, slice_str("no list"), 0600, NULL), ERR_OK);
	desk_initiate(&c.d);
	desk_remember(&c.d);
	for (int i = 0; i < 2; i++) {
		ASSERT_ERR(desk_send(&c.d, ES9P_AUTHENTICATE_CLIENT, &answer), ERR_CORRUPT);
		CU_ASSERT_PTR_NULL(answer);
	}
	desk_unchanged(&c.d, "a list that is not good");
	ASSERT_ERR(smdp_open(c.d.store, c.d.dir, PEER_ADDRESS, c.d.now, &again), ERR_CORRUPT);
	CU_ASSERT_PTR_NULL(again);
	CU_ASSERT_EQUAL(unlink(path), 0);
	authenticates(&c);
	court_close(&c);
}

/* The manager does not begin with a certificate that eUICCs would refuse. */
static void test_own_certificate(void)
{
	struct bench_crl l = {.number = 1, .next_update = LONG_AGO};
	struct smdp *again = NULL;
	struct court c;
	char path[160];

	court_open(&c);
	l.revoked[0] = cert_number(&c.dpauth);
	ASSERT_ERR(add(&c, &l), ERR_EXPIRED);
	/* that it has run out since takes nothing back */
	ASSERT_ERR(path_join(c.d.dir, "pki/CRL", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_make_dir(path), ERR_OK);
	ASSERT_ERR(path_join(c.d.dir, "pki/CRL/old.crl", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_write(path, make_list(&c, l), 0600, NULL), ERR_OK);
	ASSERT_ERR(smdp_open(c.d.store, c.d.dir, PEER_ADDRESS, c.d.now, &again), ERR_CERT_REVOKED);
	CU_ASSERT_PTR_NULL(again);
	court_close(&c);
}

TEST_SUITE(revoked, {"a revoked EUM, remembered or not", test_revoked_eum},
	   {"lists in parts, and older ones", test_parts}, {"wrong lists", test_wrong_lists},
	   {"a bad file in the folder", test_bad_file},
	   {"the manager's own certificate", test_own_certificate})
