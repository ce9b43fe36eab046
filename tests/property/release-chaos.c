/*
 * release-chaos: what happens to an operator, in random orders: two genuine eUICCs with the same
 * profile ask for its key; factors come, are wrong, run out and are used up; answers are guessed in
 * floods; the manager hears where the profile is installed, and that it was deleted; the operator
 * names an eUICC, changes settings, suspends, resumes, rotates; the clock is set, back and ahead.
 *
 * After every step: a grant went to the one eUICC that it may go to (I2), with both factors of now
 * (I3), for a challenge that had none (I2), and no keyId went back (I7); the EID changed by nothing
 * but the operator's command, or a first grant; of a flood of guesses few were judged, and the good
 * card's next answer was heard; a code served once. Whatever was refused has changed nothing. At
 * the end the log is what was written, and the subscribers are what it says.
 *
 * usage: release-chaos [ORDERS [SEED]]. What is done is a function of both, but for the keys.
 */
#include <ftw.h>
#include <inttypes.h>
#include <liboath/oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/auth/aka.h"
#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "host/operator/policy/decide.h"
#include "host/operator/auc/auc.h"
#include "host/operator/factor/factor.h"
#include "host/operator/pki/release_key.h"
#include "tool/pki/pki.h"
#include "host/operator/release/release.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/grant.h"
#include "tests/support/aka_key_of.h"
#include "lib/release/grant.h"
#include "tests/property/flow/bench.h"
#include "tests/support/scratch.h"
#include "tool/sys/file.h"
#include "tests/support/stock.h"

#define ORDERS_DEFAULT 400
#define STEPS	       24
#define EUICCS	       2
#define NOBODY	       EUICCS
#define USED_MAX       64
#define DAY	       86400
#define YEAR	       (365 * DAY)
#define FLOOD	       12

/* X(name): what happened, counted */
#define COUNT_TABLE(X)                                                                             \
	X(orders)                                                                                  \
	X(grants) X(foreign) X(unbound) X(stale) X(floods) X(moves) X(clocks) X(codes) X(rotations)
#define COUNT_FIELD(name) uint64_t name;
static struct {
	COUNT_TABLE(COUNT_FIELD)
} counts;

struct euicc_of {
	uint8_t eid[16];
	struct ec_key *sk;
	struct wbuf cert, eum;
	struct wbuf challenge; /* the last one; empty: none in this order */
	bool granted;	       /* it was answered */
};

/* What should be true, kept beside the operator. */
static struct world {
	char dir[96];
	struct operator_store *store;
	struct smdp_store *manager;
	struct release_authority *authority;
	struct ec_key *one_time;
	struct euicc_of euicc[EUICCS];
	int64_t real, now; /* the true time; what the clock says */
	/* of the subscriber of this order: */
	int64_t id;
	unsigned bound, installed; /* which eUICC; NOBODY */
	bool by_operator, first_asks, gsm_factor;
	bool first;		/* RES matched since factors were used up */
	int64_t first_at, from; /* ... then; the approval from then on */
	bool second;		/* and there is one */
	uint32_t highest;	/* keyId of a grant */
	struct secret *seed;
	unsigned wrong_codes;
	int64_t used[USED_MAX];
	size_t used_count;
} w;

static uint64_t seed, state;

void chaos_where(char *text, size_t cap)
{
	snprintf(text, cap, "seed %" PRIu64 ", order %" PRIu64, seed, counts.orders);
}

/* xorshift64* */
static uint32_t pick(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

static struct subscriber row(void)
{
	struct subscriber sub;

	CHECK(subscriber_by_id(w.store, w.id, &sub) == ERR_OK, "the row is what was written");
	return sub;
}

static void forget_factors(void)
{
	w.first = w.second = false;
}

/* The EID is the one that it should be, after every step. */
static void verify(void)
{
	struct subscriber sub = row();

	CHECK(sub.has_eid == (w.bound != NOBODY), "nobody else binds");
	CHECK(!sub.has_eid || memcmp(sub.eid, w.euicc[w.bound].eid, 16) == 0, "nor to another one");
	CHECK(!w.second || sub.second_factor_until, "an approval stays");
}

static enum err event(enum subscriber_event_kind kind, const uint8_t *eid)
{
	const struct subscriber_event ev = {
		.kind = kind, .actor = "chaos", .evidence = "", .now = w.now, .eid = eid};

	return subscriber_event(w.store, w.id, &ev, NULL);
}

static void step_challenge(void)
{
	struct euicc_of *u = &w.euicc[pick(EUICCS)];
	struct subscriber sub = row();
	struct kra_binding b = {.key_id = subscriber_release_key_id(&sub)};
	struct kra_challenge c = {.card_otpk = ec_key_point(w.one_time),
				  .euicc_cert = wbuf_slice(&u->cert),
				  .eum_cert = wbuf_slice(&u->eum)};

	if (pick(16) == 0 || !b.key_id)
		b.key_id = 1 + pick(3);
	memcpy(b.eid, u->eid, sizeof(b.eid));
	memcpy(b.iccid, sub.iccid, sizeof(b.iccid));
	CHECK(random_bytes(b.nonce, sizeof(b.nonce)) == ERR_OK, "a nonce");
	wbuf_reset(&u->challenge);
	c.binding = b;
	CHECK(kra_put_challenge(&u->challenge, &c, u->sk) == ERR_OK, "a challenge");
	u->granted = false;
}

/* Which one may have it; NOBODY: none. */
static unsigned target(unsigned asks)
{
	if (w.bound != NOBODY && !w.by_operator && w.installed != NOBODY && w.installed != w.bound)
		return NOBODY;
	if (w.bound != NOBODY)
		return w.bound;
	if (w.installed != NOBODY)
		return w.installed;
	return w.first_asks ? asks : NOBODY;
}

static bool both_factors(void)
{
	return w.first && w.first_at <= w.now && w.now - w.first_at < FIRST_FACTOR_S && w.second &&
	       w.from <= w.now && w.now - w.from < FACTOR_VALID_S;
}

static void refused(enum err e, const struct subscriber *before)
{
	struct subscriber after = row();

	CHECK(after.state == before->state && after.key_id == before->key_id &&
		      after.spare_key_id == before->spare_key_id &&
		      after.granted_key_id == before->granted_key_id &&
		      after.first_factor_at == before->first_factor_at &&
		      after.second_factor_from == before->second_factor_from &&
		      after.second_factor_until == before->second_factor_until,
	      "what was refused changes nothing");
	counts.unbound += e == ERR_UNBOUND;
	counts.foreign += e == ERR_REFUSED;
	counts.stale += e == ERR_FACTOR;
}

static void step_issue(void)
{
	unsigned asks = pick(EUICCS);
	struct euicc_of *u = &w.euicc[asks];
	struct subscriber before = row();
	struct wbuf grant = wbuf_grow(KRA_MESSAGE_MAX);
	bool before_granted = u->granted;
	struct grant g;
	enum err e;

	if (!u->challenge.len)
		return;
	e = release_grant_issue(w.authority, w.store, wbuf_slice(&u->challenge), w.now, &grant);
	if (e) {
		CHECK(grant.len == 0, "no grant");
		refused(e, &before);
	} else {
		CHECK(target(asks) == asks, "a grant for the one eUICC (I2)");
		CHECK(both_factors(), "both factors of now (I3)");
		CHECK(!before_granted, "a challenge serves once (I2)");
		CHECK(grant_parse(wbuf_slice(&grant), &g) == ERR_OK, "a grant is one");
		CHECK(memcmp(g.binding.eid, u->eid, 16) == 0, "for who asked");
		CHECK(g.binding.key_id == subscriber_release_key_id(&before), "the key of now");
		CHECK(g.binding.key_id >= w.highest, "no keyId goes back (I7)");
		w.highest = g.binding.key_id;
		w.bound = asks;
		u->granted = true;
		forget_factors();
		counts.grants++;
	}
	wbuf_free(&grant);
}

/* The card's own answer, in either context; of the subscription that the AuC serves. */
static enum err attach(bool gsm)
{
	uint8_t auts[AKA_AUTS_LEN], kc[GSM_KC_LEN], sres[GSM_SRES_LEN];
	struct subscriber sub = row();
	/* its power was off; or it is a card that was never released */
	bool back = (sub.modes.in_memory || sub.modes.keep_first) && pick(2);
	int which = state_allows_sub(sub.state, 2) && !back ? 2 : 1;
	struct sqn_array sqn = {.delta = 0};
	struct aka_result r = {.res_len = 0};
	struct aka_key *key = NULL;
	struct auc_challenge c;
	struct auc_verdict v;
	struct slice said = SLICE_OF(sres);
	enum err e = auc_challenge(w.store, sub.imsi[which - 1], gsm, w.now, &c);

	if (e)
		return e;
	CHECK(aka_key_of(w.store, w.id, which, &key) == ERR_OK, "a key");
	if (gsm) {
		CHECK(aka_gsm_authenticate(key, c.rand, sres, kc) == ERR_OK, "SRES");
	} else {
		CHECK(aka_usim_authenticate(key, &sqn, &(struct aka_challenge){c.rand, c.autn}, &r,
					    auts) == ERR_OK,
		      "RES");
		said = slice_make(r.res, r.res_len);
	}
	aka_key_free(&key);
	e = auc_verify(w.store, c.id, said, w.now, &v);
	/* RES 1 before a release, RES 2 in a rotation */
	if (!e && (!gsm || w.gsm_factor) &&
	    ((which == 1 && !(back && sub.modes.keep_first && state_is_after_release(sub.state))) ||
	     (which == 2 && state_is_rotation(sub.state)))) {
		w.first = true;
		w.first_at = w.now;
	}
	return e;
}

static void step_attach(void)
{
	enum err e = attach(false);

	CHECK(e == ERR_OK || e == ERR_WRONG_STATE, "a good card's RES is heard");
}

static void step_attach_gsm(void)
{
	enum err e = attach(true);

	CHECK(e == ERR_OK || e == ERR_WRONG_STATE || e == ERR_TRIES, "SRES, unless others guess");
}

/* Guesses at an SRES; then the good card. */
static void step_flood(void)
{
	struct subscriber sub = row();
	int which = state_allows_sub(sub.state, 2) ? 2 : 1;
	struct auc_challenge c;
	struct auc_verdict v;
	unsigned judged = 0;
	enum err e = ERR_OK;

	for (int i = 0; i < FLOOD; i++) {
		e = auc_challenge(w.store, sub.imsi[which - 1], true, w.now, &c);
		if (e == ERR_WRONG_STATE)
			return;
		if (!e) /* one of 2^32 is right: it is counted as the others */
			e = auc_verify(w.store, c.id, slice_str("\x01\x02\x03\x04"), w.now, &v);
		judged += e == ERR_REFUSED;
		CHECK(e == ERR_REFUSED || e == ERR_TRIES, "a guess is wrong, or not judged");
	}
	CHECK(judged <= ANSWERS_FREE + 1, "few are judged at a time");
	CHECK(attach(false) == ERR_OK, "the good card's next challenge");
	counts.floods++;
}

static void approved(enum err e)
{
	if (e)
		return;
	w.second = true;
	w.from = w.now;
}

static void step_agent(void)
{
	struct subscriber sub = row(), after;

	approved(factor_approve_agent(
		w.store, &sub, &(struct factor_word){"desk", "passport", w.now, false}, &after));
}

static bool was_used(int64_t step)
{
	for (size_t i = 0; i < w.used_count; i++)
		if (w.used[i] == step)
			return true;
	return false;
}

static void step_code(void)
{
	struct subscriber sub = row(), after;
	int64_t step = w.now / FACTOR_STEP_S + (int64_t)pick(3) - 1;
	char code[FACTOR_DIGITS + 1];
	bool wrong = pick(3) == 0;
	unsigned left = 0;
	enum err e;

	CHECK(oath_hotp_generate((const char *)w.seed->bytes, w.seed->len, (uint64_t)step,
				 FACTOR_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION,
				 code) == OATH_OK,
	      "a code");
	if (wrong)
		memcpy(code, "wrong!", sizeof(code));
	e = factor_approve_totp(w.store, &sub, &(struct factor_code){code, w.now}, &after, &left);
	if (e == ERR_FACTOR)
		CHECK(++w.wrong_codes <= FACTOR_TRIES_MAX, "five wrong codes are judged");
	if (e)
		return;
	CHECK(!wrong && w.wrong_codes < FACTOR_TRIES_MAX, "a right one, before it is locked");
	CHECK(!was_used(step), "a code serves once");
	if (w.used_count < USED_MAX)
		w.used[w.used_count++] = step;
	w.wrong_codes = 0;
	counts.codes++;
	approved(e);
}

static void step_clock(void)
{
	static const int64_t jumps[] = {-YEAR, -DAY, -60, -1, 1, 60, 599, 601, DAY, YEAR};

	w.now = pick(2) ? w.real : w.now + jumps[pick(ARRAY_LEN(jumps))];
	if (w.now < DAY)
		w.now = w.real;
	counts.clocks++;
}

static void step_name(void)
{
	unsigned which = pick(EUICCS);
	bool moves = w.bound != NOBODY && w.bound != which;

	CHECK(event(EVENT_BIND, w.euicc[which].eid) == ERR_OK, "the operator names it");
	if (moves) {
		struct subscriber sub = row();

		CHECK(sub.state == STATE_PROVISIONED || sub.state == STATE_SUSPENDED, "anew");
		CHECK(!sub.first_factor_at && !sub.second_factor_until, "with no factor");
		forget_factors();
		counts.moves++;
	}
	w.bound = which;
	w.by_operator = true;
}

/* The manager hears of an installation, or of a deletion. */
static void step_manager(void)
{
	struct smdp_change c = {.now = w.now, .actor = "chaos", .evidence = ""};
	struct subscriber sub = row();
	struct smdp_profile p;
	unsigned which = pick(EUICCS);

	CHECK(smdp_profile_by_iccid(w.manager, sub.iccid, &p) == ERR_OK, "a profile");
	if (p.state == SMDP_INSTALLED) {
		c.event = SMDP_DELETE;
		CHECK(smdp_profile_change(w.manager, &p, &c) == ERR_OK, "deleted");
		w.installed = NOBODY;
	} else if (p.state == SMDP_RELEASED) {
		memcpy(p.eid, w.euicc[which].eid, sizeof(p.eid));
		c.event = SMDP_BIND;
		CHECK(smdp_profile_change(w.manager, &p, &c) == ERR_OK, "bound");
		c.event = SMDP_INSTALL;
		CHECK(smdp_profile_change(w.manager, &p, &c) == ERR_OK, "installed");
		w.installed = which;
	}
}

static void step_policy(void)
{
	const struct operator_policy p = {
		.first_asks = pick(2), .gsm_factor = pick(2), .sqn_clock = pick(2)};

	CHECK(operator_policy_set(w.store, &p, "chaos", w.now) == ERR_OK, "a setting");
	w.first_asks = p.first_asks;
	w.gsm_factor = p.gsm_factor;
}

static void step_suspend(void)
{
	if (event(row().state == STATE_SUSPENDED ? EVENT_RESUME : EVENT_SUSPEND, NULL) == ERR_OK)
		forget_factors();
}

static void step_rotate(void)
{
	if (event(EVENT_ROTATE, NULL) == ERR_OK) {
		forget_factors();
		counts.rotations++;
	}
}

typedef void step(void);

static step *const steps[] = {
	step_challenge, step_challenge, step_challenge, step_issue,   step_issue,  step_issue,
	step_attach,	step_attach,	step_attach,	step_agent,   step_agent,  step_code,
	step_code,	step_clock,	step_name,	step_manager, step_policy, step_suspend,
	step_rotate,	step_flood,	step_attach_gsm};

/* Chance alone seldom makes a release: now and then all of it in order, with one thing between. */
static void run_release(void)
{
	step *const order[] = {step_attach, step_agent, step_challenge, step_issue, step_attach};
	unsigned at = pick(8);

	for (unsigned i = 0; i < ARRAY_LEN(order); i++) {
		order[i]();
		verify();
		if (i == at) {
			steps[pick(ARRAY_LEN(steps))]();
			verify();
		}
	}
}

static void add_subscriber(uint64_t n)
{
	static const struct subscriber_modes modes[] = {{.derived = 0},
							{.derived = 16},
							{.in_memory = true},
							{.derived = 16, .in_memory = true},
							{.keep_first = true}};
	struct subscriber sub = {.key_id = 1,
				 .algorithm = {AKA_MILENAGE, AKA_MILENAGE},
				 .modes = modes[n % ARRAY_LEN(modes)]};
	struct subscriber_keys keys = {.s = random_secret(GRANT_S_LEN)};
	char id[24];

	for (unsigned i = 0; i < 2; i++) {
		keys.k[i] = i && sub.modes.derived ? NULL : random_secret(16);
		keys.opc[i] = random_secret(16);
		snprintf(sub.imsi[i], sizeof(sub.imsi[i]), "00101%u%09" PRIu64, i, n);
	}
	memcpy(sub.iccid, "\x98\x88", 2);
	memcpy(sub.iccid + 2, &n, sizeof(n));
	CHECK(subscriber_add(w.store, &sub, &keys) == ERR_OK, "a subscriber");
	w.id = sub.id;
	snprintf(id, sizeof(id), "P%" PRIu64, n);
	CHECK(stock_profile(w.manager, sub.iccid, id, slice_str("m"), slice_str("e")) == ERR_OK,
	      "a profile");
	w.seed = random_secret(FACTOR_SEED_LEN);
	CHECK(factor_put_totp(w.store, w.id, w.seed) == ERR_OK, "a code generator");
	subscriber_keys_free(&keys);
}

static void run_order(uint64_t n)
{
	const struct operator_policy off = {.first_asks = false};

	add_subscriber(n);
	w.now = w.real;
	w.bound = w.installed = NOBODY;
	w.by_operator = w.first_asks = w.gsm_factor = false;
	w.wrong_codes = 0;
	w.used_count = 0;
	w.highest = 0;
	forget_factors();
	CHECK(operator_policy_set(w.store, &off, "chaos", w.now) == ERR_OK, "no setting");
	for (unsigned i = 0; i < EUICCS; i++) {
		wbuf_reset(&w.euicc[i].challenge);
		w.euicc[i].granted = false;
	}
	for (unsigned i = 0; i < STEPS; i++) {
		if (pick(8) == 0) {
			run_release();
		} else {
			steps[pick(ARRAY_LEN(steps))]();
			verify();
		}
	}
	secret_free(&w.seed);
	counts.orders++;
}

/* A genuine eUICC; the first one's PKI is the operator's own, and of the others it trusts the CI.
 */
static void make_euicc(struct euicc_of *u, unsigned n)
{
	static const char *const eids[EUICCS] = {PKI_EID_TEST, "89049032123451234512345678901332"};
	struct wbuf ci = wbuf_grow(8192);
	char dir[96], path[160];

	snprintf(dir, sizeof(dir), "%s", w.dir);
	if (n)
		scratch_make(NULL, "pki", dir, sizeof(dir));
	u->cert = wbuf_grow(8192);
	u->eum = wbuf_grow(8192);
	u->challenge = wbuf_grow(KRA_MESSAGE_MAX);
	CHECK(pki_parse_eid(eids[n], u->eid) == ERR_OK, "an EID");
	CHECK(pki_create(dir, EC_P256, u->eid, "localhost") == ERR_OK, "a PKI");
	CHECK(pki_cert(dir, PKI_EUICC, EC_P256, &u->cert) == ERR_OK, "CERT.EUICC");
	CHECK(pki_cert(dir, PKI_EUM, EC_P256, &u->eum) == ERR_OK, "CERT.EUM");
	CHECK(pki_key(dir, PKI_EUICC, EC_P256, &u->sk) == ERR_OK, "SK.EUICC");
	CHECK(pki_cert(dir, PKI_CI, EC_P256, &ci) == ERR_OK, "CERT.CI");
	snprintf(path, sizeof(path), "%s/pki/CI/CERT_CI_%u.der", w.dir, n);
	CHECK(!n || file_write(path, wbuf_slice(&ci), 0644, NULL) == ERR_OK,
	      "a CI that is trusted");
	if (n)
		file_remove_tree(dir);
	wbuf_free(&ci);
}

static void open_world(void)
{
	char manager[160];

	scratch_make(NULL, "chaos", w.dir, sizeof(w.dir));
	w.real = (int64_t)time(NULL);
	for (unsigned i = 0; i < EUICCS; i++)
		make_euicc(&w.euicc[i], i);
	snprintf(manager, sizeof(manager), "%s/manager", w.dir);
	CHECK(release_key_create(w.dir) == ERR_OK, "a release key");
	CHECK(ec_key_generate(EC_P256, &w.one_time) == ERR_OK, "a one-time key");
	CHECK(operator_store_create(w.dir, NULL, &w.store) == ERR_OK, "a store");
	CHECK(smdp_store_open(manager, NULL, &w.manager) == ERR_OK, "a manager");
	CHECK(release_authority_open(w.dir, &w.authority) == ERR_OK, "an authority");
	release_authority_manager(w.authority, w.manager);
}

static void close_world(void)
{
	release_authority_close(&w.authority);
	smdp_store_close(&w.manager);
	operator_store_close(&w.store);
	ec_key_free(&w.one_time);
	for (unsigned i = 0; i < EUICCS; i++) {
		ec_key_free(&w.euicc[i].sk);
		wbuf_free(&w.euicc[i].cert);
		wbuf_free(&w.euicc[i].eum);
		wbuf_free(&w.euicc[i].challenge);
	}
	file_remove_tree(w.dir);
}

int main(int argc, char **argv)
{
	uint64_t orders = argc > 1 ? strtoull(argv[1], NULL, 10) : ORDERS_DEFAULT;
	struct log_check check;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	state = seed * 2 + 1;
	printf("release-chaos: seed %" PRIu64 ", %" PRIu64 " orders\n", seed, orders);
	fflush(stdout);
	open_world();
	for (uint64_t n = 1; n <= orders; n++)
		run_order(n);
	CHECK(log_verify(w.store, &check) == ERR_OK, "the log is what was written");
	close_world();
	printf("release-chaos: seed %" PRIu64, seed);
#define COUNT_PRINT(name) printf(", %" PRIu64 " " #name, counts.name);
	COUNT_TABLE(COUNT_PRINT)
	printf(", %" PRId64 " entries of the log\n", check.good);
	CHECK(orders < ORDERS_DEFAULT ||
		      (counts.grants && counts.foreign && counts.unbound && counts.stale &&
		       counts.floods && counts.moves && counts.codes && counts.rotations),
	      "each kind of thing has happened");
	return 0;
}
