/* gateway: limited and full access of the access network, by nftables */
#include "host/operator/gateway/gateway.h"

#include <stdio.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/wait.h"

#define RULES_MAX (1u << 16)

static struct {
	const char *hostapd, *interface, *socket, *leases;
	struct tool_list reach;
	bool print;
} opt;

static void say_line(const char *line)
{
	char at[CMD_TIME_CAP];

	cmd_time_text(cmd_now(), at);
	if (tool_json())
		tool_print_json(
			json_pack("{s:s, s:o}", "at", at, "said", json_text(slice_str(line))));
	else
		tool_say("%s  %s", at, line);
	fflush(stdout);
}

static void say_open(void)
{
	if (tool_json())
		tool_print_json(json_pack("{s:o}", "ready", json_text(slice_str(opt.socket))));
	else
		tool_say("The gate at %s is closed to all but those who prove themselves (Ctrl-C "
			 "ends it)",
			 opt.interface);
	fflush(stdout);
}

static int read_rules(struct gate_rules *rules)
{
	enum err e;

	if (!opt.interface)
		return tool_usage("--interface is missing");
	if (gate_interface(opt.interface, rules))
		return tool_usage("'%s' is no name of an interface", opt.interface);
	for (size_t i = 0; i < opt.reach.count; i++) {
		e = gate_add_reach(opt.reach.items[i], rules);
		if (e)
			return tool_usage("--reach wants tcp:ADDRESS:PORT or udp:ADDRESS:PORT, "
					  "IPv4 in numbers, not '%s'",
					  opt.reach.items[i]);
	}
	return TOOL_OK;
}

static int print_rules(const struct gate_rules *rules)
{
	struct wbuf text = wbuf_grow(RULES_MAX);
	enum err e;

	gate_table_text(rules, &text);
	e = wbuf_done(&text);
	if (!e)
		fwrite(text.ptr, 1, text.len, stdout);
	wbuf_free(&text);
	return e ? tool_fail(e, "the rules") : TOOL_OK;
}

static int say_not_had(enum err e, enum gateway_part part)
{
	if (part == GATEWAY_SOCKET)
		return tool_fail(e, "cannot serve on '%s'", opt.socket);
	if (part == GATEWAY_GATE && e == ERR_PERMISSION)
		return tool_fail_said(e,
				      "the kernel lets nobody but root set its rules, and nothing "
				      "was opened (%s): run it as root, in the namespace of the "
				      "access network",
				      gate_trouble());
	if (part == GATEWAY_GATE)
		return tool_fail(e, "cannot set the rules at '%s', and nothing was opened (%s)",
				 opt.interface, gate_trouble());
	return tool_fail(e, "the gateway");
}

static int run_gate(const struct gate_rules *rules)
{
	struct gateway_setup setup = {.hostapd = opt.hostapd,
				      .leases = opt.leases,
				      .socket = opt.socket,
				      .rules = rules,
				      .cancel = tool_cancel(),
				      .now = cmd_now,
				      .now_ms = wait_now_ms,
				      .ready = say_open,
				      .tell = say_line};
	enum gateway_part part = GATEWAY_WORK;
	enum err e;
	int code = cmd_store_open(&setup.store);

	if (code)
		return code;
	cancel_set_teller(tool_cancel(), NULL);
	e = gateway_run(&setup, &part);
	operator_store_close(&setup.store);
	if (!e)
		cancel_take(tool_cancel()); /* this is how it ends */
	return e ? say_not_had(e, part) : TOOL_OK;
}

static int run_gateway(int argc, char **argv)
{
	struct gate_rules rules = {.count = 0};
	int code = read_rules(&rules);

	(void)argc, (void)argv;
	if (code)
		return code;
	if (opt.print)
		return print_rules(&rules);
	if (!opt.hostapd || !opt.socket || !opt.leases)
		return tool_usage("--hostapd, --leases and --socket are needed");
	return run_gate(&rules);
}

static const struct tool_option options[] = {
	{"interface", 0, OPT_STRING, "IF", "Where the modules come in", &opt.interface},
	{"hostapd", 0, OPT_STRING, "SOCKET", "hostapd's control socket of that interface",
	 &opt.hostapd},
	{"leases", 0, OPT_STRING, "FILE",
	 "dnsmasq's file of leases: a module speaks from the address that it was given",
	 &opt.leases},
	{"socket", 0, OPT_STRING, "PATH", "Answer who is attached on this unix socket (mode 0600)",
	 &opt.socket},
	{"reach", 0, OPT_LIST, "tcp:ADDRESS:PORT|udp:ADDRESS:PORT",
	 "What limited access reaches beside DHCP and DNS: the portal, the release; may be "
	 "repeated",
	 &opt.reach},
	{"print-rules", 0, OPT_FLAG, NULL,
	 "Print the rules for nft, closed to all, and end: for the start of the machine",
	 &opt.print},
	OPT_END,
};

const struct tool_command cmd_gateway[] = {
	{"gateway", "", 0, 0, "Let modules through as far as their subscriber's state allows",
	 "Runs as root where the access network's traffic passes. Who has proved himself to "
	 "hostapd\n"
	 "(EAP-SIM, AKA or AKA' with vectors of auc serve) has given his first factor; with the "
	 "first\n"
	 "key he reaches what --reach names, DHCP and DNS, with the second one everything, as long "
	 "as\n"
	 "his subscriber's state allows it. hostapd has to run with eap_sim_id=0.\n"
	 "The rules are a table of nftables of its own. What it lets through runs out within "
	 "three\n"
	 "seconds when the gateway has ended, in whatever way.",
	 options, run_gateway},
};
const size_t cmd_gateway_count = ARRAY_LEN(cmd_gateway);
