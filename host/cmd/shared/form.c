#include "host/cmd/shared/form.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/open/keys.h"
#include "tool/cli/say.h"
#include "tool/sys/secret_file.h"

#define NAMES_MAX 512

int cmd_trace_end(const char *path, uint64_t octets, enum err e)
{
	char names[NAMES_MAX] = "";

	for (size_t i = 0; trace_formats[i]; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i ? ", " : "", trace_formats[i]->name);
	if (e == ERR_UNSUPPORTED && octets)
		return tool_fail_said(e,
				      "%s: it is of no form that is known: name it by --from (%s)",
				      path, names);
	if (!e && !octets)
		return tool_fail_said(ERR_TRUNCATED, "%s: it is empty", path);
	return e ? tool_fail(e, "%s", path) : TOOL_OK;
}

int cmd_trace_keys(const char *path, struct trace_keys **out)
{
	struct wbuf text = wbuf_grow(KEYS_TEXT_MAX);
	struct keys_error why = {0};
	enum err e = path ? secret_file_read(path, tool_cancel(), &text) : ERR_OK;
	int code = TOOL_OK;

	*out = NULL;
	if (!e && path)
		e = keys_parse(wbuf_slice(&text), out, &why);
	wbuf_free(&text);
	if (e == ERR_VALUE && why.why)
		code = tool_fail_said(e, "--keys %s: line %u: %s", path, why.line, why.why);
	else if (e)
		code = tool_fail(e, "--keys %s", path);
	return code;
}
