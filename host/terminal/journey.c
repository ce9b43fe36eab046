#include "host/terminal/journey.h"

#include <stdio.h>
#include <string.h>

#include "host/net/client.h"
#include "host/terminal/attach.h"
#include "host/terminal/chip.h"
#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/relay.h"
#include "host/terminal/second.h"
#include "lib/release/interface.h"
#include "lib/rsp/es10c.h"
#include "tool/sys/wait.h"

#define POLL_MS		    1000
#define DOWNLOAD_RETRIES    2
#define DOWNLOAD_BACKOFF_MS 1000
#define FACT_TEXT	    128

/* A state is what comes next. */
enum state {
	LOOK,	      /* at what the card says of itself: it decides where the way begins */
	FIND,	      /* both profiles of the two-profile mode */
	LOAD,	      /* the first profile */
	ENABLE,	      /* it */
	RESEAL,	      /* bring the sealed part of a rotation */
	ASK,	      /* the operator how far the subscriber is */
	ATTACH_FIRST, /* with the key so far */
	APPROVE,      /* wait for the second factor */
	RELEASE,      /* of the second key, or the second profile */
	ATTACH_SECOND,
	ARRIVED,
	FAILED,
};

struct journey {
	const struct journey_plan *plan;
	struct kra_status card;
	bool two_profiles; /* no key-release application: the second subscription is a profile */
	enum second_state second;
	bool loaded;		      /* the first profile, or it was found and enabled */
	struct lpa *lpa;	      /* open from LOAD to ENABLE */
	uint8_t iccid[RSP_ICCID_LEN]; /* for ENABLE */
	char access[JOURNEY_WORD], state[JOURNEY_WORD];
	struct failure failure;
};

static const struct failure none = {.err = ERR_OK};

static void tell(const struct journey *j, const struct journey_event *ev)
{
	if (j->plan->observer.hear)
		j->plan->observer.hear(j->plan->observer.ctx, ev);
}

static void begin(const struct journey *j, unsigned step, const char *text)
{
	tell(j,
	     &(struct journey_event){
		     .kind = JOURNEY_BEGINS, .number = step, .count = JOURNEY_STEPS, .text = text});
}

static void learn(const struct journey *j, const char *name, const char *text)
{
	tell(j, &(struct journey_event){.kind = JOURNEY_LEARNS, .name = name, .text = text});
}

static enum state fail(struct journey *j, struct failure f)
{
	j->failure = f;
	return FAILED;
}

static void on_retry(void *ctx, unsigned attempt, unsigned attempts, const char *why)
{
	tell(ctx,
	     &(struct journey_event){
		     .kind = JOURNEY_RETRIES, .number = attempt, .count = attempts, .text = why});
}

static struct lpa_download download_of(struct journey *j, const struct activation *a)
{
	return (struct lpa_download){.activation = a,
				     .network = j->plan->network,
				     .retries = DOWNLOAD_RETRIES,
				     .backoff_ms = DOWNLOAD_BACKOFF_MS,
				     .retry = on_retry,
				     .ctx = j};
}

static void on_report(void *ctx, const struct lpa_report *report)
{
	tell(ctx, &(struct journey_event){.kind = JOURNEY_REPORTS, .report = report});
}

static struct lpa_delivery delivery_of(struct journey *j)
{
	return (struct lpa_delivery){.isdr_aid = j->plan->isdr.aid,
				     .network = j->plan->network,
				     .report = on_report,
				     .ctx = j};
}

/* Where the way goes on with a card that has a profile and the key-release application. */
static enum state judge(struct journey *j)
{
	switch (j->card.state) {
	case KRA_STATE_NO_SEALED_PART:
		return fail(j, failure_said(PARTY_CARD, ERR_WRONG_STATE,
					    "the profile has no second subscription"));
	case KRA_STATE_SEALED: return ASK;
	default: return ATTACH_SECOND;
	}
}

static enum state look(struct journey *j)
{
	struct uicc *u = j->plan->u;
	struct kra kra;
	enum err e = kra_open(u, &kra), closed;
	char text[FACT_TEXT];

	if (e == ERR_NOT_FOUND && j->plan->second) {
		j->two_profiles = true;
		learn(j, "card", "no key-release application: two profiles");
		return FIND;
	}
	if (e == ERR_NOT_FOUND)
		return fail(j, failure_said(PARTY_CARD, e,
					    "the card has no key-release application; "
					    "with two profiles: --sealed-code FILE"));
	if (e)
		return fail(j, failure_of_card(u, e, "the key-release application"));
	e = kra_ask_status(&kra, &j->card);
	closed = kra_close(&kra);
	if (e || closed)
		return fail(j, failure_of_card(u, e ? e : closed, "the card's status"));
	snprintf(text, sizeof(text), "%s, key %u, subscription %u in use%s",
		 kra_state_name(j->card.state), j->card.key_id, j->card.active,
		 j->card.in_memory ? ", the second in volatile memory only" : "");
	learn(j, "card",
	      j->card.state == KRA_STATE_NO_PROFILE ? kra_state_name(j->card.state) : text);
	if (j->card.state == KRA_STATE_NO_PROFILE && !j->loaded)
		return LOAD;
	return j->card.active == 2 || j->card.in_memory ? RESEAL : judge(j);
}

static enum state find_both(struct journey *j)
{
	const struct second *second = j->plan->second;
	enum second_state first = SECOND_ABSENT;
	struct lpa *l = NULL;
	struct failure f = isdr_open(j->plan->u, &j->plan->isdr, &l);
	enum err e;

	if (f.err)
		return fail(j, f);
	e = second_find(l, second->first_iccid, &first);
	if (!e)
		e = second_find(l, second->iccid, &j->second);
	if (e)
		f = lpa_failure(l, e, "the profiles");
	lpa_close(&l);
	if (e)
		return fail(j, f);
	if (j->second == SECOND_ENABLED)
		return ATTACH_SECOND;
	return first == SECOND_ENABLED ? ASK : LOAD;
}

/* The profile that is on the card: of the two-profile mode that one, otherwise any. */
static enum err find_first(struct journey *j, bool *found)
{
	struct slice wanted =
		j->two_profiles ? SLICE_OF(j->plan->second->first_iccid) : SLICE_EMPTY;
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info;
	struct slice items = SLICE_EMPTY;
	enum err e = lpa_profiles(j->lpa, &der, &items);

	*found = !e && es10c_find_profile(items, wanted, &info) == ERR_OK &&
		 slice_copy(info.iccid, j->iccid, sizeof(j->iccid)) == ERR_OK;
	wbuf_free(&der);
	return e;
}

static enum err download_first(struct journey *j)
{
	struct lpa_download d = download_of(j, j->plan->activation);
	struct lpa_loaded loaded;
	char text[FACT_TEXT];
	enum err e = lpa_download(j->lpa, &d, &loaded);

	if (e)
		return e;
	memcpy(j->iccid, loaded.iccid, sizeof(j->iccid));
	snprintf(text, sizeof(text), "installed, %zu octets in %u segments", loaded.bytes,
		 loaded.segments);
	learn(j, "load", text);
	return ERR_OK;
}

static enum state fail_first(struct journey *j, enum err e)
{
	struct failure f = lpa_failure(j->lpa, e, "the profile");

	if (*lpa_message(j->lpa))
		f = failure_said(f.party, e, "%s", lpa_message(j->lpa));
	return fail(j, f);
}

static enum state load(struct journey *j)
{
	bool found = false;
	enum err e = lpa_open(j->plan->u, SLICE_EMPTY, &j->lpa);

	if (e)
		return fail(j, failure_of_card(j->plan->u, e, "the card is no eUICC"));
	e = find_first(j, &found);
	begin(j, 2, "load the encrypted profile");
	if (!e && !found && !j->plan->activation)
		return fail(j, failure_said(PARTY_OURSELVES, ERR_USAGE,
					    j->two_profiles
						    ? "the card has not the profile that this "
						      "sealed code is for: give its activation code"
						    : "the card has no profile: give the "
						      "activation code"));
	if (found)
		learn(j, "load", "it is on the card already");
	else if (!e)
		e = download_first(j);
	return e ? fail_first(j, e) : ENABLE;
}

/* SGP.22 3.2.1: an enabled profile is there after a reset. */
static struct failure reset_missed(void)
{
	return failure_of(PARTY_OURSELVES, ERR_RESET_MISSED, "the profile is enabled");
}

static enum state enable(struct journey *j)
{
	struct lpa_delivery delivery = delivery_of(j);
	enum uicc_refresh refresh;
	enum err e;

	begin(j, 3, "enable it");
	e = lpa_profile_command(j->lpa, SGP22_TAG_ENABLE_PROFILE, SLICE_OF(j->iccid));
	if (e)
		return fail_first(j, e);
	refresh = uicc_refresh(j->plan->u);
	learn(j, "enable", refresh == UICC_RESET ? "enabled, the card was reset" : "enabled");
	lpa_deliver(j->lpa, &delivery);
	lpa_close(&j->lpa);
	if (refresh == UICC_RESET_MISSED)
		return fail(j, reset_missed());
	j->loaded = true;
	return j->two_profiles ? ASK : LOOK;
}

/* A card on its second key: where the operator rotates that, the new sealed part comes first. */
static enum state reseal(struct journey *j)
{
	struct relay relay = {.result = 0};
	char text[FACT_TEXT];

	if (relay_reseal(j->plan->u, j->plan->op, &relay))
		return fail(j, relay.failure);
	j->card = relay.before;
	if (relay.next_key) {
		snprintf(text, sizeof(text),
			 "the operator rotates the key: %s the sealed part of key %u",
			 relay.resealed ? "the card took" : "the card has", relay.next_key);
		learn(j, "reseal", text);
	}
	return judge(j);
}

static struct failure select_usim(struct journey *j)
{
	struct uicc *u = j->plan->u;
	enum err e = usim_select(u);

	return e ? chip_without_usim(u, e) : j->plan->user.unlock(j->plan->user.ctx, u);
}

static struct failure read_imsi(struct journey *j, char imsi[static USIM_IMSI_MAX + 1])
{
	enum err e = usim_read_imsi(j->plan->u, imsi);

	return e ? failure_of_card(j->plan->u, e, "EF.IMSI") : none;
}

/* What the operator knows of the subscriber whose IMSI the card has. */
static struct failure ask_status(struct journey *j, json_t **answer)
{
	struct http_client *op = j->plan->op;
	char imsi[USIM_IMSI_MAX + 1];
	struct failure f = read_imsi(j, imsi);
	enum err e;

	if (f.err)
		return f;
	e = http_client_call(op, LAB_PATH_FACTOR_STATUS, json_pack("{s:s}", "imsi", imsi), answer);
	return e ? failure_of_operator(op, e, "factor/status") : none;
}

static enum state ask(struct journey *j)
{
	json_t *answer = NULL;
	struct failure f = select_usim(j);
	const char *state;
	bool released, active;

	if (!f.err)
		f = ask_status(j, &answer);
	state = json_string_value(json_object_get(answer, "state"));
	released = state && strcmp(state, "RELEASED") == 0;
	active = state && strcmp(state, "ACTIVE") == 0;
	json_decref(answer);
	if (f.err)
		return fail(j, f);
	if (j->two_profiles && (released || (active && j->second != SECOND_ABSENT))) {
		begin(j, 5, "the second profile was released before");
		return RELEASE;
	}
	if (j->two_profiles && active)
		return fail(j, failure_said(PARTY_CARD, ERR_WRONG_STATE,
					    "the second profile was on the card and is not any "
					    "more; a profile is given once, so the operator has to "
					    "add another subscriber"));
	if (released && !j->card.in_memory)
		return fail(j, failure_said(PARTY_OPERATOR, ERR_WRONG_STATE,
					    "the operator released the key, and it did not reach "
					    "the card: let the operator suspend and resume the "
					    "subscriber"));
	return ATTACH_FIRST;
}

/* TS 31.102 7.1.2: the answers of a card that has no GSM context */
static bool has_no_context(const struct uicc *u, const struct attach *a, enum err e)
{
	return e == ERR_CARD && a->failure.party == PARTY_CARD &&
	       (uicc_last_sw(u) == SW_AUTH_CONTEXT || uicc_last_sw(u) == SW_WRONG_P1P2);
}

/* One authentication at the operator's AuC. a has no verdict where the GSM context is left out. */
static struct failure attach_in(struct journey *j, bool gsm, struct attach *a)
{
	bool by_operator;
	enum err e;

	*a = (struct attach){.gsm = gsm};
	e = attach_run(j->plan->u, j->plan->op, a);
	by_operator = a->failure.party == PARTY_OPERATOR;
	if (e == ERR_WRONG_STATE && by_operator && j->card.active == 2)
		return failure_said(
			PARTY_OPERATOR, e,
			"the operator does not take the second subscription: the subscriber is "
			"suspended, or was resumed without a word that the card has opened "
			"key %u (suspend, then resume --opened %u)",
			j->card.key_id, j->card.key_id);
	/* a card without it, or an AuC that judges none now, is no fault unless it was asked for */
	if (gsm && j->plan->contexts == JOURNEY_WHAT_CARD_HAS &&
	    (has_no_context(j->plan->u, a, e) || (e == ERR_TRIES && by_operator)))
		return none;
	if (gsm && has_no_context(j->plan->u, a, e))
		return failure_said(PARTY_CARD, e,
				    "the card has no GSM context (service 38 of EF.UST): ask for "
				    "--context 3g");
	return e ? a->failure : none;
}

/* What the operator says of the first context is kept. */
static struct failure attach_once(struct journey *j, const char *name)
{
	bool gsm = j->plan->contexts == JOURNEY_ONLY_GSM;
	char text[FACT_TEXT];
	struct attach a;
	struct failure f = attach_in(j, gsm, &a);

	if (!f.err) {
		snprintf(j->access, sizeof(j->access), "%s", attach_text(&a, "access"));
		snprintf(j->state, sizeof(j->state), "%s", attach_text(&a, "state"));
		snprintf(text, sizeof(text), "IMSI %s: %s matches, %s access (%s)", a.imsi,
			 gsm ? "SRES" : "RES", j->access, j->state);
		learn(j, name, text);
	}
	attach_forget(&a);
	return f;
}

/* The GSM context comes second: what the first one showed, it changes no more. */
static struct failure attach_gsm(struct journey *j)
{
	struct attach a;
	struct failure f = attach_in(j, true, &a);
	const char *text = a.verdict ? "SRES matches"
			   : a.failure.party == PARTY_OPERATOR
				   ? "not judged now, after wrong answers"
				   : "the card has none";

	if (!f.err)
		tell(j, &(struct journey_event){.kind = JOURNEY_GSM, .text = text});
	attach_forget(&a);
	return f;
}

/* Authenticates with the subscription that is active, in the contexts that are asked for. */
static enum state attach_then(struct journey *j, const char *name, enum state next)
{
	bool both = j->plan->contexts == JOURNEY_WHAT_CARD_HAS || j->plan->contexts == JOURNEY_BOTH;
	struct failure f = select_usim(j);

	if (!f.err)
		f = attach_once(j, name);
	if (!f.err && both)
		f = attach_gsm(j);
	return f.err ? fail(j, f) : next;
}

static enum state attach_first(struct journey *j)
{
	bool rotation = j->card.active == 2;

	begin(j, 4, rotation ? "attach with the key so far" : "attach with the first key");
	return attach_then(j, rotation ? "attach-before" : "attach-1", APPROVE);
}

static struct failure factor_approved(struct journey *j, bool *approved)
{
	json_t *answer = NULL;
	struct failure f = ask_status(j, &answer);

	*approved = !f.err && json_is_true(json_object_get(answer, "approved"));
	json_decref(answer);
	return f;
}

static enum state wait_for_factor(struct journey *j)
{
	struct wait w = wait_begin(uicc_cancel(j->plan->u), "the operator's approval");

	begin(j, 5, "second factor, then the release of the second key");
	for (unsigned waited = 0;; waited++) {
		bool approved;
		struct failure f = factor_approved(j, &approved);

		if (f.err)
			return fail(j, f);
		if (approved) {
			learn(j, "factor", "the operator has approved it");
			return RELEASE;
		}
		if (j->plan->no_wait || waited >= j->plan->factor_wait_s)
			return fail(j, failure_said(PARTY_OPERATOR, ERR_FACTOR,
						    "the user's second factor is not approved yet; "
						    "run this again afterwards"));
		if (waited == 0)
			tell(j, &(struct journey_event){.kind = JOURNEY_WAITS});
		w.told = true; /* just now */
		if (wait_pause(&w, POLL_MS))
			return fail(j, failure_said(PARTY_OURSELVES, ERR_CANCELLED,
						    "the card has limited access"));
	}
}

/* The card opens its second subscription. */
static struct failure release_key(struct journey *j)
{
	struct lpa_delivery delivery = delivery_of(j);
	struct relay relay = {.result = 0};
	char text[FACT_TEXT];

	if (relay_deliver_and_release(j->plan->u, j->plan->op, &delivery, &relay))
		return relay.failure;
	snprintf(text, sizeof(text), "the card opened key %u%s (%s)", relay.before.key_id,
		 relay.refreshed ? " and was reset" : "", relay.state);
	learn(j, "release", text);
	return none;
}

/* Downloads and enables the second profile, whose code the operator opens. */
static struct failure release_profile(struct journey *j)
{
	const struct lpa_download d = download_of(j, NULL);
	struct lpa_delivery delivery = delivery_of(j);
	struct second *second = j->plan->second;
	char imsi[USIM_IMSI_MAX + 1];
	struct lpa *l = NULL;
	struct failure f = read_imsi(j, imsi);
	bool missed;
	enum err e;

	if (!f.err)
		f = isdr_open(j->plan->u, &j->plan->isdr, &l);
	if (f.err)
		return f;
	e = second_take(l, j->plan->op, imsi, &d, second);
	if (e == ERR_UNBOUND && second->failure.party == PARTY_OPERATOR) {
		lpa_deliver(l, &delivery);
		e = second_take(l, j->plan->op, imsi, &d, second);
	}
	missed = uicc_refresh(j->plan->u) == UICC_RESET_MISSED;
	if (!e)
		learn(j, "release", "the second profile is installed and enabled");
	if (j->plan->user.forget_pin)
		j->plan->user.forget_pin(j->plan->user.ctx);
	if (!e)
		lpa_deliver(l, &delivery);
	lpa_close(&l);
	if (!e && missed)
		return reset_missed();
	return e ? second->failure : none;
}

static enum state release(struct journey *j)
{
	struct failure f = j->two_profiles ? release_profile(j) : release_key(j);

	return f.err ? fail(j, f) : ATTACH_SECOND;
}

static enum state attach_second(struct journey *j)
{
	begin(j, 6, "attach with the second key");
	return attach_then(j, "attach-2", ARRIVED);
}

static enum state (*const actions[])(struct journey *j) = {
	[LOOK] = look,
	[FIND] = find_both,
	[LOAD] = load,
	[ENABLE] = enable,
	[RESEAL] = reseal,
	[ASK] = ask,
	[ATTACH_FIRST] = attach_first,
	[APPROVE] = wait_for_factor,
	[RELEASE] = release,
	[ATTACH_SECOND] = attach_second,
};

struct failure journey_run(const struct journey_plan *plan)
{
	struct journey j = {.plan = plan};
	enum state state = LOOK;

	begin(&j, 1, "look at the card");
	while (state != ARRIVED && state != FAILED)
		state = actions[state](&j);
	lpa_close(&j.lpa);
	if (state == FAILED)
		tell(&j, &(struct journey_event){.kind = JOURNEY_FAILS, .failure = &j.failure});
	else
		tell(&j, &(struct journey_event){
				 .kind = JOURNEY_ARRIVES, .access = j.access, .state = j.state});
	return j.failure;
}
