#include "tests/support/audited.h"

#include <string.h>

#include "lib/trace/audit/audit.h"
#include "lib/trace/audit/secrets.h"
#include "lib/trace/keys/keys.h"
#include "lib/trace/read/reader.h"

struct judging {
	struct audit *audit;
	const struct finding_rule *rule;
	struct wbuf *found;
};

static void put_text(struct wbuf *w, const char *text)
{
	wbuf_put(w, slice_str(text));
}

static void take_finding(void *ctx, const struct audit_finding *f)
{
	struct judging *j = ctx;
	const struct finding_rule *rule = f->finding.rule;

	if (j->rule && rule != j->rule && rule->severity != FINDING_ERROR)
		return;
	put_text(j->found, rule->id);
	put_text(j->found, " at ");
	put_text(j->found, f->finding.where);
	put_text(j->found, ": ");
	put_text(j->found, f->finding.detail);
	put_text(j->found, "\n");
}

static void take_event(void *ctx, const struct trace_event *e)
{
	struct judging *j = ctx;

	audit_event(j->audit, e);
}

/* But those that say what is given. */
static void take_words(void *ctx, struct slice words, const struct trace_place *place)
{
	struct judging *j = ctx;

	if (!slice_starts(words, slice_str("with ")))
		audit_words(j->audit, words, place);
}

static bool says(struct slice trace, const char *line)
{
	return trace.len && memmem(trace.ptr, trace.len, line, strlen(line)) != NULL;
}

void audited_lines(struct slice trace, const char *word, struct wbuf *out)
{
	while (trace.len) {
		const uint8_t *end = memchr(trace.ptr, '\n', trace.len);
		size_t len = end ? (size_t)(end - trace.ptr) + 1 : trace.len;
		struct slice line = slice_sub(trace, 0, len);

		if (slice_starts(line, slice_str(word)))
			wbuf_put(out, slice_sub(line, strlen(word), len));
		trace = slice_sub(trace, len, trace.len);
	}
}

static enum err keys_of(struct slice trace, struct trace_keys **out)
{
	struct wbuf w = wbuf_grow(trace.len + 1);
	struct keys_error why;
	enum err e;

	audited_lines(trace, "# with key ", &w);
	e = keys_parse(wbuf_slice(&w), out, &why);
	wbuf_free(&w);
	return e;
}

static enum err secrets_of(struct slice trace, struct audit_secrets *out)
{
	struct wbuf w = wbuf_grow(trace.len + 1);
	struct needles_fault why;
	enum err e;

	audited_lines(trace, "# with secret ", &w);
	e = audit_secrets_open(wbuf_slice(&w), out, &why);
	wbuf_free(&w);
	return e;
}

enum err audited(struct slice trace, const struct finding_rule *rule, struct wbuf *found)
{
	struct judging j = {.rule = rule, .found = found};
	struct audit_options options = {.production = says(trace, "\n# with production\n")};
	const struct audit_sink sink = {.finding = take_finding, .ctx = &j};
	const struct trace_sink events = {.take = take_event, .ctx = &j, .words = take_words};
	struct trace_reader *r = NULL;
	struct trace_keys *keys = NULL;
	struct audit_secrets secrets;
	enum err e = secrets_of(trace, &secrets);

	options.secrets = &secrets;
	if (!e)
		e = keys_of(trace, &keys);
	options.keys = keys;
	if (!e)
		e = audit_open(&options, &sink, &j.audit);
	if (!e)
		e = trace_reader_open(NULL, &events, &r);
	if (!e)
		e = trace_reader_feed(r, trace);
	if (!e)
		e = trace_reader_end(r);
	if (!e)
		e = audit_end(j.audit);
	trace_reader_close(&r);
	audit_close(&j.audit);
	keys_free(&keys);
	audit_secrets_close(&secrets);
	return e ? e : wbuf_done(found);
}
