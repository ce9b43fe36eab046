/*
 * rotations: the second key of one card rotated a thousand times, in each mode.
 *
 * A real operator (its store, its release authority, its AuC) and a real card. Each rotation begins
 * with a word of the operator's; the card takes the new sealed part, shows the key so far, is
 * granted the next one, and shows that. Now and then the grant is lost, and the operator rolls
 * back; or the card's power is cut. After each: the card is on the new key, the subscriber ACTIVE,
 * the keyId one higher (I7), and the card's memory has no more than the SQN array of each former
 * key.
 *
 * usage: rotations [ROTATIONS]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "card-emu/card.h"
#include "card-emu/core/app.h"
#include "card-emu/store/store.h"
#include "host/operator/auc/auc.h"
#include "host/operator/factor/factor.h"
#include "host/operator/pki/release_key.h"
#include "host/operator/policy/decide.h"
#include "host/operator/release/prepare.h"
#include "host/operator/release/release.h"
#include "lib/auth/aka.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/kra.h"
#include "tests/property/flow/real_card.h"
#include "tests/support/scratch.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"

#define ROTATIONS_DEFAULT 1000
#define LOST_EVERY	  37
#define CUT_EVERY	  53

static const struct mode {
	const char *name;
	struct subscriber_modes modes;
} modes[] = {{"sealed", {.derived = 0}},
	     {"derived", {.derived = 32}},
	     {"in memory", {.in_memory = true}}};

static struct world {
	const struct mode *mode;
	unsigned done;
	char dir[96];
	struct operator_store *store;
	struct release_authority *authority;
	struct bench card; /* its card alone is used */
	struct subscriber sub;
	int64_t now;
} w;

void chaos_where(char *text, size_t cap)
{
	snprintf(text, cap, "%s, rotation %u", w.mode->name, w.done + 1);
}

static struct subscriber row(void)
{
	struct subscriber sub;

	CHECK(subscriber_by_id(w.store, w.sub.id, &sub) == ERR_OK, "the row");
	return sub;
}

static void event(enum subscriber_event_kind kind)
{
	const struct subscriber_event ev = {
		.kind = kind, .actor = "rotations", .evidence = "", .now = w.now};

	CHECK(subscriber_event(w.store, w.sub.id, &ev, NULL) == ERR_OK, event_name(kind));
}

/* AUTHENTICATE with the AuC's next vector of subscription n, and its verdict. */
static void attach(int n)
{
	uint8_t mem[AKA_RES_MAX];
	struct wbuf res = wbuf_init(mem, sizeof(mem));
	struct auc_challenge c;
	struct auc_verdict v;

	CHECK(auc_challenge(w.store, row().imsi[n - 1], false, w.now, &c) == ERR_OK, "a vector");
	CHECK(real_card_answer(&w.card, &(struct aka_challenge){c.rand, c.autn}, &res) == ERR_OK,
	      "an answer");
	CHECK(auc_verify(w.store, c.id, wbuf_slice(&res), w.now, &v) == ERR_OK, "RES is right");
}

static void approve(void)
{
	struct subscriber sub = row(), after;

	CHECK(factor_approve_agent(
		      w.store, &sub,
		      &(struct factor_word){.agent = "desk", .evidence = "passport", .now = w.now},
		      &after) == ERR_OK,
	      "an approval");
}

/* The next sealed part, unless the card has it. */
static void reseal(void)
{
	struct wbuf m = wbuf_grow(KRA_MESSAGE_MAX), answer = wbuf_grow(BENCH_MESSAGE);
	enum kra_result result = KRA_RESULT_UNDEFINED;
	uint32_t key_id;

	CHECK(release_reseal(w.authority, w.store, w.sub.iccid, &m, &key_id) == ERR_OK, "a reseal");
	real_card_send(&w.card, wbuf_slice(&m), &answer);
	CHECK(kra_parse_reseal_result(wbuf_slice(&answer), &result) == ERR_OK, "a result");
	CHECK(result == KRA_RESULT_OK || result == KRA_RESULT_WRONG_KEY_ID, "the card takes it");
	wbuf_free(&m);
	wbuf_free(&answer);
}

/* Challenge and grant; lost: nobody sees the grant. */
static void grant(bool lost)
{
	struct wbuf ask = wbuf_grow(64), challenge = wbuf_grow(KRA_MESSAGE_MAX);
	struct wbuf g = wbuf_grow(KRA_MESSAGE_MAX), answer = wbuf_grow(KRA_MESSAGE_MAX);
	struct release_told told;

	kra_put_get_challenge(&ask, w.sub.iccid);
	real_card_send(&w.card, wbuf_slice(&ask), &challenge);
	CHECK(release_grant_issue(w.authority, w.store, wbuf_slice(&challenge), w.now, &g) ==
		      ERR_OK,
	      "a grant");
	if (!lost) {
		real_card_send(&w.card, wbuf_slice(&g), &answer);
		CHECK(release_result_take(w.store, wbuf_slice(&answer), w.now, &told) == ERR_OK &&
			      told.result == KRA_RESULT_OK,
		      "the card opens it");
		bench_reset(&w.card);
	}
	wbuf_free(&ask);
	wbuf_free(&challenge);
	wbuf_free(&g);
	wbuf_free(&answer);
}

static void release_first(void)
{
	attach(1);
	approve();
	grant(false);
	attach(2);
	CHECK(row().state == STATE_ACTIVE, "full access");
}

/* With the subscription that the card is on. */
static void show(void)
{
	bool cut = w.done % CUT_EVERY == 0;

	if (cut) {
		card_power_off(w.card.card);
		bench_reset(&w.card);
	}
	attach(cut && w.mode->modes.in_memory ? 1 : 2);
}

static void rotate(void)
{
	struct subscriber before = row(), after;

	event(EVENT_ROTATE);
	reseal();
	show();
	approve();
	if (w.done % LOST_EVERY == 0) {
		grant(true);
		event(EVENT_ROLL_BACK);
		CHECK(row().state == STATE_RECALLED && row().key_id == before.key_id,
		      "the key before is in force again");
		show();
		approve();
	}
	grant(false);
	attach(2);
	after = row();
	CHECK(after.state == STATE_ACTIVE, "full access");
	CHECK(after.key_id == before.key_id + 1 && !after.spare_key_id, "one keyId higher (I7)");
}

static void add_subscriber(void)
{
	struct subscriber_keys keys = {.s = random_secret(SEALING_KEY_LEN)};
	unsigned derived = w.mode->modes.derived;
	struct subscriber_event named = {.kind = EVENT_BIND, .actor = "rotations", .now = w.now};
	uint8_t eid[16];

	w.sub = (struct subscriber){
		.key_id = 1,
		.imsi = {"001010000000001", "001010000000002"},
		.algorithm = {AKA_MILENAGE, derived == 32 ? AKA_TUAK : AKA_MILENAGE},
		.modes = w.mode->modes};
	for (int i = 0; i < 2; i++) {
		keys.k[i] = i && derived ? NULL : random_secret(16);
		keys.opc[i] = random_secret(w.sub.algorithm[i] == AKA_TUAK ? 32 : 16);
	}
	CHECK(prepare_random_iccid(w.sub.iccid) == ERR_OK, "an ICCID");
	CHECK(subscriber_add(w.store, &w.sub, &keys) == ERR_OK, "a subscriber");
	CHECK(pki_parse_eid(PKI_EID_TEST, eid) == ERR_OK, "an EID");
	named.eid = eid;
	CHECK(subscriber_event(w.store, w.sub.id, &named, NULL) == ERR_OK, "whose eUICC it is");
	subscriber_keys_free(&keys);
}

static void run_mode(const struct mode *mode, unsigned rotations)
{
	size_t used = 0;
	uint8_t eid[16];

	w = (struct world){.mode = mode, .now = (int64_t)time(NULL)};
	scratch_make(NULL, "rotations", w.dir, sizeof(w.dir));
	CHECK(pki_parse_eid(PKI_EID_TEST, eid) == ERR_OK, "an EID");
	CHECK(pki_create(w.dir, EC_P256, eid, "localhost") == ERR_OK, "a PKI");
	real_card_make(&w.card, w.dir);
	w.now = (int64_t)time(NULL); /* certificates are valid from now on */
	CHECK(release_key_create(w.dir) == ERR_OK, "a release key");
	CHECK(operator_store_create(w.dir, NULL, &w.store) == ERR_OK, "a store");
	CHECK(release_authority_open(w.dir, &w.authority) == ERR_OK, "an authority");
	add_subscriber();
	real_card_install(&w.card, w.store, &w.sub, w.dir);
	release_first();
	for (; w.done < rotations; w.done++) {
		rotate();
		if (w.done == 2)
			used = store_used(card_store(w.card.card));
	}
	/* a fingerprint and an SQN array of each K2 that was (I6), and nothing more */
	CHECK(!used || store_used(card_store(w.card.card)) < used + 512 * (size_t)rotations,
	      "the card's memory holds");
	release_authority_close(&w.authority);
	operator_store_close(&w.store);
	card_close(&w.card.card);
	file_remove_tree(w.dir);
	printf("rotations: %s, %u rotations\n", mode->name, w.done);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned rotations = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROTATIONS_DEFAULT;

	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		run_mode(&modes[i], rotations);
	return 0;
}
