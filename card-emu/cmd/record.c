#include "card-emu/cmd/record.h"

#include "tool/cli/say.h"
#include "tool/trace/seal_key.h"

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

int record_begin(const struct record_wish *wish, const char *reader, struct trace **out)
{
	struct trace_target target = {
		.path = wish->path, .anew = wish->force, .cancel = tool_cancel()};
	int code = seal_key_of_option(wish->seal, &target.seal);
	enum err e;

	if (code != TOOL_OK || !wish->path)
		return code;
	e = trace_create(&target, reader, out);
	return e ? tool_fail(e, "--trace %s", wish->path) : TOOL_OK;
}

int record_end(const char *path, struct trace **t, int code)
{
	enum err e = trace_close(t);
	int failed = e ? tool_fail(e, "--trace %s", path) : TOOL_OK;

	return code ? code : failed;
}
