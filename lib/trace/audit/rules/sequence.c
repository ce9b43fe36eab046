/* sequence: SQN, sequence numbers and answers, as the key of a card has them, or where AK hides
 * nothing */
#include <stdlib.h>
#include <string.h>

#include "lib/auth/published.h"
#include "lib/auth/sqn.h"
#include "lib/release/kra.h"
#include "lib/rsp/es10c.h"
#include "lib/trace/audit/code.h"
#include "lib/trace/audit/fit.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/print.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/audit/vector.h"
#include "lib/trace/keys/keys.h"

#define APPS	   2  /* of a card: ISIM, and the others */
#define USERS	   16 /* of a card's keys, that are remembered */
#define KEPT	   4  /* keys whose numbers are remembered while a card is out */
#define PLAIN_STEP (UINT64_C(1) << 24)
#define PLAIN_LOW  (UINT64_C(1) << 16)
#define PLAIN_MID  (UINT64_C(1) << 32)

enum {
	OLD_TAKEN,
	WENT_BACK,
	JUMPED,
	NOT_HIDDEN,
	FORGED_TAKEN,
	ANSWER_OF_NOBODY,
	NO_KEY_FITS,
	AUTS_OF_NOBODY,
	CARD_WENT_BACK,
	AUTS_IGNORED,
	FRESH_REFUSED,
	PUBLISHED_IN_USE,
	PUBLISHED
};

static const struct finding_rule rules[] = {
	[OLD_TAKEN] =
		RULE("SQN-01", ERROR, "3GPP TS 33.102 6.3.3, C.2.2",
		     "a card takes no sequence number that it had before",
		     "It answered a challenge whose number is not above the last one in its place: "
		     "it does not check or does not keep its numbers. Recorded challenges work.",
		     "Replay a challenge to the card; pull its power between the two."),
	[WENT_BACK] = RULE("SQN-02", WARNING, "3GPP TS 33.102 6.3.2, C.1",
			   "the network's sequence numbers rise",
			   "The number of this challenge was used before: a replay, or the "
			   "authentication centre was set back to an older state.",
			   "Compare it with the authentication centre's number; restore that from "
			   "the AUTS of the card."),
	[JUMPED] = RULE("SQN-03", WARNING, "3GPP TS 33.102 C.2.1, C.3",
			"a sequence number is not far above the last one",
			"It is more than 2^28 steps ahead: another counter than before, or "
			"somebody uses up the numbers, after which the card takes none any more.",
			"Find out what the authentication centre counts by."),
	[NOT_HIDDEN] = RULE("SQN-04", INFO, "3GPP TS 33.102 6.3.2, 6.3.7",
			    "the sequence number is hidden by AK",
			    "SQN is in clear in AUTN. Who listens follows a subscriber by it.",
			    "Let the algorithm's f5 give an AK."),
	[FORGED_TAKEN] = RULE("SQN-05", ERROR, "3GPP TS 33.102 6.3.3",
			      "a card refuses a challenge with a wrong MAC",
			      "The answer is that of the key, and the MAC in AUTN is not: the card "
			      "does not authenticate the network.",
			      "Replace the card; change one bit of an AUTN and try again."),
	[ANSWER_OF_NOBODY] =
		RULE("SQN-06", ERROR, "3GPP TS 33.102 6.3.3, 6.3.7",
		     "the card answers what its key gives",
		     "The challenge is of this key, and the answer is not: it was changed on its "
		     "way, or another card answered.",
		     "Record on both sides of what is between reader and card."),
	[NO_KEY_FITS] = RULE("SQN-07", WARNING, "3GPP TS 33.102 6.3.3",
			     "one of the keys given is that of the card",
			     "None of them gives this challenge and its answer: it is another "
			     "card than one believes, or its key was changed.",
			     "Compare ICCID and IMSI; look for the right key."),
	[AUTS_OF_NOBODY] = RULE("SQN-08", WARNING, "3GPP TS 33.102 6.3.3, 6.3.5",
				"the MAC in AUTS is that of the key",
				"The challenge is of this key, and AUTS is not: the authentication "
				"centre will refuse it, and the card stays out of step.",
				"Compare AMF* (0000) and f1* of card and authentication centre."),
	[CARD_WENT_BACK] =
		RULE("SQN-09", ERROR, "3GPP TS 33.102 6.3.3, C.2.2",
		     "the card's sequence number does not go back",
		     "AUTS tells a number below one that the card had taken: it forgot it, or "
		     "another card with this key answers. Recorded challenges work.",
		     "Look for a copy of the card; test whether it keeps its numbers over a "
		     "loss of power."),
	[AUTS_IGNORED] =
		RULE("SQN-10", WARNING, "3GPP TS 33.102 6.3.5",
		     "after AUTS the network's number is above the card's",
		     "AUTS was genuine and told where the card is, and the next challenge is not "
		     "above that.",
		     "Follow AUTS to the authentication centre: it is lost or refused there."),
	[FRESH_REFUSED] =
		RULE("SQN-11", WARNING, "3GPP TS 33.102 6.3.3, C.2.2",
		     "a card takes a number that is fresh",
		     "It answered AUTS, and by that AUTS the number was above its own: the card "
		     "has a limit of its own, or its numbers are damaged.",
		     "Look at the card's delta and age limit (C.2.1, C.2.2)."),
	[PUBLISHED_IN_USE] =
		RULE("SQN-12", ERROR, "3GPP TS 35.208, TS 35.233, TS 34.108, GSMA TS.48",
		     "no card in use has a key that is printed in a standard",
		     "The card's key is a published one: anybody computes its keys and is its "
		     "network.",
		     "Take the card out of use; find out which others were made so."),
	[PUBLISHED] = RULE("SQN-13", INFO, "3GPP TS 35.208, TS 35.233, TS 34.108, GSMA TS.48",
			   "a card's key is its own",
			   "The card has a key that is printed in a standard, as test cards have.",
			   "Use it with test networks alone."),
};

/* An application's numbers, as far as they were seen. */
struct numbers {
	struct sqn_array taken;
	bool has_taken;
	struct audit_spot last_taken;
	bool has_auts; /* a genuine one, and no challenge since */
	uint64_t sqn_ms;
	struct audit_spot auts_at;
	/* SQN xor AK of the challenge before, as a number */
	bool has_field, is_plain;
	uint64_t field;
	unsigned small_steps;
};

/* A subscription, by what it came into use with: its challenges of no key that is known. */
struct sequence_user {
	uint32_t print;
	unsigned unknown[APPS];
};

/* What a subscription had come to when its card was removed, by its key. */
struct sequence_kept {
	char name[KEYS_NAME_MAX];
	struct numbers numbers[APPS];
};

struct sequence {
	struct numbers numbers[APPS];
	struct sequence_kept kept[KEPT];
	unsigned next_kept;
	struct sequence_user users[USERS];
	unsigned user, user_count; /* the one in use; all that were seen */
	struct aka_key *key;	   /* that fits; NULL: none yet */
	enum aka_algorithm algorithm;
	char name[KEYS_NAME_MAX];
	bool is_own; /* the key is given, and none that many test cards have */
	bool told_unfit;
	const char *published; /* its name; not told yet */
	bool told_published;
	const struct audit_card *card;
	struct audit_spot published_at;
};

static struct numbers sequence_start(void)
{
	struct numbers n = {.taken = SQN_ARRAY_NEW};

	n.taken.has_delta = false;
	return n;
}

static void sequence_forget(struct sequence *q)
{
	aka_key_free(&q->key);
	for (unsigned i = 0; i < APPS; i++)
		q->numbers[i] = sequence_start();
	*q->name = 0;
	q->told_unfit = q->is_own = false;
}

static struct sequence_kept *sequence_find_kept(struct sequence *q)
{
	for (unsigned i = 0; i < KEPT; i++) {
		if (strcmp(q->kept[i].name, q->name) == 0)
			return &q->kept[i];
	}
	return NULL;
}

/* TS 33.102 6.3.3: a card keeps its numbers without power; its key tells that it is this one. */
static void sequence_keep(struct sequence *q)
{
	struct sequence_kept *k;

	if (!q->key || !q->is_own || !*q->name)
		return;
	k = sequence_find_kept(q);
	if (!k)
		k = &q->kept[q->next_kept++ % KEPT];
	memcpy(k->name, q->name, sizeof(k->name));
	memcpy(k->numbers, q->numbers, sizeof(k->numbers));
}

static void sequence_bind(struct sequence *q, struct aka_key *key, const char *name,
			  enum aka_algorithm algorithm)
{
	bool is_other = strncmp(q->name, name, sizeof(q->name) - 1) != 0;

	if (is_other)
		sequence_forget(q);
	aka_key_free(&q->key);
	q->key = key;
	q->algorithm = algorithm;
	memcpy(q->name, name, strnlen(name, sizeof(q->name) - 1) + 1);
	q->name[sizeof(q->name) - 1] = 0;
	if (is_other && sequence_find_kept(q))
		memcpy(q->numbers, sequence_find_kept(q)->numbers, sizeof(q->numbers));
}

/* Whether it fits; the key, where it does. */
static struct aka_key *sequence_try(struct aka_parameters p, const struct audit_vector *v,
				    struct audit_fit *fit)
{
	struct aka_key *key = audit_fit_open(p, v);

	if (key && audit_fit_of(key, v, fit) && audit_fit_holds(fit))
		return key;
	aka_key_free(&key);
	return NULL;
}

static const char *published_name(struct aka_parameters p)
{
	struct aka_parameters other;

	for (size_t i = 0; i < aka_published_count(); i++) {
		const char *name = aka_published(i, &other);

		if (other.algorithm == p.algorithm && slice_equal(other.k, p.k) &&
		    (p.algorithm == AKA_XOR || slice_equal(other.opc, p.opc)))
			return name;
	}
	return NULL;
}

static void sequence_note_published(struct sequence *q, const struct audit_step *s,
				    const char *name)
{
	if (!name || q->published || q->told_published)
		return;
	q->published = name;
	q->published_at = s->spot;
}

static bool sequence_try_given(const struct trace_keys *keys, struct sequence *q,
			       const struct audit_step *s, const struct audit_vector *v,
			       struct audit_fit *fit)
{
	for (size_t i = 0; i < keys_card_count(keys); i++) {
		const struct key_row *k = keys_card_at(keys, i);
		struct aka_parameters p = audit_fit_parameters(k);
		struct aka_key *key = sequence_try(p, v, fit);

		if (!key)
			continue;
		sequence_bind(q, key, k->name, p.algorithm);
		q->is_own = !published_name(p);
		sequence_note_published(q, s, published_name(p));
		return true;
	}
	return false;
}

/* One challenge tells what a key is not; where the card got another one unseen, that is found by
 * the 4th, the 16th and so on. */
static bool sequence_is_due(struct sequence *q, const struct audit_vector *v)
{
	unsigned i = ++q->users[q->user].unknown[v->is_isim];

	return (v->autn.len || v->res.len) && !(i & (i - 1)) && __builtin_ctz(i) % 2 == 0;
}

static bool sequence_try_published(struct audit_run *r, struct sequence *q,
				   const struct audit_step *s, const struct audit_vector *v,
				   struct audit_fit *fit)
{
	struct aka_parameters p;
	const char *name;
	struct aka_key *key;

	if (!sequence_is_due(q, v))
		return false;
	name = audit_fit_published(audit_published(r), v, &p, fit);
	key = name ? audit_fit_open(p, v) : NULL;
	if (!key)
		return false;
	sequence_bind(q, key, name, p.algorithm);
	sequence_note_published(q, s, name);
	return true;
}

/* A card that refuses a challenge may have another key; it must not if one alone is given. */
static bool sequence_is_only_key(const struct trace_keys *keys, struct sequence *q,
				 const struct audit_vector *v, struct audit_fit *fit)
{
	struct aka_key *key = NULL;
	bool found;

	if (!q->key && keys_card_count(keys) == 1)
		key = sequence_try(audit_fit_parameters(keys_card_at(keys, 0)), v, fit);
	if (key)
		memcpy(q->name, keys_card_at(keys, 0)->name, sizeof(q->name));
	found = key;
	aka_key_free(&key);
	return found;
}

/* The key that this challenge or answer is of; false: none that is known. */
static bool sequence_find_key(struct audit_run *r, struct sequence *q, const struct audit_step *s,
			      const struct audit_vector *v, struct audit_fit *fit)
{
	const struct trace_keys *keys = audit_given(r)->keys;
	struct audit_fit own = {0};
	bool computed = q->key && audit_fit_of(q->key, v, &own);

	if (computed && (audit_fit_holds(&own) || v->context == VECTOR_2G)) {
		*fit = own;
		return audit_fit_holds(&own);
	}
	if (v->outcome == VECTOR_MAC)
		return sequence_is_only_key(keys, q, v, fit);
	if (sequence_try_given(keys, q, s, v, fit) || sequence_try_published(r, q, s, v, fit))
		return true;
	/* a card that refuses a challenge of none of its keys is right */
	if (keys_card_count(keys) && v->context != VECTOR_2G && !q->told_unfit &&
	    (v->outcome == VECTOR_SYNC || (v->outcome == VECTOR_ACCEPTED && v->res.len))) {
		q->told_unfit = true;
		audit_find(r, &rules[NO_KEY_FITS], &s->spot, "none of %zu keys",
			   keys_card_count(keys));
	}
	return false;
}

static void sequence_judge_answer(struct audit_run *r, struct sequence *q,
				  const struct audit_step *s, const struct audit_vector *v,
				  const struct audit_fit *f)
{
	bool accepted = v->outcome == VECTOR_ACCEPTED;

	if (f->has_answer && f->answer_right && f->has_sqn && !f->mac_right)
		audit_find(r, &rules[FORGED_TAKEN], &s->spot,
			   "by key %s the MAC is wrong, and the card answered RES", q->name);
	if (accepted && f->has_answer && !f->answer_right)
		audit_find(r, &rules[ANSWER_OF_NOBODY], &s->spot, "not what key %s gives", q->name);
	if (v->outcome == VECTOR_MAC && f->mac_right && !q->told_unfit) {
		q->told_unfit = true;
		audit_find(r, &rules[NO_KEY_FITS], &s->spot,
			   "by key %s the MAC is right, and the card says it is wrong", q->name);
	}
	if (f->has_auts && f->mac_right && !f->auts_right)
		audit_find(r, &rules[AUTS_OF_NOBODY], &s->spot, "not of key %s", q->name);
}

static void sequence_accept(struct audit_run *r, struct numbers *n, const struct audit_step *s,
			    uint64_t sqn)
{
	struct audit_spot pair[2] = {n->last_taken, s->spot};
	unsigned bits = n->taken.ind_bits;
	uint64_t seq = sqn_seq(sqn, bits), last = sqn_highest(&n->taken);
	uint64_t high = sqn_seq(last, bits);

	if (n->has_taken && !sqn_fresh(&n->taken, sqn))
		audit_find_pair(r, &rules[OLD_TAKEN], pair,
				"%llu was taken before, or a higher one", (unsigned long long)sqn);
	else if (n->has_taken && seq > high && seq - high > SQN_DELTA)
		audit_find_pair(r, &rules[JUMPED], pair, "SEQ %llu, and %llu before",
				(unsigned long long)seq, (unsigned long long)high);
	if (!n->has_taken || sqn_fresh(&n->taken, sqn))
		sqn_accept(&n->taken, sqn);
	n->has_taken = true;
	n->last_taken = s->spot;
}

/* The card refuses the number; by a genuine AUTS it says where it is. */
static void sequence_refuse(struct audit_run *r, struct numbers *n, const struct audit_step *s,
			    const struct audit_fit *f)
{
	struct audit_spot pair[2] = {n->last_taken, s->spot};
	unsigned bits = n->taken.ind_bits;
	uint64_t seq = sqn_seq(f->sqn, bits), ms = sqn_seq(f->sqn_ms, bits);

	if (n->has_taken && !sqn_fresh(&n->taken, f->sqn))
		audit_find_pair(r, &rules[WENT_BACK], pair, "%llu was used before, or a higher one",
				(unsigned long long)f->sqn);
	if (!f->auts_right)
		return;
	if (n->has_taken && ms < sqn_seq(sqn_highest(&n->taken), bits))
		audit_find_pair(r, &rules[CARD_WENT_BACK], pair, "SEQ %llu, and %llu before",
				(unsigned long long)ms,
				(unsigned long long)sqn_seq(sqn_highest(&n->taken), bits));
	if (seq > ms && seq - ms <= SQN_DELTA)
		audit_find(r, &rules[FRESH_REFUSED], &s->spot, "SEQ %llu, the card is at %llu",
			   (unsigned long long)seq, (unsigned long long)ms);
	if (seq > ms && seq - ms > SQN_DELTA)
		audit_find(r, &rules[JUMPED], &s->spot, "SEQ %llu, the card is at %llu",
			   (unsigned long long)seq, (unsigned long long)ms);
	n->has_auts = true;
	n->sqn_ms = f->sqn_ms;
	n->auts_at = s->spot;
}

static void sequence_judge_number(struct audit_run *r, struct numbers *n,
				  const struct audit_step *s, const struct audit_vector *v,
				  const struct audit_fit *f)
{
	struct audit_spot pair[2] = {n->auts_at, s->spot};
	unsigned bits = n->taken.ind_bits;

	if (n->has_auts && sqn_seq(f->sqn, bits) <= sqn_seq(n->sqn_ms, bits)) {
		audit_find_pair(r, &rules[AUTS_IGNORED], pair, "SEQ %llu, the card is at %llu",
				(unsigned long long)sqn_seq(f->sqn, bits),
				(unsigned long long)sqn_seq(n->sqn_ms, bits));
		/* the card had said itself that this place of its array is beyond it */
		if (v->outcome == VECTOR_ACCEPTED &&
		    sqn_ind(f->sqn, bits) == sqn_ind(n->sqn_ms, bits))
			audit_find_pair(r, &rules[OLD_TAKEN], pair,
					"%llu, and by its AUTS the card was at %llu",
					(unsigned long long)f->sqn, (unsigned long long)n->sqn_ms);
	}
	n->has_auts = false;
	if (v->outcome == VECTOR_ACCEPTED)
		sequence_accept(r, n, s, f->sqn);
	else if (v->outcome == VECTOR_SYNC)
		sequence_refuse(r, n, s, f);
}

/* AK is zero where the field counts up as SQN does: of random ones two of 2^40 look so. */
static bool sequence_is_plain(struct audit_run *r, struct numbers *n, const struct audit_step *s,
			      uint64_t field)
{
	uint64_t step = field - n->field;

	if (n->is_plain)
		return true;
	n->small_steps =
		n->has_field && field > n->field && step <= PLAIN_STEP ? n->small_steps + 1 : 0;
	n->is_plain =
		field < PLAIN_LOW || n->small_steps >= 2 || (n->small_steps && field < PLAIN_MID);
	if (n->is_plain)
		audit_find(r, &rules[NOT_HIDDEN], &s->spot, "SQN %llu is in clear",
			   (unsigned long long)field);
	n->has_field = true;
	n->field = field;
	return n->is_plain;
}

static void sequence_take(struct audit_run *r, struct sequence *q, const struct audit_step *s,
			  const struct audit_vector *v)
{
	struct audit_fit f = {0};
	struct numbers *n = &q->numbers[v->is_isim];
	bool known = sequence_find_key(r, q, s, v, &f);

	if (known)
		sequence_judge_answer(r, q, s, v, &f);
	if (v->context == VECTOR_2G)
		return;
	/* the test algorithm takes any number, TS 34.108 8.1.2 */
	if (known && f.mac_right && q->algorithm != AKA_XOR) {
		sequence_judge_number(r, n, s, v, &f);
	} else if (!known) {
		f = (struct audit_fit){.sqn = slice_uint(slice_sub(v->autn, 0, AKA_SQN_LEN), 6)};
		if (v->outcome != VECTOR_MAC && sequence_is_plain(r, n, s, f.sqn))
			sequence_judge_number(r, n, s, v, &f);
	}
}

/* A published key is an error as soon as the trace says that the card is in use. */
static void sequence_tell_published(struct audit_run *r, struct sequence *q)
{
	bool in_use;

	if (!q->published)
		return;
	in_use = audit_claims_production(r, q->card);
	q->told_published = true;
	audit_find(r, &rules[in_use ? PUBLISHED_IN_USE : PUBLISHED], &q->published_at,
		   "the key is that of %s", q->published);
	q->published = NULL;
}

/* Another key is in use: that of before, or a new one. */
static void sequence_use(struct sequence *q, uint32_t print)
{
	unsigned i = 0;

	while (i < USERS && q->users[i].print != print)
		i++;
	if (i == USERS) {
		i = ++q->user_count % USERS;
		q->users[i] = (struct sequence_user){.print = print};
	}
	q->user = i;
}

static void sequence_switch(struct sequence *q, const struct audit_step *s)
{
	sequence_forget(q);
	q->told_published = false;
	if (s->tag == SGP22_TAG_DELETE_PROFILE || s->tag == SGP22_TAG_MEMORY_RESET) {
		memset(q->users, 0, sizeof(q->users));
		memset(q->kept, 0, sizeof(q->kept));
	}
	sequence_use(q, print_of_octets(s->tag, s->x->apdu.data));
}

/* By what came, another key may be in use from here on. */
static void sequence_follow(struct sequence *q, const struct audit_step *s)
{
	if (s->switched)
		sequence_switch(q, s);
	else if (s->may_change) /* written to, so that nobody knows what it was */
		q->users[q->user] = (struct sequence_user){0};
	else if (s->tag == KRA_TAG_GRANT && audit_grant_outcome(s) == AUDIT_GRANT_TAKEN)
		sequence_use(q, ~q->users[q->user].print);
}

static void sequence_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct sequence *q = state;
	const struct audit_vector *v = s->vector;

	if (!q->card)
		sequence_forget(q);
	q->card = s->card;
	sequence_follow(q, s);
	if (v && (v->outcome == VECTOR_ACCEPTED || v->outcome == VECTOR_SYNC ||
		  v->outcome == VECTOR_MAC))
		sequence_take(r, q, s, v);
	if (q->published && audit_claims_production(r, s->card))
		sequence_tell_published(r, q);
}

static void sequence_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	if (e->kind != TRACE_REMOVED)
		return;
	sequence_tell_published(r, state);
	sequence_keep(state);
	sequence_forget(state);
	((struct sequence *)state)->told_published = false;
}

static void sequence_end(struct audit_run *r, void *state)
{
	sequence_tell_published(r, state);
}

static void sequence_close(void *state)
{
	struct sequence *q = state;

	aka_key_free(&q->key);
}

const struct audit_family audit_sequence = {
	.about = "Sequence numbers and answers, by the card's key",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct sequence),
	.step = sequence_step,
	.event = sequence_event,
	.end = sequence_end,
	.close = sequence_close,
};
