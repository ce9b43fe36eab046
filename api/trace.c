/* trace: include/twinkey/trace.h, over the reader, the decoder and the audit of lib/trace */
#include "include/twinkey/trace.h"

#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/shape.h"
#include "lib/crypto/failure.h"
#include "lib/trace/audit/audit.h"
#include "lib/trace/decode/decode.h"
#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "tool/sys/spill.h"
#include "tool/sys/trouble.h"

#define OPTIONS_FIRST sizeof(struct twinkey_trace_options)
#define RULE_FIRST    sizeof(struct twinkey_rule)

/* How its exchanges come. */
enum source { SOURCE_NONE, SOURCE_OCTETS, SOURCE_EXCHANGES, SOURCE_ENDED };

struct twinkey_trace {
	struct twinkey_trace_options options;
	enum source source;
	struct trace_reader *reader;
	struct audit *audit;
	struct spill spill;
	uint64_t count; /* of exchanges that the program gave */
};

static enum twinkey_code end_trace_call(enum twinkey_code code)
{
	trouble_forget();
	crypto_forget_failures();
	return code;
}

static struct twinkey_octets octets_of(struct slice s)
{
	return (struct twinkey_octets){s.ptr, s.len};
}

static enum twinkey_severity severity_of(enum finding_severity s)
{
	switch (s) {
	case FINDING_ERROR: return TWINKEY_SEVERITY_ERROR;
	case FINDING_WARNING: return TWINKEY_SEVERITY_WARNING;
	case FINDING_INFO: break;
	}
	return TWINKEY_SEVERITY_INFO;
}

static struct twinkey_rule rule_of(const struct finding_rule *r)
{
	return (struct twinkey_rule){.size = sizeof(struct twinkey_rule),
				     .id = r->id,
				     .severity = severity_of(r->severity),
				     .family = audit_family_of(r),
				     .clause = r->clause,
				     .says = r->says,
				     .means = r->means,
				     .remedy = r->remedy};
}

static void tell_finding(void *ctx, const struct audit_finding *f)
{
	struct twinkey_trace *t = ctx;
	const struct twinkey_finding out = {
		.size = sizeof(out),
		.rule = rule_of(f->finding.rule),
		.where = f->finding.where,
		.detail = f->finding.detail,
		.card = f->at.card,
		.number = f->at.place.number,
		.last = f->at.last > f->at.place.number ? f->at.last : f->at.place.number,
		.before = f->has_before ? f->before.place.number : 0};

	if (t->options.finding)
		t->options.finding(t->options.ctx, &out);
}

static enum twinkey_event_kind kind_of(const struct decode_item *item)
{
	if (item->exchange)
		return TWINKEY_EVENT_EXCHANGE;
	switch (item->event->kind) {
	case TRACE_RESET: return TWINKEY_EVENT_RESET;
	case TRACE_PPS: return TWINKEY_EVENT_PPS;
	case TRACE_REMOVED: return TWINKEY_EVENT_REMOVED;
	case TRACE_EXCHANGE:
	case TRACE_FAULT: break;
	}
	return TWINKEY_EVENT_FAULT;
}

static void fill_exchange(struct twinkey_event *e, const struct decode_item *item,
			  const struct decode_words *words)
{
	static const enum twinkey_status levels[] = {[STATUS_NONE] = TWINKEY_STATUS_NONE,
						     [STATUS_GOOD] = TWINKEY_STATUS_GOOD,
						     [STATUS_WARNING] = TWINKEY_STATUS_WARNING,
						     [STATUS_ERROR] = TWINKEY_STATUS_ERROR};
	const struct exchange *x = item->exchange;

	e->card = x->card;
	e->number = x->first.number;
	e->last = x->last.number;
	e->has_time = x->has_time;
	e->time_ns = x->time_ns;
	e->channel = x->channel;
	e->path = item->view.path;
	e->name = words->name;
	e->what = words->what;
	e->status = words->status;
	e->level = levels[item->level];
	e->sw = x->has_sw ? x->sw : 0;
	e->data = octets_of(item->data);
	e->answer = octets_of(item->answer);
}

static void fill_event(struct twinkey_event *e, const struct trace_event *from)
{
	e->card = from->card;
	e->number = e->last = from->place.number;
	e->has_time = from->has_time;
	e->time_ns = from->time_ns;
	e->path = e->status = "";
	e->answer = octets_of(from->response);
	if (from->kind == TRACE_PPS)
		e->data = octets_of(from->command);
	if (from->kind == TRACE_FAULT)
		e->what = from->text;
}

static void tell_item(void *ctx, const struct decode_item *item)
{
	struct twinkey_trace *t = ctx;
	struct twinkey_event e = {
		.size = sizeof(e), .kind = kind_of(item), .name = item->name, .what = item->what};
	struct decode_words words;

	if (item->exchange) {
		decode_words(item, &words);
		fill_exchange(&e, item, &words);
	} else {
		fill_event(&e, item->event);
	}
	e.reader = trace_reader_card(t->reader, e.card);
	t->options.event(t->options.ctx, &e);
}

static void audit_one(void *ctx, const struct trace_event *e)
{
	struct twinkey_trace *t = ctx;

	audit_event(t->audit, e);
}

static enum err begin_audit(struct twinkey_trace *t, const struct trace_format *format)
{
	const struct audit_options options = {
		.production = t->options.production,
		.spill = t->options.spill ? (struct audit_spill){spill_write, spill_read, &t->spill}
					  : (struct audit_spill){0}};
	const struct audit_sink found = {
		.finding = tell_finding, .item = t->options.event ? tell_item : NULL, .ctx = t};
	const struct trace_sink events = {.take = audit_one, .ctx = t};
	enum err e = audit_open(&options, &found, &t->audit);

	return e ? e : trace_reader_open(format, &events, &t->reader);
}

enum twinkey_code twinkey_trace_open(const struct twinkey_trace_options *options,
				     struct twinkey_trace **trace, struct twinkey_error *error)
{
	static const struct shape shape = {"struct twinkey_trace_options", OPTIONS_FIRST,
					   sizeof(struct twinkey_trace_options)};
	struct twinkey_trace_options o = {.size = sizeof(o), .spill = 1};
	const struct trace_format *format = NULL;
	struct twinkey_trace *t;
	enum twinkey_code code = error_none(error);
	enum err e;

	if (!trace)
		return error_said(error, ERR_USAGE, "trace is NULL");
	if (options)
		code = shape_take(options, &o, &shape, error);
	if (code)
		return code;
	if (o.from) {
		format = trace_format_named(o.from);
		if (!format)
			return error_said(error, ERR_VALUE, "there is no form of trace '%s'",
					  o.from);
	}
	t = calloc(1, sizeof(*t));
	if (!t)
		return error_of(error, ERR_MEMORY, "the trace");
	t->options = o;
	e = begin_audit(t, format);
	if (e) {
		twinkey_trace_close(&t);
		return error_of(error, e, "the trace");
	}
	*trace = t;
	return end_trace_call(TWINKEY_OK);
}

static enum twinkey_code why_not_read(struct twinkey_error *error, enum err e)
{
	if (e == ERR_UNSUPPORTED)
		return error_said(error, e,
				  "the trace is of no form that is known: name it by "
				  "'from'");
	return error_of(error, e, "the trace");
}

enum twinkey_code twinkey_trace_feed(struct twinkey_trace *trace, const uint8_t *octets, size_t len,
				     struct twinkey_error *error)
{
	enum err e;

	error_none(error);
	if (!trace || (!octets && len))
		return error_said(error, ERR_USAGE, "trace or octets are NULL");
	if (trace->source > SOURCE_OCTETS)
		return error_said(error, ERR_WRONG_STATE, "it has ended, or exchanges were given");
	trace->source = SOURCE_OCTETS;
	e = trace_reader_feed(trace->reader, slice_make(octets, len));
	return end_trace_call(e ? why_not_read(error, e) : TWINKEY_OK);
}

static enum twinkey_code give_event(struct twinkey_trace *t, struct trace_event *e)
{
	if (t->source != SOURCE_NONE && t->source != SOURCE_EXCHANGES)
		return TWINKEY_ERR_STATE;
	t->source = SOURCE_EXCHANGES;
	e->place.number = ++t->count;
	audit_event(t->audit, e);
	return end_trace_call(TWINKEY_OK);
}

enum twinkey_code twinkey_trace_reset(struct twinkey_trace *trace, struct twinkey_octets atr)
{
	struct trace_event e = {.kind = TRACE_RESET, .response = slice_make(atr.ptr, atr.len)};

	if (!trace || (!atr.ptr && atr.len))
		return TWINKEY_ERR_USAGE;
	return give_event(trace, &e);
}

enum twinkey_code twinkey_trace_exchange(struct twinkey_trace *trace, struct twinkey_octets command,
					 struct twinkey_octets response)
{
	struct trace_event e = {.kind = TRACE_EXCHANGE,
				.command = slice_make(command.ptr, command.len),
				.response = slice_make(response.ptr, response.len)};

	if (!trace || !command.ptr || !command.len || (!response.ptr && response.len))
		return TWINKEY_ERR_USAGE;
	return give_event(trace, &e);
}

enum twinkey_code twinkey_trace_end(struct twinkey_trace *trace, struct twinkey_error *error)
{
	enum err e = ERR_OK;

	error_none(error);
	if (!trace)
		return error_said(error, ERR_USAGE, "trace is NULL");
	if (trace->source == SOURCE_ENDED)
		return error_said(error, ERR_WRONG_STATE, "it has ended");
	if (trace->source == SOURCE_OCTETS)
		e = trace_reader_end(trace->reader);
	trace->source = SOURCE_ENDED;
	if (e)
		return end_trace_call(why_not_read(error, e));
	e = audit_end(trace->audit);
	return end_trace_call(e ? error_of(error, e, "what may come once") : TWINKEY_OK);
}

void twinkey_trace_close(struct twinkey_trace **trace)
{
	struct twinkey_trace *t = trace ? *trace : NULL;

	if (!t)
		return;
	*trace = NULL;
	audit_close(&t->audit);
	trace_reader_close(&t->reader);
	spill_close(&t->spill);
	free(t);
	end_trace_call(TWINKEY_OK);
}

int twinkey_rule(size_t index, struct twinkey_rule *rule)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	struct twinkey_rule r;
	size_t size;

	if (!rule || rule->size < RULE_FIRST || index >= audit_rules(rules))
		return 0;
	size = rule->size < sizeof(r) ? rule->size : sizeof(r);
	r = rule_of(rules[index]);
	r.size = size;
	memcpy(rule, &r, size);
	return 1;
}
