#include "tests/unit/support/authority.h"

#include <string.h>
#include <time.h>

#include "host/operator/pki/release_key.h"
#include "tool/pki/pki.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/grant.h"
#include "tests/unit/test.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

const uint8_t authority_eid[16] = {0x89, 0x04, 0x90, 0x32, 0x12, 0x34, 0x51, 0x23,
				   0x45, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x35};
static const uint8_t iccid[10] = {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x10, 0xF7};

static void add_subscriber(struct authority *l)
{
	struct subscriber_keys keys = {.s = random_secret(GRANT_S_LEN)};

	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
		l->sub.algorithm[i] = AKA_MILENAGE;
		strcpy(l->sub.imsi[i], i ? "001010000000002" : "001010000000001");
	}
	memcpy(l->sub.iccid, iccid, sizeof(iccid));
	l->sub.key_id = AUTHORITY_KEY_ID;
	ASSERT_ERR(subscriber_add(l->store, &l->sub, &keys), ERR_OK);
	subscriber_keys_free(&keys);
}

void authority_open(struct authority *l)
{
	struct subscriber_event named = {.kind = EVENT_BIND, .actor = "test", .eid = authority_eid};

	authority_open_unbound(l);
	named.now = l->now;
	ASSERT_ERR(subscriber_event(l->store, l->sub.id, &named, &l->sub), ERR_OK);
}

void authority_open_unbound(struct authority *l)
{
	char *dir = l->dir;

	/* a name that a shell would read more into */
	*l = (struct authority){.now = 0};
	ASSERT_ERR(path_join(test_dir(), "a[b*", dir, sizeof(l->dir)), ERR_OK);
	ASSERT_ERR(file_make_dir(dir), ERR_OK);
	l->cert = wbuf_grow(4096);
	l->eum = wbuf_grow(4096);
	l->challenge = wbuf_grow(KRA_MESSAGE_MAX);
	l->grant = wbuf_grow(KRA_MESSAGE_MAX);
	ASSERT_ERR(pki_create(dir, EC_P256, authority_eid, "localhost"), ERR_OK);
	l->now = (int64_t)time(
		NULL); /* certificates are valid from the second that they are made in */
	ASSERT_ERR(release_key_create(dir), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUICC, EC_P256, &l->cert), ERR_OK);
	ASSERT_ERR(pki_cert(dir, PKI_EUM, EC_P256, &l->eum), ERR_OK);
	CU_ASSERT_FATAL(pki_key(dir, PKI_EUICC, EC_P256, &l->sk) == ERR_OK);
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &l->one_time) == ERR_OK);
	CU_ASSERT_FATAL(operator_store_create(dir, NULL, &l->store) == ERR_OK);
	CU_ASSERT_FATAL(release_authority_open(dir, &l->authority) == ERR_OK);
	add_subscriber(l);
}

void authority_close(struct authority *l)
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

void authority_take(struct authority *l, enum subscriber_event_kind kind, int64_t at)
{
	struct subscriber_event e = {
		.kind = kind, .actor = "test", .evidence = "test", .now = at, .valid_s = 600};

	ASSERT_ERR(subscriber_event(l->store, l->sub.id, &e, &l->sub), ERR_OK);
}

struct kra_binding authority_challenge(struct authority *l, uint32_t key_id)
{
	struct kra_challenge c = {.binding.key_id = key_id,
				  .card_otpk = ec_key_point(l->one_time),
				  .euicc_cert = wbuf_slice(&l->cert),
				  .eum_cert = wbuf_slice(&l->eum)};

	memcpy(c.binding.eid, authority_eid, sizeof(c.binding.eid));
	memcpy(c.binding.iccid, iccid, sizeof(iccid));
	ASSERT_ERR(random_bytes(c.binding.nonce, sizeof(c.binding.nonce)), ERR_OK);
	wbuf_reset(&l->challenge);
	ASSERT_ERR(kra_put_challenge(&l->challenge, &c, l->sk), ERR_OK);
	return c.binding;
}

enum err authority_issue(struct authority *l, int64_t now)
{
	wbuf_reset(&l->grant);
	return release_grant_issue(l->authority, l->store, wbuf_slice(&l->challenge), now,
				   &l->grant);
}

enum err authority_result(struct authority *l, struct slice message, int64_t now, unsigned *result)
{
	struct release_told told;
	enum err e = release_result_take(l->store, message, now, &told);

	if (!e) {
		*result = told.result;
		l->sub = told.after;
	}
	return e;
}
