#include "host/trace/report/gather.h"

#include <stdlib.h>
#include <string.h>

#include "host/trace/report/kinds.h"
#include "host/trace/report/pool.h"
#include "host/trace/report/window.h"
#include "lib/trace/audit/audit.h"
#include "lib/trace/decode/item.h"

struct gather {
	struct report report;
	struct pool pool;
	struct kinds *kinds;
	struct window *window; /* NULL: no exchanges are wanted */
	bool marks;
	enum err err;
};

static const char *keep_text(struct gather *g, const char *text)
{
	const char *copy = pool_text(&g->pool, text);

	if (!copy)
		g->err = ERR_MEMORY;
	return copy ? copy : "";
}

/* There is room for it, which is then taken. */
static bool is_kept(const struct report *r, struct report_rule *of, bool accepted)
{
	size_t *kept = accepted ? &of->kept_accepted : &of->kept;

	if (*kept == REPORT_OF_RULE_MAX || r->finding_count == REPORT_FINDINGS_MAX)
		return false;
	++*kept;
	return true;
}

static void gather_finding(void *ctx, const struct audit_finding *f)
{
	struct gather *g = ctx;
	struct report *r = &g->report;
	struct report_rule *of = &r->rules[f->number];
	struct kind_of_finding kind;
	char context[KIND_TEXT_MAX];

	kinds_take(g->kinds, f, &kind);
	finding_count(kind.accepted ? &r->accepted : &r->counts, &f->finding);
	++*(kind.accepted ? &of->accepted : &of->found);
	if (!is_kept(r, of, kind.accepted))
		return;
	kinds_context(f, context);
	r->findings[r->finding_count++] =
		(struct report_finding){.rule = (size_t)(of - r->rules),
					.at = f->at,
					.has_before = f->has_before,
					.before = f->before,
					.where = keep_text(g, f->finding.where),
					.detail = keep_text(g, f->finding.detail),
					.about = keep_text(g, kind.about),
					.context = keep_text(g, context),
					.accepted = kind.accepted,
					.note = kind.note};
	memcpy(r->findings[r->finding_count - 1].print, kind.print, REPORT_PRINT_LEN);
	if (g->window)
		window_want(g->window);
}

static void gather_mark(void *ctx, const struct audit_mark *m)
{
	struct gather *g = ctx;
	struct report *r = &g->report;

	r->mark_total++;
	if (r->mark_count == REPORT_MARKS_MAX)
		return;
	r->marks[r->mark_count++] = (struct report_mark){.at = m->at,
							 .channel = m->channel,
							 .from = m->from,
							 .to = m->to,
							 .text = keep_text(g, m->text),
							 .failed = m->failed};
	if (g->window)
		window_want(g->window);
}

static void take_time(struct report_trace *t, bool has_time, int64_t time_ns)
{
	if (!has_time)
		return;
	if (!t->has_times || time_ns < t->first_ns)
		t->first_ns = time_ns;
	if (!t->has_times || time_ns > t->last_ns)
		t->last_ns = time_ns;
	t->has_times = true;
}

static void gather_item(void *ctx, const struct decode_item *item)
{
	struct gather *g = ctx;
	struct report_trace *t = &g->report.trace;
	const struct exchange *x = item->exchange;

	if (x) {
		const struct spread_at at = {x->first.number, x->has_time, x->time_ns};

		t->exchanges++;
		take_time(t, x->has_time, x->time_ns);
		spread_take(&g->report.spread, &at, x->card, x->channel);
	} else {
		t->faults += item->event->kind == TRACE_FAULT;
		take_time(t, item->event->has_time, item->event->time_ns);
	}
	if (g->window)
		window_take(g->window, item);
}

enum err gather_open(const struct gather_options *options, struct gather **out)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	struct gather *g = calloc(1, sizeof(*g));
	struct report *r = g ? &g->report : NULL;

	if (!g)
		return ERR_MEMORY;
	r->rule_count = audit_rules(rules);
	for (size_t i = 0; i < r->rule_count; i++)
		r->rules[i].rule = rules[i];
	r->baseline = options->baseline;
	g->marks = options->marks;
	r->complete = true;
	r->why = "";
	r->findings = calloc(REPORT_FINDINGS_MAX, sizeof(*r->findings));
	r->marks = calloc(REPORT_MARKS_MAX, sizeof(*r->marks));
	g->kinds = kinds_open(options->baseline);
	g->window = options->lines ? window_open() : NULL;
	if (!r->findings || !r->marks || !g->kinds || (options->lines && !g->window)) {
		gather_close(&g);
		return ERR_MEMORY;
	}
	*out = g;
	return ERR_OK;
}

struct audit_sink gather_sink(struct gather *g)
{
	return (struct audit_sink){gather_finding, g->marks ? gather_mark : NULL, gather_item, g};
}

/* Worst rules first, then as the rules are listed, then by place. */
static int compare_findings(const void *a, const void *b, void *ctx)
{
	const struct report_finding *x = a, *y = b;
	const struct report *r = ctx;
	enum finding_severity sx = r->rules[x->rule].rule->severity,
			      sy = r->rules[y->rule].rule->severity;

	if (sx != sy)
		return sx > sy ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->at.place.number != y->at.place.number)
		return x->at.place.number < y->at.place.number ? -1 : 1;
	return 0;
}

enum err gather_end(struct gather *g, struct report **out)
{
	struct report *r = &g->report;

	qsort_r(r->findings, r->finding_count, sizeof(*r->findings), compare_findings, r);
	if (g->window && !window_end(g->window, r))
		g->err = ERR_MEMORY;
	r->kinds_are_all = kinds_list(g->kinds, &r->kinds, &r->kind_count);
	if (!g->err)
		*out = r;
	return g->err;
}

void gather_close(struct gather **g)
{
	struct gather *mine = *g;

	*g = NULL;
	if (!mine)
		return;
	free(mine->report.findings);
	free(mine->report.marks);
	kinds_close(&mine->kinds);
	window_close(&mine->window);
	pool_free(&mine->pool);
	free(mine);
}
