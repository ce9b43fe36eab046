/*
 * completion: the script by which bash, zsh or fish completes the command line of a program, out of
 * its tables. What is written needs nothing but the shell, and runs no program of ours.
 */
#ifndef TWINKEY_TOOL_COMPLETION_H
#define TWINKEY_TOOL_COMPLETION_H

#include <stdio.h>

#include "tool/cli/command.h"

#define COMPLETION_SHELLS "bash|zsh|fish"

/*
 * Writes the script for one of COMPLETION_SHELLS; common: the options that every program has.
 * false: there is no such shell, and nothing was written. Whether the writing went well, the stream
 * knows.
 */
bool completion_write(const struct tool_program *p, const struct tool_option *common,
		      const char *shell, FILE *to);

#endif
