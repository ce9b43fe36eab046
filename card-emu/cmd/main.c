/* twinkey-card: the virtual eUICC. */
#include "card-emu/cmd/cmd.h"
#include "lib/base/bytes.h"
#include "tool/sys/harden.h"

int main(int argc, char **argv)
{
	const struct tool_command commands[] = {cmd_create, cmd_run, cmd_inspect};
	const struct tool_program program = {.name = "twinkey-card",
					     .summary = "A virtual eUICC, its state in a folder.",
					     .commands = commands,
					     .command_count = ARRAY_LEN(commands)};

	harden_process();
	interrupt_catch();
	return tool_main(&program, argc, argv);
}
