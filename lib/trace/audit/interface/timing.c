/*
 * timing: TIM, what can be told from times. A trace has the time at which an exchange began, and
 * nothing of when it was answered: from one to the next is what the card took and what the host
 * waited. So only commands are measured that the same command follows, as they do in a burst.
 */
#include <inttypes.h>

#include "lib/rsp/rsp.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"

#define MS	     1000000
#define BACK_MIN     (1 * MS) /* less is what recorders with threads do */
#define GAP_MIN	     (120 * INT64_C(1000) * MS)
#define STEPS	     4	 /* of an octave, in a histogram */
#define BUCKETS	     112 /* from 1 us to four minutes */
#define KNOWN_MIN    32	 /* samples of a kind, before one stands out */
#define SLOW_MIN     (500 * MS)
#define SLOW_FACTOR  16 /* over what 19 of 20 take */
#define RESULTS_MIN  8	/* samples of each result */
#define BURST	     20 /* AUTHENTICATEs ... */
#define BURST_WITHIN (10 * INT64_C(1000) * MS)
#define BURST_BLIND  32 /* ... or so many in a row, where there are no times */
#define TEARS_MIN    2

enum { TIMING_BACK, TIMING_SLOW, TIMING_TORN, TIMING_CODE, TIMING_AUTH, TIMING_BURST, TIMING_GAP };

static const struct finding_rule rules[] = {
	[TIMING_BACK] =
		RULE("TIM-01", WARNING, "docs/trace.md", "times rise from one exchange to the next",
		     "The time goes back: a clock was set, traces were put together, or exchanges "
		     "were moved. Whatever is judged by time is not to be trusted from here on.",
		     "Record with a clock that only rises; 'trace verify' tells whether a sealed "
		     "trace was changed."),
	[TIMING_SLOW] =
		RULE("TIM-02", INFO, "ETSI TS 102 221 7.2.2",
		     "a command takes about as long as others of its kind",
		     "From this command to the next one, of the same kind, it took many times as "
		     "long as it does otherwise. A trace has no time of the answer: it was the "
		     "card, or the host waited.",
		     "See what the card did: a write to worn memory, a retry, a refresh."),
	[TIMING_TORN] =
		RULE("TIM-03", WARNING, "ETSI TS 102 221 9.5, 6.2",
		     "a card has its power until it has answered",
		     "More than once the power went, or a reset came, while the card judged a code "
		     "or a challenge: who cuts it before the counter is written may try for ever.",
		     "Find out who resets it; a card counts down before it compares."),
	[TIMING_CODE] =
		RULE("TIM-04", INFO, "ISO 15408 (side channels), ETSI TS 102 221 11.1.9",
		     "a wrong code takes as long as a right one",
		     "The times of wrong and right codes lie clearly apart: who measures them "
		     "knows the result before the counter is written, or learns about the code.",
		     "Measure at the card; compare codes in constant time, and write the counter "
		     "first."),
	[TIMING_AUTH] =
		RULE("TIM-05", INFO, "3GPP TS 33.102 6.3.3, ISO 15408 (side channels)",
		     "an AUTHENTICATE takes as long whatever comes of it",
		     "The times of its results lie clearly apart. That a MAC failure and a "
		     "synchronisation failure differ lets somebody tell a subscriber from others.",
		     "Measure at the card; make both failures take as long as a success."),
	[TIMING_BURST] =
		RULE("TIM-06", WARNING, "3GPP TS 33.102 6.3",
		     "an AUTHENTICATE comes when a network asks for it",
		     "So many in such a short time no network asks for: somebody uses the card as "
		     "an oracle, to collect results or to attack its key.",
		     "Find out who does it; a card may limit how many it answers."),
	[TIMING_GAP] =
		RULE("TIM-07", INFO, "SGP.22 v2.5 3.1.3, GlobalPlatform 10",
		     "a secure session has no long pause",
		     "Keys and state of the session stayed open in card and host for minutes, in "
		     "which nothing came.",
		     "End sessions that are not continued; look what the host waited for."),
};

struct histogram {
	uint32_t of[BUCKETS];
	uint32_t count;
};

enum result { RESULT_GOOD, RESULT_BAD, RESULT_SYNC, RESULTS };

struct last {
	bool is; /* there is one */
	enum command_id id;
	enum result result;
	struct audit_spot at;
};

struct timing {
	struct audit_spot newest; /* of what came in the order of the trace */
	bool has_newest;
	int64_t step_ns; /* all times are multiples of it */
	struct last last;
	struct histogram kinds[COMMAND_COUNT];
	struct histogram codes[RESULTS], auths[RESULTS];
	int64_t burst[BURST]; /* when the last AUTHENTICATEs came */
	unsigned burst_at, burst_count, in_row;
	bool told_burst, is_secure, is_silent;
	unsigned torn;
	struct audit_spot silent, first_torn;
};

static unsigned bucket_of(int64_t ns)
{
	uint64_t us = ns < 1000 ? 1 : (uint64_t)ns / 1000;
	unsigned octave = 63 - (unsigned)__builtin_clzll(us);
	/* the two bits behind the first one */
	unsigned rest = (unsigned)(octave > 1 ? us >> (octave - 2) : us << (2 - octave)) & 3;
	unsigned n = octave * STEPS + rest;

	return n < BUCKETS ? n : BUCKETS - 1;
}

/* The least time of a bucket. */
static int64_t bucket_ns(unsigned bucket)
{
	uint64_t us = (uint64_t)(4 + bucket % STEPS) << (bucket / STEPS);

	return (int64_t)(us / 4) * 1000;
}

/* So many of a hundred samples are at most in this bucket. */
static unsigned percentile(const struct histogram *h, unsigned hundredths)
{
	uint64_t sum = 0, want = ((uint64_t)h->count * hundredths + 99) / 100;

	for (unsigned i = 0; i < BUCKETS; i++) {
		sum += h->of[i];
		if (sum >= want && sum)
			return i;
	}
	return BUCKETS - 1;
}

static void put_sample(struct histogram *h, int64_t ns)
{
	h->of[bucket_of(ns)]++;
	h->count++;
}

/* What waits for people, or for the network */
static bool is_paced(enum command_id id)
{
	switch (id) {
	case COMMAND_STATUS:
	case COMMAND_GSM_STATUS:
	case COMMAND_FETCH:
	case COMMAND_GSM_FETCH:
	case COMMAND_TERMINAL_RESPONSE:
	case COMMAND_GSM_TERMINAL_RESPONSE:
	case COMMAND_ENVELOPE:
	case COMMAND_GSM_ENVELOPE:
	case COMMAND_AUTHENTICATE:
	case COMMAND_GSM_RUN_ALGORITHM: return true;
	default: return command_table[id].secret == COMMAND_HIDES_DATA;
	}
}

static void judge_slow(struct audit_run *r, struct timing *f, int64_t ns)
{
	const struct histogram *h = &f->kinds[f->last.id];
	int64_t usual;

	if (ns < SLOW_MIN || h->count < KNOWN_MIN || is_paced(f->last.id))
		return;
	usual = bucket_ns(percentile(h, 95) + 1);
	if (ns / SLOW_FACTOR > usual)
		audit_find(r, &rules[TIMING_SLOW], &f->last.at,
			   "%s: %" PRId64 " ms, of others 19 in 20 less than %" PRId64 ".%03u ms",
			   command_table[f->last.id].name, ns / MS, usual / MS,
			   (unsigned)(usual / 1000 % 1000));
}

static bool is_auth(enum command_id id)
{
	return id == COMMAND_AUTHENTICATE || id == COMMAND_GSM_RUN_ALGORITHM;
}

static bool is_verify(enum command_id id)
{
	return id == COMMAND_VERIFY_PIN || id == COMMAND_GSM_VERIFY_CHV;
}

static void take_sample(struct audit_run *r, struct timing *f, const struct audit_step *s)
{
	int64_t ns = exchange_between(f->last.at.time_ns, s->spot.time_ns);

	/* in between is what another channel did, or what is not a command */
	if (!f->last.is || !f->last.at.has_time || !s->spot.has_time || f->last.id != s->id ||
	    s->id >= COMMAND_COUNT || ns < 0 || s->x->first.number <= f->last.at.last)
		return;
	judge_slow(r, f, ns);
	put_sample(&f->kinds[s->id], ns);
	if (is_verify(s->id))
		put_sample(&f->codes[f->last.result], ns);
	else if (is_auth(s->id))
		put_sample(&f->auths[f->last.result], ns);
}

static enum result result_of(const struct audit_step *s)
{
	if (!s->good)
		return RESULT_BAD;
	if (s->id == COMMAND_AUTHENTICATE && slice_at(s->x->answer, 0) == AUTHENTICATE_SYNC_FAILURE)
		return RESULT_SYNC;
	return RESULT_GOOD;
}

static void judge_order(struct audit_run *r, struct timing *f, const struct audit_spot *at)
{
	int64_t back = exchange_between(at->time_ns, f->newest.time_ns);

	if (!at->has_time || (f->has_newest && at->place.number < f->newest.place.number))
		return;
	if (f->has_newest && back >= BACK_MIN) {
		struct audit_spot pair[2] = {f->newest, *at};

		audit_find_pair(r, &rules[TIMING_BACK], pair, "by %" PRId64 " ms", back / MS);
	}
	f->newest = *at;
	f->has_newest = true;
	f->step_ns = f->step_ns ? f->step_ns : 1000 * INT64_C(1000) * MS;
	while (f->step_ns > 1 && at->time_ns % f->step_ns)
		f->step_ns /= 10;
}

static void judge_burst(struct audit_run *r, struct timing *f, const struct audit_step *s)
{
	int64_t within;

	if (!is_auth(s->id)) {
		f->in_row = 0;
		return;
	}
	f->in_row++;
	if (!s->spot.has_time) {
		if (f->in_row == BURST_BLIND)
			audit_find(r, &rules[TIMING_BURST], &s->spot, "%u one after the other",
				   f->in_row);
		return;
	}
	f->burst[f->burst_at] = s->spot.time_ns;
	f->burst_at = (f->burst_at + 1) % BURST;
	f->burst_count += f->burst_count < BURST;
	within = exchange_between(f->burst[f->burst_at], s->spot.time_ns);
	if (f->burst_count < BURST || within > BURST_WITHIN || within < 0) {
		f->told_burst = false;
	} else if (!f->told_burst) {
		audit_find(r, &rules[TIMING_BURST], &s->spot, "%u in %" PRId64 " ms", BURST,
			   within / MS);
		f->told_burst = true;
	}
}

/* From the keys' agreement to the result, SGP.22 5.7.5 to 5.7.6, or to the session's end */
static void judge_gap(struct audit_run *r, struct timing *f, const struct audit_step *s)
{
	int64_t ns = f->last.is && f->last.at.has_time
			     ? exchange_between(f->last.at.time_ns, s->spot.time_ns)
			     : 0;

	if (s->x->wait_ns > ns)
		ns = s->x->wait_ns;
	if (f->is_secure && s->spot.has_time && ns >= GAP_MIN) {
		audit_find(r, &rules[TIMING_GAP], &s->spot, "%" PRId64 " s", ns / 1000 / MS);
		f->is_secure = false;
	}
	if (s->good &&
	    (s->tag == RSP_PrepareDownloadRequest || s->id == COMMAND_GP_EXTERNAL_AUTHENTICATE))
		f->is_secure = true;
	else if (s->tag == RSP_CancelSessionRequest || s->id == COMMAND_SELECT ||
		 slice_at(s->x->answer, 0) == RSP_ProfileInstallationResult >> 8)
		f->is_secure = false;
}

static void timing_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct timing *f = state;

	judge_order(r, f, &s->spot);
	judge_gap(r, f, s);
	judge_burst(r, f, s);
	take_sample(r, f, s);
	f->last = (struct last){true, s->id, result_of(s), s->spot};
	f->is_silent = !s->x->has_sw &&
		       (is_auth(s->id) ||
			(s->id < COMMAND_COUNT &&
			 command_table[s->id].secret == COMMAND_HIDES_DATA && s->x->apdu.data.len));
	f->silent = s->spot;
}

static void take_power(struct audit_run *r, struct timing *f)
{
	struct audit_spot pair[2] = {f->first_torn, f->silent};

	if (f->is_silent && ++f->torn == 1)
		f->first_torn = f->silent;
	else if (f->is_silent && f->torn == TEARS_MIN)
		audit_find_pair(r, &rules[TIMING_TORN], pair, "the second time");
	f->is_silent = f->is_secure = false;
	f->last.is = false;
}

static void timing_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct audit_spot at = audit_spot_of(e);
	struct timing *f = state;

	if (e->kind == TRACE_FAULT) {
		f->last.is = false;
		return;
	}
	judge_order(r, f, &at);
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		take_power(r, f);
}

/* Nearly all of one take clearly longer than nearly all of the other. */
static bool lie_apart(const struct timing *f, const struct histogram *a, const struct histogram *b)
{
	int64_t high, low;

	if (a->count < RESULTS_MIN || b->count < RESULTS_MIN)
		return false;
	high = bucket_ns(percentile(a, 90) + 1);
	low = bucket_ns(percentile(b, 10));
	return low > high + high / 4 && low - high > 2 * f->step_ns;
}

static void judge_results(struct audit_run *r, const struct timing *f,
			  const struct histogram *results, const struct finding_rule *rule)
{
	static const char *const names[RESULTS] = {"success", "failure", "synchronisation failure"};

	for (unsigned i = 0; i < RESULTS; i++) {
		for (unsigned k = 0; k < RESULTS; k++) {
			if (lie_apart(f, &results[i], &results[k]))
				audit_find(r, rule, &f->newest,
					   "%s %" PRId64 " us, %s %" PRId64 " us (medians)",
					   names[i], bucket_ns(percentile(&results[i], 50)) / 1000,
					   names[k], bucket_ns(percentile(&results[k], 50)) / 1000);
		}
	}
}

static void timing_end(struct audit_run *r, void *state)
{
	const struct timing *f = state;

	judge_results(r, f, f->codes, &rules[TIMING_CODE]);
	judge_results(r, f, f->auths, &rules[TIMING_AUTH]);
}

const struct audit_family audit_timing = {
	.about = "Times, as far as a trace tells them",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct timing),
	.step = timing_step,
	.event = timing_event,
	.end = timing_end,
};
