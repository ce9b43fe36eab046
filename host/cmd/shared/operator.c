#include "host/cmd/shared/operator.h"

#include "host/cmd/shared/globals.h"
#include "host/net/client.h"
#include "host/terminal/lpa/es9p.h"
#include "tool/cli/program.h"

int cmd_operator_open(struct http_client **out)
{
	char message[ES9P_MESSAGE];
	enum err e;

	if (!cmd_globals.network.link)
		return tool_usage("--operator is missing: unix:PATH or a URL of the operator");
	e = es9p_reach(&cmd_globals.network, "", out, message);
	if (e == ERR_USAGE)
		return tool_usage("%s", message);
	return *message ? tool_fail_said(e, "%s", message)
	       : e	? tool_fail(e, "%s", cmd_globals.network.link)
			: TOOL_OK;
}
