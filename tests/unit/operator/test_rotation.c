/*
 * rotation: the operator's side of the rotation of the second key, with a card that is played here:
 * it knows its keys, takes sealed parts and grants, and loses what the test wants lost.
 */
#include "lib/crypto/ec.h"
#include "lib/auth/aka.h"
#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "lib/release/grant.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/auc/auc.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/sealed.h"
#include "tests/unit/support/authority.h"

#define KEYS_MAX   64 /* key ids that a walk may come to */
#define WALKS	   60
#define STEPS	   30
#define RESCUE_MAX 12

struct play {
	struct authority l;
	struct subscriber_keys keys[KEYS_MAX]; /* by keyId, as they were seen first; 0: K1 */
	struct sqn_array sqn[KEYS_MAX];
	uint32_t opened,
		sealed;	    /* the card's: the key it is on (0: K1), and that of its sealed part */
	uint32_t granted;   /* the last at the operator */
	bool first, second; /* factors shown since they were last used up */
	struct wbuf reseal, result;
	uint32_t reseal_id; /* of the message in reseal */
	uint64_t random;
};

static uint32_t pick(struct play *p, uint32_t n)
{
	p->random = p->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(p->random >> 33) % n;
}

static void see_keys(struct play *p, uint32_t id, struct subscriber_keys *now)
{
	struct subscriber_keys *known = &p->keys[id];

	CU_ASSERT_FATAL(id > 0 && id < KEYS_MAX);
	if (!known->s) {
		*known = *now;
		return;
	}
	/* a keyId means one K2, one OPc2 and one S for ever */
	CU_ASSERT_TRUE(secret_equal(secret_slice(known->k[1]), secret_slice(now->k[1])));
	CU_ASSERT_TRUE(secret_equal(secret_slice(known->opc[1]), secret_slice(now->opc[1])));
	CU_ASSERT_TRUE(secret_equal(secret_slice(known->s), secret_slice(now->s)));
	subscriber_keys_free(now);
}

/* What must hold after every step. */
static void look(struct play *p)
{
	struct subscriber *sub = &p->l.sub;
	struct subscriber_keys keys = {0};

	ASSERT_ERR(subscriber_by_id(p->l.store, sub->id, sub), ERR_OK);
	ASSERT_ERR(subscriber_keys_load(p->l.store, sub->id, &keys), ERR_OK);
	see_keys(p, sub->key_id, &keys);
	keys = (struct subscriber_keys){0};
	ASSERT_ERR(subscriber_spare_keys_load(p->l.store, sub->id, &keys),
		   sub->spare_key_id ? ERR_OK : ERR_NOT_FOUND);
	if (sub->spare_key_id)
		see_keys(p, sub->spare_key_id, &keys);
	/* no key is in force before its grant, and none after that of a later one */
	CU_ASSERT(sub->key_id == AUTHORITY_KEY_ID || sub->key_id <= p->granted);
	if (sub->state == STATE_RELEASED || sub->state == STATE_ACTIVE)
		CU_ASSERT_EQUAL(sub->key_id, p->granted);
	CU_ASSERT_EQUAL(sub->granted_key_id, p->granted);
	if (state_is_rotation(sub->state))
		CU_ASSERT_EQUAL(sub->spare_key_id, sub->key_id + 1);
	if (sub->state == STATE_ACTIVE)
		CU_ASSERT_EQUAL(sub->spare_key_id, 0);
}

static void play_open(struct play *p, uint64_t seed)
{
	struct subscriber_keys first = {0};

	*p = (struct play){.sealed = AUTHORITY_KEY_ID,
			   .reseal = wbuf_grow(KRA_MESSAGE_MAX),
			   .result = wbuf_grow(KRA_MESSAGE_MAX),
			   .random = seed};
	for (size_t i = 0; i < KEYS_MAX; i++)
		p->sqn[i] = SQN_ARRAY_NEW;
	authority_open(&p->l);
	look(p);
	ASSERT_ERR(subscriber_keys_load(p->l.store, p->l.sub.id, &first), ERR_OK);
	p->keys[0] = first; /* K1 is in its k[0]; as the card's key 0 it is looked for there */
}

static void play_close(struct play *p)
{
	for (size_t i = 0; i < KEYS_MAX; i++)
		subscriber_keys_free(&p->keys[i]);
	wbuf_free(&p->reseal);
	wbuf_free(&p->result);
	authority_close(&p->l);
}

static enum err event(struct play *p, enum subscriber_event_kind kind, uint32_t opened)
{
	struct subscriber_event ev = {.kind = kind,
				      .actor = "test",
				      .evidence = "test",
				      .now = p->l.now,
				      .valid_s = 600,
				      .key_id = opened,
				      .opened = opened != 0};
	enum err e = subscriber_event(p->l.store, p->l.sub.id, &ev, NULL);

	if (!e && kind == EVENT_FACTOR)
		p->second = true;
	else if (!e)
		p->first = p->second = false;
	look(p);
	return e;
}

static enum err answer(struct play *p, const struct auc_challenge *c, struct aka_result *r)
{
	const struct subscriber_keys *k = &p->keys[p->opened];
	int sub = p->opened ? 1 : 0;
	uint8_t auts[AKA_AUTS_LEN];
	struct aka_key *key = NULL;
	enum err e =
		aka_key_new(AKA_MILENAGE, secret_slice(k->k[sub]), secret_slice(k->opc[sub]), &key);

	if (!e)
		e = aka_usim_authenticate(key, &p->sqn[p->opened],
					  &(struct aka_challenge){c->rand, c->autn}, r, auts);
	aka_key_free(&key);
	return e;
}

/* ERR_WRONG_STATE: the AuC gives no vector; ERR_MAC: it has another key than the card. */
static enum err attach(struct play *p, const char **access)
{
	struct auc_challenge c;
	struct aka_result r = {0};
	struct auc_verdict v = {0};
	enum err e =
		auc_challenge(p->l.store, p->l.sub.imsi[p->opened ? 1 : 0], false, p->l.now, &c);

	if (!e)
		e = answer(p, &c, &r);
	if (!e)
		e = auc_verify(p->l.store, c.id, slice_make(r.res, r.res_len), p->l.now, &v);
	if (!e)
		p->first = true;
	if (!e && access)
		*access = v.access;
	look(p);
	return e;
}

static void open_sealed(struct play *p, struct slice message, uint32_t key_id)
{
	const struct subscriber_keys *k = &p->keys[key_id];
	struct secret *elements = NULL;
	struct kra_reseal m;
	struct sealed sealed;

	ASSERT_ERR(kra_parse_reseal(message, &m), ERR_OK);
	ASSERT_ERR(ec_verify(EC_P256, release_authority_point(p->l.authority), &m.sealed, 1,
			     m.signature),
		   ERR_OK);
	ASSERT_ERR(sealed_parse(m.sealed, &sealed), ERR_OK);
	CU_ASSERT_EQUAL(sealed.fields.key_id, key_id);
	ASSERT_OCTETS(SLICE_OF(sealed.fields.iccid), SLICE_OF(p->l.sub.iccid), "ICCID");
	CU_ASSERT_FATAL(sealed_open(&sealed, secret_slice(k->s), &elements) == ERR_OK);
	CU_ASSERT_PTR_NOT_NULL(
		memmem(elements->bytes, elements->len, k->k[1]->bytes, k->k[1]->len));
	CU_ASSERT_PTR_NOT_NULL(
		memmem(elements->bytes, elements->len, k->opc[1]->bytes, k->opc[1]->len));
	secret_free(&elements);
}

/* The new sealed part comes to the card; it is the same message whenever it is asked for. */
static enum err reseal(struct play *p)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	uint32_t key_id = 0;
	enum err e = release_reseal(p->l.authority, p->l.store, p->l.sub.iccid, &w, &key_id);

	CU_ASSERT_EQUAL(e == ERR_OK, state_is_rotation(p->l.sub.state));
	look(p);
	if (!e) {
		CU_ASSERT_EQUAL(key_id, subscriber_release_key_id(&p->l.sub));
		open_sealed(p, wbuf_slice(&w), key_id);
		if (key_id == p->reseal_id)
			ASSERT_OCTETS(wbuf_slice(&w), wbuf_slice(&p->reseal), "BF73");
		wbuf_reset(&p->reseal);
		wbuf_put(&p->reseal, wbuf_slice(&w));
		p->reseal_id = key_id;
		if (key_id > p->sealed)
			p->sealed = key_id;
	}
	wbuf_free(&w);
	return e;
}

/* The card's result, told to the operator or kept for later. */
static void tell(struct play *p, const struct kra_binding *b, enum kra_result result, bool now)
{
	struct release_told told;

	wbuf_reset(&p->result);
	ASSERT_ERR(kra_put_outcome(&p->result, b, result, p->l.sk), ERR_OK);
	if (!now)
		return;
	ASSERT_ERR(release_result_take(p->l.store, wbuf_slice(&p->result), p->l.now, &told),
		   ERR_OK);
	wbuf_reset(&p->result);
	if (result != KRA_RESULT_OK)
		p->first = p->second = false;
	look(p);
}

static void tell_late(struct play *p)
{
	struct release_told told;

	if (p->result.len)
		(void)!release_result_take(p->l.store, wbuf_slice(&p->result), p->l.now, &told);
	wbuf_reset(&p->result);
	look(p);
}

static void check_grant(struct play *p, uint32_t key_id)
{
	struct secret *s = NULL;
	struct grant g;

	ASSERT_ERR(grant_parse(wbuf_slice(&p->l.grant), &g), ERR_OK);
	CU_ASSERT_EQUAL(g.binding.key_id, key_id);
	CU_ASSERT_FATAL(grant_open(&g, p->l.one_time, &s) == ERR_OK);
	CU_ASSERT_TRUE(secret_equal(secret_slice(s), secret_slice(p->keys[key_id].s)));
	secret_free(&s);
}

enum fate { GRANT_TAKEN, GRANT_LOST, RESULT_LOST, GRANT_REFUSED };

/* Challenge, grant, result; what becomes of the grant is the caller's choice. */
static enum err release(struct play *p, enum fate fate)
{
	struct kra_binding b;
	enum err e;

	if (p->sealed == p->opened)
		return ERR_WRONG_STATE; /* the card has nothing to open */
	b = authority_challenge(&p->l, p->sealed);
	e = authority_issue(&p->l, p->l.now);
	if (!e) {
		CU_ASSERT_TRUE(p->first && p->second); /* I3 */
		CU_ASSERT(p->sealed >= p->granted);    /* I7 */
		check_grant(p, p->sealed);
		p->granted = p->sealed;
		p->first = p->second = false;
		wbuf_reset(&p->result);
	}
	look(p);
	if (e || fate == GRANT_LOST)
		return e;
	if (fate != GRANT_REFUSED)
		p->opened = p->sealed;
	tell(p, &b, fate == GRANT_REFUSED ? KRA_RESULT_BAD_KEY : KRA_RESULT_OK,
	     fate != RESULT_LOST);
	return ERR_OK;
}

/* What card, terminal and operator do by the book, from wherever they are, one step. */
static void rescue(struct play *p)
{
	const struct subscriber *sub = &p->l.sub;
	bool unheard = state_is_rotation(sub->state) ? subscriber_release_key_id(sub) == p->opened
						     : sub->state == STATE_PROVISIONED && p->opened;

	if (unheard || (sub->state == STATE_RELEASED && attach(p, NULL) != ERR_OK)) {
		ASSERT_ERR(event(p, EVENT_SUSPEND, 0), ERR_OK);
		ASSERT_ERR(event(p, EVENT_RESUME, unheard ? p->opened : 0), ERR_OK);
	} else if (sub->state == STATE_SUSPENDED) {
		ASSERT_ERR(event(p, EVENT_RESUME, 0), ERR_OK);
	} else if (sub->state != STATE_ACTIVE) {
		(void)!reseal(p);
		ASSERT_ERR(attach(p, NULL), ERR_OK);
		ASSERT_ERR(event(p, EVENT_FACTOR, 0), ERR_OK);
		ASSERT_ERR(release(p, GRANT_TAKEN), ERR_OK);
	}
}

static void step(struct play *p)
{
	enum subscriber_state s = p->l.sub.state;

	switch (pick(p, 16)) {
	case 0:
	case 13: CU_ASSERT_EQUAL(event(p, EVENT_ROTATE, 0) == ERR_OK, s == STATE_ACTIVE); break;
	case 1:
	case 2: (void)!reseal(p); break;
	case 3:
	case 4:
	case 5: (void)!attach(p, NULL); break;
	case 6:
	case 7: (void)!event(p, EVENT_FACTOR, 0); break;
	case 8:
	case 9: (void)!release(p, GRANT_TAKEN); break;
	case 10: (void)!release(p, (enum fate)pick(p, 4)); break;
	case 11: (void)!event(p, EVENT_SUSPEND, 0); break;
	case 12: (void)!event(p, EVENT_RESUME, 0); break;
	case 14: rescue(p); break;
	default: tell_late(p);
	}
}

/* Random orders; and from wherever they lead, the subscriber comes back to full access. */
static void test_walks(void)
{
	uint32_t rotations = 0;

	for (uint64_t seed = 1; seed <= WALKS; seed++) {
		const char *access = "";
		struct play p;

		play_open(&p, seed);
		for (int i = 0; i < STEPS; i++)
			step(&p);
		for (int i = 0; i < RESCUE_MAX && p.l.sub.state != STATE_ACTIVE; i++)
			rescue(&p);
		ASSERT_ERR(attach(&p, &access), ERR_OK);
		if (strcmp(access, "full") != 0)
			fprintf(stderr, "\nwalk %u: %s\n", (unsigned)seed,
				state_name(p.l.sub.state));
		CU_ASSERT_STRING_EQUAL(access, "full");
		CU_ASSERT_EQUAL(p.opened, p.l.sub.key_id);
		rotations += p.opened - AUTHORITY_KEY_ID;
		play_close(&p);
	}
	CU_ASSERT(rotations > WALKS / 2);
}

static void to_active(struct play *p)
{
	play_open(p, 1);
	for (int i = 0; i < RESCUE_MAX && p->l.sub.state != STATE_ACTIVE; i++)
		rescue(p);
	CU_ASSERT_EQUAL_FATAL(p->l.sub.state, STATE_ACTIVE);
}

/* Everything that a rotation needs has been shown. */
static void to_grant(struct play *p)
{
	to_active(p);
	ASSERT_ERR(event(p, EVENT_ROTATE, 0), ERR_OK);
	ASSERT_ERR(reseal(p), ERR_OK);
	ASSERT_ERR(attach(p, NULL), ERR_OK);
	ASSERT_ERR(event(p, EVENT_FACTOR, 0), ERR_OK);
}

/* I3 and I2 in a rotation: which key, which factors, and when. */
static void test_conditions(void)
{
	const char *access = "";
	struct play p;

	to_active(&p);
	ASSERT_ERR(reseal(&p), ERR_WRONG_STATE);
	ASSERT_ERR(event(&p, EVENT_ROTATE, 0), ERR_OK);
	ASSERT_ERR(event(&p, EVENT_ROTATE, 0), ERR_WRONG_STATE);
	ASSERT_ERR(reseal(&p), ERR_OK);
	/* whoever made another message at the same time, or one for another key, comes too late */
	for (uint32_t id = AUTHORITY_KEY_ID; id <= AUTHORITY_KEY_ID + 2; id++)
		ASSERT_ERR(subscriber_reseal_keep(p.l.store, p.l.sub.id, id, slice_str("other")),
			   ERR_OK);
	ASSERT_ERR(reseal(&p), ERR_OK);
	(void)authority_challenge(&p.l, AUTHORITY_KEY_ID); /* the old sealed part is out */
	ASSERT_ERR(authority_issue(&p.l, p.l.now), ERR_REFUSED);
	(void)authority_challenge(&p.l, AUTHORITY_KEY_ID + 2);
	ASSERT_ERR(authority_issue(&p.l, p.l.now), ERR_REFUSED);
	(void)authority_challenge(&p.l, AUTHORITY_KEY_ID + 1);
	ASSERT_ERR(authority_issue(&p.l, p.l.now), ERR_FACTOR);
	ASSERT_ERR(attach(&p, &access), ERR_OK); /* the old key goes on */
	CU_ASSERT_STRING_EQUAL(access, "full");
	ASSERT_ERR(authority_issue(&p.l, p.l.now), ERR_FACTOR);
	ASSERT_ERR(event(&p, EVENT_GRANT, 0), ERR_FACTOR); /* whatever was judged before */
	ASSERT_ERR(event(&p, EVENT_FACTOR, 0), ERR_OK);
	ASSERT_ERR(authority_issue(&p.l, p.l.now + 600), ERR_FACTOR); /* the second has run out */
	ASSERT_ERR(authority_issue(&p.l, p.l.now + FIRST_FACTOR_S + 1), ERR_FACTOR);
	ASSERT_ERR(authority_issue(&p.l, p.l.now - 1), ERR_FACTOR);
	CU_ASSERT_EQUAL(p.l.sub.key_id, AUTHORITY_KEY_ID);
	ASSERT_ERR(authority_issue(&p.l, p.l.now), ERR_OK);
	p.granted++;
	look(&p);
	CU_ASSERT_EQUAL(p.l.sub.key_id, AUTHORITY_KEY_ID + 1);
	ASSERT_ERR(authority_issue(&p.l, p.l.now), ERR_WRONG_STATE);
	ASSERT_ERR(reseal(&p), ERR_WRONG_STATE);
	play_close(&p);
}

/* A RES of the old key, challenged before the grant and told after it, proves no new key. */
static void test_late_res(void)
{
	struct auc_challenge c;
	struct aka_result r = {0};
	struct auc_verdict v;
	struct play p;

	to_grant(&p);
	ASSERT_ERR(auc_challenge(p.l.store, p.l.sub.imsi[1], false, p.l.now, &c), ERR_OK);
	ASSERT_ERR(answer(&p, &c, &r), ERR_OK);
	ASSERT_ERR(release(&p, GRANT_LOST), ERR_OK);
	ASSERT_ERR(auc_verify(p.l.store, c.id, slice_make(r.res, r.res_len), p.l.now, &v),
		   ERR_REFUSED);
	look(&p);
	CU_ASSERT_EQUAL(p.l.sub.state, STATE_RELEASED);
	CU_ASSERT_EQUAL(p.l.sub.spare_key_id, AUTHORITY_KEY_ID);
	ASSERT_ERR(attach(&p, NULL), ERR_MAC); /* the old key is out of force */
	play_close(&p);
}

/* What becomes of the keys when the card refuses, or nobody knows whether it opened. */
static void test_recall(void)
{
	static const struct {
		const char *what;
		enum fate fate;
		bool resume;	 /* the operator suspends and resumes */
		uint32_t opened; /* ... with --opened */
		enum subscriber_state state;
		uint32_t in_force, next;
	} rows[] = {
		{"the card refused", GRANT_REFUSED, false, 0, STATE_RECALLED, 1, 2},
		{"the grant was lost", GRANT_LOST, true, 0, STATE_RECALLED, 1, 2},
		{"the result was told", GRANT_TAKEN, true, 0, STATE_RECALLED, 2, 3},
		{"the result was lost", RESULT_LOST, true, 2, STATE_RECALLED, 2, 3},
		{"the result was lost, RES 2 tells", RESULT_LOST, false, 0, STATE_ACTIVE, 2, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *access = "";
		struct play p;

		to_grant(&p);
		ASSERT_ERR(release(&p, rows[i].fate), ERR_OK);
		if (rows[i].resume) {
			ASSERT_ERR(event(&p, EVENT_SUSPEND, 0), ERR_OK);
			ASSERT_ERR(event(&p, EVENT_RESUME, 3), ERR_REFUSED); /* never granted */
			ASSERT_ERR(event(&p, EVENT_RESUME, rows[i].opened), ERR_OK);
		}
		ASSERT_ERR(attach(&p, &access), ERR_OK);
		CU_ASSERT_STRING_EQUAL(access, rows[i].next ? "limited" : "full");
		if (p.l.sub.state != rows[i].state || p.l.sub.key_id != rows[i].in_force ||
		    p.l.sub.spare_key_id != rows[i].next) {
			fprintf(stderr, "\n%s: %s, key %u in force, %u beside it\n", rows[i].what,
				state_name(p.l.sub.state), p.l.sub.key_id, p.l.sub.spare_key_id);
			CU_FAIL("a recall");
		}
		for (int k = 0; k < RESCUE_MAX && p.l.sub.state != STATE_ACTIVE; k++)
			rescue(&p);
		CU_ASSERT_EQUAL(p.l.sub.state, STATE_ACTIVE);
		play_close(&p);
	}
}

/* Who is suspended stays so whatever his card says, and nobody else is resumed. */
static void test_suspended(void)
{
	struct kra_binding b;
	struct play p;

	to_grant(&p);
	ASSERT_ERR(event(&p, EVENT_RESUME, 0), ERR_WRONG_STATE);
	b = authority_challenge(&p.l, p.sealed);
	ASSERT_ERR(authority_issue(&p.l, p.l.now), ERR_OK);
	p.granted = p.sealed;
	tell(&p, &b, KRA_RESULT_BAD_KEY, false);
	ASSERT_ERR(event(&p, EVENT_RESUME, 0), ERR_WRONG_STATE);
	ASSERT_ERR(event(&p, EVENT_RESUME, p.granted), ERR_WRONG_STATE);
	CU_ASSERT_EQUAL(p.l.sub.state, STATE_RELEASED);
	ASSERT_ERR(event(&p, EVENT_SUSPEND, 0), ERR_OK);
	tell_late(&p);
	CU_ASSERT_EQUAL(p.l.sub.state, STATE_SUSPENDED);
	ASSERT_ERR(event(&p, EVENT_RESUME, 0), ERR_OK);
	CU_ASSERT_EQUAL(p.l.sub.state, STATE_RECALLED);
	play_close(&p);
}

static bool find_keys(void *ctx, const struct log_entry *e)
{
	unsigned *found = ctx;

	if (strcmp(e->event, "rotate") == 0 &&
	    strcmp(e->evidence, "keyId 1 in force, 2 next: test") == 0)
		*found |= 1;
	if (strcmp(e->event, "grant") == 0 && strstr(e->evidence, "keyId 2"))
		*found |= 2;
	if (strcmp(e->event, "result-ok") == 0 &&
	    strcmp(e->evidence, "keyId 2, the card: released") == 0)
		*found |= 4;
	if (strcmp(e->event, "res2") == 0 && strcmp(e->from, "ROTATING") == 0)
		*found |= 8;
	return true;
}

/* Each edge is in the log, with the keyId. */
static void test_log(void)
{
	unsigned found = 0;
	struct play p;

	to_active(&p);
	ASSERT_ERR(event(&p, EVENT_ROTATE, 0), ERR_OK);
	rescue(&p);
	rescue(&p);
	CU_ASSERT_EQUAL(p.l.sub.state, STATE_ACTIVE);
	ASSERT_ERR(log_each(p.l.store, p.l.sub.id, find_keys, &found), ERR_OK);
	CU_ASSERT_EQUAL(found, 15);
	play_close(&p);
}

TEST_SUITE(rotation, {"which key, and which factors", test_conditions},
	   {"a RES of the key before", test_late_res}, {"what a recall leaves", test_recall},
	   {"a card's word while it is suspended", test_suspended},
	   {"the log tells the keys", test_log}, {"random orders end in full access", test_walks})
