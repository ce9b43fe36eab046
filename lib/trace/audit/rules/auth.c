/* auth: ATH, challenges and what a card answers to them, as they can be judged without a key */
#include <string.h>

#include "lib/auth/parameters.h"
#include "lib/trace/audit/code.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/audit/vector.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/fid.h"

#define APPS	   2  /* of a card: ISIM, and the others */
#define DISTINCT   8  /* octets of a RAND that differ; of random ones 10 at least */
#define ALIKE	   12 /* octets that two RANDs have in common, from the first on */
#define SYNC_MANY  3
#define RUN_LONG   32	       /* challenges with nothing between them */
#define RUN_NS	   10000000000 /* between two of them */
#define KC_ZERO	   0x3FF       /* the bits that COMP128-1 and -2 leave zero */
#define RES_SHORT  4
#define LOCAL_KEY  0x80 /* P2 of AUTHENTICATE: a key of the application, TS 102 221 11.1.16 */
#define SEPARATION 0x80 /* AMF's first bit, TS 33.401 6.1.2 */

enum {
	RAND_AGAIN,
	AUTN_AGAIN,
	RAND_PATTERN,
	MAC_WRONG,
	MAC_TWICE,
	PROBED,
	SYNC_TWICE,
	SYNC_LEFT,
	SYNC_OFTEN,
	DOWNGRADED,
	KC_WEAK,
	RES_AGAIN,
	RES_IS_SHORT,
	CODE_MISSING,
	NO_NAA,
	KEYS_IN_CLEAR,
	LONG_RUN,
	NOT_SEPARATED
};

static const struct finding_rule rules[] = {
	[RAND_AGAIN] =
		RULE("ATH-01", WARNING, "3GPP TS 33.102 6.3.2", "a RAND is given to a card once",
		     "The same RAND gives the same keys. It comes again where a challenge is "
		     "replayed, or where the network's random numbers are none.",
		     "Compare the two exchanges; look at the authentication centre's RAND."),
	[AUTN_AGAIN] = RULE("ATH-02", ERROR, "3GPP TS 33.102 6.3.2, 6.3.3",
			    "an AUTN is given to a card once",
			    "A challenge that the card had already was given to it again: it was "
			    "recorded and replayed, or its sender does not count.",
			    "Find out who sent it. The card must answer with AUTS, or refuse it."),
	[RAND_PATTERN] = RULE("ATH-03", WARNING, "3GPP TS 33.102 6.3.2", "a RAND is random",
			      "The RAND has a pattern, or differs little from the one before: who "
			      "can foretell it can collect answers beforehand.",
			      "Let the authentication centre take RAND from a random generator."),
	[MAC_WRONG] = RULE("ATH-04", INFO, "3GPP TS 33.102 6.3.3",
			   "the card takes the network for genuine",
			   "The MAC in AUTN is not of this card's key: another key at the "
			   "operator, a changed challenge, or a network that has no key.",
			   "Compare K and OPc of card and subscriber; see what comes after."),
	[MAC_TWICE] = RULE("ATH-05", WARNING, "3GPP TS 33.102 6.3.3, TS 24.008 4.3.2.6",
			   "after a wrong MAC the next challenge is right",
			   "The card refused a challenge, and whoever sent it went on with "
			   "another one, wrong too. A terminal has to take such a network for "
			   "false.",
			   "Find out who sends them; compare K and OPc of card and subscriber."),
	[PROBED] = RULE("ATH-06", ERROR, "3GPP TS 33.102 6.3.3",
			"nobody tries one AUTN after the other on a card",
			"After a wrong MAC the same RAND came with another AUTN, or the same AUTN "
			"with another RAND: no network does so. The card is used as an oracle.",
			"Find out which program sent them."),
	[SYNC_TWICE] = RULE("ATH-07", WARNING, "3GPP TS 33.102 6.3.5",
			    "a synchronisation failure is answered by a number that is fresh",
			    "The card told where it is (AUTS), and the next challenge was behind "
			    "again: AUTS does not reach the authentication centre, or is ignored.",
			    "Follow AUTS to the authentication centre; see its log of "
			    "resynchronisations."),
	[SYNC_LEFT] = RULE("ATH-08", INFO, "3GPP TS 33.102 6.3.5",
			   "a synchronisation failure is followed by another challenge",
			   "After AUTS no challenge came any more: the attach failed, or the trace "
			   "ends too early.",
			   "See whether the network got AUTS."),
	[SYNC_OFTEN] =
		RULE("ATH-09", WARNING, "3GPP TS 33.102 6.3.3, TS 33.501 6.1.3.3",
		     "synchronisation failures are rare",
		     "Several came in a row. Each AUTS tells something of the card's number: who "
		     "replays old challenges can tell subscribers apart and how active they are.",
		     "Compare the challenges with those that the network has sent."),
	[DOWNGRADED] =
		RULE("ATH-10", WARNING, "3GPP TS 33.102 6.8, TS 31.102 7.1.1.2",
		     "a card of 3G is authenticated as one",
		     "It was asked in the context of 2G: the network is not authenticated, and the "
		     "keys are of 64 bits. Who asks so may be a false base station.",
		     "Use EAP-AKA instead of EAP-SIM; turn 2G off where it is not needed."),
	[KC_WEAK] = RULE("ATH-11", WARNING, "3GPP TS 55.205, GSMA COMP128",
			 "all 64 bits of Kc are in use",
			 "Its last ten bits are zero, as COMP128-1 and COMP128-2 have it, or all "
			 "are. A card with COMP128-1 gives its Ki away.",
			 "Replace the card by one with MILENAGE."),
	[RES_AGAIN] =
		RULE("ATH-12", WARNING, "3GPP TS 33.102 6.3.3", "another RAND gives another RES",
		     "Two challenges had one answer: the card does not compute, or who "
		     "answers is no card.",
		     "Give the card a challenge whose answer is known."),
	[RES_IS_SHORT] = RULE("ATH-13", INFO, "3GPP TS 33.102 6.3.7", "a RES has 64 bits or more",
			      "A RES of 32 bits is allowed. It is guessed once in 2^32 attempts.",
			      "Let the algorithm of the subscription give 64 bits."),
	[CODE_MISSING] = RULE("ATH-14", WARNING, "3GPP TS 31.102 7.1.1.1, TS 51.011 8.16",
			      "a challenge comes when the PIN is verified",
			      "The card did not compute: a PIN is enabled and was not verified.",
			      "Verify it first, or disable it if the device runs unattended."),
	[NO_NAA] = RULE("ATH-15", WARNING, "3GPP TS 31.102 7.1.1.1, TS 31.103 7.1.1.1",
			"a challenge goes to a USIM or ISIM",
			"It was sent while the MF or another application was selected, which has "
			"no key to answer with.",
			"Select ADF.USIM or ADF.ISIM by its AID on this channel first."),
	[KEYS_IN_CLEAR] =
		RULE("ATH-16", INFO, "docs/trace.md", "session keys are masked in the trace",
		     "CK, IK or Kc are in the trace. Who has it and the traffic on the "
		     "air reads that.",
		     "Redact the trace before it is shared."),
	[LONG_RUN] = RULE("ATH-17", WARNING, "3GPP TS 31.102 7.1.1.1",
			  "challenges come when a session needs one",
			  "Many came one after the other, and nothing between them: so somebody "
			  "measures a card's power or time to find its key, or tests its speed.",
			  "If it was no test, keep the card out of that reader."),
	[NOT_SEPARATED] = RULE("ATH-18", WARNING, "3GPP TS 33.401 6.1.2, TS 33.102 annex H",
			       "a vector for LTE or 5G has the separation bit set in AMF",
			       "The card attached to LTE or 5G after a challenge without that bit: "
			       "its CK and IK can be used in UMTS too, and a terminal must refuse.",
			       "Let the authentication centre set AMF to 8000."),
};

/* What an application has been asked. */
struct app {
	bool has_last;
	struct audit_spot last;
	uint64_t last_exchange;
	enum audit_vector_outcome outcome;
	uint8_t rand[AKA_RAND_LEN], autn[AKA_AUTN_LEN], res[AKA_RES_MAX];
	size_t res_len;
	unsigned mac_row, sync_row; /* failures in a row */
	struct audit_spot first_sync;
	bool told_probe, told_short;
};

struct auth {
	struct app apps[APPS];
	unsigned weak, strong; /* Kc */
	struct audit_spot weak_at;
	bool told_weak, told_clear, told_downgrade, told_run;
	unsigned run;
	struct audit_spot run_from, run_last;
	bool has_3g;   /* it has answered a challenge of 3G */
	bool is_joint; /* the last that was accepted has no separation bit */
	struct audit_spot joint_at;
};

static bool auth_same(struct slice v, const uint8_t *octets, size_t len)
{
	return v.len == len && slice_equal(v, slice_make(octets, len));
}

static bool auth_has_pattern(struct slice rand)
{
	bool seen[256] = {false}, steps = true;
	unsigned distinct = 0;
	uint8_t step = (uint8_t)(slice_at(rand, 1) - slice_at(rand, 0));

	for (size_t i = 0; i < rand.len; i++) {
		uint8_t b = slice_at(rand, i);

		distinct += !seen[b];
		seen[b] = true;
		steps = steps && (!i || (uint8_t)(b - slice_at(rand, i - 1)) == step);
	}
	return steps || distinct <= DISTINCT;
}

static bool auth_is_alike(struct slice rand, const struct app *a)
{
	return a->has_last && !auth_same(rand, a->rand, AKA_RAND_LEN) &&
	       auth_same(slice_sub(rand, 0, ALIKE), a->rand, ALIKE);
}

/* A reader that got no answer sends the command again; a recorder may see it twice. */
static bool auth_is_copy(const struct app *a, const struct audit_step *s,
			 const struct audit_vector *v)
{
	return a->has_last && s->card->exchanges == a->last_exchange + 1 &&
	       auth_same(v->rand, a->rand, AKA_RAND_LEN) &&
	       (!v->autn.len || auth_same(v->autn, a->autn, AKA_AUTN_LEN)) &&
	       (a->outcome == VECTOR_UNANSWERED ||
		(v->outcome == a->outcome && auth_same(v->res, a->res, a->res_len)));
}

static void auth_once(struct audit_run *r, const struct finding_rule *rule,
		      const struct audit_step *s, const struct audit_vector *v, struct slice octets)
{
	uint8_t mem[2 + AKA_RAND_LEN];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	/* of each card for itself: what an interposer passes on is two cards' in the trace */
	wbuf_u8(&w, (uint8_t)s->x->card);
	wbuf_u8(&w, v->is_isim);
	wbuf_put(&w, octets);
	audit_once(r, rule, &s->spot, wbuf_slice(&w));
}

/* TS 33.102 6.3.3: a challenge is used when the USIM has checked it, which it does not before the
 * command itself is right and allowed. */
static void auth_judge_again(struct audit_run *r, const struct audit_step *s,
			     const struct audit_vector *v)
{
	if (!audit_was_processed(s))
		return;
	auth_once(r, &rules[RAND_AGAIN], s, v, v->rand);
	if (v->autn.len)
		auth_once(r, &rules[AUTN_AGAIN], s, v, v->autn);
}

static void auth_judge_challenge(struct audit_run *r, struct app *a, const struct audit_step *s,
				 const struct audit_vector *v)
{
	struct audit_spot pair[2] = {a->last, s->spot};
	bool rand = a->has_last && auth_same(v->rand, a->rand, AKA_RAND_LEN);
	bool autn = a->has_last && auth_same(v->autn, a->autn, AKA_AUTN_LEN);

	if (auth_has_pattern(v->rand))
		audit_find(r, &rules[RAND_PATTERN], &s->spot, "its octets have a pattern");
	else if (auth_is_alike(v->rand, a))
		audit_find_pair(r, &rules[RAND_PATTERN], pair, "it begins like the one before");
	if (v->autn.len && rand != autn && a->mac_row && !a->told_probe) {
		audit_find_pair(r, &rules[PROBED], pair,
				"the same %s after a wrong MAC, another %s", rand ? "RAND" : "AUTN",
				rand ? "AUTN" : "RAND");
		a->told_probe = true;
	}
}

static void auth_judge_failures(struct audit_run *r, struct app *a, const struct audit_step *s,
				const struct audit_vector *v)
{
	struct audit_spot pair[2] = {a->last, s->spot};

	if (v->outcome == VECTOR_MAC) {
		a->mac_row++;
		if (a->mac_row == 1)
			audit_find(r, &rules[MAC_WRONG], &s->spot, "the MAC in AUTN is wrong");
		if (a->mac_row == 2)
			audit_find_pair(r, &rules[MAC_TWICE], pair, "the next MAC is wrong too");
	}
	if (v->outcome == VECTOR_SYNC) {
		a->sync_row++;
		if (a->sync_row == 1)
			a->first_sync = s->spot;
		if (a->sync_row == 2)
			audit_find_pair(r, &rules[SYNC_TWICE], pair, "the next one fails too");
		pair[0] = a->first_sync;
		if (a->sync_row == SYNC_MANY)
			audit_find_pair(r, &rules[SYNC_OFTEN], pair, "%d in a row", SYNC_MANY);
	}
	if (v->outcome == VECTOR_ACCEPTED)
		a->mac_row = a->sync_row = 0;
}

static void auth_judge_kc(struct audit_run *r, struct auth *all, const struct audit_step *s,
			  struct slice kc)
{
	bool zero = kc.len && slice_is_zero(kc);

	if (kc.len != GSM_KC_LEN || all->told_weak)
		return;
	if (slice_uint(slice_sub(kc, 6, 2), 2) & KC_ZERO)
		all->strong++;
	else if (++all->weak == 1)
		all->weak_at = s->spot;
	/* one of 1024 ends so by itself */
	all->told_weak = zero || (all->weak == 2 && !all->strong);
	if (all->told_weak)
		audit_find(r, &rules[KC_WEAK], &s->spot, "%s",
			   zero ? "all bits are zero" : "the last ten bits are zero again");
}

static void auth_judge_answer(struct audit_run *r, struct auth *all, struct app *a,
			      const struct audit_step *s, const struct audit_vector *v)
{
	struct audit_spot pair[2] = {a->last, s->spot};

	if (a->has_last && v->res.len && auth_same(v->res, a->res, a->res_len) &&
	    !auth_same(v->rand, a->rand, AKA_RAND_LEN))
		audit_find_pair(r, &rules[RES_AGAIN], pair, "the same RES for another RAND");
	if (v->context != VECTOR_2G && v->res.len == RES_SHORT && !a->told_short) {
		a->told_short = true;
		audit_find(r, &rules[RES_IS_SHORT], &s->spot, "RES has 32 bits");
	}
	if (!all->told_clear && (v->ck.len || v->ik.len || v->kc.len)) {
		all->told_clear = true;
		audit_find(r, &rules[KEYS_IN_CLEAR], &s->spot, "%s in clear",
			   v->ck.len ? "CK and IK are" : "Kc is");
	}
	auth_judge_kc(r, all, s, v->kc);
	if (v->context == VECTOR_2G && !all->told_downgrade && s->id == COMMAND_AUTHENTICATE) {
		all->told_downgrade = true;
		audit_find(r, &rules[DOWNGRADED], &s->spot, "context of 2G in %s",
			   s->item->view.path);
	} else if (v->context == VECTOR_2G && !all->told_downgrade && all->has_3g) {
		all->told_downgrade = true;
		audit_find(r, &rules[DOWNGRADED], &s->spot,
			   "RUN GSM ALGORITHM, and the card has a USIM");
	}
}

static void auth_count(struct audit_run *r, struct auth *all, const struct audit_step *s)
{
	struct audit_spot pair[2] = {all->run_from, s->spot};

	if (all->run && s->spot.has_time && all->run_last.has_time &&
	    s->spot.time_ns - all->run_last.time_ns > RUN_NS)
		all->run = 0;
	if (!all->run++)
		all->run_from = s->spot;
	all->run_last = s->spot;
	if (all->run == RUN_LONG && !all->told_run) {
		all->told_run = true;
		audit_find_pair(r, &rules[LONG_RUN], pair, "%d in a row", RUN_LONG);
	}
}

static void auth_keep(struct auth *all, struct app *a, const struct audit_step *s,
		      const struct audit_vector *v)
{
	a->has_last = true;
	a->last = s->spot;
	a->last_exchange = s->card->exchanges;
	a->outcome = v->outcome;
	a->res_len = v->res.len;
	memcpy(a->rand, v->rand.ptr, AKA_RAND_LEN);
	memset(a->autn, 0, sizeof(a->autn));
	if (v->autn.len)
		memcpy(a->autn, v->autn.ptr, AKA_AUTN_LEN);
	if (v->res.len)
		memcpy(a->res, v->res.ptr, v->res.len);
	if (v->outcome == VECTOR_ACCEPTED && v->autn.len && !v->is_isim) {
		all->has_3g = true;
		all->is_joint = !(slice_at(v->autn, AKA_SQN_LEN) & SEPARATION);
		all->joint_at = s->spot;
	}
}

static void auth_take(struct audit_run *r, struct auth *all, const struct audit_step *s,
		      const struct audit_vector *v)
{
	struct app *a = &all->apps[v->is_isim];
	bool copy = auth_is_copy(a, s, v);

	if (!copy || a->outcome == VECTOR_UNANSWERED)
		auth_judge_again(r, s, v);
	if (!copy) {
		auth_judge_challenge(r, a, s, v);
		auth_count(r, all, s);
	}
	if (!copy || a->outcome == VECTOR_UNANSWERED) {
		auth_judge_failures(r, a, s, v);
		auth_judge_answer(r, all, a, s, v);
		if (v->outcome == VECTOR_NOT_OPEN)
			audit_find(r, &rules[CODE_MISSING], &s->spot, "the PIN is not verified");
	}
	auth_keep(all, a, s, v);
}

/* An application that has no key: one of another kind, or none as far as the trace tells. */
static bool auth_is_misled(const struct audit_step *s)
{
	const struct place *p = s->item->view.place;
	bool refused = audit_was_delivered(s) && !s->good;

	switch (p->application.kind) {
	case APPLICATION_USIM:
	case APPLICATION_ISIM:
	case APPLICATION_CSIM:
	case APPLICATION_HPSIM: return refused && p->path[0] == FID_MF;
	case APPLICATION_UNKNOWN:
		return refused && !p->aid_len && s->card->resets && s->x->apdu.p2 & LOCAL_KEY;
	default: return true;
	}
}

/* The files that a card is given when it has attached to LTE or 5G */
static bool auth_is_attached(const struct audit_step *s)
{
	const struct place *p = s->item->view.place;

	if (!s->good || s->id != COMMAND_UPDATE_BINARY || !p->has_ef)
		return false;
	return place_directory(p) == EF_5GS ||
	       (place_directory(p) == EF_USIM && p->ef == FID_EPSLOCI);
}

/* Another card, or another profile */
static void auth_forget(struct auth *all)
{
	memset(all->apps, 0, sizeof(all->apps));
	all->has_3g = false;
	all->weak = all->strong = 0;
}

static void auth_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct auth *all = state;

	if (s->id == COMMAND_AUTHENTICATE && auth_is_misled(s))
		audit_find(r, &rules[NO_NAA], &s->spot, "%s is selected", s->item->view.path);
	if (s->vector) {
		auth_take(r, all, s, s->vector);
		return;
	}
	if (s->id != COMMAND_SELECT && s->id != COMMAND_GSM_SELECT && s->id != COMMAND_VERIFY_PIN)
		all->run = 0;
	if (s->switched)
		auth_forget(all);
	if (all->is_joint && auth_is_attached(s)) {
		struct audit_spot pair[2] = {all->joint_at, s->spot};

		audit_find_pair(r, &rules[NOT_SEPARATED], pair, "%s is written",
				s->item->view.path);
		all->is_joint = false;
	}
}

static void auth_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct auth *all = state;

	(void)r;
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		all->is_joint = false;
	if (e->kind == TRACE_REMOVED)
		auth_forget(all);
}

static void auth_end(struct audit_run *r, void *state)
{
	const struct auth *all = state;

	for (unsigned i = 0; i < APPS; i++) {
		const struct app *a = &all->apps[i];

		if (a->has_last && a->outcome == VECTOR_SYNC)
			audit_find(r, &rules[SYNC_LEFT], &a->last, "no challenge comes after it");
	}
	if (all->weak == 1 && !all->strong && !all->told_weak)
		audit_find(r, &rules[KC_WEAK], &all->weak_at, "the last ten bits are zero");
}

const struct audit_family audit_auth = {
	.about = "Challenges and what the card answers",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct auth),
	.step = auth_step,
	.event = auth_event,
	.end = auth_end,
};
