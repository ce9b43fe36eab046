#include "host/trace/keys.h"

#include "lib/trace/keys/keys.h"
#include "tool/cli/program.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/trouble.h"

enum err keys_read(const char *path, struct trace_keys **out)
{
	struct wbuf text = wbuf_grow(TRACE_KEYS_TEXT_MAX);
	struct trace_keys_error why;
	enum err e = ERR_OK;

	if (path)
		e = secret_file_read(path, tool_cancel(), &text);
	if (path && !e) {
		e = trace_keys_parse(wbuf_slice(&text), out, &why);
		if (e == ERR_VALUE)
			e = trouble_set(e, "%s, line %u: %s", path, why.line, why.why);
	}
	wbuf_free(&text);
	return e;
}
