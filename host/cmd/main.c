/* twinkey: the module's side of the two keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cmd/cmd.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/harden.h"

#define COMMANDS_MAX 64

struct cmd_globals cmd_globals = {.wait_s = 5};

static const struct tool_option globals[] = {
	{"reader", 'r', OPT_STRING, "SPEC",
	 "Reader: pcsc[:NAME], card:DIR, vpcd[:[HOST:]PORT] (default: the first with a card)",
	 &cmd_globals.reader},
	{"operator", 0, OPT_STRING, "SPEC", "The network's side: unix:PATH, http[s]://HOST:PORT",
	 &cmd_globals.network.link},
	{"ca", 0, OPT_STRING, "FILE",
	 "Trust these certificates for https, instead of the system's (PEM or DER)",
	 &cmd_globals.network.ca_file},
	{"connect", 0, OPT_STRING, "HOST:PORT",
	 "Connect there, whatever address manager or operator has", &cmd_globals.network.connect},
	{"isdr-aid", 0, OPT_STRING, "HEX", "The AID of the ISD-R, where it is another",
	 &cmd_globals.isdr_aid},
	{"trace", 0, OPT_STRING, "FILE", "Record every exchange with the card (pcapng, GSMTAP)",
	 &cmd_globals.trace},
	{"force", 0, OPT_FLAG, NULL, "Let --trace replace a file that is there",
	 &cmd_globals.force},
	{"pin-file", 0, OPT_STRING, "FILE",
	 "Read the PIN from this file (or give TWINKEY_PIN in the environment)",
	 &cmd_globals.pin_file},
	{"wait", 0, OPT_UINT, "SECONDS", "Wait so long for a reader and a card (default: 5)",
	 &cmd_globals.wait_s},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

/* The PIN itself is read when a card wants it: it may come through a pipe. */
static int check_pin_file(void)
{
	const char *path = cmd_globals.pin_file;
	enum err e = path ? secret_file_check(path) : ERR_OK;

	return e ? tool_fail(e, "--pin-file %s", path) : TOOL_OK;
}

/* What is given is right, whether the command comes to need it or not. */
static int check(void)
{
	struct operator_link *o = NULL;
	char message[ES9P_MESSAGE];
	struct slice aid;
	enum err e;
	int code;

	if (!cmd_isdr_aid(&aid))
		return tool_usage("--isdr-aid takes an AID of 5 to 16 octets in hex, not '%s'",
				  cmd_globals.isdr_aid);
	if (cmd_globals.wait_s > CMD_WAIT_MAX_S)
		return tool_usage("--wait takes at most %d seconds", CMD_WAIT_MAX_S);
	code = check_pin_file();
	if (code || (!cmd_globals.network.link && !cmd_globals.network.ca_file &&
		     !cmd_globals.network.connect))
		return code;
	e = es9p_reach(&cmd_globals.network, "https://localhost", &o, message);
	operator_close(&o);
	if (e == ERR_USAGE)
		return tool_usage("%s", message);
	return e ? tool_fail_said(e, "%s", *message ? message : err_text(e)) : TOOL_OK;
}

int main(int argc, char **argv)
{
#define CMD_ROW(name) {cmd_##name, cmd_##name##_count},
	const struct {
		const struct tool_command *rows;
		size_t count;
	} tables[] = {CMD_TABLES(CMD_ROW)};
	static struct cancel cancel;
	static struct tool_command commands[COMMANDS_MAX];
	struct tool_program program = {.name = "twinkey",
				       .summary =
					       "The module's side: readers, cards, profiles, keys.",
				       .commands = commands,
				       .globals = globals,
				       .cancel = &cancel,
				       .check = check};

	harden_process();
	cancel_on_signals(&cancel);
	cmd_globals.network.cancel = &cancel;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		if (program.command_count + tables[i].count > COMMANDS_MAX)
			abort();
		memcpy(&commands[program.command_count], tables[i].rows,
		       tables[i].count * sizeof(*commands));
		program.command_count += tables[i].count;
	}
	return tool_main(&program, argc, argv);
}
