/* policy: what the operator allows beyond the rules; each change is in the log */
#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"

static struct {
	const char *first_asks, *gsm_factor;
} opt;

static int print(const struct operator_policy *p)
{
	if (tool_json())
		tool_print_json(json_pack("{s:b, s:b}", "firstAsks", p->first_asks, "gsmFactor",
					  p->gsm_factor));
	else
		tool_say("first-asks  %-3s  the first eUICC that asks is the one, where nobody has "
			 "named it\n"
			 "gsm-factor  %-3s  an answer in the GSM context is a first factor of a "
			 "release",
			 p->first_asks ? "on" : "off", p->gsm_factor ? "on" : "off");
	return TOOL_OK;
}

/* False: it is neither. */
static bool take_switch(const char *text, bool *value)
{
	if (!text)
		return true;
	*value = strcmp(text, "on") == 0;
	return *value || strcmp(text, "off") == 0;
}

static int run_policy(int argc, char **argv)
{
	struct operator_policy p = {.first_asks = false};
	struct operator_store *s = NULL;
	enum err e;
	int code;

	(void)argc, (void)argv;
	if (!take_switch(opt.first_asks, &p.first_asks) ||
	    !take_switch(opt.gsm_factor, &p.gsm_factor))
		return tool_usage("--first-asks and --gsm-factor want on or off");
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = operator_policy_get(s, &p);
	(void)!take_switch(opt.first_asks, &p.first_asks);
	(void)!take_switch(opt.gsm_factor, &p.gsm_factor);
	if (!e && (opt.first_asks || opt.gsm_factor))
		e = operator_policy_set(s, &p, "operator", cmd_now());
	operator_store_close(&s);
	return e ? tool_fail(e, "the settings of '%s'", cmd_dir) : print(&p);
}

static const struct tool_option options[] = {
	{"first-asks", 0, OPT_STRING, "on|off",
	 "Where nobody has named the eUICC, grant to the first that asks (default: off)",
	 &opt.first_asks},
	{"gsm-factor", 0, OPT_STRING, "on|off",
	 "Take a GSM answer (4 octets) for a first factor of a release (default: off)",
	 &opt.gsm_factor},
	OPT_END,
};

const struct tool_command cmd_policy[] = {
	{"policy", "", 0, 0, "Show what the operator allows beyond the rules, or change it",
	 "The settings are kept in the operator's folder, authenticated; each change is in the\n"
	 "log. A running server takes them at once.",
	 options, run_policy},
};
const size_t cmd_policy_count = ARRAY_LEN(cmd_policy);
