#include "host/trace/keys.h"

#include "lib/trace/keys/keys.h"
#include "tool/cli/program.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/trouble.h"

enum err trace_keys_read(const char *path, struct trace_keys **out)
{
	struct wbuf text = wbuf_grow(KEYS_TEXT_MAX);
	enum err e = path ? secret_file_read(path, tool_cancel(), &text) : ERR_OK;
	struct keys_error error;

	*out = NULL;
	if (!e && path) {
		e = keys_parse(wbuf_slice(&text), out, &error);
		if (e == ERR_VALUE)
			e = trouble_set(e, "line %u: %s", error.line, error.why);
	}
	wbuf_free(&text);
	return e;
}
