#include "tests/unit/test.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "host/operator/pki.h"
#include "host/operator/release.h"
#include "host/operator/revoked.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/release.h"
#include "tests/unit/rsp_crl.h"
#include "tool/file.h"

#define KEY_ID 1

static const uint8_t eid[16] = {0x89, 0x04, 0x90, 0x32, 0x12, 0x34, 0x51, 0x23,
				0x45, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x35};
static const uint8_t iccid[10] = {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x10, 0xF7};

struct lab {
	struct operator_store *store;
	struct release_authority *authority;
	struct subscriber sub;
	struct ec_key *sk, *one_time;
	struct wbuf cert, eum, challenge, grant;
	int64_t now;
	char dir[128];
};

static void add_subscriber(struct lab *l)
{
	struct subscriber_keys keys = {.s = random_secret(RELEASE_S_LEN)};

	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
		l->sub.algorithm[i] = AKA_MILENAGE;
		strcpy(l->sub.imsi[i], i ? "001010000000002" : "001010000000001");
	}
	memcpy(l->sub.iccid, iccid, sizeof(iccid));
	l->sub.key_id = KEY_ID;
	ASSERT_ERR(subscriber_add(l->store, &l->sub, &keys), ERR_OK);
	subscriber_keys_free(&keys);
}

static void lab_open(struct lab *l)
{
	char *dir = l->dir;

	/* a name that a shell would read more into */
	*l = (struct lab){.now = (int64_t)time(NULL)};
	ASSERT_ERR(file_join(test_dir(), "a[b*", dir, sizeof(l->dir)), ERR_OK);
	ASSERT_ERR(file_make_dir(dir), ERR_OK);
	l->cert = wbuf_grow(4096);
	l->eum = wbuf_grow(4096);
	l->challenge = wbuf_grow(RELEASE_MESSAGE_MAX);
	l->grant = wbuf_grow(RELEASE_MESSAGE_MAX);
	ASSERT_ERR(pki_create(dir, EC_P256, eid, "localhost"), ERR_OK);
	ASSERT_ERR(release_key_create(dir), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUICC, EC_P256, &l->cert), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUM, EC_P256, &l->eum), ERR_OK);
	CU_ASSERT_FATAL(pki_key(dir, PKI_EUICC, EC_P256, &l->sk) == ERR_OK);
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &l->one_time) == ERR_OK);
	CU_ASSERT_FATAL(operator_store_create(dir, &l->store) == ERR_OK);
	CU_ASSERT_FATAL(release_authority_open(dir, &l->authority) == ERR_OK);
	add_subscriber(l);
}

static void lab_close(struct lab *l)
{
	release_authority_close(&l->authority);
	operator_store_close(&l->store);
	ec_key_free(&l->sk);
	ec_key_free(&l->one_time);
	wbuf_free(&l->cert);
	wbuf_free(&l->eum);
	wbuf_free(&l->challenge);
	wbuf_free(&l->grant);
}

static void take(struct lab *l, enum subscriber_event_kind kind, int64_t at)
{
	struct subscriber_event e = {
		.kind = kind, .actor = "test", .evidence = "test", .now = at, .valid_s = 600};

	ASSERT_ERR(subscriber_event(l->store, l->sub.id, &e, &l->sub), ERR_OK);
}

static struct release_binding challenge(struct lab *l, uint32_t key_id)
{
	struct release_binding b = {.key_id = key_id};

	memcpy(b.eid, eid, sizeof(eid));
	memcpy(b.iccid, iccid, sizeof(iccid));
	ASSERT_ERR(random_bytes(b.nonce, sizeof(b.nonce)), ERR_OK);
	wbuf_reset(&l->challenge);
	ASSERT_ERR(release_put_challenge(&l->challenge, &b, ec_key_point(l->one_time), l->sk,
					 wbuf_slice(&l->cert), wbuf_slice(&l->eum)),
		   ERR_OK);
	return b;
}

static enum err issue(struct lab *l, int64_t now)
{
	wbuf_reset(&l->grant);
	return release_grant_issue(l->authority, l->store, wbuf_slice(&l->challenge), now,
				   &l->grant);
}

/* I3: nothing before both factors are there and fresh; one grant then, and no second. */
static void test_factors(void)
{
	struct lab l;
	struct release_grant g;

	lab_open(&l);
	(void)challenge(&l, KEY_ID);
	ASSERT_ERR(issue(&l, l.now), ERR_WRONG_STATE);
	take(&l, EVENT_RES1, l.now);
	ASSERT_ERR(issue(&l, l.now), ERR_WRONG_STATE);
	take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(issue(&l, l.now + 600), ERR_FACTOR); /* the second factor has run out */
	take(&l, EVENT_FACTOR, l.now + 300);
	ASSERT_ERR(issue(&l, l.now + RELEASE_FIRST_FACTOR_S + 1), ERR_FACTOR);
	CU_ASSERT_EQUAL(l.grant.len, 0);
	(void)challenge(&l, KEY_ID + 1);
	ASSERT_ERR(issue(&l, l.now), ERR_REFUSED);
	(void)challenge(&l, KEY_ID);
	ASSERT_ERR(issue(&l, l.now), ERR_OK);
	ASSERT_ERR(release_parse_grant(wbuf_slice(&l.grant), &g), ERR_OK);
	ASSERT_ERR(ec_verify(EC_P256, release_authority_point(l.authority), &g.signed_part, 1,
			     g.signature),
		   ERR_OK);
	ASSERT_ERR(issue(&l, l.now), ERR_WRONG_STATE);
	lab_close(&l);
}

/* A nonce serves once, also when the state would allow another grant. */
static void test_replay_and_result(void)
{
	struct lab l;
	struct release_binding b;
	struct wbuf w = wbuf_grow(RELEASE_MESSAGE_MAX);
	unsigned result = 0;

	lab_open(&l);
	b = challenge(&l, KEY_ID);
	take(&l, EVENT_RES1, l.now);
	take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(issue(&l, l.now), ERR_OK);
	ASSERT_ERR(release_put_outcome(&w, &b, RELEASE_BAD_KEY, l.one_time), ERR_OK);
	ASSERT_ERR(
		release_result_take(l.authority, l.store, wbuf_slice(&w), l.now, &result, &l.sub),
		ERR_SIGNATURE);
	wbuf_reset(&w);
	ASSERT_ERR(release_put_outcome(&w, &b, RELEASE_BAD_KEY, l.sk), ERR_OK);
	ASSERT_ERR(
		release_result_take(l.authority, l.store, wbuf_slice(&w), l.now, &result, &l.sub),
		ERR_OK);
	CU_ASSERT_EQUAL(result, RELEASE_BAD_KEY);
	CU_ASSERT_EQUAL(l.sub.state, STATE_LIMITED);
	ASSERT_ERR(
		release_result_take(l.authority, l.store, wbuf_slice(&w), l.now, &result, &l.sub),
		ERR_NOT_FOUND);
	take(&l, EVENT_RES1, l.now);
	take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(issue(&l, l.now), ERR_REPLAY);
	wbuf_free(&w);
	lab_close(&l);
}

/* A card whose EUM was revoked gets no grant, whatever its subscriber has shown. */
static void test_revoked_card(void)
{
	struct bench_crl list = {
		.number = 1, .this_update = "100101000000Z", .next_update = "490101000000Z"};
	struct wbuf ci_der = wbuf_grow(4096), w = wbuf_grow(4096);
	struct revoked_list told;
	struct crl_issuer issuer;
	struct ec_key *key = NULL;
	struct cert ci, eum;
	struct lab l;

	lab_open(&l);
	ASSERT_ERR(pki_cert(l.dir, PKI_CI, EC_P256, &ci_der), ERR_OK);
	CU_ASSERT_FATAL(pki_key(l.dir, PKI_CI, EC_P256, &key) == ERR_OK);
	ASSERT_ERR(cert_parse(wbuf_slice(&ci_der), &ci), ERR_OK);
	ASSERT_ERR(cert_parse(wbuf_slice(&l.eum), &eum), ERR_OK);
	issuer = (struct crl_issuer){cert_key_id(&ci), wbuf_slice(&l.eum), key};
	list.revoked[0] = cert_number(&eum);
	crl_make(&issuer, &list, &w);
	(void)challenge(&l, KEY_ID);
	take(&l, EVENT_RES1, l.now);
	take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(revoked_add(l.dir, wbuf_slice(&w), l.now, &told), ERR_OK);
	ASSERT_ERR(issue(&l, l.now), ERR_CERT_REVOKED);
	CU_ASSERT_EQUAL(l.grant.len, 0);
	ec_key_free(&key);
	wbuf_free(&ci_der);
	wbuf_free(&w);
	lab_close(&l);
}

static enum err count(void *ctx, const char *path)
{
	struct stat st;

	*(unsigned *)ctx += stat(path, &st) == 0 && S_ISREG(st.st_mode);
	return ERR_OK;
}

static unsigned waiting(const struct lab *l)
{
	char path[160];
	unsigned n = 0;

	ASSERT_ERR(file_join(l->dir, "release", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_each(path, "", "", count, &n), ERR_OK);
	return n;
}

/* A result may come late, but the challenge of a card that never answers does not stay for ever. */
static void test_late_result(void)
{
	static const struct {
		int64_t after_s;
		enum err e;
	} rows[] = {{RELEASE_RESULT_S - 60, ERR_OK}, {RELEASE_RESULT_S + 60, ERR_NOT_FOUND}};
	struct wbuf w = wbuf_grow(RELEASE_MESSAGE_MAX);
	unsigned result;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lab l;
		struct release_binding b;

		lab_open(&l);
		b = challenge(&l, KEY_ID);
		take(&l, EVENT_RES1, l.now);
		take(&l, EVENT_FACTOR, l.now);
		ASSERT_ERR(issue(&l, l.now), ERR_OK);
		CU_ASSERT_EQUAL(waiting(&l), 1);
		wbuf_reset(&w);
		ASSERT_ERR(release_put_outcome(&w, &b, RELEASE_OK, l.sk), ERR_OK);
		ASSERT_ERR(release_result_take(l.authority, l.store, wbuf_slice(&w),
					       l.now + rows[i].after_s, &result, &l.sub),
			   rows[i].e);
		CU_ASSERT_EQUAL(waiting(&l), 0);
		lab_close(&l);
	}
	wbuf_free(&w);
}

/* Each octet of what the card signed, and of the signature, counts. */
static void test_changed_challenge(void)
{
	struct lab l;
	struct release_challenge c;
	size_t len;

	lab_open(&l);
	(void)challenge(&l, KEY_ID);
	take(&l, EVENT_RES1, l.now);
	take(&l, EVENT_FACTOR, l.now);
	ASSERT_ERR(release_parse_challenge(wbuf_slice(&l.challenge), &c, NULL), ERR_OK);
	len = c.signed_part.len + 3 + EC_SIGNATURE_LEN;
	for (size_t i = 0; i < len; i++) {
		uint8_t *octet = l.challenge.ptr +
				 (l.challenge.len - c.eum_cert.len - c.euicc_cert.len - len + i);

		*octet ^= 0x01;
		CU_ASSERT_NOT_EQUAL(issue(&l, l.now), ERR_OK);
		*octet ^= 0x01;
	}
	ASSERT_ERR(issue(&l, l.now), ERR_OK);
	lab_close(&l);
}

TEST_SUITE(release_authority, {"both factors, fresh", test_factors},
	   {"a nonce and a result serve once", test_replay_and_result},
	   {"a result that comes late, or never", test_late_result},
	   {"a card whose EUM was revoked", test_revoked_card},
	   {"a changed challenge", test_changed_challenge})
