/* codes: COD, attempts at PIN, PUK and administrative codes, and their counters */
#include <string.h>

#include "lib/base/secret.h"
#include "lib/trace/audit/code.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"

#define CODES	   16 /* of a card: those beyond take the place of the first */
#define WRONG_MAX  3  /* values that are compared */
#define GUESSED	   3
#define PUK_LOW	   3 /* of 10 */
#define ONE_LEFT   1
#define NO_ATTEMPT 0

enum {
	GUESSED_PIN,
	SECOND_VALUE,
	SAME_VALUE,
	LAST_ATTEMPT,
	BLOCKED_PIN,
	TRIED_ON,
	GUESSED_PUK,
	LOW_PUK,
	BLOCKED_PUK,
	COUNTER_ROSE,
	ADM_REFUSED,
	ADM_IN_USE
};

static const struct finding_rule rules[] = {
	[GUESSED_PIN] = RULE(
		"COD-01", ERROR, "ETSI TS 102 221 9.5.2, 11.1.9",
		"nobody tries one value of a code after the other",
		"Three different values were refused, without a right one between them. Who "
		"knows the code mistypes it once or twice.",
		"Find out which program or person sent them. Change the code if it was found."),
	[SECOND_VALUE] =
		RULE("COD-02", WARNING, "ETSI TS 102 221 9.5.2, 11.1.9",
		     "a code that was wrong is followed by the right one",
		     "Another value was tried, which was wrong too: a person who mistypes, or the "
		     "beginning of a search that spares the last attempt.",
		     "Ask who entered them; look at the time between them."),
	[SAME_VALUE] = RULE("COD-03", WARNING, "ETSI TS 102 221 11.1.9",
			    "a value that was refused is not sent again",
			    "The same wrong value costs an attempt each time. A program with a "
			    "code in its configuration blocks the card so.",
			    "Let the program stop at the first refusal, and ask its user."),
	[LAST_ATTEMPT] =
		RULE("COD-04", WARNING, "ETSI TS 102 221 9.5.2", "more than one attempt is left",
		     "Wrong values have used up all attempts but one: the next one blocks it.",
		     "Give the right code, which sets the counter back, or leave the card alone."),
	[BLOCKED_PIN] = RULE("COD-05", ERROR, "ETSI TS 102 221 9.5.2, 11.1.9.1.2",
			     "no code is blocked by attempts in this trace",
			     "The last attempt was wrong too. What the code protects cannot be "
			     "used until it is unblocked; an administrative code is lost.",
			     "Unblock it with its PUK; find out what sent the wrong values."),
	[TRIED_ON] = RULE("COD-06", WARNING, "ETSI TS 102 221 11.1.9.1.2",
			  "a code that is blocked is not tried",
			  "The card had said that no attempt is left, and a value was sent "
			  "nevertheless: a program that does not read status words, or a search.",
			  "Let the program stop when the card says 63C0 or 6983."),
	[GUESSED_PUK] =
		RULE("COD-07", ERROR, "ETSI TS 102 221 9.5.2, 11.1.13",
		     "nobody tries one value of a PUK after the other",
		     "Three different values were refused, without a right one between them. A "
		     "PUK is read off a letter: who has it needs no search.",
		     "Find out which program or person sent them."),
	[LOW_PUK] = RULE("COD-08", WARNING, "ETSI TS 102 221 9.5.2, 11.1.13",
			 "most attempts at a PUK are left",
			 "Few attempts are left. When there is none any more, the card is lost.",
			 "Stop; ask the operator for the PUK."),
	[BLOCKED_PUK] = RULE("COD-09", ERROR, "ETSI TS 102 221 9.5.2, 11.1.13.1.2",
			     "no PUK is blocked by attempts in this trace",
			     "The last attempt was wrong too: nothing unblocks this code any "
			     "more, but the operator over the air if at all.",
			     "Replace the card; find out what sent the wrong values."),
	[COUNTER_ROSE] = RULE(
		"COD-10", WARNING, "ETSI TS 102 221 9.5.2", "a counter rises only by a right code",
		"More attempts are left than before, and no right code or PUK was seen: "
		"another card is in the reader, part of the trace is missing, or the "
		"card's counter can be set back.",
		"Compare the ICCIDs. If it is one card, test its counter: pull its power "
		"while it answers a wrong code."),
	[ADM_REFUSED] = RULE("COD-11", WARNING, "ETSI TS 102 221 9.5.1, table 9.3",
			     "an administrative code that is sent is right",
			     "An administrative code (ADM) was tried and refused. It opens files "
			     "that users may not change; a wrong one may cost the card.",
			     "Only who personalises cards sends it: find out who did."),
	[ADM_IN_USE] = RULE("COD-12", WARNING, "ETSI TS 102 221 9.5.1, table 9.3",
			    "no administrative code is used with a card in use",
			    "The card is of a live network, and its administrative code was "
			    "given to it: what was changed then is out of its issuer's control.",
			    "Operators change cards over the air. See what was written after."),
};

/* A code of the card, as far as the trace has told of it. */
struct tried {
	bool used;
	struct audit_code code; /* which it is; no more */
	bool has_tries, blocked;
	unsigned tries;
	bool may_be_other; /* the card was removed since */
	uint8_t wrong[WRONG_MAX][AUDIT_CODE_LEN];
	unsigned wrong_count; /* different ones, since the last right one */
	unsigned refused;     /* all */
	struct audit_spot first, last;
	bool told_same, told_on;
};

struct codes {
	struct tried tried[CODES];
	unsigned next; /* whose place the next one takes, when all are used */
	uint8_t iccid[10];
	bool has_iccid;
};

static void codes_forget(struct tried *t)
{
	secret_wipe(t, sizeof(*t));
}

static void codes_forget_all(struct codes *c)
{
	for (unsigned i = 0; i < CODES; i++)
		codes_forget(&c->tried[i]);
}

static struct tried *codes_at(struct codes *c, const struct audit_code *code)
{
	struct tried *t;

	for (unsigned i = 0; i < CODES; i++) {
		t = &c->tried[i];
		if (t->used && t->code.reference == code->reference &&
		    t->code.scope == code->scope && t->code.is_puk == code->is_puk)
			return t;
	}
	for (unsigned i = 0; i < CODES; i++) {
		if (!c->tried[i].used)
			return &c->tried[i];
	}
	t = &c->tried[c->next++ % CODES];
	codes_forget(t);
	return t;
}

/* A right code: what was wrong before it is forgiven. */
static void codes_clear(struct tried *t)
{
	struct audit_code which = t->code;

	codes_forget(t);
	t->used = true;
	t->code = which;
}

/* The card was removed: it is the same one if its counter is where it must be. */
static void codes_recognise(struct tried *t, const struct audit_code *c)
{
	unsigned want = t->tries - (c->given.len && t->tries ? 1 : 0);

	if (t->may_be_other && !(t->has_tries && c->has_tries && c->tries == want))
		codes_clear(t);
	t->may_be_other = false;
}

/* A recorder that sees a frame twice writes the same answer twice: no attempt was lost. */
static bool codes_is_copy(const struct tried *t, const struct audit_code *c)
{
	unsigned n = t->wrong_count < WRONG_MAX ? t->wrong_count : WRONG_MAX;

	if (!t->refused || !c->has_tries || !t->has_tries || c->tries != t->tries)
		return false;
	return !audit_code_is_clear(c->given) ||
	       (n && secret_equal(c->given, SLICE_OF(t->wrong[n - 1])));
}

static bool codes_was_wrong(const struct tried *t, struct slice given)
{
	unsigned n = t->wrong_count < WRONG_MAX ? t->wrong_count : WRONG_MAX;

	for (unsigned i = 0; i < n; i++) {
		if (secret_equal(given, SLICE_OF(t->wrong[i])))
			return true;
	}
	return false;
}

/* A wrong value that can be compared with those before it. */
static void codes_compare(struct audit_run *r, struct tried *t, const struct audit_step *s,
			  const struct audit_code *c)
{
	struct audit_spot pair[2] = {t->last, s->spot};
	char name[AUDIT_CODE_NAME];
	unsigned at = t->wrong_count < WRONG_MAX ? t->wrong_count : WRONG_MAX - 1;

	audit_code_name(c, name);
	if (c->given.len != AUDIT_CODE_LEN || !audit_code_is_clear(c->given))
		return;
	if (codes_was_wrong(t, c->given)) {
		if (!t->told_same)
			audit_find_pair(r, &rules[SAME_VALUE], pair,
					"%s: a value that was wrong already", name);
		t->told_same = true;
		return;
	}
	if (slice_copy(c->given, t->wrong[at], AUDIT_CODE_LEN))
		return;
	t->wrong_count++;
	if (t->wrong_count == 2)
		audit_find_pair(r, &rules[SECOND_VALUE], pair, "%s: a second value, wrong too",
				name);
	pair[0] = t->first;
	if (t->wrong_count == GUESSED)
		audit_find_pair(r, &rules[c->is_puk ? GUESSED_PUK : GUESSED_PIN], pair,
				"%s: a third value, wrong too", name);
}

/* What is left after an attempt. */
static void codes_count(struct audit_run *r, const struct tried *t, const struct audit_step *s,
			const struct audit_code *c)
{
	/* it was not blocked before, as far as the trace tells */
	bool is_loss = c->has_tries || (t->has_tries && t->tries) || t->refused;
	char name[AUDIT_CODE_NAME];

	audit_code_name(c, name);
	if (c->outcome == CODE_BLOCKED && is_loss)
		audit_find(r, &rules[c->is_puk ? BLOCKED_PUK : BLOCKED_PIN], &s->spot,
			   "%s is blocked", name);
	else if (c->has_tries && c->is_puk && c->tries && c->tries <= PUK_LOW)
		audit_find(r, &rules[LOW_PUK], &s->spot, "%s: attempts left: %u", name, c->tries);
	else if (c->has_tries && !c->is_puk && c->tries == ONE_LEFT)
		audit_find(r, &rules[LAST_ATTEMPT], &s->spot, "%s: one attempt is left", name);
}

static void codes_refuse(struct audit_run *r, struct tried *t, const struct audit_step *s,
			 const struct audit_code *c)
{
	char name[AUDIT_CODE_NAME];

	audit_code_name(c, name);
	if (codes_is_copy(t, c))
		return;
	if (t->blocked) {
		if (!t->told_on)
			audit_find(r, &rules[TRIED_ON], &s->spot, "%s is blocked already", name);
		t->told_on = true;
		return;
	}
	if (!t->refused)
		t->first = t->last = s->spot;
	if (c->outcome == CODE_WRONG || c->has_tries || t->refused)
		codes_compare(r, t, s, c);
	codes_count(r, t, s, c);
	t->refused++;
	t->last = s->spot;
}

static void codes_watch_counter(struct audit_run *r, struct tried *t, const struct audit_step *s,
				const struct audit_code *c)
{
	char name[AUDIT_CODE_NAME];

	if (c->has_tries && t->has_tries && c->tries > t->tries) {
		audit_code_name(c, name);
		audit_find(r, &rules[COUNTER_ROSE], &s->spot,
			   "%s: attempts left: %u, before that %u", name, c->tries, t->tries);
		codes_clear(t);
	}
}

static void codes_keep_counter(struct tried *t, const struct audit_code *c)
{
	if (c->has_tries) {
		t->has_tries = true;
		t->tries = c->tries;
	}
	if (c->outcome == CODE_BLOCKED) {
		t->has_tries = t->blocked = true;
		t->tries = NO_ATTEMPT;
	}
}

/* By its own, or by its PUK. */
static void codes_succeed(struct audit_run *r, struct codes *state, const struct audit_step *s,
			  const struct audit_code *c)
{
	char name[AUDIT_CODE_NAME];
	struct audit_code pin = *c;

	audit_code_name(c, name);
	if (audit_code_is_adm(c->reference) && audit_claims_production(r, s->card))
		audit_find(r, &rules[ADM_IN_USE], &s->spot, "%s is verified", name);
	codes_clear(codes_at(state, c));
	pin.is_puk = false;
	if (c->is_puk)
		codes_clear(codes_at(state, &pin));
}

static void codes_tell_adm(struct audit_run *r, const struct audit_step *s, const char *name)
{
	char why[STATUS_TEXT_MAX];

	status_text(s->x, why);
	audit_find(r, &rules[ADM_REFUSED], &s->spot, "%s: %.159s", name, why);
}

static void codes_take(struct audit_run *r, struct codes *state, const struct audit_step *s,
		       const struct audit_code *c)
{
	struct tried *t = codes_at(state, c);
	char name[AUDIT_CODE_NAME];

	audit_code_name(c, name);
	t->used = true;
	t->code = (struct audit_code){
		.reference = c->reference, .scope = c->scope, .is_puk = c->is_puk};
	codes_recognise(t, c);
	if (c->given.len && c->outcome == CODE_RIGHT) {
		codes_succeed(r, state, s, c);
		return;
	}
	if (c->given.len && audit_code_is_adm(c->reference))
		codes_tell_adm(r, s, name);
	if (c->outcome != CODE_WRONG && c->outcome != CODE_BLOCKED)
		return;
	codes_watch_counter(r, t, s, c);
	if (c->given.len)
		codes_refuse(r, t, s, c);
	codes_keep_counter(t, c);
}

static void codes_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct codes *all = state;
	const struct audit_card *card = s->card;

	if (s->switched ||
	    (all->has_iccid && memcmp(all->iccid, card->iccid, sizeof(all->iccid)) != 0))
		codes_forget_all(all);
	all->has_iccid = card->has_iccid;
	memcpy(all->iccid, card->iccid, sizeof(all->iccid));
	if (s->code && s->code->outcome != CODE_UNANSWERED)
		codes_take(r, all, s, s->code);
}

static void codes_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct codes *all = state;

	(void)r;
	for (unsigned i = 0; e->kind == TRACE_REMOVED && i < CODES; i++)
		all->tried[i].may_be_other = all->tried[i].used;
}

static void codes_close(void *state)
{
	codes_forget_all(state);
}

const struct audit_family audit_codes = {
	.about = "Attempts at PINs, PUKs and administrative codes",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct codes),
	.step = codes_step,
	.event = codes_event,
	.close = codes_close,
};
