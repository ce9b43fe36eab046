/* policy: what the operator allows beyond the rules; each change is in the log */
#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"

static struct {
	const char *first_asks, *gsm_factor, *sqn_clock, *factors, *four_eyes;
} opt;

static int print(const struct operator_policy *p, const struct factor_wants *w)
{
	char wanted[FACTOR_WANTS_CAP];

	factor_wants_text(w, wanted);
	if (tool_json())
		tool_print_json(json_pack("{s:b, s:b, s:b, s:s, s:b}", "firstAsks", p->first_asks,
					  "gsmFactor", p->gsm_factor, "sqnClock", p->sqn_clock,
					  "factors", wanted, "fourEyes", w->four_eyes));
	else
		tool_say(
			"first-asks  %-3s  the first eUICC that asks is the one, where nobody has "
			"named it\n"
			"gsm-factor  %-3s  an answer in the GSM context is a first factor of a "
			"release\n"
			"sqn-clock   %-3s  sequence numbers follow the clock, and do not only "
			"count\n"
			"four-eyes   %-3s  an agent's word counts when a second agent has said the "
			"same\n"
			"factors     %s",
			p->first_asks ? "on" : "off", p->gsm_factor ? "on" : "off",
			p->sqn_clock ? "on" : "off", w->four_eyes ? "on" : "off", wanted);
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

/* What was given is set; *w is then what holds. */
static enum err change_wants(struct operator_store *s, struct factor_wants *w)
{
	enum err e = factor_wants_get(s, w);

	(void)!take_switch(opt.four_eyes, &w->four_eyes);
	if (opt.factors && factor_wants_parse(opt.factors, w))
		return ERR_VALUE;
	return !e && (opt.factors || opt.four_eyes) ? factor_wants_set(s, w, "operator", cmd_now())
						    : e;
}

static int run_policy(int argc, char **argv)
{
	struct operator_policy p = {.first_asks = false};
	struct factor_wants w = FACTOR_WANTS_ONE;
	struct operator_store *s = NULL;
	enum err e;
	int code;

	(void)argc, (void)argv;
	if (!take_switch(opt.first_asks, &p.first_asks) ||
	    !take_switch(opt.gsm_factor, &p.gsm_factor) ||
	    !take_switch(opt.sqn_clock, &p.sqn_clock) || !take_switch(opt.four_eyes, &w.four_eyes))
		return tool_usage(
			"--first-asks, --gsm-factor, --sqn-clock and --four-eyes want on or "
			"off");
	if (opt.factors && factor_wants_parse(opt.factors, &w))
		return tool_usage(CMD_WANTS_USAGE);
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = operator_policy_get(s, &p);
	(void)!take_switch(opt.first_asks, &p.first_asks);
	(void)!take_switch(opt.gsm_factor, &p.gsm_factor);
	(void)!take_switch(opt.sqn_clock, &p.sqn_clock);
	if (!e && (opt.first_asks || opt.gsm_factor || opt.sqn_clock))
		e = operator_policy_set(s, &p, "operator", cmd_now());
	if (!e)
		e = change_wants(s, &w);
	operator_store_close(&s);
	return e ? tool_fail(e, "the settings of '%s'", cmd_dir) : print(&p, &w);
}

static const struct tool_option options[] = {
	{"first-asks", 0, OPT_STRING, "on|off",
	 "Where nobody has named the eUICC, grant to the first that asks (default: off)",
	 &opt.first_asks},
	{"gsm-factor", 0, OPT_STRING, "on|off",
	 "Take a GSM answer (4 octets) for a first factor of a release (default: off)",
	 &opt.gsm_factor},
	{"sqn-clock", 0, OPT_STRING, "on|off",
	 "Let sequence numbers follow the clock, TS 33.102 C.3.1 (default: off)", &opt.sqn_clock},
	{"factors", 0, OPT_STRING, "WANTED",
	 "Second factors of a release: one-of:KINDS or all-of:KINDS (default: one-of:any); KINDS: "
	 "totp,sent,agent,identity,provider,passkey",
	 &opt.factors},
	{"four-eyes", 0, OPT_STRING, "on|off",
	 "An agent's word counts when another agent has said the same (default: off)",
	 &opt.four_eyes},
	OPT_END,
};

const struct tool_command cmd_policy[] = {
	{"policy", "", 0, 0, "Show what the operator allows beyond the rules, or change it",
	 "The settings are kept in the operator's folder, authenticated; each change is in the\n"
	 "log. A running server takes them at once.",
	 options, run_policy},
};
const size_t cmd_policy_count = ARRAY_LEN(cmd_policy);
