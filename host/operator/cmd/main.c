/* twinkey-operator: the network's side of the two keys. */
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/key/key.h"
#include "host/operator/cmd/shared/folder.h"
#include "lib/base/bytes.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/harden.h"

#define COMMANDS_MAX 96

int main(int argc, char **argv)
{
#define CMD_ROW(name) {cmd_##name, cmd_##name##_count},
	const struct tool_table tables[] = {CMD_TABLES(CMD_ROW)};
#undef CMD_ROW
	static struct cancel cancel;
	static struct tool_command commands[COMMANDS_MAX];
	struct tool_program program = {.name = "twinkey-operator",
				       .summary =
					       "The network's side: subscribers, second factors, "
					       "the AuC, the release.",
				       .commands = commands,
				       .globals = cmd_global_options,
				       .cancel = &cancel};

	harden_process();
	cancel_on_signals(&cancel);
	cmd_key_begin();
	program.command_count = command_join(tables, ARRAY_LEN(tables), commands, COMMANDS_MAX);
	return tool_main(&program, argc, argv);
}
