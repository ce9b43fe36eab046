/*
 * Any trace, judged with keys and secrets, as production or not: each finding is of a rule of the
 * table, has a place and one line of words, and quotes no secret; what is judged twice is found
 * twice.
 *
 * Input: a trace of any form; those of tests/traces/audit are good ones to begin with.
 */
#include <string.h>

#include "lib/trace/audit/audit.h"
#include "lib/trace/audit/secrets.h"
#include "lib/trace/keys/keys.h"
#include "lib/trace/read/reader.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 3GPP's published test key: TS 35.208, test set 1 */
#define K   "465b5ce8b199b49faa5f0a2ee238a6bc"
#define OPC "cd63cb71954a9f4e48a5994e37a02baf"

struct judged {
	unsigned findings;
	uint32_t shape; /* of what was found */
};

static void mix(struct judged *j, const char *text)
{
	for (; *text; text++)
		j->shape = j->shape * 31 + (unsigned char)*text;
}

static void take_finding(void *ctx, const struct audit_finding *f)
{
	struct judged *j = ctx;
	const char *detail = f->finding.detail;

	MUST(audit_rule(f->finding.rule->id) == f->finding.rule);
	MUST(*f->finding.where && *detail);
	for (const char *c = detail; *c; c++)
		MUST(*c != '\n' && *c != 27);
	MUST(!strstr(detail, K) && !strstr(detail, OPC));
	MUST(!f->has_before || f->before.place.number <= f->at.place.number || !f->at.place.number);
	j->findings++;
	mix(j, f->finding.rule->id);
	mix(j, f->finding.where);
	mix(j, detail);
}

static void take_mark(void *ctx, const struct audit_mark *m)
{
	(void)ctx;
	MUST(m->text && *m->text);
}

static void take_event(void *ctx, const struct trace_event *e)
{
	audit_event(*(struct audit **)ctx, e);
}

static void take_words(void *ctx, struct slice words, const struct trace_place *place)
{
	audit_words(*(struct audit **)ctx, words, place);
}

static struct judged judge(struct slice trace, const struct audit_options *options)
{
	struct judged j = {0};
	struct audit *a = NULL;
	const struct audit_sink sink = {.finding = take_finding, .mark = take_mark, .ctx = &j};
	const struct trace_sink events = {.take = take_event, .ctx = &a, .words = take_words};
	struct trace_reader *r = NULL;

	MUST(!audit_open(options, &sink, &a));
	MUST(!trace_reader_open(NULL, &events, &r));
	if (!trace_reader_feed(r, trace))
		(void)!trace_reader_end(r);
	MUST(!audit_end(a));
	trace_reader_close(&r);
	audit_close(&a);
	return j;
}

/* Made once. */
static const struct audit_options *given(void)
{
	static const char keys_text[] = "milenage one " K " " OPC "\n";
	static const char secrets_text[] = "K one " K "\nPIN user 1234\nADM issuer 88776655\n";
	static struct audit_secrets secrets;
	static struct trace_keys *keys;
	static struct audit_options options;
	struct needles_fault fault;
	struct keys_error why;

	if (options.keys)
		return &options;
	MUST(!keys_parse(slice_str(keys_text), &keys, &why));
	MUST(!audit_secrets_open(slice_str(secrets_text), &secrets, &fault));
	options.keys = keys;
	options.secrets = &secrets;
	return &options;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice trace = slice_make(data, size);
	struct audit_options options = *given();
	struct judged first, second;

	options.production = size & 1;
	first = judge(trace, &options);
	second = judge(trace, &options);
	MUST(first.findings == second.findings && first.shape == second.shape);
	return 0;
}
