/* fish: a line of 'complete' for each word and option, under the condition that it is its turn. */
#include <string.h>

#include "tool/cli/completion/shell.h"

/* The script's own part, behind its lists. */
static const char engine[] = "	set -l at ''\n"
			     "	set -l words (commandline -opc)\n"
			     "	set -e words[1]\n"
			     "	while set -q words[1]\n"
			     "		set -l more (string trim -- \"$at $words[1]\")\n"
			     "		if contains -- $words[1] $valued\n"
			     "			test -n \"$at\"; and break\n"
			     "			set -e words[1]\n"
			     "		else if string match -qr -- '^-.' $words[1]\n"
			     "			test -n \"$at\"; and break\n"
			     "		else if contains -- $more $groups $commands\n"
			     "			set at $more\n"
			     "		else\n"
			     "			contains -- \"$at\" $groups; and return 1\n"
			     "			break\n"
			     "		end\n"
			     "		set -e words[1]\n"
			     "	end\n"
			     "	test \"$at\" = \"$argv[1]\"\n"
			     "end\n";

/* Inside of single quotes. */
static void fish_put_text(const struct part_script *s, const char *text)
{
	part_put_escaped(s->to, text, "\\'", "\\");
}

/* "complete -c PROGRAM", and when: path is the command whose turn it is, NULL: of any. */
static void fish_put_head(const struct part_script *s, const char *path, size_t len)
{
	fprintf(s->to, "complete -c %s", s->program->name);
	if (path)
		fprintf(s->to, " -n '%s_at \"%.*s\"'", s->function, (int)len, path);
}

static void fish_put_kind(const struct part_script *s, const char *arg)
{
	switch (part_kind(arg)) {
	case PART_FLAG: break;
	case PART_OTHER: fputs(" -f", s->to); break;
	case PART_FILE: fputs(" -F", s->to); break;
	case PART_FOLDER: fputs(" -f -a '(__fish_complete_directories)'", s->to); break;
	case PART_COMMAND: fputs(" -f -a '(__fish_complete_command)'", s->to); break;
	case PART_WORDS:
		fputs(" -f -a '", s->to);
		part_put_words(s->to, arg);
		fputc('\'', s->to);
		break;
	}
}

static void fish_put_options(const struct part_script *s, const struct tool_option *o,
			     const struct tool_command *c)
{
	for (; o && o->name; o++) {
		fish_put_head(s, c ? c->name : NULL, c ? strlen(c->name) : 0);
		fprintf(s->to, " -l %s", o->name);
		if (o->letter)
			fprintf(s->to, " -s %c", o->letter);
		if (o->arg)
			fputs(" -r", s->to);
		fish_put_kind(s, o->arg);
		fputs(" -d '", s->to);
		fish_put_text(s, o->help);
		fputs("'\n", s->to);
	}
}

static void fish_put_next(const struct part_script *s, const struct part_place *at,
			  const char *word, const char *about)
{
	fish_put_head(s, at->path, at->len);
	fprintf(s->to, " -a %s -d '", word);
	fish_put_text(s, about);
	fputs("'\n", s->to);
}

static void fish_put_place(const struct part_script *s, const struct part_place *at)
{
	char argument[PART_NAME_MAX];

	part_each_next(s, at, fish_put_next);
	if (at->command && part_first_argument(at->command, argument)) {
		fish_put_head(s, at->path, at->len);
		fish_put_kind(s, argument);
		fputc('\n', s->to);
	}
	if (at->command)
		fish_put_options(s, at->command->options, at->command);
}

static void fish_put_group(const struct part_script *s, const struct part_place *at)
{
	if (!at->command)
		fprintf(s->to, " '%.*s'", (int)at->len, at->path);
}

static void fish_put_valued(const struct part_script *s, const struct tool_option *o)
{
	for (; o && o->name; o++) {
		if (o->arg)
			fprintf(s->to, " --%s", o->name);
		if (o->arg && o->letter)
			fprintf(s->to, " -%c", o->letter);
	}
}

void fish_write(const struct part_script *s)
{
	const struct tool_program *p = s->program;

	fprintf(s->to,
		"# fish completes %s by this: '%s --completion fish' has printed it.\n"
		"# Whether the words in front of the cursor are those of the command $argv[1].\n"
		"function %s_at\n	set -l groups",
		p->name, p->name, s->function);
	part_each_place(s, fish_put_group);
	fputs("\n	set -l commands", s->to);
	for (size_t i = 0; i < p->command_count; i++)
		fprintf(s->to, " '%s'", p->commands[i].name);
	fputs("\n	set -l valued", s->to);
	fish_put_valued(s, p->globals);
	fish_put_valued(s, s->common);
	fputc('\n', s->to);
	fputs(engine, s->to);
	fprintf(s->to, "complete -c %s -f\n", p->name);
	part_each_place(s, fish_put_place);
	fish_put_options(s, p->globals, NULL);
	fish_put_options(s, s->common, NULL);
}
