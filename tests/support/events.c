#include "tests/support/events.h"

static void print_hex(FILE *out, struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++)
		fprintf(out, "%02x", slice_at(octets, i));
}

void events_print(FILE *out, const struct trace_event *e)
{
	static const char *const kinds[] = {[TRACE_EXCHANGE] = "exchange",
					    [TRACE_RESET] = "reset",
					    [TRACE_PPS] = "pps",
					    [TRACE_REMOVED] = "removed",
					    [TRACE_FAULT] = "fault"};

	fprintf(out, "%s %u %llu@%llu ", kinds[e->kind], e->card,
		(unsigned long long)e->place.number, (unsigned long long)e->place.offset);
	print_hex(out, e->command);
	fputc('/', out);
	print_hex(out, e->response);
	if (e->has_time)
		fprintf(out, " t=%lld", (long long)e->time_ns);
	fprintf(out, "%s%s\n", e->text ? " " : "", e->text ? e->text : "");
}

void events_take(void *ctx, const struct trace_event *e)
{
	events_print(ctx, e);
}
