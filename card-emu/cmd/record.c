#include "card-emu/cmd/record.h"

#include "tool/cli/say.h"

static void on_reset(void *ctx, struct slice atr)
{
	trace_reset(ctx, atr);
}

static void on_exchange(void *ctx, struct slice command, struct slice response)
{
	trace_exchange(ctx, command, response);
}

struct link_observer record_observer(struct trace *t)
{
	return (struct link_observer){on_reset, on_exchange, t};
}

int record_begin(const char *path, bool force, const char *reader, struct trace **out)
{
	enum err e = path ? trace_create(path, force, reader, tool_cancel(), out) : ERR_OK;

	return e ? tool_fail(e, "--trace %s", path) : TOOL_OK;
}

int record_end(const char *path, struct trace **t, int code)
{
	enum err e = trace_close(t);
	int failed = e ? tool_fail(e, "--trace %s", path) : TOOL_OK;

	return code ? code : failed;
}
