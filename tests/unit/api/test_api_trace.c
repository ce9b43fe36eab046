/* include/twinkey/trace.h: a trace that is fed, exchanges that are given, and bad use */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "include/twinkey/trace.h"
#include "lib/trace/audit/audit.h"

static struct twinkey_error error;

/* What was told, a line each. */
struct told {
	char text[4096];
	size_t len;
	unsigned findings;
};

static void put(struct told *t, const char *line)
{
	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, "%s\n", line);
	CU_ASSERT_FATAL(t->len < sizeof(t->text));
}

static void take_event(void *ctx, const struct twinkey_event *e)
{
	char line[512], data[2 * 64 + 1];

	CU_ASSERT_EQUAL(e->size, sizeof(*e));
	hex_encode(slice_make(e->data.ptr, e->data.len), data, sizeof(data));
	snprintf(line, sizeof(line), "%d %u '%s' %llu-%llu %s '%s' %s %s %04x %s", (int)e->kind,
		 e->card, e->reader, (unsigned long long)e->number, (unsigned long long)e->last,
		 e->name, e->what, e->path, e->status, e->sw, data);
	put(ctx, line);
}

static void take_finding(void *ctx, const struct twinkey_finding *f)
{
	struct told *t = ctx;
	char line[512];

	CU_ASSERT_EQUAL(f->size, sizeof(*f));
	CU_ASSERT_EQUAL(f->rule.size, sizeof(f->rule));
	snprintf(line, sizeof(line), "%s at %s (%llu-%llu): %s", f->rule.id, f->where,
		 (unsigned long long)f->number, (unsigned long long)f->last, f->detail);
	put(t, line);
	t->findings++;
}

static struct twinkey_octets octets(const char *hex)
{
	struct slice s = test_unhex(hex);

	return (struct twinkey_octets){s.ptr, s.len};
}

static void test_fed(void)
{
	static const char trace[] = "> 0020000108" /* VERIFY: its code is not told */
				    "31323334FFFFFFFF\n< 9000\n"
				    "> 00A40004023F\n< 6700\n";
	struct told told = {.len = 0};
	const struct twinkey_trace_options how = {.size = sizeof(how),
						  .from = "pairs",
						  .event = take_event,
						  .finding = take_finding,
						  .ctx = &told};
	struct twinkey_trace *t = NULL;

	CU_ASSERT_EQUAL_FATAL(twinkey_trace_open(&how, &t, &error), TWINKEY_OK);
	for (size_t i = 0; i < strlen(trace); i++)
		CU_ASSERT_EQUAL(twinkey_trace_feed(t, (const uint8_t *)trace + i, 1, &error),
				TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_trace_exchange(t, octets("00A40004023F00"), octets("9000")),
			TWINKEY_ERR_STATE);
	CU_ASSERT_EQUAL(twinkey_trace_end(t, &error), TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_trace_end(t, &error), TWINKEY_ERR_STATE);
	CU_ASSERT_EQUAL(twinkey_trace_feed(t, (const uint8_t *)trace, 1, &error),
			TWINKEY_ERR_STATE);
	twinkey_trace_close(&t);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "VERIFY PIN"));
	CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "ffffffffffffffff"));
	CU_ASSERT_PTR_NULL(strstr(told.text, "31323334"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(told.text, "FRM-02 at 3 (3-3): SELECT: the data ends too early\n"));
}

/* T=0's two commands are one exchange, and a card of this house is judged as any other. */
static void test_given(void)
{
	struct told told = {.len = 0};
	const struct twinkey_trace_options how = {
		.size = sizeof(how), .event = take_event, .ctx = &told};
	struct twinkey_trace *t = NULL;

	CU_ASSERT_EQUAL_FATAL(twinkey_trace_open(&how, &t, NULL), TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_trace_reset(t, octets("3B00")), TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_trace_exchange(t, octets("00A40004023F00"), octets("6102")),
			TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_trace_exchange(t, octets("00C0000002"), octets("62009000")),
			TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_trace_exchange(t, (struct twinkey_octets){0}, octets("9000")),
			TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_trace_feed(t, (const uint8_t *)"x", 1, &error), TWINKEY_ERR_STATE);
	CU_ASSERT_EQUAL(twinkey_trace_end(t, NULL), TWINKEY_OK);
	twinkey_trace_close(&t);
	CU_ASSERT_STRING_EQUAL(told.text, "1 0 '' 1-1 reset ''   0000 \n"
					  "0 0 '' 2-3 SELECT '' MF ok 9000 3f00\n");
}

static void test_bad_use(void)
{
	struct twinkey_trace_options how = {.size = sizeof(how), .from = "nonsense"};
	struct twinkey_trace *t = NULL;

	CU_ASSERT_EQUAL(twinkey_trace_open(&how, &t, &error), TWINKEY_ERR_VALUE);
	CU_ASSERT_STRING_EQUAL(error.text, "there is no form of trace 'nonsense'");
	CU_ASSERT_PTR_NULL(t);
	how.size = 8;
	CU_ASSERT_EQUAL(twinkey_trace_open(&how, &t, &error), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_trace_open(NULL, NULL, &error), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_trace_feed(NULL, NULL, 0, &error), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_trace_end(NULL, NULL), TWINKEY_ERR_USAGE);
	twinkey_trace_close(NULL);
	twinkey_trace_close(&t);

	CU_ASSERT_EQUAL_FATAL(twinkey_trace_open(NULL, &t, &error), TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_trace_feed(t, (const uint8_t *)"no trace\n", 9, &error),
			TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_trace_end(t, &error), TWINKEY_ERR_UNSUPPORTED);
	CU_ASSERT_STRING_EQUAL(error.text,
			       "the trace is of no form that is known: name it by 'from'");
	twinkey_trace_close(&t);
}

static void test_rules(void)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	size_t count = audit_rules(rules), i = 0;
	struct twinkey_rule r = {.size = sizeof(r)};

	for (; twinkey_rule(i, &r); i++) {
		CU_ASSERT_STRING_EQUAL(r.id, rules[i]->id);
		CU_ASSERT_EQUAL((int)r.severity, (int)rules[i]->severity);
		CU_ASSERT_EQUAL(r.size, sizeof(r));
	}
	CU_ASSERT_EQUAL(i, count);
	r.size = 1;
	CU_ASSERT_EQUAL(twinkey_rule(0, &r), 0);
}

TEST_SUITE(api_trace, {"fed", test_fed}, {"given", test_given}, {"bad use", test_bad_use},
	   {"rules", test_rules})
