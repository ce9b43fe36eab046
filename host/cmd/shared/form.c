#include "host/cmd/shared/form.h"

#include <stdio.h>
#include <string.h>

#include "host/trace/keys.h"
#include "lib/trace/read/formats.h"
#include "tool/cli/say.h"

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
	enum err e = trace_keys_read(path, out);

	return e ? tool_fail(e, "--keys %s", path) : TOOL_OK;
}
