/* passkeys: a key that the test plays enrolls and signs; each thing it says is changed once. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "host/operator/factor/passkey.h"
#include "host/operator/policy/decide.h"
#include "lib/base/base64.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/support/authority.h"

#define NOW    1790000000
#define NAME   "portal.example"
#define ORIGIN "https://" NAME ":8443"

/* What the key says; each field can be another one. */
struct said {
	const char *type, *origin, *name, *more;
	uint8_t flags;
	uint32_t counter;
	uint8_t challenge[PASSKEY_CHALLENGE_LEN];
};

struct key {
	struct ec_key *sk;
	uint8_t id[16];
	char client[512];
	uint8_t data_mem[512], sig_mem[80];
	struct wbuf data, signature;
};

static struct passkey_wanted wanted = {.name = NAME, .challenge = {1, 2, 3}, .now = NOW};

static struct said truth(const char *type)
{
	struct said s = {.type = type, .origin = ORIGIN, .name = NAME, .more = "", .flags = 1};

	memcpy(s.challenge, wanted.challenge, sizeof(s.challenge));
	return s;
}

static void say_client(struct key *k, const struct said *s)
{
	char challenge[64];
	struct wbuf w = wbuf_init((uint8_t *)challenge, sizeof(challenge));

	base64_put(&w, SLICE_OF(s->challenge));
	wbuf_u8(&w, 0);
	snprintf(k->client, sizeof(k->client),
		 "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\"%s}", s->type, challenge,
		 s->origin, s->more);
}

static void say_data(struct key *k, const struct said *s, bool is_new)
{
	struct slice name = slice_str(s->name);
	uint8_t hash[32];

	k->data = wbuf_init(k->data_mem, sizeof(k->data_mem));
	ASSERT_ERR(sha256(&name, 1, hash), ERR_OK);
	wbuf_put(&k->data, SLICE_OF(hash));
	wbuf_u8(&k->data, (uint8_t)(s->flags | (is_new ? 0x40 : 0)));
	wbuf_u32(&k->data, s->counter);
	if (!is_new)
		return;
	wbuf_fill(&k->data, 0, 16);
	wbuf_u16(&k->data, sizeof(k->id));
	wbuf_put(&k->data, SLICE_OF(k->id));
	/* COSE_Key: EC2, ES256, P-256, x, y */
	wbuf_put(&k->data, test_unhex("a5010203262001215820"));
	wbuf_put(&k->data, slice_sub(ec_key_point(k->sk), 1, 32));
	wbuf_put(&k->data, test_unhex("225820"));
	wbuf_put(&k->data, slice_sub(ec_key_point(k->sk), 33, 32));
}

static void put_integer(struct wbuf *w, struct slice n)
{
	while (n.len > 1 && !slice_at(n, 0))
		n = slice_sub(n, 1, n.len);
	wbuf_u8(w, 2);
	wbuf_u8(w, (uint8_t)(n.len + (slice_at(n, 0) >> 7)));
	if (slice_at(n, 0) >> 7)
		wbuf_u8(w, 0);
	wbuf_put(w, n);
}

static void sign(struct key *k)
{
	struct slice client = slice_str(k->client);
	uint8_t hash[32], raw[EC_SIGNATURE_LEN], der[80];
	struct wbuf w = wbuf_init(der, sizeof(der));
	struct slice parts[] = {wbuf_slice(&k->data), SLICE_OF(hash)};

	ASSERT_ERR(sha256(&client, 1, hash), ERR_OK);
	ASSERT_ERR(ec_sign(k->sk, parts, 2, raw), ERR_OK);
	put_integer(&w, slice_make(raw, 32));
	put_integer(&w, slice_make(raw + 32, 32));
	k->signature = wbuf_init(k->sig_mem, sizeof(k->sig_mem));
	wbuf_u8(&k->signature, 0x30);
	wbuf_u8(&k->signature, (uint8_t)w.len);
	wbuf_put(&k->signature, wbuf_slice(&w));
}

static struct passkey_answer answer_of(struct key *k, const struct said *s, bool is_new)
{
	say_client(k, s);
	say_data(k, s, is_new);
	sign(k);
	return (struct passkey_answer){.id = SLICE_OF(k->id),
				       .client = slice_str(k->client),
				       .data = wbuf_slice(&k->data),
				       .signature = wbuf_slice(&k->signature)};
}

static void key_open(struct key *k, uint8_t mark)
{
	memset(k, 0, sizeof(*k));
	memset(k->id, mark, sizeof(k->id));
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &k->sk) == ERR_OK);
}

static void test_lies(void)
{
	struct said lies[8];
	struct book_passkey kept;
	struct passkey_answer a;
	struct said s = truth("webauthn.create");
	struct key k;
	uint32_t counter;

	key_open(&k, 7);
	a = answer_of(&k, &s, true);
	ASSERT_ERR(passkey_read(&wanted, &a, &kept), ERR_OK);
	CU_ASSERT_EQUAL(kept.id_len, sizeof(k.id));
	s = truth("webauthn.get");
	s.counter = 5;
	a = answer_of(&k, &s, false);
	ASSERT_ERR(passkey_verify(&wanted, &a, &kept, &counter), ERR_OK);
	CU_ASSERT_EQUAL(counter, 5);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++)
		lies[i] = s;
	lies[0].type = "webauthn.create";
	lies[1].origin = "https://" NAME ".evil";
	lies[2].origin = "http://" NAME;
	lies[3].name = "other.example";
	lies[4].flags = 0;
	lies[5].challenge[31] ^= 1;
	lies[6].more = ",\"crossOrigin\":true";
	lies[7].origin = "https://" NAME ":80/x";
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		a = answer_of(&k, &lies[i], false);
		ASSERT_ERR(passkey_verify(&wanted, &a, &kept, &counter), ERR_SIGNATURE);
	}
	/* a counter that goes back, or stands: somebody has a copy */
	kept.counter = 5;
	a = answer_of(&k, &s, false);
	ASSERT_ERR(passkey_verify(&wanted, &a, &kept, &counter), ERR_SIGNATURE);
	kept.counter = 4;
	ASSERT_ERR(passkey_verify(&wanted, &a, &kept, &counter), ERR_OK);
	ec_key_free(&k.sk);
}

/* Each octet of what is signed, and each length: no crash, and nothing believed. */
static void test_each_octet(void)
{
	struct said s = truth("webauthn.create");
	struct book_passkey kept, other;
	struct passkey_answer a;
	struct key k;
	uint32_t counter;

	key_open(&k, 9);
	a = answer_of(&k, &s, true);
	ASSERT_ERR(passkey_read(&wanted, &a, &kept), ERR_OK);
	for (size_t n = 0; n < a.data.len; n++) {
		struct passkey_answer cut = a;

		cut.data.len = n;
		CU_ASSERT(passkey_read(&wanted, &cut, &other) != ERR_OK);
	}
	s = truth("webauthn.get");
	a = answer_of(&k, &s, false);
	for (size_t i = 0; i < a.data.len; i++) {
		k.data_mem[i] ^= 0x10;
		CU_ASSERT(passkey_verify(&wanted, &a, &kept, &counter) != ERR_OK);
		k.data_mem[i] ^= 0x10;
	}
	for (size_t i = 0; i < a.signature.len; i++) {
		k.sig_mem[i] ^= 1;
		CU_ASSERT(passkey_verify(&wanted, &a, &kept, &counter) != ERR_OK);
		k.sig_mem[i] ^= 1;
		a.signature.len = i;
		CU_ASSERT(passkey_verify(&wanted, &a, &kept, &counter) != ERR_OK);
		a.signature.len = k.signature.len;
	}
	ASSERT_ERR(passkey_verify(&wanted, &a, &kept, &counter), ERR_OK);
	ec_key_free(&k.sk);
}

static void look_again(struct authority *l)
{
	ASSERT_ERR(subscriber_by_id(l->store, l->sub.id, &l->sub), ERR_OK);
	wanted.revision = l->sub.book_revision;
}

static void test_factor(void)
{
	struct said s = truth("webauthn.create");
	struct authority l;
	struct passkey_answer a;
	struct passkey_attempt attempt = {.wanted = &wanted, .answer = &a};
	struct key k, stranger;

	authority_open(&l);
	key_open(&k, 1);
	key_open(&stranger, 2);
	authority_take(&l, EVENT_RES1, NOW);
	look_again(&l);
	a = answer_of(&k, &s, true);
	ASSERT_ERR(passkey_enroll(l.store, l.sub.id, &wanted, &a),
		   ERR_WRONG_STATE); /* not approved */
	ASSERT_ERR(factor_approve_agent(l.store, &l.sub,
					&(struct factor_word){"Anna", "seen", NOW, false}, &l.sub),
		   ERR_OK);
	ASSERT_ERR(passkey_enroll(l.store, l.sub.id, &wanted, &a), ERR_EXPIRED); /* of before */
	look_again(&l);
	ASSERT_ERR(passkey_enroll(l.store, l.sub.id, &wanted, &a), ERR_OK);
	ASSERT_ERR(passkey_enroll(l.store, l.sub.id, &wanted, &a), ERR_EXPIRED); /* it served */
	look_again(&l);
	ASSERT_ERR(passkey_enroll(l.store, l.sub.id, &wanted, &a), ERR_EXISTS);
	authority_take(&l, EVENT_SUSPEND, NOW);
	authority_take(&l, EVENT_RESUME, NOW);
	authority_take(&l, EVENT_RES1, NOW);
	look_again(&l);
	s = truth("webauthn.get");
	a = answer_of(&stranger, &s, false);
	ASSERT_ERR(passkey_approve(l.store, l.sub.id, &attempt, &l.sub), ERR_FACTOR);
	CU_ASSERT_EQUAL(attempt.tries_left, BOOK_TRIES_MAX - 1);
	a = answer_of(&k, &s, false);
	ASSERT_ERR(passkey_approve(l.store, l.sub.id, &attempt, &l.sub), ERR_EXPIRED);
	look_again(&l);
	ASSERT_ERR(passkey_approve(l.store, l.sub.id, &attempt, &l.sub), ERR_OK);
	CU_ASSERT(subscriber_approved(&l.sub, NOW));
	ASSERT_ERR(passkey_approve(l.store, l.sub.id, &attempt, &l.sub), ERR_EXPIRED); /* once */
	ASSERT_ERR(passkey_forget(l.store, l.sub.id, NOW), ERR_OK);
	look_again(&l);
	ASSERT_ERR(passkey_approve(l.store, l.sub.id, &attempt, &l.sub), ERR_NOT_FOUND);
	ec_key_free(&k.sk);
	ec_key_free(&stranger.sk);
	authority_close(&l);
}

TEST_SUITE(passkey, {"what a key says is about us, now", test_lies},
	   {"each octet, each length", test_each_octet},
	   {"added by who is approved; serves once; wrong ones are counted", test_factor})
