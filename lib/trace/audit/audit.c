#include "lib/trace/audit/audit.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/trace/audit/card.h"
#include "lib/trace/audit/code.h"
#include "lib/trace/audit/faultless.h"
#include "lib/trace/audit/file.h"
#include "lib/trace/audit/fit.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/audit/rules/rules.h"
#include "lib/trace/audit/marks.h"
#include "lib/trace/audit/run.h"
#include "lib/trace/audit/secrets.h"
#include "lib/trace/audit/seen.h"
#include "lib/trace/audit/vector.h"
#include "lib/trace/decode/decode.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/decode/rsp/es10.h"

#define CARDS TRACE_CARDS_MAX

static const struct audit_family *const families[] = {AUDIT_FAMILIES, NULL};
#define FAMILIES (ARRAY_LEN(families) - 1)

_Static_assert(FAMILIES < 32, "a bit each");
#define ALL_FAMILIES ((1u << FAMILIES) - 1)

/* A card of the trace, with the state of each family behind it. */
struct subject {
	struct audit_card card;
	void *states[FAMILIES];
};

struct audit {
	struct audit_run run;
	struct audit_secrets published; /* when no secrets were given */
	struct decode *decode;
};

/* Rules */

size_t audit_rules(const struct finding_rule *rules[static AUDIT_RULES_MAX])
{
	size_t n = 0;

	for (size_t f = 0; f < FAMILIES; f++) {
		for (size_t i = 0; i < families[f]->rule_count && n < AUDIT_RULES_MAX; i++)
			rules[n++] = &families[f]->rules[i];
	}
	return n;
}

const struct finding_rule *audit_rule(const char *id)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	size_t count = audit_rules(rules);

	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(rules[i]->id, id) == 0)
			return rules[i];
	}
	return NULL;
}

size_t audit_rule_number(const struct finding_rule *rule)
{
	return run_rule_number(families, rule);
}

static const struct audit_family *family_of(const struct finding_rule *rule)
{
	for (size_t f = 0; f < FAMILIES; f++) {
		for (size_t i = 0; i < families[f]->rule_count; i++) {
			if (&families[f]->rules[i] == rule)
				return families[f];
		}
	}
	return NULL;
}

const char *audit_family_of(const struct finding_rule *rule)
{
	const struct audit_family *f = family_of(rule);

	return f ? f->about : "";
}

/* What comes in */

static void free_subject(struct subject *s)
{
	for (size_t f = 0; s && f < FAMILIES; f++) {
		if (s->states[f] && families[f]->close)
			families[f]->close(s->states[f]);
		free(s->states[f]);
	}
	free(s);
}

static struct subject *open_subject(void)
{
	struct subject *s = calloc(1, sizeof(*s));

	for (size_t f = 0; s && f < FAMILIES; f++) {
		s->states[f] = calloc(1, families[f]->state_size);
		if (!s->states[f]) {
			free_subject(s);
			return NULL;
		}
	}
	return s;
}

/* With the states of all families; NULL: out of memory. */
static struct subject *subject_at(struct audit_run *r, unsigned card)
{
	struct subject **mine = &r->subjects[card < CARDS ? card : CARDS - 1];

	if (!*mine)
		*mine = open_subject();
	if (!*mine)
		r->err = ERR_MEMORY;
	return *mine;
}

/* Messages of ES10 and ES8+, and of the key release. Many logs begin behind the selection: where
 * nobody has selected an application, what is coded like them is one (GlobalPlatform table 11-89).
 */
static bool takes_messages(const struct session_view *v, const struct apdu *a)
{
	enum application_kind kind = v->place->application.kind;

	if (apdu_is_secured(a->cla))
		return false;
	if (kind == APPLICATION_UNKNOWN && !v->place->aid_len)
		return (a->p1 & STORE_DATA_FORMAT) == STORE_DATA_BER;
	return kind == APPLICATION_ISDR || kind == APPLICATION_ECASD || kind == APPLICATION_KRA;
}

/* What an exchange may carry. */
struct carried {
	struct audit_code code;
	struct audit_vector vector;
	struct audit_file file;
};

/* The step borrows from carried, too. */
static struct audit_step step_of(const struct decode_item *item, const struct audit_card *card,
				 struct carried *carried)
{
	const struct exchange *x = item->exchange;
	struct audit_step s = {.item = item,
			       .x = x,
			       .id = COMMAND_COUNT,
			       .good = x->has_sw && sw_is_good(x->sw),
			       .card = card};

	if (item->command && !x->malformed)
		s.id = (enum command_id)(item->command - command_table);
	if (s.id == COMMAND_STORE_DATA && takes_messages(&item->view, &x->apdu))
		s.tag = es10_tag(x->apdu.data);
	s.switched = s.tag && s.good && audit_switches_profiles(&s);
	s.may_change = audit_changes_profile(&s);
	s.spot = (struct audit_spot){.card = x->card,
				     .place = x->first,
				     .last = x->last.number,
				     .has_time = x->has_time,
				     .time_ns = x->time_ns};
	s.code = audit_code_of(&s, &carried->code) ? &carried->code : NULL;
	s.vector = audit_vector_of(&s, &carried->vector) ? &carried->vector : NULL;
	s.file = audit_file_of(&s, &carried->file) ? &carried->file : NULL;
	return s;
}

/* The decoder's nodes, of which those with a fault are judged. */
struct nodes {
	struct audit_run *run;
	const struct audit_step *step;
	bool have_fault;
};

static void judge_node(void *ctx, const struct tree_node *node)
{
	struct nodes *n = ctx;

	if (!node->fault)
		return;
	n->have_fault = true;
	for (size_t f = 0; f < FAMILIES; f++) {
		if (families[f]->fault)
			families[f]->fault(n->run, n->step, node);
	}
}

static void leave_node(void *ctx)
{
	(void)ctx;
}

static void judge_octets(struct audit_run *r, const struct audit_step *s)
{
	struct nodes nodes = {.run = r, .step = s};
	const struct tree t = {
		.open = judge_node, .close = leave_node, .ctx = &nodes, .wordless = true};

	if (faultless_has(r->faultless, s->item))
		return;
	decode_tell(s->item, &t);
	if (!nodes.have_fault)
		faultless_add(r->faultless);
}

static void judge_exchange(struct audit_run *r, struct subject *who, const struct decode_item *item)
{
	struct carried carried;
	struct audit_step s = step_of(item, &who->card, &carried);

	if (r->sink.mark)
		marks_step(r, &s);
	judge_octets(r, &s);
	for (uint32_t of = s.x->has_sw ? r->told[s.id] : ALL_FAMILIES; of; of &= of - 1) {
		unsigned f = (unsigned)__builtin_ctz(of);

		families[f]->step(r, who->states[f], &s);
	}
	audit_card_learn(&who->card, &s);
}

static void judge_event(struct audit_run *r, struct subject *who, const struct trace_event *e)
{
	if (r->sink.mark)
		marks_event(r, e);
	for (size_t f = 0; f < FAMILIES; f++) {
		if (families[f]->event)
			families[f]->event(r, who->states[f], e);
	}
	who->card.resets += e->kind == TRACE_RESET;
}

static void judge_item(void *ctx, const struct decode_item *item)
{
	struct audit_run *r = ctx;
	unsigned card = item->exchange ? item->exchange->card : item->event->card;
	struct subject *who = subject_at(r, card);

	r->item = item;
	if (who && item->exchange)
		judge_exchange(r, who, item);
	else if (who)
		judge_event(r, who, item->event);
	r->item = NULL;
	if (r->sink.item)
		r->sink.item(r->sink.ctx, item);
}

/* Who is told of a command. */
static uint32_t families_of(enum command_id id)
{
	uint32_t told = 0;

	for (size_t f = 0; f < FAMILIES; f++) {
		bool is = !families[f]->takes;

		for (size_t i = 0; i < families[f]->take_count; i++)
			is |= families[f]->takes[i] == id;
		told |= (uint32_t)is << f;
	}
	return told;
}

enum err audit_open(const struct audit_options *options, const struct audit_sink *sink,
		    struct audit **out)
{
	struct audit *a = calloc(1, sizeof(*a));
	const struct decode_sink items = {
		.take = judge_item, .ctx = a ? &a->run : NULL, .wordless = true};
	const struct seen_sink again = {run_take_again, a ? &a->run : NULL};
	struct needles_fault fault;
	enum err e = ERR_OK;

	if (!a)
		return ERR_MEMORY;
	if (options)
		a->run.options = *options;
	a->run.sink = *sink;
	a->run.families = families;
	a->run.rule_count = audit_rules(a->run.rules);
	for (unsigned id = 0; id <= COMMAND_COUNT; id++)
		a->run.told[id] = families_of((enum command_id)id);
	if (!a->run.options.secrets) {
		e = audit_secrets_open(SLICE_EMPTY, &a->published, &fault);
		a->run.options.secrets = &a->published;
	}
	a->run.seen = seen_open(&a->run.options.spill, &again);
	a->run.faultless = faultless_open();
	a->decode = decode_open(&items);
	if (e || !a->run.seen || !a->run.faultless || !a->decode) {
		audit_close(&a);
		return e ? e : ERR_MEMORY;
	}
	*out = a;
	return ERR_OK;
}

void audit_event(struct audit *a, const struct trace_event *e)
{
	decode_event(a->decode, e);
}

void audit_words(struct audit *a, struct slice words, const struct trace_place *place)
{
	struct subject *who = subject_at(&a->run, 0);
	const struct audit_spot at = {.place = *place};

	for (size_t f = 0; who && f < FAMILIES; f++) {
		if (families[f]->words)
			families[f]->words(&a->run, who->states[f], words, &at);
	}
}

enum err audit_end(struct audit *a)
{
	struct audit_run *r = &a->run;
	enum err e;

	decode_end(a->decode);
	for (unsigned i = 0; i < CARDS; i++) {
		struct subject *who = r->subjects[i];

		for (size_t f = 0; who && f < FAMILIES; f++) {
			if (families[f]->end)
				families[f]->end(r, who->states[f]);
		}
	}
	e = seen_end(r->seen);
	return r->err ? r->err : e;
}

void audit_close(struct audit **a)
{
	struct audit *mine = *a;

	*a = NULL;
	if (!mine)
		return;
	for (unsigned i = 0; i < CARDS; i++)
		free_subject(mine->run.subjects[i]);
	seen_close(&mine->run.seen);
	faultless_close(&mine->run.faultless);
	audit_fit_close(&mine->run.published);
	audit_secrets_close(&mine->published);
	decode_close(&mine->decode);
	free(mine);
}
