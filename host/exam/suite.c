#include "host/exam/suite.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/exam/cases/cases.h"
#include "host/exam/probe.h"
#include "host/exam/subject.h"
#include "tool/sys/cancel.h"
#include "tool/sys/wait.h"

#define GROUP_ROW(name) &exam_group_##name,
const struct exam_group *const exam_groups[] = {EXAM_GROUPS(GROUP_ROW)};
const size_t exam_group_count = ARRAY_LEN(exam_groups);

struct exam_session {
	struct exam x;
	struct watch *watch;
	struct exam_report report;
	struct exam_result *results;
};

#define NEED_ROW(name, bit, why) {name, why},
static const struct {
	unsigned need;
	const char *why;
} needs[] = {EXAM_NEED_TABLE(NEED_ROW)};

static bool matches(const struct exam_patterns *p, const struct exam_group *g, const char *id)
{
	for (size_t i = 0; i < p->count; i++) {
		if (strcmp(p->items[i], g->name) == 0 || fnmatch(p->items[i], id, 0) == 0)
			return true;
	}
	return false;
}

bool exam_is_wanted(const struct exam_plan *plan, const struct exam_group *g,
		    const struct exam_case *c)
{
	return (!plan->only.count || matches(&plan->only, g, c->rule.id)) &&
	       !matches(&plan->skip, g, c->rule.id);
}

static const char *missing(unsigned has, unsigned needed)
{
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if (needs[i].need & needed & ~has)
			return needs[i].why;
	}
	return NULL;
}

/* A result for each case that is wanted. */
static enum err lay_out(struct exam_session *s, const struct exam_plan *plan)
{
	size_t n = 0;

	for (size_t g = 0; g < exam_group_count; g++)
		n += exam_groups[g]->count;
	s->results = calloc(n ? n : 1, sizeof(*s->results));
	if (!s->results)
		return ERR_MEMORY;
	for (size_t g = 0; g < exam_group_count; g++) {
		for (size_t i = 0; i < exam_groups[g]->count; i++) {
			const struct exam_case *c = &exam_groups[g]->cases[i];

			if (!exam_is_wanted(plan, exam_groups[g], c))
				continue;
			s->results[s->report.result_count++] = (struct exam_result){
				.group = exam_groups[g], .rule_case = c, .outcome = EXAM_NOT_RUN};
		}
	}
	s->report.results = s->results;
	return ERR_OK;
}

/* What the cases spend that this card's state lets run; PIN1 is taken to be there. */
static void sum_budget(struct exam_session *s)
{
	struct exam_budget *b = &s->report.planned;

	for (size_t i = 0; i < s->report.result_count; i++) {
		const struct exam_case *c = s->results[i].rule_case;

		if (missing(s->report.card.has | EXAM_PIN, c->needs))
			continue;
		b->cases++;
		b->authentications += c->authentications;
		if (c->pin_tries > b->pin_tries) /* the right PIN gives them back */
			b->pin_tries = c->pin_tries;
	}
}

/* PIN1, for cases that need it. Not with one try left: that one is never spent. */
static void give_pin(struct exam *x)
{
	struct failure f;

	x->unlocked = true;
	if (!exam_has(x, EXAM_PIN_ENABLED))
		return;
	x->card->has &= ~(unsigned)EXAM_PIN;
	if (x->no_pin[0] || !exam_at_usim(x))
		return;
	if (x->pin_tries >= 0 && x->pin_tries < 2) {
		snprintf(x->no_pin, sizeof(x->no_pin), "of PIN1 %s left: it is not tried",
			 x->pin_tries ? "only one try is" : "no try is");
		return;
	}
	f = x->plan->user.unlock(x->plan->user.ctx, x->u);
	if (!f.err)
		x->card->has |= EXAM_PIN;
	else if (f.is_whole)
		snprintf(x->no_pin, sizeof(x->no_pin), "%.200s", f.text);
	else
		snprintf(x->no_pin, sizeof(x->no_pin), "%.160s: %.80s", f.text, err_text(f.err));
	if (f.err && f.party == PARTY_CARD)
		exam_took(x, f.err == ERR_REFUSED ? ERR_CARD : f.err);
}

static void end_with(struct exam_report *r, enum exam_end end, const char *text)
{
	r->end = end;
	snprintf(r->end_text, sizeof(r->end_text), "%s", text);
}

/* Who pulls a card out finds no departure by it. */
static bool is_away(enum err at_command, enum err at_reset)
{
	return at_command != ERR_CANCELLED &&
	       (at_reset == ERR_NO_CARD || at_reset == ERR_DISCONNECTED ||
		at_reset == ERR_NO_READER || at_reset == ERR_NO_SERVICE);
}

/*
 * The conversation has failed in a case. A card that starts again has only tripped over a command,
 * which counts against it; one that does not is lost.
 */
static void judge_trouble(struct exam_session *s, struct exam_result *r)
{
	struct exam *x = &s->x;
	struct cancel *c = uicc_cancel(x->u);
	enum err e = x->trouble;
	bool hung = watch_is_hung(s->watch), starts;

	if (hung)
		cancel_take(c);
	watch_forgive(s->watch);
	if (e == ERR_CANCELLED && !hung) {
		r->outcome = EXAM_NOT_RUN;
		snprintf(r->detail, sizeof(r->detail), "it was stopped");
		end_with(&s->report, EXAM_CANCELLED, "stopped by a wish to stop");
		return;
	}
	x->trouble = ERR_OK;
	if (hung)
		exam_depart(x, "the card takes longer than %d s to answer (ISO 7816-3 10.2)",
			    EXAM_COMMAND_LIMIT_MS / 1000);
	else
		exam_depart(x, "no answer: %s", err_text(e));
	r->outcome = EXAM_FAILED;
	starts = exam_reset(x, false);
	if (watch_is_hung(s->watch))
		cancel_take(c);
	if (!starts)
		end_with(&s->report, EXAM_CARD_LOST,
			 hung ? "the card hangs" : "the card is gone, or does not start again");
	if (!starts && is_away(e, x->trouble))
		r->outcome = EXAM_NOT_RUN;
	x->trouble = ERR_OK;
}

static void run_case(struct exam_session *s, struct exam_result *r)
{
	struct exam *x = &s->x;
	const struct exam_case *c = r->rule_case;
	int64_t since = wait_now_ms();
	const char *why;

	x->now = r;
	x->trouble = ERR_OK;
	r->outcome = EXAM_PASSED;
	if (x->dirty)
		exam_reset(x, false);
	if ((c->needs & EXAM_PIN) && !x->unlocked && !missing(x->card->has | EXAM_PIN, c->needs))
		give_pin(x);
	why = missing(x->card->has, c->needs);
	if (why && !x->trouble) {
		exam_skip(x, "%s", (c->needs & EXAM_PIN) && x->no_pin[0] ? x->no_pin : why);
		return;
	}
	watch_forget(s->watch);
	if (!x->trouble) {
		s->report.spent.cases++;
		c->run(x);
	}
	if (x->trouble)
		judge_trouble(s, r);
	r->us = (uint32_t)(wait_now_ms() - since) * 1000;
}

static void run_cases(struct exam_session *s)
{
	const struct exam_user *user = &s->x.plan->user;
	const struct exam_group *group = NULL;

	for (size_t i = 0; i < s->report.result_count; i++) {
		struct exam_result *r = &s->results[i];

		if (s->report.end == EXAM_COMPLETE) {
			if (user->begins)
				user->begins(user->ctx, r->rule_case, i + 1,
					     s->report.result_count);
			s->x.dirty = s->x.dirty || r->group != group;
			group = r->group;
			run_case(s, r);
			if (user->ends)
				user->ends(user->ctx, r);
		}
		s->report.counts[r->outcome]++;
	}
}

/* Channels, selections and the PIN's state are gone; a wish to stop does not stop that. */
static void leave_clean(struct exam_session *s)
{
	struct exam *x = &s->x;
	struct cancel *c = uicc_cancel(x->u);
	bool wished = cancel_take(c);

	if (!watch_is_hung(x->watch)) {
		x->trouble = ERR_OK;
		exam_reset(x, false);
		if (watch_is_hung(x->watch)) { /* the wish was the watch's */
			cancel_take(c);
			if (s->report.end == EXAM_COMPLETE)
				end_with(&s->report, EXAM_CARD_LOST,
					 "the card hangs at its last reset");
		}
	}
	if (wished)
		cancel_again(c);
}

static enum err examine(struct exam_session *s, const struct exam_plan *plan)
{
	int64_t since = wait_now_ms();
	enum err e = uicc_reset(plan->u);

	snprintf(s->report.started, sizeof(s->report.started), "%s", plan->started);
	snprintf(s->report.card.way, sizeof(s->report.card.way), "%s", plan->way);
	if (!e)
		e = subject_learn(&s->x);
	if (!e)
		e = lay_out(s, plan);
	if (e)
		return e;
	sum_budget(s);
	if (plan->user.agree &&
	    !plan->user.agree(plan->user.ctx, &s->report.card, &s->report.planned))
		return ERR_CANCELLED;
	run_cases(s);
	if (s->report.end != EXAM_CARD_LOST)
		leave_clean(s);
	s->report.spent.authentications = watch_authentications(s->watch);
	s->report.timing_count = watch_timings(s->watch, &s->report.timings);
	s->report.duration_us = (uint64_t)(wait_now_ms() - since) * 1000;
	return ERR_OK;
}

enum err exam_run(const struct exam_plan *plan, struct exam_session **out)
{
	struct exam_session *s = calloc(1, sizeof(*s));
	struct exam_result setup = {.outcome = EXAM_PASSED};
	static const struct exam_case setup_case = {.rule = {.id = "setup"}};
	struct transport_observer o;
	enum err e;

	if (!s)
		return ERR_MEMORY;
	setup.rule_case = &setup_case;
	s->x = (struct exam){.u = plan->u,
			     .plan = plan,
			     .card = &s->report.card,
			     .now = &setup,
			     .spent = &s->report.spent};
	e = watch_open(uicc_cancel(plan->u), EXAM_COMMAND_LIMIT_MS, &s->watch);
	s->x.watch = s->watch;
	if (!e) {
		o = watch_observer(s->watch);
		e = uicc_observe(plan->u, &o);
	}
	if (!e)
		e = transport_begin(uicc_transport(plan->u));
	if (!e) {
		enum err ended;

		e = examine(s, plan);
		ended = transport_end(uicc_transport(plan->u));
		(void)ended; /* the card may be gone */
	}
	if (e == ERR_CANCELLED && s->watch && watch_is_hung(s->watch))
		e = ERR_TIMEOUT;
	s->x.now = NULL;
	if (e)
		exam_session_free(&s);
	else
		*out = s;
	return e;
}

const struct exam_report *exam_session_report(const struct exam_session *s)
{
	return &s->report;
}

void exam_session_free(struct exam_session **s)
{
	if (!*s)
		return;
	watch_close(&(*s)->watch);
	free((*s)->results);
	free(*s);
	*s = NULL;
}
