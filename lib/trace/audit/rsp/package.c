/* package: BPP, the pieces of a bound profile package (SGP.22 v2.5 2.5.5, 2.5.6, 5.7.6) */
#include <string.h>

#include "lib/base/print.h"
#include "lib/base/tlv.h"
#include "lib/rsp/es8p.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/rsp/es10.h"

enum {
	BPP_ORDER,
	BPP_MISSING,
	BPP_DOUBLED,
	BPP_TOO_MUCH,
	BPP_BROKEN_OFF,
	BPP_LONG,
	BPP_GOES_ON,
	BPP_BLOCKS
};

static const struct finding_rule rules[] = {
	[BPP_ORDER] = RULE(
		"BPP-01", WARNING, "SGP.22 v2.5 2.5.5, 5.5",
		"the pieces of a package come in their order",
		"InitialiseSecureChannel, ConfigureISDP, StoreMetadata, perhaps ReplaceSessionKeys "
		"and the profile elements follow each other; another order breaks the chain of "
		"MACs, and the eUICC refuses the package.",
		"Send the pieces as the server's package has them."),
	[BPP_MISSING] = RULE(
		"BPP-02", WARNING, "SGP.22 v2.5 2.5.5", "no piece of a package is missing",
		"A sequence announced more octets than came: a segment was left out on the way.",
		"Send the pieces as the server's package has them."),
	[BPP_DOUBLED] = RULE(
		"BPP-03", WARNING, "SGP.22 v2.5 2.5.5", "no piece of a package is sent twice",
		"A segment that was answered came again, octet for octet: each has a MAC of its "
		"own place, and the second one cannot fit.",
		"Repeat a command only when it got no answer."),
	[BPP_TOO_MUCH] =
		RULE("BPP-04", WARNING, "SGP.22 v2.5 2.5.5",
		     "a sequence has no more octets than it announced",
		     "More segments came than the sequence in front of them said: something was "
		     "inserted.",
		     "Send the pieces as the server's package has them."),
	[BPP_BROKEN_OFF] = RULE(
		"BPP-05", WARNING, "SGP.22 v2.5 2.5.6, 3.1.3.3",
		"a package that was begun is sent to its end",
		"The pieces stop before the end of the package, and the eUICC had not refused "
		"it: it discards the profile, and the server learns nothing.",
		"Send the rest, or CancelSession (loadBppExecutionError) and the notification."),
	[BPP_LONG] =
		RULE("BPP-06", WARNING, "SGP.22 v2.5 2.5.4", "a segment has at most 1020 octets",
		     "A longer segment need not be taken by an eUICC.",
		     "The server cuts the profile into segments of up to 1020 octets."),
	[BPP_GOES_ON] =
		RULE("BPP-07", WARNING, "SGP.22 v2.5 2.5.6, 5.7.6",
		     "nothing is sent behind a result of the installation",
		     "The eUICC had said what became of the package, and more pieces of it came: "
		     "the LPA does not look at the answers.",
		     "Stop at the first answer that has ProfileInstallationResult."),
	[BPP_BLOCKS] = RULE(
		"BPP-08", WARNING, "SGP.22 v2.5 5.7.2",
		"the blocks of a message come once each and in their order",
		"STORE DATA numbers the blocks of a message in P2: one was left out, came twice, "
		"or they were mixed.",
		"Number the blocks of each message from 00, and send each once."),
};

enum bpp_stage {
	BPP_NONE,
	BPP_OPENED,	/* BF36, BF23 */
	BPP_CONFIGURED, /* A0 */
	BPP_METADATA,	/* A1, and 88 */
	BPP_REPLACED,	/* A2 */
	BPP_ELEMENTS,	/* A3, and 86 */
	BPP_ENDED	/* the eUICC has given its result */
};

struct bpp {
	enum bpp_stage stage;
	struct audit_spot began, sequence_at;
	uint64_t announced, came; /* of the sequence at hand, A1 or A3 */
	bool has_last, last_answered;
	uint64_t last;
	struct audit_spot last_at;
	bool told_long, told_order;
};

/* What a piece is, and the stage that it needs; BPP_NONE: no piece. */
static enum bpp_stage bpp_stage_of(uint32_t tag, enum bpp_stage *needs)
{
	switch (tag) {
	case SGP22_TAG_BOUND_PROFILE_PACKAGE: *needs = BPP_NONE; return BPP_OPENED;
	case RSP_BoundProfilePackage_firstSequenceOf87: *needs = BPP_OPENED; return BPP_CONFIGURED;
	case RSP_BoundProfilePackage_sequenceOf88: *needs = BPP_CONFIGURED; return BPP_METADATA;
	case ES8P_TAG_METADATA: *needs = BPP_METADATA; return BPP_METADATA;
	case RSP_BoundProfilePackage_secondSequenceOf87: *needs = BPP_METADATA; return BPP_REPLACED;
	case RSP_BoundProfilePackage_sequenceOf86: *needs = BPP_REPLACED; return BPP_ELEMENTS;
	case ES8P_TAG_PROFILE: *needs = BPP_ELEMENTS; return BPP_ELEMENTS;
	default: return BPP_NONE;
	}
}

static const char *bpp_name(const struct audit_step *s)
{
	const char *name = es10_function(s->tag);

	return name ? name : "STORE DATA";
}

static void bpp_judge_sequence(struct audit_run *r, const struct bpp *st,
			       const struct audit_spot *at)
{
	const struct audit_spot pair[2] = {st->sequence_at, *at};

	if (st->came < st->announced)
		audit_find_pair(r, &rules[BPP_MISSING], pair, "%llu of %llu octets came",
				(unsigned long long)st->came, (unsigned long long)st->announced);
}

/* A sequence begins: what is left of its octets behind the header is in this piece. */
static void bpp_open_sequence(struct bpp *st, const struct audit_step *s)
{
	struct cursor c = cursor_of(s->x->apdu.data);
	uint32_t tag;
	size_t len = 0;

	(void)tlv_header(&c, &tag, &len);
	st->announced = len;
	st->came = cursor_left(&c);
	st->sequence_at = s->spot;
}

static void bpp_take_segment(struct audit_run *r, struct bpp *st, const struct audit_step *s)
{
	const struct audit_spot pair[2] = {st->sequence_at, s->spot};
	uint64_t before = st->came;

	st->came += s->x->apdu.data.len;
	if (st->came > st->announced && before <= st->announced)
		audit_find_pair(r, &rules[BPP_TOO_MUCH], pair, "%llu octets, %llu were announced",
				(unsigned long long)st->came, (unsigned long long)st->announced);
	if (s->x->apdu.data.len > ES8P_SEGMENT_MAX && !st->told_long) {
		audit_find(r, &rules[BPP_LONG], &s->spot, "%zu octets", s->x->apdu.data.len);
		st->told_long = true;
	}
}

/* The same piece as the one before: true when it need not be judged as another. */
static bool bpp_is_again(struct audit_run *r, struct bpp *st, const struct audit_step *s)
{
	const struct audit_spot pair[2] = {st->last_at, s->spot};
	uint64_t print = print_octets(0, s->x->apdu.data);
	bool again = st->has_last && print == st->last;

	if (again && st->last_answered)
		audit_find_pair(r, &rules[BPP_DOUBLED], pair, "%s", bpp_name(s));
	st->last = print;
	st->has_last = true;
	st->last_answered = s->x->has_sw;
	st->last_at = s->spot;
	return again;
}

static void bpp_begin(struct audit_run *r, struct bpp *st, const struct audit_step *s)
{
	if (st->stage != BPP_NONE && st->stage != BPP_ENDED)
		audit_find(r, &rules[BPP_BROKEN_OFF], &st->began, "another package begins");
	*st = (struct bpp){.stage = BPP_OPENED,
			   .began = s->spot,
			   .has_last = st->has_last,
			   .last = st->last,
			   .last_answered = st->last_answered,
			   .last_at = st->last_at};
}

static void bpp_judge_order(struct audit_run *r, struct bpp *st, const struct audit_step *s,
			    enum bpp_stage needs)
{
	const struct audit_spot pair[2] = {st->began, s->spot};
	bool fits = st->stage == needs ||
		    (needs == BPP_REPLACED && st->stage == BPP_METADATA); /* A2 is optional */

	if (st->stage == BPP_ENDED)
		audit_find_pair(r, &rules[BPP_GOES_ON], pair, "%s", bpp_name(s));
	else if (!fits && !st->told_order)
		audit_find_pair(r, &rules[BPP_ORDER], pair, "%s is out of order", bpp_name(s));
	else
		return;
	st->told_order = st->stage != BPP_ENDED;
}

static void bpp_take_piece(struct audit_run *r, struct bpp *st, const struct audit_step *s,
			   enum bpp_stage now)
{
	bool opens = s->tag == RSP_BoundProfilePackage_sequenceOf88 ||
		     s->tag == RSP_BoundProfilePackage_sequenceOf86;
	bool fits = !st->told_order && st->stage != BPP_ENDED;

	if (fits && st->stage == BPP_METADATA && now > BPP_METADATA)
		bpp_judge_sequence(r, st, &s->spot);
	if (opens)
		bpp_open_sequence(st, s);
	else if (fits && (s->tag == ES8P_TAG_METADATA || s->tag == ES8P_TAG_PROFILE))
		bpp_take_segment(r, st, s);
	if (st->stage != BPP_ENDED)
		st->stage = now;
}

/* The result ends it; so does a status word that is none of success. */
static void bpp_take_answer(struct bpp *st, const struct audit_step *s)
{
	bool has_result = es10_tag(s->x->answer) == SGP22_TAG_PROFILE_INSTALLATION_RESULT;

	if (st->stage == BPP_NONE || st->stage == BPP_ENDED)
		return;
	if (has_result || !s->good) {
		st->stage = BPP_ENDED;
	} else if (st->stage == BPP_ELEMENTS && st->came >= st->announced && st->announced) {
		/* the end, and no result: the answer was not recorded, or not fetched */
		st->stage = BPP_NONE;
	}
}

static void bpp_judge_blocks(struct audit_run *r, const struct audit_step *s)
{
	for (unsigned i = 0; i < s->x->remark_count; i++) {
		if (strstr(s->x->remarks[i], "block"))
			audit_find(r, &rules[BPP_BLOCKS], &s->spot, "%s: %s", bpp_name(s),
				   s->x->remarks[i]);
	}
}

static void bpp_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	enum bpp_stage needs = BPP_NONE, now;
	struct bpp *st = state;
	bool again;

	if (s->id == COMMAND_STORE_DATA && s->x->remark_count)
		bpp_judge_blocks(r, s);
	if (!s->tag)
		return;
	now = bpp_stage_of(s->tag, &needs);
	if (now == BPP_NONE) {
		if (s->tag == SGP22_TAG_CANCEL_SESSION)
			st->stage = BPP_NONE;
		return;
	}
	/* nobody knows how it ended, or whether it comes again */
	if (!s->x->has_sw)
		st->stage = BPP_NONE;
	/* a trace that begins in the middle of a package */
	if (!s->x->has_sw || (st->stage == BPP_NONE && now != BPP_OPENED))
		return;
	again = bpp_is_again(r, st, s);
	if (now == BPP_OPENED && !(again && st->stage == BPP_OPENED)) {
		bpp_begin(r, st, s);
	} else if (!again) {
		bpp_judge_order(r, st, s, needs);
		bpp_take_piece(r, st, s, now);
	}
	bpp_take_answer(st, s);
}

static void bpp_stop(struct audit_run *r, struct bpp *st, const char *why)
{
	if (st->stage != BPP_NONE && st->stage != BPP_ENDED)
		audit_find(r, &rules[BPP_BROKEN_OFF], &st->began, "%s", why);
	*st = (struct bpp){.stage = BPP_NONE};
}

static void bpp_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		bpp_stop(r, state, "the card was reset in between");
}

static void bpp_end(struct audit_run *r, void *state)
{
	bpp_stop(r, state, "the trace ends before its end");
}

static const enum command_id bpp_takes[] = {COMMAND_STORE_DATA};

const struct audit_family audit_package = {
	.about = "Pieces of a bound profile package",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct bpp),
	.takes = bpp_takes,
	.take_count = ARRAY_LEN(bpp_takes),
	.step = bpp_step,
	.event = bpp_event,
	.end = bpp_end,
};
