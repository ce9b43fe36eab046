/*
 * bench_grant: grants of the release authority per second and core, with the store on the disk, in
 * each way of sealing, for CARDS eUICCs that ask at once, as its server takes them (and for one
 * alone); beside what OpenSSL needs for the elliptic-curve operations of one: three
 * verifications (certificate of the EUM, of the eUICC, the challenge), one signature, a one-time
 * key and one ECDH. The authority remembers the certificates of EUMs that it has checked: the
 * second limit leaves out that verification, which it saves itself.
 *
 * Subscribers, factors and challenges are made between, off the clock. Time is the process's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/pki/release_key.h"
#include "host/operator/release/release.h"
#include "lib/base/secret.h"
#include "lib/rsp/cert.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/grant.h"
#include "lib/release/kra.h"
#include "lib/rsp/issue.h"
#include "tests/bench/bench.h"
#include "tests/support/ec_limit.h"
#include "tests/support/must.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"

#define ROUNDS	    9
#define CARDS	    8
#define GRANTS	    40 /* in a round of the measurement */
#define BAR	    0.5
#define KEY_ID	    1
#define VALID_S	    600
#define SECURE_HEAP (1u << 20)

/* An eUICC of the EUM, whose subscriber has passed both factors, and what it asks. */
struct card {
	struct ec_key *key;
	uint8_t eid[16];
	struct wbuf cert, challenge;
};

struct bench {
	char dir[64];
	struct operator_store *store;
	struct release_authority *authority;
	struct ec_key *eum_key, *one_time;
	struct wbuf eum, grant;
	struct card cards[CARDS];
	int64_t now;
	unsigned subscribers;
	bool derived;
	double cpu, wall; /* in the authority */
};

static void bench_open(struct bench *b)
{
	uint8_t eid[16];

	*b = (struct bench){.dir = "/tmp/twinkey-bench-XXXXXX",
			    .eum = wbuf_grow(4096),
			    .grant = wbuf_grow(KRA_MESSAGE_MAX)};
	MUST(mkdtemp(b->dir) && pki_parse_eid(PKI_EID_TEST, eid) == ERR_OK);
	MUST(pki_create(b->dir, EC_P256, eid, "localhost") == ERR_OK);
	b->now = (int64_t)time(NULL);
	MUST(release_key_create(b->dir) == ERR_OK);
	MUST(pki_cert(b->dir, PKI_EUM, EC_P256, &b->eum) == ERR_OK);
	MUST(pki_key(b->dir, PKI_EUM, EC_P256, &b->eum_key) == ERR_OK);
	MUST(ec_key_generate(EC_P256, &b->one_time) == ERR_OK);
	MUST(operator_store_create(b->dir, NULL, &b->store) == ERR_OK);
	MUST(release_authority_open(b->dir, &b->authority) == ERR_OK);
	operator_store_gather(b->store);
}

static void bench_close(struct bench *b)
{
	release_authority_close(&b->authority);
	operator_store_close(&b->store);
	ec_key_free(&b->eum_key);
	ec_key_free(&b->one_time);
	wbuf_free(&b->eum);
	wbuf_free(&b->grant);
	file_remove_tree(b->dir);
}

static void card_make(struct bench *b, struct card *c)
{
	struct issue_request r = {.role = RSP_ROLE_EUICC,
				  .organization = "Twinkey Test EUM", /* whom the EUM may certify */
				  .common_name = "eUICC",
				  .not_before = b->now,
				  .not_after = b->now + 86400,
				  .curve = EC_P256,
				  .issuer_cert = wbuf_slice(&b->eum),
				  .issuer_key = b->eum_key};
	char digits[33];

	*c = (struct card){.cert = wbuf_grow(4096), .challenge = wbuf_grow(KRA_MESSAGE_MAX)};
	MUST(pki_random_eid(c->eid) == ERR_OK && ec_key_generate(EC_P256, &c->key) == ERR_OK);
	hex_encode(SLICE_OF(c->eid), digits, sizeof(digits));
	r.serial_number = digits;
	r.point = ec_key_point(c->key);
	MUST(issue_certificate(&r, &c->cert) == ERR_OK);
}

static void card_free(struct card *c)
{
	ec_key_free(&c->key);
	wbuf_free(&c->cert);
	wbuf_free(&c->challenge);
}

/* One more subscriber, who is bound to the card and has passed both factors. */
static void add_subscriber(struct bench *b, const struct card *c, struct subscriber *sub)
{
	static const enum subscriber_event_kind events[] = {EVENT_BIND, EVENT_RES1, EVENT_FACTOR};
	struct subscriber_keys keys = {0};
	unsigned n = b->subscribers++;

	*sub = (struct subscriber){.iccid = {0x98, 0x88, (uint8_t)(n >> 8), (uint8_t)n},
				   .key_id = KEY_ID,
				   .modes.derived = b->derived ? 16 : 0};
	keys.s = random_secret(GRANT_S_LEN);
	MUST(keys.s != NULL);
	for (int i = 0; i < 2; i++) {
		keys.k[i] = i && b->derived ? NULL : random_secret(16);
		keys.opc[i] = random_secret(16);
		MUST((keys.k[i] || b->derived) && keys.opc[i]);
		sub->algorithm[i] = AKA_MILENAGE;
		snprintf(sub->imsi[i], sizeof(sub->imsi[i]), "00101%d%09u", i, n);
	}
	MUST(subscriber_add(b->store, sub, &keys) == ERR_OK);
	subscriber_keys_free(&keys);
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		struct subscriber_event e = {.kind = events[i],
					     .actor = "bench",
					     .evidence = "bench",
					     .eid = c->eid,
					     .now = b->now,
					     .valid_s = VALID_S};

		MUST(subscriber_event(b->store, sub->id, &e, sub) == ERR_OK);
	}
}

static void prepare(struct bench *b, struct card *card)
{
	struct kra_challenge c = {.binding.key_id = KEY_ID,
				  .card_otpk = ec_key_point(b->one_time),
				  .eum_cert = wbuf_slice(&b->eum)};
	struct subscriber sub;

	card_make(b, card);
	add_subscriber(b, card, &sub);
	c.euicc_cert = wbuf_slice(&card->cert);
	memcpy(c.binding.eid, card->eid, sizeof(card->eid));
	memcpy(c.binding.iccid, sub.iccid, sizeof(sub.iccid));
	MUST(random_bytes(c.binding.nonce, sizeof(c.binding.nonce)) == ERR_OK);
	MUST(kra_put_challenge(&card->challenge, &c, card->key) == ERR_OK);
}

/* What so many cards ask for at once, on the clock. */
static void grant(struct bench *b, int cards)
{
	b->cpu -= ec_limit_now();
	b->wall -= bench_now();
	for (int i = 0; i < cards; i++) {
		wbuf_reset(&b->grant);
		MUST(release_grant_issue(b->authority, b->store, wbuf_slice(&b->cards[i].challenge),
					 b->now, &b->grant) == ERR_OK);
		MUST(b->grant.len > 0);
	}
	MUST(operator_store_settle(b->store, ERR_OK) == ERR_OK);
	b->cpu += ec_limit_now();
	b->wall += bench_now();
}

/* Of GRANTS, so many at once, each one's time; *wall: with the waiting for the disk. */
static double measure(struct bench *b, int cards, double *wall)
{
	b->cpu = b->wall = 0;
	for (int n = 0; n < GRANTS; n += cards) {
		for (int i = 0; i < cards; i++)
			prepare(b, &b->cards[i]);
		MUST(operator_store_settle(b->store, ERR_OK) == ERR_OK);
		grant(b, cards);
		for (int i = 0; i < cards; i++)
			card_free(&b->cards[i]);
	}
	*wall = b->wall / GRANTS;
	return b->cpu / GRANTS;
}

static void run(bool derived, const char *name)
{
	const struct ec_limit asked = {.signatures = 1, .verifications = 3};
	const struct ec_limit saved = {.signatures = 1, .verifications = 2};
	double ours[ROUNDS], wall[ROUNDS], bound[ROUNDS], ratio[ROUNDS], known[ROUNDS], r;
	double alone[ROUNDS], alone_wall[ROUNDS];
	struct bench b;

	bench_open(&b);
	b.derived = derived;
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = measure(&b, CARDS, &wall[i]);
		bound[i] = ec_limit_measure(EC_P256, &asked, GRANTS);
		ratio[i] = bound[i] / ours[i];
		known[i] = ec_limit_measure(EC_P256, &saved, GRANTS) / ours[i];
		alone[i] = measure(&b, 1, &alone_wall[i]);
	}
	bench_close(&b);
	r = bench_median(ratio, ROUNDS);
	printf("grants, %s, per second and core\n", name);
	printf("  twinkey-operator, %d eUICCs at once %12.0f\n", CARDS,
	       1 / bench_median(ours, ROUNDS));
	printf("  %-34s %12.0f\n", "OpenSSL: its ECDSA and ECDH alone",
	       1 / bench_median(bound, ROUNDS));
	printf("  %-34s %10.2f x  (bar %.2f: %s)\n", "ratio", r, BAR,
	       r >= BAR ? "reached" : "missed");
	printf("  %-34s %10.2f x\n", "ratio, the EUM's check not counted",
	       bench_median(known, ROUNDS));
	printf("  %-34s %12.0f\n", "twinkey-operator, one eUICC alone",
	       1 / bench_median(alone, ROUNDS));
	printf("  with the waiting for the disk %9.2f ms each, %.2f ms alone\n",
	       1000 * bench_median(wall, ROUNDS), 1000 * bench_median(alone_wall, ROUNDS));
}

int main(void)
{
	secret_heap_start(SECURE_HEAP);
	run(false, "K2 sealed");
	run(true, "K2 derived");
	return EXIT_SUCCESS;
}
