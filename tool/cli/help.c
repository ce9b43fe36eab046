#include "tool/cli/help.h"

#include <string.h>

#define COLUMN 28 /* where the help texts of options begin */

static void print_options(const char *title, const struct tool_option *o, FILE *to)
{
	if (!o || !o->name)
		return;
	fprintf(to, "\n%s:\n", title);
	for (; o->name; o++) {
		char left[64], letter[8] = "    ";

		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "  %s--%s%s%s", letter, o->name, o->arg ? " " : "",
			 o->arg ? o->arg : "");
		if (strlen(left) < COLUMN)
			fprintf(to, "%-*s%s\n", COLUMN, left, o->help);
		else
			fprintf(to, "%s\n%*s%s\n", left, COLUMN, "", o->help);
	}
}

void help_of_command(const struct tool_program *p, const struct tool_command *c,
		     const struct tool_option *common, FILE *to)
{
	fprintf(to, "Usage: %s %s [OPTION...]%s%s\n%s\n", p->name, c->name, *c->args ? " " : "",
		c->args, c->summary);
	if (c->details)
		fprintf(to, "\n%s\n", c->details);
	print_options("Options", c->options, to);
	print_options("General options", p->globals, to);
	print_options("Everywhere", common, to);
}

bool help_in_group(const struct tool_command *c, const char *group)
{
	size_t n = group ? strlen(group) : 0;

	return !group || (strncmp(c->name, group, n) == 0 && c->name[n] == ' ');
}

bool help_has_group(const struct tool_program *p, const char *group)
{
	for (size_t i = 0; i < p->command_count; i++) {
		if (help_in_group(&p->commands[i], group))
			return true;
	}
	return false;
}

void help_of_program(const struct tool_program *p, const char *group, FILE *to)
{
	fprintf(to, "Usage: %s COMMAND [OPTION...] [ARGUMENT...]\n%s\n\nCommands:\n", p->name,
		p->summary);
	for (size_t i = 0; i < p->command_count; i++) {
		if (help_in_group(&p->commands[i], group))
			fprintf(to, "  %-*s%s\n", COLUMN - 4, p->commands[i].name,
				p->commands[i].summary);
	}
	fprintf(to,
		"\n'%s COMMAND --help' tells more of one. Exit codes: 0 good, 1 failed, 2 wrong "
		"usage,\n3 no reader or card, 4 refused by card or operator, 130 interrupted.\n",
		p->name);
}

static void add_options(json_t *list, const struct tool_option *o)
{
	for (; o && o->name; o++) {
		char letter[2] = {o->letter, 0};

		json_array_append_new(list, json_pack("{s:s, s:s*, s:s*, s:s}", "name", o->name,
						      "letter", o->letter ? letter : NULL, "value",
						      o->arg, "help", o->help));
	}
}

json_t *help_json_of_command(const struct tool_command *c, const struct tool_option *globals,
			     const struct tool_option *common)
{
	json_t *own = json_array(), *general = json_array();

	add_options(own, c->options);
	add_options(general, globals);
	add_options(general, common);
	return json_pack("{s:s, s:s, s:s, s:s*, s:o, s:o}", "command", c->name, "arguments",
			 c->args, "summary", c->summary, "details", c->details, "options", own,
			 "general", general);
}

json_t *help_json_of_program(const struct tool_program *p, const char *group)
{
	json_t *commands = json_array();

	for (size_t i = 0; i < p->command_count; i++) {
		if (help_in_group(&p->commands[i], group))
			json_array_append_new(commands, json_pack("{s:s, s:s}", "command",
								  p->commands[i].name, "summary",
								  p->commands[i].summary));
	}
	return json_pack("{s:s, s:s, s:o}", "program", p->name, "summary", p->summary, "commands",
			 commands);
}
