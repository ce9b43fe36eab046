/* twinkey: the module's side of the two keys. */
#include <stdlib.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "lib/base/bytes.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/harden.h"

#define COMMANDS_MAX 64

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
				       .globals = cmd_global_options,
				       .cancel = &cancel,
				       .check = cmd_globals_check};

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
