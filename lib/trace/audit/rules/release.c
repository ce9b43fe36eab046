/* release: REL, what becomes of the second subscription: status, keyId, reseal (docs/protocol.md 2
 * and 5, invariants of docs/architecture.md) */
#include <string.h>

#include "lib/profile/sealed.h"
#include "lib/release/kra.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/decode/rsp/es10.h"

#define PROTOCOL "docs/protocol.md 2, "

enum {
	REL_EARLY,
	REL_NO_GRANT,
	REL_STATE_BACK,
	REL_KEY_ID_BACK,
	REL_RESEAL_STATE,
	REL_RESEAL_REFUSED,
	REL_RESEAL_BLIND,
	REL_NOT_SELECTED,
	REL_BASIC_CHANNEL
};

static const struct finding_rule rules[] = {
	[REL_EARLY] = RULE(
		"REL-01", ERROR, "docs/architecture.md I1",
		"no AUTHENTICATE succeeds with the second key before a grant",
		"The card said that its second subscription is sealed, no grant was answered with "
		"success, and yet it authenticates as another subscriber: the second key was used "
		"without the second factor.",
		"Take the card out of service and find out how the sealed part was opened; see "
		"whether the trace is whole (trace verify)."),
	[REL_NO_GRANT] = RULE(
		"REL-02", ERROR, "docs/architecture.md I1",
		"the second subscription becomes active by a grant and by nothing else",
		"The card said that the second subscription is sealed, and later that it is "
		"active, "
		"and no grant was given to it in between.",
		"Take the card out of service; see whether the trace is whole (trace verify), and "
		"whether the card was in another reader in between."),
	[REL_STATE_BACK] = RULE(
		"REL-03", ERROR, "docs/architecture.md I4",
		"a card whose second subscription was opened stays with it",
		"The card said that its second subscription is active, and later that the first "
		"one is, with the same profile: its memory was set back, or it is a clone.",
		"Compare card and trace; a copy of the card's memory may be in use."),
	[REL_KEY_ID_BACK] =
		RULE("REL-04", ERROR, "docs/architecture.md I7", "keyId never goes back",
		     "A sealed part of an earlier keyId came back, or was sent to the card: a key "
		     "that was rotated away would be in force again.",
		     "Find out who had the old sealed part; the operator makes none of a lower "
		     "keyId."),
	[REL_RESEAL_STATE] = RULE(
		"REL-05", WARNING, "docs/protocol.md 5",
		"a new sealed part is for a card whose second subscription is open",
		"A sealed part was sent to a card that has not opened the one before: keys are "
		"rotated only after the first release.",
		"Release first, then rotate."),
	[REL_RESEAL_REFUSED] =
		RULE("REL-06", WARNING, PROTOCOL "ResealResult", "the card accepts the sealed part",
		     "The card refused the sealed part, and says why: the rotation stops here.",
		     "The result tells what did not fit; an old or a changed sealed part may not "
		     "come in."),
	[REL_RESEAL_BLIND] =
		RULE("REL-07", INFO, "docs/protocol.md 5",
		     "after a reseal the card is asked for its status",
		     "A new sealed part was taken, and nobody asked the card which keyId it has "
		     "now.",
		     "GetStatus says which sealed part is there and whether it waits."),
	[REL_NOT_SELECTED] = RULE(
		"REL-08", WARNING, PROTOCOL "AID",
		"messages of the release go to the key-release application",
		"A message of the release was sent on a channel on which the application is not "
		"selected.",
		"SELECT it by its AID on the channel that is used."),
	[REL_BASIC_CHANNEL] =
		RULE("REL-09", INFO, "ETSI TS 102 221 8.7",
		     "the release has a logical channel of its own",
		     "On the basic channel the selection of the key-release application takes the "
		     "place of the USIM, and whoever uses that loses its session.",
		     "Open a channel (MANAGE CHANNEL), and close it afterwards."),
};

struct rel {
	bool whole; /* the trace has a reset of the card: what came before does not count */
	/* The profile at hand: its second subscription is sealed, a grant was taken, the card is
	 * another subscriber now */
	bool sealed, opened, changed, told_early;
	struct audit_spot sealed_at, opened_at;
	char imsi[AUDIT_IMSI_MAX + 1];
	bool has_status;
	struct kra_status status;
	struct audit_spot status_at;
	/* The highest keyId that was named for it */
	bool has_key_id;
	uint32_t key_id;
	uint8_t iccid[KRA_ICCID_LEN];
	struct audit_spot key_id_at;
	bool resealed; /* and not asked for its status since */
	struct audit_spot resealed_at;
	bool told_channel;
};

/* Another profile, or another card: what was sealed and opened is of no use. */
static void rel_forget_profile(struct rel *st)
{
	st->sealed = st->opened = st->changed = st->told_early = st->has_status = false;
	st->imsi[0] = 0;
}

static void rel_pair(struct audit_run *r, unsigned rule, const struct audit_spot *before,
		     const struct audit_spot *at, const char *text)
{
	const struct audit_spot pair[2] = {*before, *at};

	audit_find_pair(r, &rules[rule], pair, "%s", text);
}

/* keyId of a profile, as the card or a sealed part names it: false when it went back. */
static bool rel_judge_key_id(struct audit_run *r, struct rel *st, const struct audit_step *s,
			     const struct kra_binding *b)
{
	const struct audit_spot pair[2] = {st->key_id_at, s->spot};

	if (!st->has_key_id || b->key_id >= st->key_id ||
	    !slice_equal(SLICE_OF(st->iccid), SLICE_OF(b->iccid)))
		return true;
	audit_find_pair(r, &rules[REL_KEY_ID_BACK], pair, "keyId %u, after %u", b->key_id,
			st->key_id);
	return false;
}

/* 0: there is no sealed part. */
static void rel_take_key_id(struct audit_run *r, struct rel *st, const struct audit_step *s,
			    const struct kra_binding *b)
{
	if (!b->key_id || !rel_judge_key_id(r, st, s, b))
		return;
	st->has_key_id = true;
	st->key_id = b->key_id;
	st->key_id_at = s->spot;
	memcpy(st->iccid, b->iccid, sizeof(st->iccid));
}

static void rel_judge_status(struct audit_run *r, struct rel *st, const struct audit_step *s,
			     const struct kra_status *now)
{
	const struct kra_status *was = &st->status;

	if (st->sealed && !st->opened && now->active == 2)
		rel_pair(r, REL_NO_GRANT, &st->sealed_at, &s->spot,
			 "the second subscription is active, and was sealed");
	if (now->in_memory && now->active == 1)
		st->opened = false; /* power was off */
	else if (st->has_status && was->active == 2 && now->active == 1)
		rel_pair(r, REL_STATE_BACK, &st->status_at, &s->spot,
			 "the first subscription is active again");
	else if (st->opened && !st->changed && now->active == 1)
		rel_pair(r, REL_STATE_BACK, &st->opened_at, &s->spot,
			 "the first subscription is active after a release");
	/* said once: from here on it is as the card says */
	if (now->active == 2 && !st->opened && st->sealed)
		st->changed = true;
	if (now->state == KRA_STATE_SEALED && now->active != 2) {
		st->sealed = true;
		st->opened = false;
		st->sealed_at = s->spot;
	}
}

static void rel_take_status(struct audit_run *r, struct rel *st, const struct audit_step *s)
{
	struct kra_binding named = {0};
	struct kra_status now;

	if (!s->good || kra_parse_status(s->x->answer, &now))
		return;
	st->resealed = false;
	if (st->has_status && (st->status.has_iccid != now.has_iccid ||
			       !slice_equal(SLICE_OF(st->status.iccid), SLICE_OF(now.iccid)) ||
			       !slice_equal(SLICE_OF(st->status.eid), SLICE_OF(now.eid))))
		rel_forget_profile(st);
	named.key_id = now.key_id;
	memcpy(named.iccid, now.iccid, sizeof(named.iccid));
	if (now.has_iccid)
		rel_take_key_id(r, st, s, &named);
	rel_judge_status(r, st, s, &now);
	st->has_status = true;
	st->status = now;
	st->status_at = s->spot;
}

/* keyId of a challenge is judged like that of a status. */
static void rel_take_challenge(struct audit_run *r, struct rel *st, const struct audit_step *s)
{
	struct kra_challenge c;
	enum kra_result error;

	if (s->good && !kra_parse_challenge(s->x->answer, &c, &error))
		rel_take_key_id(r, st, s, &c.binding);
}

/* Where nobody saw what became of it, it may have opened the sealed part. */
static void rel_take_grant(struct rel *st, const struct audit_step *s)
{
	if (audit_grant_outcome(s) == AUDIT_GRANT_REFUSED)
		return;
	st->opened = true;
	st->opened_at = s->spot;
}

static void rel_take_reseal(struct audit_run *r, struct rel *st, const struct audit_step *s)
{
	struct kra_binding named = {0};
	enum kra_result result = KRA_RESULT_OK;
	struct kra_reseal reseal;
	struct sealed sealed;
	bool has_result = s->good && !kra_parse_reseal_result(s->x->answer, &result);

	if (!kra_parse_reseal(s->x->apdu.data, &reseal) && !sealed_parse(reseal.sealed, &sealed)) {
		named.key_id = sealed.fields.key_id;
		memcpy(named.iccid, sealed.fields.iccid, sizeof(named.iccid));
		if (has_result && result == KRA_RESULT_OK)
			rel_take_key_id(r, st, s, &named);
		else
			(void)rel_judge_key_id(r, st, s, &named);
	}
	if (st->has_status && st->status.active != 2 && !st->opened)
		rel_pair(r, REL_RESEAL_STATE, &st->status_at, &s->spot,
			 kra_state_name(st->status.state));
	if (has_result && result != KRA_RESULT_OK)
		audit_find(r, &rules[REL_RESEAL_REFUSED], &s->spot, "%s", kra_result_text(result));
	else if (s->x->has_sw && !s->good)
		audit_find(r, &rules[REL_RESEAL_REFUSED], &s->spot, "%s", sw_text(s->x->sw));
	else if (has_result)
		st->resealed = true;
	st->resealed_at = s->spot;
}

/* The message's tag, whatever is selected; 0: it is none of the release. */
static uint32_t rel_tag(const struct audit_step *s)
{
	uint32_t tag;

	if (s->id != COMMAND_STORE_DATA || apdu_is_secured(s->x->apdu.cla))
		return 0;
	tag = es10_tag(s->x->apdu.data);
	return tag >= KRA_TAG_STATUS && tag <= KRA_TAG_RESEAL ? tag : 0;
}

static void rel_judge_place(struct audit_run *r, struct rel *st, const struct audit_step *s)
{
	enum application_kind kind = s->item->view.place->application.kind;
	const char *name = s->item->view.place->application.name;

	if (kind != APPLICATION_KRA && (st->whole || kind != APPLICATION_UNKNOWN))
		audit_find(r, &rules[REL_NOT_SELECTED], &s->spot, "channel %u has %s",
			   s->x->channel, name ? name : "no application");
	else if (!s->x->channel && !st->told_channel) {
		audit_find(r, &rules[REL_BASIC_CHANNEL], &s->spot, "it was sent on channel 0");
		st->told_channel = true;
	}
}

static void rel_take_message(struct audit_run *r, struct rel *st, const struct audit_step *s)
{
	uint32_t tag = rel_tag(s);

	if (!tag)
		return;
	rel_judge_place(r, st, s);
	if (st->resealed && tag == KRA_TAG_CHALLENGE) {
		audit_find(r, &rules[REL_RESEAL_BLIND], &st->resealed_at, "a challenge came next");
		st->resealed = false;
	}
	switch (tag) {
	case KRA_TAG_STATUS: rel_take_status(r, st, s); break;
	case KRA_TAG_CHALLENGE: rel_take_challenge(r, st, s); break;
	case KRA_TAG_GRANT: rel_take_grant(st, s); break;
	case KRA_TAG_RESEAL: rel_take_reseal(r, st, s); break;
	default: break;
	}
}

/* The subscriber that the card names. */
static void rel_follow_identity(struct rel *st, const struct audit_step *s)
{
	if (!*s->card->imsi || strcmp(st->imsi, s->card->imsi) == 0)
		return;
	if (*st->imsi && st->sealed && !st->opened)
		st->changed = true;
	memcpy(st->imsi, s->card->imsi, sizeof(st->imsi));
}

static void rel_judge_subscriber(struct audit_run *r, struct rel *st, const struct audit_step *s)
{
	if (!s->good || !st->sealed || st->opened || !st->changed || st->told_early)
		return;
	rel_pair(r, REL_EARLY, &st->sealed_at, &s->spot,
		 "it succeeds as the second subscriber, and no grant was taken");
	st->told_early = true;
}

static void rel_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct rel *st = state;

	if (!s->x->has_sw)
		st->whole = false; /* it may have been a selection */
	rel_follow_identity(st, s);
	switch (s->id) {
	case COMMAND_STORE_DATA: rel_take_message(r, st, s); break;
	case COMMAND_AUTHENTICATE:
	case COMMAND_GSM_RUN_ALGORITHM: rel_judge_subscriber(r, st, s); break;
	default: break;
	}
	if (s->may_change)
		rel_forget_profile(st);
}

static void rel_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct rel *st = state;

	(void)r;
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		st->whole = true;
	/* what is done to it in another reader is not in this trace */
	if (e->kind == TRACE_REMOVED)
		rel_forget_profile(st);
}

static void rel_end(struct audit_run *r, void *state)
{
	const struct rel *st = state;

	if (st->resealed)
		audit_find(r, &rules[REL_RESEAL_BLIND], &st->resealed_at, "none came after it");
}

static const enum command_id rel_takes[] = {COMMAND_STORE_DATA,	       COMMAND_AUTHENTICATE,
					    COMMAND_GSM_RUN_ALGORITHM, COMMAND_READ_BINARY,
					    COMMAND_GSM_READ_BINARY,   COMMAND_UPDATE_BINARY,
					    COMMAND_GSM_UPDATE_BINARY};

const struct audit_family audit_release = {
	.about = "Release of the second key",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct rel),
	.takes = rel_takes,
	.take_count = ARRAY_LEN(rel_takes),
	.step = rel_step,
	.event = rel_event,
	.end = rel_end,
};
