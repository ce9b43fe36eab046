/* twinkey: the module's side of the two keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cmd/cmd.h"
#include "tool/harden.h"

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

int main(int argc, char **argv)
{
#define CMD_ROW(name) {cmd_##name, cmd_##name##_count},
	const struct {
		const struct tool_command *rows;
		size_t count;
	} tables[] = {CMD_TABLES(CMD_ROW)};
	static struct tool_command commands[COMMANDS_MAX];
	struct tool_program program = {.name = "twinkey",
				       .summary =
					       "The module's side: readers, cards, profiles, keys.",
				       .commands = commands,
				       .globals = globals};

	harden_process();
	interrupt_catch();
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		if (program.command_count + tables[i].count > COMMANDS_MAX)
			abort();
		memcpy(&commands[program.command_count], tables[i].rows,
		       tables[i].count * sizeof(*commands));
		program.command_count += tables[i].count;
	}
	return tool_main(&program, argc, argv);
}
