/* zsh: specifications for _arguments, with the words of the command taken out of its sight. */
#include "tool/cli/completion/shell.h"

/*
 * The script's own part. The file is found by its first line in $fpath, where its last lines run
 * it, or it is sourced, where they name it.
 */
static const char engine[] = "@() {\n"
			     "	local at='' word\n"
			     "	local -a follow specs\n"
			     "	integer i first=0 last=0\n"
			     "	for ((i = 2; i < CURRENT; i++)); do\n"
			     "		word=$words[i]\n"
			     "		if @_takes_value $word; then\n"
			     "			[[ -z $at ]] || break\n"
			     "			((++i))\n"
			     "		elif [[ $word == -?* ]]; then\n"
			     "			[[ -z $at ]] || break\n"
			     "		elif at=\"${at:+$at }$word\" @_place; then\n"
			     "			at+=${at:+ }$word\n"
			     "			((first)) || first=i\n"
			     "			last=i\n"
			     "		else\n"
			     "			break\n"
			     "		fi\n"
			     "	done\n"
			     "	if ((first)); then\n"
			     "		words[first,last]=()\n"
			     "		((CURRENT -= last - first + 1))\n"
			     "	fi\n"
			     "	follow=() specs=()\n"
			     "	@_place\n"
			     "	_arguments -S : $specs\n"
			     "}\n"
			     "if [[ $funcstack[1] == @ ]]; then\n"
			     "	@ \"$@\"\n"
			     "else\n"
			     "	compdef @ ";

/* A text inside of a specification that is inside of quotes. */
static void zsh_put_text(const struct part_script *s, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", s->to);
		else if (*text == '\\' || *text == ':' || *text == '[' || *text == ']')
			fprintf(s->to, "\\%c", *text);
		else
			fputc(*text, s->to);
	}
}

/* ":MESSAGE:ACTION" */
static void zsh_put_action(const struct part_script *s, const char *arg)
{
	fputc(':', s->to);
	zsh_put_text(s, arg);
	fputc(':', s->to);
	switch (part_kind(arg)) {
	case PART_FLAG:
	case PART_OTHER: fputc(' ', s->to); break;
	case PART_FILE: fputs("_files", s->to); break;
	case PART_FOLDER: fputs("_files -/", s->to); break;
	case PART_COMMAND: fputs("_path_commands", s->to); break;
	case PART_WORDS:
		fputc('(', s->to);
		part_put_words(s->to, arg);
		fputc(')', s->to);
		break;
	}
}

/* '(-d --dir)--dir=[HELP]:DIR:_files -/', the whole in quotes */
static void zsh_put_form(const struct part_script *s, const struct tool_option *o, const char *form)
{
	fputs("\n\t\t'", s->to);
	if (o->kind == OPT_LIST)
		fputc('*', s->to);
	else if (o->letter)
		fprintf(s->to, "(-%c --%s)", o->letter, o->name);
	fprintf(s->to, "%s[", form);
	zsh_put_text(s, o->help);
	fputc(']', s->to);
	if (o->arg)
		zsh_put_action(s, o->arg);
	fputc('\'', s->to);
}

static void zsh_put_options(const struct part_script *s, const struct tool_option *o)
{
	for (; o && o->name; o++) {
		char form[PART_NAME_MAX];

		snprintf(form, sizeof(form), "--%s%s", o->name, o->arg ? "=" : "");
		zsh_put_form(s, o, form);
		snprintf(form, sizeof(form), "-%c", o->letter);
		if (o->letter)
			zsh_put_form(s, o, form);
	}
}

static void zsh_put_next(const struct part_script *s, const struct part_place *at, const char *word,
			 const char *about)
{
	(void)at;
	fprintf(s->to, "\n\t\t'%s:", word);
	zsh_put_text(s, about);
	fputc('\'', s->to);
}

/* What stands behind the name of another command is that one's. */
static void zsh_put_argument(const struct part_script *s, const char *name)
{
	bool command = part_kind(name) == PART_COMMAND;

	fputs(command ? "'(-)1" : "'*", s->to);
	zsh_put_action(s, name);
	fputs(command ? "' '*::ARGUMENT:_normal'" : "'", s->to);
}

static void zsh_put_place(const struct part_script *s, const struct part_place *at)
{
	char argument[PART_NAME_MAX];

	fprintf(s->to, "\t('%.*s') follow=(", (int)at->len, at->path);
	part_each_next(s, at, zsh_put_next);
	fputs(") specs=(", s->to);
	if (!at->command)
		fputs("'1:command:{_describe -t commands command follow}'", s->to);
	else if (part_first_argument(at->command, argument))
		zsh_put_argument(s, argument);
	if (at->command)
		zsh_put_options(s, at->command->options);
	fputs(") ;;\n", s->to);
}

static void zsh_put_takes_value(const struct part_script *s, const struct tool_option *o)
{
	for (; o && o->name; o++) {
		if (o->arg)
			fprintf(s->to, " | --%s", o->name);
		if (o->arg && o->letter)
			fprintf(s->to, " | -%c", o->letter);
	}
}

void zsh_write(const struct part_script *s)
{
	const struct tool_program *p = s->program;

	fprintf(s->to,
		"#compdef %s\n"
		"# zsh completes %s by this: '%s --completion zsh' has printed it.\n"
		"# Whether a value follows the option, one that may stand in front of the "
		"command.\n%s_takes_value() {\n	case $1 in\n	(''",
		p->name, p->name, p->name, s->function);
	zsh_put_takes_value(s, p->globals);
	zsh_put_takes_value(s, s->common);
	fprintf(s->to,
		") return 0 ;;\n	esac\n	return 1\n}\n"
		"# Sets what may follow the words of a command, which are in $at.\n"
		"%s_place() {\n	case $at in\n",
		s->function);
	part_each_place(s, zsh_put_place);
	fputs("	(*) return 1 ;;\n	esac\n	specs+=(", s->to);
	zsh_put_options(s, p->globals);
	zsh_put_options(s, s->common);
	fputs(")\n}\n", s->to);
	part_put_script(s, engine);
	fprintf(s->to, "%s\nfi\n", p->name);
}
