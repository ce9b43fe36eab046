#include "host/trace/record.h"

static void observed_reset(void *ctx, struct slice atr)
{
	trace_reset(ctx, atr);
}

static void observed_exchange(void *ctx, struct slice command, struct slice response)
{
	trace_exchange(ctx, command, response);
}

struct transport_observer trace_observer(struct trace *t)
{
	return (struct transport_observer){
		.on_reset = observed_reset, .on_exchange = observed_exchange, .ctx = t};
}
