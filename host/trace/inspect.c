#include "host/trace/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "host/trace/report/gather.h"
#include "host/trace/show/source.h"
#include "lib/crypto/digest.h"
#include "lib/trace/audit/audit.h"
#include "lib/trace/pcapng.h"
#include "lib/trace/seal/seal.h"
#include "lib/trace/seal/verify.h"
#include "tool/sys/spill.h"

#define HEAD_MAX (1u << 17) /* two parts of what is read */

struct inspection {
	struct audit *audit;
	struct trace_reader *reader;
	struct gather *gather;
	struct report *report;
	struct digest *digest; /* NULL: it is not wanted */
	/* of a pcapng, which alone can be sealed */
	struct seal_verifier *verifier;
	struct wbuf head; /* the first octets, until they say whether it is one */
	enum err err;
	struct spill spill;
	const char *names[TRACE_CARDS_MAX];
};

static void audit_one(void *ctx, const struct trace_event *e)
{
	struct inspection *i = ctx;

	audit_event(i->audit, e);
}

static void words_one(void *ctx, struct slice words, const struct trace_place *place)
{
	struct inspection *i = ctx;

	audit_words(i->audit, words, place);
}

static void note_err(struct inspection *i, enum err e)
{
	if (!i->err)
		i->err = e;
}

/* The octets by which a pcapng begins are known as soon as there are four. */
static void verify_head(struct inspection *i, struct slice part)
{
	struct cursor c;

	wbuf_put(&i->head, part);
	c = cursor_of(wbuf_slice(&i->head));
	if (cursor_u32(&c) != BLOCK_SECTION || c.err)
		return;
	note_err(i, seal_verifier_open(&i->verifier));
	if (i->verifier)
		note_err(i, seal_verifier_feed(i->verifier, wbuf_slice(&i->head)));
}

static void take_octets(void *ctx, struct slice part)
{
	struct inspection *i = ctx;

	if (i->digest)
		digest_take(i->digest, part);
	if (i->verifier)
		note_err(i, seal_verifier_feed(i->verifier, part));
	else if (i->head.len < sizeof(uint32_t))
		verify_head(i, part);
}

static enum err open_inspection(struct inspection *i, const struct inspect_plan *plan)
{
	const struct trace_sink events = {.take = audit_one, .ctx = i, .words = words_one};
	struct audit_options options = *plan->audit;
	struct audit_sink sink;
	const struct gather_options gathers = {plan->lines, plan->marks, plan->baseline};
	enum err e = gather_open(&gathers, &i->gather);

	if (e)
		return e;
	options.spill = (struct audit_spill){spill_write, spill_read, &i->spill};
	sink = gather_sink(i->gather);
	e = audit_open(&options, &sink, &i->audit);
	if (!e)
		e = trace_reader_open(plan->format, &events, &i->reader);
	i->digest = plan->digest ? digest_open() : NULL;
	i->head = wbuf_grow(HEAD_MAX);
	return e || !plan->digest || i->digest ? e : ERR_MEMORY;
}

static enum err end_seal(struct inspection *i, struct report_trace *t)
{
	enum err e = i->verifier ? seal_verifier_end(i->verifier, NULL, &t->seal) : ERR_OK;

	if (!e && t->seal.sealed && t->seal.is_signed)
		e = seal_fingerprint(SLICE_OF(t->seal.point), t->fingerprint);
	return e;
}

static enum err end_trace(struct inspection *i, const struct source *s)
{
	struct report_trace *t = &i->report->trace;
	enum err e = end_seal(i, t);

	t->path = s->path;
	t->octets = s->octets;
	t->format = trace_reader_format(i->reader);
	t->cards = trace_reader_cards(i->reader);
	t->names = i->names;
	for (unsigned n = 0; n < t->cards && n < TRACE_CARDS_MAX; n++)
		i->names[n] = trace_reader_card(i->reader, n);
	if (!e && i->digest) {
		e = digest_end(i->digest, t->digest);
		t->has_digest = !e;
	}
	return e ? e : i->err;
}

/* What was begun is judged; that something could not be is said in the report. */
static enum err end_parts(struct inspection *i, const struct source *s)
{
	enum err judged = audit_end(i->audit);
	enum err e = gather_end(i->gather, &i->report);

	if (!e)
		e = end_trace(i, s);
	if (!e && judged) {
		i->report->complete = false;
		i->report->why = err_text(judged);
	}
	return e;
}

enum err inspect_trace(const struct inspect_plan *plan, struct inspection **out)
{
	struct inspection *i = calloc(1, sizeof(*i));
	struct source s = {.path = plan->path,
			   .cancel = plan->cancel,
			   .read_part = plan->read_part,
			   .tee = take_octets,
			   .tee_ctx = i,
			   .ctx = plan->ctx};
	enum err e;

	if (!i)
		return ERR_MEMORY;
	e = open_inspection(i, plan);
	if (!e)
		e = source_read(&s, i->reader);
	if (!e && !s.octets)
		e = ERR_TRUNCATED;
	if (!e)
		e = end_parts(i, &s);
	if (e)
		inspect_close(&i);
	*out = i;
	return e;
}

struct report *inspection_report(struct inspection *i)
{
	return i->report;
}

void inspect_close(struct inspection **i)
{
	struct inspection *mine = *i;

	*i = NULL;
	if (!mine)
		return;
	audit_close(&mine->audit);
	trace_reader_close(&mine->reader);
	gather_close(&mine->gather);
	digest_close(&mine->digest);
	seal_verifier_close(&mine->verifier);
	wbuf_free(&mine->head);
	spill_close(&mine->spill);
	free(mine);
}
