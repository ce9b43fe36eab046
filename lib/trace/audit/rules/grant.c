/* grant: GRT, challenges of the key-release application and the grants that answer them
 * (docs/protocol.md 2) */
#include <string.h>

#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/kra.h"
#include "lib/trace/audit/proof.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"

#define PROTOCOL "docs/protocol.md 2, "
#define GRANTS	 4 /* of a card, whose outcome is remembered */
#define GUESSES	 3 /* grants refused one after the other, each another one */

enum {
	GRT_STALE_OPENED,
	GRT_STALE,
	GRT_REPLAYED,
	GRT_RETRIED,
	GRT_SAME_NONCE,
	GRT_SAME_KEY,
	GRT_OTHER_CARD,
	GRT_OTHER_PROFILE,
	GRT_OTHER_KEY_ID,
	GRT_OTHER_NONCE,
	GRT_SAME_OPERATOR_KEY,
	GRT_REFUSED,
	GRT_GUESSED,
	GRT_UNSIGNED,
	GRT_FORGED,
	GRT_RESULT_OTHER,
	GRT_NOT_FETCHED
};

static const struct finding_rule rules[] = {
	[GRT_STALE_OPENED] = RULE(
		"GRT-01", ERROR, "docs/architecture.md I2",
		"a card opens its second key for an answer to its last challenge alone",
		"The card took a grant although it had given no challenge since its last reset, "
		"or another one later, or one that a grant had used up.",
		"The card does not keep I2: a grant that was recorded opens it again. Take it "
		"out of service."),
	[GRT_STALE] =
		RULE("GRT-02", WARNING, PROTOCOL "Challenge",
		     "a grant follows a challenge of the same session",
		     "A grant was sent without a challenge that it could answer: a reset came in "
		     "between, a grant had used it up, or there was none.",
		     "Ask for a challenge, and give the card the grant that was made for it."),
	[GRT_REPLAYED] =
		RULE("GRT-03", ERROR, "docs/architecture.md I2", "a grant is presented once",
		     "The same grant was given to a card again after it had been used: a replay.",
		     "Find out who recorded it and sent it again; a grant serves one challenge."),
	[GRT_RETRIED] = RULE(
		"GRT-04", WARNING, PROTOCOL "results",
		"a grant that was refused is not tried again unchanged",
		"A challenge serves one grant, whatever becomes of that one: the second try cannot "
		"succeed.",
		"Ask for a new challenge and a new grant after a refusal."),
	[GRT_SAME_NONCE] = RULE(
		"GRT-05", ERROR, PROTOCOL "Challenge", "no challenge has the nonce of another",
		"A card gave the same nonce twice: a grant for the first challenge answers the "
		"second too, or the challenge was recorded and played back.",
		"The card's random numbers are none, or it is not the card that answers."),
	[GRT_SAME_KEY] = RULE(
		"GRT-06", ERROR, PROTOCOL "Challenge",
		"no challenge has the one-time key of another",
		"A card gave the same one-time key twice: whoever learns its private half opens "
		"both grants, or the challenge was recorded and played back.",
		"The card's random numbers are none, or it is not the card that answers."),
	[GRT_OTHER_CARD] = RULE(
		"GRT-07", ERROR, "docs/architecture.md I2", "a grant is for the eUICC that gets it",
		"The EID in the grant is not the card's: a second key that belongs to another card "
		"was offered to this one.",
		"Find out where the grant comes from; the operator binds it to one EID."),
	[GRT_OTHER_PROFILE] = RULE(
		"GRT-08", ERROR, "docs/architecture.md I2",
		"a grant is for the profile that is enabled",
		"The ICCID in the grant is not that of the challenge: a key of another profile was "
		"offered.",
		"Find out where the grant comes from; the operator binds it to one ICCID."),
	[GRT_OTHER_KEY_ID] = RULE(
		"GRT-09", WARNING, "docs/architecture.md I2",
		"a grant is for the sealed part of the challenge (keyId)",
		"The keyId in the grant is not that of the challenge: it opens an earlier or a "
		"later sealed part.",
		"Reseal first in a rotation, then ask for the challenge."),
	[GRT_OTHER_NONCE] = RULE(
		"GRT-10", WARNING, "docs/architecture.md I2", "a grant answers the last challenge",
		"The nonce in the grant is not that of the last challenge: it was made for an "
		"earlier one, or for none.",
		"Give the card the grant that was made for its last challenge."),
	[GRT_SAME_OPERATOR_KEY] =
		RULE("GRT-11", ERROR, PROTOCOL "Grant", "no grant has the one-time key of another",
		     "The operator used a one-time key twice: who learns its private half can "
		     "unwrap both keys.",
		     "The operator's release authority must make a key for each grant."),
	[GRT_REFUSED] = RULE("GRT-12", WARNING, PROTOCOL "results", "the card accepts the grant",
			     "The card refused the grant, and says why.",
			     "The result tells what did not fit; ask for a new challenge."),
	[GRT_GUESSED] =
		RULE("GRT-13", ERROR, "docs/architecture.md I2",
		     "grants are not tried one after the other",
		     "Several grants, each another one, were refused one after the other: somebody "
		     "tries what the card takes.",
		     "Find out who sends them; the operator makes one for each challenge."),
	[GRT_UNSIGNED] = RULE(
		"GRT-14", ERROR, PROTOCOL "Grant", "a grant has a signature of 64 octets, r and s",
		"The grant has no signature, one in another coding (DER), or zeros in its place: "
		"the operator did not make it like this.",
		"Send what the operator answered, octet for octet."),
	[GRT_FORGED] =
		RULE("GRT-15", ERROR, PROTOCOL "Challenge, GrantResult",
		     "what the card says of the release is signed by the card",
		     "The signature of the challenge or of the result does not fit the certificate "
		     "that the challenge came with: it was changed on the way, or made by somebody "
		     "else.",
		     "Do not believe it; find out what stands between card and reader."),
	[GRT_RESULT_OTHER] =
		RULE("GRT-16", ERROR, PROTOCOL "GrantResult",
		     "the result of a grant is that of the challenge",
		     "The card's signed result names another EID, ICCID, keyId or nonce than the "
		     "challenge: it is the result of something else, played back.",
		     "Do not believe it; ask the card for its status."),
	[GRT_NOT_FETCHED] =
		RULE("GRT-17", WARNING, PROTOCOL "GrantResult", "the result of a grant is fetched",
		     "The card had an answer to the grant, and nobody read it: the operator does "
		     "not learn what became of its key.",
		     "Send GET RESPONSE after 61xx, and the result to the operator."),
};

/* A grant that was presented. */
struct grt_grant {
	bool is_there, answered;
	uint8_t digest[SHA256_LEN];
	bool has_result;
	enum kra_result result;
	bool refused;
	struct audit_spot at;
};

struct grt {
	bool whole; /* the trace has a reset of the card: what came before does not count */
	/* The last challenge; open: no grant has used it up, nor a reset */
	bool has_challenge, is_open;
	struct kra_binding challenge;
	struct audit_spot challenge_at;
	/* The key of the card's certificate */
	bool has_point;
	enum ec_curve curve;
	uint8_t point[EC_POINT_LEN];
	struct proofs proofs;
	struct grt_grant grants[GRANTS];
	unsigned next;
	unsigned refused; /* one after the other, each another */
	struct audit_spot first_refused;
};

static void grt_pair(struct audit_run *r, unsigned rule, const struct audit_spot *before,
		     const struct audit_spot *at, const char *text)
{
	const struct audit_spot pair[2] = {*before, *at};

	audit_find_pair(r, &rules[rule], pair, "%s", text);
}

static bool grt_is_signed(struct grt *st, struct slice part, struct slice signature)
{
	const struct proof_key key = {st->curve, SLICE_OF(st->point)};

	return proof_holds(&st->proofs, &key, &part, 1, signature);
}

static void grt_take_challenge(struct audit_run *r, struct grt *st, const struct audit_step *s)
{
	struct kra_challenge c;
	enum kra_result error;
	const struct cert *cert;
	enum err e;

	if (!s->x->has_sw || (s->good && !s->x->answer.len)) {
		/* what the card gave is not in the trace */
		st->has_challenge = st->is_open = st->whole = false;
		return;
	}
	if (!s->good)
		return;
	e = kra_parse_challenge(s->x->answer, &c, &error);
	st->is_open = false;
	if (e)
		return;
	audit_once(r, &rules[GRT_SAME_NONCE], &s->spot, SLICE_OF(c.binding.nonce));
	audit_once(r, &rules[GRT_SAME_KEY], &s->spot, c.card_otpk);
	st->has_challenge = st->is_open = true;
	st->challenge = c.binding;
	st->challenge_at = s->spot;
	st->has_point = !proof_cert(&st->proofs, c.euicc_cert, &cert);
	if (!st->has_point)
		return;
	st->curve = cert->curve;
	memcpy(st->point, cert->point, sizeof(st->point));
	if (!grt_is_signed(st, c.signed_part, c.signature))
		audit_find(r, &rules[GRT_FORGED], &s->spot, "the challenge");
}

static struct grt_grant *grt_find_grant(struct grt *st, const uint8_t *digest)
{
	for (unsigned i = 0; i < GRANTS; i++) {
		struct grt_grant *g = &st->grants[i];

		if (g->is_there && memcmp(g->digest, digest, SHA256_LEN) == 0)
			return g;
	}
	return NULL;
}

/* What the card said of it. */
static void grt_take_outcome(const struct audit_step *s, struct grt_grant *g)
{
	struct kra_outcome o;

	g->answered = audit_was_delivered(s);
	g->has_result = s->good && !kra_parse_outcome(s->x->answer, &o);
	g->result = g->has_result ? o.result : KRA_RESULT_UNDEFINED;
	g->refused = g->has_result ? g->result != KRA_RESULT_OK : s->x->has_sw && !s->good;
}

static bool grt_differs(struct slice field, struct slice want)
{
	return field.len && !slice_equal(field, want);
}

/* Against the challenge, or what is known of the card without one. */
static void grt_compare(struct audit_run *r, struct grt *st, const struct audit_step *s,
			const struct kra_grant_view *g)
{
	const struct kra_binding *c = &st->challenge;
	const struct audit_spot pair[2] = {st->challenge_at, s->spot};
	uint64_t key_id = slice_uint(g->key_id, 8);

	if (!st->has_challenge) {
		if (s->card->has_eid && grt_differs(g->eid, SLICE_OF(s->card->eid)))
			audit_find(r, &rules[GRT_OTHER_CARD], &s->spot,
				   "the EID is not the one that the card told");
		return;
	}
	if (grt_differs(g->eid, SLICE_OF(c->eid)))
		audit_find_pair(r, &rules[GRT_OTHER_CARD], pair,
				"the EID is not that of the challenge");
	if (grt_differs(g->iccid, SLICE_OF(c->iccid)))
		audit_find_pair(r, &rules[GRT_OTHER_PROFILE], pair,
				"the ICCID is not that of the challenge");
	if (g->key_id.len && key_id != c->key_id)
		audit_find_pair(r, &rules[GRT_OTHER_KEY_ID], pair,
				"keyId %llu, the challenge has %u", (unsigned long long)key_id,
				c->key_id);
	if (grt_differs(g->nonce, SLICE_OF(c->nonce)))
		audit_find_pair(r, &rules[GRT_OTHER_NONCE], pair,
				"the nonce is not that of the challenge");
}

static void grt_judge_freshness(struct audit_run *r, struct grt *st, const struct audit_step *s,
				const struct kra_grant_view *view, const struct grt_grant *g)
{
	bool opened = g->has_result && g->result == KRA_RESULT_OK;
	bool other = grt_differs(view->nonce, SLICE_OF(st->challenge.nonce));
	const char *why = !st->has_challenge ? "no challenge was asked for"
			  : !st->is_open     ? "its challenge is over"
					     : "it is for another challenge";

	/* a trace that begins in between does not have what came before */
	if (!st->has_challenge && !st->whole)
		return;
	if (st->is_open && !other)
		return;
	if (opened && st->has_challenge)
		grt_pair(r, GRT_STALE_OPENED, &st->challenge_at, &s->spot, why);
	else if (opened)
		audit_find(r, &rules[GRT_STALE_OPENED], &s->spot, "%s", why);
	else if (!st->has_challenge)
		audit_find(r, &rules[GRT_STALE], &s->spot, "%s", why);
	else if (!st->is_open)
		grt_pair(r, GRT_STALE, &st->challenge_at, &s->spot, why);
}

static void grt_judge_again(struct audit_run *r, struct grt *st, const struct audit_step *s,
			    const struct kra_grant_view *view, const uint8_t *digest)
{
	const struct grt_grant *before = grt_find_grant(st, digest);

	if (!before) {
		audit_once(r, &rules[GRT_REPLAYED], &s->spot, slice_make(digest, SHA256_LEN));
		audit_once(r, &rules[GRT_SAME_OPERATOR_KEY], &s->spot, view->operator_otpk);
	} else if (before->answered && before->refused) {
		grt_pair(r, GRT_RETRIED, &before->at, &s->spot,
			 before->has_result ? kra_result_text(before->result) : "it was refused");
	} else if (before->has_result) {
		/* without a result nobody knows: a reader repeats what got no answer */
		grt_pair(r, GRT_REPLAYED, &before->at, &s->spot,
			 "it was answered with success before");
	}
}

static void grt_judge_refusal(struct audit_run *r, struct grt *st, const struct audit_step *s,
			      const struct grt_grant *g, bool is_new)
{
	if (!g->refused) {
		st->refused = 0;
		return;
	}
	audit_find(r, &rules[GRT_REFUSED], &s->spot, "%s",
		   g->has_result ? kra_result_text(g->result) : sw_text(s->x->sw));
	if (!is_new)
		return;
	if (!st->refused++)
		st->first_refused = s->spot;
	if (st->refused == GUESSES)
		grt_pair(r, GRT_GUESSED, &st->first_refused, &s->spot,
			 "the third grant in a row that is refused");
}

static void grt_judge_result(struct audit_run *r, struct grt *st, const struct audit_step *s)
{
	struct kra_outcome o;

	if (!s->good || kra_parse_outcome(s->x->answer, &o))
		return;
	if (st->has_point && !grt_is_signed(st, o.signed_part, o.signature))
		audit_find(r, &rules[GRT_FORGED], &s->spot, "the result of the grant");
	/* without a session the card has nothing to name but itself */
	if (o.result == KRA_RESULT_NO_SESSION || !st->is_open)
		return;
	if (!slice_equal(SLICE_OF(o.binding.nonce), SLICE_OF(st->challenge.nonce)) ||
	    !slice_equal(SLICE_OF(o.binding.eid), SLICE_OF(st->challenge.eid)) ||
	    !slice_equal(SLICE_OF(o.binding.iccid), SLICE_OF(st->challenge.iccid)) ||
	    o.binding.key_id != st->challenge.key_id)
		grt_pair(r, GRT_RESULT_OTHER, &st->challenge_at, &s->spot,
			 "it names another challenge, card, profile or keyId");
}

static void grt_judge_form(struct audit_run *r, const struct audit_step *s,
			   const struct kra_grant_view *view)
{
	if (view->signature.len != EC_SIGNATURE_LEN)
		audit_find(r, &rules[GRT_UNSIGNED], &s->spot, "its signature has %zu octets",
			   view->signature.len);
	else if (slice_is_zero(view->signature))
		audit_find(r, &rules[GRT_UNSIGNED], &s->spot, "its signature is zeros");
	if (sw_is(s->x->sw, SW_RESPONSE) && s->x->has_sw && !s->x->answer.len)
		audit_find(r, &rules[GRT_NOT_FETCHED], &s->spot, "an answer of %u octets waits",
			   sw_number(s->x->sw));
}

static void grt_take_grant(struct audit_run *r, struct grt *st, const struct audit_step *s)
{
	struct grt_grant g = {.is_there = true, .at = s->spot};
	struct kra_grant_view view;
	struct grt_grant *before;

	kra_view_grant(s->x->apdu.data, &view);
	if (sha256(&s->x->apdu.data, 1, g.digest))
		return;
	before = grt_find_grant(st, g.digest);
	grt_take_outcome(s, &g);
	grt_judge_form(r, s, &view);
	grt_judge_again(r, st, s, &view, g.digest);
	grt_compare(r, st, s, &view);
	grt_judge_freshness(r, st, s, &view, &g);
	grt_judge_result(r, st, s);
	grt_judge_refusal(r, st, s, &g, !before);
	st->is_open = st->is_open && !g.answered; /* it serves one grant */
	if (!before)
		before = &st->grants[st->next++ % GRANTS];
	else if (!g.answered)
		g = *before; /* what the application said of it before still holds */
	*before = g;
}

static void grt_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	if (s->tag == KRA_TAG_CHALLENGE)
		grt_take_challenge(r, state, s);
	else if (s->tag == KRA_TAG_GRANT)
		grt_take_grant(r, state, s);
}

static void grt_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct grt *st = state;

	(void)r;
	if (e->kind != TRACE_RESET && e->kind != TRACE_REMOVED)
		return;
	st->whole = true;
	st->is_open = false;
}

static const enum command_id grt_takes[] = {COMMAND_STORE_DATA};

const struct audit_family audit_grant = {
	.about = "Challenge and grant of the second key",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct grt),
	.takes = grt_takes,
	.take_count = ARRAY_LEN(grt_takes),
	.step = grt_step,
	.event = grt_event,
};
