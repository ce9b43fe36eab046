/*
 * program: what the three programs share at the command line.
 *
 * --help, --version, --json and usage errors come from the tables (tool/cli/command.h). Exit codes:
 * enum tool_exit.
 */
#ifndef TWINKEY_TOOL_PROGRAM_H
#define TWINKEY_TOOL_PROGRAM_H

#include "tool/cli/command.h"
#include "tool/cli/say.h"

#define TWINKEY_VERSION "0.1.0"

/*
 * Finds the subcommand, fills the options, runs it. Prints usage where asked or needed. Output that
 * could not be written makes a success TOOL_FAILED.
 */
int tool_main(const struct tool_program *p, int argc, char **argv);
/* Whether the option stands on the command line (of a command that has fewer than 64). */
bool tool_was_given(const struct tool_option *o);

#endif
