/* twinkey-card: the virtual eUICC. */
#include "card-emu/cmd/cmd.h"
#include "lib/base/bytes.h"
#include "tool/sys/cancel.h"
#include "tool/sys/harden.h"

int main(int argc, char **argv)
{
	const struct tool_command commands[] = {cmd_create, cmd_run, cmd_inspect};
	static struct cancel cancel;
	const struct tool_program program = {.name = "twinkey-card",
					     .summary = "A virtual eUICC, its state in a folder.",
					     .cancel = &cancel,
					     .commands = commands,
					     .command_count = ARRAY_LEN(commands)};

	harden_process();
	cancel_on_signals(&cancel);
	return tool_main(&program, argc, argv);
}
