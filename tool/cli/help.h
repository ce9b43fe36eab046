/*
 * help: what --help prints, for people and as JSON, out of the tables of a program.
 */
#ifndef TWINKEY_TOOL_HELP_H
#define TWINKEY_TOOL_HELP_H

#include <jansson.h>
#include <stdio.h>

#include "tool/cli/command.h"

/* The options that every program has, ended as the tables are, come last. */
void help_of_command(const struct tool_program *p, const struct tool_command *c,
		     const struct tool_option *common, FILE *to);
/* group: the first word of commands that have more words. NULL: all commands. */
void help_of_program(const struct tool_program *p, const char *group, FILE *to);
bool help_in_group(const struct tool_command *c, const char *group);
bool help_has_group(const struct tool_program *p, const char *group);

/* {"command", "arguments", "summary", "details", "options": [{"name", "letter", "value", "help"}]}
 */
json_t *help_json_of_command(const struct tool_command *c, const struct tool_option *globals,
			     const struct tool_option *common);
/* {"program", "summary", "commands": [{"command", "summary"}]} */
json_t *help_json_of_program(const struct tool_program *p, const char *group);

#endif
