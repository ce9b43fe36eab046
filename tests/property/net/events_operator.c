/* events at the operator's: factors, grants, edges of the state */
#include <liboath/oath.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/auc/auc.h"
#include "host/operator/factor/factor.h"
#include "host/operator/factor/sent.h"
#include "host/operator/policy/decide.h"
#include "host/operator/release/release.h"
#include "lib/auth/sqn.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/kra.h"
#include "tests/property/net/events.h"
#include "tests/support/aka_key_of.h"

#define BY_MESSAGE 32 /* grants of which one is asked for by a card's signed challenge */

struct world_subscriber *events_subscriber(void)
{
	return &w.sub[dice(w.subscribers)];
}

/* The row is read again, and what follows from it. */
static struct subscriber fresh(struct world_subscriber *s)
{
	struct subscriber row;

	CHECK(subscriber_by_id(w.store, s->id, &row) == ERR_OK, "the row is what was written");
	return row;
}

void events_word(struct world_subscriber *s, unsigned agent, bool document)
{
	static const char *const agents[] = {"desk 1", "desk 2"};
	struct subscriber row = fresh(s), after;
	const struct factor_word word = {.agent = agents[agent],
					 .evidence = "seen",
					 .now = world_now(),
					 .document = document};
	bool four = w.wants.four_eyes && !document;

	w.changed = true;
	if (factor_approve_agent(w.store, &row, &word, &after))
		return;
	if (four && !(s->agent[0] && strcmp(s->agent, word.agent) != 0 && s->agent_at <= word.now &&
		      word.now - s->agent_at < FACTOR_VALID_S)) {
		snprintf(s->agent, sizeof(s->agent), "%s", word.agent);
		s->agent_at = word.now;
		return;
	}
	if (four)
		s->agent[0] = 0;
	world_passed(s, document ? FACTOR_IDENTITY : FACTOR_AGENT);
}

void event_agent(void)
{
	events_word(events_subscriber(), dice(2), false);
}

void event_identity(void)
{
	events_word(events_subscriber(), dice(2), true);
}

static void give_code(bool wrong)
{
	struct world_subscriber *s = events_subscriber();
	struct subscriber row = fresh(s), after;
	int64_t now = world_now();
	char code[FACTOR_DIGITS + 1];
	unsigned left = 0;
	enum err e;

	if (!s->seed) {
		s->seed = random_secret(FACTOR_SEED_LEN);
		CHECK(factor_put_totp(w.store, s->id, s->seed) == ERR_OK, "a code generator");
		row = fresh(s);
	}
	CHECK(oath_hotp_generate((const char *)s->seed->bytes, s->seed->len,
				 (uint64_t)(now / FACTOR_STEP_S), FACTOR_DIGITS, false,
				 OATH_HOTP_DYNAMIC_TRUNCATION, code) == OATH_OK,
	      "a code");
	if (wrong)
		memcpy(code, "wrong!", sizeof(code));
	w.changed = true;
	e = factor_approve_totp(w.store, &row, &(struct factor_code){code, now}, &after, &left);
	CHECK(e != ERR_OK || !wrong, "a wrong code approves nothing");
	if (!e)
		world_passed(s, FACTOR_TOTP);
}

void event_code(void)
{
	give_code(false);
}

void event_wrong_code(void)
{
	give_code(true);
}

/* Made and not yet given back, or given back. */
void event_sent(void)
{
	struct world_subscriber *s = events_subscriber();
	struct sent_code code = {.wait_s = 0};
	struct subscriber after;
	unsigned left = 0;

	w.changed = true;
	if (!s->has_address)
		CHECK(sent_enroll(w.store, s->id, "+15550100", world_now()) == ERR_OK,
		      "an address");
	s->has_address = true;
	if (!s->sent[0]) {
		if (sent_make(w.store, s->id, world_now(), &code) == ERR_OK)
			memcpy(s->sent, code.digits, sizeof(code.digits));
		if (!s->sent[0] || dice(2))
			return;
	}
	if (sent_approve(w.store, s->id, &(struct factor_code){s->sent, world_now()}, &after,
			 &left) == ERR_OK)
		world_passed(s, FACTOR_SENT);
	s->sent[0] = 0;
}

void event_wrong_sent(void)
{
	struct world_subscriber *s = events_subscriber();
	struct subscriber after;
	unsigned left = 0;

	w.changed = true;
	CHECK(sent_approve(w.store, s->id, &(struct factor_code){"wrong!", world_now()}, &after,
			   &left) != ERR_OK,
	      "a wrong code approves nothing");
}

static enum err take_lock(void *ctx, const struct subscriber *row, struct book *b,
			  struct subscriber_event *ev)
{
	(void)row;
	b->locked = true;
	*ev = *(const struct subscriber_event *)ctx;
	return ERR_OK;
}

void event_lock(void)
{
	struct world_subscriber *s = events_subscriber();
	struct subscriber_event ev = {
		.kind = EVENT_FACTOR_LOCK, .actor = "operator", .evidence = "", .now = world_now()};
	const struct factor_step step = {
		.kind = FACTOR_AGENT, .now = ev.now, .take = take_lock, .ctx = &ev};

	CHECK(factor_step(w.store, s->id, &step, NULL) == ERR_OK, "a lock");
	s->locked = w.changed = true;
}

/* Of who is locked, where somebody is. */
void event_unlock(void)
{
	struct world_subscriber *s = events_subscriber();
	struct subscriber_event ev = {.kind = EVENT_FACTOR_UNLOCK,
				      .actor = "operator",
				      .evidence = "",
				      .now = world_now()};

	for (unsigned i = 0; i < w.subscribers && !s->locked; i++)
		s = &w.sub[i];
	CHECK(factor_unlock(w.store, s->id, &ev) == ERR_OK, "an unlock");
	s->locked = false;
	w.changed = true;
}

void event_wants(void)
{
	static const char *const wanted[] = {
		"one-of:any",	     "one-of:totp,agent",	  "all-of:totp,agent",
		"all-of:sent,agent", "all-of:totp,sent,identity", "one-of:sent"};
	struct factor_wants wants = {.all = false};

	CHECK(factor_wants_parse(wanted[dice(ARRAY_LEN(wanted))], &wants) == ERR_OK, "wants");
	wants.four_eyes = dice(2);
	CHECK(factor_wants_set(w.store, &wants, "chaos", world_now()) == ERR_OK, "a policy");
	w.wants = wants;
}

void event_settings(void)
{
	const struct operator_policy p = {
		.first_asks = true, .gsm_factor = dice(2), .sqn_clock = dice(2)};

	CHECK(operator_policy_set(w.store, &p, "chaos", world_now()) == ERR_OK, "a setting");
	w.gsm_factor = p.gsm_factor;
}

/* A card's signed challenge, through all that the release authority checks. */
static enum err grant_by_message(const struct subscriber *row, const uint8_t nonce[static 16])
{
	struct wbuf challenge = wbuf_grow(KRA_MESSAGE_MAX), out = wbuf_grow(KRA_MESSAGE_MAX);
	struct kra_challenge c = {.binding.key_id = subscriber_release_key_id(row),
				  .card_otpk = ec_key_point(w.one_time),
				  .euicc_cert = wbuf_slice(&w.euicc_cert),
				  .eum_cert = wbuf_slice(&w.eum_cert)};
	enum err e = ERR_OK;

	memcpy(c.binding.eid, w.eid[0], sizeof(c.binding.eid));
	memcpy(c.binding.iccid, row->iccid, sizeof(c.binding.iccid));
	memcpy(c.binding.nonce, nonce, sizeof(c.binding.nonce));
	CHECK(kra_put_challenge(&challenge, &c, w.euicc_key) == ERR_OK, "a challenge");
	e = release_grant_issue(w.authority, w.store, wbuf_slice(&challenge), world_now(), &out);
	CHECK((e == ERR_OK) == (out.len > 0), "a grant, or none");
	counts.grants_verified += e == ERR_OK;
	wbuf_free(&challenge);
	wbuf_free(&out);
	return e;
}

/* The same from where the message has been checked. */
static enum err grant_by_event(const struct world_subscriber *s, const struct subscriber *row,
			       const uint8_t nonce[static 16], bool as_profile)
{
	struct subscriber_event ev = {.kind = EVENT_GRANT,
				      .actor = "release authority",
				      .evidence = "a challenge",
				      .now = world_now(),
				      .eid = w.eid[0],
				      .nonce = nonce,
				      .challenge = slice_str("a challenge"),
				      .key_id = subscriber_release_key_id(row),
				      .as_profile = as_profile};
	struct secret *k2 =
		s->modes.derived && !as_profile ? random_secret(s->modes.derived) : NULL;
	enum err e = subscriber_grant(w.store, s->id, &ev, k2);

	secret_free(&k2);
	return e;
}

static void granted(struct world_subscriber *s, const uint8_t nonce[static 16], bool as_profile)
{
	struct subscriber after = fresh(s);

	CHECK(world_both_factors(s), "no release without both factors of now (I3)");
	CHECK(memcmp(after.eid, w.eid[0], 16) == 0, "for the eUICC that it is on (I2)");
	world_forget_factors(s);
	CHECK(after.key_id < WORLD_KEYS_MAX, "room for the key");
	if (s->modes.derived || !s->generation_of[after.key_id])
		s->generation_of[after.key_id] = ++w.generations;
	aka_key_free(&s->grant.k2);
	CHECK(aka_key_of(w.store, s->id, 2, &s->grant.k2) == ERR_OK, "K2");
	s->grant.key_id = after.key_id;
	s->grant.generation = s->generation_of[after.key_id];
	memcpy(s->grant.nonce, nonce, sizeof(s->grant.nonce));
	s->grant.on_its_way = s->grant.awaited = true;
	s->grant.as_profile = as_profile;
	counts.grants++;
	counts.rotated += after.key_id > 1;
}

static bool grant(struct world_subscriber *s, bool as_profile)
{
	struct subscriber row = fresh(s), after;
	uint8_t nonce[16];
	enum err e;

	CHECK(random_bytes(nonce, sizeof(nonce)) == ERR_OK, "a nonce");
	w.changed = true;
	if (!as_profile && row.state != STATE_PROVISIONED && dice_once_in(BY_MESSAGE)) {
		if (!row.has_eid && events_edge(s, EVENT_BIND))
			row = fresh(s);
		e = grant_by_message(&row, nonce);
	} else {
		e = grant_by_event(s, &row, nonce, as_profile);
	}
	dice_note("  grant of %d in %s: %s", (int)(s - w.sub), state_name(row.state), err_text(e));
	if (!e) {
		granted(s, nonce, as_profile);
		return true;
	}
	after = fresh(s);
	CHECK(after.state == row.state && after.key_id == row.key_id &&
		      after.spare_key_id == row.spare_key_id &&
		      after.first_factor_at == row.first_factor_at &&
		      after.second_factor_until == row.second_factor_until,
	      "what was refused changes nothing");
	counts.refused_grants++;
	return false;
}

bool events_grant(struct world_subscriber *s, bool lost)
{
	bool given = grant(s, false);

	s->grant.on_its_way = given && !lost;
	return given;
}

void event_grant(void)
{
	(void)events_grant(events_subscriber(), dice_once_in(6));
}

/* Once more, of whom has just had one. */
void event_grant_again(void)
{
	struct world_subscriber *s = events_subscriber();

	if (events_grant(s, true))
		(void)grant(s, false);
}

/* Those modes need a card that opens grants. */
void event_as_profile(void)
{
	struct world_subscriber *s = events_subscriber();

	if (!s->modes.derived && !s->modes.in_memory)
		(void)grant(s, true);
}

void event_reissue(void)
{
	(void)events_edge(events_subscriber(), EVENT_REISSUE);
}

/* The card opens the grant, and goes over; of two profiles the user chooses. */
void events_deliver(struct world_subscriber *s)
{
	if (!s->grant.on_its_way)
		return;
	s->grant.on_its_way = false;
	aka_key_free(&s->card.k2);
	s->card = (struct world_card){
		.k2 = s->grant.k2, .generation = s->grant.generation, .on_second = true};
	s->grant.k2 = NULL;
	dice_note("  delivered to %d", (int)(s - w.sub));
}

void event_deliver(void)
{
	struct world_subscriber *s = events_subscriber();

	events_deliver(s);
	if (s->row.second == SECOND_AS_PROFILE && s->card.k2)
		s->card.on_second = dice(3) != 0;
}

static void tell_result(bool good)
{
	struct world_subscriber *s = events_subscriber();
	struct subscriber row = fresh(s), after;
	const struct subscriber_event ev = {.kind = good ? EVENT_RESULT_OK : EVENT_RESULT_FAILED,
					    .actor = "release authority",
					    .evidence = "the card's answer",
					    .now = world_now(),
					    .eid = w.eid[0],
					    .nonce = s->grant.nonce,
					    .key_id = s->grant.key_id};

	if (!s->grant.awaited || s->grant.as_profile ||
	    good != (s->card.generation == s->grant.generation))
		return;
	if (!good)
		s->grant.on_its_way = false;
	s->grant.awaited = false;
	w.changed = true;
	if (subscriber_result(w.store, row.iccid, &ev, &after) == ERR_OK && !good)
		world_forget_factors(s);
}

void event_result(void)
{
	tell_result(true);
}

void event_result_failed(void)
{
	tell_result(false);
}

bool events_edge(struct world_subscriber *s, enum subscriber_event_kind kind)
{
	struct subscriber row = fresh(s);
	struct subscriber_event ev = {.kind = kind,
				      .actor = "operator",
				      .evidence = "chance",
				      .now = world_now(),
				      .eid = w.eid[0]};
	enum err e;

	/* the word of whoever saw the card: a true one */
	if (kind == EVENT_RESUME && row.granted_key_id && row.granted_key_id < WORLD_KEYS_MAX &&
	    s->card.k2 && s->card.on_second &&
	    s->card.generation == s->generation_of[row.granted_key_id]) {
		ev.opened = dice(2);
		ev.key_id = ev.opened ? row.granted_key_id : 0;
	}
	w.changed = true;
	e = subscriber_event(w.store, s->id, &ev, NULL);
	dice_note("  %s of %d in %s: %s", event_name(kind), (int)(s - w.sub), state_name(row.state),
		  err_text(e));
	if (!e && kind != EVENT_REISSUE && kind != EVENT_BIND)
		world_forget_factors(s);
	return !e;
}

void event_suspend(void)
{
	(void)events_edge(events_subscriber(), EVENT_SUSPEND);
}

void event_resume(void)
{
	struct world_subscriber *s = events_subscriber();

	for (unsigned i = 0; i < w.subscribers && s->row.state != STATE_SUSPENDED; i++)
		s = &w.sub[i];
	(void)events_edge(s, EVENT_RESUME);
}

void event_rotate(void)
{
	(void)events_edge(events_subscriber(), EVENT_ROTATE);
}

void event_roll_back(void)
{
	(void)events_edge(events_subscriber(), EVENT_ROLL_BACK);
}

/* To another eUICC and back: the profile as it was delivered, nothing opened. */
void event_move(void)
{
	struct world_subscriber *s = events_subscriber();
	struct subscriber row = fresh(s);
	bool back = row.has_eid && memcmp(row.eid, w.eid[0], 16) != 0;
	struct subscriber_event ev = {.kind = EVENT_BIND,
				      .actor = "operator",
				      .evidence = "",
				      .now = world_now(),
				      .eid = w.eid[back ? 0 : 1]};

	if (!row.has_eid)
		ev.eid = w.eid[0];
	w.changed = true;
	if (subscriber_event(w.store, s->id, &ev, NULL) || !row.has_eid)
		return;
	world_forget_factors(s);
	aka_key_free(&s->card.k2);
	s->card = (struct world_card){.on_second = false};
	s->grant.on_its_way = s->grant.awaited = false;
}

static void answer_api(bool wrong)
{
	struct world_subscriber *s = events_subscriber();
	struct subscriber row = fresh(s);
	unsigned kind = s->card.on_second ? 2 : 1;
	uint8_t auts[AKA_AUTS_LEN];
	struct sqn_array sqn = {.delta = 0};
	struct aka_result r = {.res_len = 0};
	struct auc_challenge c;
	struct auc_verdict v;
	bool rotation = state_is_rotation(row.state), right;
	enum err e = auc_challenge(w.store, row.imsi[kind - 1], false, world_now(), &c);

	w.changed = true;
	if (e)
		return;
	right = aka_usim_authenticate(kind == 2 ? s->card.k2 : s->k1, &sqn,
				      &(struct aka_challenge){c.rand, c.autn}, &r, auts) == ERR_OK;
	if (wrong || !right)
		memset(r.res, 0x5A, r.res_len = 8);
	e = auc_verify(w.store, c.id, slice_make(r.res, r.res_len), world_now(), &v);
	CHECK(e || (right && !wrong), "a wrong RES opens nothing");
	if (!e &&
	    (kind == 2 ? rotation : !s->modes.keep_first || !state_is_after_release(row.state)))
		s->first_at = world_now();
}

void event_attach_by_api(void)
{
	answer_api(false);
}

void event_wrong_res(void)
{
	answer_api(true);
}
