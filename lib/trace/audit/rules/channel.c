/* channel: SCH, secure channels with security domains
 * (GlobalPlatform Card Specification 2.3.1, E for SCP02; amendment D for SCP03) */
#include <string.h>

#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/open.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/open/channel.h"

#define CHANNELS   20
#define PUBLISHED  "404142434445464748494A4B4C4D4E4F" /* a test key, in no way secret */
#define KEY_SETS   8				      /* of a card, that are remembered */
#define GUESSES	   3	/* EXTERNAL AUTHENTICATE refused one after the other */
#define KEY_AT	   10	/* in the answer to INITIALIZE UPDATE, behind the diversification data */
#define SCP03	   0x03 /* the octet behind the key's version */
#define NOT_RANDOM 0x10 /* SCP03's i: the card's challenge is computed from a counter */

enum {
	SCH_NOT_COMPLETED,
	SCH_NO_INITIALIZE,
	SCH_LOWERED,
	SCH_OLD,
	SCH_HOST_CHALLENGE,
	SCH_CARD_CHALLENGE,
	SCH_COUNTER,
	SCH_REPLAYED,
	SCH_REFUSED,
	SCH_GUESSED,
	SCH_PUBLISHED_KEY
};

#define SPEC	  "GlobalPlatform 2.3.1 "
#define AMENDMENT "GlobalPlatform amendment D "

static const struct finding_rule rules[] = {
	[SCH_NOT_COMPLETED] = RULE(
		"SCH-01", WARNING, SPEC "E.1.2, E.5",
		"the host authenticates after INITIALIZE UPDATE",
		"Somebody had the card answer a challenge, and did not authenticate: this gives "
		"pairs of challenge and cryptogram to guess keys by, or the host gave up.",
		"See who sent it, and why it did not go on."),
	[SCH_NO_INITIALIZE] = RULE(
		"SCH-02", WARNING, SPEC "E.1.2, E.5.2",
		"a host cryptogram answers the card's challenge of just before",
		"The host sent a cryptogram, and the card had given no challenge since the reset "
		"or the selection: it was made up or recorded.",
		"Send INITIALIZE UPDATE first."),
	[SCH_LOWERED] =
		RULE("SCH-03", WARNING, SPEC "E.5.2.3, " AMENDMENT "7.1.2.1",
		     "the security level of sessions with a key does not sink",
		     "A later session with the same key version asks for less protection than one "
		     "before: a downgrade.",
		     "Ask for the same level in every session; let the domain demand it."),
	[SCH_OLD] = RULE("SCH-04", INFO, SPEC "E (deprecated), " AMENDMENT "1",
			 "secure channels are of SCP03",
			 "SCP01 and SCP02 rest on DES with keys of 16 octets and are deprecated.",
			 "Use SCP03 with AES keys where the card has it."),
	[SCH_HOST_CHALLENGE] =
		RULE("SCH-05", WARNING, SPEC "E.4.2, " AMENDMENT "6.2.2",
		     "a host challenge is made by chance for each session",
		     "The same host challenge opened two sessions: an old answer of a card can be "
		     "played back to this host.",
		     "Make it by a random generator."),
	[SCH_CARD_CHALLENGE] = RULE(
		"SCH-06", ERROR, SPEC "E.4.2, " AMENDMENT "6.2.2",
		"a card challenge is another one for each session",
		"The card gave the same challenge after a session had used it: a recorded session "
		"can be played back to the card.",
		"Report the card; change its keys after updating it."),
	[SCH_COUNTER] = RULE(
		"SCH-07", ERROR, SPEC "E.1.2.1, E.5.1.6",
		"the sequence counter of a key set rises with each session",
		"The counter went back, or stood still after a session: the card's memory was set "
		"back, it is another card, or answers were played back.",
		"Find out whether it is the same card; change the keys."),
	[SCH_REPLAYED] = RULE(
		"SCH-08", ERROR, SPEC "E.5.2, " AMENDMENT "7.1.2",
		"no EXTERNAL AUTHENTICATE is sent twice",
		"The same host cryptogram and MAC came a second time: a recorded session is "
		"played back.",
		"Find out who sent it; if the card took it, its challenges are no challenges."),
	[SCH_REFUSED] = RULE(
		"SCH-09", WARNING, SPEC "E.5.2.6, " AMENDMENT "7.1.2.3",
		"the card accepts the host's cryptogram",
		"The host has another key than the card. A security domain blocks itself after a "
		"few tries.",
		"Check the keys, their version and diversification before another try."),
	[SCH_GUESSED] = RULE(
		"SCH-10", ERROR, SPEC "10.2.1, E.5.2.6", "keys are not tried one after the other",
		"Several EXTERNAL AUTHENTICATE in a row were refused: somebody tries keys.",
		"See who sends them; limit the tries (velocity checking)."),
	[SCH_PUBLISHED_KEY] = RULE(
		"SCH-11", ERROR, SPEC "11.8 (initial keys)",
		"a card in use has no key that is published",
		"The card answers with the key 40 41 .. 4F, which every data sheet has: whoever "
		"reaches its security domain may load, delete and lock what he likes.",
		"Put in keys of its own before the card leaves the house."),
};

enum sch_step { SCH_NONE, SCH_INITIALIZED, SCH_AUTHENTICATED };

struct sch_session { /* of a logical channel */
	enum sch_step step;
	bool mute; /* nobody saw what the card answered */
	uint8_t level, version;
	unsigned key_set; /* that INITIALIZE UPDATE was answered with */
	struct audit_spot at;
};

/* A key set of a domain, and the last INITIALIZE UPDATE that was answered with it: each has a
 * counter of its own (E.1.2.1). */
struct sch_key_set {
	bool is_there, used; /* and a session was opened with it */
	uint8_t aid[AID_LEN], diversification[KEY_AT];
	size_t aid_len;
	uint8_t protocol, version, challenge[16];
	size_t challenge_len;
	bool has_counter;
	uint32_t counter;
	struct audit_spot at;
};

struct sch {
	bool whole; /* the trace has a reset of the card: what came before does not count */
	struct sch_session sessions[CHANNELS];
	struct sch_key_set key_sets[KEY_SETS];
	unsigned next; /* whose place the next one takes */
	/* The highest level with a key version */
	bool has_level;
	uint8_t level, level_version;
	struct audit_spot level_at;
	unsigned refused;
	struct audit_spot first_refused;
	bool told_old;
};

static void sch_pair(struct audit_run *r, unsigned rule, const struct audit_spot *before,
		     const struct audit_step *s, const char *text)
{
	const struct audit_spot pair[2] = {*before, s->spot};

	audit_find_pair(r, &rules[rule], pair, "%s", text);
}

/* What INITIALIZE UPDATE answers: E.5.1.4, amendment D 7.1.1.6 */
struct sch_answer {
	uint8_t version, protocol, options;
	struct slice challenge;
	bool has_counter;
	uint32_t counter;
};

static bool sch_read_answer(struct slice answer, struct sch_answer *out)
{
	struct cursor c = cursor_of(answer);

	*out = (struct sch_answer){0};
	(void)cursor_take(&c, KEY_AT);
	out->version = cursor_u8(&c);
	out->protocol = cursor_u8(&c);
	if (out->protocol == SCP03) {
		/* S16 has challenges and cryptograms of 16 octets, S8 of 8 */
		size_t n = answer.len >= KEY_AT + 3 + 32 ? 16 : 8;

		out->options = cursor_u8(&c);
		out->challenge = cursor_take(&c, n);
		(void)cursor_take(&c, n);
		out->has_counter = !c.err && cursor_left(&c) == 3;
		out->counter = out->has_counter ? (uint32_t)cursor_uint(&c, 3) : 0;
	} else if (out->protocol == 2) {
		out->has_counter = true;
		out->counter = cursor_u16(&c);
		out->challenge = cursor_take(&c, 6);
	} else {
		out->challenge = cursor_take(&c, 8);
	}
	return !c.err && !open_is_masked(out->challenge);
}

/* A session ends with another selection, a reset, or another INITIALIZE UPDATE. */
static void sch_stop(struct audit_run *r, struct sch_session *l, const char *why)
{
	if (l->step == SCH_INITIALIZED && !l->mute)
		audit_find(r, &rules[SCH_NOT_COMPLETED], &l->at, "%s", why);
	l->step = SCH_NONE;
}

/* Its place in the table; one that is not there takes the oldest's. */
static unsigned sch_find_key_set(struct sch *st, const struct audit_step *s,
				 const struct sch_answer *a)
{
	const struct place *p = s->item->view.place;
	struct slice aid = slice_make(p->aid, p->aid_len);
	struct sch_key_set *k;
	unsigned i;

	for (i = 0; i < KEY_SETS; i++) {
		k = &st->key_sets[i];
		if (k->is_there && k->version == a->version && k->protocol == a->protocol &&
		    slice_equal(slice_make(k->aid, k->aid_len), aid) &&
		    slice_starts(s->x->answer, SLICE_OF(k->diversification)))
			return i;
	}
	i = st->next++ % KEY_SETS;
	k = &st->key_sets[i];
	*k = (struct sch_key_set){
		.version = a->version, .protocol = a->protocol, .aid_len = p->aid_len};
	memcpy(k->aid, p->aid, sizeof(k->aid));
	memcpy(k->diversification, s->x->answer.ptr, KEY_AT);
	return i;
}

static void sch_judge_again(struct audit_run *r, const struct sch_key_set *k,
			    const struct audit_step *s, const struct sch_answer *a)
{
	bool same = slice_equal(slice_make(k->challenge, k->challenge_len), a->challenge);
	bool random = a->protocol == SCP03 && !(a->options & NOT_RANDOM);

	if (!k->is_there)
		return;
	if (same && (k->used || random))
		sch_pair(r, SCH_CARD_CHALLENGE, &k->at, s, "it is that of the session before");
	if (!k->has_counter || !a->has_counter)
		return;
	if (a->counter < k->counter)
		sch_pair(r, SCH_COUNTER, &k->at, s, "it went back");
	else if (a->counter == k->counter && k->used)
		sch_pair(r, SCH_COUNTER, &k->at, s, "it stood still");
}

static void sch_keep(struct sch_key_set *k, const struct audit_step *s, const struct sch_answer *a)
{
	k->is_there = true;
	k->used = false;
	k->challenge_len = a->challenge.len;
	memcpy(k->challenge, a->challenge.ptr, a->challenge.len);
	k->has_counter = a->has_counter;
	k->counter = a->counter;
	k->at = s->spot;
}

/* The key that cards are delivered with, by GlobalPlatform's specifications: whether the card's
 * cryptogram is made of it. */
static bool sch_has_published_key(const struct audit_step *s)
{
	struct channel *channel = NULL;
	struct opened opened = {.by = OPENED_NOT};
	struct trace_keys *keys;
	struct keys_error why;

	if (keys_parse(slice_str("scp02 * " PUBLISHED " " PUBLISHED "\n"
				 "scp03 * " PUBLISHED " " PUBLISHED "\n"),
		       &keys, &why))
		return false;
	channel = channel_open(keys);
	if (channel) {
		channel_take(channel, s->x, &opened);
		channel_close(&channel);
	}
	keys_free(&keys);
	return opened.card_cryptogram == OPENED_RIGHT;
}

static void sch_take_initialize(struct audit_run *r, struct sch *st, struct sch_session *l,
				const struct audit_step *s)
{
	struct sch_answer a;

	sch_stop(r, l, "another one came");
	if (s->x->has_sw && !s->good)
		return;
	l->step = SCH_INITIALIZED;
	l->mute = !s->x->has_sw;
	l->at = s->spot;
	if (!sch_read_answer(s->x->answer, &a))
		return;
	if (s->x->apdu.data.len && !open_is_masked(s->x->apdu.data))
		audit_once(r, &rules[SCH_HOST_CHALLENGE], &s->spot, s->x->apdu.data);
	if (a.protocol != SCP03 && !st->told_old) {
		audit_find(r, &rules[SCH_OLD], &s->spot, "SCP%02X", a.protocol);
		st->told_old = true;
	}
	if (audit_claims_production(r, s->card) && sch_has_published_key(s))
		audit_find(r, &rules[SCH_PUBLISHED_KEY], &s->spot, "key version %d",
			   (int)a.version);
	l->version = a.version;
	l->key_set = sch_find_key_set(st, s, &a);
	sch_judge_again(r, &st->key_sets[l->key_set], s, &a);
	sch_keep(&st->key_sets[l->key_set], s, &a);
}

static void sch_judge_level(struct audit_run *r, struct sch *st, const struct audit_step *s,
			    const struct sch_session *l)
{
	bool same = st->has_level && st->level_version == l->version;

	if (same && (st->level & ~l->level)) {
		const struct audit_spot pair[2] = {st->level_at, s->spot};

		audit_find_pair(r, &rules[SCH_LOWERED], pair, "level %02X, after %02X", l->level,
				st->level);
	}
	if (same && !(l->level & ~st->level))
		return;
	st->has_level = true;
	st->level = same ? st->level | l->level : l->level;
	st->level_version = l->version;
	st->level_at = s->spot;
}

static void sch_take_refusal(struct audit_run *r, struct sch *st, const struct audit_step *s)
{
	audit_find(r, &rules[SCH_REFUSED], &s->spot, "%s", sw_text(s->x->sw));
	if (!st->refused++)
		st->first_refused = s->spot;
	if (st->refused == GUESSES)
		sch_pair(r, SCH_GUESSED, &st->first_refused, s, "the third one in a row");
}

static void sch_take_authenticate(struct audit_run *r, struct sch *st, struct sch_session *l,
				  const struct audit_step *s)
{
	if (s->x->has_sw && !audit_was_delivered(s))
		return; /* no security domain has seen it */
	if (l->step != SCH_INITIALIZED && st->whole)
		audit_find(r, &rules[SCH_NO_INITIALIZE], &s->spot, "%s", sw_text(s->x->sw));
	if (audit_was_processed(s) && s->x->apdu.data.len && !open_is_masked(s->x->apdu.data))
		audit_once(r, &rules[SCH_REPLAYED], &s->spot, s->x->apdu.data);
	audit_tell(r, s, (struct audit_way){AUDIT_HOST, AUDIT_CARD}, "secure channel, level %02X",
		   s->x->apdu.p1);
	if (!s->good) {
		if (s->x->has_sw)
			sch_take_refusal(r, st, s);
		else
			st->refused = 0;
		l->step = SCH_NONE;
		return;
	}
	st->refused = 0;
	/* without INITIALIZE UPDATE before it, it has opened none that is known */
	if (l->step == SCH_INITIALIZED)
		st->key_sets[l->key_set].used = true;
	l->step = SCH_AUTHENTICATED;
	l->level = s->x->apdu.p1;
	l->at = s->spot;
	sch_judge_level(r, st, s, l);
}

static void sch_step_of(struct audit_run *r, struct sch *st, struct sch_session *l,
			const struct audit_step *s)
{
	switch (s->id) {
	case COMMAND_SELECT:
		/* GlobalPlatform 10.2.3: the selection of an application ends the session */
		if (s->x->apdu.p1 == SELECT_AID && (s->good || !s->x->has_sw))
			sch_stop(r, l, "another application was selected");
		break;
	case COMMAND_INITIALIZE_UPDATE: sch_take_initialize(r, st, l, s); break;
	case COMMAND_GP_EXTERNAL_AUTHENTICATE: sch_take_authenticate(r, st, l, s); break;
	default: break;
	}
}

static void sch_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct sch *st = state;

	if (!s->x->has_sw)
		st->whole = false; /* what was not recorded may have changed anything */
	sch_step_of(r, st, &st->sessions[s->x->channel % CHANNELS], s);
}

static void sch_stop_all(struct audit_run *r, struct sch *st, const char *why)
{
	for (unsigned i = 0; i < CHANNELS; i++)
		sch_stop(r, &st->sessions[i], why);
}

static void sch_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct sch *st = state;

	if (e->kind != TRACE_RESET && e->kind != TRACE_REMOVED)
		return;
	sch_stop_all(r, st, "a reset came");
	st->whole = true;
	/* another card may be put in */
	if (e->kind == TRACE_REMOVED)
		*st = (struct sch){.whole = true};
}

static void sch_end(struct audit_run *r, void *state)
{
	sch_stop_all(r, state, "the trace ends");
}

static const enum command_id sch_takes[] = {COMMAND_SELECT, COMMAND_INITIALIZE_UPDATE,
					    COMMAND_GP_EXTERNAL_AUTHENTICATE};

const struct audit_family audit_channel = {
	.about = "Secure channels with security domains",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct sch),
	.takes = sch_takes,
	.take_count = ARRAY_LEN(sch_takes),
	.step = sch_step,
	.event = sch_event,
	.end = sch_end,
};
