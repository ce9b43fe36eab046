#include "lib/trace/audit/run.h"

#include <stdio.h>

#include "lib/trace/audit/card.h"
#include "lib/trace/audit/kind.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/audit/seen.h"
#include "lib/trace/decode/exchange.h"

#define DETAIL_MAX 160

/* Decimal, as printf has it: traces with a finding each few exchanges have no time for that. */
static void put_decimal(struct wbuf *w, uint64_t number)
{
	uint8_t digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (uint8_t)('0' + number % 10);
		number /= 10;
	} while (number);
	wbuf_put(w, slice_make(digits + at, sizeof(digits) - at));
}

static void write_where(const struct audit_spot *at, char out[static AUDIT_WHERE_MAX])
{
	struct wbuf w = wbuf_init((uint8_t *)out, AUDIT_WHERE_MAX - 1);

	put_decimal(&w, at->place.number);
	if (at->last > at->place.number) {
		wbuf_u8(&w, '-');
		put_decimal(&w, at->last);
	}
	if (at->card) {
		wbuf_put(&w, slice_str(", card "));
		put_decimal(&w, at->card);
	}
	out[w.len] = 0;
}

/* Fills in what is the same for all. */
__attribute__((format(printf, 3, 0))) static void
give_finding(struct audit_run *r, struct audit_finding *f, const char *detail, va_list ap)
{
	char where[AUDIT_WHERE_MAX], text[DETAIL_MAX], kind[DETAIL_MAX];
	va_list again;

	write_where(&f->at, where);
	va_copy(again, ap);
	vsnprintf(text, sizeof(text), detail, ap);
	audit_kind_of(detail, text, again, kind, sizeof(kind));
	va_end(again);
	f->kind = kind;
	f->item = r->item;
	f->finding = (struct finding){.rule = r->rules[f->number], .where = where, .detail = text};
	r->sink.finding(r->sink.ctx, f);
}

void audit_find(struct audit_run *r, const struct finding_rule *rule, const struct audit_spot *at,
		const char *detail, ...)
{
	struct audit_finding f = {.number = run_rule_number(r->families, rule), .at = *at};
	va_list ap;

	va_start(ap, detail);
	give_finding(r, &f, detail, ap);
	va_end(ap);
}

__attribute__((format(printf, 4, 5))) static void give_pair(struct audit_run *r, size_t number,
							    const struct audit_spot pair[static 2],
							    const char *detail, ...)
{
	struct audit_finding f = {
		.number = number, .at = pair[1], .has_before = true, .before = pair[0]};
	va_list ap;

	va_start(ap, detail);
	give_finding(r, &f, detail, ap);
	va_end(ap);
}

void audit_find_pair(struct audit_run *r, const struct finding_rule *rule,
		     const struct audit_spot pair[static 2], const char *detail, ...)
{
	struct audit_finding f = {.number = run_rule_number(r->families, rule),
				  .at = pair[1],
				  .has_before = true,
				  .before = pair[0]};
	va_list ap;

	va_start(ap, detail);
	give_finding(r, &f, detail, ap);
	va_end(ap);
}

void run_take_again(void *ctx, const struct seen_again *a)
{
	struct audit_run *r = ctx;
	struct audit_spot pair[2] = {{.card = a->card, .place.number = a->before},
				     {.card = a->card, .place.number = a->number}};

	give_pair(r, a->rule, pair, "the same value stood in %llu already",
		  (unsigned long long)a->before);
}

size_t run_rule_number(const struct audit_family *const *families, const struct finding_rule *rule)
{
	size_t before = 0;

	for (; *families; families++) {
		size_t at = ((uintptr_t)rule - (uintptr_t)(*families)->rules) / sizeof(*rule);

		if (at < (*families)->rule_count)
			return before + at;
		before += (*families)->rule_count;
	}
	return 0;
}

void audit_once(struct audit_run *r, const struct finding_rule *rule, const struct audit_spot *at,
		struct slice value)
{
	seen_take(r->seen, (uint16_t)run_rule_number(r->families, rule), value, at);
}

void audit_mark(struct audit_run *r, const struct audit_mark *m)
{
	if (r->sink.mark)
		r->sink.mark(r->sink.ctx, m);
}

void audit_tell(struct audit_run *r, const struct audit_step *s, struct audit_way way,
		const char *text, ...)
{
	struct audit_mark m = {.at = s->spot,
			       .channel = s->x->channel,
			       .from = way.from,
			       .to = way.to,
			       .failed = s->x->has_sw && !s->good};
	char words[DETAIL_MAX];
	va_list ap;

	if (!r->sink.mark)
		return;
	va_start(ap, text);
	vsnprintf(words, sizeof(words), text, ap);
	va_end(ap);
	m.text = words;
	audit_mark(r, &m);
}

void audit_trouble(struct audit_run *r, enum err e)
{
	if (!r->err)
		r->err = e;
}

const struct audit_options *audit_given(const struct audit_run *r)
{
	return &r->options;
}

struct audit_published **audit_published(struct audit_run *r)
{
	return &r->published;
}

bool audit_claims_production(const struct audit_run *r, const struct audit_card *card)
{
	return r->options.production || audit_card_is_live(card);
}

struct audit_spot audit_spot_of(const struct trace_event *e)
{
	return (struct audit_spot){.card = e->card,
				   .place = e->place,
				   .last = e->place.number,
				   .has_time = e->has_time,
				   .time_ns = e->time_ns};
}
