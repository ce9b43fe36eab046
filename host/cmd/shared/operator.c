#include "host/cmd/shared/operator.h"

#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/say.h"
#include "host/net/operator.h"
#include "host/terminal/attach.h"
#include "tool/cli/program.h"

int cmd_operator_open(struct operator_link **out)
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

int cmd_operator_fail(const struct operator_link *op, enum err e, const char *what)
{
	const char *said = operator_message(op);

	return *said ? tool_fail_said(e, "the operator at %s, %s: %s", cmd_globals.network.link,
				      what, said)
		     : tool_fail(e, "the operator at %s, %s", cmd_globals.network.link, what);
}

int cmd_attach_fail(const struct uicc *u, const struct operator_link *op, const struct attach *a,
		    enum err e)
{
	if (a->by_operator && e == ERR_TRIES)
		return tool_fail_said(
			e,
			"the operator judges no short answers for IMSI %s for a while, after "
			"too many wrong ones: wait, or attach in the 3G context",
			a->imsi);
	if (a->by_operator && e == ERR_SYNC)
		return tool_fail_said(e,
				      "the card with IMSI %s has used up its sequence numbers, and "
				      "takes no challenge any more: it needs a new key",
				      a->imsi);
	if (a->by_operator)
		return cmd_operator_fail(op, e, *a->imsi ? a->imsi : "attach");
	if (!*a->imsi)
		return cmd_fail(u, e, "EF.IMSI");
	if (e == ERR_MAC)
		return tool_fail_said(e, "the card refuses AUTN: another K, OPc or AMF");
	if (e == ERR_SYNC)
		return tool_fail_said(e,
				      "the card refuses the number after its own too: its limits "
				      "(delta, age) or its length of IND are others than those "
				      "that the operator has for IMSI %s",
				      a->imsi);
	return cmd_fail(u, e, "AUTHENTICATE");
}
