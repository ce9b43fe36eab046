/*
 * audit-trace: judges a trace of a card's interface: a line for each finding, exit code 1 if one is
 * an error.
 *
 *	cc audit-trace.c $(pkg-config --cflags --libs twinkey) -o audit-trace && ./audit-trace <FILE
 *
 * The trace is what any of the forms is that 'twinkey trace show' knows: pcapng, pcscd --apdu,
 * LPAC_APDU_DEBUG, "> COMMAND" and "< RESPONSE" ...
 */
#include <stdio.h>
#include <twinkey/trace.h>

struct tally {
	unsigned exchanges, findings, errors;
};

static void take_event(void *ctx, const struct twinkey_event *event)
{
	struct tally *tally = ctx;

	tally->exchanges += event->kind == TWINKEY_EVENT_EXCHANGE;
}

static void take_finding(void *ctx, const struct twinkey_finding *finding)
{
	struct tally *tally = ctx;

	tally->findings++;
	tally->errors += finding->rule.severity == TWINKEY_SEVERITY_ERROR;
	printf("%s at %s: %s: %s\n", finding->rule.id, finding->where, finding->rule.says,
	       finding->detail);
}

int main(void)
{
	struct tally tally = {0};
	const struct twinkey_trace_options how = {.size = sizeof(how),
						  .spill = 1,
						  .event = take_event,
						  .finding = take_finding,
						  .ctx = &tally};
	struct twinkey_error error;
	struct twinkey_trace *trace;
	uint8_t octets[65536];
	size_t n;

	if (twinkey_trace_open(&how, &trace, &error) != TWINKEY_OK)
		goto failed;
	while ((n = fread(octets, 1, sizeof(octets), stdin)) > 0) {
		if (twinkey_trace_feed(trace, octets, n, &error) != TWINKEY_OK)
			goto failed;
	}
	if (twinkey_trace_end(trace, &error) != TWINKEY_OK)
		goto failed;
	twinkey_trace_close(&trace);
	printf("%u exchanges, %u findings, %u of them errors\n", tally.exchanges, tally.findings,
	       tally.errors);
	return tally.errors > 0;
failed:
	fprintf(stderr, "audit-trace: %s\n", error.text);
	return 2;
}
