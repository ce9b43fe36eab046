/* attach: ATT, the order in which a terminal uses a USIM (TS 31.102 5, docs/protocol.md 6) */
#include <string.h>

#include "lib/release/kra.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/cat/cat.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/fid.h"

#define PIN_1 0x01 /* key reference, TS 102 221 table 9.3; of class A0 CHV 1 */

enum { ATT_NOT_ATTACHED, ATT_NO_RESET, ATT_IDENTITY, ATT_NO_APPLICATION, ATT_PIN };

static const struct finding_rule rules[] = {
	[ATT_NOT_ATTACHED] =
		RULE("ATT-01", INFO, "docs/protocol.md 6", "after a release the card attaches anew",
		     "A grant was answered with success, and nobody used the second key in this "
		     "trace: the operator gives full access after RES 2 alone.",
		     "Attach (AUTHENTICATE) with the second subscription after the release."),
	[ATT_NO_RESET] =
		RULE("ATT-02", WARNING, "docs/protocol.md 6",
		     "between release and second attach there is a reset or a REFRESH",
		     "The USIM was used as before although its identity had changed: terminal and "
		     "network go on with the first subscription's.",
		     "Fetch the REFRESH that waits (91xx) and perform it, or reset the card."),
	[ATT_IDENTITY] = RULE(
		"ATT-03", WARNING, "3GPP TS 31.102 5.1.1.2",
		"the identity (EF.IMSI) is read before the first AUTHENTICATE",
		"The card was asked to authenticate, and nobody had read which subscriber it is: a "
		"step of the attach was left out, or an identity of another time was used.",
		"Read EF.IMSI after a reset, a release and a change of profiles."),
	[ATT_NO_APPLICATION] = RULE(
		"ATT-04", WARNING, "3GPP TS 31.102 7.1.1.1",
		"the application with the key is selected before AUTHENTICATE",
		"No application with a key was selected on this channel since the reset: a step "
		"of the attach was left out or came too late.",
		"SELECT the ADF by its AID first."),
	[ATT_PIN] = RULE(
		"ATT-05", WARNING, "3GPP TS 31.102 7.1.1.1",
		"the PIN that the card demands comes before AUTHENTICATE",
		"The card said that its PIN has to be verified, and it was asked to authenticate "
		"without. If it answered, the PIN protects nothing.",
		"VERIFY the PIN first; a card that answers without is to be examined."),
};

struct att {
	bool whole;		   /* the trace has a reset of the card */
	bool released, must_reset; /* by a grant; and nothing has made the terminal begin anew */
	struct audit_spot opened_at;
	bool knows_identity, told_identity;
	bool wants_pin, told_pin, told_application;
};

static void att_take_grant(struct att *st, const struct audit_step *s)
{
	if (audit_grant_outcome(s) != AUDIT_GRANT_TAKEN)
		return;
	st->released = st->must_reset = true;
	st->opened_at = s->spot;
	st->knows_identity = st->told_identity = false;
}

static bool att_has_key(const struct place *p)
{
	switch (p->application.kind) {
	case APPLICATION_USIM:
	case APPLICATION_ISIM:
	case APPLICATION_CSIM:
	case APPLICATION_HPSIM: return true;
	default: return place_directory(p) == EF_GSM || p->aid_len;
	}
}

/* What has to come first; each is said once until it is done. */
static void att_judge_order(struct audit_run *r, struct att *st, const struct audit_step *s)
{
	const struct place *p = s->item->view.place;
	const struct audit_spot pair[2] = {st->opened_at, s->spot};
	bool is_imsi = p->application.kind != APPLICATION_ISIM;

	if (st->whole && !att_has_key(p) && !st->told_application) {
		audit_find(r, &rules[ATT_NO_APPLICATION], &s->spot, "none is; %s",
			   sw_text(s->x->sw));
		st->told_application = true;
	}
	if (st->must_reset) {
		audit_find_pair(r, &rules[ATT_NO_RESET], pair, "neither came after the grant");
		st->must_reset = false;
	}
	if ((st->whole || st->released) && is_imsi && !st->knows_identity && !st->told_identity) {
		audit_find(r, &rules[ATT_IDENTITY], &s->spot,
			   st->released ? "not since the release" : "not in this trace");
		st->told_identity = true;
	}
	if (st->wants_pin && !st->told_pin) {
		audit_find(r, &rules[ATT_PIN], &s->spot, "it was not verified; %s",
			   sw_text(s->x->sw));
		st->told_pin = true;
	}
}

static void att_take_authenticate(struct audit_run *r, struct att *st, const struct audit_step *s)
{
	/* refused for its channel, class or instruction: no application was asked */
	if (s->x->has_sw && !audit_was_delivered(s))
		return;
	att_judge_order(r, st, s);
	if (s->good)
		st->released = false;
}

/* What PIN 1 is asked for, and whether it came */
static void att_take_pin(struct att *st, const struct audit_step *s)
{
	if (s->x->apdu.p2 != PIN_1)
		return;
	if (s->good)
		st->wants_pin = st->told_pin = false;
	else if (s->x->has_sw && sw_is(s->x->sw, SW_VERIFY_FAILED))
		st->wants_pin = true;
}

static void att_take_file(struct att *st, const struct audit_step *s)
{
	const struct place *p = s->item->view.place;

	if (p->has_ef && p->ef == FID_IMSI && p->application.kind != APPLICATION_ISIM &&
	    (s->good || !s->x->has_sw))
		st->knows_identity = true;
}

/* A REFRESH that the terminal has performed is as good as a reset. */
static void att_take_response(struct att *st, const struct audit_step *s)
{
	char title[CAT_TITLE_MAX];

	if (!st->must_reset)
		return;
	cat_response_title(s->x->apdu.data, title);
	if (strstr(title, "REFRESH") && strstr(title, "performed"))
		st->must_reset = false;
}

static void att_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct att *st = state;

	/* what was not recorded may have been what is missed */
	if (!s->x->has_sw) {
		st->whole = st->wants_pin = false;
		st->knows_identity = true;
	}
	if (s->tag == KRA_TAG_GRANT)
		att_take_grant(st, s);
	if (s->may_change)
		st->knows_identity = st->told_identity = false;
	switch (s->id) {
	case COMMAND_AUTHENTICATE:
	case COMMAND_GSM_RUN_ALGORITHM: att_take_authenticate(r, st, s); break;
	case COMMAND_READ_BINARY:
	case COMMAND_GSM_READ_BINARY: att_take_file(st, s); break;
	case COMMAND_VERIFY_PIN:
	case COMMAND_CHANGE_PIN:
	case COMMAND_DISABLE_PIN:
	case COMMAND_ENABLE_PIN:
	case COMMAND_UNBLOCK_PIN:
	case COMMAND_GSM_VERIFY_CHV:
	case COMMAND_GSM_CHANGE_CHV:
	case COMMAND_GSM_DISABLE_CHV:
	case COMMAND_GSM_UNBLOCK_CHV: att_take_pin(st, s); break;
	case COMMAND_TERMINAL_RESPONSE:
	case COMMAND_GSM_TERMINAL_RESPONSE: att_take_response(st, s); break;
	default: break;
	}
}

static void att_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct att *st = state;

	(void)r;
	if (e->kind != TRACE_RESET && e->kind != TRACE_REMOVED)
		return;
	st->whole = true;
	st->must_reset = st->wants_pin = st->told_pin = st->told_application = false;
	if (e->kind == TRACE_REMOVED)
		st->knows_identity = st->told_identity = st->released = false;
}

static void att_end(struct audit_run *r, void *state)
{
	const struct att *st = state;

	if (st->released)
		audit_find(r, &rules[ATT_NOT_ATTACHED], &st->opened_at, "none came after it");
}

static const enum command_id att_takes[] = {
	COMMAND_STORE_DATA,	      COMMAND_AUTHENTICATE,    COMMAND_GSM_RUN_ALGORITHM,
	COMMAND_READ_BINARY,	      COMMAND_GSM_READ_BINARY, COMMAND_UPDATE_BINARY,
	COMMAND_GSM_UPDATE_BINARY,    COMMAND_VERIFY_PIN,      COMMAND_CHANGE_PIN,
	COMMAND_DISABLE_PIN,	      COMMAND_ENABLE_PIN,      COMMAND_UNBLOCK_PIN,
	COMMAND_GSM_VERIFY_CHV,	      COMMAND_GSM_CHANGE_CHV,  COMMAND_GSM_DISABLE_CHV,
	COMMAND_GSM_ENABLE_CHV,	      COMMAND_GSM_UNBLOCK_CHV, COMMAND_TERMINAL_RESPONSE,
	COMMAND_GSM_TERMINAL_RESPONSE};

const struct audit_family audit_attach = {
	.about = "Order of the steps of an attach",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct att),
	.takes = att_takes,
	.take_count = ARRAY_LEN(att_takes),
	.step = att_step,
	.event = att_event,
	.end = att_end,
};
